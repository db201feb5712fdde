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
CHART_ROWS = 15  # that a chart of ordinary height covers


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


@dataclass(slots=True)
class Sheet:
    """One sheet: its cells by (row, column), both 0-based, and how it is shown and printed.

    ``by_case``: a column a case, under the names of the cases. ``sparse_rows``: the rows that may rest on a sparse
    peak, each with the key of the row that says so. ``status_colours``: checks are coloured by their words.
    ``rests_on_nothing``: no input moves it. ``read_back``: its figures are inputs, too, in cells that are locked.
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
    sparse_rows: dict[int, str] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    frozen_rows: int = FIRST_DATA_ROW
    status_colours: bool = False
    rests_on_nothing: bool = False
    read_back: bool = False
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
