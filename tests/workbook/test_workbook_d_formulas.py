"""Reviewer's checklist, chapter D: formulas. What is promised where the list leaves room: ``reviewer.d_formulas``."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from sheetgen.evidence.records import published_runs
from tests.conftest import Breaker
from tests.support.edits import edit_parts
from tests.support.package import Book, read_book
from tests.support.reviewer import d_formulas, d_reading, d_sums, layout
from tests.support.reviewer.controls import Check, Control, fired

NESTED = [
    "check_head_groups",  # MOD by zero heads is what the inner IF keeps out
    *(run.key for run in published_runs()),  # beyond its tolerance a figure may be a lower bound
    "swing:mfu",
    "swing:effective_goodput",  # the whole way from MFU to total in a cell, at a range that is typed or not
]
SAME_BY_NATURE = {
    ("d_groups_cache", "d_groups_compute"),  # as printed both are key heads ÷ heads, of which one is right
    ("track_record", "track_record"),  # Sensitivity shows what Summary shows
    ("own_size_edits", "base_size_edits"),  # of the base itself they are one
    ("embedding_projection_parameters", "head_projection_parameters"),  # e·h weights in each
    ("attention_core_flops_per_token_6nd", "attention_core_flops_per_token_palm"),  # the full square in each
    ("attention_core_flops_per_token_6nd", "attention_core_flops_per_token_exact"),
    ("forward_flops_per_token_6nd", "forward_flops_per_token_8nt"),  # they differ in the backward pass
}
MASK, SUMS = d_formulas.errors_are_not_masked, d_sums.sums_cover_their_blocks

CONTROLS = [
    Control(d_formulas.rows_have_one_formula, "Cost", "on_demand_cost E", r"E(\d+)</f>", r"D\1</f>"),
    Control(d_formulas.rows_have_one_formula, "Steps", "E31", r"\$C31", "$C32"),
    Control(d_formulas.rows_have_one_formula, "Scaling", "case:2048 E", "</f>", " + 0</f>"),
    Control(d_formulas.no_number_in_a_formula, "Cost", "compute_cost D", "</f>", " * 1.1</f>"),
    Control(d_formulas.formulas_are_short, "Cost", "compute_cost D", "</f>", " + D6" * 40 + "</f>"),
    Control(d_formulas.formulas_are_spaced, "Cost", "on_demand_cost D", " \\* ", "*"),
    Control(d_formulas.formulas_are_spaced, "Cost", "compute_cost D", "<f>(.*?)</f>", r"<f>(\1)</f>"),
    Control(d_formulas.formulas_are_spaced, "Cost", "demand_gpu_hours D", "Time!", "'Time'!"),
    Control(d_formulas.formulas_are_spaced, "Cost", "cost_per_gpu_hour D", ", 0", ",0"),
    Control(d_formulas.errors_are_not_masked, "Cost", "compute_cost D", "<f>(.*?)</f>", r"<f>IFERROR(\1, 0)</f>"),
    Control(MASK, "Cost", "compute_cost D", "<f>(.*?)</f>", r"<f>IF(ISERROR(SUM(\1)), 0, 1)</f>"),
    Control(MASK, "Checks", "check_memory D", "<f>(.*?)</f>", r'<f>IF(ISERROR(SUM(Time!D46)), "FAIL", "OK")</f>'),
    Control(MASK, "Checks", "check_no_errors D", "ISERROR", "ISNA"),
    Control(MASK, "Checks", "check_no_errors D", '"FAIL", "OK"', '"OK", "OK"'),
    Control(MASK, "Checks", "check_no_errors_steps D", '"FAIL", "OK"', '"OK", "FAIL"'),
    Control(MASK, "Checks", "failures D", r"1, 0\)", "0, 0)"),
    Control(MASK, "Checks", "failures D", r" \+ IF\(.*\)</f>", "</f>", frozenset({"sums_cover_their_blocks"})),
    Control(MASK, "Checks", "total_failures D", r"\+ IF", "- IF"),
    Control(SUMS, "Checks", "failures D", r"(D\d+:D)(\d+)", r"\g<1>31"),
    Control(SUMS, "Checks", "failures D", r"(SUM\(D\d+:D)(\d+)", r"\g<1>31"),
    Control(SUMS, "Checks", "failures D", r"(D)\d+(:D\d+)", r"\g<1>9\2"),
    Control(SUMS, "Checks", "reviews D", r"(D\d+:D)(\d+)", r"\g<1>31"),
    Control(SUMS, "Checks", "total_failures D", r":\$I\$", ":$H$"),
    Control(SUMS, "Checks", "total_failures D", r"(COUNTIF\(D\d+:D)\d+", r"\g<1>39"),
    Control(SUMS, "Checks", "total_failures D", r"(D\d+):I(\d+)", r"\1:H\2"),
    Control(SUMS, "Checks", "total_failures D", r"(D\d+:I)\d+", r"\g<1>40"),
    Control(SUMS, "Checks", "total_reviews D", r":\$I\$", ":$H$"),
    Control(SUMS, "Checks", "check_no_errors D", r"(Cost!D\d+:D)\d+", r"\g<1>12"),
    Control(SUMS, "Checks", "check_no_errors D", r"(Cases!D\d+:D)\d+", r"\g<1>58"),
    Control(SUMS, "Checks", "check_no_errors D", r"(Model!)D(\d+:)D", r"\1E\2E"),
    Control(SUMS, "Checks", "check_no_errors D", r"Time![^,]*, ", ""),
    Control(SUMS, "Checks", "check_no_errors_steps D", r"(C\d+:O)\d+", r"\g<1>38"),
    Control(SUMS, "Checks", "check_no_errors_steps D", r"C(\d+:O)", r"D\1"),
    Control(SUMS, "Checks", "check_chosen_case D", r":\$I\$", ":$H$"),
    Control(d_formulas.references_hold_numbers, "Cost", "compute_cost D", "</f>", " + D6</f>"),
    Control(d_formulas.references_hold_numbers, "Cost", "compute_cost D", "</f>", " + SUM(Time!A:A)</f>"),
    Control(d_formulas.references_hold_numbers, "Cost", "compute_cost D", "</f>", " + Cases!D15</f>"),
    Control(d_formulas.anchors_are_right, "Cost", "contingency_cost D", r"Cases!D", "Cases!$D"),
    Control(d_formulas.one_sign_convention, "Cost", "contingency_cost D", "<f>", "<f>-"),
    Control(d_formulas.units_balance, "Time", "gpu_hours C", r"<v>\d+</v>", "<v>0</v>"),
    Control(d_formulas.units_balance, "Cost", "cost_per_million_tokens C", "<v>USD/M tokens</v>", "<v>0</v>"),
    Control(d_formulas.rounding_is_labelled, "Cost", "contingency_cost D", "<f>(.*?)</f>", r"<f>ROUND(\1, 0)</f>"),
]


@pytest.mark.parametrize("check", d_formulas.CHECKS, ids=lambda check: check.__name__)
def test_formulas_hold(check: Check, book: Book) -> None:
    """Items 32 to 35, 37 to 43: what each check of chapter D promises holds on every sample."""
    assert check(book) == []


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"{control}-{control.new[:12]}")
def test_broken_formulas_are_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 32 to 43, negative control: the check fires; a formula changed in one case also breaks its row."""
    row = {"rows_have_one_formula"} if control.where != "Checks" or control.key.startswith("check") else set()
    found = fired(d_formulas.CHECKS, llama, break_copy(control))
    assert control.check.__name__ in found
    assert found <= {control.check.__name__, *row, *control.also, "references_hold_numbers", "rows_have_one_formula"}


