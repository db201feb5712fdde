"""``differing``: the inputs in which the cases differ, a row each, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell, Shown
from sheetgen.workbook.formula import Name
from sheetgen.workbook.names import FIRST_CASE

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page


class Differing(Block):
    """The inputs by case of which two cases have different values in the scenario, but those of ``differing``.

    A workbook that was read keeps the rows that it has.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.without: list[str] = self.entries.take("differing")
        self.entries.end(("title", "differing"))

    def keys(self, page: Page) -> tuple[str, ...]:
        """The rows, in the order of sheet Inputs."""
        if page.scenario.differing is not None:
            return page.scenario.differing
        cases = [page.scenario.inputs(index) for index in range(page.book.cases)]
        return tuple(
            key
            for key, spec in page.definitions.inputs.items()
            if spec.in_cases and key not in self.without and len({str(case.get(key)) for case in cases}) > 1
        )

    def lay(self, page: Page) -> None:
        page.section(self.title)
        for key in self.keys(page):
            spec, form = page.definitions.inputs[key], page.definitions.format(key)
            page.label(spec.label, key, spec.unit)
            cells = []
            for index in range(page.book.cases):
                text, column = str(page.scenario.inputs(index)[key]), FIRST_CASE + index
                style = form
                if not spec.is_number and len(text) > page.sheet.widths[column]:
                    style = "wrapped"
                    page.sheet.wrap(page.row, text, page.sheet.widths[column])
                shows = Shown(key, index, compared=page.definitions.compared(key))
                cell = page.sheet.put(page.row, column, Cell(f"calc:{style}", shows=shows))
                cells.append((page.row, column, cell))
            page.copy(Name(key), cells)
            chosen = str(page.scenario.inputs(page.chosen)[key])
            fits = spec.is_number or len(chosen) <= page.sheet.widths[FIRST_CASE]
            page.request(key, f"calc:{form if fits else 'wrapped'}", key, page.definitions.compared(key))
            page.row += 1
