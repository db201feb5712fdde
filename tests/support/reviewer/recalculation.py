"""A workbook opened in IronCalc, to type into its cells and see what changes.

Values come back by sheet name and address, as :mod:`tests.support.engines` returns them: an error is an ErrorValue.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import ironcalc

from tests.support.grid import split_address
from tests.support.package import CellKey, ErrorValue, Value, formula_cells


class Recalculation:
    """One open workbook; every change is followed by a recalculation when values are read."""

    def __init__(self, path: Path) -> None:
        self._model = ironcalc.load_from_xlsx(str(path))
        self._index = {entry["name"]: number for number, entry in enumerate(self._model.get_worksheets_properties())}
        self._formulas = list(formula_cells(path))
        self._fresh = False

    def type_in(self, sheet: str, address: str, value: float | str | None) -> None:
        """Put a constant into a cell, or a formula when the text starts with ``=``; None empties it."""
        place = self._place(sheet, address)
        if value is None:
            self._model.clear_cell_contents(*place)
        elif isinstance(value, str) and value.startswith("="):
            self._model.set_user_input(*place, value)
        elif isinstance(value, str):
            self._model.update_cell_with_text(*place, value)
        else:
            self._model.update_cell_with_number(*place, float(value))
        self._fresh = False

    def content(self, sheet: str, address: str) -> str:
        """What stands in the cell: a formula with its ``=``, or the constant as typed."""
        return str(self._model.get_cell_content(*self._place(sheet, address)))

    def value(self, sheet: str, address: str) -> Value | None:
        """The value of a cell now; None when it is empty."""
        if not self._fresh:
            self._model.evaluate()
            self._fresh = True
        place = self._place(sheet, address)
        value: float | str | bool | None = self._model.get_cell_value(*place)
        if self._model.get_cell_type(*place) == ironcalc.CellType.ErrorValue:
            return ErrorValue(str(value))
        return value

    def values(self) -> dict[CellKey, Value | None]:
        """The value of every cell that held a formula when the file was opened."""
        return {key: self.value(*key) for key in self._formulas}

    def errors(self) -> list[str]:
        """The formula cells that show an error now."""
        return [f"{s}!{a} is {v.kind}" for (s, a), v in self.values().items() if isinstance(v, ErrorValue)]

    @contextlib.contextmanager
    def trial(self, changes: Mapping[CellKey, float | str | None]) -> Iterator[Recalculation]:
        """Change cells for the time of a ``with`` block, and put back what stood there."""
        before = {key: (self.content(*key), self.value(*key)) for key in changes}
        try:
            for key, value in changes.items():
                self.type_in(*key, value)
            yield self
        finally:
            for key, (content, constant) in before.items():
                self.type_in(*key, content if content.startswith("=") else _constant(constant))

    def _place(self, sheet: str, address: str) -> tuple[int, int, int]:
        return (self._index[sheet], *split_address(address))


def _constant(value: Value | None) -> float | str | None:
    if isinstance(value, ErrorValue):
        raise TypeError(f"an error is no constant: {value.kind}")
    return value if not isinstance(value, bool) else float(value)
