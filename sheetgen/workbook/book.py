"""The workbook as data, before it is written: sheets of cells, and where each key lives.

A :class:`Cell` is a constant or a formula with its style and, where it shows a quantity, what it shows; ``build`` fills
in the computed value, ``verify`` compares it. A :class:`Book` knows the row of every key, so that a formula written in
keys becomes one with addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sheetgen.base.inputs import Field, Value
from sheetgen.base.resources import template_data
from sheetgen.scenario.model import fiscal_years
from sheetgen.workbook.formula import Expr, to_excel

LABEL, KEY, UNIT, FIRST_CASE = 0, 1, 2, 3
TITLE_ROW, KIND_ROW, INTRO_ROW, HEADER_ROW = 0, 1, 2, 4
PIXELS_PER_UNIT = 7  # of column width
CHART_ROWS = 15  # that a chart of ordinary height covers
CASE_NUMBERS = {"chosen": "chosen_case_number", "reference": "reference_case_number"}
"""By the prefix of a name: the scalar that says in which case its row is read."""
ANY_COLUMN, ANY_LETTER = -1, "\x00"  # a formula is rendered once for all cases, its column filled in after
SHEET_ORDER = (
    "About", "Summary", "Inputs", "Cases", "Accelerators", "Choices", "Model", "FLOPs", "Time", "Cost", "Phasing",
    "Inference", "Optimal", "Offers", "RentOrBuy", "Risk", "Actuals", "Scaling", "Sensitivity", "Evidence", "Sources",
    "Checks",
)  # fmt: skip


class Size(NamedTuple):
    """How large a text is: average letters in a unit of column width, and the height of a line [points]."""

    letters: float
    line: float


TEXT, SMALL, HEADLINE = Size(1.1, 12.0), Size(1.35, 11.0), Size(0.86, 15.0)
"""Arial of 9 and 8 points, and bold of 11."""
WRAPPING = {
    **dict.fromkeys(("label", "label_total", "wrapped", "header", "section"), TEXT),
    **dict.fromkeys(("note", "words", "column_head"), SMALL),
    "title_wrapped": HEADLINE,
}
"""The weights of styles whose texts wrap."""


class Shown(NamedTuple):
    """What a formula cell shows: the quantity ``key`` of a case, with axes of a sensitivity table moved by steps.

    ``at`` are the dimensions at which a share of sheet Scaling stands: of a sequence, or of a whole model.
    """

    key: str
    case: int
    steps: tuple[tuple[str, int], ...] = ()
    at: tuple[tuple[str, float], ...] = ()


@dataclass(slots=True)
class Cell:
    """One cell. ``formula`` has no leading ``=``; ``value`` is then its computed value."""

    style: str
    value: Value | bool | None = None
    formula: str | None = None
    shows: Shown | None = None
    unlocked: bool = False
    link: str | None = None


class Validation(NamedTuple):
    """What may be typed into an input cell: the field's own range, or the range that a dropdown lists."""

    row: int
    column: int
    field: Field
    list_range: str | None


class Series(NamedTuple):
    """One series of a chart: where its name stands (or the name itself), its values, and of a scatter their x."""

    name: str
    values: str
    across: str = ""


class ChartPlan(NamedTuple):
    """A chart below ``row``: of kind ``column``, ``column_stacked``, ``line`` or ``scatter`` (on log axes).

    ``axis`` is the unit of its values; it starts at ``column`` and is ``width`` pixels wide, else as the sheet is.
    """

    row: int
    title: str
    description: str
    kind: str
    categories: str
    series: tuple[Series, ...]
    axis: str
    column: int = 0
    width: int = 0


@dataclass(slots=True)
class Sheet:
    """One sheet: its cells by (row, column), both 0-based, and how it is shown and printed.

    ``by_case``: a column a case, under the names of the cases.
    """

    name: str
    kind: str
    title: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    validations: list[Validation] = field(default_factory=list)
    charts: list[ChartPlan] = field(default_factory=list)
    frozen_columns: int = FIRST_CASE
    by_case: bool = False
    landscape: bool = True
    one_page: bool = False
    page_breaks: list[int] = field(default_factory=list)
    sparse_rows: list[int] = field(default_factory=list)
    key_rows: dict[str, int] = field(default_factory=dict)

    def put(self, row: int, column: int, cell: Cell) -> Cell:
        """Place a cell. Raises ValueError where one stands already."""
        if (row, column) in self.cells:
            raise ValueError(f"{self.name}: two cells at row {row + 1}, column {column + 1}")
        self.cells[row, column] = cell
        return cell

    def text(self, row: int, column: int, value: str, style: str = "text") -> None:
        """Place a text constant."""
        self.put(row, column, Cell(style, value))

    @property
    def last_row(self) -> int:
        """The last row that holds a cell."""
        return max(row for row, _ in self.cells)

    @property
    def last_column(self) -> int:
        """The last column that holds a cell."""
        return max(column for _, column in self.cells)

    def wrap(self, row: int, text: str, width: float, size: Size = TEXT) -> None:
        """Make the row high enough for a text that wraps in a column of this width."""
        lines = _lines(text, width * size.letters)
        if lines > 1:
            self.heights[row] = max(self.heights.get(row, 0), size.line * lines + 3)

    def wrap_texts(self) -> None:
        """Make every row high enough for the text constants in it whose style wraps."""
        for (row, column), cell in self.cells.items():
            weight, _, form = cell.style.partition(":")
            size = WRAPPING.get(weight, TEXT if form == "wrapped" else None)
            if isinstance(cell.value, str) and size is not None:
                self.wrap(row, cell.value, self.widths[column], size)


