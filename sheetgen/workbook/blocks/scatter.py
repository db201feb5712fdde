"""``scatter``: one column of tables against another on log axes, with the line on which both are equal; or, as
``curves``, a share over a count, the points of each series joined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.addresses import OWN_COLUMN, Part
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell, ChartPlan, Series, Spot
from sheetgen.workbook.formula import Call, Name
from sheetgen.workbook.names import FIRST_CASE, Place
from sheetgen.workbook.template import filled

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

ROWS = 22  # that the chart with its margins takes
ENDS = {"smallest": "MIN", "largest": "MAX"}


class Scatter(Block):
    """A series for each record of ``scatter`` that is as ``where`` says: the ranges ``values`` over ``across``.

    ``key`` begins the keys of the two rows in front that have the ends of the line; with ``curves``, what stands
    along and up, there is no such line.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        take = self.entries.take
        self.of: Any = take("scatter")
        self.where: Mapping[str, Any] = take("where", {})
        self.curves: str = take("curves", "")
        self.key: str = take("key", "") if self.curves else take("key")
        self.series_title: str = take("series_title")
        self.across: str = take("across")
        self.values: str = take("values")
        self.description: str = take("description")
        self.entries.end(("title", "scatter", "series_title", "across", "values", "description"))

    def lay(self, page: Page) -> None:
        page.section(self.title)
        names = page.book.names
        records = [
            record
            for record in page.records(self.of)
            if all(record.get(entry) == want for entry, want in self.where.items())
        ]
        across, values = (
            [names[str(filled(pattern, record))] for record in records] for pattern in (self.across, self.values)
        )
        titles = [str(filled(self.series_title, record)) for record in records]
        series = [Series(title, y.text(), x.text()) for title, x, y in zip(titles, across, values, strict=True)]
        kind, axis = ("curves", self.curves) if self.curves else ("scatter", "")
        if not self.curves:
            series.append(self._equal(page, across))
        plan = ChartPlan(Spot(page.row), self.title, self.description, kind, "", tuple(series), axis)
        page.sheet.charts.append(plan)
        page.row += ROWS

    def _equal(self, page: Page, across: list[Place]) -> Series:
        """The line on which both axes are equal, from the smallest to the largest of what stands across."""
        points: list[Part] = []
        for place in across:
            points += [", "] if points else []
            points += [OWN_COLUMN, f"{place.top + 1}:", OWN_COLUMN, str(place.bottom + 1)]
        top = page.row
        for word, function in ENDS.items():
            page.label(f"The {word} of the chart", f"{self.key}_{word}", "count")
            cells = [
                (page.row, column, page.sheet.put(page.row, column, Cell("calc:scientific")))
                for column in (FIRST_CASE, FIRST_CASE + 1)
            ]
            page.copy(Call(function, (Name("points"),)), cells, {"points": tuple(points)})
            page.row += 1
        line = Place(page.sheet.name, top, top + 1, FIRST_CASE, FIRST_CASE).text()
        return Series("equal", line, line)
