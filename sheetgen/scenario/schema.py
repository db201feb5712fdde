"""The JSON Schema of a scenario file, by which editors complete keys and mark mistakes while one types.

It says of single values what :func:`sheetgen.scenario.reader.load_scenario` accepts: keys, types, ranges, choices. What
only shows together (an accelerator without the precision, tokens beside images) is left to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sheetgen.base.inputs import ACCELERATORS, CASE_NAME, Field, fields, inputs_of
from sheetgen.base.resources import template_data
from sheetgen.base.templates import Templates, packaged
from sheetgen.base.units import WRITTEN_UNITS
from sheetgen.catalogue import Catalogue
from sheetgen.catalogue.records import KEY_SYNTAX
from sheetgen.engine.cost import FREE_LINES
from sheetgen.scenario.grids import MAX_TABLES
from sheetgen.scenario.keys import OWN_KEYS
from sheetgen.scenario.model import (
    MAX_AMOUNT,
    MAX_CASES,
    MAX_SOURCE_CHARACTERS,
    PAPERS,
    Actual,
    efficiency_inputs,
)
from sheetgen.scenario.other_costs import AMOUNT, NAME
from sheetgen.scenario.prices import needed_price_keys, price_keys

DRAFT = "http://json-schema.org/draft-07/schema#"
Schema = dict[str, Any]

NUMBER = r"[+-]?([0-9]+(_[0-9]+)*(\.([0-9]+(_[0-9]+)*)?)?|\.[0-9]+(_[0-9]+)*)([eE][+-]?[0-9]{1,3}|[kKMBGTPE%])?"
"""What writes a number, but for its range: digits with ``_``, then an exponent, a suffix or a percent sign."""

TEXT_TYPES = ["string", "number", "boolean"]  # YAML reads `2027` and `true` as such, and both are texts, too


def schema(catalogue: Catalogue, templates: Templates | None = None) -> Schema:
    """The schema of a scenario for these templates, or else those of the package; keys of the catalogue are offered,
    and others are allowed, for a scenario may have its own."""
    templates = templates or packaged()
    whole = inputs_of(templates)
    inputs = {key: spec for key, spec in whole.items() if not spec.is_of_model and key != CASE_NAME}
    of_model = {key: spec for key, spec in whole.items() if spec.is_of_model and key != "model"}
    by_case = {key: spec for key, spec in (of_model | inputs).items() if spec.scope == "case"}
    definitions = {key: _input(spec, catalogue) for key, spec in whole.items()}
    definitions |= {"model": _model(catalogue), "price": _keyed("a key of `sheetgen prices`", catalogue.prices())}
    root = {
        **_properties(of_model | inputs),
        "model": _defined("model"),
        "price": _defined("price"),
        "base_case": _defined(CASE_NAME),
        "cases": _cases(by_case),
        "other_costs": _other_costs(),
        "sources": _sources(whole),
        "sheets": {
            "type": "array",
            "items": {"enum": [*templates.optional_sheets, *templates.sheet_groups]},
            "uniqueItems": True,
        },
        "paper": {"enum": list(PAPERS)},
        "sensitivity": _tables(),
        "actuals": _months(),
    }
    return {
        "$schema": DRAFT,
        "title": "A scenario of sheetgen",
        "type": "object",
        "definitions": definitions,
        "properties": {key: _told(key, value) for key, value in root.items()},
        "additionalProperties": False,
        "required": [*_required(whole, None), "model"],
        "allOf": [
            _one_of_these([[key] for key in efficiency_inputs().values()]),
            _one_of_these([["price"], list(needed_price_keys())]),
            *(_with_sheet(whole, sheet) for sheet in templates.optional_sheets if _required(whole, sheet)),
        ],
    }


def _required(specs: Mapping[str, Field], sheet: str | None) -> list[str]:
    """The inputs that a scenario with the optional sheet must give, however it is given its figures."""
    elsewhere = {CASE_NAME, "efficiency_basis", *efficiency_inputs().values(), *price_keys()}
    return [
        key
        for key, spec in specs.items()
        if spec.default is None
        and not (spec.filled or spec.is_of_model)
        and spec.sheet == sheet
        and key not in elsewhere
    ]


def _one_of_these(groups: Iterable[list[str]]) -> Schema:
    return {"anyOf": [{"required": group} for group in groups]}


def _with_sheet(specs: Mapping[str, Field], sheet: str) -> Schema:
    asks = {"properties": {"sheets": {"contains": {"const": sheet}}}, "required": ["sheets"]}
    return {"if": asks, "then": {"required": _required(specs, sheet)}}


def _defined(key: str) -> Schema:
    return {"$ref": f"#/definitions/{key}"}


def _told(key: str, value: Schema) -> Schema:
    """The schema of a key with what the key is for, where it is one of the scenario's own."""
    found = next((own for own in OWN_KEYS if own.key == key and "scenario" in own.places), None)
    return value if found is None else {"description": f"{found.help} Allowed: {found.allowed}.", **value}


def _properties(specs: Mapping[str, Field]) -> Schema:
    """Each input, under its older keys, too."""
    found: Schema = {}
    for key, spec in specs.items():
        found[key] = _defined(key)
        found |= {
            alias: {"allOf": [found[key]], "deprecated": True, "deprecationMessage": f"now {key}"}
            for alias in spec.aliases
        }
    return found


