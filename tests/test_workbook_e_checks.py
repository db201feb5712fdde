"""Reviewer's checklist, chapter E: the workbook's own checks.

Item 45: "total by year" is not tested, this version has no plan over years. Item 47: each row of sheet Checks is
tripped in the Llama sample, where all are OK, by typing into the base's inputs or over a formula.
"""

from __future__ import annotations

import pytest

from tests.conftest import Breaker
from tests.support.package import Book, CellKey, ErrorValue
from tests.support.reviewer import e_checks, layout
from tests.support.reviewer.controls import Check, Control, fired
from tests.support.reviewer.recalculation import Recalculation

# check: (what it then says, {sheet and key: what is typed into the first case})
TRIPS: dict[str, tuple[str, dict[tuple[str, str], float | str]]] = {
    "check_parameters_add_up": ("FAIL", {("Model", "counted_parameters"): 4.1e11}),
    "check_flops_delivered": ("FAIL", {("Time", "training_seconds"): 5_000_000}),
    "check_tokens_delivered": ("FAIL", {("Time", "tokens_per_second"): 2_000_000}),
    "check_gpu_hours": ("FAIL", {("Time", "gpu_hours"): 28_000_000}),
    "check_cost_lines": ("FAIL", {("Cost", "total_cost"): 60_000_000}),
    "check_unit_cost": ("FAIL", {("Cost", "cost_per_million_tokens"): 4}),
    "check_inputs_not_below": ("FAIL", {("Inputs", "goodput"): 0.001}),
    "check_inputs_not_above": ("FAIL", {("Inputs", "tax"): 2}),
    "check_no_errors": ("FAIL", {("Cost", "cost_per_month"): "=1/0"}),
    "check_head_groups": ("FAIL", {("Inputs", "n_kv_heads"): 7}),
    "check_whole_sequences": ("REVIEW", {("Inputs", "global_batch_tokens"): 16_777_217}),
    "check_start_date": ("REVIEW", {("Inputs", "start_date"): 46_000}),  # 2025-12-09
    "check_price_dated": ("REVIEW", {("Inputs", "price_date"): 47_000}),  # 2028-09-04
    "check_convention_computable": ("FAIL", {("Inputs", "d_model"): 0}),
    "check_published_total": ("FAIL", {("Inputs", "flops_convention"): "published"}),
    "check_mfu_excludes_recomputation": ("REVIEW", {("Inputs", "mfu_convention"): "8nt"}),
    "check_accelerator_listed": ("FAIL", {("Inputs", "accelerator"): "none such"}),
    "check_peak_published": ("FAIL", {("Inputs", "precision"): "fp4"}),
    "check_dense_peak": ("REVIEW", {("Inputs", "peak"): "sparse"}),
    "check_mfu_possible": ("FAIL", {("Inputs", "stated_mfu"): 1.2}),
    "check_mfu_usual": ("REVIEW", {("Inputs", "stated_mfu"): 0.05}),
    "check_hfu_possible": ("FAIL", {("Inputs", "stated_mfu"): 0.9, ("Inputs", "recomputation"): "full"}),
    "check_memory": ("REVIEW", {("Inputs", "gpus"): 8}),
    "check_cost_mfu_price": ("FAIL", {("Sensitivity", "cost_mfu_price:+0"): 60_000_000}),
    "check_days_gpus_mfu": ("FAIL", {("Sensitivity", "days_gpus_mfu:+0"): 70}),
}
CENTRE_COLUMN = "G"  # D is three steps below the centre

