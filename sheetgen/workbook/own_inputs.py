"""What is refused of the inputs and constants that a user adds: a bound, a default, a choice, a key that is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sheetgen.base.errors import list_choices
from sheetgen.base.inputs import RUNTIME_CHOICES, inputs_of
from sheetgen.base.templates import TemplateError, Templates, packaged
from sheetgen.base.units import UnitError, parse_unit
from sheetgen.scenario.keys import OWN_KEYS
from sheetgen.workbook.definitions import Definitions

KINDS = ("number", "integer", "choice", "text", "date")
FILE = "inputs"


def check_inputs(templates: Templates) -> None:
    """Raise TemplateError for the first input or constant of a user's that is wrong."""
    whole = Definitions.of(packaged())
    taken = {*whole.rows, *whole.series, *whole.inputs, *whole.constants, *(own.key for own in OWN_KEYS)}
    taken |= {alias for spec in whole.inputs.values() for alias in spec.aliases}
    for name, row in _own_rows(templates):
        where = f"Inputs, row {row['key']}"
        if row["key"] in taken:
            raise TemplateError(f"{where}: the key is used twice", row)
        taken.add(row["key"])
        source = row.get("source")
        if source is not None and source not in templates.lists("sources"):
            raise TemplateError(f"{where}: unknown source {source!r}", row)
        if "unit" in row:
            _check_unit(where, row)
        if name == "constants":
            missing = [entry for entry in ("label", "unit", "value", "source") if entry not in row]
            if missing:
                raise TemplateError(f"{where}: missing {missing}", row)
        else:
            _check_input(where, row, templates)
    for row in (row for name, row in _own_rows(templates) if name == "inputs"):
        _check_default(f"Inputs, row {row['key']}", row, templates)


def _own_rows(templates: Templates) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for section in templates.data(FILE)["sections"]:
        for name in ("inputs", "constants"):
            for row in section.get(name, ()):
                if templates.is_own(row):
                    yield name, row


def _check_unit(where: str, row: Mapping[str, Any]) -> None:
    try:
        parse_unit(row["unit"])
    except UnitError as error:
        raise TemplateError(f"{where}: {error}", row) from error


def _check_input(where: str, row: Mapping[str, Any], templates: Templates) -> None:
    kind = row.get("type")
    if kind not in KINDS:
        raise TemplateError(f"{where}: type is one of {', '.join(KINDS)}, not {kind!r}", row)
    if kind in {"number", "integer"}:
        missing = [entry for entry in ("unit", "min", "max") if entry not in row]
        if missing:
            raise TemplateError(f"{where}: a {kind} needs {', '.join(missing)}", row)
        if row["min"] > row["max"]:
            raise TemplateError(f"{where}: min is above max", row)
    lists = templates.lists("choices")
    if kind == "choice" and row.get("choices") not in {*lists, *RUNTIME_CHOICES}:
        raise TemplateError(f"{where}: choices names no list of choices.yaml ({list_choices(lists)})", row)
    if kind == "text" and "max" not in row:
        raise TemplateError(f"{where}: a text needs max, its longest in characters", row)
    try:
        re.compile(row.get("pattern", ""))
    except re.error as error:
        raise TemplateError(f"{where}: pattern is no regular expression: {error}", row) from error


def _check_default(where: str, row: Mapping[str, Any], templates: Templates) -> None:
    """The default is a value that the input may have."""
    spec = inputs_of(templates)[row["key"]]
    if spec.default is None or spec.choices in RUNTIME_CHOICES:
        return
    try:
        spec.value(spec.default)
    except ValueError as error:
        raise TemplateError(f"{where}: default {spec.default!r} {error}; allowed: {spec.allowed_of()}", row) from error
