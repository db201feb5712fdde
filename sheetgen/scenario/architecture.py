"""The model of a scenario or a case: a key of the catalogue, a model file, or an architecture written out."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.base.errors import InvalidInput, did_you_mean, list_choices
from sheetgen.base.inputs import Value, architecture_keys, fields, said_keys
from sheetgen.base.yamlfile import Items, Node, Scalar, Table
from sheetgen.catalogue.library import PACKAGED, Catalogue
from sheetgen.catalogue.models import Model
from sheetgen.scenario.context import Context, Given
from sheetgen.scenario.keys import own_keys
from sheetgen.scenario.model import MAX_SOURCE_CHARACTERS
from sheetgen.scenario.model_files import is_model_file, read_model_file
from sheetgen.scenario.values import check_keys, read_text, read_values, source_text

UNDISCLOSED = "undisclosed_parameters"
NOTES = "model_notes"


def read_model(node: Node | None, base: Mapping[str, Value] | None, context: Context) -> Given:
    """The architecture of ``model:``; that of a case (``base`` is given) changes what it names of the base's."""
    if node is None:
        return Given({}, {})
    if isinstance(node, Scalar):
        return _named(node, context)
    if isinstance(node, Items):
        context.problems.problem("must be a catalogue key or a mapping", node.line, "model")
        return Given({}, {})
    return _written_out(node, base, context)


def _written_out(node: Table, base: Mapping[str, Value] | None, context: Context) -> Given:
    """An architecture by its keys, over that of a catalogue model or of the base."""
    keys = architecture_keys()
    said = [key for key in said_keys() if key != "model"]
    check_keys(node, [*keys, *own_keys("model"), *said], context)
    start = Given({}, {})
    if "catalogue" in node.entries:
        reference = node.entries["catalogue"]
        start = _named(reference, context) if isinstance(reference, Scalar) else start
    elif base is not None and UNDISCLOSED not in node.entries:
        start = Given({key: base[key] for key in (*keys, *said_keys()) if key in base}, {})
    own = read_values(node, [*keys, *said], context)
    values = {**start.values, **own}
    if own.get(UNDISCLOSED):
        values = {key: fields()[key].absent for key in (*keys, *said)} | values
    name = read_text(node.entries.get("name"), fields()["model"]._replace(key="model.name"), context.problems)
    if name is not None:
        values["model"] = name
    source = read_text(node.entries.get("source"), source_text("model.source"), context.problems)
    told = dict.fromkeys(keys, source) if source is not None and base is None else {}
    _check_complete(node, values, context)
    return Given(values, start.sources | told)


def _check_complete(node: Table, values: Mapping[str, Value], context: Context) -> None:
    """Add a problem where the architecture lacks keys; not where one of them stands there and was refused."""
    needed = [key for key in (*architecture_keys(), "model") if fields()[key].default is None]
    missing = [key for key in needed if key not in values]
    if missing and not set(missing) & set(node.entries):
        shown = ["name" if key == "model" else key for key in missing]
        context.problems.problem(f"the architecture lacks {', '.join(shown)}", node.line, "model")


def _named(node: Scalar, context: Context) -> Given:
    """The architecture of a key of the catalogue, or of a model file beside the scenario."""
    catalogue, name = context.catalogue, node.text
    try:
        if name not in catalogue.model_files and is_model_file(name):
            model = read_model_file(name, context.path, node.line, context.catalogue.family_files)
            return _given(model, model.name, f"file {name}")
        return named_model(name, catalogue)
    except KeyError:
        hint = did_you_mean(name, catalogue.model_keys())
        allowed = list_choices(catalogue.model_keys())
        context.problems.problem(f"no such model in the catalogue{hint}", node.line, "model", name, allowed)
    except InvalidInput as error:
        context.problems.found += error.problems
    return Given({}, {})


def named_model(key: str, catalogue: Catalogue) -> Given:
    """What a model of the catalogue gives. Raises KeyError where there is none, InvalidInput for a wrong file."""
    given = _given(catalogue.model(key), key, f"catalogue, {key}")
    if catalogue.model_files[key].is_relative_to(PACKAGED):  # its notes are on sources, and stand in its file
        given.values[NOTES] = fields()[NOTES].absent
    return given


def _given(model: Model, name: str, source: str) -> Given:
    values, specs = {**model.said(), **model.values}, fields()
    sources = dict.fromkeys(values, source[:MAX_SOURCE_CHARACTERS]) | {"model": model.source}
    unsaid = [key for key in model.said() if values[key] == specs[key].absent]
    return Given({"model": name, **values}, sources | dict.fromkeys(unsaid, "default"))
