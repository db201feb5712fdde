"""The workbook as data, before it is written: sheets of cells, where each key stands, and what is cited.

``build`` fills in the computed values, ``verify`` compares them. A formula is written in keys, and becomes one with
addresses when all sheets are laid out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sheetgen.scenario.model import fiscal_years
from sheetgen.workbook.addresses import Parts, address, letter
from sheetgen.workbook.cells import Cell, ChartPlan, Series, Shown, Validation
from sheetgen.workbook.formula import Expr, pattern
from sheetgen.workbook.money import MONEY_UNIT, PLAIN, SCALED_SIGN, Scale, money_text, scale_for
from sheetgen.workbook.names import FIRST_CASE, Names, Place
from sheetgen.workbook.sheet import (
    CHART_ROWS,
    HEADER_ROW,
    INTRO_ROW,
    KEY,
    KIND_ROW,
    LABEL,
    PIXELS_PER_UNIT,
    SMALL,
    TEXT,
    TITLE_ROW,
    UNIT,
    Sheet,
)

__all__ = [
    "CHART_ROWS", "FIRST_CASE", "HEADER_ROW", "INTRO_ROW", "KEY", "KIND_ROW", "LABEL", "PIXELS_PER_UNIT", "SMALL",
    "TEXT", "TITLE_ROW", "UNIT", "Book", "Cell", "ChartPlan", "Citation", "Series", "Sheet", "Shown", "Validation",
    "address", "letter",
]  # fmt: skip


class Citation(NamedTuple):
    """A source as the workbook cites it: its number on sheet Sources, the keys that it supports, and the kinds of the
    sheets that cite it."""

    number: int
    short: str
    title: str
    url: str
    supports: list[str]
    kinds: set[str]


class Copies(NamedTuple):
    """A formula and the cells that it is copied to, each with its row and column; ``find`` says what a name means."""

    formula: Expr
    cells: Sequence[tuple[int, int, Cell]]
    find: Callable[[str], Parts]


@dataclass(slots=True)
class Book:
    """The whole plan: sheets in order, and the place of every key, list, table and block.

    ``copies`` are formulas that get their addresses, and ``later`` what else is done, when all sheets are laid out.
    ``kind`` is that of the sheet being laid out. ``scale`` is the unit in which amounts are shown: its size stands in
    the cells ``scale_sizes``, and ``in_money`` are formulas that say it with the currency, each with its text, signs
    in its place; ``whole`` says that the currency has no decimals. ``defined`` are names that a reader finds cells by,
    ``in_KEY`` and ``out_KEY``; no formula uses them.
    """

    cases: int
    months: int = 0
    stages: int = 0
    currency: str = ""
    whole: bool = False
    paper: str = "A4"
    shown: bool = True
    label_of: Callable[[str], str] = str
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    names: Names = field(init=False)
    copies: list[Copies] = field(default_factory=list)
    later: list[Callable[[], None]] = field(default_factory=list)
    kind: str = ""
    in_money: list[tuple[Cell, str]] = field(default_factory=list)
    scale_sizes: list[Cell] = field(default_factory=list)
    defined: dict[str, Place] = field(default_factory=dict)
    scale: Scale = PLAIN
    citations: dict[str, Citation] = field(default_factory=dict)

    @property
    def years(self) -> int:
        """Fiscal years that the timeline may touch."""
        return fiscal_years(self.months)

    @property
    def after_cases(self) -> int:
        """The first column behind the cases."""
        return FIRST_CASE + self.cases

    def ordered(self) -> list[Sheet]:
        """The sheets in workbook order."""
        return list(self.sheets.values())

    def settle(self, key: str) -> None:
        """Choose the unit in which amounts are shown, by the computed row of a key, and say it."""
        place = self.names[key]
        cells = self.sheets[place.sheet].cells
        values = [cells[place.top, column].value for column in range(FIRST_CASE, self.after_cases)]
        self.say_unit(scale_for([float(value) for value in values if isinstance(value, (int, float))]))

    def say_unit(self, scale: Scale) -> None:
        """Say in which unit amounts are shown; once more where another one is chosen."""
        self.scale = scale
        for cell in self.scale_sizes:
            cell.value = scale.size
        place = self.names[MONEY_UNIT]
        said = self.sheets[place.sheet].cells[place.top, place.left]
        for cell, text in ((said, SCALED_SIGN), *self.in_money):
            cell.value = money_text(text, self.currency, f"{self.currency} {scale.word}".strip())

    def listed(self, name: str) -> list[str]:
        """The choices of a dropdown as they stand in the workbook."""
        place = self.names[f"list_{name}"]
        cells = self.sheets[place.sheet].cells
        return [str(cells[row, place.left].value) for row in range(place.top, place.bottom + 1)]

    def cite(self, source: str, key: str) -> str:
        """The numbered citation of a source of ``templates/sources.yaml`` for what ``key`` shows."""
        entry = self.sources[source]
        return self._cited(source, entry["short"], entry["title"], entry["url"], key)

    def cite_any(self, source: str, key: str, url: str = "") -> str:
        """The numbered citation of a source that a template lists, or that is given as a text."""
        return self.cite(source, key) if source in self.sources else self.cite_text(source, key, url)

    def cite_text(self, text: str, key: str, url: str = "") -> str:
        """The numbered citation of a source that is given as a text: of a scenario, an accelerator or a run."""
        return self._cited(f"text:{text}", text, "", url, key)

    def _cited(self, place: str, short: str, title: str, url: str, key: str) -> str:
        known = self.citations.get(place)
        if known is None:
            known = self.citations[place] = Citation(len(self.citations) + 1, short, title, url, [], set())
        known.supports.append(key)
        known.kinds.add(self.kind)
        return f"[{known.number}] {short}"

    def __post_init__(self) -> None:
        self.names = Names(self.cases, self.label_of)

    def render(self) -> None:
        """Give every formula its addresses, now that every name has its place."""
        for formula, cells, find in self.copies:
            copied = pattern(formula, find)
            for row, column, cell in cells:
                cell.formula = copied.at(row, column)
        for action in self.later:
            action()
        self.copies, self.later = [], []
