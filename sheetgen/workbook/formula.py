"""One expression tree for a formula, and what is done with it.

A template writes formulas in keys (``training_flops_per_token * tokens``). The text is parsed once, by formualizer's
parser, into the small tree below; the tree is rendered to Excel with addresses, rendered to words for the reader,
walked for the names it uses, and substituted into, which is how a sensitivity cell becomes one live formula of its two
axis cells. The same parser reads the formulas of a workbook back, so that ``verify`` compares trees and not spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import formualizer

from sheetgen.workbook.addresses import Part, Parts, Pattern
from sheetgen.workbook.references import same_cells

# Functions that Excel 2007, LibreOffice, Gnumeric and three independent engines compute alike; a template that uses
# another one is refused by name. CEILING, MROUND, TEXT, NPV and the like are left out: they differ in corners.
PORTABLE_FUNCTIONS = frozenset({
    "ABS", "AND", "COUNT", "COUNTIF", "DATE", "EDATE", "EXP", "IF", "INDEX", "ISERROR", "LCM", "LEN", "LN", "MATCH",
    "MAX", "MID", "MIN", "MOD", "MONTH", "NORMSDIST", "NOT", "OR", "REPT", "ROUND", "ROUNDUP", "SQRT", "SUBSTITUTE",
    "SUM", "SUMIFS", "SUMPRODUCT", "TRIM", "VALUE", "YEAR",
})  # fmt: skip

_PRECEDENCE = {
    "=": 1,
    "<>": 1,
    "<": 1,
    ">": 1,
    "<=": 1,
    ">=": 1,
    "&": 2,
    "+": 3,
    "-": 3,
    "*": 4,
    "/": 4,
    "^": 5,
}
_WORDS = {"*": "×", "/": "÷", "-": "−", "<=": "≤", ">=": "≥", "<>": "≠"}


class FormulaError(ValueError):
    """A template formula cannot be parsed, or leaves the portable subset; the message names the construct."""


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric literal."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text literal."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A key in a template; a cell or range address in a formula that was read from a workbook."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function call."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Negative:
    """``-operand``."""

    operand: Expr


Expr = Number | Text | Name | Call | Binary | Negative


def parse(formula: str) -> Expr:
    """The tree of a formula, with or without its leading ``=``.

    Raises FormulaError for text that is no formula and for constructs outside the portable subset.
    """
    text = formula if formula.startswith("=") else f"={formula}"
    try:
        tree = formualizer.parse(text).to_dict()
    except Exception as error:  # the parser raises several unrelated types; each means "no formula"
        raise FormulaError(f"cannot be parsed: {formula!r}: {error}") from error
    return _from_node(tree, formula)


def _from_node(node: Mapping[str, Any], formula: str) -> Expr:
    kind = node["node_type"]
    if kind == "Literal":
        value = node["value"]
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise FormulaError(f"{value!r} is not a portable literal, in {formula!r}")
        return Text(value) if isinstance(value, str) else Number(value)
    if kind == "Reference":
        return Name(node["reference"])
    if kind == "Function":
        return Call(node["name"].upper(), tuple(_from_node(argument, formula) for argument in node["args"]))
    if kind == "BinaryOp" and node["operator"] in _PRECEDENCE:
        return Binary(node["operator"], _from_node(node["left"], formula), _from_node(node["right"], formula))
    if kind == "UnaryOp" and node["operator"] in "+-":
        operand = _from_node(node.get("operand") or node["expr"], formula)
        return Negative(operand) if node["operator"] == "-" else operand
    raise FormulaError(f"{kind} {node.get('operator', '')!r} is outside the portable subset, in {formula!r}")


def check_portable(expression: Expr, formula: str) -> None:
    """Raise FormulaError naming the first function or construct that spreadsheet programs do not share."""
    for part in walk(expression):
        if isinstance(part, Call) and part.function not in PORTABLE_FUNCTIONS:
            raise FormulaError(f"function {part.function} is outside the portable subset, in {formula!r}")
        if isinstance(part, Negative) and isinstance(part.operand, Binary) and part.operand.operator == "^":
            raise FormulaError(f"-x^y means different things in different programs, in {formula!r}")
        if isinstance(part, Binary) and part.operator == "^":
            raise FormulaError(f"operator {part.operator} is not used in templates, in {formula!r}")


def walk(expression: Expr) -> Iterator[Expr]:
    """Every part of the tree, parents first."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Call):
            waiting += reversed(part.arguments)
        elif isinstance(part, Binary):
            waiting += (part.right, part.left)
        elif isinstance(part, Negative):
            waiting.append(part.operand)


def names(expression: Expr) -> list[str]:
    """The names that the tree uses, each once, in order of appearance."""
    return list(dict.fromkeys(part.name for part in walk(expression) if isinstance(part, Name)))


