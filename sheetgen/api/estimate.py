"""``estimate``: the engine's quantities of a scenario without a workbook, as a table of plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import Value
from sheetgen.engine import REVIEW, shown
from sheetgen.engine.quantity import Quantity
from sheetgen.scenario.model import Scenario
from sheetgen.verification.evaluate import OF_THE_CHOSEN, Evaluation, check_labels, evaluate

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
    labels = check_labels()
    return [
        f"not so: {labels[key]} ({key}), in case {', '.join(names)}"
        for key, names in evaluation.unmet(REVIEW).items()
        if key in labels
    ]


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
    for item in shown(scenario.sheets):
        if item.over is None or item.key not in OF_THE_CHOSEN:
            unit = item.unit.replace("currency", currency)
            units |= dict.fromkeys(_keys(item, evaluation.values[0][item.key]), unit)
    quantities = tuple({key: values[key] for key in units} for values in evaluation.quantities)
    return Estimate(str(scenario.values["scenario"]), tuple(case.name for case in scenario.cases), quantities, units)


def _keys(item: Quantity, value: object) -> list[str]:
    """The keys of a quantity: its own, or one for each month, year or rank."""
    return [f"{item.key}:{number}" for number, _ in enumerate(value, 1)] if isinstance(value, tuple) else [item.key]
