"""What dimension a formula has, from the dimensions of the rows that it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from sheetgen.base.units import DIMENSIONLESS, Dimension, UnitError, describe, multiply
from sheetgen.workbook.formula import Binary, Call, Expr, Name, Negative, Number, Text

DATE: Dimension = (("date", 1),)
DAY: Dimension = (("day", 1),)
WITHOUT_UNIT = frozenset({
    "AND", "COUNT", "COUNTIF", "ISERROR", "LEN", "MATCH", "MID", "MONTH", "NOT", "OR", "REPT", "SUBSTITUTE", "TRIM",
    "VALUE", "YEAR",
})  # fmt: skip
"""Functions whose value has no unit, whatever they are given: numbers of cells, places, truths and texts."""


def infer(expression: Expr, unit_of: Callable[[str], Dimension]) -> Dimension | None:
    """The dimension of a formula; None for a bare 0 or an empty text, which fit anywhere.

    Raises UnitError where unlike things are added, compared or offered as alternatives.
    """
    if isinstance(expression, Number):
        return None if expression.value == 0 else DIMENSIONLESS
    if isinstance(expression, Text):
        return DIMENSIONLESS if expression.value else None
    if isinstance(expression, Name):
        return unit_of(expression.name)
    if isinstance(expression, Negative):
        return infer(expression.operand, unit_of)
    if isinstance(expression, Binary):
        left, right = infer(expression.left, unit_of), infer(expression.right, unit_of)
        if expression.operator in "*/":
            return multiply(left or DIMENSIONLESS, right or DIMENSIONLESS, 1 if expression.operator == "*" else -1)
        together = _alike([left, right], expression.operator)
        if expression.operator in "+-":
            return _dates(expression.operator, left, right) or together
        return DIMENSIONLESS
    return _infer_call(expression, unit_of)


def _dates(operator: str, left: Dimension | None, right: Dimension | None) -> Dimension | None:
    """A date plus or minus days is a date, a date minus a date is days; None where no date takes part."""
    dates = [part for part in (left, right) if part == DATE]
    if not dates:
        return None
    return DAY if operator == "-" and len(dates) == 2 else DATE


def _infer_call(call: Call, unit_of: Callable[[str], Dimension]) -> Dimension | None:
    if call.function in WITHOUT_UNIT:
        return DIMENSIONLESS
    if call.function == "INDEX":
        return infer(call.arguments[0], unit_of)
    parts = [infer(argument, unit_of) for argument in call.arguments]
    if call.function == "IF":
        return _alike(parts[1:], "IF")
    if call.function in {"ABS", "ROUND", "ROUNDUP", "MOD", "EDATE", "SUMIFS"}:
        return parts[0]
    if call.function == "DATE":
        return DATE
    if call.function in {"SUM", "MAX", "MIN", "LCM"}:
        return _alike(parts, call.function)
    if call.function == "SUMPRODUCT":
        return reduce(lambda product, part: multiply(product, part or DIMENSIONLESS), parts, DIMENSIONLESS)
    if call.function == "SQRT":
        return _half(parts[0] or DIMENSIONLESS)
    if call.function in {"EXP", "LN", "NORMSDIST"}:
        return DIMENSIONLESS
    raise UnitError(f"no unit rule for {call.function}")


def _half(dimension: Dimension) -> Dimension:
    """The dimension of a square root. Raises UnitError where an exponent is odd."""
    if any(power % 2 for _, power in dimension):
        raise UnitError(f"SQRT of {describe(dimension)}")
    return tuple((unit, power // 2) for unit, power in dimension)


def _alike(parts: Sequence[Dimension | None], where: str) -> Dimension | None:
    known = [_as_days(part) for part in parts if part is not None]
    if any(part != known[0] for part in known[1:]):
        raise UnitError(f"{where} joins {' and '.join(describe(part) for part in known)}")
    return next((part for part in parts if part is not None), None)


def _as_days(dimension: Dimension) -> Dimension:
    return DAY if dimension == DATE else dimension