def substitute(expression: Expr, replacement: Callable[[str], Expr | None]) -> Expr:
    """The tree with every name for which ``replacement`` gives a tree replaced by it."""
    if isinstance(expression, Name):
        return replacement(expression.name) or expression
    if isinstance(expression, Call):
        return Call(expression.function, tuple(substitute(part, replacement) for part in expression.arguments))
    if isinstance(expression, Binary):
        left, right = substitute(expression.left, replacement), substitute(expression.right, replacement)
        return Binary(expression.operator, left, right)
    if isinstance(expression, Negative):
        return Negative(substitute(expression.operand, replacement))
    return expression


def pattern(expression: Expr, place: Callable[[str], Parts]) -> Pattern:
    """The formula as text with gaps, each name replaced by what stands for it."""
    parts: list[Part] = []
    _emit(expression, place, parts)
    return Pattern(parts)


def to_excel(expression: Expr, address: Callable[[str], str] = str) -> str:
    """The tree as Excel text without ``=``: spaces around operators and after commas, no needless parentheses."""
    parts: list[Part] = []
    _emit(expression, lambda name: (address(name),), parts)
    return "".join(str(part) for part in parts)


def _emit(
    expression: Expr, place: Callable[[str], Parts], out: list[Part], outer: int = 0, right_side: bool = False
) -> None:
    """Append the text of a tree, inside an operator of the level ``outer``."""
    if isinstance(expression, Name):
        out += place(expression.name)
    elif isinstance(expression, Number):
        out.append(_excel_number(expression.value))
    elif isinstance(expression, Text):
        out.append('"' + expression.value.replace('"', '""') + '"')
    elif isinstance(expression, Negative):
        out.append("-")
        _emit(expression.operand, place, out, 6)
    elif isinstance(expression, Call):
        out.append(f"{expression.function}(")
        for number, part in enumerate(expression.arguments):
            if number:
                out.append(", ")
            _emit(part, place, out)
        out.append(")")
    else:
        level = _PRECEDENCE[expression.operator]
        inside = outer > level or (right_side and outer == level)
        if inside:
            out.append("(")
        _emit(expression.left, place, out, level)
        out.append(f" {expression.operator} ")
        _emit(expression.right, place, out, level, True)
        if inside:
            out.append(")")


def _excel_number(value: float) -> str:
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    text = repr(float(value)).upper()
    mantissa, _, exponent = text.partition("E")
    if not exponent and value == int(value):
        digits = str(int(value))
        stripped = digits.rstrip("0")
        if len(stripped) == 1:
            return f"{stripped}E+{len(digits) - 1:02d}"
        return digits
    return text if not exponent else f"{mantissa.removesuffix('.0')}E{int(exponent):+03d}"


def to_words(expression: Expr, label: Callable[[str], str], outer: int = 0, right_side: bool = False) -> str:
    """The tree as a sentence for a reader: labels in place of keys, × and ÷ in place of * and /."""
    if isinstance(expression, Number):
        return _excel_number(expression.value)
    if isinstance(expression, Text):
        return f"“{expression.value}”"
    if isinstance(expression, Name):
        return label(expression.name)
    if isinstance(expression, Negative):
        return f"−{to_words(expression.operand, label, 6)}"
    if isinstance(expression, Call):
        return _call_in_words(expression, [to_words(part, label) for part in expression.arguments])
    level = _PRECEDENCE[expression.operator]
    left, right = to_words(expression.left, label, level), to_words(expression.right, label, level, True)
    text = f"{left} {_WORDS.get(expression.operator, expression.operator)} {right}"
    return f"({text})" if outer > level or (right_side and outer == level) else text


def _call_in_words(call: Call, arguments: Sequence[str]) -> str:
    """IF, INDEX/MATCH and the like as a reader says them; other functions by their name."""
    if call.function == "IF" and len(arguments) == 3:
        return f"if {arguments[0]} then {arguments[1]} else {arguments[2]}"
    if call.function == "INDEX":
        return f"{arguments[0]} [{', '.join(arguments[1:])}]"
    if call.function == "MATCH":
        return f"row of {arguments[0]}"
    if call.function == "ABS":
        return f"|{arguments[0]}|"
    if call.function == "AND":
        return " and ".join(arguments)
    if call.function == "OR":
        return " or ".join(arguments)
    spoken = {
        "MAX": "larger of",
        "MIN": "smaller of",
        "ROUNDUP": "round up",
        "SUM": "sum of",
        "COUNTIF": "count in",
    }
    return f"{spoken.get(call.function, call.function.lower())} ({', '.join(arguments)})"


def same(first: Expr, second: Expr) -> bool:
    """Whether two formulas say the same: structure equal, numbers by value, addresses by what they refer to."""
    if isinstance(first, Name) and isinstance(second, Name):
        return same_cells(first.name, second.name)
    if isinstance(first, Call) and isinstance(second, Call):
        return (
            first.function == second.function
            and len(first.arguments) == len(second.arguments)
            and all(map(same, first.arguments, second.arguments))
        )
    if isinstance(first, Binary) and isinstance(second, Binary):
        return first.operator == second.operator and same(first.left, second.left) and same(first.right, second.right)
    if isinstance(first, Negative) and isinstance(second, Negative):
        return same(first.operand, second.operand)
    return first == second
