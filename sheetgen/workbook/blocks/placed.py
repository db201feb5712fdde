"""``cells``: rows of cells placed one by one, for a page that is read and not looked up in: tiles, sentences, lists.

A row says its cells from left to right: ``at`` is the column's letter, then ``text``, a ``formula`` in keys, or
``show`` for the figure of a key; with ``each`` it is repeated for the entries of a list, with ``over: cases`` for the
cases, whose figures are called ``case_KEY``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.addresses import OWN_ROW, Gap, Parts, letter
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.blocks.table_column import tree_of
from sheetgen.workbook.cells import Cell, ChartPlan, Compared, Series, Shown, Spot
from sheetgen.workbook.names import FIRST_CASE, FIXED, Place
from sheetgen.workbook.sheet import LABEL
from sheetgen.workbook.template import Entries, filled

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

MARGIN = 8  # pixels, that a chart keeps free of its rows


def _column(text: str) -> int:
    """0 for ``A``."""
    return ord(text) - ord("A")


class Placed(Block):
    """Rows of cells, below a title or from row ``top`` on.

    ``heads`` stand in a row below the title, or ``beside`` it. ``chart`` stands beside the rows, from the column ``at``
    on.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        take = self.entries.take
        self.lines: list[Mapping[str, Any]] = take("cells")
        self.top: int | None = take("top")
        self.space: int = take("space", 0)
        self.heads: list[Mapping[str, Any]] = take("heads", [])
        self.beside: bool = take("beside", False)
        self.chart: Mapping[str, Any] | None = take("chart")
        self.entries.end(("cells",))

    def lay(self, page: Page) -> None:
        if self.top is not None:
            page.row = self.top - 1
        first = page.row
        if self.title:
            headed = {_column(head["at"]) for head in self.heads} if self.beside else set()
            for column in range(page.sheet.key_column):
                if column not in headed:
                    page.said(column, self.title if column == LABEL else "", "section_line")
            page.row += 0 if self.beside else 1
        if self.heads:
            self._row(page, {"cells": self.heads}, {}, None)
        for line in self.lines:
            if line.get("sheet") in {None, *page.scenario.sheets}:
                for record, case in self._records(page, line):
                    self._row(page, line, record, case)
                if "further" in line and page.book.cases > line.get("most", 1_000):
                    page.sheet.text(page.row, LABEL, line["further"], "note_line:left")
                    page.row += 1
        if self.chart is not None:
            page.book.later.append(partial(self._draw, page, self.chart, first + 1))
            page.row = max(page.row, first + 1 + int(self.chart["rows"]))
        page.leave(self.space)

    def _records(self, page: Page, line: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], int | None]]:
        """What a row is repeated for, each with the case that it speaks of."""
        if line.get("over") == "cases":
            for index in range(min(page.book.cases, line.get("most", 1_000))):
                yield {"number": index + 1, "index": index}, index
        else:
            for record in page.records(line["each"]) if "each" in line else [{}]:
                yield record, None

    def _row(self, page: Page, line: Mapping[str, Any], record: Mapping[str, Any], case: int | None) -> None:
        """One row of cells."""
        entries = Entries(self.entries.where, line)
        key, height = filled(entries.take("key"), record), entries.take("height")
        cells = entries.take("cells")
        for name in ("each", "over", "most", "further", "sheet"):
            entries.take(name)
        entries.end()
        if key is not None:
            page.sheet.text(page.row, page.sheet.key_column, str(key), "key")
            page.sheet.key_rows[str(key)] = page.row
        if height is not None:
            page.sheet.heights[page.row] = height
        for data in cells:
            self._cell(page, data, record, case)
        page.row += 1

    def _cell(self, page: Page, data: Mapping[str, Any], record: Mapping[str, Any], case: int | None) -> None:
        """One cell: a text, a formula, or the figure of a key."""
        entries = Entries(f"{self.entries.where}, column {data.get('at')}", data)
        place, style = _column(entries.take("at")), entries.take("style", "line")
        text, formula, key = (filled(entries.take(name), record) for name in ("text", "formula", "show"))
        shows, compared = entries.take("shows", key), Compared(difference_of=entries.take("difference_of", ""))
        name, headline = filled(entries.take("range"), record), entries.take("headline", False)
        entries.end(("at",))
        if name is not None:
            own = Place(page.sheet.name, page.row, page.row, place, place)
            page.book.names.extend(str(name), own, "both")
        if formula is None and key is None:
            if text is not None:
                page.said(place, text, style)
            return
        definitions = page.definitions
        if key is not None:
            compared = definitions.compared(key)
        style = style.replace("{format}", definitions.format(key) if key is not None else "left")
        shown = None if shows is None else Shown(str(filled(shows, record)), page.chosen, compared=compared)
        if case is not None and shown is not None:
            shown = shown._replace(case=case)
        cell = page.sheet.put(page.row, place, Cell(style, shows=shown))
        if headline:
            page.book.defined[f"out_{key}"] = Place.of_cell(page.sheet.name, page.row, place)
        where = [(page.row, place, cell)]
        page.copy(tree_of(self.title, str(formula or key)), where, look_up=partial(self._find, page, case))

    def _find(self, page: Page, case: int | None, name: str) -> Parts | Place | None:
        """``case_KEY``: the figure of the row's own case; ``at_B`` the cell in column B of the row, ``above_B`` the one
        above that, ``down_B`` all above it from the first row of the section on."""
        prefix, _, rest = name.partition("_")
        if prefix == "case" and case is not None and rest != "names":
            known = page.book.names.get("case_names" if rest == "name" else rest)
            if known is None:
                return None
            return known if known.is_cell else Place.of_cell(known.sheet, known.top, FIRST_CASE + case)
        if prefix in {"at", "above"} and len(rest) == 1:
            return (f"${letter(_column(rest))}", OWN_ROW if prefix == "at" else Gap(in_column=False, offset=-1))
        return None

    def _draw(self, page: Page, data: Mapping[str, Any], row: int) -> None:
        """A chart of ranges that are named elsewhere, beside the rows."""
        entries = Entries(f"{self.entries.where}, chart", data)
        title, kind, axis = entries.take("title"), entries.take("kind"), entries.take("axis")
        at, to, rows = _column(entries.take("at")), _column(entries.take("to")), entries.take("rows")
        description, across, series = (entries.take(name) for name in ("description", "categories", "series"))
        entries.end()
        names = page.book.names

        def cells(name: str) -> str:
            place = names[name]
            place = place.across(page.book.cases) if place.of_cases else place
            return place._replace(fixed=FIXED["both"]).text()

        width, height = page.sheet.pixels(at, to) - MARGIN, page.sheet.height_of(row, row + rows) - MARGIN
        page.sheet.charts.append(
            ChartPlan(
                Spot(row, at, width, height), title, description, kind, cells(across),
                tuple(Series(text, cells(name)) for text, name in series.items()), axis,
            )
        )  # fmt: skip