CONTROLS = [
    Control(e_checks.needed_checks_stand, "Checks", "check_memory B", r"<v>\d+</v>", "<v>0</v>"),
    Control(e_checks.master_check_is_everywhere, "Summary", "C2", r"<f>.*?</f>", "<f>Checks!$D$36</f>"),
    Control(e_checks.master_check_is_everywhere, "Model", "C2", "<v>OK</v>", "<v>FAIL</v>"),
    Control(e_checks.master_check_is_everywhere, "Model", "", ' ySplit="5"', ' ySplit="1"'),
    Control(e_checks.tolerances_are_cells, "Checks", "check_cost_lines D", "Cases!D[0-9]+", "0.01"),
    Control(e_checks.nothing_is_plugged, "Cost", "tax_cost D", "<f>.*?</f>", ""),
    Control(e_checks.results_are_words_and_colours, "Checks", "check_memory D", "<v>OK</v>", "<v>fine</v>"),
    Control(e_checks.results_are_words_and_colours, "Checks", "", r'(sqref="D7:I7">.*?) dxfId="\d+"', r"\1"),
    Control(e_checks.every_check_reaches_the_master, "Checks", "failures D", r"(D\d+:D)(\d+)", r"\g<1>31"),
]


def first_case(book: Book, sheet: str, key: str) -> str:
    """The address of a key's cell in the first case, or of the centre of a sensitivity table."""
    column = CENTRE_COLUMN if sheet == "Sensitivity" else "D"
    return f"{column}{layout.key_rows(layout.sheet(book, sheet))[key]}"


@pytest.mark.parametrize("check", e_checks.CHECKS, ids=lambda check: check.__name__)
def test_checks_hold(check: Check, book: Book) -> None:
    """Items 45, 46, 48, 49, 50: what each check of chapter E promises holds on every sample."""
    assert check(book) == []


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"{control}-{control.old[:10]}")
def test_broken_checks_are_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 45 to 50, negative control: the broken copy fires its check, and no other."""
    assert fired(e_checks.CHECKS, llama, break_copy(control)) == {control.check.__name__}


def test_every_check_is_tripped_here(llama: Book) -> None:
    """Item 47: the table above has every row of sheet Checks."""
    rows = layout.key_rows(layout.sheet(llama, "Checks"))
    assert {key for key in rows if key.startswith("check_")} == set(TRIPS)


@pytest.mark.parametrize("check", TRIPS)
def test_check_trips_and_the_master_follows(check: str, llama: Book) -> None:
    """Item 47: the check says OK, then what it should; the master check goes with it in the header of Summary."""
    opened = Recalculation(llama.path)
    word, changes = TRIPS[check]
    place = ("Checks", f"D{layout.key_rows(layout.sheet(llama, 'Checks'))[check]}")
    assert (opened.value(*place), opened.value("Summary", "C2")) == ("OK", "OK")
    typed: dict[CellKey, float | str | None] = {
        (sheet, first_case(llama, sheet, key)): value for (sheet, key), value in changes.items()
    }
    with opened.trial(typed):
        assert opened.value(*place) == word
        assert opened.value("Summary", "C2") == word
    assert opened.value("Summary", "C2") == "OK"


@pytest.mark.parametrize("sheet", ["Cases", "Model", "FLOPs", "Time", "Cost", "Sensitivity", "Checks"])
def test_an_error_in_any_cell_reaches_the_master(sheet: str, llama: Book) -> None:
    """Items 45, 46: with an error in any formula cell of the first case the master check no longer says OK.

    Summary is left out: it only calls up cells of these sheets, and nothing reads it.
    """
    opened = Recalculation(llama.path)
    silent = []
    for _, cell, _ in layout.formula_cells(llama, (sheet,)):
        if cell.column > layout.FIRST_CASE:
            continue
        with opened.trial({(sheet, cell.address): "=1/0"}):
            if opened.value("About", "C2") in {"OK", "REVIEW"}:
                silent.append(f"{cell.address} ({layout.text(layout.sheet(llama, sheet), cell.row, layout.KEY)})")
    assert silent == []


def test_a_renamed_case_is_not_ok(llama: Book) -> None:
    """Items 45, 46: when the case put forward is renamed and the choice is not, the master check does not say OK."""
    opened = Recalculation(llama.path)
    row = layout.key_rows(layout.sheet(llama, "Inputs"))["case_name"]
    with opened.trial({("Inputs", f"D{row}"): "Another name"}):
        total = opened.value("Summary", first_case(llama, "Summary", "total_cost@chosen"))
        master = opened.value("Summary", "C2")
        assert not isinstance(total, ErrorValue) or master not in {"OK", "REVIEW"}
