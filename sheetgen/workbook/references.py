"""A reference to cells as a formula spells it, taken apart: the sheet by its whole name, corners, what is fixed.

The name of a sheet may be quoted, and an apostrophe inside it is doubled; ``'Cost'!$D$52`` and ``Cost!$D$52`` are one
cell, ``'C''ost'!$D$52`` is another one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_REFERENCE = re.compile(
    r"(?:'(?P<quoted>(?:[^']|'')+)'!|(?P<plain>[^\W\d][\w.]*)!)?"
    r"(?P<fc>\$?)(?P<left>[A-Za-z]{1,3})(?P<fr>\$?)(?P<top>[1-9][0-9]{0,6})"
    r"(?::(?P<lc>\$?)(?P<right>[A-Za-z]{1,3})(?P<lr>\$?)(?P<bottom>[1-9][0-9]{0,6}))?"
)


class Reference(NamedTuple):
    """Cells from the top left to the bottom right corner, 0-based; ``sheet`` is empty for the formula's own.

    ``fixed`` holds the dollar signs of left, top, right and bottom as they stand; ``single`` is one cell without ``:``.
    """

    sheet: str
    top: int
    left: int
    bottom: int
    right: int
    fixed: str
    single: bool


@lru_cache(maxsize=100_000)
def reference_of(text: str) -> Reference | None:
    """What a text refers to; None for a name, a whole column or row, and another workbook."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    quoted, plain = match["quoted"], match["plain"]
    sheet = quoted.replace("''", "'") if quoted is not None else plain or ""
    top, left = int(match["top"]) - 1, _column(match["left"])
    fixed = "".join(sign or "-" for sign in (match["fc"], match["fr"], match["lc"] or "", match["lr"] or ""))
    if match["right"] is None:
        return Reference(sheet, top, left, top, left, fixed, True)
    return Reference(sheet, top, left, int(match["bottom"]) - 1, _column(match["right"]), fixed, False)


def same_cells(first: str, second: str) -> bool:
    """Whether two texts refer to the same cells; names are equal without regard to case."""
    one, other = reference_of(first), reference_of(second)
    if one is None or other is None:
        return first.upper() == second.upper()
    one, other = _plain(one), _plain(other)
    return one[1:] == other[1:] and one.sheet.upper() == other.sheet.upper()


def _plain(reference: Reference) -> Reference:
    """A range of one cell as that cell, as some programs spell it."""
    corners = (reference.top, reference.left) == (reference.bottom, reference.right)
    if reference.single or not corners or reference.fixed[:2] != reference.fixed[2:]:
        return reference
    return reference._replace(fixed=f"{reference.fixed[:2]}--", single=True)


def _column(letters: str) -> int:
    number = 0
    for sign in letters.upper():
        number = number * 26 + ord(sign) - 64
    return number - 1
