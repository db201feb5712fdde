"""Values of a mapping by key, each checked by the row of its input; texts; and keys that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgen.base.errors import closest, did_you_mean, list_choices
from sheetgen.base.inputs import ACCELERATORS, Field, Value
from sheetgen.base.yamlfile import Node, Scalar, Table
from sheetgen.scenario.context import Context, Problems
from sheetgen.scenario.model import MAX_SOURCE_CHARACTERS

MOST_UNKNOWN = 50
"""Keys of one mapping that are told, each with what comes closest."""


def check_keys(table: Table, known: Iterable[str], context: Context) -> set[str]:
    """Add a problem for each key that may not stand in a mapping; the keys that the misspelt ones come closest to."""
    allowed_keys = {*known}
    names, misspelt, unknown = sorted(allowed_keys), set[str](), 0
    for key in table.entries:
        asked = context.inputs[key].sheet if key in context.inputs else None
        if asked is not None and asked not in context.sheets:
            message = f"belongs to the optional sheet {asked}, which is not asked for"
            allowed = f"with sheets: [{asked}], or --sheets {asked}"
            context.problems.problem(message, table.key_lines[key], key, allowed=allowed)
        elif key not in allowed_keys:
            unknown += 1
            if unknown > MOST_UNKNOWN:
                message = f"more than {MOST_UNKNOWN} unknown keys: the rest of them was not looked at"
                context.problems.problem(message, table.key_lines[key], key)
                break
            meant = closest(key, names)
            misspelt |= {meant} if meant is not None else set()
            message = f"unknown key{did_you_mean(key, names)}"
            context.problems.problem(message, table.key_lines[key], key, allowed=list_choices(names))
    return misspelt


def read_values(table: Table, keys: Iterable[str], context: Context) -> dict[str, Value]:
    """The values that a mapping gives for the keys; one that is refused is left out."""
    inputs = context.inputs
    found = {key: read_value(inputs[key], table.entries[key], context) for key in keys if key in table.entries}
    return {key: value for key, value in found.items() if value is not None}


def read_value(spec: Field, node: Node, context: Context) -> Value | None:
    """The checked value of one entry, or None with the problem added."""
    choices = list(context.catalogue.accelerators) if spec.choices == ACCELERATORS else None
    if not isinstance(node, Scalar):
        context.problems.problem("must be a single value", node.line, spec.key, allowed=spec.allowed_of(choices))
        return None
    try:
        return spec.value("" if node.is_null else node.text, choices)
    except ValueError as error:
        given = None if node.is_null or not node.text.strip() else node.text
        context.problems.problem(str(error), node.line, spec.key, given, spec.allowed_of(choices))
        return None


def read_text(node: Node | None, spec: Field, problems: Problems) -> str | None:
    """A line of text within the bounds of its spec; None where there is none or it is refused."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        problems.problem("must be a line of text", node.line, spec.key, allowed=spec.allowed_of())
        return None
    text = "" if node.is_null else node.text
    complaint = "has no value" if not text.strip() else spec.complaint(text)
    if complaint is not None:
        problems.problem(complaint, node.line, spec.key, node.text, spec.allowed_of())
        return None
    return text


def source_text(key: str) -> Field:
    """What a source may be: a line of text, reported under the key."""
    return Field(key, "Source", "text", "text", "", maximum=MAX_SOURCE_CHARACTERS)


def read_sources(node: Node | None, context: Context) -> dict[str, str]:
    """The texts of ``sources:`` by the key of the input that they speak of."""
    if node is None:
        return {}
    if not isinstance(node, Table):
        context.problems.problem("must be a mapping of input keys to texts", node.line, "sources")
        return {}
    check_keys(node, context.inputs, context)
    texts = {
        key: read_text(entry, source_text(f"sources.{key}"), context.problems) for key, entry in node.entries.items()
    }
    return {key: text for key, text in texts.items() if text is not None}
