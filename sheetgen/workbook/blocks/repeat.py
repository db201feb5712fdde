"""``sections``: some sections once for each entry of a list, or under one condition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.blocks.block import Block, Home

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page


class Repeat(Block):
    """Sections in which ``{NAME.x}`` is the entry ``x`` of a record; ``each`` is the list, ``as`` the NAME."""

    read: Callable[[Home, Any], Block]  # how a section is read, given by who knows all kinds

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.each: Any = self.entries.take("each")
        self.name: str = self.entries.take("as")
        self.sections: list[Any] = self.entries.take("sections")
        self.entries.end(("each", "as", "sections"))

    def blocks(self, page: Page) -> Iterator[Block]:
        """The sections of every record, read."""
        for record in page.records(self.each):
            for section in self.sections:
                yield type(self).read(self.home, _put_in(section, self.name, record))

    def lay(self, page: Page) -> None:
        for block in self.blocks(page):
            block.lay(page)


def _put_in(value: Any, name: str, record: Mapping[str, Any]) -> Any:
    """A part of a template in which the gaps ``{name.x}`` are filled from a record, and those of others left."""
    if isinstance(value, dict):
        return {entry: _put_in(item, name, record) for entry, item in value.items()}
    if isinstance(value, list):
        return [_put_in(item, name, record) for item in value]
    if not isinstance(value, str) or f"{{{name}." not in value:
        return value

    def found(match: re.Match[str]) -> Any:
        return record.get(match.group(1)) if match.group(2) else record[match.group(1)]

    gap = _gap(name)
    whole = gap.fullmatch(value)
    return found(whole) if whole is not None else gap.sub(lambda match: str(found(match)), value)


@cache
def _gap(name: str) -> re.Pattern[str]:
    """The gaps of the records of this name."""
    return re.compile(r"\{" + re.escape(name) + r"\.([a-z_]+)(\?)?\}")
