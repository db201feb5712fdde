"""The workbook as data, before it is written: sheets of cells, where each key stands, and what is cited.

``build`` fills in the computed values, ``verify`` compares them. A formula is written in keys, and becomes one with
addresses when all sheets are laid out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sheetgen.base.resources import template_data
from sheetgen.scenario.model import fiscal_years
from sheetgen.workbook.addresses import Parts, Pattern, address, letter
from sheetgen.workbook.cells import Cell, ChartPlan, Series, Shown, Validation
from sheetgen.workbook.formula import Expr, pattern
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

SHEET_ORDER = (
    "About", "Summary", "Inputs", "Cases", "Accelerators", "Choices", "Model", "FLOPs", "Time", "Cost", "Phasing",
    "Inference", "Optimal", "Offers", "RentOrBuy", "Risk", "Actuals", "Scaling", "Sensitivity", "Evidence", "Sources",
    "Checks",
)  # fmt: skip


class Citation(NamedTuple):
    """A source as the workbook cites it: its number on sheet Sources, and the keys that it supports."""

    number: int
    short: str
    title: str
    url: str
    supports: list[str]


class _Old:
    """A way to write into the names for modules that are to go."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def __contains__(self, key: object) -> bool:
        return key in self.names


class _Rows(_Old):
    def __setitem__(self, key: str, place: tuple[str, int]) -> None:
        self.names.add_row(key, *place)

    def __getitem__(self, key: str) -> tuple[str, int]:
        return self.names[key][:2]


class _Cells(_Old):
    def __setitem__(self, key: str, place: tuple[str, int]) -> None:
        self.names[key] = Place.of_cell(*place)

    def __getitem__(self, key: str) -> tuple[str, int]:
        cell = self.names.cell(key)
        assert cell is not None
        return cell[:2]

    def __contains__(self, key: object) -> bool:
        return self.names.cell(str(key)) is not None


class _Ranges(_Old):
    def __setitem__(self, key: str, text: str) -> None:
        sheet, _, cells = text.partition("!")
        first, _, last = cells.partition(":")
        (left, top), (right, bottom) = (_split(part) for part in (first, last or first))
        self.names[key] = Place(sheet, top, bottom, left, right, fixed_columns=cells[0] == "$", single=not last)

    def __getitem__(self, key: str) -> str:
        return self.names[key].text()

    def setdefault(self, key: str, text: str) -> None:
        if key not in self.names:
            self[key] = text


class _Blocks(_Old):
    def __setitem__(self, key: str, place: tuple[str, int, int]) -> None:
        self.names[key] = Place.of_rows(*place)

    def __getitem__(self, key: str) -> tuple[str, int, int]:
        return self.names[key][:3]


def _split(cell: str) -> tuple[int, int]:
    column = 0
    digits = ""
    for sign in cell.replace("$", ""):
        if sign.isdigit():
            digits += sign
        else:
            column = column * 26 + ord(sign) - 64
    return column - 1, int(digits) - 1


class Copies(NamedTuple):
    """A formula and the cells that it is copied to, each with its row and column; ``find`` says what a name means."""

    formula: Expr
    cells: Sequence[tuple[int, int, Cell]]
    find: Callable[[str], Parts]


@dataclass(slots=True)
class Book:
    """The whole plan: sheets in order, and the place of every key, list, table and block.

    ``copies`` are formulas that get their addresses, and ``later`` what else is done, when all sheets are laid out.
    """

    cases: int
    months: int = 0
    currency: str = ""
    quoted: str = ""
    paper: str = "A4"
    shown: bool = True
    label_of: Callable[[str], str] = str
    sheets: dict[str, Sheet] = field(default_factory=dict)
    case_rows: _Rows = field(init=False)
    scalars: _Cells = field(init=False)
    ranges: _Ranges = field(init=False)
    blocks: _Blocks = field(init=False)
    names: Names = field(init=False)
    copies: list[Copies] = field(default_factory=list)
    later: list[Callable[[], None]] = field(default_factory=list)
    patterns: dict[tuple[str, int], tuple[Expr, Pattern]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    citations: dict[str, Citation] = field(default_factory=dict)
    helpers: dict[str, bool] = field(default_factory=dict)

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
        return [self.sheets[name] for name in SHEET_ORDER if name in self.sheets]

    def cite(self, source: str, key: str) -> str:
        """The numbered citation of a source of ``templates/sources.yaml`` for what ``key`` shows."""
        entry = template_data("sources")[source]
        return self._cited(source, entry["short"], entry["title"], entry["url"], key)

    def cite_text(self, text: str, key: str, url: str = "") -> str:
        """The numbered citation of a source that is given as a text: of a scenario, an accelerator or a run."""
        return self._cited(f"text:{text}", text, "", url, key)

    def _cited(self, place: str, short: str, title: str, url: str, key: str) -> str:
        known = self.citations.get(place)
        if known is None:
            known = self.citations[place] = Citation(len(self.citations) + 1, short, title, url, [])
        known.supports.append(key)
        return f"[{known.number}] {short}"

    def __post_init__(self) -> None:
        self.names = Names(self.cases, self.label_of)
        self.case_rows, self.scalars = _Rows(self.names), _Cells(self.names)
        self.ranges, self.blocks = _Ranges(self.names), _Blocks(self.names)

    def render(self) -> None:
        """Give every formula its addresses, now that every name has its place."""
        for formula, cells, find in self.copies:
            copied = pattern(formula, find)
            for row, column, cell in cells:
                cell.formula = copied.at(row, column)
        for action in self.later:
            action()
        self.copies, self.later = [], []

    def excel(self, formula: Expr, sheet: str, column: int, extra: Mapping[str, str] | None = None) -> str:
        """The formula with addresses, for a cell of ``sheet`` in a case's column."""
        if extra:
            own = {name: (text,) for name, text in extra.items()}
            return pattern(formula, lambda name: own.get(name) or self.names.parts(name, sheet)).at(0, column)
        known = self.patterns.get((sheet, id(formula)))
        if known is None:
            found = pattern(formula, lambda name: self.names.parts(name, sheet))
            known = self.patterns[sheet, id(formula)] = (formula, found)
        return known[1].at(0, column)

    def place(self, name: str, sheet: str, column: int) -> str:
        """The address that a name of a formula stands for. Raises KeyError for a name that has no place."""
        return Pattern(self.names.parts(name, sheet)).at(0, column)

    def scalar(self, key: str, sheet: str) -> str:
        """The address of a scenario-wide value itself, absolute, also where sheet Cases repeats it for each case."""
        cell = self.names.cell(key)
        if cell is None:
            raise KeyError(key)
        return cell.text(sheet)

    def across(self, key: str, sheet: str) -> str:
        """The range of a row over all cases, absolute."""
        return self.names.across(key, sheet)

    def chosen_month(self, series: str, number: int, sheet: str) -> str:
        """A formula for the value of a series in its month (year) of this number, in the case put forward."""
        place = self.names[f"series_{series}"]
        row = place.top + number - 1
        cells = Place(place.sheet, row, row, FIRST_CASE, self.after_cases - 1, fixed_rows=False).text(sheet)
        return f"INDEX({cells}, 1, {self.names.number('chosen', sheet)})"

    def chosen(self, key: str, sheet: str) -> str:
        """A formula for the value of a row, or of a scenario-wide input, in the case put forward."""
        return self.names.in_case(key, "chosen", sheet)
