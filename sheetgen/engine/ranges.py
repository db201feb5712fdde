"""Low and high of MFU and goodput as shares of the figures of the budget: typed, or what published runs reached."""

from __future__ import annotations

from typing import Literal

from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import quantity

RangeBasis = Literal["published", "typed"]
LEAST_SHARE = 0.01
"""What a low may be at least, as a share of the budget's figure; a high is at most one over it."""


def _low(basis: RangeBasis, published: Number, own: Number, typed: Number) -> Number:
    """Low, as a share of the budget's figure: never above it, however well published runs did."""
    share = min(1, published / own) if basis == "published" and published > 0 and own > 0 else typed
    return max(share, LEAST_SHARE)


def _high(basis: RangeBasis, published: Number, own: Number, typed: Number) -> Number:
    """High, as a share of the budget's figure: never below it, however badly published runs did."""
    if basis == "published" and published > 0 and own > 0:
        return max(1, min(published / own, 1 / LEAST_SHARE))
    return max(typed, LEAST_SHARE)


ranges = tuple(
    quantity(
        "ratio", "lognormal", key=f"range_{driver}_{end}", basis=f"{driver}_range",
        published=f"published_{driver}_{end}", own=own, typed=f"risk_{driver}_{end}",
    )(_low if end == "low" else _high)
    for driver, own in (("mfu", "mfu_palm"), ("goodput", "effective_goodput"))
    for end in ("low", "high")
)  # fmt: skip
