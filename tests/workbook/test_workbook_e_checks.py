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
from tests.support.reviewer.recalculation import Recalculation, opened
from tests.support.worked import tripped

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
    "check_experts": ("FAIL", {("Inputs", "n_experts"): 8}),
    "check_latent_attention": ("FAIL", {("Inputs", "attention"): "mla"}),
    "check_tokens_given": ("FAIL", {("Inputs", "tokens"): 0}),
    "check_window": ("FAIL", {("Inputs", "windowed_layers"): 3}),
    "check_window_counted": (
        "REVIEW",
        {
            ("Inputs", "flops_convention"): "palm",
            ("Inputs", "attention_window"): 4096,
            ("Inputs", "windowed_layers"): 63,
        },
    ),
    "check_packing": ("FAIL", {("Inputs", "packed_documents"): 2}),
    "check_packing_with_window": (
        "REVIEW",
        {
            ("Inputs", "packed_documents"): 2,
            ("Inputs", "packed_mean_square"): 4096 * 4096,
            ("Inputs", "attention_window"): 1024,
            ("Inputs", "windowed_layers"): 63,
        },
    ),
    "check_vision": ("FAIL", {("Inputs", "workload"): "vision"}),
    "check_classes": ("FAIL", {("Inputs", "n_classes"): 2}),
    "check_head": ("FAIL", {("Inputs", "head"): "none", ("Inputs", "head_bias"): "yes"}),
    "check_positions": (
        "FAIL",
        {("Inputs", "position_embedding"): "learned", ("Inputs", "learned_positions"): 8191},
    ),
    "check_context": ("REVIEW", {("Inputs", "max_context_length"): 8191}),
    "check_whole_model": ("REVIEW", {("Inputs", "uncounted_part"): "vision tower"}),
    "check_undisclosed_active": ("FAIL", {("Inputs", "undisclosed_active_parameters"): 1}),
    "check_one_parameter_count": ("FAIL", {("Inputs", "undisclosed_parameters"): 280_000_000_000}),
    "check_batch": ("REVIEW", {("Inputs", "global_batch_tokens"): 8192 * 122_070_312, ("Inputs", "tokens"): 9e11}),
    "check_tokens_per_parameter": ("REVIEW", {("Inputs", "tokens"): 15.6e9}),
    "check_typed_peak_near": ("REVIEW", {("Inputs", "typed_peak"): 1_000_000}),
    "check_whole_sequences": ("REVIEW", {("Inputs", "global_batch_tokens"): 16_777_217}),
    "check_start_date": ("REVIEW", {("Inputs", "start_date"): 46_000}),  # 2025-12-09
    "check_run_days": ("REVIEW", {("Inputs", "tokens"): 1e9}),
    "check_risk_quantiles": ("FAIL", {("Risk", "cost_p50"): 1}),
    "check_deadline": ("REVIEW", {("Inputs", "deadline"): 46_400}),  # 2027-01-13
    "check_goodput": (
        "FAIL",
        {("Inputs", "goodput_basis"): "modelled", ("Inputs", "failures_per_gpu_hour"): 1},
    ),
    "check_spares": ("REVIEW", {("Inputs", "goodput_basis"): "modelled"}),
    "check_tier_hours": ("FAIL", {("Cost", "on_demand_gpu_hours"): 1}),
    "check_tier_shares": (
        "FAIL",
        {
            ("Inputs", "reserved_share"): 0.7,
            ("Inputs", "reserved_price"): 1,
            ("Inputs", "spot_share"): 0.7,
            ("Inputs", "spot_price"): 1,
        },
    ),
    "check_tier_prices": ("FAIL", {("Inputs", "reserved_share"): 0.5}),
    "check_stored_priced": ("REVIEW", {("Inputs", "dataset_tb"): 10, ("Inputs", "storage_months"): 1}),
    "check_exchange": ("FAIL", {("Inputs", "quote_currency"): "EUR"}),
    "check_exchange_age": (
        "REVIEW",
        {
            ("Inputs", "quote_currency"): "EUR",
            ("Inputs", "exchange_date"): 46_100,
            ("Inputs", "exchange_source"): "ECB",
        },
    ),
    "check_phasing_parts": ("FAIL", {("Phasing", "at_start_cost"): 1e6}),
    "check_accrual_months": ("FAIL", {("Phasing", "accrual:2"): 1}),
    "check_payment_months": ("FAIL", {("Phasing", "payment:2"): 1}),
    "check_accrual_years": ("FAIL", {("Phasing", "accrual_year:1"): 1}),
    "check_payment_years": ("FAIL", {("Phasing", "payment_year:1"): 1}),
    "check_horizon": ("REVIEW", {("Inputs", "gpus"): 2000}),
    "check_currency": ("FAIL", {("Inputs", "currency"): "ZZZ"}),
    "check_price_age": ("REVIEW", {("Inputs", "price_date"): 46_100}),  # 2026-03-19
    "check_price_dated": ("REVIEW", {("Inputs", "price_date"): 47_000}),  # 2028-09-04
    "check_convention_computable": ("FAIL", {("Inputs", "d_model"): 0}),
    "check_published_total": ("FAIL", {("Inputs", "flops_convention"): "published"}),
    "check_mfu_excludes_recomputation": ("REVIEW", {("Inputs", "mfu_convention"): "8nt"}),
    "check_accelerator_listed": ("FAIL", {("Inputs", "accelerator"): "none such"}),
    "check_peak_published": ("FAIL", {("Inputs", "precision"): "fp4"}),
    "check_dense_peak": ("REVIEW", {("Inputs", "peak"): "sparse"}),
    "check_typed_peak": ("REVIEW", {("Inputs", "typed_peak"): 1979}),  # H100 in BF16, sparse
    "check_accumulation": (
        "REVIEW",
        {("Inputs", "accelerator"): "rtx5090", ("Inputs", "precision"): "fp16", ("Inputs", "typed_peak"): 419},
    ),
    "check_native_precision": (
        "REVIEW",
        {("Inputs", "accelerator"): "v100-sxm2-32gb", ("Inputs", "typed_peak"): 1000},
    ),
    "check_run_precision": ("REVIEW", {("Inputs", "run_precision"): "fp8"}),
    "check_mfu_precision": ("FAIL", {("Inputs", "mfu_precision"): "fp8"}),
    "check_mfu_precision_said": ("REVIEW", {("Inputs", "precision"): "fp8"}),
    "check_inputs_usual": ("REVIEW", {("Inputs", "attention_window"): 1, ("Inputs", "windowed_layers"): 1}),
    "check_spares_fewer": ("REVIEW", {("Inputs", "spare_nodes"): 20_000}),
    "check_deposit": ("REVIEW", {("Inputs", "deposit"): 1_000_000_000}),
    "check_mfu_published": ("REVIEW", {("Inputs", "stated_mfu"): 0.55}),
    "check_mfu_possible": ("FAIL", {("Inputs", "stated_mfu"): 1.2}),
    "check_mfu_usual": ("REVIEW", {("Inputs", "stated_mfu"): 0.05}),
    "check_hfu_possible": ("FAIL", {("Inputs", "stated_mfu"): 0.9, ("Inputs", "recomputation"): "full"}),
    "check_memory": ("REVIEW", {("Inputs", "gpus"): 8}),
    "check_cost_mfu_price": ("FAIL", {("Steps", "cost_mfu_price:+0"): 60_000_000}),
    "check_days_gpus_mfu": ("FAIL", {("Steps", "days_gpus_mfu:+0"): 70}),
    "check_no_errors_as_built": ("FAIL", {("Cases", "inputs_changed"): "=1/0"}),
    "check_lines_named": ("REVIEW", {("Inputs", "other_amount_3"): 1000}),
    "check_lines_inserted": ("REVIEW", {("Cost", "cost_lines:end"): 1000}),
    "check_price_chip": ("REVIEW", {("Inputs", "quoted_for"): "a100-sxm4-80gb"}),
    "check_tier_dearer": (
        "REVIEW",
        {("Inputs", "reserved_share"): 0.5, ("Inputs", "reserved_price"): 20},
    ),
    "check_surcharges": ("REVIEW", {("Inputs", "contingency"): 1}),
    "check_price_given": ("REVIEW", {("Inputs", "price_per_gpu_hour"): 0}),
    "check_price_term": ("REVIEW", {("Inputs", "price_tier"): "reserved"}),
    "check_price_bound": ("REVIEW", {("Inputs", "price_tier"): "reserved", ("Inputs", "price_term_months"): 12}),
    "check_price_known": ("REVIEW", {("Inputs", "price_per_gpu_hour"): 1.16}),
    "check_price_of_one": ("REVIEW", {("Inputs", "price_per_gpu_hour"): 20}),
    "check_chosen_case": ("FAIL", {("Inputs", "chosen_case"): "Another name"}),
    "check_evidence": ("REVIEW", {("Evidence", "palm-540b:mfu"): 0.9}),
    "check_no_errors_steps": ("FAIL", {("Steps", "cost_mfu_price:+1"): "=1/0"}),
    "check_no_errors_inference": ("FAIL", {("Inference", "inference_parameters"): "=1/0"}),
    "check_no_errors_optimal": ("FAIL", {("Optimal", "loss_of_tokens"): "=1/0"}),
    "check_no_errors_scaling": ("FAIL", {("Scaling", "case:vision_used"): "=1/0"}),
    "check_no_errors_evidence": ("FAIL", {("Evidence", "whole:pythia-70m"): "=1/0"}),
}
COUNTS = {"failures", "reviews", "total_failures", "total_reviews", "master_check"}
CENTRE_COLUMN = "G"  # D is three steps below the centre

