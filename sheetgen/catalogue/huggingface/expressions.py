"""The little language of the table of families: numbers, flags and words computed from the fields of a configuration.

An expression has whole numbers, names, ``+ - * / // %``, comparisons, ``and or not in``, ``A if C else B``, ``min``,
``max``, ``count``, ``LIST[layer]`` and ``layers(CONDITION)``: the number of layers, counted from 0 as ``layer``, for
which a condition holds. A slash divides without a rest or not at all. A name is a field of the configuration or, where
no field has it, a word. Texts are read with Python's grammar, but nothing else of Python is there to be called.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Value = Any  # int, bool, str, None, or a tuple of these
LOGIC = {"yes": True, "no": False, "nothing": None}

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
_CALLS: Mapping[str, Callable[..., Any]] = {"min": min, "max": max, "count": lambda many, one: tuple(many).count(one)}
_NODES = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Div, ast.Compare),
    *(ast.IfExp, ast.Name, ast.Load, ast.Constant, ast.Subscript, ast.Call, *_BINARY, *_COMPARE),
)


class Uncountable(Exception):  # noqa: N818 - what a configuration is, not a failure of ours
    """An expression has no value: ``name`` divides ``of`` with a rest; or (no ``of``) it is nothing to compute with."""

    def __init__(self, name: str, of: str = "") -> None:
        self.name = name
        self.of = of
        super().__init__(name)


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """The tree of an expression. Raises ValueError where the text is not of the language."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"is not an expression: {text[:60]}") from error
    for node in ast.walk(tree):
        if not isinstance(node, _NODES) or (isinstance(node, ast.Constant) and not isinstance(node.value, int | str)):
            raise ValueError(f"has {type(node).__name__}, which expressions have not: {text[:60]}")
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            if called not in {*_CALLS, "layers"} or node.keywords or not node.args:
                raise ValueError(f"calls what expressions have not: {text[:60]}")
    return tree.body


@lru_cache(maxsize=4096)
def names(text: str) -> frozenset[str]:
    """Names that an expression uses, its own words left out: fields, and words of the keys."""
    own = {*LOGIC, *_CALLS, "layers", "layer"}
    return frozenset(n.id for n in ast.walk(parse(text)) if isinstance(n, ast.Name)) - own


class Evaluator:
    """Computes expressions; ``look_up`` gives the value of a name, ``layers`` the number of layers."""

    def __init__(self, look_up: Callable[[str], Value], layers: Callable[[], int]) -> None:
        self._look_up = look_up
        self._layers = layers
        self._layer: int | None = None

    def value(self, text: str) -> Value:
        """The value of an expression. Raises Uncountable where it has none."""
        return self._value(parse(text))

    def of_layer(self, text: str, layer: int) -> Value:
        """The value of an expression for one layer, counted from 0."""
        before, self._layer = self._layer, layer
        try:
            return self._value(parse(text))
        finally:
            self._layer = before

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id="layer") if self._layer is not None:
                return self._layer
            case ast.Name(id=name):
                return LOGIC[name] if name in LOGIC else self._look_up(name)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._value(body if self._value(test) else orelse)
            case ast.BoolOp(op=op, values=values):
                return self._logic(values, stop=isinstance(op, ast.Or))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self._value(operand)
            case ast.Call(func=ast.Name(id="layers"), args=[condition]):
                return self._count(condition)
        return self._computed(node)

    def _computed(self, node: ast.expr) -> Value:
        """What computes with values: a type that does not fit, or a division by 0, is no traceback."""
        try:
            match node:
                case ast.UnaryOp(operand=operand):
                    return -self._value(operand)
                case ast.BinOp(left=left, op=ast.Div(), right=right):
                    return self._divided(left, right)
                case ast.BinOp(left=left, op=op, right=right):
                    return _BINARY[type(op)](_whole(self._value(left)), _whole(self._value(right)))
                case ast.Compare(left=left, ops=[op], comparators=[right]):
                    return _COMPARE[type(op)](self._value(left), self._value(right))
                case ast.Subscript(value=many, slice=index):
                    return self._value(many)[self._value(index)]
                case ast.Call(func=ast.Name(id=called), args=args):
                    return _CALLS[called](*(self._value(arg) for arg in args))
        except (TypeError, ZeroDivisionError, IndexError, ValueError, OverflowError) as error:
            raise Uncountable(_first_name(node)) from error
        raise Uncountable(_first_name(node))

    def _logic(self, values: list[ast.expr], *, stop: bool) -> Value:
        found: Value = not stop
        for value in values:
            found = self._value(value)
            if bool(found) is stop:
                return found
        return found

    def _count(self, condition: ast.expr) -> int:
        before, total = self._layer, 0
        for layer in range(self._layers()):
            self._layer = layer
            total += bool(self._value(condition))
        self._layer = before
        return total

    def _divided(self, left: ast.expr, right: ast.expr) -> int:
        whole, parts = _whole(self._value(left)), _whole(self._value(right))
        if whole % parts:
            raise Uncountable(_first_name(right), of=_first_name(left))
        return int(whole // parts)


def _whole(value: Value) -> int:
    if not isinstance(value, int):
        raise TypeError(value)
    return value


def _first_name(node: ast.expr) -> str:
    own = {*LOGIC, *_CALLS, "layers", "layer"}
    return next((n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id not in own), "")
