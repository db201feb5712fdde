"""``estimate``: the engine's quantities of a scenario without a workbook, as a table of plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import Value, fields
from sheetgen.engine import ENGINE, REVIEW
from sheetgen.engine.quantity import Quantity
from sheetgen.scenario.model import Scenario
from sheetgen.verification.evaluate import OF_THE_CHOSEN, Evaluation, check_labels, evaluate, unusual
from sheetgen.verification.extended import shown_of
from sheetgen.workbook.definitions import Definitions

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Estimate:
    """Every quantity of every case: ``quantities[case][key]``, units by key with the scenario's currency in them."""

    scenario: str
    cases: tuple[str, ...]
    quantities: tuple[dict[str, Value], ...]
    units: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """``{"scenario": ..., "cases": [{"name": ..., "quantities": {key: {"value": ..., "unit": ...}}}]}``."""
        return {
            "scenario": self.scenario,
            "cases": [
                {
                    "name": name,
                    "quantities": {key: {"value": values[key], "unit": unit} for key, unit in self.units.items()},
                }
                for name, values in zip(self.cases, self.quantities, strict=True)
            ],
        }

    def to_frame(self) -> DataFrame:
        """A pandas frame: one row a quantity (index ``key``), a column ``unit``, then one column a case."""
        import pandas as pd

        data: dict[str, list[Any]] = {"unit": list(self.units.values())}
        for name, values in zip(self.cases, self.quantities, strict=True):
            data[name] = [values[key] for key in self.units]
        return pd.DataFrame(data, index=pd.Index(list(self.units), name="key"))


def reviews(evaluation: Evaluation) -> list[str]:
    """What a person should look at before the figures are used: ``what does not hold (key), case``."""
    labels = check_labels(evaluation.scenario.templates)
    whole = check_labels(evaluation.scenario.templates, of_cases=False)
    return [
        f"not so: {labels[key]} ({key}), in case {', '.join(names)}{_told(key, names, evaluation.scenario)}"
        for key, names in evaluation.unmet(REVIEW).items()
        if key in labels
    ] + [f"not so: {label} ({key})" for key, label in whole.items() if evaluation.quantities[0].get(key) == REVIEW]


def _told(check: str, names: Sequence[str], scenario: Scenario) -> str:
    """The texts that a check looks at, in the cases that it speaks of: what is not counted, for one."""
    item = ENGINE.quantities.get(check)
    texts = [key for key in (item.needs if item else ()) if key in fields() and fields()[key].kind == "text"]
    cases = [index for index, case in enumerate(scenario.cases) if case.name in names]
    if check == "check_inputs_usual":
        return f": {'; '.join(dict.fromkeys(told for index in cases for told in _unusual(scenario, index)))}"
    found = dict.fromkeys(str(scenario.inputs(index)[key]) for index in cases for key in texts)
    return f": {'; '.join(found)}" if found else ""


def _unusual(scenario: Scenario, index: int) -> Iterator[str]:
    """Each input of a case that is beyond what is usual for it, and what is."""
    inputs = scenario.inputs(index)
    for key in unusual(scenario, inputs):
        spec = scenario.fields[key]
        low, high = spec.usual or (0, 0)
        yield f"{key} is {spec.shown(inputs[key])}, usual is {spec.shown(low)} to {spec.shown(high)}"


def model_notes(scenario: Scenario) -> list[str]:
    """What a reader of the counts must know of models, as their files say: ``model: note``, each note once."""
    found = dict[str, str]()
    for inputs in map(scenario.inputs, range(len(scenario.cases))):
        if inputs["model_notes"] != fields()["model_notes"].absent:
            found.setdefault(str(inputs["model_notes"]), str(inputs["model"]))
    return [f"{model}: {note}" for note, model in found.items()]


def estimate(scenario: Scenario) -> Estimate:
    """The quantities of every case of a scenario.

    Raises InvalidInput when the inputs cannot be computed with.
    """
    return tabulate(evaluate(scenario))


def tabulate(evaluation: Evaluation) -> Estimate:
    """The quantities of a scenario as a table, those of months as ``accrued:3``, without the months and ranks of the
    case put forward, which no other case has."""
    scenario = evaluation.scenario
    currency = str(scenario.values["currency"])
    units: dict[str, str] = {}
    for item in shown_of(scenario):
        if item.over is None or item.key not in OF_THE_CHOSEN:
            unit = item.unit.replace("currency", currency)
            units |= dict.fromkeys(_keys(item, evaluation.values[0][item.key]), unit)
    quantities = tuple({key: values[key] for key in units} for values in evaluation.quantities)
    return Estimate(str(scenario.values["scenario"]), tuple(case.name for case in scenario.cases), quantities, units)


def key_figures(evaluation: Evaluation) -> dict[str, str]:
    """The quantities that speak for a budget: those whose rows say so, in the order of the workbook."""
    scenario = evaluation.scenario
    there = {item.key for item in shown_of(scenario)}
    rows = Definitions.of(scenario.templates).rows.values()
    return {row.key: row.key_figure for row in rows if row.key_figure and row.key in there}


def _keys(item: Quantity, value: object) -> list[str]:
    """The keys of a quantity: its own, or one for each month, year or rank."""
    return [f"{item.key}:{number}" for number, _ in enumerate(value, 1)] if isinstance(value, tuple) else [item.key]