REACHES = e_checks.every_check_reaches_the_master

CONTROLS = [
    Control(e_checks.needed_checks_stand, "Checks", "check_memory J", r"<v>\d+</v>", "<v>0</v>"),
    Control(e_checks.master_check_is_everywhere, "Summary", "C2", r"<f>.*?</f>", "<f>Checks!$D$36</f>"),
    Control(e_checks.master_check_is_everywhere, "Model", "C2", "<v>OK</v>", "<v>FAIL</v>"),
    Control(e_checks.master_check_is_everywhere, "Model", "", ' ySplit="5"', ' ySplit="1"'),
    Control(e_checks.tolerances_are_cells, "Checks", "check_cost_lines D", "Cases!D[0-9]+", "0.01"),
    Control(e_checks.tolerances_are_cells, "Checks", "check_cost_mfu_price D", r"Inputs!\$D\$\d+", "0.01"),
    Control(e_checks.tolerances_are_cells, "Checks", "check_days_gpus_mfu D", r" \* ABS\(.*?\)", ""),
    Control(e_checks.tolerances_are_cells, "Checks", "check_unit_cost D", r"Cases!D\d+ \*", "Cases!D57 *"),
    Control(e_checks.tolerances_are_cells, "Cases", "check_tolerance E", "<f>.*?</f>", "<f>1 / 100</f>"),
    Control(e_checks.tolerances_are_cells, "Checks", "check_chosen_case J", r"<v>\d+</v>", "<v>0</v>"),
    Control(e_checks.nothing_is_plugged, "Cost", "tax_cost D", "<f>.*?</f>", ""),
    Control(e_checks.results_are_words_and_colours, "Checks", "check_memory D", "<v>OK</v>", "<v>fine</v>"),
    Control(e_checks.results_are_words_and_colours, "Checks", "", r'(sqref="B8:I8">.*?) dxfId="\d+"', r"\1"),
    Control(REACHES, "Checks", "failures D", r"(D\d+:D)(\d+)", r"\g<1>31"),
    Control(REACHES, "Checks", "total_failures D", r":\$I\$", ":$H$"),
    Control(REACHES, "Checks", "total_failures D", r"(COUNTIF\(D\d+:D)\d+", r"\g<1>39"),
    Control(REACHES, "Checks", "total_failures D", r"(D\d+:I)\d+", r"\g<1>40"),
    Control(REACHES, "Checks", "failures E", '"FAIL"', '"REVIEW"'),
]


