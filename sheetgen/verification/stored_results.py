"""Shown is computed: what a workbook stores beside its formulas, compared with what the formulas compute.

A previewer, a mail program or Excel's protected view shows the stored results and computes nothing; so a stored result
that is not the formula's is a figure that somebody sees and nobody computed, whoever left it: a program that did not
recalculate, or a forger. A file may store none; then such programs show blanks, and nothing false.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sheetgen.verification.verdict import Stale, StoredResults
from sheetgen.workbook.addresses import address
from sheetgen.workbook.evaluator import CellError, CellValue, Evaluator
from sheetgen.workbook.file.cells import Constant, ErrorText, Stored
from sheetgen.workbook.file.shared import column_number
from sheetgen.workbook.file.stored import StoredSheet
from sheetgen.workbook.formula import Binary, Call, Expr, FormulaError, Name, Negative, Number, parse

TOLERANCE = 1e-9
MAX_RANGE_CELLS = 20_000
MOST_STEPS = 3
LABEL, KEY = 0, 1
UNKNOWN = frozenset({"Name", "NImpl"})
"""The evaluator's errors for what it does not know, where the formula may be right."""

OF_THEIR_ARGUMENTS = frozenset({"ABS", "IF", "INDEX", "MAX", "MIN", "ROUND", "ROUNDDOWN", "ROUNDUP", "SUM"})
FIRST_ARGUMENT = frozenset({"INDEX", "ROUND", "ROUNDDOWN", "ROUNDUP"})
"""Functions whose result is of the size of their arguments, or of the first."""

_REFERENCE = re.compile(
    r"(?:'((?:[^']|'')+)'!|([^\W\d][\w.]*)!)?"
    r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Za-z]{1,3})\$?([0-9]{1,7}))?"
)


def compare_stored(sheets: Iterable[StoredSheet], evaluator: Evaluator) -> StoredResults:
    """Compare every stored result of the sheets with that of a recalculated evaluator that holds them."""
    right = absent = 0
    stale: list[Stale] = []
    unknown: list[str] = []
    for sheet in sheets:
        for (row, column), cell in sheet.cells.items():
            if cell.formula is None:
                continue
            stored = cell.value
            if stored is None:
                absent += 1
                continue
            computed = evaluator.value(sheet.name, row, column)
            if stored == computed or is_stored(cell, computed, sheet.name, evaluator):
                right += 1
            elif isinstance(computed, CellError) and computed.kind in UNKNOWN:
                unknown.append(f"{sheet.name}!{address(row, column)}")
            else:
                texts = [sheet.cells.get((row, at)) for at in (LABEL, KEY)]
                label, key = (str(text.value) if text and isinstance(text.value, str) else "" for text in texts)
                shown = str(stored) if isinstance(stored, ErrorText) else stored
                stale.append(Stale(sheet.name, address(row, column), label, key, shown, computed))
    return StoredResults(right, absent, stale, unknown)


def is_stored(cell: Stored, computed: CellValue | CellError, sheet: str, evaluator: Evaluator) -> bool:
    """Whether a formula cell of a sheet stores its computed result, as exact as programs store one."""
    if _same(cell.value, computed):
        return True
    return cell.formula is not None and _within_rounding(cell.value, computed, cell.formula, sheet, evaluator)


def _same(stored: Constant, computed: CellValue | CellError) -> bool:
    """Whether a stored result is the computed one, as programs store it: 15 digits, truth as a number, any error."""
    if isinstance(stored, ErrorText) or isinstance(computed, CellError):
        return isinstance(stored, ErrorText) and isinstance(computed, CellError)
    if isinstance(stored, str) or isinstance(computed, str) or computed is None:
        return stored == computed or (stored in {"", 0} and computed in {None, ""})
    if stored is None:
        return False
    return abs(stored - computed) <= TOLERANCE * max(abs(stored), abs(computed))


def _within_rounding(
    stored: Constant, computed: CellValue | CellError, formula: str, sheet: str, evaluator: Evaluator
) -> bool:
    """Whether two numbers differ by rounding of what they are made from: a difference of nearly equal figures."""
    if isinstance(stored, str) or stored is None or isinstance(computed, (str, CellError)) or computed is None:
        return False
    try:
        size = _Sizes(sheet, evaluator).whole(parse(formula))
    except (FormulaError, OverflowError):
        return False
    return abs(stored - computed) <= TOLERANCE * size


