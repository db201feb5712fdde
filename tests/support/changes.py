"""Changes made to a built workbook cell by cell, found by key: what a user's edit leaves in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sheetgen.workbook.book import FIRST_CASE, Book, address
from tests.support.edits import edit_parts, set_cells
from tests.support.package import CellKey, formula_cells, read_book


def at(book: Book, sheet: str, key: str, case: int = 0) -> CellKey:
    """The cell of a key in a case."""
    return sheet, address(book.sheets[sheet].key_rows[key], FIRST_CASE + case)


def edited(path: Path, room: Path, changes: Mapping[CellKey, float | str | bool | None]) -> Path:
    """A copy with constants typed into cells, which stores no results."""
    copy = room / "edited.xlsx"
    set_cells(path, copy, changes)
    return copy


def sheet_part(path: Path, name: str) -> str:
    """The part of a sheet."""
    return next(sheet.part for sheet in read_book(path).sheets if sheet.name == name)


def with_formula(path: Path, room: Path, cell: CellKey, formula: str) -> Path:
    """A copy with another formula in a cell; the stored results stay."""
    assert formula_cells(path)[cell]
    copy = room / "formula.xlsx"

    def edit(text: str) -> str:
        found = re.search(rf'<c r="{cell[1]}"[^>]*><f>(.*?)</f>', text)
        assert found is not None
        start, end = found.span(1)
        return text[:start] + formula + text[end:]

    edit_parts(path, copy, {sheet_part(path, cell[0]): edit})
    return copy