def _input(spec: Field, catalogue: Catalogue) -> Schema:
    """The schema of one input."""
    default = "" if spec.default is None else f" Default: {spec.default}."
    unit = f" [{spec.unit}]" if spec.is_number and spec.kind != "date" else ""
    told: Schema = {"title": spec.label, "description": f"{spec.label}{unit}. {spec.help}{default}"}
    if spec.choices == ACCELERATORS:
        return told | _keyed("a key of `sheetgen gpus`", catalogue.accelerators)
    if spec.choices and not spec.names_case:
        return told | _choice(spec)
    if spec.kind == "date":
        return told | {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    return told | (_number(spec) if spec.is_number else _text(spec.maximum, spec.pattern))


def _choice(spec: Field) -> Schema:
    """The words of a dropdown; YAML of version 1.1 reads yes and no as true and false, unless they are quoted."""
    offered = [option for option in spec.listed if spec.complaint(option.value) is None]
    words: list[str | bool] = [word for option in offered for word in (option.value, *option.also)]
    described = "; ".join(f"{option.value}: {option.meaning}" for option in offered)
    return {"enum": [*words, True, False] if "true" in words else words, "markdownDescription": described}


def _number(spec: Field) -> Schema:
    """A number in its range, or the text of one: ``15.6T``, ``41%``, ``400 TFLOPS``."""
    units = "|".join(re.escape(unit) for unit in WRITTEN_UNITS.get(spec.unit, ()))
    digits = NUMBER if spec.minimum is None or spec.minimum < 0 else NUMBER.replace("[+-]?", "[+]?", 1)
    pattern = rf"^\s*{digits}{f'( ?({units}))?' if units else ''}\s*$"
    kind = "integer" if spec.kind == "integer" else "number"
    bounds = {"minimum": spec.minimum, "maximum": spec.maximum}
    number = {"type": kind, **{key: bound for key, bound in bounds.items() if bound is not None}}
    return {"anyOf": [number, {"type": "string", "pattern": pattern}]}


def _text(limit: float | None, pattern: str | None) -> Schema:
    found: Schema = {"type": TEXT_TYPES if pattern is None or re.fullmatch(pattern, "1") else "string", "minLength": 1}
    found |= {} if limit is None else {"maxLength": int(limit)}
    return found | ({} if pattern is None else {"pattern": f"^({pattern})$"})


def _keyed(what: str, keys: Iterable[str]) -> Schema:
    """A key of the catalogue: those that are known are offered, and a key of one's own may stand there."""
    any_key = {"type": "string", "pattern": "^[^\\s]+$", "description": what}
    return {"anyOf": [{"enum": list(keys)}, any_key]}


def _model(catalogue: Catalogue) -> Schema:
    """A key, a model file, or an architecture: whole, over a catalogue model's, or undisclosed."""
    specs = {key: spec for key, spec in fields().items() if spec.is_of_model and key != "model"}
    known = {"enum": list(catalogue.model_keys())}
    own: Schema = {
        "name": _input(fields()["model"], catalogue),
        "catalogue": {"anyOf": [known, {"type": "string", "pattern": f"^{KEY_SYNTAX.pattern}$"}]},
        "source": _text(MAX_SOURCE_CHARACTERS, None),
    }
    whole = {"type": "object", "properties": _properties(specs) | own, "additionalProperties": False}
    return {"anyOf": [known, {"type": "string", "minLength": 1}, whole]}


def _cases(specs: Mapping[str, Field]) -> Schema:
    own = {
        "name": _defined(CASE_NAME), "model": _defined("model"), "price": _defined("price"),
        "other_costs": _other_costs(),
    }  # fmt: skip
    case = {
        "type": "object",
        "properties": _properties(specs) | own,
        "additionalProperties": False,
        "required": ["name"],
    }
    return {"type": "array", "items": case, "maxItems": MAX_CASES - 1}


def _other_costs() -> Schema:
    """The lines that a scenario or a case names itself."""
    line = {
        "type": "object",
        "properties": {
            "name": _defined(NAME.format(1)),
            "amount": _defined(AMOUNT.format(1)),
            "source": _text(MAX_SOURCE_CHARACTERS, None),
        },
        "additionalProperties": False,
        "required": ["name", "amount"],
    }
    return {"type": "array", "items": line, "maxItems": len(FREE_LINES)}


def _sources(specs: Mapping[str, Field]) -> Schema:
    texts = {key: _text(MAX_SOURCE_CHARACTERS, None) for spec in specs.values() for key in (spec.key, *spec.aliases)}
    return {"type": "object", "properties": texts, "additionalProperties": False}


def _tables() -> Schema:
    """The sensitivity tables: each output with the axes that it depends on."""
    outputs: Mapping[str, list[str]] = template_data("sensitivity")["lists"]["outputs"]
    tables = [
        {
            "type": "object",
            "properties": {"output": {"const": output}, "rows": {"enum": axes}, "columns": {"enum": axes}},
            "additionalProperties": False,
            "required": ["output", "rows", "columns"],
        }
        for output, axes in outputs.items()
    ]
    return {"type": "array", "items": {"anyOf": tables}, "minItems": 1, "maxItems": MAX_TABLES}


def _months() -> Schema:
    amount = {"anyOf": [{"type": "number", "minimum": 0, "maximum": MAX_AMOUNT}, {"type": "string", "pattern": NUMBER}]}
    month = {
        "type": "object",
        "properties": {
            "month": {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
            **dict.fromkeys(Actual._fields, amount),
        },
        "additionalProperties": False,
        "required": ["month", *Actual._fields],
    }
    return {"type": "array", "items": month}