def first_case(book: Book, sheet: str, key: str) -> str:
    """The address of a key's cell in the first case, or of the centre of a sensitivity table."""
    column = CENTRE_COLUMN if sheet == "Steps" else "D"
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
    """Item 47: every row of sheet Checks is in the table above, or tripped in a column of worked figures."""
    rows = {key for key in layout.key_rows(layout.sheet(llama, "Checks")) if key.startswith("check_")}
    assert set(TRIPS) <= rows
    assert rows <= set(TRIPS) | tripped()


@pytest.mark.parametrize("check", TRIPS)
def test_check_trips_and_the_master_follows(check: str, llama: Book) -> None:
    """Item 47: the check says OK, then what it should; the master check goes with it in the header of Summary."""
    book = opened(llama.path)
    word, changes = TRIPS[check]
    place = ("Checks", f"D{layout.key_rows(layout.sheet(llama, 'Checks'))[check]}")
    assert (book.value(*place), book.value("Summary", "C2")) == ("OK", "OK")
    typed: dict[CellKey, float | str | None] = {
        (sheet, first_case(llama, sheet, key)): value for (sheet, key), value in changes.items()
    }
    with book.trial(typed):
        assert book.value(*place) == word
        assert book.value("Summary", "C2") == word
    assert book.value("Summary", "C2") == "OK"


