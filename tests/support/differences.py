"""How large the figures are that a formula takes from each other, which says how exact their difference can be.

Two amounts of a million, equal but for rounding, leave 0 in one program and 1e-10 in another: each is right. The size
is that of the two amounts, found in the formula and in the cells that it reads; nothing here is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import formualizer

from tests.support.grid import column_letters
from tests.support.package import Book, CellKey, Value
from tests.support.rules.references import Area, read_reference

Node = Mapping[str, Any]


@lru_cache(maxsize=65536)
def _parsed(formula: str) -> Node:
    found: Node = formualizer.parse("=" + formula).to_dict()
    return found


class SizesOfParts(Mapping[CellKey, float]):
    """For each formula that is a difference, or is made of one by a quotient, a sum or an IF, the size of what it is a
    difference of, in the unit of its result; 0 for every other cell.

    ``book`` says the formulas and what is typed, ``values`` what the formulas come to and what is typed over it;
    ``stated`` are sizes that are known already. A cell's size is found when it is asked for.
    """

    def __init__(
        self, book: Book, values: Mapping[CellKey, Value], stated: Mapping[CellKey, float] | None = None
    ) -> None:
        self._book, self._computed, self._stated = book, values, stated or {}
        self._known: dict[CellKey, float] = {}

    @cached_property
    def _formulas(self) -> dict[CellKey, str]:
        cells = ((sheet.name, cell) for sheet in self._book.sheets for cell in sheet.cells)
        return {(name, cell.address): cell.formula for name, cell in cells if cell.formula is not None}

    @cached_property
    def _values(self) -> dict[CellKey, Value | None]:
        stored = {(sheet.name, cell.address): cell.value for sheet in self._book.sheets for cell in sheet.cells}
        return stored | dict(self._computed)

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[CellKey]:
        return iter(self._formulas)

    def __len__(self) -> int:
        return len(self._formulas)

    def __getitem__(self, key: CellKey) -> float:
        if key not in self._known:
            formula = self._formulas.get(key)
            self._known[key] = self._stated.get(key, 0.0)
            if formula is not None:
                self._known[key] = max(self._known[key], self._parts(key[0], _parsed(formula)))
        return self._known[key]

    def _parts(self, sheet: str, node: Node) -> float:
        """The size of what the formula's value is a difference of; 0 where it is none."""
        kind = node["node_type"]
        if kind == "UnaryOp":
            return self._parts(sheet, node["operand"])
        if kind == "BinaryOp":
            sides = node["left"], node["right"]
            if node["operator"] == "-":
                return max(self._size(sheet, side) for side in sides)
            if node["operator"] == "+":
                return max(self._parts(sheet, side) for side in sides)
            if node["operator"] == "/" and (divisor := self._size(sheet, sides[1])):
                return self._parts(sheet, sides[0]) / divisor
            return 0.0
        if kind == "Function" and node["name"] in {"IF", "ABS", "MAX", "MIN"}:
            return max(self._parts(sheet, part) for part in node["args"][node["name"] == "IF" :])
        cell = self._cell(sheet, node)
        return 0.0 if cell is None else self[cell]

    def _size(self, sheet: str, node: Node) -> float:
        """The size of one side of a difference: of a cell, of one that INDEX finds, or of the parts of that side."""
        if node["node_type"] == "Literal":
            return self._magnitude(node["value"])
        cell = self._cell(sheet, node)
        if cell is not None:
            return max(self._magnitude(self._values.get(cell)), self[cell])
        return self._parts(sheet, node)

    def _cell(self, sheet: str, node: Node) -> CellKey | None:
        """The one cell that a reference means, or an INDEX of one row, column or area."""
        if node["node_type"] == "Reference":
            home, area = _area(sheet, node)
            return _key(home, *area[:2]) if area[:2] == area[2:] else None
        if node["node_type"] != "Function" or node["name"] != "INDEX":
            return None
        home, area = _area(sheet, node["args"][0])
        found = [self._number(sheet, part) for part in node["args"][1:]]
        places = [int(place) for place in found if place is not None]
        if len(places) < len(found):
            return None
        if len(places) == 1:
            places = [1, *places] if area.first_row == area.last_row else [*places, 1]
        return _key(home, area.first_row + places[0] - 1, area.first_column + places[1] - 1)

    def _number(self, sheet: str, node: Node) -> float | None:
        """A number that says a place: typed, in a cell, or where MATCH finds one; None where there is none."""
        if node["node_type"] == "Literal":
            return float(node["value"])
        if node["node_type"] == "Function" and node["name"] == "MATCH":
            wanted = self._number(sheet, node["args"][0])
            home, area = _area(sheet, node["args"][1])
            rows, columns = (range(area[side], area[side + 2] + 1) for side in (0, 1))
            values = [self._values.get(_key(home, row, column)) for row in rows for column in columns]
            return values.index(wanted) + 1 if wanted in values else None
        cell = self._cell(sheet, node)
        value = None if cell is None else self._values.get(cell)
        return float(value) if isinstance(value, int | float) else None

    @staticmethod
    def _magnitude(value: object) -> float:
        return abs(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _key(sheet: str, row: int, column: int) -> CellKey:
    return sheet, f"{column_letters(column)}{row}"


def _area(sheet: str, node: Node) -> tuple[str, Area]:
    reference = read_reference(node["reference"])
    assert reference.area is not None, node
    return (reference.sheets[0] if reference.sheets else sheet), reference.area
