"""Addresses of cells: ``B12`` is row 12, column 2, both counted from 1."""

from __future__ import annotations

import functools
import re

MAX_ROW = 1_048_576  # ECMA-376 leaves the grid open; this is Excel's ("Excel specifications and limits")
MAX_COLUMN = 16_384

_ADDRESS = re.compile(r"\$?([A-Za-z]+)\$?([0-9]+)")


def column_number(letters: str) -> int:
    """``A`` is 1, ``XFD`` is 16384; any length of letters is read."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


@functools.lru_cache(maxsize=1024)
def column_letters(number: int) -> str:
    """1 is ``A``, 16384 is ``XFD``."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def split_address(address: str) -> tuple[int, int]:
    """Row and column of ``B12`` or ``$B$12``. Raises ValueError when it is not an address."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(f"not a cell address: {address!r}")
    return int(match[2]), column_number(match[1])


def on_grid(row: int, column: int) -> bool:
    """Whether a position lies inside Excel's 1,048,576 rows by 16,384 columns."""
    return 1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN
