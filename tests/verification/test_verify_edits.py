"""Edits that verify tells: constants over formulas, other formulas, bounds, peaks, inputs that are not allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen import verify
from sheetgen.workbook.book import Book, address
from tests.support.changes import at, edited, with_formula
from tests.support.package import CellKey, cached_values


@pytest.mark.parametrize("key", ["flops_per_mac", "backward_ratio", "hours_per_day", "causal_fraction"])
def test_an_edited_constant_is_reported(llama_file: Path, llama_plan: Book, tmp_path: Path, key: str) -> None:
    """The constants of sheet Inputs are locked; one that is changed is reported with both values."""
    cell = at(llama_plan, "Inputs", key)
    old = cached_values(llama_file)[cell].value
    assert isinstance(old, float)
    verdict = verify(edited(llama_file, tmp_path, {cell: old + 1}))

    assert verdict.exit_code == 1
    assert [(item.sheet, item.cell) for item in verdict.overwritten] == [cell]
    assert float(verdict.overwritten[0].found.removeprefix("the constant ")) == old + 1


def test_an_edited_bound_is_reported(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """An allowed range that is widened in the file is reported."""
    page = llama_plan.sheets["Inputs"]
    cell = ("Inputs", address(page.key_rows["stated_mfu"], page.columns["maximum"]))
    verdict = verify(edited(llama_file, tmp_path, {cell: 2}))

    assert verdict.exit_code == 1
    assert [(item.sheet, item.cell) for item in verdict.overwritten] == [cell]


def test_an_edited_peak_is_reported(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """A peak typed into the accelerator table flows through, and is reported: the table was changed since the build."""
    keys = llama_plan.sheets["Accelerators"].cells
    row = next(row for (row, column), cell in keys.items() if column == 1 and cell.value == "h100-sxm5-80gb")
    heads = {str(cell.value): column for (line, column), cell in reversed(keys.items()) if line == 4}
    cell = ("Accelerators", address(row, heads["bf16"]))
    assert cached_values(llama_file)[cell].value == 989.4  # H100 SXM, dense bf16: NVIDIA H100 architecture white paper
    verdict = verify(edited(llama_file, tmp_path, {cell: 1978.9}))

    assert not verdict.agrees
    assert verdict.mismatches == []
    assert [str(problem) for problem in verdict.problems] == [
        "sheet Accelerators: figures or texts were changed since the build"
    ]
    assert verdict.notes == ["accelerator h100-sxm5-80gb differs from the packaged catalogue"]
    assert verdict.key_figures[0]["dense_peak_flops_per_gpu"] == pytest.approx(1.9789e15)


def test_one_cell_apart_is_told_as_one_cell(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """Of two workbooks that differ in one check's formula, the verdicts differ in that cell alone."""
    cell = at(llama_plan, "Checks", "check_memory", 2)
    path = with_formula(llama_file, tmp_path, cell, '"OK"')
    first, second = verify(llama_file).to_dict(), verify(path).to_dict()
    different = {key for key in first if first[key] != second[key]}

    assert different == {
        "file", "agrees", "intact", "verified", "sections", "overwritten_formulas", "cells_compared_with_inputs_moved",
    }  # fmt: skip
    assert [(item["sheet"], item["cell"]) for item in second["overwritten_formulas"]] == [cell]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("gpus", "sixteen thousand", "text where a number is needed"),
        ("gpus", "16384", "text where a number is needed"),
        ("gpus", 16384.5, "must be a whole number"),
        ("gpus", 0, "is too small"),
        ("stated_mfu", 1.5, "is too large"),
        ("stated_mfu", True, "text where a number is needed"),
        ("tokens", None, "cannot be empty"),
        ("flops_convention", "6dn", "is not one of the choices"),
        ("accelerator", "h100", "is not one of the choices"),
        ("start_date", 10, "is too small"),
        ("currency", "dollars", "is not one of the choices"),
    ],
)
def test_an_input_that_is_not_allowed_is_reported(
    llama_file: Path, llama_plan: Book, tmp_path: Path, key: str, value: float | str | bool | None, words: str
) -> None:
    """A text in a number input, an unknown choice, a bound passed: one problem that names cell and key, and exit 1."""
    cell = at(llama_plan, "Inputs", key)
    verdict = verify(edited(llama_file, tmp_path, {cell: value}))

    assert verdict.exit_code == 1
    assert len(verdict.problems) == 1
    assert (verdict.problems[0].file, verdict.problems[0].key) == (f"Inputs!{cell[1]}", key)
    assert words in verdict.problems[0].message


def test_several_wrong_inputs_are_reported_together(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """All mistakes come in one verdict."""
    changes: dict[CellKey, float | str | bool | None] = {
        at(llama_plan, "Inputs", "gpus"): "many",
        at(llama_plan, "Inputs", "goodput"): 7,
        at(llama_plan, "Inputs", "peak", 1): "double",
    }

    assert {problem.key for problem in verify(edited(llama_file, tmp_path, changes)).problems} == {
        "gpus",
        "goodput",
        "peak",
    }


def test_a_failing_check_fails_the_workbook(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """Key-value heads that do not divide the query heads: every cell agrees, a check says FAIL, and exit is 1."""
    verdict = verify(edited(llama_file, tmp_path, {at(llama_plan, "Inputs", "n_kv_heads"): 7}))

    assert (verdict.mismatches, verdict.overwritten, verdict.problems) == ([], [], [])
    assert verdict.exit_code == 1
    assert verdict.checks["FAIL"] == [f"check_head_groups in case {name}" for name in verdict.cases]


def test_a_review_does_not_fail_the_workbook(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """A check that asks for a review is listed and the workbook agrees."""
    verdict = verify(edited(llama_file, tmp_path, {at(llama_plan, "Inputs", "price_date"): 47000}))

    assert verdict.exit_code == 0
    assert verdict.checks == {"REVIEW": [f"check_price_dated in case {name}" for name in verdict.cases]}
