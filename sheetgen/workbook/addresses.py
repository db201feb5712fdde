"""Addresses, and formulas that are copied: rows and columns are 0-based everywhere but in the text of an address.

A formula is rendered once, with gaps where it is relative to the cell that it stands in, and then copied to every cell
of a row, a column or a table, as a spreadsheet program copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple


class Gap(NamedTuple):
    """A place in a formula's text that follows the cell it is copied to: the column's letter or the row's number.

    ``offset`` counts from the cell's own column or row.
    """

    in_column: bool
    offset: int = 0


Part = str | Gap
Parts = tuple[Part, ...]
"""What stands for a name in a formula: text, with gaps where it is relative to the cell."""

OWN_COLUMN, OWN_ROW = Gap(True), Gap(False)


@cache
def letter(column: int) -> str:
    """``A`` for column 0, ``AA`` for 26."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(row: int, column: int, *, absolute: bool = False) -> str:
    """``D5``, or ``$D$5``."""
    return f"${letter(column)}${row + 1}" if absolute else f"{letter(column)}{row + 1}"


class Pattern:
    """A formula rendered once, to be copied to many cells as a spreadsheet program copies: relative parts follow."""

    __slots__ = ("_by_column", "_texts", "gaps")

    def __init__(self, parts: Sequence[Part]) -> None:
        self._texts: list[str] = []
        self.gaps: list[Gap] = []
        run: list[str] = []
        for part in parts:
            if isinstance(part, str):
                run.append(part)
            else:
                self.gaps.append(part)
                self._texts.append("".join(run))
                run = []
        self._texts.append("".join(run))
        self._by_column = all(gap is OWN_COLUMN for gap in self.gaps)

    def at(self, row: int, column: int) -> str:
        """The formula in the cell at this row and column, both 0-based."""
        if self._by_column:
            return letter(column).join(self._texts)
        pieces = [self._texts[0]]
        for gap, text in zip(self.gaps, self._texts[1:], strict=True):
            pieces.append(letter(column + gap.offset) if gap.in_column else str(row + gap.offset + 1))
            pieces.append(text)
        return "".join(pieces)
