"""Candidates: the cases of a budget ranked against each other, those alone that fit and end by the deadline.

The rule of ties: of equal cost or days (equal but for rounding) the one with fewer accelerators stands first. Those
that do not fit, or end too late, stand behind all others.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import quantity

EQUAL = 1e-9
"""Figures are equal that differ by less than this share of them."""


@quantity("count")
def candidate_counts(fits: str, finish_date: Number, deadline: Number) -> int:
    """1 where the case fits its accelerators' memory and ends by the deadline, else 0."""
    return int(fits == "yes" and finish_date <= deadline)


def _place(own: tuple[Number, Number], others: list[tuple[Number, Number]]) -> int:
    """The place of a figure among others, the smallest first; of equal ones the second figure decides."""
    figure, second = own
    before = [
        other
        for other, its in others
        if figure - other > EQUAL * figure or (abs(figure - other) <= EQUAL * figure and its < second)
    ]
    return 1 + len(before)


@quantity("count")
def candidate_rank(
    candidate_counts: int,
    total_cost: Number,
    gpus: Number,
    across_candidate_counts: tuple[int, ...],
    across_total_cost: tuple[Number, ...],
    across_gpus: tuple[Number, ...],
) -> int:
    """Place by total cost; behind all that count for one that does not."""
    there = [
        (cost, count)
        for counts, cost, count in zip(across_candidate_counts, across_total_cost, across_gpus, strict=True)
        if counts
    ]
    return _place((total_cost, gpus), there) if candidate_counts else 1 + len(there)


@quantity("count")
def candidate_rank_by_days(
    candidate_counts: int,
    run_days: Number,
    gpus: Number,
    across_candidate_counts: tuple[int, ...],
    across_run_days: tuple[Number, ...],
    across_gpus: tuple[Number, ...],
) -> int:
    """Place by days; behind all that count for one that does not."""
    there = [
        (days, count)
        for counts, days, count in zip(across_candidate_counts, across_run_days, across_gpus, strict=True)
        if counts
    ]
    return _place((run_days, gpus), there) if candidate_counts else 1 + len(there)
