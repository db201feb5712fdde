"""One sheet as data: its cells, and how it is shown and printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sheetgen.workbook.cells import Cell, ChartPlan, Validation
from sheetgen.workbook.names import FIRST_CASE

LABEL, KEY, UNIT = 0, 1, 2  # the first columns
TITLE_ROW, KIND_ROW, INTRO_ROW, HEADER_ROW = 0, 1, 2, 4
FIRST_DATA_ROW = HEADER_ROW + 1
PIXELS_PER_UNIT = 7  # of column width
GROUPS = ("front", "workings", "technical")
POINTS_PER_PIXEL = 0.75
DEFAULT_HEIGHT = 15.0  # points
CHART_ROWS = 15  # that a chart of ordinary height covers


class Size(NamedTuple):
    """How large a text is: average letters in a unit of column width, and the height of a line [points]."""

    letters: float
    line: float


TEXT, SMALL, HEADLINE = Size(1.1, 12.0), Size(1.35, 11.0), Size(0.86, 15.0)
"""Arial of 9 and 8 points, and bold of 11."""
WRAPPING = {
    **dict.fromkeys(("label", "label_total", "wrapped", "header", "section", "column_head"), TEXT),
    **dict.fromkeys(("note", "source", "words"), SMALL),
    "title_wrapped": HEADLINE,
}
"""The weights of styles whose texts wrap."""


class View(NamedTuple):
    """How a sheet is looked at: what stays in place when it is scrolled, and whether checks are coloured by their
    words."""

    frozen_rows: int = FIRST_DATA_ROW
    frozen_columns: int = FIRST_CASE
    status_colours: bool = False


class PrintSetup(NamedTuple):
    """How a sheet is printed: across or upright, whether on one page, how many columns (0: all before the keys), and on
    how many pages in height at most (0: as many as it needs)."""

    landscape: bool = True
    one_page: bool = False
    columns: int = 0
    tall: int = 0


@dataclass(slots=True)
class Sheet:
    """One sheet: its cells by (row, column), both 0-based, and how it is shown and printed.

    ``by_case``: a column a case, under the names of the cases. ``sparse_rows``: the rows that may rest on a sparse
    peak, each with the key of the row that says so. ``rests_on_nothing``: no input moves it. ``read_back``: its figures
    are inputs, too, in cells that are locked. ``group``: one of :data:`GROUPS`. ``key_column``: where keys stand;
    behind all else they are not printed. ``printed_rows``: so many are printed, 0 for all. ``colour_scales``: first row
    and column, last row and column of figures coloured by size. ``edit_marks`` are rows, and how many cells of
    each, that are coloured where they are not as built.
    """

    name: str
    kind: str
    title: str
    by_case: bool = False
    view: View = field(default_factory=View)
    printed: PrintSetup = field(default_factory=PrintSetup)
    rests_on_nothing: bool = False
    read_back: bool = False
    group: str = GROUPS[0]
    key_column: int = KEY
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    validations: list[Validation] = field(default_factory=list)
    charts: list[ChartPlan] = field(default_factory=list)
    printed_rows: int = 0
    colour_scales: list[tuple[int, int, int, int]] = field(default_factory=list)
    page_breaks: list[int] = field(default_factory=list)
    sparse_rows: dict[int, str] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    key_rows: dict[str, int] = field(default_factory=dict)
    edit_marks: list[tuple[int, int]] = field(default_factory=list)

    def put(self, row: int, column: int, cell: Cell) -> Cell:
        """Place a cell. Raises ValueError where one stands already."""
        if (row, column) in self.cells:
            raise ValueError(f"{self.name}: two cells at row {row + 1}, column {column + 1}")
        self.cells[row, column] = cell
        return cell

    def text(self, row: int, column: int, value: str, style: str = "text") -> None:
        """Place a text constant."""
        self.put(row, column, Cell(style, value))

    def key_at(self, row: int) -> str:
        """The key of a row; empty where it has none."""
        cell = self.cells.get((row, self.key_column))
        return str(cell.value) if cell is not None and cell.style == "key" else ""

    @property
    def last_row(self) -> int:
        """The last row that holds a cell."""
        return max(row for row, _ in self.cells)

    @property
    def last_printed_column(self) -> int:
        """The last column that is printed: keys behind the others, and what stands behind them, are not."""
        if self.printed.columns:
            return self.printed.columns - 1
        return self.last_column if self.key_column == KEY else self.key_column - 1

    @property
    def last_column(self) -> int:
        """The last column that holds a cell."""
        return max(column for _, column in self.cells)

    def pixels(self, first: int, last: int) -> int:
        """The width of some columns, the last among them."""
        return int(sum(self.widths.get(column, 0) for column in range(first, last + 1)) * PIXELS_PER_UNIT)

    def height_of(self, first: int, last: int) -> int:
        """The height of some rows in pixels, the last not among them."""
        return int(sum(self.heights.get(row, DEFAULT_HEIGHT) for row in range(first, last)) / POINTS_PER_PIXEL)

    def wrap(self, row: int, text: str, width: float, size: Size = TEXT) -> None:
        """Make the row high enough for a text that wraps in a column of this width."""
        room = width * size.letters
        lines = _lines(text, room) if len(text) > room else 1
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
