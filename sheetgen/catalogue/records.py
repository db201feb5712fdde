"""One record of a table as texts with their lines, and the rules that every record obeys.

A row of ``accelerators.csv`` or of a table of published runs and a file of ``models/`` are read into the same shape,
so that a mistake is worded the same in all. What is wrong in a record is added to its ``problems`` and the reading goes
on.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices, shorten

if TYPE_CHECKING:
    from sheetgen.base.inputs import Field, Value

MAX_KEY_CHARACTERS = 40
MAX_TEXT_CHARACTERS = 500
MAX_FILE_BYTES = 1_000_000
MAX_PROBLEMS = 50
MAX_NUMBER = 1e30  # of a published run: FLOPs, tokens, parameters
MAX_FIGURE = 1e9  # GB, GB/s, W, TFLOPS: a thousand times beyond any rack, and far from overflow in FLOP/s

KEY_SYNTAX = re.compile(r"[a-z0-9][a-z0-9.-]*")
KEY_RULE = f"lower-case letters, digits, '.' and '-', at most {MAX_KEY_CHARACTERS} characters"
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
PLAIN_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
URL = re.compile(r"https?://[^\s/]+\.[^\s/]+(/\S*)?")
T = TypeVar("T")


@dataclass(slots=True)
class Record:
    """The texts of a record by key; ``lines`` has the line (1-based) of each key, ``line`` that of all."""

    file: str
    line: int
    texts: Mapping[str, str]
    problems: list[Problem]
    lines: Mapping[str, int] = field(default_factory=dict)

    def problem(self, key: str | None, message: str, *, given: str | None = None, allowed: str | None = None) -> None:
        """Adds a problem at the line of the key."""
        line = self.line if key is None else self.lines.get(key, self.line)
        self.problems.append(Problem(message, self.file, line, key=key, given=given, allowed=allowed))

    def text(self, key: str, *, required: bool = False) -> str:
        """The text of a key without outer blanks, or an empty string; ``=...`` is text like any other."""
        value = self.texts.get(key, "").strip()
        if not value and required:
            self.problem(key, "missing")
        elif len(value) > MAX_TEXT_CHARACTERS:
            self.problem(key, "the text is too long", given=value, allowed=f"at most {MAX_TEXT_CHARACTERS} characters")
        elif CONTROL.search(value):
            self.problem(key, "line breaks and control characters are not allowed", given=value)
        return value

    def url(self, key: str) -> str:
        """The web address of a key, or an empty string."""
        value = self.text(key)
        if value and not URL.fullmatch(value):
            self.problem(key, "not a web address", given=value, allowed="https://... or http://...")
        return value

    def figure(self, key: str) -> float | None:
        """The number of a key, above 0 and at most ``MAX_FIGURE``; ``None`` if it is empty or refused."""
        text = self.texts.get(key, "").strip()
        number = self._number(key, text) if text else None
        if number is None or 0 < number <= MAX_FIGURE:
            return number
        self.problem(
            key,
            "out of range",
            given=text,
            allowed=f"above 0 and at most {MAX_FIGURE:.0e}, or empty where nothing is published",
        )
        return None

    def whole(self, key: str, *, low: int, high: int, required: bool = False) -> int | None:
        """The whole number of a key, from ``low`` to ``high``; ``None`` if it is empty or was refused."""
        text = self.texts.get(key, "").strip()
        if not text:
            if required:
                self.problem(key, "missing", allowed=f"a whole number from {low:,} to {high:,}")
            return None
        number = self._number(key, text)
        if number is None:
            return None
        if number != int(number) or not low <= number <= high:
            self.problem(key, "out of range", given=text, allowed=f"a whole number from {low:,} to {high:,}")
            return None
        return int(number)

    def value(self, spec: Field) -> Value | None:
        """The value of an input's key within its bounds and choices; ``None`` if it was refused."""
        text = self.texts.get(spec.key)
        try:
            if text is None:
                raise ValueError("is missing")
            return spec.value(text.strip())
        except ValueError as error:
            self.problem(spec.key, str(error), given=text or None, allowed=spec.allowed_of())
            return None

    def number(self, key: str) -> float | int:
        """The number of a key from 0 on, an int where it is whole; 0 if it is empty or was refused."""
        text = self.texts.get(key, "").strip()
        number = self._number(key, text) if text else None
        if number is not None and not 0 <= number <= MAX_NUMBER:
            self.problem(key, "out of range", given=text, allowed=f"from 0 to {MAX_NUMBER:.0e}")
        if number is None or not 0 <= number <= MAX_NUMBER:
            return 0
        from sheetgen.base.numbers import MAX_EXACT_INT  # as in _number

        return int(number) if number == int(number) and number < MAX_EXACT_INT else number

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        """The text of a key that must be one of the allowed words."""
        words = list(allowed)
        value = self.texts.get(key, "").strip()
        if not value:
            self.problem(key, "missing", allowed=list_choices(words))
        elif value not in words:
            self.problem(key, f"unknown value{did_you_mean(value, words)}", given=value, allowed=list_choices(words))
        return value

    def _number(self, key: str, text: str) -> float | None:
        if PLAIN_NUMBER.fullmatch(text):
            return float(text)
        # Only for what is not plain digits: the exact arithmetic would double the time of a start.
        from sheetgen.base.numbers import parse_number

        try:
            return parse_number(text)
        except ValueError as error:
            self.problem(key, str(error))
            return None


