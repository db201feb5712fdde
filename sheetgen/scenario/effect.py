"""Figures that nothing reads: a price without a share, a total by no convention, constants of a law not chosen.

Each is asked of all cases together: a figure of the base may count in one of them alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sheetgen.base.inputs import Value, fields
from sheetgen.engine.conventions import CONVENTIONS

LAW = tuple(f"law_{name}" for name in (
    "irreducible_loss", "parameter_scale", "parameter_exponent", "token_scale", "token_exponent",
))  # fmt: skip


class Reader(NamedTuple):
    """What makes figures count: one of ``keys`` is one of ``words``, or above 0 without words; and that in words."""

    figures: tuple[str, ...]
    keys: tuple[str, ...]
    needed: str
    words: tuple[str, ...] = ()

    def reads(self, inputs: Mapping[str, Value]) -> bool:
        """Whether the figures count in a case; they do where it has no such input."""
        values = [inputs[key] for key in self.keys if key in inputs]
        return not values or any(value in self.words if self.words else bool(value) for value in values)


STATED = tuple(name for name, convention in CONVENTIONS.items() if convention.stated)
READERS = (
    Reader(("reserved_price", "commitment_months"), ("reserved_share",), "a reserved_share above 0"),
    Reader(("spot_price", "spot_overhead"), ("spot_share",), "a spot_share above 0"),
    Reader(("packed_mean_square",), ("packed_documents",), "packed_documents above 0"),
    Reader(
        ("published_training_flops",), ("flops_convention", "mfu_convention"),
        "a convention that takes the total that is published", STATED,
    ),
    Reader(
        ("mfu_precision",), ("efficiency_basis",), "a share of the peak: stated_mfu, stated_hfu or kernel_efficiency",
        ("mfu", "hfu", "kernel_efficiency"),
    ),
    Reader(LAW, ("scaling_law",), "scaling_law: typed", ("typed",)),
)  # fmt: skip
"""Figures that count only beside another input."""


def without_effect(cases: Sequence[Mapping[str, Value]]) -> Iterator[tuple[str, str]]:
    """Each figure that is not at its default and counts in no case, and what it needs."""
    for reader in READERS:
        if any(reader.reads(inputs) for inputs in cases):
            continue
        for key in reader.figures:
            spec = fields()[key]
            implied = None if spec.default is None else spec.read(spec.default)
            if any(key in inputs and inputs[key] != implied for inputs in cases):
                yield key, reader.needed
