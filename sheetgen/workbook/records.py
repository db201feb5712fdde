"""The lists that a template can go through: what the program knows of a workbook, an entry a mapping of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

Record = Mapping[str, Any]


def _grids(page: Page) -> Iterator[Record]:
    """The sensitivity tables of the scenario."""
    label = page.definitions.label
    for grid in page.scenario.grids:
        yield {
            "key": grid.key, "output": grid.output, "down": grid.rows, "across": grid.columns,
            "output_label": label(grid.output), "output_words": label(grid.output).lower(),
            "down_label": label(grid.rows), "across_label": label(grid.columns),
        }  # fmt: skip


LISTS: Mapping[str, Callable[[Page], Iterable[Record]]] = {"grids": _grids}
