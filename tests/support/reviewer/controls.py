"""Negative controls: a copy of a workbook broken in one place, and which checks speak that were silent before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tests.support.edits import PartEdit
from tests.support.package import Book
from tests.support.reviewer import layout

Check = Callable[[Book], list[str]]
_CLEAN: dict[tuple[Path, Check], frozenset[str]] = {}


class Control(NamedTuple):
    """One way to break the workbook: in a sheet (by name) or a part, at the cell of a key or anywhere.

    ``old`` is a regular expression, replaced once by ``new``. ``key`` is a key of column B and a column letter
    (``total_cost D``), or an address.
    """

    check: Check
    where: str
    key: str
    old: str
    new: str
    also: frozenset[str] = frozenset()

    def edit(self, clean: Book) -> tuple[str, PartEdit]:
        """The part to edit and the edit. Raises KeyError for a sheet or key that is not there."""
        sheet = clean.sheet_by_name.get(self.where.lower())
        part = self.where if sheet is None else sheet.part
        pattern = re.compile(self.old, re.DOTALL)
        if not self.key or sheet is None:
            return part, lambda text: pattern.sub(self.new, text, count=1)
        address = self.key
        if " " in self.key:
            key, column = self.key.rsplit(" ", 1)
            address = f"{column}{layout.key_rows(sheet)[key]}"
        cell = re.compile(rf'<c r="{address}"(?:[^>]*/>|[^>]*[^/]>.*?</c>)', re.DOTALL)
        return part, lambda text: cell.sub(lambda match: pattern.sub(self.new, match[0], count=1), text, count=1)

    def __str__(self) -> str:
        return f"{self.check.__name__}-{self.where}-{self.key}".replace(" ", "_")


def fired(checks: Iterable[Check], clean: Book, broken: Book) -> set[str]:
    """The names of the checks that find in the broken copy what they did not find in the clean book.

    What a check finds in the clean book is kept for the next control: it is a session's own and does not change.
    """
    for check in checks:
        if (clean.path, check) not in _CLEAN:
            _CLEAN[clean.path, check] = frozenset(check(clean))
    return {check.__name__ for check in checks if set(check(broken)) - _CLEAN[clean.path, check]}
