"""The sensitivity tables that a scenario names: an output and two axes each."""

from __future__ import annotations

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.resources import template_data
from sheetgen.base.yamlfile import Items, Node, Scalar, Table
from sheetgen.scenario.context import Problems
from sheetgen.scenario.model import Grid, grid_of

MAX_TABLES = 6
PARTS = ("output", "rows", "columns")


def read_grids(node: Node, problems: Problems) -> tuple[Grid, ...]:
    """The tables of ``sensitivity:``, a list of mappings; every mistake goes to ``problems`` with its line and key."""
    if not isinstance(node, Items) or not node.items:
        problems.problem("must be a list of tables, each with output, rows and columns", node.line, "sensitivity")
        return ()
    if len(node.items) > MAX_TABLES:
        problems.problem("too many tables", node.line, "sensitivity", str(len(node.items)), f"at most {MAX_TABLES}")
    found: list[Grid] = []
    for item in node.items:
        grid = _grid(item, problems)
        if grid is not None and grid in found:
            problems.problem("this table is asked for twice", item.line, "sensitivity")
        elif grid is not None:
            found.append(grid)
    return tuple(found)


def _grid(item: Node, problems: Problems) -> Grid | None:
    if not isinstance(item, Table):
        problems.problem("each table is a mapping with output, rows and columns", item.line, "sensitivity")
        return None
    outputs: dict[str, list[str]] = template_data("sensitivity")["lists"]["outputs"]
    words: dict[str, str] = {}
    wrong = False
    for key in [*item.entries, *(part for part in PARTS if part not in item.entries)]:
        name, entry = f"sensitivity.{key}", item.entries.get(key)
        line = item.key_lines.get(key, item.line)
        given = entry.text if isinstance(entry, Scalar) else None
        if key not in PARTS:
            problems.problem(f"unknown key{did_you_mean(key, PARTS)}", line, name, None, list_choices(PARTS))
        elif given is None:
            problems.problem("is missing" if entry is None else "must be a single value", line, name)
        else:
            words[key] = given
            allowed = outputs if key == "output" else outputs.get(words.get("output", ""), ())
            if given in allowed or (key != "output" and not allowed):
                continue
            message = "is no output of a table" if key == "output" else f"is no axis of {words['output']}"
            problems.problem(f"{message}{did_you_mean(given, allowed)}", line, name, given, list_choices(allowed))
        wrong = True
    if not wrong and words["rows"] == words["columns"]:
        problems.problem("is on both axes", item.line, "sensitivity.columns", words["columns"], None)
        wrong = True
    return None if wrong else grid_of(words["output"], words["rows"], words["columns"])
