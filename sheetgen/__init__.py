"""sheetgen: training budgets as Excel workbooks of live, verifiable formulas.

The Python API in short::

    from sheetgen import load_scenario, estimate, build, verify

    scenario = load_scenario("llama405b.yaml")
    estimate(scenario).to_frame()
    build(scenario, "budget.xlsx")
    verify("budget.xlsx").agrees
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.4.0"

if TYPE_CHECKING:
    from sheetgen.building import build as build
    from sheetgen.cases import Scenario as Scenario
    from sheetgen.errors import BuildError as BuildError
    from sheetgen.errors import InvalidInput as InvalidInput
    from sheetgen.errors import NotVerifiable as NotVerifiable
    from sheetgen.errors import SheetgenError as SheetgenError
    from sheetgen.estimation import Estimate as Estimate
    from sheetgen.estimation import estimate as estimate
    from sheetgen.hub import import_config as import_config
    from sheetgen.scenario import load_scenario as load_scenario
    from sheetgen.starter import starter as starter
    from sheetgen.verdict import Verdict as Verdict
    from sheetgen.verification import verify as verify

_HOMES = {
    "BuildError": "errors",
    "Estimate": "estimation",
    "InvalidInput": "errors",
    "NotVerifiable": "errors",
    "Scenario": "cases",
    "SheetgenError": "errors",
    "Verdict": "verdict",
    "build": "building",
    "estimate": "estimation",
    "import_config": "hub",
    "load_scenario": "scenario",
    "starter": "starter",
    "verify": "verification",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    """Import a part of the API when it is first used, so that one command does not pay for all of them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sheetgen' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"sheetgen.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