def _lines(text: str, room: float) -> int:
    """How many lines the text takes in a column, breaking at spaces as spreadsheet programs do."""
    count = 1
    used = 0.0
    for word in text.split(" "):
        length = len(word) + (1 if used else 0)
        if used and used + length > room:
            count, used = count + 1, 0
            length = len(word)
        while length > room:
            count, length = count + 1, length - int(room)
        used += length
    return count


def letter(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    if column == ANY_COLUMN:
        return ANY_LETTER
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def address(row: int, column: int, *, absolute: bool = False) -> str:
    """``D5``, or ``$D$5``."""
    return f"${letter(column)}${row + 1}" if absolute else f"{letter(column)}{row + 1}"


class Citation(NamedTuple):
    """A source as the workbook cites it: its number on sheet Sources, and the keys that it supports."""

    number: int
    short: str
    title: str
    url: str
    supports: list[str]


@dataclass(slots=True)
class Book:
    """The whole plan: sheets in order, and the place of every key, list, table and block."""

    cases: int
    months: int = 0
    currency: str = ""
    quoted: str = ""
    paper: str = "A4"
    shown: bool = True
    sheets: dict[str, Sheet] = field(default_factory=dict)
    case_rows: dict[str, tuple[str, int]] = field(default_factory=dict)
    scalars: dict[str, tuple[str, int]] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    rendered: dict[tuple[str, int], str] = field(default_factory=dict)
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

    def excel(self, formula: Expr, sheet: str, column: int, extra: Mapping[str, str] | None = None) -> str:
        """The formula with addresses, for a cell of ``sheet`` in a case's column."""

        if extra:
            return to_excel(formula, lambda name: extra[name] if name in extra else self.place(name, sheet, column))
        known = self.rendered.get((sheet, id(formula)))
        if known is None:
            known = to_excel(formula, lambda name: self.place(name, sheet, ANY_COLUMN))
            self.rendered[sheet, id(formula)] = known
        return known.replace(ANY_LETTER, letter(column))

    def place(self, name: str, sheet: str, column: int) -> str:
        """The address that a name of a formula stands for. Raises KeyError for a name that has no place."""
        if name in self.case_rows:
            home, row = self.case_rows[name]
            return _on(home, sheet, address(row, column))
        if name in self.scalars:
            return self.scalar(name, sheet)
        if name in self.ranges:
            home, _, cells = self.ranges[name].partition("!")
            return _on(home, sheet, cells)
        prefix, _, key = name.partition("_")
        if prefix == "across":
            return self.across(key, sheet)
        if prefix in CASE_NUMBERS and key in self.case_rows:
            return f"INDEX({self.across(key, sheet)}, 1, {self.scalar(CASE_NUMBERS[prefix], sheet)})"
        home, first, last = self.blocks[name]
        return _on(home, sheet, f"{address(first, column)}:{address(last, column)}")

    def scalar(self, key: str, sheet: str) -> str:
        """The address of a scenario-wide value itself, absolute, also where sheet Cases repeats it for each case."""
        home, row = self.scalars[key]
        return _on(home, sheet, address(row, FIRST_CASE, absolute=True))

    def across(self, key: str, sheet: str) -> str:
        """The range of a row over all cases, absolute."""
        home, row = self.case_rows[key]
        first = address(row, FIRST_CASE, absolute=True)
        last = address(row, self.after_cases - 1, absolute=True)
        return _on(home, sheet, f"{first}:{last}")

    def chosen_month(self, series: str, number: int, sheet: str) -> str:
        """A formula for the value of a series in its month (year) of this number, in the case put forward."""
        home, top, _ = self.blocks[f"series_{series}"]
        first, last = (f"${address(top + number - 1, column)}" for column in (FIRST_CASE, self.after_cases - 1))
        return f"INDEX({_on(home, sheet, f'{first}:{last}')}, 1, {self.scalar('chosen_case_number', sheet)})"

    def chosen(self, key: str, sheet: str) -> str:
        """A formula for the value of a row, or of a scenario-wide input, in the case put forward."""
        if key in self.scalars:
            return self.scalar(key, sheet)
        number = self.scalar("chosen_case_number", sheet)
        return f"INDEX({self.across(key, sheet)}, 1, {number})"


def _on(home: str, sheet: str, cells: str) -> str:
    return cells if home == sheet else f"{home}!{cells}"
