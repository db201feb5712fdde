"""``mirror``: the first tables of two axes that stand on another sheet, shown again without plumbing, coloured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell
from sheetgen.workbook.formula import Name
from sheetgen.workbook.money import SCALED, SCALED_SIGN
from sheetgen.workbook.names import Place

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page


class Mirror(Block):
    """Of each of the first ``most`` records of ``mirror`` the axes and figures, from the second column on."""

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        take = self.entries.take
        self.of: str = take("mirror")
        self.most: int = take("most", 1)
        self.entries.end(("title", "mirror"))

    def lay(self, page: Page) -> None:
        for record in page.records(self.of)[: self.most]:
            self._one(page, record)
            page.row += 1

    def _one(self, page: Page, record: Mapping[str, Any]) -> None:
        """One table: the axis across in its first row, the axis down in its first column."""
        sheet, place = page.sheet, page.book.names[f"grid_{record['key']}"]
        money = page.definitions.unit(str(record["output"])) == "currency"
        title = self.title.format_map({**record, "unit": SCALED_SIGN if money else ""}).replace(", :", ":")
        for column in range(sheet.key_column):
            page.said(column, "" if column else title, "section_line")
        page.row += 1
        there = page.book.sheets[place.sheet]
        top, left = page.row, 0
        for row in range(place.top, place.bottom + 1):
            key = f"{record['key']}:{row - place.top}"
            sheet.text(page.row, sheet.key_column, key, "key")
            sheet.key_rows[key] = page.row
            for column in range(place.left, place.right + 1):
                if (row, column) == (place.top, place.left):
                    continue
                original = there.cells[row, column]
                style = original.style
                if money and row > place.top and column > place.left:
                    style = f"{style.partition(':')[0]}:{SCALED}"
                at = left + column - place.left
                own = sheet.put(page.row, at, Cell(style, shows=original.shows))
                cell_there = Place(place.sheet, row, row, column, column, single=True)
                page.copy(Name("there"), [(page.row, at, own)], {"there": cell_there})
            page.row += 1
        sheet.colour_scales.append((top + 1, left + 1, page.row - 1, left + place.right - place.left))
