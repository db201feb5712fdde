"""``estimate``: the engine's quantities of a scenario without a workbook, as a table of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import Value
from sheetgen.engine import SHEET_UNITS, UNITS, phasing
from sheetgen.scenario.model import Scenario
from sheetgen.verification.evaluate import all_quantities, check_labels, complete, unmet

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


def reviews(scenario: Scenario) -> list[str]:
    """What a person should look at before the figures are used: ``what does not hold (key), case``."""
    labels, scenario = check_labels(), complete(scenario)
    found = unmet(scenario, all_quantities(scenario), "REVIEW")
    return [
        f"not so: {labels[key]} ({key}), in case {', '.join(names)}" for key, names in found.items() if key in labels
    ]


def _monthly(case: Mapping[str, Value]) -> dict[str, str]:
    """The units of what there is for every month or fiscal year, by key: ``accrued:1``."""
    units = {name: "fraction" if name == "work_done" else "currency" for name in (*phasing.MONTHLY, *phasing.YEARLY)}
    return {key: units[name] for key in case if (name := key.partition(":")[0]) in units and ":" in key}


def estimate(scenario: Scenario) -> Estimate:
    """The quantities of every case of a scenario.

    Raises InvalidInput when the inputs cannot be computed with.
    """
    scenario = complete(scenario)
    currency = str(scenario.values["currency"])
    cases = all_quantities(scenario)
    names = {**UNITS, **phasing.UNITS, **_monthly(cases[0])}
    for sheet in scenario.sheets:
        names |= SHEET_UNITS.get(sheet, {})
    units = {key: unit.replace("currency", currency) for key, unit in names.items()}
    quantities = tuple({key: values[key] for key in units} for values in cases)
    return Estimate(str(scenario.values["scenario"]), tuple(case.name for case in scenario.cases), quantities, units)
