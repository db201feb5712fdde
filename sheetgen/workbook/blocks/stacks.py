"""``stacks``: for each case a chart of several series on top of one another, and a line that they should not reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell, ChartPlan, Series, Spot
from sheetgen.workbook.formula import Name
from sheetgen.workbook.names import FIRST_CASE, Place
from sheetgen.workbook.sheet import CHART_ROWS, LABEL

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

MOST_CHARTS = 8
PAIRED = 4
"""From so many cases on two charts stand beside one another."""
SECOND = FIRST_CASE + 1  # the column of the second
WIDTH = 380  # of each, in pixels


class Stacks(Block):
    """The series of ``stacks``, each with its name in the legend, and the series of ``line``, in every case: below the
    name of the case, which is a formula, stands its chart. ``axis`` is the unit that they are shown in."""

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        take = self.entries.take
        self.parts: Mapping[str, str] = take("stacks")
        self.line: Mapping[str, str] = take("line")
        self.axis: str = take("axis")
        self.across: str = take("across")
        self.description: str = take("description")
        self.entries.end(("title", "stacks", "line", "axis", "across", "description"))

    def lay(self, page: Page) -> None:
        page.section(self.title, self.note)
        count = min(page.book.cases, MOST_CHARTS)
        paired = page.book.cases >= PAIRED
        for index in range(count):
            beside = paired and index % 2 == 1
            self._one(page, index, Spot(page.row + 1, SECOND if beside else 0, WIDTH if paired else 0))
            if beside or not paired or index == count - 1:
                page.row += 3 + CHART_ROWS

    def _one(self, page: Page, index: int, spot: Spot) -> None:
        """The chart of a case, below the line with its name."""
        sheet, names = page.sheet, page.book.names
        column = FIRST_CASE + index
        name = sheet.put(page.row, spot.column, Cell("line:left"))
        if not spot.column:
            key = f"{next(iter(self.parts))}:chart:{index + 1}"
            sheet.text(page.row, sheet.key_column, key, "key")
            sheet.key_rows[key] = page.row
        head = names["case_names"]._replace(left=column, right=column, single=True)
        page.copy(Name("case_here"), [(page.row, spot.column, name)], {"case_here": head})

        def series(of: Mapping[str, str]) -> tuple[Series, ...]:
            places = ((words, names[f"series_{key}"]) for key, words in of.items())
            return tuple(Series(words, _in(place, column).text()) for words, place in places)

        stages = next(iter(names[f"series_{key}"] for key in self.parts))
        described = f"{self.description} Case {index + 1}."
        categories = _in(stages, LABEL).text()
        plan = ChartPlan(spot, self.title, described, "column_stacked", categories, series(self.parts), self.axis)
        sheet.charts.append(plan._replace(lines=series(self.line), across=self.across))


def _in(place: Place, column: int) -> Place:
    """The rows of a series in one column."""
    return Place(place.sheet, place.top, place.bottom, column, column)
