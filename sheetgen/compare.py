"""When a workbook's cell and the engine agree: counts and FLOPs per token exactly, everything else to 1e-9."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sheetgen.fields import Value
from sheetgen.reference import moved_quantities
from sheetgen.scenario import Scenario
from sheetgen.workbook.book import KEY, LABEL, Sheet, Shown, address
from sheetgen.workbook.evaluator import CellError, CellValue
from sheetgen.workbook.template import unit_of

RELATIVE_TOLERANCE = 1e-9
EXACT_UNITS = frozenset({"parameter", "FLOP/token", "FLOP/sequence"})
EXACT_BELOW = 2.0**53


@dataclass(frozen=True, slots=True)
class Mismatch:
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
        """(workbook − reference) / reference, or None where one is no number or the reference is 0."""
        if isinstance(self.workbook, (int, float)) and isinstance(self.reference, (int, float)) and self.reference:
            return (self.workbook - self.reference) / self.reference
        return None

    def __str__(self) -> str:
        """One line for a report."""
        difference = self.relative_difference
        tail = "" if difference is None else f", {difference:+.3g} relative"
        given = f"error {self.workbook.kind}" if isinstance(self.workbook, CellError) else repr(self.workbook)
        return (
            f"{self.sheet}!{self.cell} {self.label} ({self.key}): workbook {given}, reference {self.reference!r}{tail}"
        )


def agree(shown: CellValue | CellError, expected: Value, unit: str = "") -> bool:
    """Whether a cell shows the expected value.

    Whole numbers of parameters and FLOPs per token below 2^53 must be equal; other numbers may differ by 1e-9 of the
    larger; texts must be equal.
    """
    if isinstance(expected, str):
        return shown == expected
    if isinstance(shown, bool) or not isinstance(shown, (int, float)):
        return False
    if shown == expected:
        return True
    if unit in EXACT_UNITS and abs(expected) < EXACT_BELOW and expected == int(expected):
        return False
    return abs(shown - expected) <= RELATIVE_TOLERANCE * max(abs(shown), abs(expected))


def expected_values(scenario: Scenario, quantities: Sequence[Mapping[str, Value]]) -> Callable[[Shown], Value | None]:
    """What a cell must show, by what it says it shows: a quantity of a case, or of a case with axes moved."""
    step = float(scenario.values["sensitivity_step"])
    moved: dict[tuple[int, tuple[tuple[str, int], ...]], Mapping[str, Value]] = {}

    def expected(shows: Shown) -> Value | None:
        if not shows.steps:
            return quantities[shows.case].get(shows.key)
        base = quantities[shows.case]
        axes = {key: float(base[key]) * (1 + count * step) for key, count in shows.steps}
        if shows.key in axes:
            return axes[shows.key]
        place = (shows.case, shows.steps)
        if place not in moved:
            moved[place] = moved_quantities(scenario, shows.case, axes)
        return moved[place].get(shows.key)

    return expected


def mismatch(
    sheet: Sheet, row: int, column: int, shows: Shown, value: CellValue | CellError, expected: Value | None
) -> Mismatch | None:
    """The disagreement of one cell with its expectation, or None."""
    unit = "" if shows.steps else _unit(shows.key)
    if expected is not None and agree(value, expected, unit):
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


def _unit(key: str) -> str:
    try:
        return unit_of(key)
    except KeyError:
        return ""
