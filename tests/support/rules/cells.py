"""Rules on cells: where they stand, and that every stored value is one that its type allows.

A cell without ``t`` holds a number (ECMA-376 Part 1, 18.18.11, ST_CellType); text length: Microsoft, "Excel
specifications and limits".
"""

from __future__ import annotations

import math
import re
from collections import Counter

from tests.support.grid import on_grid, split_address
from tests.support.package import MAIN, Book, Cell, ErrorValue
from tests.support.rules.findings import Finding, excel_length

MAX_TEXT = 32_767

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"none|[+-]?nan|[+-]?inf(?:inity)?|true|false|[0-9]{4}-[0-9]{2}-[0-9]{2}.*", re.IGNORECASE)
_ERROR = re.compile(r"#(?:REF!|NAME\?|DIV/0!|VALUE!|N/A|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")


def check_stored_values(book: Book) -> list[Finding]:
    """Every formula has a stored value; every stored value fits its type; none is an error."""
    return [
        Finding(sheet.name, cell.address, *problem)
        for sheet in book.sheets
        for cell in sheet.cells
        if (problem := _value_problem(cell))
    ]


def _value_problem(cell: Cell) -> tuple[str, str] | None:
    if not cell.raw and cell.kind not in {"str", "inlineStr"}:
        return ("formula-without-value", f"{cell.formula}") if cell.formula is not None else None
    if cell.formula is not None and cell.raw is None:
        return "formula-without-value", cell.formula
    raw = cell.raw or ""
    if isinstance(cell.value, ErrorValue) or (cell.formula is not None and _ERROR.fullmatch(raw)):
        return "error-value", raw
    if cell.kind == "n" and not (_NUMBER.fullmatch(raw) and math.isfinite(float(raw))):
        if _NUMBER.fullmatch(raw) or _NOT_A_NUMBER.fullmatch(raw):
            return "value-not-a-number", f"<v>{raw}</v>"
        return "text-without-type", f"<v>{raw[:40]}</v> without t"
    if (cell.kind == "b" and raw not in {"0", "1"}) or cell.kind == "d":
        return "value-not-a-number", f'<v>{raw}</v> with t="{cell.kind}"'
    return None


def check_text_length(book: Book) -> list[Finding]:
    """No cell holds more text than Excel reads."""
    return [
        Finding(sheet.name, cell.address, "text-length", f"{excel_length(cell.text):,} characters")
        for sheet in book.sheets
        for cell in sheet.cells
        if cell.text is not None and excel_length(cell.text) > MAX_TEXT
    ]


def check_positions(book: Book) -> list[Finding]:
    """Every address is read, on the grid and used once."""
    found = []
    for sheet in book.sheets:
        counts = Counter(cell.address for cell in sheet.cells)
        for address, count in counts.items():
            cell = sheet.by_address[address]
            if not on_grid(cell.row, cell.column):
                found.append(Finding(sheet.name, address, "beyond-grid", "not a cell of Excel's grid"))
            if count > 1:
                found.append(Finding(sheet.name, address, "duplicate-cell", f"written {count} times"))
    return found


def check_row_order(book: Book) -> list[Finding]:
    """Rows ascend strictly."""
    found = []
    for sheet in book.sheets:
        last = 0
        for number in sheet.row_numbers:
            if number <= last:
                found.append(Finding(sheet.name, "", "row-order", f"row {number} after row {last}"))
            last = number
    return found


def check_cell_order(book: Book) -> list[Finding]:
    """Cells stand in the row that they name, in column order; a repeated address is another rule's matter."""
    found = []
    for sheet in book.sheets:
        for row in sheet.root.iter(f"{MAIN}row"):
            last = 0
            for element in row.iter(f"{MAIN}c"):
                address = element.get("r", "")
                try:
                    number, column = split_address(address)
                except ValueError:
                    continue  # check_positions reports it
                if str(number) != row.get("r") or column < last:
                    found.append(Finding(sheet.name, address, "cell-order", f"out of order in row {row.get('r')}"))
                last = column
    return found


def check_merged_cells(book: Book) -> list[Finding]:
    """No merged cells at all."""
    return [
        Finding(sheet.name, merged.get("ref", ""), "merged-cells", "merged")
        for sheet in book.sheets
        for merged in sheet.root.iter(f"{MAIN}mergeCell")
    ]
