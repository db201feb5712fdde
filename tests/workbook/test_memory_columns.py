"""Published figures of memory through the workbook: each row of tests/data/memory.csv is a column of a large workbook.

So a figure holds both strangers, the engine in tests/engine/test_memory_rows.py and the formulas here. Figures
of kernel efficiency and those that compare two layouts are the engine's alone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sheetgen.api.build import compute
from sheetgen.engine import OPTIONAL
from sheetgen.scenario.model import Case, Scenario
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.plan import plan
from tests.engine.test_memory_rows import DERIVED, ROWS, SCALES, WITHOUT_A_MODEL, at, case_of, within
from tests.support.engine_cases import H100, ORDINARY
from tests.support.layouts import PLAIN

SAMPLE = Path(__file__).parents[2] / "samples" / "llama405b.yaml"
SHOWN = {item.key for sheet in ("memory", "layout") for item in OPTIONAL[sheet] if not item.helper}


def on_the_sheet(row: dict[str, str]) -> bool:
    """Whether the row's figure stands on sheet Memory or Layout, and is no more than quantities and sums of them."""
    keys = {part.partition(":")[0] for part in row["figure"].split("+")}
    return row["figure"] not in {*DERIVED, *WITHOUT_A_MODEL} and keys <= SHOWN


COLUMNS = tuple(filter(on_the_sheet, ROWS))


def scenario() -> Scenario:
    """A case for each row; an accelerator of its own where the row's memory is another one."""
    sample = complete(load_scenario(SAMPLE))
    first = {**sample.cases[0].values, **ORDINARY}
    chips = {H100.key: H100}
    cases = []
    for number, row in enumerate(COLUMNS):
        inputs = case_of(row)
        memory = inputs.pop("memory_gb", None)
        chip = H100 if memory is None else H100._replace(key=f"h100-{memory}gb", memory_gb=float(memory))
        chips[chip.key] = chip
        own = {**PLAIN, **inputs, "accelerator": chip.key}
        cases.append(Case(f"row {number}", {key: own.get(key, value) for key, value in {**first, **PLAIN}.items()}))
    values = {**sample.values, "chosen_case": cases[0].name}
    return replace(
        sample, values=values, cases=tuple(cases), accelerators=chips, sheets=("memory", "layout"), stages=64
    )


@pytest.fixture(scope="module")
def columns() -> list[dict[str, Any]]:
    """What each case shows, by key."""
    book = plan(scenario(), shown=False)
    compute(book)
    found: list[dict[str, Any]] = [{} for _ in COLUMNS]
    for cell in (cell for name in ("Stages", "Memory", "Layout") for cell in book.sheets[name].cells.values()):
        if cell.shows is not None:
            key, _, stage = cell.shows.key.partition(":")
            if stage:
                found[cell.shows.case].setdefault(key, {})[int(stage) - 1] = cell.value
            else:
                found[cell.shows.case][key] = cell.value
    return found


def test_formulas_give_the_published_figures(columns: list[dict[str, Any]]) -> None:
    """Every row within its tolerance in the cells of its column."""
    missed = {
        row["id"]: found
        for row, values in zip(COLUMNS, columns, strict=True)
        if not within(row, found := at(values, row["figure"]) / SCALES.get(row["unit"], 1))
    }

    assert len(COLUMNS) > 80
    assert missed == {}


def test_another_column_is_seen(columns: list[dict[str, Any]]) -> None:
    """Negative control: held to the next row's column most figures are missed."""
    shifted = [*columns[1:], columns[0]]
    missed = [
        not within(row, at(values, row["figure"]) / SCALES.get(row["unit"], 1))
        for row, values in zip(COLUMNS, shifted, strict=True)
    ]

    assert sum(missed) > 0.7 * len(missed)
