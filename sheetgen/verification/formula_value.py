"""The value of a template's formula from the values of its keys: what stands for a row that the engine does not know.

No check rests on it: the workbook's own evaluator computes such a row, and ``verify`` says that it is recomputed only.
But a total that takes the row in must go on agreeing, and so must a table that moves what the row rests on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

from sheetgen.workbook.formula import Binary, Call, Expr, Name, Negative, Number, Text, walk

Values = Mapping[str, Any]


def _rounded(how: str) -> Callable[[float, float], float]:
    """Rounding of the number as it is written out, which 2.345 is and its double is not."""

    def rounded(value: float, digits: float) -> float:
        return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(digits)), rounding=how))

    return rounded


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "ABS": abs, "AND": lambda *parts: all(parts), "EXP": math.exp, "LN": math.log, "MAX": max, "MIN": min,
    "MOD": lambda value, divisor: value - divisor * math.floor(value / divisor), "NOT": lambda part: not part,
    "OR": lambda *parts: any(parts), "ROUND": _rounded(ROUND_HALF_UP),
    "ROUNDUP": _rounded(ROUND_UP), "SQRT": math.sqrt,
    "SUM": lambda *parts: sum(parts),
}  # fmt: skip
LAZY = "IF"
OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
    "=": lambda a, b: _folded(a) == _folded(b), "<>": lambda a, b: _folded(a) != _folded(b),
    "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def _folded(value: Any) -> Any:
    """Texts are compared as spreadsheets do, whatever their case."""
    return value.casefold() if isinstance(value, str) else value


def computable(formula: Expr) -> bool:
    """Whether a formula is of single values alone: no range, table or look-up."""
    calls = (part for part in walk(formula) if isinstance(part, Call))
    return all(call.function in FUNCTIONS or (call.function == LAZY and len(call.arguments) == 3) for call in calls)


def value_of(formula: Expr, values: Values) -> Any:
    """The value of a computable formula. Raises ValueError where it has none: a division by zero, a root of -1."""
    if isinstance(formula, (Number, Text)):
        return formula.value
    if isinstance(formula, Name):
        return values[formula.name]
    if isinstance(formula, Negative):
        return -value_of(formula.operand, values)
    if isinstance(formula, Binary):
        left, right = value_of(formula.left, values), value_of(formula.right, values)
        try:
            return OPERATORS[formula.operator](left, right)
        except (ZeroDivisionError, TypeError) as error:
            raise ValueError(str(error)) from error
    return _called(formula.function, formula.arguments, values)


def _called(function: str, arguments: Sequence[Expr], values: Values) -> Any:
    if function == LAZY:
        return value_of(arguments[1] if value_of(arguments[0], values) else arguments[2], values)
    try:
        return FUNCTIONS[function](*(value_of(part, values) for part in arguments))
    except (ZeroDivisionError, TypeError) as error:
        raise ValueError(str(error)) from error
