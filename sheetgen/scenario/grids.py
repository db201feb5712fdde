"""The sensitivity tables that a scenario names: an output and two axes each."""

from __future__ import annotations

from collections.abc import Callable

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.resources import template_data
from sheetgen.base.yamlfile import Items, Node, Scalar, Table
from sheetgen.scenario.model import Grid, grid_of

MOST_TABLES = 6
PARTS = ("output", "rows", "columns")
Report = Callable[[str, int, str, str | None, str | None], None]


def read_grids(node: Node, report: Report) -> tuple[Grid, ...]:
    """The tables of ``sensitivity:``, a list of mappings; every mistake goes to ``report`` with its line and key."""
    if not isinstance(node, Items) or not node.items:
        report("must be a list of tables, each with output, rows and columns", node.line, "sensitivity", None, None)
        return ()
    if len(node.items) > MOST_TABLES:
        report("too many tables", node.line, "sensitivity", str(len(node.items)), f"at most {MOST_TABLES}")
    found: list[Grid] = []
    for item in node.items:
        grid = _grid(item, report)
        if grid is not None and grid in found:
            report("this table is asked for twice", item.line, "sensitivity", None, None)
        elif grid is not None:
            found.append(grid)
    return tuple(found)


def _grid(item: Node, report: Report) -> Grid | None:
    if not isinstance(item, Table):
        report("each table is a mapping with output, rows and columns", item.line, "sensitivity", None, None)
        return None
    outputs: dict[str, list[str]] = template_data("sensitivity")["outputs"]
    words: dict[str, str] = {}
    wrong = False
    for key in [*item.entries, *(part for part in PARTS if part not in item.entries)]:
        name, entry = f"sensitivity.{key}", item.entries.get(key)
        line = item.key_lines.get(key, item.line)
        given = entry.text if isinstance(entry, Scalar) else None
        if key not in PARTS:
            report(f"unknown key{did_you_mean(key, PARTS)}", line, name, None, list_choices(PARTS))
        elif given is None:
            report("is missing" if entry is None else "must be a single value", line, name, None, None)
        else:
            words[key] = given
            allowed = outputs if key == "output" else outputs.get(words.get("output", ""), ())
            if given in allowed or (key != "output" and not allowed):
                continue
            message = "is no output of a table" if key == "output" else f"is no axis of {words['output']}"
            report(f"{message}{did_you_mean(given, allowed)}", line, name, given, list_choices(allowed))
        wrong = True
    if not wrong and words["rows"] == words["columns"]:
        report("is on both axes", item.line, "sensitivity.columns", words["columns"], None)
        wrong = True
    return None if wrong else grid_of(words["output"], words["rows"], words["columns"])
