"""Formulas that a user typed into an input: allowed where every program computes them alike, today and tomorrow.

A budget says 15.6e12 or ``=1300*8192*1465``: both are inputs. What asks the clock, chance, the environment or another
file is none, nor is what programs compute differently.
"""

from __future__ import annotations

from sheetgen.workbook.formula import Binary, Call, FormulaError, Name, parse, walk
from sheetgen.workbook.references import Reference, reference_of

ALLOWED = frozenset({
    "ABS", "AND", "AVERAGE", "COUNT", "COUNTA", "DATE", "DAY", "EDATE", "EOMONTH", "EXP", "IF", "INDEX", "INT", "LN",
    "LOG10", "MATCH", "MAX", "MEDIAN", "MIN", "MONTH", "NOT", "OR", "PI", "POWER", "PRODUCT", "ROUND", "ROUNDDOWN",
    "ROUNDUP", "SQRT", "SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "VLOOKUP", "WEEKDAY", "YEAR",
})  # fmt: skip
"""Functions that six programs compute alike; IFERROR is not among them, because it hides what one of them cannot."""


def complaint_of(formula: str) -> str | None:
    """Why a formula may not stand in an input; None where it may."""
    try:
        tree = parse(formula)
    except FormulaError:
        return "it is not read alike by all programs"
    for part in walk(tree):
        if isinstance(part, Call) and part.function not in ALLOWED:
            return f"{part.function} is not computed alike by all programs, or not always to the same"
        if isinstance(part, Name) and reference_of(part.name) is None:
            return f"{part.name} is no cell of this workbook"
        if isinstance(part, Binary) and part.operator == "&":
            return "programs write numbers as texts differently"
    return None


def references(formula: str) -> list[Reference]:
    """The cells that a formula reads; none of a formula that is not read."""
    try:
        tree = parse(formula)
    except FormulaError:
        return []
    found = (reference_of(part.name) for part in walk(tree) if isinstance(part, Name))
    return [reference for reference in found if reference is not None]


def reads_cells(formula: str) -> bool:
    """Whether a formula rests on cells: one that does not is a typed figure."""
    try:
        return any(isinstance(part, Name) for part in walk(parse(formula)))
    except FormulaError:
        return "!" in formula or ":" in formula or any(sign == "$" for sign in formula)
