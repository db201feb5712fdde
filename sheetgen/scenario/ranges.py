"""Whether the ranges of MFU and goodput are typed or those of published runs, where a scenario does not say."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.base.inputs import Value

TYPED = "typed"
BASES = {
    "mfu_range": ("risk_mfu_low", "risk_mfu_high"),
    "goodput_range": ("risk_goodput_low", "risk_goodput_high"),
}
"""The input that chooses, and the typed ends of the range."""


def read_ranges(own: Mapping[str, Value]) -> dict[str, Value]:
    """``typed`` for each range of a mapping that gives an end of it and does not say which range counts."""
    return {basis: TYPED for basis, ends in BASES.items() if basis not in own and any(end in own for end in ends)}
