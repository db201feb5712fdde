"""What of a workbook's inputs is not as it was built."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.base.inputs import CASE_NAME, Value
from sheetgen.scenario.model import Case, Scenario


def differs(built: Value | None, now: Value | None) -> bool:
    """Whether a cell holds something else than it was built with, as a spreadsheet compares: letters of either case are
    the same, an empty cell is nothing else."""
    if isinstance(built, str) and isinstance(now, str):
        return built.casefold() != now.casefold()
    return built != now


def _own(case: Case) -> Mapping[str, Value]:
    return {**case.values, CASE_NAME: case.name}


def changed_cells(scenario: Scenario) -> int:
    """How many input cells of a workbook are not as built; 0 of a scenario that was read from none."""
    built = scenario.built
    if built is None:
        return 0
    whole = [key for key, spec in scenario.fields.items() if spec.scope == "scenario"]
    by_case = [key for key, spec in scenario.fields.items() if spec.scope == "case"]
    found = sum(differs(built.values.get(key), scenario.values.get(key)) for key in whole)
    for before, now in zip(built.cases, scenario.cases, strict=True):
        found += sum(differs(_own(before).get(key), _own(now).get(key)) for key in by_case)
    return found


def model_shown(scenario: Scenario, index: int) -> str:
    """The name of the model of a case as built, and that it is edited where its sizes, or those of the base, are."""
    built = scenario.built or scenario
    name = str(built.inputs(index)["model"])
    sizes = [key for key, spec in scenario.fields.items() if spec.is_of_model and key != "model"]
    edited = any(
        differs(built.cases[place].values.get(key), scenario.cases[place].values.get(key))
        for place in {0, index}
        for key in sizes
    )
    return f"{name} (edited)" if edited else name
