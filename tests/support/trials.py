"""Samples built and opened in two evaluators, to set probes and compare every cell that they move with the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from sheetgen.api.build import build_bytes
from sheetgen.base.inputs import Value as InputValue
from sheetgen.base.inputs import fields
from sheetgen.scenario.model import Scenario
from sheetgen.verification.evaluate import Evaluation, evaluate
from sheetgen.workbook.book import Book, Shown
from sheetgen.workbook.plan import plan
from tests.support.differences import SizesOfParts
from tests.support.engines import (
    CellKey,
    Value,
    compare,
)
from tests.support.memories import FormualizerMemory, IroncalcMemory
from tests.support.package import read_book
from tests.support.probes import (
    RELATIVE,
    Probe,
    disagreements,
    exact_cells,
    expected_cells,
    formula_places,
    input_cell,
    probed,
    shown_places,
)
from tests.support.reviewer.graph import readers, resting_on

NAMED_CASES = {"chosen_case", "reference_case", "offer_case"}


MOST_SHOWN = 8


class Built:
    """A sample's scenario, plan and file; and the file in the memory of two evaluators, as built between two probes."""

    def __init__(self, scenario: Scenario, path: Path) -> None:
        """``path`` is the scenario's workbook; where there is none yet, it is built."""
        self.scenario, self.path = scenario, path
        self._resting: dict[CellKey, frozenset[CellKey]] = {}
        if not path.exists():
            path.write_bytes(build_bytes(scenario))

    @cached_property
    def book(self) -> Book:
        """Where everything stands."""
        return plan(self.scenario)

    @cached_property
    def places(self) -> dict[CellKey, tuple[str, int, int]]:
        """Where each formula stands."""
        return formula_places(self.book)

    @cached_property
    def shown(self) -> dict[CellKey, Shown]:
        """What each cell shows."""
        return shown_places(self.book)

    @cached_property
    def exact(self) -> dict[CellKey, str]:
        """The cells that show parameters or FLOPs per token."""
        return exact_cells(self.book)

    @cached_property
    def readers(self) -> dict[CellKey, list[CellKey]]:
        """Which formulas read which cell."""
        return readers(read_book(self.path))

    def resting(self, cell: CellKey) -> frozenset[CellKey]:
        """The formula cells that rest on a cell, found once."""
        if cell not in self._resting:
            self._resting[cell] = frozenset(resting_on(self.readers, cell))
        return self._resting[cell]

    @cached_property
    def evaluation(self) -> Evaluation:
        """The reference engine's quantities, case by case."""
        return evaluate(self.scenario)

    @cached_property
    def memories(self) -> tuple[FormualizerMemory, IroncalcMemory]:
        """The two evaluators."""
        return FormualizerMemory(self.path), IroncalcMemory(self.path)

    @cached_property
    def values(self) -> tuple[dict[CellKey, Value], ...]:
        """What each evaluator says of every formula of the workbook as built."""
        return tuple(memory.values(self.places) for memory in self.memories)

    def typed(self, probe: Probe) -> InputValue | None:
        """What the input of a probe holds in the workbook as built."""
        values = self.scenario.values
        return (values if fields()[probe.key].scope == "scenario" else self.scenario.cases[probe.case].values).get(
            probe.key
        )


def shortened(scenario: Scenario, cases: Sequence[int] = (0, 1)) -> Scenario:
    """The base and the next case, or others by their number, the base put forward and compared with the second."""
    names = {"chosen_case": 0, "reference_case": 0, "offer_case": 1}
    own = tuple(scenario.cases[case] for case in cases if case < len(scenario.cases))
    values = {key: own[index].name for key, index in names.items() if key in scenario.values}
    return replace(scenario, cases=own, values={**scenario.values, **values})


def together(item: Built, probes: Sequence[Probe], evaluators: int = 2) -> Iterator[str]:
    """Set probes in memory, recalculate, compare with the engine and with each other, and set them back.

    Compared is every cell that rests on one of the inputs by the workbook's formulas, every other cell whose quantity
    the engine has moved, and every cell of a sensitivity table; the others hold what they held.
    """
    cells = {input_cell(item.book, probe): probe for probe in probes}
    resting = frozenset[CellKey]().union(*map(item.resting, cells))
    places = {key: item.places[key] for key in resting}
    scenario = probed(item.scenario, probes)
    evaluation = evaluate(scenario)
    moved = [
        {key for key, value in now.items() if value != was.get(key)}
        for now, was in zip(evaluation.quantities, item.evaluation.quantities, strict=True)
    ]
    named = any(probe.key in NAMED_CASES for probe in probes)
    asked = {
        key: shows
        for key, shows in (shown_places(plan(scenario)) if named else item.shown).items()
        if key in resting or shows.steps or shows.key in moved[shows.case]
    }
    expected = expected_cells(evaluation, asked)
    results = []
    for memory, before in list(zip(item.memories, item.values, strict=True))[:evaluators]:
        for cell, probe in cells.items():
            memory.set(cell, probe.value)
        values = memory.values(places)
        for cell, probe in cells.items():
            memory.set(cell, item.typed(probe))
        found = disagreements(expected, {key: before[key] for key in asked} | values, item.exact)
        yield from (f"{type(memory).__name__}: {line}" for line in found[:MOST_SHOWN])
        results.append(values)
    typed = {cell: probe.value for cell, probe in cells.items()}
    for values in results[1:]:
        sizes = SizesOfParts(read_book(item.path), {**item.values[0], **values, **typed}, expected.scales)
        apart = compare(results[0], values, RELATIVE, sizes)
        yield from (f"between the two: {line}" for line in apart[:MOST_SHOWN])


def one_at_a_time(item: Built, probes: Sequence[Probe], evaluators: int = 2) -> list[str]:
    """What disagrees in the workbook as built, and with each probe alone."""
    expected = expected_cells(item.evaluation, item.shown)
    found = [line for values in item.values for line in disagreements(expected, values, item.exact)]
    return found + [f"{probe}, {line}" for probe in probes for line in together(item, [probe], evaluators)]
