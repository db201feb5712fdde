"""Formulon: an engine that follows Excel's own rules of arithmetic and of number formats, so what Excel would show.

It was held against desktop Excel by its authors (golden files of Excel 365); it shares no code with the other engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.edits import poisoned_copy
from tests.support.engines import EchoError
from tests.support.grid import column_letters, split_address
from tests.support.package import CellKey, ErrorValue, Value, read_book


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, dict[str, int]]]:
    """The recalculated workbook, and the number of each sheet."""
    from formulon import Workbook  # a third of a second

    with Workbook.load(path.read_bytes()) as book:
        book.recalc()
        yield book, {book.sheet_name(number): number for number in range(book.sheet_count())}


def formulon_values(path: Path) -> dict[CellKey, Value]:
    """Every formula's value, from poisoned caches. Raises formulon.FormulonError for a file that it does not read, and
    EchoError."""
    from formulon import ValueKind

    poisoned, poison = poisoned_copy(path)
    values: dict[CellKey, Value] = {}
    with _opened(poisoned) as (book, index):
        for sheet, address in poison:
            row, column = split_address(address)
            found = book.get_value(index[sheet], row - 1, column - 1)
            failed = found.kind == ValueKind.ERROR
            values[sheet, address] = ErrorValue(str(found.error_code)) if failed else found.to_python()
    if echoed := [key for key, value in values.items() if value == poison[key]]:
        raise EchoError(f"{len(echoed)} of {len(values)} cells kept their poisoned cache: {echoed[:5]}")
    return values


def shown_by_excel(path: Path) -> dict[CellKey, str]:
    """Every cell that shows something, as Excel displays it: its number format applied by Excel's rules, and ``###``
    where the number does not fit its column."""
    found: dict[CellKey, str] = {}
    sizes = {sheet.name: [split_address(cell.address) for cell in sheet.cells] for sheet in read_book(path).sheets}
    with _opened(path) as (book, index):
        for sheet, places in sizes.items():
            for row, column in places:
                text, _ = book.get_display_text(index[sheet], row - 1, column - 1)
                if text:
                    found[sheet, f"{column_letters(column)}{row}"] = text
    return found
