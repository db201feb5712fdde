"""What stands on a workbook's calculation sheets beside the cells that it was built with."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgen.verification.alignment import Alignments
from sheetgen.workbook.book import HEADER_ROW, LABEL, Book, Sheet, address
from sheetgen.workbook.file.cells import Cells
from sheetgen.workbook.file.stored import StoredSheet

ADVICE = "a line of its own belongs on sheet Inputs, other costs"


def foreign_figures(sheets: Iterable[StoredSheet], book: Book, alignments: Alignments) -> list[str]:
    """Each row that holds a number or a formula of which neither the scenario nor the templates know, in words.

    Texts are nobody's business: what is written beside a figure changes none. Sheets of inputs are left out, whose
    cells are read back by their keys, and those that compute nothing.
    """
    found = []
    for stored in sheets:
        name = alignments.names.get(stored.name, "")
        sheet = book.sheets.get(name)
        if sheet is None or "kind" in sheet.columns or not _computes(sheet):
            continue
        own = {alignments[name].place(*at) for at in sheet.cells}
        strangers: dict[int, list[int]] = {}
        for (row, column), cell in stored.cells.items():
            number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
            if (row, column) not in own and (number or cell.formula is not None):
                strangers.setdefault(row, []).append(column)
        found += [_in_words(stored.name, stored.cells, row, columns) for row, columns in strangers.items()]
    return found


def _computes(sheet: Sheet) -> bool:
    """Whether formulas stand below the head of a sheet."""
    return any(row > HEADER_ROW and cell.formula is not None for (row, _), cell in sheet.cells.items())


def _in_words(sheet: str, cells: Cells, row: int, columns: list[int]) -> str:
    """A row of strangers: where, what it is called, and the first figure."""
    first = cells[row, columns[0]]
    label = cells.get((row, LABEL))
    named = f" “{label.value}”" if label is not None and isinstance(label.value, str) and label.value else ""
    what = f"the formula ={first.formula}" if first.formula is not None else f"the number {first.value!r}"
    rest = f", and {len(columns) - 1} more in its row" if len(columns) > 1 else ""
    return f"{sheet}!{address(row, columns[0])}{named}: {what}{rest} is in no row of the budget; {ADVICE}"
