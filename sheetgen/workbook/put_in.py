"""Formulas written out in the terms of a few keys: what a sensitivity table or a share at another context needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sheetgen.base.templates import TemplateError
from sheetgen.workbook.cells import Cell, Shown
from sheetgen.workbook.formula import Binary, Call, Expr, Name, Number, names, substitute
from sheetgen.workbook.names import FIRST_CASE, Place

if TYPE_CHECKING:
    from sheetgen.workbook.definitions import Definitions
    from sheetgen.workbook.page import Page

STEP = "sensitivity_step"


def written_out(definitions: Definitions, output: Expr, axes: Iterable[str]) -> Expr:
    """A formula as one tree of the axes and of rows that do not depend on them.

    A row that is ``held`` stays as it is unless it is an axis; one with a ``route`` is taken by that. Raises
    TemplateError where a dependence runs through a look-up over a block of rows, which cannot be put in.
    """
    rows, blocks, axes = definitions.rows, definitions.blocks, frozenset(axes)
    memory: dict[str, bool] = {row.key: False for row in rows.values() if row.held and row.key not in axes}

    def depends(name: str) -> bool:
        if name not in memory:
            if name in axes:
                memory[name] = True
            elif name in blocks:
                memory[name] = any(depends(key) for key in blocks[name])
            else:
                memory[name] = name in rows and any(depends(part) for part in definitions.names_of(name))
        return memory[name]

    trees: dict[str, Expr] = {}

    def put_in(name: str) -> Expr | None:
        if name in axes or not depends(name):
            return None
        if name in blocks:
            raise TemplateError(f"{names(output)} depends on {', '.join(sorted(axes))} through the look-up {name}")
        if name not in trees:
            trees[name] = substitute(rows[rows[name].route or name].formula, put_in)
        return trees[name]

    return substitute(output, put_in)


def rests_on(page: Page, keys: Iterable[str], prefix: str) -> dict[str, Place]:
    """What formulas rest on in the case put forward, a row each from the page's row on; by key, where it stands."""
    found: dict[str, Place] = {}
    definitions = page.definitions
    for key in dict.fromkeys(keys):
        if definitions.once(key):
            continue
        page.label(definitions.label(key), f"{prefix}:{key}", definitions.unit(key))
        helper = key in definitions.rows and definitions.rows[key].helper
        shows = None if helper else Shown(key, page.chosen, compared=definitions.compared(key))
        cell = page.sheet.put(page.row, FIRST_CASE, Cell(f"calc:{definitions.format(key)}", shows=shows))
        page.copy(Name(key), [(page.row, FIRST_CASE, cell)])
        found[key] = Place.of_cell(page.sheet.name, page.row)
        page.row += 1
    return found


def moved(definitions: Definitions, key: str, centre: Expr, factor: Expr) -> Expr:
    """A figure times a factor; one that has a ``limit`` is not lifted above it by that."""
    product = Binary("*", centre, factor)
    limit = definitions.limit(key)
    return product if limit is None else Call("MIN", (product, Call("MAX", (centre, Number(limit)))))
