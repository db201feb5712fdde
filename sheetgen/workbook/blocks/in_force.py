"""``in_force``: what each case uses of the inputs, typed for it or as in the base, under the titles of the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import Field
from sheetgen.workbook.addresses import OWN_COLUMN, Parts
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.blocks.inputs import BOUNDS, Inputs
from sheetgen.workbook.cells import Cell, Shown
from sheetgen.workbook.formula import Binary, Call, Expr, Name, Text
from sheetgen.workbook.names import FIRST_CASE, LOOSE, Fixed, Place

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

OWN, BASE = Name("own"), Name("base")
AS_IN_THE_BASE = Call("IF", (Binary("=", OWN, Text("")), BASE, OWN))


class InForce(Block):
    """Every input that calculations read, a row each; ``in_force`` is the sheet on which they are typed."""

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.typed: str = self.entries.take("in_force")
        self.entries.end()

    def defines(self, lists: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002 - of every block
        return {"sheet_cases": "1", **{f"bounds_{bound}": "1" for bound in BOUNDS}}

    def lay(self, page: Page) -> None:
        inputs = page.book.sheets[self.typed]
        used = [page.scenario.inputs(index) for index in range(page.book.cases)]
        spans: list[tuple[int, int]] = []
        for block in page.definitions.sheet(self.typed).blocks_for(page.scenario):
            if not isinstance(block, Inputs) or not block.in_cases:
                continue
            page.section(block.title)
            for key in block.keys:
                source = inputs.key_rows[key]
                spans.append((page.row, source))
                self._row(page, page.definitions.inputs[key], source, [str(values[key]) for values in used])
        rows = Place.of_rows(page.sheet.name, spans[0][0], spans[-1][0], "inputs in force")
        page.book.names["sheet_cases"] = rows
        for bound in BOUNDS:
            self._bounds(page, bound, spans)

    def _bounds(self, page: Page, bound: str, spans: list[tuple[int, int]]) -> None:
        """A bound of every input, as it stands where the input is typed."""
        sheet, column, inputs = page.sheet, page.columns[bound], page.book.sheets[self.typed]
        for row, source in spans:
            there_column = inputs.columns[bound]
            typed = inputs.cells.get((source, there_column))
            if typed is not None:
                there = Place(inputs.name, source, source, there_column, there_column, LOOSE, single=True)
                page.copy(OWN, [(row, column, sheet.put(row, column, Cell(typed.style)))], {"own": there})
        page.book.names[f"bounds_{bound}"] = Place(sheet.name, spans[0][0], spans[-1][0], column, column, words=bound)

    def _row(self, page: Page, spec: Field, source: int, shown: list[str]) -> None:
        sheet, row = page.sheet, page.row
        page.label(spec.label, spec.key, spec.unit)
        form, compared = page.definitions.format(spec.key), page.definitions.compared(spec.key)
        cells = []
        for index, text in enumerate(shown):
            style = form
            if not spec.is_number and len(text) > sheet.widths[FIRST_CASE]:
                style = "wrapped"
                sheet.wrap(row, text, sheet.widths[FIRST_CASE])
            shows = Shown(spec.key, index, compared=compared)
            cell = sheet.put(row, FIRST_CASE + index, Cell(f"calc:{style}", shows=shows))
            cells.append((row, FIRST_CASE + index, cell))
        local: dict[str, Parts | Place] = {
            "own": (f"{self.typed}!", OWN_COLUMN, str(source + 1)),
            "base": Place(self.typed, source, source, FIRST_CASE, FIRST_CASE, Fixed(rows=False), single=True),
        }
        formula: Expr = AS_IN_THE_BASE
        if spec.scope == "scenario":
            formula, local["own"] = OWN, Place.of_cell(self.typed, source)
        page.copy(formula, cells, local)
        page.book.names.add_row(spec.key, sheet.name, row)
        page.row += 1
