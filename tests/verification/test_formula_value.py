"""The formula that stands for a row without a function is worth what spreadsheets make of it, by hand too."""

from __future__ import annotations

import re

import pytest

from sheetgen.verification.formula_value import computable, value_of
from sheetgen.workbook.evaluator import CellError, Evaluator
from sheetgen.workbook.file.cells import Stored
from sheetgen.workbook.file.stored import bare_file
from sheetgen.workbook.formula import parse

VALUES = {"a": 7.0, "b": -2.5, "c": 2.345, "zero": 0.0, "word": "Spot"}
WORKED = [
    ("a + b * 2", 2),
    ("-(a - b) / 2", -4.75),
    ("ROUND(b, 0)", -3),
    ("ROUND(c, 2)", 2.35),
    ("ROUND(a * 100 + 50, -2)", 800),
    ("ROUNDUP(b, 0)", -3),
    ("ROUNDUP(c, 1)", 2.4),
    ("MOD(a, 3)", 1),
    ("MOD(-a, 3)", 2),
    ("MAX(a, b, c) + MIN(a, b, c)", 4.5),
    ("SUM(a, b) + ABS(b)", 7),
    ("SQRT(a * a) + EXP(zero) + LN(1)", 8),
    ('IF(word = "SPOT", 1, 2)', 1),
    ('IF(word <> "spot", 1, 2)', 2),
    ("IF(AND(a > b, NOT(a <= c)), 10, 20)", 10),
    ("IF(OR(a < b, a = 7), 10, 20)", 10),
    ("IF(zero > 0, a / zero, 5)", 5),
]


@pytest.mark.parametrize(("formula", "expected"), WORKED)
def test_it_is_worth_what_a_spreadsheet_makes_of_it(formula: str, expected: float) -> None:
    """The value worked by hand, and that of the product's evaluator with the names' values in cells."""
    cells = {(row, 0): Stored(value) for row, value in enumerate(VALUES.values())}
    text = formula
    for row, name in enumerate(VALUES):
        text = re.sub(rf"\b{name}\b(?!\")", f"$A${row + 1}", text)
    evaluator = Evaluator.from_bytes(bare_file({"S": {**cells, (0, 1): Stored(None, text)}}, {})[0])
    evaluator.recalculate()
    found = evaluator.value("S", 0, 1)

    assert value_of(parse(formula), VALUES) == pytest.approx(expected, rel=1e-12)
    assert not isinstance(found, CellError), text
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("formula", ["a / zero", "SQRT(b)", "LN(zero)", "MOD(a, zero)", 'a + "x"', "ABS(word)"])
def test_what_has_no_value(formula: str) -> None:
    """An error value of a spreadsheet is a ValueError."""
    with pytest.raises(ValueError, match=r"."):
        value_of(parse(formula), VALUES)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("IF(a > 0, 1, 2)", True), ("IF(a > 0, 1)", False), ("INDEX(a, 1)", False), ("DATE(a, 1, 1)", False), ("a", True)],
)
def test_what_is_computable(formula: str, expected: bool) -> None:
    """Single values alone: no look-up, no date, no IF without its other end."""
    assert computable(parse(formula)) is expected
