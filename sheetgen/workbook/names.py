"""Where every name of a formula stands: keys, blocks, lists and columns, and what a prefix before a key means."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sheetgen.workbook.addresses import OWN_COLUMN, Part, Parts, Pattern, letter

FIRST_CASE = 3  # the first column of figures: behind label, key and unit
OWN = -1  # stands for the column of the case that a formula is copied to


class Place(NamedTuple):
    """The cells that a name stands for; ``left`` is :data:`OWN` for what each case has in its own column.

    ``fixed_columns`` and ``fixed_rows`` say whether it is written with ``$``; ``single`` is one cell, not a range of
    one. ``words`` is what a reader calls it, where no label says so. ``typed`` is the sheet and row of the one value of
    the workbook that a row repeats for each case.
    """

    sheet: str
    top: int
    bottom: int
    left: int
    right: int
    fixed_columns: bool = True
    fixed_rows: bool = True
    single: bool = False
    words: str = ""
    typed: tuple[str, int] | None = None

    @classmethod
    def of_row(cls, sheet: str, row: int, typed: tuple[str, int] | None = None) -> Place:
        """A row with a figure for each case."""
        return cls(sheet, row, row, OWN, OWN, fixed_columns=False, fixed_rows=False, single=True, typed=typed)

    @classmethod
    def of_rows(cls, sheet: str, top: int, bottom: int, words: str = "") -> Place:
        """Rows of a case as one range, in its own column."""
        return cls(sheet, top, bottom, OWN, OWN, fixed_columns=False, fixed_rows=False, words=words)

    @classmethod
    def of_cell(cls, sheet: str, row: int, column: int = FIRST_CASE) -> Place:
        """One cell for the whole workbook."""
        return cls(sheet, row, row, column, column, single=True)

    @property
    def of_cases(self) -> bool:
        """Whether it is one row with a figure for each case."""
        return self.single and self.left == OWN

    @property
    def is_cell(self) -> bool:
        """Whether it is one cell for the whole workbook."""
        return self.single and self.left != OWN

    def parts(self, sheet: str) -> Parts:
        """Its address in a formula on ``sheet``, with a gap for the column of a case."""
        home = "" if sheet == self.sheet else f"{self.sheet}!"
        columns, rows = "$" * self.fixed_columns, "$" * self.fixed_rows
        left: Part = OWN_COLUMN if self.left == OWN else letter(self.left)
        if self.single:
            return (home + columns, left, f"{rows}{self.top + 1}")
        right: Part = OWN_COLUMN if self.right == OWN else letter(self.right)
        return (home + columns, left, f"{rows}{self.top + 1}:{columns}", right, f"{rows}{self.bottom + 1}")

    def across(self, cases: int) -> Place:
        """The same rows in all cases."""
        return self._replace(left=FIRST_CASE, right=FIRST_CASE + cases - 1, single=False)

    def text(self, sheet: str = "") -> str:
        """Its address as text; with the name of its sheet, unless seen from there."""
        return Pattern(self.parts(sheet)).at(0, 0)


class Prefix(NamedTuple):
    """A word before a key that means the same row in one case: the one that the scenario's ``input`` names.

    The number of the case stands at the key ``number``; ``words`` is what a reader says, with ``{}`` for the label.
    """

    number: str
    word: str
    words: str
    input: str


WORDS = {"across": "{} of all cases", "previous": "{} in the month before", "series": "all of “{}”"}
"""What the other prefixes are in words: a row in all cases, a series in the month before, all months of a series."""


class Names(dict[str, Place]):
    """Every name of the workbook's formulas, and how a name with a prefix is read."""

    def __init__(self, cases: int, label_of: Callable[[str], str]) -> None:
        super().__init__()
        self.cases = cases
        self.label_of = label_of
        self.prefixes: dict[str, Prefix] = {}
        self._seen: dict[tuple[str, str, str | None], Parts] = {}

    def add_row(self, name: str, sheet: str, row: int) -> None:
        """A row that each case has in its own column; where the name has one cell already, the row repeats it."""
        cell = self.cell(name)
        self[name] = Place.of_row(sheet, row, None if cell is None else (cell.sheet, cell.top))

    def extend(self, name: str, place: Place, fixed: str) -> None:
        """Let a name stand for these cells too, beside or below those that it has; ``fixed`` is where ``$`` is written:
        ``both``, ``rows`` or ``none``."""
        known = self.get(name)
        if known is not None:
            top, left = min(known.top, place.top), min(known.left, place.left)
            bottom, right = max(known.bottom, place.bottom), max(known.right, place.right)
            place = known._replace(top=top, left=left, bottom=bottom, right=right)
        self[name] = place._replace(fixed_columns=fixed == "both", fixed_rows=fixed != "none")

    def cell(self, name: str) -> Place | None:
        """The one cell that a name has for the whole workbook, also where a row repeats it for each case."""
        place = self.get(name)
        if place is None or place.is_cell:
            return place
        return None if place.typed is None else Place.of_cell(*place.typed)

    def parts(self, name: str, sheet: str, case: str | None = None) -> Parts:
        """What stands for a name in a formula on a sheet, when every name has its place. Raises KeyError for one that
        has none.

        A row of the cases is the one in the formula's own column; with ``case``, a prefix, that of the case it means.
        """
        found = self._seen.get((name, sheet, case))
        if found is None:
            found = self._seen[name, sheet, case] = self._parts(name, sheet, case)
        return found

    def _parts(self, name: str, sheet: str, case: str | None) -> Parts:
        place = self.get(name)
        if place is not None:
            return (self.in_case(name, case, sheet),) if case is not None and place.of_cases else place.parts(sheet)
        prefix, _, key = name.partition("_")
        return (self.across(key, sheet) if prefix == "across" else self.in_case(key, prefix, sheet),)

    def in_case(self, key: str, prefix: str, sheet: str) -> str:
        """A formula for a key in the case that a prefix speaks of; what has one cell for all cases stands there."""
        cell = self.cell(key)
        if cell is not None:
            return cell.text(sheet)
        return f"INDEX({self.across(key, sheet)}, 1, {self.number(prefix, sheet)})"

    def number(self, prefix: str, sheet: str) -> str:
        """The address of the number of the case that a prefix speaks of."""
        return self[self.prefixes[prefix].number].text(sheet)

    def across(self, key: str, sheet: str) -> str:
        """The range of a row over all cases."""
        return self[key].across(self.cases)._replace(fixed_columns=True, fixed_rows=True).text(sheet)

    def in_words(self, name: str) -> str:
        """What a name is called in words: what its place is called, or its label."""
        place = self.get(name)
        if place is not None and place.words:
            return place.words
        try:
            return self.label_of(name)
        except KeyError:
            prefix, _, key = name.partition("_")
            words = self.prefixes[prefix].words if prefix in self.prefixes else WORDS[prefix]
            return words.format(self.label_of(key))
