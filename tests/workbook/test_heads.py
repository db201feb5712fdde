"""Rows of heads: no column between the first and the last is without one, and each head is whole in its cell."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pytest

from sheetgen.workbook.book import HEADER_ROW, Book, Sheet
from sheetgen.workbook.plan import plan
from tests.support.probes import sample

LINE = 13.0  # points of a line of a head, as spreadsheets set a row of the workbook's font


def gaps(sheet: Sheet) -> list[tuple[int, int]]:
    """The places without a head in rows that have several; the column of keys stands behind what is printed."""
    heads: dict[int, set[int]] = {}
    for (row, column), cell in sheet.cells.items():
        if cell.style.startswith("header"):
            heads.setdefault(row, set()).add(column)
    printed = {row: columns - {sheet.key_column} for row, columns in heads.items() if len(columns) > 2}
    return [
        (row, column)
        for row, columns in printed.items()
        for column in range(min(columns), max(columns))
        if column not in columns and column != sheet.key_column
    ]


def cut(sheet: Sheet) -> list[str]:
    """The heads of the first row that need more lines than the row is high."""
    room = sheet.heights.get(HEADER_ROW, LINE) // LINE
    found = []
    for (row, column), cell in sheet.cells.items():
        if row == HEADER_ROW and cell.style.startswith("header") and isinstance(cell.value, str) and cell.value:
            lines = len(textwrap.wrap(cell.value, int(sheet.widths.get(column, 8.43) * 1.1)))
            found += [cell.value] if lines > room else []
    return found


@pytest.fixture(scope="module")
def book() -> Book:
    """The plan of a sample with the sheets on request."""
    return plan(sample("llama405b"))


def test_no_row_of_heads_has_a_gap(book: Book) -> None:
    """A table is one band from its first to its last column."""
    assert {sheet.name: gaps(sheet) for sheet in book.ordered() if gaps(sheet)} == {}


def test_every_head_is_whole(book: Book) -> None:
    """No head needs more lines than its row has."""
    assert {sheet.name: cut(sheet) for sheet in book.ordered() if cut(sheet)} == {}


def test_a_gap_and_a_cut_head_would_be_seen(book: Book) -> None:
    """Negative control: a head taken out of its row, and a row that is too low for its heads."""
    sheet = book.sheets["Compare"]
    row, column = next(place for place, cell in sheet.cells.items() if cell.value == "Request")
    without = {place: cell for place, cell in sheet.cells.items() if place != (row, column)}
    low = replace(book.sheets["Sensitivity"], heights={})

    assert gaps(replace(sheet, cells=without)) == [(row, column)]
    assert "Swing, % of total" in cut(low)
