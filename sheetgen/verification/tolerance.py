"""When a workbook's cell and the engine agree: counts and FLOPs per token exactly, everything else to 1e-9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import NamedTuple

from sheetgen.base.inputs import Value, options
from sheetgen.engine.arithmetic import divide
from sheetgen.verification.evaluate import Evaluation
from sheetgen.verification.sensitivity import moved, shares, stepped
from sheetgen.workbook.book import KEY, LABEL, Sheet, Shown, address
from sheetgen.workbook.cells import ALWAYS, CHOSEN, CUT, NEVER, SEQUENCE, TEXT_ONLY, Compared
from sheetgen.workbook.evaluator import CellError, CellValue

RELATIVE_TOLERANCE = 1e-9
EXACT_BELOW = 2.0**53


class Mismatch(NamedTuple):
    """One cell that does not show what the engine computes."""

    sheet: str
    cell: str
    label: str
    key: str
    case: int
    workbook: CellValue | CellError
    reference: Value | None

    @property
    def relative_difference(self) -> float | None:
        """(workbook − reference) / reference, or None where one is no number, or the quotient is none."""
        if isinstance(self.workbook, (int, float)) and isinstance(self.reference, (int, float)) and self.reference:
            quotient = (self.workbook - self.reference) / self.reference
            return quotient if isfinite(quotient) else None
        return None

    def __str__(self) -> str:
        """One line for a report."""
        difference = self.relative_difference
        tail = "" if difference is None else f", {difference:+.3g} relative"
        given = f"error {self.workbook.kind}" if isinstance(self.workbook, CellError) else repr(self.workbook)
        return (
            f"{self.sheet}!{self.cell} {self.label} ({self.key}): workbook {given}, reference {self.reference!r}{tail}"
        )


def agree(shown: CellValue | CellError, expected: Value, *, exact: bool = False) -> bool:
    """Whether a cell shows the expected value.

    Texts must be equal, and so must ``exact`` whole numbers below 2^53; other numbers may differ by 1e-9 of the larger.
    """
    if isinstance(expected, str):
        return shown == expected
    if isinstance(shown, bool) or not isinstance(shown, (int, float)):
        return False
    if shown == expected:
        return True
    if exact and abs(expected) < EXACT_BELOW and expected == int(expected):
        return False
    return abs(shown - expected) <= RELATIVE_TOLERANCE * max(abs(shown), abs(expected))


def is_exact(when: str, quantities: Mapping[str, Value]) -> bool:
    """Whether a count of a case is a whole number all along its way, by the word of its row (:data:`EXACT`)."""
    if when in {NEVER, ALWAYS}:
        return when == ALWAYS
    if when == CHOSEN:
        known = {option.value: option.exact or TEXT_ONLY for option in options("flops_convention")}
        words = {known[str(quantities[key])] for key in ("flops_convention", "mfu_convention")}
        return all(is_exact(word, quantities) for word in words)
    if quantities["workload"] == "vision" and when != SEQUENCE:
        return False
    cut = bool(quantities["packed_documents"]) or bool(quantities["windowed_layers_used"])
    long = float(quantities["chinchilla_forward_flops"]) >= EXACT_BELOW
    return not long or when == TEXT_ONLY or (when == CUT and not cut)


def expected_values(evaluation: Evaluation) -> Callable[[Shown], Value | None]:
    """What a cell must show, by what it says it shows: a quantity of a case, or of a case with axes moved."""
    step = float(evaluation.scenario.values["sensitivity_step"])
    shared: dict[tuple[int, tuple[tuple[str, float], ...]], Mapping[str, Value]] = {}

    def expected(shows: Shown) -> Value | None:
        if shows.at:
            place = shows.case, shows.at
            if place not in shared:
                shared[place] = shares(evaluation.values[shows.case], dict(shows.at))
            return shared[place].get(shows.key)
        base = evaluation.quantities[shows.case]
        if not shows.steps:
            return base.get(shows.key)
        axes = {key: stepped(key, float(base[key]), count, step) for key, count in shows.steps}
        if shows.key in axes:
            return axes[shows.key]
        found: Value = moved(evaluation.values[shows.case], axes, (shows.key,))[shows.key]
        return found

    return expected


def size_of_parts(compared: Compared, quantities: Mapping[str, Value]) -> float:
    """The size of what a figure is a difference of, which bounds how exact it is; 0 where it is none."""
    name, _, divisor = compared.difference_of.partition("/")
    size = abs(float(quantities.get(name.strip(), 1.0))) if name else 0.0
    return divide(size, float(quantities.get(divisor.strip(), 1.0))) if divisor else size


def mismatch(
    sheet: Sheet,
    row: int,
    column: int,
    shows: Shown,
    value: CellValue | CellError,
    expected: Value | None,
    quantities: Mapping[str, Value],
) -> Mismatch | None:
    """The disagreement of one cell with its expectation in a case of these quantities, or None."""
    if value == expected and not isinstance(value, bool):
        return None
    exact = not shows.steps and not shows.at and is_exact(shows.compared.exact, quantities)
    if expected is not None and agree(value, expected, exact=exact):
        return None
    if isinstance(value, (int, float)) and isinstance(expected, (int, float)):
        room = RELATIVE_TOLERANCE * size_of_parts(shows.compared, quantities)
        if abs(value - expected) <= room:
            return None
    label = sheet.cells.get((row, LABEL))
    key = sheet.cells.get((row, KEY))
    return Mismatch(
        sheet.name,
        address(row, column),
        str(label.value) if label else "",
        str(key.value) if key and key.style == "key" else shows.key,
        shows.case,
        value,
        expected,
    )
