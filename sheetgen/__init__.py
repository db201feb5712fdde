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
    from sheetgen.api.build import build as build
    from sheetgen.api.estimate import Estimate as Estimate
    from sheetgen.api.estimate import estimate as estimate
    from sheetgen.api.recalc import recalc as recalc
    from sheetgen.api.starter import starter as starter
    from sheetgen.base.errors import BuildError as BuildError
    from sheetgen.base.errors import InvalidInput as InvalidInput
    from sheetgen.base.errors import NotVerifiable as NotVerifiable
    from sheetgen.base.errors import SheetgenError as SheetgenError
    from sheetgen.catalogue.huggingface import import_config as import_config
    from sheetgen.scenario.model import Scenario as Scenario
    from sheetgen.scenario.reader import load_scenario as load_scenario
    from sheetgen.verification.verdict import Verdict as Verdict
    from sheetgen.verification.workbook import verify as verify

_HOMES = {
    "BuildError": "base.errors",
    "Estimate": "api.estimate",
    "InvalidInput": "base.errors",
    "NotVerifiable": "base.errors",
    "Scenario": "scenario.model",
    "SheetgenError": "base.errors",
    "Verdict": "verification.verdict",
    "build": "api.build",
    "estimate": "api.estimate",
    "import_config": "catalogue.huggingface",
    "load_scenario": "scenario.reader",
    "recalc": "api.recalc",
    "starter": "api.starter",
    "verify": "verification.workbook",
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
