"""``grid``: a quantity over two axes; each cell is its formula written out with both axes put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.addresses import OWN_COLUMN, OWN_ROW, Parts, letter
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell, Shown
from sheetgen.workbook.formula import Binary, Expr, Name, Number, names
from sheetgen.workbook.names import FIRST_CASE, LOOSE, Place
from sheetgen.workbook.put_in import STEP, moved, rests_on, written_out
from sheetgen.workbook.sheet import LABEL, UNIT

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

FACTOR: Expr = Binary("+", Number(1), Binary("*", Name("steps"), Name(STEP)))


class GridBlock(Block):
    """A table for each record of ``grid``: steps from the centre down and across, and what they rest on above.

    The list gives ``key``, ``output``, ``down`` and ``across``; ``centre`` is the name of the cell in the middle.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        take = self.entries.take
        self.of: str = take("grid")
        self.steps: list[int] = take("steps")
        self.corner: str = take("corner")
        self.axis: str = take("axis")
        self.entries.end(("title", "grid", "steps", "corner", "axis"))

    def lay(self, page: Page) -> None:
        for record in page.records(self.of):
            _Grid(page, self, record).lay()
            page.row += 1


class _Grid:
    """One table."""

    def __init__(self, page: Page, block: GridBlock, record: Mapping[str, Any]) -> None:
        self.page, self.block, self.record = page, block, record
        self.key, self.output = str(record["key"]), str(record["output"])
        self.down, self.across = str(record["down"]), str(record["across"])
        self.formula = written_out(page.definitions, Name(self.output), (self.down, self.across))

    def lay(self) -> None:
        """The rows from the title to the last step."""
        page, sheet, block = self.page, self.page.sheet, self.block
        page.section(block.title.format_map(self.record))
        keys = dict.fromkeys((self.down, self.across, *names(self.formula)))
        places = rests_on(page, keys, self.key)
        head, axis = page.row, page.row + 1
        sheet.text(head, LABEL, block.corner.format_map(self.record), "label_total")
        page.row = axis
        page.label(block.axis, f"{self.key}:axis", page.definitions.unit(self.down))
        for index, count in enumerate(block.steps):
            sheet.put(head, FIRST_CASE + index, Cell("axis:step", count))
            above = (OWN_COLUMN, str(head + 1))
            self._axis(self.across, places, count, axis, FIRST_CASE + index, above)
        local: dict[str, Parts | Place] = {
            **places,
            self.down: (f"${letter(UNIT)}", OWN_ROW),
            self.across: (OWN_COLUMN, f"${axis + 1}"),
        }
        form, cells = page.definitions.format(self.output), []
        for row, count in enumerate(block.steps, start=axis + 1):
            sheet.put(row, LABEL, Cell("axis:step", count))
            name = f"{self.key}:{count:+d}"
            sheet.text(row, sheet.key_column, name, "key")
            sheet.key_rows[name] = row
            self._axis(self.down, places, count, row, UNIT, (letter(LABEL), OWN_ROW))
            for column, other in enumerate(block.steps, start=FIRST_CASE):
                weight = "total" if count == other == 0 else "calc"
                steps = ((self.down, count), (self.across, other))
                shows = Shown(self.output, page.chosen, steps, compared=page.definitions.compared(self.output))
                cells.append((row, column, sheet.put(row, column, Cell(f"{weight}:{form}", shows=shows))))
        page.copy(self.formula, cells, local)
        centre = axis + 1 + block.steps.index(0), FIRST_CASE + block.steps.index(0)
        page.book.names[f"centre_{self.key}"] = Place.of_cell(sheet.name, *centre)._replace(fixed=LOOSE)
        right = FIRST_CASE + len(block.steps) - 1
        page.book.names[f"grid_{self.key}"] = Place(sheet.name, axis, axis + len(block.steps), UNIT, right)
        page.row = axis + 1 + len(block.steps)

    def _axis(
        self, key: str, places: Mapping[str, Place], count: int, row: int, column: int, steps: tuple[Any, ...]
    ) -> None:
        """A cell of an axis: the centre moved by the steps beside it."""
        page = self.page
        shows = Shown(key, page.chosen, ((key, count),), compared=page.definitions.compared(key))
        cell = page.sheet.put(row, column, Cell(f"axis:{page.definitions.format(key)}", shows=shows))
        tree = moved(page.definitions, key, Name("centre"), FACTOR)
        page.copy(tree, [(row, column, cell)], {"centre": places[key], "steps": steps})
