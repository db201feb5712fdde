"""Where things stand in the workbook, as its own header rows say: sheets, keyed rows, case columns, input cells.

Rows and columns are 1-based. The promised layout: row 1 title, row 2 sheet type and master check, row 5 column heads;
column A label, B key, C unit, from D one column a case.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.support.grid import column_letters
from tests.support.package import Book, Cell, Sheet

LABEL, KEY, UNIT, FIRST_CASE = 1, 2, 3, 4
HEADER_ROW = 5

SHEET_TYPES = {
    "Summary": "Output",
    "Inputs": "Inputs",
    "Compare": "Output",
    "Budget": "Output",
    "Sensitivity": "Output",
    "Checks": "Checks",
    "Sources": "Reference",
    "About": "About",
    "Offers": "Calculation",
    "RentOrBuy": "Calculation",
    "Actuals": "Inputs",
    "Candidates": "Output",
    "Cost": "Calculation",
    "Phasing": "Calculation",
    "Time": "Calculation",
    "Risk": "Calculation",
    "Record": "Reference",
    "Steps": "Output",
    "FLOPs": "Calculation",
    "Model": "Calculation",
    "Cases": "Calculation",
    "Accelerators": "Reference",
    "Choices": "Reference",
    "Memory": "Calculation",
    "Stages": "Calculation",
    "Layout": "Calculation",
    "Inference": "Calculation",
    "Optimal": "Calculation",
    "Scaling": "Output",
    "Evidence": "Evidence",
}
"""The promised sheets as their tabs stand: what finance reads in front, what computes it and what ML reads behind."""
FLOW = (
    "Inputs", "Cases", "Accelerators", "Choices", "Model", "FLOPs", "Stages", "Memory", "Layout", "Time", "Cost",
    "Phasing", "Inference", "Optimal", "Offers", "RentOrBuy", "Risk", "Record", "Actuals", "Scaling", "Budget",
    "Steps", "Sensitivity", "Evidence", "Sources", "Checks",
)  # fmt: skip
"""The way of the figures: a sheet reads those before it. Summary, Compare, Candidates and About read all, and no other
sheet reads them."""
PAGES = frozenset({"Summary", "Budget", "Sensitivity", "Candidates"})
"""Sheets that are read as a page: cells beside each other are of different kinds, sentences are formulas, a ranking
counts its places."""
OPTIONAL = (
    "Offers", "RentOrBuy", "Actuals", "Candidates", "Memory", "Stages", "Layout", "Inference", "Optimal",
    "Scaling", "Evidence",
)  # fmt: skip
"""Sheets that a workbook has only where its scenario asks for them."""

CALCULATIONS = (
    "Cases", "Model", "FLOPs", "Time", "Cost", "Phasing", "Inference", "Optimal", "Offers", "RentOrBuy", "Risk",
    "Checks",
)  # fmt: skip
CASE_SHEETS = ("Inputs", *CALCULATIONS)
SERIES = (
    "days_since_start", "started", "full_days_since_start", "work_done", "lasting_cost", "accrued", "accrual",
    "months_due", "paid_ahead", "paid", "payment", "accrual_year", "payment_year",
)  # fmt: skip
"""Rows of sheet Phasing that are there once for every month or fiscal year: the key is ``accrued:1``."""


def sheet_types(book: Book) -> dict[str, str]:
    """The promised sheets of a workbook with their types: the optional ones as far as it has them."""
    there = {page.name for page in book.sheets}
    return {name: kind for name, kind in SHEET_TYPES.items() if name not in OPTIONAL or name in there}


def case_sheets(book: Book) -> tuple[str, ...]:
    """The sheets of a workbook with a column for each case."""
    return tuple(name for name in CASE_SHEETS if name in sheet_types(book))


class InputRow(NamedTuple):
    """One row of sheet Inputs whose column Kind says ``input``: its key, its row, and the columns to type into."""

    key: str
    row: int
    columns: tuple[int, ...]


def sheet(book: Book, name: str) -> Sheet:
    """The sheet of a name. Raises KeyError."""
    return book.sheet_by_name[name.lower()]


def address(row: int, column: int) -> str:
    """``D5`` for row 5, column 4."""
    return f"{column_letters(column)}{row}"


def cell(page: Sheet, row: int, column: int) -> Cell | None:
    """The cell at a place, None when the file has none there."""
    return page.by_address.get(address(row, column))


def text(page: Sheet, row: int, column: int) -> str:
    """The text at a place; empty for a number, a blank or no cell."""
    found = cell(page, row, column)
    return found.value if found is not None and isinstance(found.value, str) else ""


def holds(found: Cell | None) -> bool:
    """Whether a cell holds a constant or a formula, not only a style."""
    return found is not None and (found.formula is not None or found.value not in {None, ""})


def last_row(page: Sheet) -> int:
    """The last row with a constant or a formula."""
    return max((item.row for item in page.cells if holds(item)), default=0)


def case_count(book: Book) -> int:
    """How many case columns sheet Inputs has: the formulas in its header row."""
    page = sheet(book, "Inputs")
    return sum(1 for item in page.cells if item.row == HEADER_ROW and item.formula is not None)


@functools.lru_cache(maxsize=320)
def case_columns(book: Book) -> range:
    """The columns of the cases."""
    return range(FIRST_CASE, FIRST_CASE + case_count(book))


def head_column(page: Sheet, title: str) -> int:
    """The column with a head in row 5. Raises LookupError."""
    for item in page.cells:
        if item.row == HEADER_ROW and item.value == title:
            return item.column
    raise LookupError(f"{page.name} has no column {title}")


@functools.lru_cache(maxsize=320)
def key_column(page: Sheet) -> int:
    """The column of a sheet's keys: the one headed Key, behind all that is printed; else the second."""
    heads = [item.column for item in page.cells if item.row == HEADER_ROW and item.value == "Key"]
    return heads[-1] if heads else KEY


@functools.lru_cache(maxsize=320)
def key_rows(page: Sheet) -> Mapping[str, int]:
    """The row of every key of a sheet, below the head."""
    place = key_column(page)
    return {
        str(item.value): item.row
        for item in page.cells
        if item.column == place and item.row > HEADER_ROW and isinstance(item.value, str) and item.value
    }


def input_rows(book: Book) -> list[InputRow]:
    """The input rows of sheet Inputs with the cells to type into: as many as the file has styled for it."""
    page = sheet(book, "Inputs")
    kind = head_column(page, "Kind")
    return [
        InputRow(key, row, tuple(column for column in case_columns(book) if cell(page, row, column) is not None))
        for key, row in key_rows(page).items()
        if text(page, row, kind) == "input"
    ]


def formula_cells(book: Book, names: tuple[str, ...] | None = None) -> Iterator[tuple[Sheet, Cell, str]]:
    """Every formula cell below the header row, of some sheets or of all."""
    for page in book.sheets:
        if names is None or page.name in names:
            for item in page.cells:
                if item.formula is not None and item.row > HEADER_ROW:
                    yield page, item, item.formula


def evidence_rows(book: Book) -> list[int]:
    """The rows of sheet Evidence that show a figure of a published run: those with a convention and a peak."""
    page = sheet(book, "Evidence")
    return [row for key, row in key_rows(page).items() if ":" in key and not key.startswith(("whole:", "scale:"))]
