"""Formulas as references: what each reads, whether it moves with the cell, its R1C1 form, and cycles."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.support.grid import column_letters, column_number
from tests.support.package import Book, CellKey
from tests.support.rules.references import Area, read_formula, read_reference

_CORNER = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([0-9]+)")


class Read(NamedTuple):
    """One reference of a formula: the sheet, the cells, and its text as written."""

    sheet: str
    area: Area
    written: str

    @property
    def single(self) -> bool:
        """Whether it is one cell."""
        return self.area[:2] == self.area[2:]


@functools.lru_cache(maxsize=65536)
def reads(sheet: str, formula: str) -> tuple[Read, ...]:
    """The cells that a formula on a sheet refers to, in order. References to names are left out: there are none."""
    found = []
    for token in read_formula(formula).tokens:
        if token.kind == "Operand" and token.subkind == "Range":
            reference = read_reference(token.text)
            if reference.area is not None:
                home = reference.sheets[0] if reference.sheets else sheet
                found.append(Read(home, reference.area, token.text))
    return tuple(found)


@functools.lru_cache(maxsize=262_144)
def r1c1(formula: str, row: int, column: int) -> str:
    """The formula with each corner as offset from its cell where it is relative: equal for copies of one formula."""

    def corner(match: re.Match[str]) -> str:
        rows = f"R{match[4]}" if match[3] else f"R[{int(match[4]) - row}]"
        columns = f"C{column_number(match[2])}" if match[1] else f"C[{column_number(match[2]) - column}]"
        return rows + columns

    return "".join(
        _CORNER.sub(corner, token.text) if token.kind == "Operand" and token.subkind == "Range" else token.text
        for token in read_formula(formula).tokens
    )


def precedents(book: Book) -> dict[CellKey, set[CellKey]]:
    """For every formula cell the formula cells that it reads."""
    formula_keys = {(sheet.name, c.address) for sheet in book.sheets for c in sheet.cells if c.formula is not None}
    return {
        (sheet.name, cell.address): {
            key for read in reads(sheet.name, cell.formula) for key in _cells(read) if key in formula_keys
        }
        for sheet in book.sheets
        for cell in sheet.cells
        if cell.formula is not None
    }


def readers(book: Book) -> dict[CellKey, list[CellKey]]:
    """For every cell that is read, constants included, the formula cells that read it."""
    found: dict[CellKey, list[CellKey]] = {}
    for sheet in book.sheets:
        for cell in sheet.cells:
            if cell.formula is not None:
                for read in reads(sheet.name, cell.formula):
                    for key in _cells(read):
                        found.setdefault(key, []).append((sheet.name, cell.address))
    return found


def resting_on(readers: Mapping[CellKey, Sequence[CellKey]], cell: CellKey) -> set[CellKey]:
    """The formula cells that read a cell, or read one that does."""
    found: set[CellKey] = set()
    waiting = [cell]
    while waiting:
        new = set(readers.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


@functools.lru_cache(maxsize=4096)
def _cells(read: Read) -> tuple[CellKey, ...]:
    area = read.area
    return tuple(
        (read.sheet, f"{column_letters(column)}{row}")
        for row in range(area.first_row, area.last_row + 1)
        for column in range(area.first_column, area.last_column + 1)
    )


def cycle(edges: Mapping[CellKey, set[CellKey]] | Mapping[str, set[str]]) -> list[str]:
    """The nodes that lie on a cycle or behind one, sorted as text; empty when there is none."""
    left = {str(node): {str(other) for other in others} for node, others in edges.items()}
    while True:
        done = [node for node, others in left.items() if not others & left.keys()]
        if not done:
            return sorted(left)
        for node in done:
            del left[node]
