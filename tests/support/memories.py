"""A workbook in the memory of an evaluator, with a cell typed and the values read again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import ironcalc

from sheetgen.base.inputs import Value
from sheetgen.workbook.evaluator import CellError, Evaluator
from tests.support import package
from tests.support.edits import poisoned_copy
from tests.support.grid import split_address
from tests.support.package import CellKey, ErrorValue


def _computed(value: package.Value | None, poison: set[float]) -> package.Value:
    """The value, unless a cell has none or hands back its poisoned cache."""
    if value is None:
        return ErrorValue("no value")
    return ErrorValue("echoed cache") if value in poison else value


class FormualizerMemory:
    """A workbook held by the product's own evaluator, loaded from poisoned caches."""

    def __init__(self, path: Path) -> None:
        poisoned, poison = poisoned_copy(path)
        self._poison = set(poison.values())
        self._evaluator = Evaluator.from_bytes(poisoned.read_bytes())

    def set(self, cell: CellKey, value: Value | None) -> None:
        """Type a value."""
        row, column = split_address(cell[1])
        self._evaluator.set_values(cell[0], {(row - 1, column - 1): value})

    def values(self, places: Mapping[CellKey, tuple[str, int, int]]) -> dict[CellKey, package.Value]:
        """The recalculated values of cells."""
        self._evaluator.recalculate()
        found: dict[CellKey, package.Value] = {}
        for key, place in places.items():
            value = self._evaluator.value(*place)
            read = ErrorValue(value.kind) if isinstance(value, CellError) else value
            found[key] = _computed(read, self._poison)
        return found


class IroncalcMemory:
    """The same workbook held by IronCalc."""

    def __init__(self, path: Path) -> None:
        poisoned, poison = poisoned_copy(path)
        self._poison = set(poison.values())
        self._model = ironcalc.load_from_xlsx(str(poisoned))
        names = self._model.get_worksheets_properties()
        self._index = {entry["name"]: number for number, entry in enumerate(names)}

    def set(self, cell: CellKey, value: Value | None) -> None:
        """Type a value."""
        text = "" if value is None else value if isinstance(value, str) else repr(value)
        self._model.set_user_input(self._index[cell[0]], *split_address(cell[1]), text)

    def values(self, places: Mapping[CellKey, tuple[str, int, int]]) -> dict[CellKey, package.Value]:
        """The recalculated values of cells."""
        self._model.evaluate()
        found: dict[CellKey, package.Value] = {}
        for key, (sheet, row, column) in places.items():
            place = (self._index[sheet], row + 1, column + 1)
            value = self._model.get_cell_value(*place)
            failed = isinstance(value, str) and self._model.get_cell_type(*place) == ironcalc.CellType.ErrorValue
            found[key] = _computed(ErrorValue(str(value)) if failed else value, self._poison)
        return found
