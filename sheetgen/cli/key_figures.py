"""The table that ``estimate`` prints: the key figures in the units that a reader thinks in, narrow for a terminal.

A figure that is not the base's has a star.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sheetgen.api.estimate import Estimate
from sheetgen.base.inputs import Value
from sheetgen.base.tables import figure

COLUMN = 11  # letters of a case
STEPS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


class Scale(NamedTuple):
    """How the figures of a unit are shown: the unit in words, what they are divided by, and with which digits."""

    words: str
    divisor: float
    digits: str


OF_A_UNIT = {
    "FLOP": Scale("", 1.0, ".2e"),
    "FLOP/s/GPU": Scale("TFLOPS", 1e12, ",.1f"),
    "fraction": Scale("%", 0.01, ".1f"),
    "day": Scale("", 1.0, ",.1f"),
}
"""Other figures are shown in millions, billions or trillions, as they come; a price is not scaled."""


def key_figures(result: Estimate, rows: Mapping[str, str]) -> tuple[list[list[str]], list[list[str]]]:
    """The lines of the head, and the rows below it, a column a case behind the labels; ``rows`` are those by key."""
    heads = [textwrap.wrap(name, COLUMN, break_on_hyphens=False) or [""] for name in result.cases]
    height = max(len(lines) for lines in heads)
    head = [["", *(lines[at] if at < len(lines) else "" for lines in heads)] for at in range(height)]
    return head, [
        _row(word, [case[key] for case in result.quantities], result.units[key]) for key, word in rows.items()
    ]


def _row(word: str, values: Sequence[Value], unit: str) -> list[str]:
    """A row: its label with the unit, and each case's figure, starred where it is not the base's."""
    if unit == "date":
        texts, words = [figure(value, unit) for value in values], ""
    else:
        numbers = [float(value) for value in values]
        scale = OF_A_UNIT.get(unit) or _scale(unit, max(abs(number) for number in numbers))
        texts, words = [format(number / scale.divisor, scale.digits) for number in numbers], scale.words
    label = f"{word}, {words}" if words else word
    return [label, *(f"{text} " if text == texts[0] else f"{text}*" for text in texts)]


def _scale(unit: str, largest: float) -> Scale:
    """Millions, billions or trillions, whichever the largest figure reaches; of money with its currency."""
    money = unit.partition("/")[0] if unit[:3].isupper() and unit[:3].isalpha() and unit[3:4] in {"", "/"} else ""
    if money and "/" in unit:
        return Scale(money, 1.0, ",.2f" if largest >= 1 else ",.4f")
    divisor, word = next(((step, word) for step, word in STEPS if largest >= step), (1.0, ""))
    return Scale(f"{money} {word}".strip(), divisor, ",.2f" if divisor > 1 else ",.0f")