@pytest.mark.parametrize("sheet", ["Cases", "Model", "FLOPs", "Time", "Cost", "Phasing", "Steps", "Checks"])
def test_an_error_in_any_cell_reaches_the_master(sheet: str, two_cases: Book) -> None:
    """Items 45, 46: with an error in any formula cell of the first case the master check says FAIL.

    On Steps and Checks it is any column; months beside a series are labels that no total reads. The workbook has
    two cases: a check of more is the same formula over more columns, to which chapter D holds it.
    Where the error stands in a count that the master check adds up, the
    master check shows the error. Summary is left out: it only calls up cells of these sheets, and nothing reads it.
    """
    book, page = opened(two_cases.path), layout.sheet(two_cases, sheet)
    silent = []
    for _, cell, _ in layout.formula_cells(two_cases, (sheet,)):
        if cell.column != layout.FIRST_CASE and sheet not in {"Steps", "Checks"}:
            continue
        if sheet == "Checks" and cell.column < layout.FIRST_CASE:
            continue  # it shows a cell of its row again
        key = layout.text(page, cell.row, layout.key_column(page))
        if key.startswith("request_"):
            continue  # the other light, which nothing reads but Summary
        with book.trial({(sheet, cell.address): "=1/0"}):
            master = book.value("About", "C2")
            if not (master == "FAIL" or (key in COUNTS and isinstance(master, ErrorValue))):
                silent.append(f"{cell.address} ({key}): {master}")
    assert silent == []


def test_an_error_that_nothing_asks_for_would_be_seen(break_copy: Breaker) -> None:
    """Items 45, 46, negative control: where the check of Sensitivity asks no more, an error in a corner stays OK."""
    control = Control(e_checks.needed_checks_stand, "Checks", "check_no_errors_steps D", r"C\d+:O", "C6:I")
    broken = Recalculation(break_copy(control).path)
    corner = ("Steps", "J31")
    assert broken.content(*corner).startswith("=")
    with broken.trial({corner: "=1/0"}):
        assert broken.value("About", "C2") == "OK"
