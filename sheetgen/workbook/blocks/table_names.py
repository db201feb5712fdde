"""What a name means in a formula of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sheetgen.workbook.addresses import OWN_COLUMN, OWN_ROW, Gap, Parts, letter
from sheetgen.workbook.blocks.series import SPANS
from sheetgen.workbook.blocks.table_column import TableColumn
from sheetgen.workbook.names import FIRST_CASE, Place
from sheetgen.workbook.sheet import LABEL, UNIT

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page


class Grid:
    """Where the records and columns of a table stand; ``top`` is the first record's row, ``head`` that of the heads."""

    def __init__(self, page: Page, span: str | None, unit_name: str) -> None:
        self.page, self.span, self.unit_name = page, span, unit_name
        self.placed: list[tuple[int, TableColumn]] = []
        self.by_name: dict[str, tuple[int, TableColumn]] = {}
        self.top = self.head = self.count = 0
        self.local: dict[str, Parts | Place] = {}

    @property
    def last(self) -> int:
        """The row of the last record."""
        return self.top + self.count - 1

    def place(self, columns: Sequence[TableColumn], first: int) -> None:
        """Give each column its place: the next one, or the one that it asks for."""
        for column in columns:
            place = first if column.at is None else self.page.columns[column.at]
            self.placed.append((place, column))
            if column.name:
                self.by_name.setdefault(column.name, (place, column))
                self.page.columns.setdefault(column.name, place)
            first = place + 1

    def range(self, place: int, words: str = "") -> Place:
        """The cells of all records in a column."""
        return Place(self.page.sheet.name, self.top, self.last, place, place, words=words)

    def find(self, name: str, *, first: bool = False) -> Parts | Place | None:
        """What a name stands for in any row; in the ``first``, nothing is above. None where it is no name of ours."""
        if name in self.by_name:
            return self._in_row(name, 0)
        if name == self.unit_name:
            return (f"${letter(UNIT)}", OWN_ROW)
        if name == "head":
            return (OWN_COLUMN, f"${self.head + 1}")
        prefix, _, rest = name.partition("_")
        if prefix == "previous" and rest in self.by_name:
            return ("0",) if first else (letter(self.by_name[rest][0]), Gap(in_column=False, offset=-1))
        if name.startswith("source_of_"):
            return self.page.typed_source(name.removeprefix("source_of_"))
        if prefix == "column" and rest in self.by_name:
            return self.range(self.by_name[rest][0])
        if prefix == "sofar" and rest in self.by_name:
            own = letter(self.by_name[rest][0])
            return (f"${own}${self.top + 1}:${own}", OWN_ROW)
        return self._of_series(name) or self._of_other(name)

    def _in_row(self, name: str, offset: int) -> Parts:
        """The cell of a column in the same record's row, which may be that of another table."""
        place, column = self.by_name[name]
        columns, rows = "$" * (column.anchor != ""), "$" * (column.anchor == "both")
        return (f"{columns}{letter(place)}{rows}", Gap(in_column=False, offset=offset))

    def _of_other(self, name: str) -> Parts | None:
        """``same_x_y``: column y of table x, in the row of the same record; ``row_x``: all its columns in that row;
        ``cell_x``: the one in the formula's own column."""
        kind, _, rest = name.partition("_")
        if kind in {"row", "cell"} and rest in self.page.tables:
            other = self.page.tables[rest]
            row = Gap(in_column=False, offset=other.top - self.top)
            if kind == "cell":
                return (OWN_COLUMN, row)
            first, last = (letter(other.placed[end][0]) for end in (0, -1))
            return (f"${first}", row, f":${last}", row)
        for table, other in self.page.tables.items() if kind == "same" else ():
            column = rest.removeprefix(f"{table}_")
            if rest.startswith(f"{table}_") and column in other.by_name:
                return other._in_row(column, other.top - self.top)
        return None

    def _of_series(self, name: str) -> Parts | None:
        """In a table of months or years: the first day of the row, a series in the same month of the case put forward,
        and with ``day_`` before it the first day as that series has it."""
        if self.span is None:
            return None
        if name == SPANS[self.span].label:
            return (f"${letter(LABEL)}", OWN_ROW)
        series = self.page.book.names.get(f"series_{name.removeprefix('day_')}")
        if series is None:
            return None
        row = Gap(in_column=False, offset=series.top - self.top)
        if name.startswith("day_"):
            return (f"{series.sheet}!{letter(LABEL)}", row)
        first, last = letter(FIRST_CASE), letter(self.page.book.after_cases - 1)
        number = self.page.book.names.number("chosen", self.page.sheet.name)
        return (f"INDEX({series.sheet}!${first}", row, f":${last}", row, f", 1, {number})")
