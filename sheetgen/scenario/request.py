"""What a scenario leaves out: settings that take their documented default, and inputs that it must give."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.base.inputs import ACCELERATORS, CASE_NAME, Value, fields
from sheetgen.base.yamlfile import Table
from sheetgen.scenario.context import Context
from sheetgen.scenario.efficiency import BASIS, check_efficiency_given
from sheetgen.scenario.keys import OWN_KEYS
from sheetgen.scenario.model import efficiency_inputs
from sheetgen.scenario.prices import price_keys


def defaults(given: Mapping[str, Value], scope: str, context: Context) -> dict[str, Value]:
    """The settings of a scope that are not given and have a default; the workbook shows them as such."""
    return {
        key: spec.read(spec.default)
        for key, spec in context.fields.items()
        if spec.scope == scope
        and spec.default is not None
        and key not in given
        and not spec.names_case
        and spec.choices != ACCELERATORS
    }


def check_required(given: set[str], root: Table, workload: str, context: Context) -> None:
    """Add a problem for each input that the scenario must give and does not; ``given`` are the keys that it has, those
    that misspelt ones come closest to among them."""
    if "model" not in given:
        (model,) = (own for own in OWN_KEYS if own.key == "model")
        context.problems.problem("is missing", root.line, "model", allowed=model.allowed)
    elsewhere = {CASE_NAME, BASIS, *efficiency_inputs().values(), *(price_keys() if "price" in given else ())}
    for key, spec in context.fields.items():
        optional = spec.default is not None and spec.needed is None
        if optional or spec.filled or spec.is_of_model or key in elsewhere:
            continue
        if key not in given and spec.workload in {None, workload}:
            accelerators = context.catalogue.accelerators if spec.choices == ACCELERATORS else None
            context.problems.problem("is missing", root.line, key, allowed=spec.as_needed.allowed_of(accelerators))
    check_efficiency_given(given, root.line, context.problems)


def default_workload() -> str:
    """The workload of a scenario whose model does not say."""
    return str(fields()["workload"].default)
