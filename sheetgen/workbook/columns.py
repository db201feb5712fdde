"""The columns that a sheet has: how wide they are, and what stands at their head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sheetgen.base.templates import TemplateError
from sheetgen.workbook.cells import Cell, Shown
from sheetgen.workbook.formula import Name
from sheetgen.workbook.names import FIRST_CASE, Place
from sheetgen.workbook.sheet import HEADER_ROW
from sheetgen.workbook.template import Entries

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

NAME_MARGIN = 2  # of a column's width, that the name of a case keeps free


class HeadColumn(NamedTuple):
    """One column, or as many alike as ``times`` says; ``cases`` has one a case, headed by its name.

    ``id`` is what a block calls it. Alike ones have the head over the first, and none over the others.
    """

    head: str | None
    width: float
    id: str = ""
    style: str = "header"
    cases: bool = False
    times: int = 1
    least: int = 1
    most: int = 1_000

    def count(self, cases: int) -> int:
        """How many columns it stands for."""
        return max(min(cases, self.most), self.least) if self.cases else self.times


def read_columns(sheet: str, data: Any) -> tuple[HeadColumn, ...]:
    """The columns of a sheet's head. Raises TemplateError for an entry that a column does not have."""
    if not isinstance(data, list):
        raise TemplateError(f"{sheet}: columns is a list")
    found = []
    for item in data:
        entries = Entries(f"{sheet}, a column", item)
        each = entries.take("each")
        if each not in {None, "case"}:
            raise TemplateError(f"{sheet}, a column: each is case, not {each!r}")
        found.append(
            HeadColumn(
                head=entries.take("head"), width=float(entries.take("width", 0)), id=entries.take("id", ""),
                style=entries.take("style", "header"), cases=each is not None, times=entries.take("times", 1),
                least=entries.take("least", 1), most=entries.take("most", 1_000),
            )
        )  # fmt: skip
        entries.end(("width",))
    return tuple(found)


def lay_columns(page: Page, columns: tuple[HeadColumn, ...]) -> None:
    """Give a sheet its columns, and their heads in the row above the first block."""
    sheet, place = page.sheet, 0
    for column in columns:
        count = column.count(page.book.cases)
        if column.id:
            page.columns[column.id] = place
        for number in range(place, place + count):
            sheet.widths[number] = column.width
            if column.head is not None:
                sheet.text(HEADER_ROW, number, column.head if number == place else "", column.style)
        if column.cases and column.head is None:
            case_heads(page, HEADER_ROW, count)
        place += count


def case_heads(page: Page, row: int, count: int) -> None:
    """The names of the first cases as column heads, live from where they are typed."""
    sheet, cells = page.sheet, []
    for index in range(count):
        column = FIRST_CASE + index
        cell = sheet.put(row, column, Cell("header:case", shows=Shown("case_name", index)))
        cells.append((row, column, cell))
        sheet.wrap(row, page.scenario.cases[index].name, sheet.widths[column] - NAME_MARGIN)
    names = page.book.names
    page.copy(Name("case_name"), cells, look_up=lambda name: names.parts(name, sheet.name))


def heads_of_cases(place: Place, count: int) -> list[str]:
    """The addresses of the names of the first cases, given the place of all."""
    columns = range(place.left, place.left + count)
    return [place._replace(left=column, right=column, single=True).text() for column in columns]
