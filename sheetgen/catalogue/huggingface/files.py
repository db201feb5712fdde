"""A file of a stranger as JSON: UTF-8 of a limited size and depth, without duplicate keys.

Nothing in it is followed, fetched or run. ``NaN`` and ``Infinity``, which Python's json writes, are read as the numbers
they are; where a key is a size they are none.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.files import read_file

LIMIT_BYTES = 8_000_000  # a quantised file lists every module: 3 MB was seen
LIMIT_DEPTH = 40

_BRACKETS = re.compile(r"[\[\]{}]")


def read_json(path: Path) -> tuple[Any, str]:
    """The content of a JSON file, and its text. Raises InvalidInput where it is no such file."""
    file = str(path)
    try:
        data = read_file(path, LIMIT_BYTES)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise InvalidInput([Problem("is too large", file, allowed=f"at most {LIMIT_BYTES:,} bytes")]) from error
        raise InvalidInput([Problem(f"cannot be read: {error.strerror}", file)]) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput([Problem("is not UTF-8 text", file)]) from error
    _check_depth(text, file)
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, text, file)), text
    except json.JSONDecodeError as error:
        raise InvalidInput([Problem(f"is not JSON: {error.msg}", file, error.lineno)]) from error
    except ValueError as error:  # a whole number of thousands of digits
        raise InvalidInput([Problem(f"holds a number that cannot be used: {str(error)[:80]}", file)]) from error


def _check_depth(text: str, file: str) -> None:
    """Refuse nesting that no configuration has before the parser recurses into it; brackets in strings count, too."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += 1 if bracket.group() in "[{" else -1
        if depth > LIMIT_DEPTH:
            line = text.count("\n", 0, bracket.start()) + 1
            raise InvalidInput([Problem("is nested too deeply", file, line, allowed=f"{LIMIT_DEPTH} levels")])


def _object(pairs: Sequence[tuple[str, Any]], text: str, file: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidInput([Problem("the key stands twice", file, line_of(text, key), key[:80])])
        found[key] = value
    return found


def line_of(text: str, key: str) -> int:
    """The line on which a key is first written; 1 where it is not. Of a path, ``a.b``, that of its last key."""
    place = -1
    for part in key.split("."):
        found = text.find(json.dumps(part), place + 1)
        place = found if found >= 0 else place
    return 1 if place < 0 else text.count("\n", 0, place) + 1