def key_problem(key: str, file: str, line: int | None) -> Problem | None:
    """The problem with a key that is not made of ``KEY_SYNTAX`` or is longer than ``MAX_KEY_CHARACTERS``."""
    if KEY_SYNTAX.fullmatch(key) and len(key) <= MAX_KEY_CHARACTERS:
        return None
    return Problem("not a valid key", file, line, key="key", given=key, allowed=KEY_RULE)


def unknown_keys(given: Mapping[str, int], allowed: Iterable[str], file: str, kind: str = "key") -> list[Problem]:
    """A problem for each key (with its line) that is not allowed, naming the allowed key closest to it."""
    names = list(allowed)
    unknown = (key for key in given if key not in names)
    return [
        Problem(f"unknown {kind}{did_you_mean(key, names)}", file, given[key], key=shorten(key) or "(empty)")
        for key in islice(unknown, MAX_PROBLEMS)
    ]


def read_text(path: Path) -> str:
    """The text of a regular UTF-8 file (a byte order mark is dropped) of at most ``MAX_FILE_BYTES`` bytes.

    Raises :class:`InvalidInput` for anything else; the size is checked before the file is opened.
    """
    file = str(path)
    try:
        if not path.is_file():
            kind = "a directory" if path.is_dir() else "not a regular file"
            raise InvalidInput([Problem(f"expected a file, but this is {kind}", file)])
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            given, allowed = f"{size:,} bytes", f"at most {MAX_FILE_BYTES:,} bytes"
            raise InvalidInput([Problem("the file is too large", file, given=given, allowed=allowed)])
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput([Problem(f"cannot read the file: {error.strerror}", file)]) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        given = f"byte 0x{data[error.start]:02x}"
        raise InvalidInput(
            [Problem("the file is not UTF-8 text; save it as UTF-8", file, line, given=given)]
        ) from error


def read_keyed(
    path: Path, columns: Iterable[str], required: Iterable[str], make: Callable[[Record], T]
) -> dict[str, T]:
    """What ``make`` makes of each row of a CSV file, by its column ``key``, in the order of the file.

    Raises :class:`InvalidInput` with a problem per mistake, each with file, line and column; after ``MAX_PROBLEMS`` the
    rest of the file is not read.
    """
    file, problems = str(path), list[Problem]()
    found: dict[str, T] = {}
    lines: dict[str, int] = {}
    for record in read_records(read_text(path), file, columns, required, problems):
        if len(problems) > MAX_PROBLEMS:
            message = f"more than {MAX_PROBLEMS} mistakes: the rest of the file was not read"
            problems.append(Problem(message, file, record.line))
            break
        made, key = make(record), record.texts["key"].strip()
        if key in lines:
            record.problem("key", f"duplicate key: already on line {lines[key]}", given=key)
        elif key:
            lines[key] = record.line
            found[key] = made
    if problems:
        raise InvalidInput(problems)
    return found


def read_records(
    text: str, file: str, columns: Iterable[str], required: Iterable[str], problems: list[Problem]
) -> Iterator[Record]:
    """The rows of a CSV text as records; stops where the header or the quoting cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        if wrong := _header_problems(header, file, list(columns), required):
            problems += wrong
            return
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) not in (0, len(header)):
                given, allowed = f"{len(cells)} cells", f"{len(header)} cells, as in the header"
                problems.append(Problem("wrong number of cells", file, line, given=given, allowed=allowed))
            elif any(cells):
                yield Record(file, line, dict(zip(header, cells, strict=True)), problems)
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(f"not valid CSV: {error}", file, line))


def _header_problems(header: list[str], file: str, columns: list[str], required: Iterable[str]) -> list[Problem]:
    if not any(header):
        return [Problem("no header row", file, 1, allowed=f"a row of columns: {', '.join(columns)}")]
    counts = Counter(header)
    problems = unknown_keys(dict.fromkeys(counts, 1), columns, file, "column")
    problems += [Problem("duplicate column", file, 1, key=name) for name in columns if counts[name] > 1]
    problems += [Problem("missing column", file, 1, key=name) for name in required if name not in counts]
    return problems
