"""The sizes of what formulas take from each other, worked by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from tests.support.differences import SizesOfParts
from tests.support.package import read_book

TYPED = {"A1": 2e6, "A2": 3e6, "A3": 2.0, "A4": 1.0, "B1": 5e6, "C1": 7e6}
FORMULAS = [
    ("A1 - A2", 3e6),
    ("A1 - $A$3", 2e6),
    ("-(A1 - A2)", 3e6),
    ("ABS(A3 - A4)", 2.0),
    ("(A1 - A2) / A3", 1.5e6),
    ("IF(A1 > 0, (A1 - A2) / A3, 0)", 1.5e6),
    ("A4 + (A1 - A2)", 3e6),
    ("INDEX(A1:C1, 1, A3) - A4", 5e6),
    ("INDEX(A1:C1, 3) - A4", 7e6),
    ("INDEX(A1:A2, 2) - A4", 3e6),
    ("INDEX(A1:A4, MATCH(3000000, A1:A4, 0)) - A4", 3e6),
    ("INDEX(A1:A4, MATCH(9, A1:A4, 0)) - A4", 1.0),
    ("D1", 3e6),
    ("D1 / A1", 1.5),
    ("A4 - D1", 3e6),
    ("A1 + A2", 0.0),
    ("A1 * A2", 0.0),
    ("A1", 0.0),
    ("SUM(A1:A2)", 0.0),
    ("IF(A1 - A2 = 0, A3, A4)", 0.0),
]


@pytest.mark.parametrize(("formula", "size"), FORMULAS)
def test_the_size_of_the_parts(formula: str, size: float, tmp_path: Path) -> None:
    """Of a difference, also in another's and in a quotient, the larger side; of anything else 0. D1 is A1 - A2."""
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("S")
    for address, value in TYPED.items():
        sheet.write_number(address, value)
    sheet.write_formula("D1", "=A1 - A2", None, -1e6)
    sheet.write_formula("D2", f"={formula}", None, 0)
    book.close()
    sizes = SizesOfParts(read_book(path), {("S", "D1"): -1e6})

    assert sizes["S", "D2"] == pytest.approx(size, rel=1e-12)
    assert sizes["S", "A1"] == 0.0
    assert SizesOfParts(read_book(path), {("S", "D1"): -1e6}, {("S", "D2"): 9e9})["S", "D2"] == 9e9
