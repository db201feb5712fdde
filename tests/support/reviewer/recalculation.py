"""A workbook opened in IronCalc, to type into its cells and see what changes.

Values come back by sheet name and address, as :mod:`tests.support.engines` returns them: an error is an ErrorValue.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import ironcalc

from tests.support.grid import split_address
from tests.support.package import CellKey, ErrorValue, Value, formula_cells

Place = tuple[int, int, int]


class Recalculation:
    """One open workbook; every change is followed by a recalculation when values are read."""

    def __init__(self, path: Path) -> None:
        self._model = ironcalc.load_from_xlsx(str(path))
        self._index = {entry["name"]: number for number, entry in enumerate(self._model.get_worksheets_properties())}
        self._formulas = {key: self._place(*key) for key in formula_cells(path)}
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
        self._recalculate()
        return self._read(self._place(sheet, address))

    def values(self) -> dict[CellKey, Value | None]:
        """The value of every cell that held a formula when the file was opened."""
        self._recalculate()
        return {key: self._read(place) for key, place in self._formulas.items()}

    def differs(self, before: Mapping[CellKey, Value | None]) -> bool:
        """Whether any of these cells has another value now."""
        self._recalculate()
        return any(self._read(self._formulas[key]) != value for key, value in before.items())

    def errors(self) -> list[str]:
        """The formula cells that show an error now."""
        self._recalculate()
        error = ironcalc.CellType.ErrorValue
        return [
            f"{sheet}!{address} is {self._model.get_cell_value(*place)}"
            for (sheet, address), place in self._formulas.items()
            if self._model.get_cell_type(*place) == error
        ]

    @contextlib.contextmanager
    def trial(self, changes: Mapping[CellKey, float | str | None]) -> Iterator[Recalculation]:
        """Change cells for the time of a ``with`` block, and put back what stood there."""
        before = {key: self._stands(key) for key in changes}
        try:
            for key, value in changes.items():
                self.type_in(*key, value)
            yield self
        finally:
            for key, old in before.items():
                self.type_in(*key, old)

    def _stands(self, key: CellKey) -> float | str | None:
        """The formula of a cell, or its constant, which needs no recalculation to be read."""
        content = self.content(*key)
        if content.startswith("="):
            return content
        value = self._read(self._place(*key))
        if isinstance(value, ErrorValue):
            raise TypeError(f"an error is no constant: {value.kind}")
        return value if not isinstance(value, bool) else float(value)

    def _recalculate(self) -> None:
        if not self._fresh:
            self._model.evaluate()
            self._fresh = True

    def _read(self, place: Place) -> Value | None:
        value: float | str | bool | None = self._model.get_cell_value(*place)
        if isinstance(value, str) and self._model.get_cell_type(*place) == ironcalc.CellType.ErrorValue:
            return ErrorValue(value)
        return value

    def _place(self, sheet: str, address: str) -> Place:
        return (self._index[sheet], *split_address(address))


@lru_cache(maxsize=8)
def opened(path: Path) -> Recalculation:
    """A workbook that no test rewrites, opened once for all tests that only make trials, which put back what stood."""
    return Recalculation(path)
