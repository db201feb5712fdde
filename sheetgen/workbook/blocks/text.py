"""``text``, ``legend`` and ``signatures``: lines to read, what the colours mean, and where to sign."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell
from sheetgen.workbook.names import FIRST_CASE
from sheetgen.workbook.sheet import KEY, LABEL

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

LETTERS = 116  # of a line
SIGNATURE_HEIGHT = 24  # points


class Lines(Block):
    """Lines of text, wrapped; one that begins with a digit is an item of a list, whose other lines are indented."""

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.lines: list[str] = self.entries.take("text")
        self.style: str = self.entries.take("style", "line")
        self.entries.end()

    def lay(self, page: Page) -> None:
        if self.title:
            page.section(self.title)
        for line in self.lines:
            indent = "    " if line[:1].isdigit() else ""
            wrapped = textwrap.wrap(line, LETTERS, subsequent_indent=indent) if self.style == "line" else [line]
            for part in wrapped:
                page.sheet.text(page.row, LABEL, part, self.style)
                page.row += 1


class Legend(Block):
    """A style a row, with its name in that style and what it means."""

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.items: list[Mapping[str, str]] = self.entries.take("legend")
        self.entries.end(("title",))

    def lay(self, page: Page) -> None:
        page.section(self.title)
        for item in self.items:
            page.sheet.text(page.row, LABEL, item["word"], item["style"])
            page.sheet.text(page.row, KEY, item["meaning"], "line")
            page.row += 1


class Signatures(Block):
    """A line a role, with room for name, date and signature."""

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.roles: list[str] = self.entries.take("signatures")
        self.heads: Mapping[int, str] = {KEY: "Name", FIRST_CASE: "Date", FIRST_CASE + 1: "Signature"}
        self.entries.end(("title",))

    def lay(self, page: Page) -> None:
        sheet = page.sheet
        sheet.text(page.row, LABEL, self.title, "section")
        for column, head in self.heads.items():
            sheet.text(page.row, column, head, "sign_head")
        for role in self.roles:
            page.row += 1
            sheet.text(page.row, LABEL, role, "sign")
            sheet.heights[page.row] = SIGNATURE_HEIGHT
            for column in range(KEY, FIRST_CASE + 4):
                sheet.put(page.row, column, Cell("sign", ""))
        page.row += 1
