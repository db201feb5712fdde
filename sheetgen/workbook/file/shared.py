"""Shared formulas: a program may store a formula once and only say which further cells hold it, copied as usual."""

from __future__ import annotations

import re

from sheetgen.workbook.addresses import letter

MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576

# Texts and quoted sheet names are passed over; what follows is an address unless it is part of a name or a function.
_PIECE = re.compile(
    r"""
    "(?:[^"]|"")*+" | '(?:[^']|'')*+'
    | (?<![\w.$!]) (?P<first>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}) (?![\w.(!])
    | (?<=!) (?P<after>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}) (?![\w.(!])
    | (?<![\w.$]) (?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}) (?![\w.(!])
    | (?<![\w.$]) (?P<rows>\$?[0-9]{1,7}:\$?[0-9]{1,7}) (?![\w.(!])
    """,
    re.VERBOSE,
)
_PART = re.compile(r"(\$?)([A-Za-z]{1,3}|[0-9]{1,7})")


def copied(formula: str, rows: int, columns: int) -> str:
    """The formula as it stands so many rows below and columns right of where it was written.

    Raises ValueError where a reference would leave the sheet.
    """
    if not rows and not columns:
        return formula

    def move_part(match: re.Match[str]) -> str:
        fixed, place = match.groups()
        if fixed:
            return match.group()
        if place.isdigit():
            row = int(place) + rows
            if not 1 <= row <= MOST_ROWS:
                raise ValueError("a formula that leads out of the sheet")
            return str(row)
        column = column_number(place) + columns
        if not 0 <= column < MOST_COLUMNS:
            raise ValueError("a formula that leads out of the sheet")
        return letter(column)

    def move(match: re.Match[str]) -> str:
        return _PART.sub(move_part, match.group()) if match.lastgroup else match.group()

    return _PIECE.sub(move, formula)


def column_number(letters: str) -> int:
    """The 0-based column of its letters."""
    number = 0
    for sign in letters.upper():
        number = number * 26 + ord(sign) - 64
    return number - 1
