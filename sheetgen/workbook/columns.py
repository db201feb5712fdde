"""The columns that a sheet has: how wide they are, and what stands at their head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sheetgen.base.templates import TemplateError
from sheetgen.workbook.cells import Cell, Shown
from sheetgen.workbook.formula import Name
from sheetgen.workbook.names import FIRST_CASE, Place
from sheetgen.workbook.sheet import HEADER_ROW, KEY
from sheetgen.workbook.template import Entries

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

KEYS = "key"  # the id of the column of keys, where it is not the second
NAME_MARGIN = 2  # of a column's width, that the name of a case keeps free


class HeadColumn(NamedTuple):
    """One column, or as many alike as ``times`` says; ``cases`` has one a case, headed by its name.

    ``id`` is what a block calls it. Alike ones have the head over the first, and none over the others. What is not
    ``printed`` stands right of all that is.
    """

    head: str | None
    width: float
    id: str = ""
    style: str = "header"
    cases: bool = False
    times: int = 1
    least: int = 1
    most: int = 1_000
    printed: bool = True

    def count(self, cases: int) -> int:
        """How many columns it stands for."""
        return max(min(cases, self.most), self.least) if self.cases else self.times


KEPT = ("id", "style", "times", "least", "most", "printed")
"""The entries of a column that are kept as they are written."""


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
        kept = {name: entries.take(name, HeadColumn._field_defaults[name]) for name in KEPT}
        found.append(HeadColumn(entries.take("head"), float(entries.take("width", 0)), cases=each is not None, **kept))
        entries.end(("width",))
    return tuple(found)


def lay_columns(page: Page, columns: tuple[HeadColumn, ...]) -> None:
    """Give a sheet its columns, and their heads in the row above the first block."""
    sheet, place = page.sheet, 0
    for column in columns:
        count = column.count(page.book.cases)
        if column.id:
            page.columns[column.id] = place
        if column.id == KEYS:
            sheet.key_column = place
        if not column.printed and sheet.key_column == KEY and not sheet.printed.columns:
            sheet.printed = sheet.printed._replace(columns=place)
        for number in range(place, place + count):
            sheet.widths[number] = column.width
            if column.head is not None:
                sheet.text(
                    HEADER_ROW, number, column.head if number == place or not column.printed else "", column.style
                )
        if column.cases and column.head is None:
            case_heads(page, HEADER_ROW, count)
        place += count


def column_of(columns: tuple[HeadColumn, ...], name: str, cases: int) -> int:
    """The number of a column by its id, on a sheet of so many cases."""
    ids = [column.id for column in columns]
    return sum(column.count(cases) for column in columns[: ids.index(name)])


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
