"""Kinds of value that a field of a configuration holds, each a function from what JSON has to what is computed with.

A kind raises :class:`Misfit` where the value is none of its own. Whole numbers may be written as 4096.0, as some tools
save them; ``true`` is no number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

LARGEST = 10**9  # of any one number that is a size
MOST_LAYERS = 2_000  # as in the scenario
_OLD_WORDS = {"attention": "full_attention", "mamba": "linear_attention"}
"""What earlier versions of transformers called a layer."""


class Misfit(Exception):  # noqa: N818 - what a value is, not a failure of ours
    """A value that is not of the kind: what is the matter, and what is allowed."""

    def __init__(self, message: str, allowed: str | None = None) -> None:
        self.message = message
        self.allowed = allowed
        super().__init__(message)


def _whole(value: object, low: int, high: int) -> int:
    allowed = f"a whole number from {low} to {high:,}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Misfit("is not a size", allowed)
    return value


def size(value: object) -> int:
    """A whole number from 1."""
    return _whole(value, 1, LARGEST)


def count(value: object) -> int:
    """A whole number from 0."""
    return _whole(value, 0, LARGEST)


def layers(value: object) -> int:
    """A number of layers, of which each may be looked at."""
    return _whole(value, 1, MOST_LAYERS)


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise Misfit("must be true or false", "true, false")
    return value


def word(value: object) -> str:
    """A word."""
    if not isinstance(value, str):
        raise Misfit("must be a word")
    return value


def words(value: object) -> tuple[str, ...]:
    """A list of words, one a layer."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Misfit("must be a list of words")
    return tuple(_OLD_WORDS.get(str(item), str(item)) for item in value)


def numbers(value: object) -> tuple[int, ...]:
    """A list of whole numbers."""
    if not isinstance(value, list) or not all(isinstance(n, int) and not isinstance(n, bool) for n in value):
        raise Misfit("must be a list of whole numbers")
    return tuple(value)


def indices(value: object) -> tuple[int, ...]:
    """A list of layers, counted from 0."""
    return numbers(value)


def side(value: object) -> int:
    """A side of a square, written once or as a pair of equal numbers."""
    if isinstance(value, list):
        if len(value) != 2 or value[0] != value[1]:
            raise Misfit("is not square, which cannot be expressed", "one side, or two equal ones")
        value = value[0]
    return size(value)


def alike(value: object) -> int:
    """A size of every layer, written once or as a list of equal numbers."""
    if isinstance(value, list) and value:
        if any(item != value[0] for item in value):
            raise Misfit("differs from layer to layer, which cannot be expressed", "one size for all layers")
        value = value[0]
    return count(value)


def entries(value: object) -> int:
    """The number of entries of a mapping."""
    if not isinstance(value, Mapping):
        raise Misfit("must be an object")
    return len(value)


def repeated(value: object) -> tuple[str, ...]:
    """Words a layer as GPT-Neo writes them: ``[[["global", "local"], 12]]`` is the two words twelve times."""
    found: list[str] = []
    for group in value if isinstance(value, list) else [None]:
        pair = group if isinstance(group, Sequence) and len(group) == 2 else ((), 0)
        found += words(pair[0] if isinstance(pair[0], list) else None) * layers(pair[1])
        if len(found) > MOST_LAYERS:
            raise Misfit("has too many layers", f"at most {MOST_LAYERS:,}")
    return tuple(found)


def anything(value: object) -> Any:
    """Whatever it is, to be compared; a list or an object is only known to be there."""
    return value if isinstance(value, int | float | str) else "a list or an object"


KINDS: Mapping[str, Callable[[object], Any]] = {
    kind.__name__: kind
    for kind in (size, count, layers, flag, word, words, numbers, indices, side, alike, entries, repeated, anything)
}
"""Kinds by the name that the table of families gives them."""
A_WORD_A_LAYER = frozenset({"words", "repeated"})
