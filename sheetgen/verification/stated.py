"""The values of a file's cells, of which only those of formulas have to be waited for."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.workbook.evaluator import CellError, CellValue, Evaluator
from sheetgen.workbook.file.cells import ErrorText
from sheetgen.workbook.file.stored import StoredSheet


class StatedValues:
    """Cells as :class:`~sheetgen.workbook.evaluator.Values`: constants as the file states them, results as computed."""

    def __init__(self, sheets: Sequence[StoredSheet], evaluator: Evaluator) -> None:
        self._cells = {sheet.name: sheet.cells for sheet in sheets}
        self._evaluator = evaluator

    @property
    def sheet_names(self) -> list[str]:
        """The names of the sheets, in the order of the file."""
        return list(self._cells)

    def formula(self, sheet: str, row: int, column: int) -> str | None:
        """The formula of a cell as the file states it; None for a constant and an empty cell."""
        cell = self._cells[sheet].get((row, column))
        return None if cell is None else cell.formula

    def value(self, sheet: str, row: int, column: int) -> CellValue | CellError:
        """The value of a cell. Raises NotVerifiable where its formula could not be computed."""
        cell = self._cells[sheet].get((row, column))
        if cell is None:
            return None
        if cell.formula is not None:
            return self._evaluator.value(sheet, row, column)
        return CellError(cell.value) if isinstance(cell.value, ErrorText) else cell.value
