"""Sheets Memory, Stages, Layout and Candidates before a reviewer: rules of structure and of formulas, whole heads."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from sheetgen.api.build import build
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.paging import cuts, row_breaks
from sheetgen.workbook.plan import plan
from sheetgen.workbook.sheet import FIRST_CASE, LABEL
from tests.support.package import Book, read_book
from tests.support.paths import ROOT
from tests.support.reviewer import b_structure, d_formulas
from tests.workbook.test_heads import cut, gaps

SAMPLE = ROOT / "samples" / "layouts" / "dense-70b.yaml"
NOT_THERE = {"rows_have_one_formula", "sums_cover_their_blocks"}
"""Rules that speak of sheets that this workbook does not have."""
WORDS = ("Memory", "Stages", "Layout", "Candidates", "Compare", "circle", "circular")
RULES = {rule.__name__: rule for rule in (*b_structure.CHECKS, *d_formulas.CHECKS) if rule.__name__ not in NOT_THERE}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A sample with these sheets."""
    path: Path = tmp_path_factory.mktemp("reviewed") / "layouts.xlsx"
    return read_book(build(load_scenario(SAMPLE, sheets=["candidates"]), path))


@pytest.mark.parametrize("name", RULES)
def test_a_reviewer_finds_nothing(name: str, book: Book) -> None:
    """Of these sheets, and of the way of the figures through all."""
    found = RULES[name](book)

    assert [line for line in found if any(word in line for word in WORDS)] == []


def test_heads_are_whole() -> None:
    """No gap, and none is cut."""
    sheets = plan(complete(load_scenario(SAMPLE, sheets=["candidates"]))).ordered()

    assert {sheet.name: (gaps(sheet), cut(sheet)) for sheet in sheets if gaps(sheet) or cut(sheet)} == {}


@pytest.mark.parametrize(("sample", "cases", "most"), [("dense-70b", 3, 10), ("geniac-12b", 12, 14)])
def test_memory_prints_on_few_pages(sample: str, cases: int, most: int) -> None:
    """What is read stands on few pages: none of them ends below a title or the name of a chart, or within a table, and
    the columns of formulas in words are not printed."""
    book = plan(complete(load_scenario(ROOT / "samples" / "layouts" / f"{sample}.yaml")))
    sheet = book.sheets["Memory"]
    breaks = row_breaks(sheet, book)
    styles = {row: cell.style for (row, column), cell in sheet.cells.items() if column == LABEL}

    assert book.cases == cases
    assert (len(breaks) + 1) * (len(cuts(sheet, book)) + 1) <= most
    assert sheet.last_printed_column == FIRST_CASE + cases - 1
    assert all(styles.get(row - 1) not in {"section", "header", "line:left"} for row in breaks)
    assert all(not styles.get(row, "").startswith("axis") for row in breaks)


def test_stages_are_shown_again(book: Book) -> None:
    """Layers, parameters, microbatches in flight and peak of each stage on sheet Memory are those of sheet Stages: the
    70B's 80 layers on four stages of 20, of which a stage holds 4, 3, 2 and 1 microbatches."""
    values = {}
    for name in ("Memory", "Stages"):
        rows = openpyxl.load_workbook(book.path, data_only=True)[name].iter_rows(values_only=True)
        values[name] = {str(row[1]): row[3] for row in rows if row[1] is not None and ":" in str(row[1])}
    again = {key: value for key, value in values["Memory"].items() if key.startswith("stage_") and "chart" not in key}

    assert len(again) == 4 * 8
    assert again == {key: values["Stages"][key] for key in again}
    assert [again[f"stage_layers:{stage}"] for stage in range(1, 6)] == [20, 20, 20, 20, 0]
    assert [again[f"stage_in_flight:{stage}"] for stage in range(1, 6)] == [4, 3, 2, 1, 0]
