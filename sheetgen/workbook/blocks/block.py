"""What every kind of block has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sheetgen.base.templates import Templates
from sheetgen.workbook.template import Entries, Row

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page


class Home(NamedTuple):
    """The sheet that a block stands on: its name, when figures in a unit are exact, by the unit, and the templates."""

    name: str
    exact: Mapping[str, str]
    templates: Templates


class Block(ABC):
    """A section of a sheet: its title, and what stands below it.

    ``sheet`` names the optional sheet that it belongs to, where it stands on another.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        self.entries = Entries(f"{home.name}, {data.get('title', 'a section')}", data)
        self.home = home
        self.title: str = self.entries.take("title", "")
        self.note: str = self.entries.take("note", "")
        self.sheet: str | None = self.entries.take("sheet")

    def rows(self) -> Iterator[Row]:
        """Its rows whose formula is copied across the cases."""
        return iter(())

    def series(self) -> Iterator[Row]:
        """Its figures that there are for every month or year."""
        return iter(())

    def defines(self, lists: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002 - of every block
        """What else formulas behind it may name, with the units; ``lists`` are those of its sheet."""
        return {}

    @abstractmethod
    def lay(self, page: Page) -> None:
        """Put its cells on a page, from the page's row on."""
