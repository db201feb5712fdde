"""Reviewer's checklist, chapter D: formulas. What is promised where the list leaves room: ``reviewer.d_formulas``."""

from __future__ import annotations

import pytest

from tests.conftest import Breaker
from tests.support.package import Book
from tests.support.reviewer import d_formulas, layout
from tests.support.reviewer.controls import Check, Control, fired

NESTED = ["check_head_groups"]  # MOD by zero heads is what the inner IF keeps out
SAME_BY_NATURE = {
    ("token_embedding_parameters", "lm_head_matmul_parameters"),  # V·h weights in each
    ("forward_scores_flops", "forward_values_flops"),  # QKᵀ and scores × V are products of one size
    ("forward_scores_flops", "attention_core_flops_per_token_kaplan"),  # Kaplan counts one of the two
    ("chinchilla_scores_flops", "chinchilla_reduction_flops"),  # two lines of appendix F
    ("forward_flops_per_token_6nd", "forward_flops_per_token_8nt"),  # they differ in the backward pass
}
UNITS = {  # worked by hand from what the row's formula multiplies; currency USD in the Llama sample
    ("Model", "parameters"): "parameters",
    ("FLOPs", "training_flops_per_token"): "FLOP/token",
    ("FLOPs", "training_flops"): "FLOP",
    ("Time", "achieved_flops_per_gpu"): "FLOP/s per GPU",
    ("Time", "cluster_flops"): "FLOP/s",
    ("Time", "training_seconds"): "s",
    ("Time", "calendar_days"): "days",
    ("Time", "gpu_hours"): "GPU-hours",
    ("Time", "tokens_per_second"): "tokens/s",
    ("Cost", "compute_cost"): "USD",
    ("Cost", "total_cost"): "USD",
    ("Cost", "cost_per_gpu_hour"): "USD/GPU-hour",
    ("Cost", "cost_per_million_tokens"): "USD/M tokens",
}

CONTROLS = [
    Control(d_formulas.rows_have_one_formula, "Cost", "compute_cost E", r"E(\d+)</f>", r"D\1</f>"),
    Control(d_formulas.rows_have_one_formula, "Sensitivity", "E18", r"\$C18", "$C19"),
    Control(d_formulas.no_number_in_a_formula, "Cost", "compute_cost D", "</f>", " * 1.1</f>"),
    Control(d_formulas.formulas_are_short, "Cost", "compute_cost D", "</f>", " + D6" * 40 + "</f>"),
    Control(d_formulas.formulas_are_spaced, "Cost", "compute_cost D", " \\* ", "*"),
    Control(d_formulas.formulas_are_spaced, "Cost", "compute_cost D", "<f>(.*?)</f>", r"<f>(\1)</f>"),
    Control(d_formulas.formulas_are_spaced, "Cost", "compute_cost D", "Time!", "'Time'!"),
    Control(d_formulas.formulas_are_spaced, "Cost", "cost_per_gpu_hour D", ", 0", ",0"),
    Control(d_formulas.errors_are_not_masked, "Cost", "compute_cost D", "<f>(.*?)</f>", r"<f>IFERROR(\1, 0)</f>"),
    Control(d_formulas.sums_cover_their_blocks, "Checks", "failures D", r"(D\d+:D)(\d+)", r"\g<1>31"),
    Control(d_formulas.sums_cover_their_blocks, "Checks", "total_failures D", r":\$I\$", ":$H$"),
    Control(d_formulas.sums_cover_their_blocks, "Checks", "check_no_errors D", r"(Cost!D\d+:D)\d+", r"\g<1>12"),
    Control(d_formulas.references_hold_numbers, "Cost", "compute_cost D", "</f>", " + D6</f>"),
    Control(d_formulas.references_hold_numbers, "Cost", "compute_cost D", "</f>", " + SUM(Time!A:A)</f>"),
    Control(d_formulas.references_hold_numbers, "Cost", "compute_cost D", "</f>", " + Cases!D7</f>"),
    Control(d_formulas.anchors_are_right, "Cost", "contingency_cost D", r"Cases!D", "Cases!$D"),
    Control(d_formulas.one_sign_convention, "Cost", "contingency_cost D", "<f>", "<f>-"),
    Control(d_formulas.rounding_is_labelled, "Cost", "contingency_cost D", "<f>(.*?)</f>", r"<f>ROUND(\1, 0)</f>"),
]


@pytest.mark.parametrize("check", d_formulas.CHECKS, ids=lambda check: check.__name__)
def test_formulas_hold(check: Check, book: Book) -> None:
    """Items 32 to 35, 37 to 40, 42, 43: what each check of chapter D promises holds on every sample."""
    assert check(book) == []


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"{control}-{control.new[:12]}")
def test_broken_formulas_are_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 32 to 43, negative control: the check fires; a formula changed in one case also breaks its row."""
    row = {"rows_have_one_formula"} if control.where != "Checks" or control.key.startswith("check") else set()
    found = fired(d_formulas.CHECKS, llama, break_copy(control))
    assert control.check.__name__ in found
    assert found <= {control.check.__name__, *row, "references_hold_numbers", "rows_have_one_formula"}


def test_a_reviewer_reads_few_formulas(book: Book) -> None:
    """Item 32: of over a thousand formulas fewer than 280 are distinct, however many cases there are."""
    total, distinct = d_formulas.distinct_forms(book)
    assert total > 1000
    assert distinct < 280


def test_ifs_are_nested_only_where_listed(book: Book) -> None:
    """Item 34: no IF inside an IF but in the listed rows."""
    assert d_formulas.nested_ifs(book) == NESTED


def test_nothing_is_computed_twice(book: Book) -> None:
    """Item 36: two rows compute the same only where two quantities are equal by nature."""
    assert set(d_formulas.repeated_formulas(book)) == SAME_BY_NATURE


def test_repetition_and_nesting_are_found(llama: Book, break_copy: Breaker) -> None:
    """Items 34, 36, negative control: a second total and an IF in an IF are reported."""
    control = Control(d_formulas.formulas_are_short, "Cost", "cost_per_month D", "<f>.*?</f>", "<f>D9 * Cases!D52</f>")
    row = layout.key_rows(layout.sheet(llama, "Cost"))["tax_cost"]
    formula = layout.sheet(llama, "Cost").by_address[f"D{row}"].formula
    broken = break_copy(control._replace(new=f"<f>{formula}</f>"))
    assert ("tax_cost", "cost_per_month") in d_formulas.repeated_formulas(broken)
    nested = break_copy(control._replace(new="<f>IF(D7 &gt; 0, IF(D8 &gt; 0, D7, 0), 0)</f>"))
    assert "cost_per_month" in d_formulas.nested_ifs(nested)


def test_units_balance(llama: Book) -> None:
    """Item 41: the unit of each headline row is what its factors give, worked by hand."""
    shown = {
        (name, key): layout.text(sheet, layout.key_rows(sheet)[key], layout.UNIT)
        for name, key in UNITS
        if (sheet := layout.sheet(llama, name))
    }
    assert shown == UNITS
