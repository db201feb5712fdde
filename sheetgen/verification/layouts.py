"""A layout for a scenario that asks for memory and gives none: the best that the search enumerates, said to be so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.inputs import Value, fields
from sheetgen.engine import ENGINE
from sheetgen.engine.search import DEGREES, NEEDED, Found, Space, nearest_count, search
from sheetgen.scenario.model import Case, Scenario, efficiency_inputs

SEARCHED = tuple(key for key in DEGREES if key != "recomputation")
"""What the search sets; recomputation is the scenario's own statement."""

DEFAULTED = "default"
KERNEL = "kernel_efficiency"
"""The basis, and the input, by which the MFU follows from the layout."""

BYTES_PER_GB = 1e9


def gives_layout(scenario: Scenario) -> bool:
    """Whether a scenario says how its run is split, in any case."""
    stated = any(scenario.sources.get(key) != DEFAULTED for key in SEARCHED)
    return stated or any(key in case.values for case in scenario.cases[1:] for key in SEARCHED)


def layout_defaults(*sheets: str) -> dict[str, Value]:
    """The defaults of every input of sheets Memory and Layout, for a scenario that does not ask for these."""
    return {key: spec.absent for key, spec in fields().items() if spec.sheet in (sheets or ("memory", "layout"))}


def case_values(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What the search starts from: a case's inputs, and the defaults of links where it does not have them. Where time
    follows from a kernel efficiency, no MFU is in force yet; else none is the case's own."""
    values = {**layout_defaults("layout"), "stage_rows": 0, **inputs}
    if inputs["efficiency_basis"] == KERNEL:
        return ENGINE.evaluate({**values, "mfu": inputs["kernel_efficiency"]}, NEEDED)
    stated = dict.fromkeys((key for key in efficiency_inputs().values() if key != KERNEL), 1.0)
    return ENGINE.evaluate({**stated, **values}, NEEDED)


def searched(inputs: Mapping[str, Any], name: str) -> Found:
    """The search of a case. Raises InvalidInput where nothing divides, or nothing fits."""
    values = case_values(inputs)
    space = Space(recomputation=(str(inputs["recomputation"]),))
    found = search(values, space)
    gpus = int(inputs["gpus"])
    if not found.enumerated:
        near = nearest_count(values, space)
        hint = "" if near is None else f"; the nearest number that one divides is {near:,}"
        message = f"no layout divides {gpus:,} accelerators, the model and a batch of whole sequences{hint}"
        raise InvalidInput([Problem(f"{message} (case {name})", key="gpus", given=str(gpus))])
    if found.best is None:
        least, usable = found.least_memory / BYTES_PER_GB, float(values["usable_memory_per_gpu"]) / BYTES_PER_GB
        message = f"none of {found.enumerated:,} layouts fits: the least takes {least:,.1f} GB of {usable:,.1f}"
        raise InvalidInput([Problem(f"{message} (case {name})", key="gpus", given=str(gpus))])
    return found


def with_layout(scenario: Scenario, inputs: list[dict[str, Any]]) -> Scenario:
    """The scenario with a layout for every case where it gives none; ``inputs`` are those in force, by case."""
    if gives_layout(scenario):
        return scenario
    found = [searched(own, case.name) for own, case in zip(inputs, scenario.cases, strict=True)]
    layouts: list[dict[str, Value]] = [
        {key: item.best.layout[key] for key in SEARCHED} for item in found if item.best is not None
    ]
    base = layouts[0]
    cases = [Case(scenario.cases[0].name, {**scenario.cases[0].values, **base})]
    for case, layout in zip(scenario.cases[1:], layouts[1:], strict=True):
        own = {key: value for key, value in layout.items() if value != base[key]}
        cases.append(Case(case.name, {**case.values, **own}))
    note = f"search: best of {found[0].enumerated:,} candidates enumerated"
    return replace(scenario, cases=tuple(cases), sources={**scenario.sources, **dict.fromkeys(SEARCHED, note)})
