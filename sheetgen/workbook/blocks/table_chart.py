"""A chart below a table, of its columns or of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.blocks.table_names import Grid
from sheetgen.workbook.cells import ChartPlan, Series
from sheetgen.workbook.names import Place
from sheetgen.workbook.sheet import LABEL, UNIT
from sheetgen.workbook.template import Entries

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

ROWS = 17  # that a chart with its margins takes


def draw(page: Page, grid: Grid, data: Mapping[str, Any]) -> None:
    """A chart of the kind that the template says: ``by: columns`` (a series a column) or ``rows``.

    ``along`` is what stands on the horizontal axis of a chart by columns: the ``label`` or the ``unit`` of the records.
    """
    entries = Entries(f"{page.sheet.name}, chart", data)
    title, kind, by = entries.take("title"), entries.take("kind"), entries.take("by", "columns")
    along, axis = entries.take("along", "label"), entries.take("axis")
    entries.end(("title", "kind", "axis"))
    if by not in {"columns", "rows"} or along not in {"label", "unit"}:
        raise entries.error("by is columns or rows, along is label or unit")
    name, first, last = page.sheet.name, grid.placed[0][0], grid.placed[-1][0]
    if by == "columns":
        categories = grid.range(LABEL if along == "label" else UNIT)
        places = [place for place, _ in grid.placed]
        series = [Series(Place(name, grid.head, grid.head, at, at).text(), grid.range(at).text()) for at in places]
    else:
        categories = Place(name, grid.head, grid.head, first, last)
        rows = range(grid.top, grid.last + 1)
        series = [
            Series(Place(name, row, row, LABEL, LABEL).text(), Place(name, row, row, first, last).text())
            for row in rows
        ]
    description = f"{title}, from the table above."
    page.sheet.charts.append(ChartPlan(page.row, title, description, kind, categories.text(), tuple(series), axis))
    page.row += ROWS
