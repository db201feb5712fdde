"""Where the keys of a sheet stand, for tests that open a workbook with openpyxl."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from tests.support.grid import column_letters

HEADER_ROW = 5


def key_letter(page: Worksheet) -> str:
    """The column of a sheet's keys: the one headed Key, behind all that is printed; else the second."""
    return column_letters(key_index(page) + 1)


def key_index(page: Worksheet) -> int:
    """The same, counted from 0."""
    heads = [cell.column for cell in page[HEADER_ROW] if cell.value == "Key"]
    return heads[-1] - 1 if heads else 1
