"""In which unit amounts are shown on the sheets that an approver reads: one for all, said in their heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MILLION = 1e6
SCALED = "scaled_money"  # the number format that stands for the unit chosen


class Scale(NamedTuple):
    """A unit of amounts: its word, and the number format that shows an amount in it."""

    word: str
    format: str


def _format(plain: str) -> str:
    """With a minus for negative amounts and a dash for none."""
    return f'{plain};-{plain};"–"'


PLAIN = Scale("", _format("#,##0"))
MILLIONS = Scale("million", _format("#,##0.0,,"))
FINE_MILLIONS = Scale("million", _format("#,##0.00,,"))


def scale_for(totals: Sequence[float]) -> Scale:
    """The unit in which totals have three digits or more: millions from one million on, with decimals as needed."""
    largest = max((abs(total) for total in totals), default=0.0)
    if largest < MILLION:
        return PLAIN
    return MILLIONS if largest >= 10 * MILLION else FINE_MILLIONS