def test_every_row_of_its_own_is_found(llama: Book, tmp_path: Path) -> None:
    """Item 32, negative control: sheet Time with a formula of its own in each cell is over the limit."""
    number = itertools.count(1)
    part = layout.sheet(llama, "Time").part
    out = tmp_path / "own.xlsx"
    edit_parts(llama.path, out, {part: lambda text: re.sub("</f>", lambda _: f" + {next(number)}</f>", text)})
    assert d_formulas.few_forms_to_read(llama) == []
    assert any("are distinct" in line for line in d_formulas.few_forms_to_read(read_book(out)))


def test_a_workbook_of_values_is_found(llama: Book, tmp_path: Path) -> None:
    """Item 32, negative control: with six large sheets pasted as values there are too few formulas."""
    parts = [layout.sheet(llama, name).part for name in ("Cases", "FLOPs", "Evidence", "Phasing", "Model", "Risk")]
    out = tmp_path / "values.xlsx"
    edit_parts(llama.path, out, {part: lambda text: re.sub("<f>.*?</f>", "", text) for part in parts})
    assert any("only" in line for line in d_formulas.few_forms_to_read(read_book(out)))


def test_ifs_are_nested_only_where_listed(book: Book) -> None:
    """Item 34: no IF inside an IF but in the listed rows."""
    assert sorted(d_reading.nested_ifs(book)) == sorted(NESTED)


def test_nothing_is_computed_twice(book: Book) -> None:
    """Item 36: two rows compute the same only where two quantities are equal by nature."""
    offers = any(sheet.name == "Offers" for sheet in book.sheets)
    ranks = {("cost_rank", "offer_rank")} if offers else set()  # Compare's may be read by no sheet before it
    assert set(d_formulas.repeated_formulas(book)) == SAME_BY_NATURE | ranks


def test_repetition_and_nesting_are_found(llama: Book, break_copy: Breaker) -> None:
    """Items 34, 36, negative control: a second total and an IF in an IF are reported."""
    control = Control(d_formulas.formulas_are_short, "Cost", "cost_per_month D", "<f>.*?</f>", "<f>D9 * Cases!D52</f>")
    row = layout.key_rows(layout.sheet(llama, "Cost"))["tax_cost"]
    formula = layout.sheet(llama, "Cost").by_address[f"D{row}"].formula
    broken = break_copy(control._replace(new=f"<f>{formula}</f>"))
    assert ("tax_cost", "cost_per_month") in d_formulas.repeated_formulas(broken)
    nested = break_copy(control._replace(new="<f>IF(D7 &gt; 0, IF(D8 &gt; 0, D7, 0), 0)</f>"))
    assert "cost_per_month" in d_reading.nested_ifs(nested)
