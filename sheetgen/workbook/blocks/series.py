"""``series``: one figure for every month of the timeline, or every fiscal year; time down the rows, cases across.

The first day of a row's month (year) is a formula in the label column; each case's cell of a row is the same formula,
in which a series by name is its figure in the row's own month and ``previous_`` before it that of the month before.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sheetgen.workbook.addresses import OWN_COLUMN, OWN_ROW, Gap, Parts, letter
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell, ChartPlan, Series, Shown, Spot
from sheetgen.workbook.formula import parse, to_words
from sheetgen.workbook.names import FIRST_CASE, Place
from sheetgen.workbook.sheet import CHART_ROWS, LABEL, SMALL, UNIT
from sheetgen.workbook.template import Row, read_row

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

MAX_LINES = 8  # of a chart


class Span(NamedTuple):
    """What runs down: what all rows and a row's own first day or number are called, also in words, where it starts, how
    the next follows from the one ``above``, how it looks, and its unit."""

    key: str
    label: str
    words: tuple[str, str]
    start: str
    after: str
    form: str
    unit: str = "date"


SPANS = {
    "months": Span(
        "months", "month", ("first day of this month", "first days of the months"), "first_month",
        "EDATE(above, 1)", "month",
    ),
    "years": Span(
        "years", "year", ("first day of this fiscal year", "first days of the years"), "first_fiscal_year",
        "EDATE(above, months_per_year)", "fiscal_year",
    ),
    "stages": Span(
        "stages", "stage", ("number of this stage", "numbers of the stages"), "1", "above + 1", "integer", "count"
    ),
}  # fmt: skip


def first_days(page: Page, kind: str, count: int) -> None:
    """The first day of each month (year) in the label column, from the page's row on."""
    span, top = SPANS[kind], page.row
    form = f"axis:{span.form}"
    days = [(row, LABEL, page.sheet.put(row, LABEL, Cell(form))) for row in range(top, top + count)]
    above = (letter(LABEL), Gap(in_column=False, offset=-1))
    page.copy(parse(span.start), days[:1])
    page.copy(parse(span.after), days[1:], {"above": above})


class SeriesBlock(Block):
    """The one row of a section stands for as many as there are months or years, with a chart of it or without."""

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.kind: str = self.entries.take("series")
        if self.kind not in SPANS:
            raise self.entries.error(f"series is one of {', '.join(SPANS)}")
        self.chart: Mapping[str, str] | None = self.entries.take("chart")
        lines = self.entries.take("rows", [])
        if len(lines) != 1:
            raise self.entries.error("a series has one row")
        self.row = read_row(home.name, lines[0], {"label": self.title})
        self.entries.end(("title", "rows"))

    def series(self) -> Iterator[Row]:
        yield self.row

    def defines(self, lists: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002 - of every block
        own = dict.fromkeys((f"series_{self.row.key}", f"previous_{self.row.key}"), self.row.unit)
        return {self.kind: SPANS[self.kind].unit, **own}

    def lay(self, page: Page) -> None:
        page.section(self.title, self.note)
        sheet, names, span = page.sheet, page.book.names, SPANS[self.kind]
        count, top = page.count(self.kind), page.row
        last = top + count - 1
        names.setdefault(self.kind, Place(sheet.name, top, last, LABEL, LABEL, words=span.words[1]))
        names[f"series_{self.row.key}"] = Place.of_rows(sheet.name, top, last)
        first_days(page, self.kind, count)
        cells: list[tuple[int, int, Cell]] = []
        source = page.cite(self.row)
        for offset in range(count):
            row, key = top + offset, f"{self.row.key}:{offset + 1}"
            sheet.text(row, sheet.key_column, key, "key")
            sheet.text(row, UNIT, f"unit:{self.row.unit}", "unit")
            sheet.key_rows[key] = row
            page.put_source(row, source)
            for index in range(page.book.cases):
                shows = None if self.row.helper else Shown(key, index, compared=self.row.compared)
                cell = sheet.put(row, FIRST_CASE + index, Cell(f"calc:{self.row.format}", shows=shows))
                cells.append((row, FIRST_CASE + index, cell))
        cases = page.book.cases
        page.copy(self.row.formula, cells[:cases], look_up=partial(self._place, page, top, True))
        page.copy(self.row.formula, cells[cases:], look_up=partial(self._place, page, top, False))
        if page.book.shown:
            page.book.later.append(partial(self._words, page, top, last))
        page.row, page.last_row = last + 1, last
        if self.chart is not None:
            self._chart(page, top, last)

    def _place(self, page: Page, top: int, first: bool, name: str) -> Parts | None:
        """What a name stands for in any row: a gap for the row of its month. In the first, nothing is before."""
        names = page.book.names
        series = name.removeprefix("previous_")
        if name == SPANS[self.kind].label:
            return (f"${letter(LABEL)}", OWN_ROW)
        if series in page.definitions.series:
            if first and name != series:
                return ("0",)
            place = names[f"series_{series}"]
            column: Parts = (OWN_COLUMN,) if place.sheet == page.sheet.name else (f"{place.sheet}!", OWN_COLUMN)
            return (*column, Gap(in_column=False, offset=place.top - top - (name != series)))
        if name.startswith("series_"):
            return names[name].with_fixed_rows.parts(page.sheet.name)
        return None

    def _words(self, page: Page, top: int, last: int) -> None:
        """The formula in words, a line beside each row, so that no row grows for it; what is left over in the last."""
        column, span = page.columns["words"], SPANS[self.kind]
        own = {span.label: span.words[0]}
        width = int(page.sheet.widths[column] * SMALL.letters) - 2
        text = to_words(self.row.formula, lambda name: own.get(name) or page.book.names.in_words(name))
        lines = textwrap.wrap(text, width)
        room = last - top + 1
        lines = [*lines[: room - 1], " ".join(lines[room - 1 :])] if len(lines) > room else lines
        for row, line in enumerate(lines, start=top):
            page.sheet.text(row, column, line, "words")

    def _chart(self, page: Page, top: int, last: int) -> None:
        """A line for each case below the rows."""
        assert self.chart is not None
        sheet, heads = page.sheet, page.book.names["case_names"]
        lines = [
            Series(
                heads._replace(left=column, right=column, single=True).text(),
                Place(sheet.name, top, last, column, column).text(),
            )
            for column in range(FIRST_CASE, page.book.after_cases)
        ]
        days = Place(sheet.name, top, last, LABEL, LABEL).text()
        sheet.charts.append(
            ChartPlan(
                Spot(page.row), self.chart["title"], self.chart["description"], "line_time", days,
                tuple(lines[:MAX_LINES]), self.row.unit,
            )
        )  # fmt: skip
        page.row += 1 + CHART_ROWS
