"""How much of the move of a figure each changed input explains: Shapley's shares, which add up in any order.

The share of an input is what it adds to the figure when it changes, on average over all orders in which the inputs may
change one after the other (Shapley 1953). With n inputs that is a weighted sum over all 2^n sets of changed ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import factorial

MOST_PLAYERS = 14
"""Inputs that are taken one by one: 16,384 sets. More are taken by groups."""

Figures = tuple[float, ...]


def shapley(players: Sequence[str], figures: Callable[[frozenset[str]], Figures]) -> dict[str, Figures]:
    """The share of each player in the move of each figure from the empty set to all of them.

    ``figures`` says what the figures come to when a set of players has changed; it is asked once for each set. Raises
    ValueError for more than :data:`MOST_PLAYERS`.
    """
    count = len(players)
    if count > MOST_PLAYERS:
        raise ValueError(f"{count} players, at most {MOST_PLAYERS}")
    values = [
        figures(frozenset(own for place, own in enumerate(players) if sets >> place & 1)) for sets in range(1 << count)
    ]
    weights = [factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)]
    shares: dict[str, Figures] = {}
    for place, player in enumerate(players):
        bit = 1 << place
        total = [0.0] * len(values[0])
        for sets in range(1 << count):
            if not sets & bit:
                weight = weights[sets.bit_count()]
                for index, (before, after) in enumerate(zip(values[sets], values[sets | bit], strict=True)):
                    total[index] += weight * (after - before)
        shares[player] = tuple(total)
    return shares


def grouped(keys: Sequence[str], group_of: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The keys each by itself, or by groups where they are too many, and as one where the groups are, too."""
    if len(keys) <= MOST_PLAYERS:
        return {key: (key,) for key in keys}
    groups: dict[str, tuple[str, ...]] = {}
    for key in keys:
        name = group_of.get(key, "other inputs")
        groups[name] = (*groups.get(name, ()), key)
    return groups if len(groups) <= MOST_PLAYERS else {"all changed inputs": tuple(keys)}
