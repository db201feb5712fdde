"""``waterfall``: what leads from one total to another, with its chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sheetgen.workbook.addresses import Gap, Parts
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.blocks.table_column import tree_of
from sheetgen.workbook.cells import Cell, ChartPlan, Series, Shown, Spot
from sheetgen.workbook.formula import Expr, Name
from sheetgen.workbook.names import FIRST_CASE, Place
from sheetgen.workbook.sheet import CHART_ROWS, LABEL, UNIT

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

MONEY, SIGNED = "calc:money", "calc:signed_money"
BARS = (
    ("base", "Base of the bar", "amount - after", "MIN(before, after)"),
    ("whole", "Whole", "amount", "amount - amount"),
    ("more", "More", "after - amount", "MAX(amount, 0)"),
    ("less", "Less", "whole - amount", "MAX(before - after, 0)"),
)
"""Of each part of a bar: its key, its name, its formula at either end of the bridge, and at a step."""


Local = Mapping[str, Parts | Place]


class Line(NamedTuple):
    """A row: its key, label (or the formula of one), formula and what it is compared with, in the case of a prefix."""

    key: str
    label: str | Expr
    formula: Expr
    shows: Shown | None = None
    case: str | None = None


class _Lines:
    """Titled runs of rows in the first column of figures, one behind the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tops: dict[str, int] = {}

    def put(
        self, title: str, prefix: str, lines: Sequence[Line], style: str, local: Mapping[str, Any] | None = None
    ) -> None:
        """One run of rows; ``local`` says what names mean in it."""
        page, sheet = self.page, self.page.sheet
        page.section(title)
        self.tops[prefix] = page.row
        for line in lines:
            name = f"{prefix}:{line.key}"
            if isinstance(line.label, str):
                sheet.text(page.row, LABEL, line.label, "label")
            else:
                cell = sheet.put(page.row, LABEL, Cell("line:left"))
                page.copy(line.label, [(page.row, LABEL, cell)], local)
            sheet.text(page.row, sheet.key_column, name, "key")
            sheet.key_rows[name] = page.row
            sheet.text(page.row, UNIT, "unit:count" if style.endswith("integer") else "unit:currency", "unit")
            cell = sheet.put(page.row, FIRST_CASE, Cell(style, shows=line.shows))
            page.copy(line.formula, [(page.row, FIRST_CASE, cell)], local, case=line.case)
            page.put_source(page.row, page.book.cite("identity", name))
            page.row += 1

    def column(self, prefix: str, count: int, column: int = FIRST_CASE) -> Place:
        """The cells of a run of rows."""
        top = self.tops[prefix]
        return Place(self.page.sheet.name, top, top + count - 1, column, column)

    def chart(self, title: str, words: str, kind: str, categories: Place, series: Sequence[tuple[str, Place]]) -> None:
        """A chart of some runs of rows."""
        page = self.page
        bars = tuple(Series(name, place.text()) for name, place in series)
        page.sheet.charts.append(ChartPlan(Spot(page.row), title, words, kind, categories.text(), bars, "currency"))
        page.row += CHART_ROWS


class Waterfall(Block):
    """From one total to another, a step a row, and the parts of the columns of a waterfall.

    ``of`` is the key of the totals, ``ends`` and ``to`` the prefixes of the cases whose totals they are, each with its
    label; ``steps`` are keys with their labels, in the case at the end.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        take = self.entries.take
        self.of: str = take("waterfall")
        self.ends: Mapping[str, str] = take("from")
        self.to: Mapping[str, str] = take("to")
        self.steps: Mapping[str, str] = take("steps")
        self.description: str = take("description")
        self.entries.end(("title", "waterfall", "from", "to", "steps", "description"))

    def lay(self, page: Page) -> None:
        lines = _Lines(page)
        start, end = self.ends["case"], self.to["case"]
        first, last = (page.case_of(prefix) for prefix in (start, end))
        compared = page.definitions.compared
        rows = [Line("start", self.ends["label"], Name(self.of), Shown(self.of, first), start)]
        rows += [
            Line(key, text, Name(key), Shown(key, last, compared=compared(key)), end)
            for key, text in self.steps.items()
        ]
        rows.append(Line("end", self.to["label"], Name(self.of), Shown(self.of, last), end))
        ends, count = {0, len(rows) - 1}, len(rows)
        lines.put(self.title, "amount", rows, SIGNED)
        amount = lines.tops["amount"]
        after = page.row + 1
        local: dict[str, Parts | Place] = {"amount": _same(amount, after), "before": _same(after - 1, after)}

        def bars(at_end: str, at_step: str) -> list[Line]:
            trees = (tree_of(self.title, at_end if index in ends else at_step) for index in range(count))
            return [row._replace(formula=tree, shows=None, case=None) for row, tree in zip(rows, trees, strict=True)]

        lines.put("After each step", "after", bars("amount", "before + amount"), MONEY, local)
        series = []
        for name, title, at_end, at_step in BARS:
            top = page.row + 1
            local = {"amount": _same(amount, top), "after": _same(after, top), "before": _same(after - 1, top)}
            local["whole"] = _same(lines.tops.get("whole", top), top)
            lines.put(f"{title}, for the chart", name, bars(at_end, at_step), MONEY, local)
            series.append((title, lines.column(name, count)))
        lines.chart(self.title, self.description, "waterfall", lines.column("amount", count, LABEL), series)


def _same(other: int, top: int) -> Parts:
    """The cell of the first figures in the same place of another run of rows."""
    return ("$D$", Gap(in_column=False, offset=other - top))
