"""Every worked figure of ``tests/worked`` through the workbook: each entry is a column of one large workbook.

So a published or hand-worked figure holds both strangers: the engine in tests/engine/test_worked.py, the formulas here.
What all cases of a workbook share, such as the constants of a scaling law, is the ordinary case's: entries that move it
are left to the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sheetgen.api.build import compute
from sheetgen.base.inputs import fields
from sheetgen.engine import shown
from sheetgen.scenario.model import Case, Scenario
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.plan import plan
from tests.support.engine_cases import ORDINARY, Value
from tests.support.worked import CHIPS, Worked, differences, worked

UNITS = {item.key: item.unit for item in shown()}
SAMPLE = Path(__file__).parents[2] / "samples" / "llama405b.yaml"
PRECISION = 1e-12  # a double holds 15 digits; a count above 2^53 is not exact in a cell

Column = Mapping[str, Any]


def of_a_case(entry: Worked) -> bool:
    """Whether an entry moves nothing but what each case has for itself."""
    shared = [key for key, field in fields().items() if field.scope == "scenario" and key in ORDINARY]
    return all(case[key] == ORDINARY[key] for case in (entry.before, entry.inputs) for key in shared)


ENTRIES = tuple(filter(of_a_case, worked()))


def scenario_of(columns: list[dict[str, Value]]) -> Scenario:
    """A scenario whose cases have these inputs; what the engine does not read is the sample's."""
    sample = complete(load_scenario(SAMPLE))
    first = sample.cases[0].values
    cases = tuple(
        Case(f"worked {number}", {**first, **{key: inputs[key] for key in first if key in inputs}})
        for number, inputs in enumerate(columns)
    )
    values = {key: ORDINARY.get(key, value) for key, value in sample.values.items()}
    return replace(
        sample, values={**values, "chosen_case": cases[0].name}, cases=cases,
        accelerators={chip.key: chip for chip in CHIPS.values() if chip is not None},
    )  # fmt: skip


@pytest.fixture(scope="module")
def columns() -> list[tuple[Worked, Column, Column]]:
    """Each entry with what its columns show, before its changes and after."""
    inputs = [case for entry in ENTRIES for case in (entry.before, entry.inputs)]
    book = plan(scenario_of(inputs), shown=False)
    compute(book)
    found: list[dict[str, Any]] = [{} for _ in inputs]
    for sheet in book.ordered():
        for cell in sheet.cells.values():
            if cell.shows is not None and not cell.shows.steps and not cell.shows.at:
                found[cell.shows.case].setdefault(cell.shows.key, cell.value)
    return [(entry, found[2 * place], found[2 * place + 1]) for place, entry in enumerate(ENTRIES)]


def test_formulas_give_the_worked_figures(columns: list[tuple[Worked, Column, Column]]) -> None:
    """What the source says, or what was worked by hand, stands in the cells."""
    found = {
        f"{entry.file}: {entry.name}": wrong
        for entry, before, after in columns
        if (wrong := differences(entry, before, after, UNITS, PRECISION))
    }

    assert len(columns) > 130
    assert len(columns) >= 0.95 * len(worked())
    assert found == {}


def test_a_case_that_is_not_its_own_is_seen(columns: list[tuple[Worked, Column, Column]]) -> None:
    """Negative control: most entries held to another one's column do not fit."""
    wrong = [
        differences(entry, before, after, UNITS, PRECISION) for (entry, *_), (_, before, after) in pairwise(columns)
    ]

    assert sum(bool(item) for item in wrong) > len(columns) / 2