class _Sizes:
    """How large the figures are that are added and subtracted in a formula of a sheet, in the unit of its result; also
    in the cells that it reads, so many steps away."""

    def __init__(self, sheet: str, evaluator: Evaluator, steps: int = MOST_STEPS) -> None:
        self._sheet, self._evaluator, self._steps = sheet, evaluator, steps

    def whole(self, tree: Expr) -> float:
        """The largest of them in a whole formula. What is picked as it is has the size of the figures that its own
        cell is made from, however large its neighbours are."""
        if isinstance(tree, Name):
            return self._behind(tree.name)
        return self._behind_chosen(tree) if isinstance(tree, Call) and tree.function == "INDEX" else self.of(tree)

    def of(self, part: Expr) -> float:
        """The largest of them; 0 where that cannot be said, which leaves no room for rounding."""
        if isinstance(part, Number):
            return abs(part.value)
        if isinstance(part, Negative):
            return self.of(part.operand)
        if isinstance(part, Name):
            return max(max(map(abs, self._values(part.name)), default=0.0), self._behind(part.name))
        if isinstance(part, Call):
            arguments = part.arguments[1:] if part.function == "IF" else part.arguments
            arguments = arguments[:1] if part.function in FIRST_ARGUMENT else arguments
            if part.function not in OF_THEIR_ARGUMENTS:
                return 0.0
            picked = self._behind_chosen(part) if part.function == "INDEX" else 0.0
            return max(picked, max(map(self.of, arguments), default=0.0))
        if isinstance(part, Binary) and part.operator in "+-":
            return max(self.of(part.left), self.of(part.right))
        if isinstance(part, Binary) and part.operator == "*":
            return self.of(part.left) * self.of(part.right)
        if isinstance(part, Binary) and part.operator == "/":
            divisor = self._value(part.right)
            return self.of(part.left) / abs(divisor) if divisor else 0.0
        return 0.0

    def _behind(self, reference: str) -> float:
        """How large the figures are that a single cell is a difference of; 0 for a constant and a range."""
        match = _REFERENCE.fullmatch(reference)
        if match is None or match[5]:
            return 0.0
        return self._behind_cell(self._home(match), int(match[4]) - 1, column_number(match[3]))

    def _behind_chosen(self, part: Call) -> float:
        """The same for the cell that INDEX takes."""
        if not isinstance(part.arguments[0], Name):
            return 0.0
        found = self._chosen(part.arguments[0].name, [self._value(own) for own in part.arguments[1:]])
        return 0.0 if found is None else self._behind_cell(*found)

    def _behind_cell(self, home: str, row: int, column: int) -> float:
        if home not in self._evaluator.sheet_names or not self._steps:
            return 0.0
        formula = self._evaluator.formula(home, row, column)
        return 0.0 if formula is None else _Sizes(home, self._evaluator, self._steps - 1).whole(parse(formula))

    def _home(self, match: re.Match[str]) -> str:
        """The sheet of a reference."""
        quoted, plain = match.group(1, 2)
        return quoted.replace("''", "'") if quoted else plain or self._sheet

    def _value(self, part: Expr) -> float:
        """The value of a number, a cell, or a product or quotient of such; 0 for anything else."""
        if isinstance(part, Number):
            return float(part.value)
        if isinstance(part, Name):
            values = self._values(part.name)
            return values[0] if len(values) == 1 else 0.0
        if isinstance(part, Call) and part.function == "INDEX" and isinstance(part.arguments[0], Name):
            found = self._chosen(part.arguments[0].name, [self._value(own) for own in part.arguments[1:]])
            value = None if found is None else self._evaluator.value(*found)
            return float(value) if isinstance(value, (int, float)) else 0.0
        if isinstance(part, Binary) and part.operator == "*":
            return self._value(part.left) * self._value(part.right)
        if isinstance(part, Binary) and part.operator == "/":
            divisor = self._value(part.right)
            return self._value(part.left) / divisor if divisor else 0.0
        return 0.0

    def _chosen(self, reference: str, places: list[float]) -> tuple[str, int, int] | None:
        """The cell that INDEX takes of a range by its row and column: sheet, row and column (0-based); None where it is
        none."""
        match = _REFERENCE.fullmatch(reference)
        if match is None or not match[5] or len(places) != 2:
            return None
        row, column = (max(int(place), 1) - 1 for place in places)
        top, left = int(match[4]) - 1, column_number(match[3])
        inside = top + row < int(match[6]) and left + column <= column_number(match[5])
        home = self._home(match)
        return (home, top + row, left + column) if inside and home in self._evaluator.sheet_names else None

    def _values(self, reference: str) -> list[float]:
        """The numbers in a cell or range."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            return []
        first, top, last, bottom = match.group(3, 4, 5, 6)
        home = self._home(match)
        columns = range(column_number(first), column_number(last or first) + 1)
        rows = range(int(top) - 1, int(bottom or top))
        if home not in self._evaluator.sheet_names or len(rows) * len(columns) > MAX_RANGE_CELLS:
            return []
        values = [self._evaluator.value(home, row, column) for row in rows for column in columns]
        return [float(value) for value in values if isinstance(value, (int, float))]
