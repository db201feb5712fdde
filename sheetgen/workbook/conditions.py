"""Colours that follow what a cell holds: the words of checks, sparse peaks, inputs that are not as built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from sheetgen.workbook.book import FIRST_CASE, HEADER_ROW, KIND_ROW, UNIT, Sheet, address
from sheetgen.workbook.styles import STATUS_STYLES, sparse_format


class Condition(NamedTuple):
    """A rule over cells (first row and column, last row and column): with a style, or a number format."""

    cells: tuple[int, int, int, int]
    rule: Mapping[str, str]
    style: str = ""
    shown: str = ""


def conditions(sheet: Sheet) -> Iterator[Condition]:
    """Every rule of a sheet."""
    yield from _words(sheet)
    yield from _edits(sheet)
    yield from _sparse(sheet)


def _words(sheet: Sheet) -> Iterator[Condition]:
    """Colour for the three words of a check."""
    places = [(KIND_ROW, UNIT)]
    if sheet.view.status_colours:
        places += [
            place for place, cell in sheet.cells.items() if cell.style.endswith(":status") and place[0] > HEADER_ROW
        ]
    for row in sorted({row for row, _ in places}):
        columns = [column for other, column in places if other == row]
        for word, name in STATUS_STYLES.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"'}
            yield Condition((row, min(columns), row, max(columns)), rule, name)


def _edits(sheet: Sheet) -> Iterator[Condition]:
    """Colour for every input that is not as built, rows below each other at once."""
    runs = groupby(enumerate(sorted(sheet.edit_marks)), key=lambda item: (item[1][0] - item[0], item[1][1]))
    for (_, cells), run in runs:
        rows = [row for _, (row, _) in run]
        typed, built = (address(rows[0], column) for column in (FIRST_CASE, sheet.columns["built"]))
        rule = {"type": "formula", "criteria": f'=OR({typed}<>{built},({typed}="")<>({built}=""))'}
        yield Condition((rows[0], FIRST_CASE, rows[-1], FIRST_CASE + cells - 1), rule, "edited")


def _sparse(sheet: Sheet) -> Iterator[Condition]:
    """The word sparse behind every time that rests on a sparse peak."""
    for row, key in sheet.sparse_rows.items():
        columns = [column for other, column in sheet.cells if other == row and sheet.cells[other, column].formula]
        columns = [column for column in columns if column >= FIRST_CASE]
        flag = sheet.key_rows[key]
        form = sheet.cells[row, columns[0]].style.partition(":")[2]
        largest = max(abs(float(sheet.cells[row, column].value or 0)) for column in columns)
        flagged = address(flag, columns[0]).replace(str(flag + 1), f"${flag + 1}")
        rule = {"type": "formula", "criteria": f'=LEFT({flagged}, 6)="SPARSE"'}
        yield Condition((row, min(columns), row, max(columns)), rule, shown=sparse_format(form, largest))
