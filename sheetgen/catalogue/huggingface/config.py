"""A ``config.json`` as typed fields: what is missing, of the wrong type or out of range is collected as problems.

The file comes from strangers: it is UTF-8 of a limited size and depth, without duplicate keys and without numbers that
JSON does not know. Nothing in it is followed, fetched or run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem

LIMIT_BYTES = 1_000_000
LIMIT_DEPTH = 40
LARGEST = 10**9  # of any one number that is a size
_ABSENT = object()


def read_json(path: Path) -> tuple[dict[str, Any], str]:
    """The object of a JSON file, and the file's text. Raises InvalidInput where it is no such file."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise InvalidInput([Problem(f"cannot be read: {error.strerror or error}", file)]) from error
    if len(data) > LIMIT_BYTES:
        raise InvalidInput([Problem("is too large", file, allowed=f"at most {LIMIT_BYTES:,} bytes")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput([Problem("is not UTF-8 text", file)]) from error
    _check_depth(text, file)
    try:
        found = json.loads(
            text, object_pairs_hook=lambda pairs: _object(pairs, text, file), parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        raise InvalidInput([Problem(f"is not JSON: {error.msg}", file, error.lineno)]) from error
    except ValueError as error:  # NaN, Infinity, or a whole number of thousands of digits
        raise InvalidInput([Problem(f"holds a number that cannot be used: {str(error)[:80]}", file)]) from error
    if not isinstance(found, dict):
        raise InvalidInput([Problem("must be a JSON object", file, 1)])
    return found, text


def _check_depth(text: str, file: str) -> None:
    """Refuse nesting that no configuration has before the parser recurses into it; brackets in strings count, too."""
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        for letter in line:
            if letter in "[{":
                depth += 1
            elif letter in "]}":
                depth -= 1
            if depth > LIMIT_DEPTH:
                raise InvalidInput([Problem("is nested too deeply", file, number, allowed=f"{LIMIT_DEPTH} levels")])


def _object(pairs: Sequence[tuple[str, Any]], text: str, file: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidInput([Problem("the key stands twice", file, line_of(text, key), key[:80])])
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def line_of(text: str, key: str) -> int:
    """The line on which a key is first written; 1 where it is not."""
    place = text.find(json.dumps(key))
    return 1 if place < 0 else text.count("\n", 0, place) + 1


class Config:
    """The fields of one configuration; mistakes go to ``problems``, and a harmless value stands in for each."""

    def __init__(self, data: Mapping[str, Any], text: str, file: str, problems: list[Problem] | None = None) -> None:
        self.data = data
        self.text = text
        self.file = file
        self.problems: list[Problem] = [] if problems is None else problems
        self.notes: list[str] = []

    def refuse(self, key: str, message: str, given: object = None, allowed: str | None = None) -> None:
        """Add a problem at the line of a key."""
        shown = None if given is None else json.dumps(given)[:80]
        self.problems.append(Problem(message, self.file, line_of(self.text, key), key, shown, allowed))

    def has(self, *keys: str) -> bool:
        """Whether one of the keys is given and not null."""
        return any(self.data.get(key) is not None for key in keys)

    def _given(self, keys: tuple[str, ...]) -> tuple[str, Any]:
        """The first key that is given, and its value; two aliases that differ are a problem."""
        given = [(key, self.data[key]) for key in keys if key in self.data]
        if not given:
            return keys[0], _ABSENT
        for key, value in given[1:]:
            if value is not None and given[0][1] is not None and value != given[0][1]:
                self.refuse(key, f"contradicts {given[0][0]}", value, json.dumps(given[0][1])[:80])
        return next(((key, value) for key, value in given if value is not None), given[0])

    def size(self, *keys: str, default: int | None = None, low: int = 1) -> int:
        """A whole number under one of the keys (aliases); without a default it must be given."""
        key, value = self._given(keys)
        if value is _ABSENT or value is None:
            if default is None:
                problem = "is missing" if value is _ABSENT else "is null"
                self.refuse(key, problem, allowed=f"a whole number from {low}")
                return low
            return default
        return self._whole(key, value, low)

    def _whole(self, key: str, value: object, low: int) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, float) and value.is_integer():
            value, whole = int(value), True
        if not whole or not low <= value <= LARGEST:  # type: ignore[operator]  # a whole number here
            self.refuse(key, "is not a size", value, f"a whole number from {low} to {LARGEST:,}")
            return low
        return int(value)  # type: ignore[call-overload, no-any-return]  # the same

    def optional(self, *keys: str, default: int | None = None, low: int = 0) -> int | None:
        """A whole number or null; ``default`` where no key is given."""
        key, value = self._given(keys)
        if value is _ABSENT:
            return default
        return None if value is None else self._whole(key, value, low)

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.data.get(key, default)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false", value, "true, false")
            return default
        return value

    def sizes(self, key: str, default: int) -> int:
        """A side of a square, written once or as a pair of equal numbers."""
        value = self.data.get(key, default)
        if isinstance(value, list):
            if len(value) == 2 and value[0] == value[1]:
                return self._whole(key, value[0], 1)
            self.refuse(key, "is not square, which cannot be expressed", value, "one side, or two equal ones")
            return 1
        return self._whole(key, value, 1)

    def words(self, key: str) -> list[str] | None:
        """A list of words, or None where it is absent or null."""
        value = self.data.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            self.refuse(key, "must be a list of words", value)
            return None
        return value

    def numbers(self, key: str) -> list[int]:
        """A list of whole numbers; empty where it is absent or null."""
        value = self.data.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(n, int) and not isinstance(n, bool) for n in value):
            self.refuse(key, "must be a list of whole numbers", value)
            return []
        return value

    def must_be(self, key: str, allowed: object, why: str) -> None:
        """A problem where a key is given with another value than the one that can be counted."""
        if key in self.data and self.data[key] is not None and self.data[key] != allowed:
            self.refuse(key, why, self.data[key], json.dumps(allowed))
