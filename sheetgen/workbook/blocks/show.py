"""``show``: rows that stand elsewhere, shown again: of the case put forward, of the cases side by side, or as texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.blocks.series import SPANS, first_days
from sheetgen.workbook.cells import Cell, ChartPlan, Series, Shown, Spot
from sheetgen.workbook.columns import case_heads
from sheetgen.workbook.formula import Binary, Call, Name, Number, Text
from sheetgen.workbook.names import FIRST_CASE, FIXED, LOOSE, Place
from sheetgen.workbook.sheet import LABEL, PIXELS_PER_UNIT, UNIT
from sheetgen.workbook.template import Entries

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

MARGIN = 16  # pixels, beside a chart
CHOSEN = "chosen"


class Show(Block):
    """A row a key. ``over: cases`` has a column a case, of the first ``most``; else the case put forward is shown.
    With ``down: stages`` (months, years) a key is a series, and has a row for each of them.

    ``total`` is the key of the row that stands out. ``zero`` and ``other`` are words beside a figure that is 0, or is
    not; ``texts`` shows the values alone. ``sparse`` is the key of the shown row that says whether figures rest on a
    sparse peak. ``chart`` stands right of one column of figures.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        take = self.entries.take
        self.keys: list[str] = take("show")
        self.over: str | None = take("over")
        if self.over not in {None, "cases"}:
            raise self.entries.error(f"over is cases, not {self.over!r}")
        self.down: str | None = take("down")
        if self.down is not None and not (self.down in SPANS and self.over):
            raise self.entries.error(f"down is one of {', '.join(SPANS)}, over cases")
        self.most: int = take("most", 1_000)
        self.total: str | None = take("total")
        self.words: tuple[str, str] = (take("zero", ""), take("other", ""))
        self.texts: bool = take("texts", False)
        self.sparse: str | None = take("sparse")
        chart = take("chart")
        self.chart = None if chart is None else _CasesChart(Entries(f"{self.entries.where}, chart", chart))
        self.entries.end(("title", "show"))

    def lay(self, page: Page) -> None:
        count = min(page.book.cases, self.most) if self.over else 1
        if self.over:
            title = f"{self.title}: {count} of {page.book.cases} cases" if count < page.book.cases else self.title
            for column, head in ((LABEL, title), (page.sheet.key_column, "Key"), (UNIT, "Unit")):
                page.sheet.text(page.row, column, head, "header")
            page.request_head()
            case_heads(page, page.row, count)
            page.row += 1
        else:
            page.section(self.title)
        if self.chart is not None:
            page.book.later.append(partial(self.chart.draw, page, page.row))
        for key in self.keys:
            if self.down:
                self._series(page, key, count)
                continue
            if self.texts:
                cell = page.sheet.put(page.row, LABEL, Cell("line:left", shows=Shown(key, 0)))
                page.copy(Name(key), [(page.row, LABEL, cell)])
            else:
                self._row(page, key, count)
            page.row += 1

    def _row(self, page: Page, key: str, count: int) -> None:
        """One row: the label that the key has elsewhere, and its figure or figures."""
        sheet, names, definitions = page.sheet, page.book.names, page.definitions
        weight = "total" if key == self.total else "calc"
        name = key if self.over or definitions.once(key) else f"{key}@{CHOSEN}"
        row = definitions.rows.get(key)
        label = (None if row is None else row.label_formula) or definitions.label(key)
        page.label(label, name, definitions.unit(key), total=key == self.total)
        if self.sparse and key in definitions.rows and definitions.rows[key].sparse:
            sheet.sparse_rows[page.row] = self.sparse
        cells = []
        for index in range(count):
            column, case = FIRST_CASE + index, index if self.over else page.chosen
            style = self._style(page, key, case, column)
            shows = Shown(key, case, compared=definitions.compared(key))
            cells.append((page.row, column, sheet.put(page.row, column, Cell(f"{weight}:{style}", shows=shows))))
        if self.over:
            style = self._style(page, key, page.chosen, FIRST_CASE)
            page.request(key, f"{weight}:{style}", key, definitions.compared(key))
        prefix = None if self.over else CHOSEN
        page.copy(Name(key), cells, look_up=lambda name: names.parts(name, sheet.name, prefix))
        if not self.over and not definitions.once(key):
            page.local[key] = Place.of_cell(sheet.name, page.row)
        if any(self.words):
            own = sheet.put(page.row, FIRST_CASE + 1, Cell("note_line:left"))
            amount = Place.of_cell(sheet.name, page.row)._replace(fixed=LOOSE)
            words = Call("IF", (Binary("=", Name("amount"), Number(0)), *(Text(word) for word in self.words)))
            page.copy(words, [(page.row, FIRST_CASE + 1, own)], {"amount": amount})

    def _series(self, page: Page, key: str, count: int) -> None:
        """The figures of a series, one below the other."""
        sheet, definitions = page.sheet, page.definitions
        assert self.down is not None
        length, there = page.count(self.down), page.book.names[f"series_{key}"]
        first_days(page, self.down, length)
        for place in range(length):
            own = f"{key}:{place + 1}"
            sheet.text(page.row, sheet.key_column, own, "key")
            sheet.text(page.row, UNIT, f"unit:{definitions.unit(key)}", "unit")
            sheet.key_rows[own] = page.row
            cells = []
            for column in range(FIRST_CASE, FIRST_CASE + count):
                shows = Shown(own, column - FIRST_CASE, compared=definitions.compared(key))
                cell = sheet.put(page.row, column, Cell(f"calc:{definitions.format(key)}", shows=shows))
                cells.append((page.row, column, cell))
            row = Place.of_rows(there.sheet, there.top + place, there.top + place)
            page.copy(Name("there"), cells, {"there": row})
            page.row += 1

    def _style(self, page: Page, key: str, case: int, column: int) -> str:
        """The number format of a cell; a text stands left, or wraps where it is longer than its column."""
        spec, form = page.definitions.inputs.get(key), page.definitions.format(key)
        if spec is None or spec.is_number:
            return form
        if not self.over:
            return "left"
        text, room = str(page.scenario.inputs(case)[key]), page.sheet.widths[column]
        if len(text) <= room:
            return form
        page.sheet.wrap(page.row, text, room)
        return "wrapped"


class _CasesChart:
    """A chart of one figure of the cases side by side, of the first ``most``."""

    def __init__(self, entries: Entries) -> None:
        self.title: str = entries.take("title")
        self.description: str = entries.take("description")
        self.key: str = entries.take("values")
        self.most: int = entries.take("most", 1_000)
        entries.end(("title", "description", "values"))

    def draw(self, page: Page, row: int) -> None:
        """Put it right of the first column of figures, from a row on."""
        names, first = page.book.names, FIRST_CASE + 1
        count = min(page.book.cases, self.most)
        values, heads = names[self.key].across(count), names["case_names"]
        heads = heads._replace(right=heads.left + count - 1)
        room = sum(width for column, width in page.sheet.widths.items() if column >= first)
        series = Series(self.title, values._replace(fixed=FIXED["both"]).text())
        page.sheet.charts.append(
            ChartPlan(
                Spot(row, first, int(room * PIXELS_PER_UNIT) - MARGIN),
                self.title,
                self.description,
                "column",
                heads.text(),
                (series,),
                page.definitions.unit(self.key),
            )
        )
