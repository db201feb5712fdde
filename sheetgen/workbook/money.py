"""In which unit amounts are shown on the sheets that an approver reads: one for all, said in their heads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from sheetgen.workbook.formula import Binary, Expr, Name, Text

MILLION = 1e6
SCALED_SIGN, PLAIN_SIGN = "¤", "¤1"  # in a text: the currency with the unit of amounts, and the currency alone
_SIGNS = re.compile(f"({PLAIN_SIGN}|{SCALED_SIGN})")
MONEY_UNIT = "money_unit"  # the key of the row that says the currency with the unit of amounts
_NAMES = {SCALED_SIGN: MONEY_UNIT, PLAIN_SIGN: "currency"}
SCALED = "scaled_money"  # the number format that stands for the unit chosen


class Scale(NamedTuple):
    """A unit of amounts: its size, its word, and the number format that shows an amount in it."""

    size: float
    word: str
    format: str


def _format(plain: str) -> str:
    """With a minus for negative amounts and a dash for none."""
    return f'{plain};-{plain};"–"'


PLAIN = Scale(1, "", _format("#,##0"))
MILLIONS = Scale(MILLION, "million", _format("#,##0.0,,"))
FINE_MILLIONS = Scale(MILLION, "million", _format("#,##0.00,,"))


def scale_for(totals: Sequence[float]) -> Scale:
    """The unit in which totals have three digits or more: millions from one million on, with decimals as needed."""
    largest = max((abs(total) for total in totals), default=0.0)
    if largest < MILLION:
        return PLAIN
    return MILLIONS if largest >= 10 * MILLION else FINE_MILLIONS


def speaks_of_money(text: str) -> bool:
    """Whether a text has a sign in it that stands for the currency."""
    return SCALED_SIGN in text


def money_formula(text: str) -> Expr:
    """The formula of a text with the currency, and the unit of amounts, in the place of their signs."""
    parts: list[Expr] = [Name(_NAMES[part]) if part in _NAMES else Text(part) for part in _SIGNS.split(text) if part]
    return reduce(lambda left, right: Binary("&", left, right), parts[1:], parts[0])


def money_text(text: str, currency: str, unit: str) -> str:
    """What that formula gives: ``unit`` is the currency with the unit of amounts."""
    return text.replace(PLAIN_SIGN, currency).replace(SCALED_SIGN, unit)
