"""What a single value cannot show: figures that must fit each other in every case, each reported where it stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from sheetgen.base.inputs import fields
from sheetgen.base.yamlfile import Items, Table
from sheetgen.scenario.context import Problems
from sheetgen.scenario.contradictions import contradictions
from sheetgen.scenario.effect import without_effect
from sheetgen.scenario.inherited import inherited
from sheetgen.scenario.model import Scenario


def check_together(scenario: Scenario, root: Table, problems: Problems) -> None:
    """Add a problem for each two cases of one name, and for each contradiction that a case brings in by a value of its
    own, at the line of that value."""
    seen: set[str] = set()
    for index, (case, table) in enumerate(zip(scenario.cases, _tables(root), strict=True)):
        if read_alike(case.name) in seen:
            problems.problem("two cases have this name", table.line, "cases.name", case.name)
        seen.add(read_alike(case.name))
        inputs = scenario.inputs(index)
        wrong = [
            *contradictions(inputs, scenario.accelerator(index)),
            *inherited(scenario.inputs(0), inputs, case.values),
        ]
        for found in wrong:
            own = [key for key in (found.key, *found.rests_on) if key in case.values]
            if own:
                line = next((place for key in own if (place := _line(table, key)) is not None), table.line)
                given = fields()[found.key].shown(inputs[found.key])
                problems.problem(f"{found.message} (case {case.name})", line, found.key, given, found.allowed)


def check_effect(scenario: Scenario, root: Table, problems: Problems) -> None:
    """Add a problem for each figure that the file gives and no case reads."""
    tables = list(_tables(root))
    for key, needed in without_effect([scenario.inputs(index) for index in range(len(scenario.cases))]):
        line = next((table.key_lines[key] for table in tables if key in table.key_lines), None)
        if line is not None:
            problems.problem("has no effect: nothing reads it", line, key, allowed=f"{needed}, or leave it out")


def read_alike(name: str) -> str:
    """A name as a reader tells it from others: without case, spaces around it, and two spellings of one letter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold().strip())


def _tables(root: Table) -> Iterator[Table]:
    """The mappings of the cases, the base's first."""
    yield root
    cases = root.entries.get("cases")
    yield from (item for item in (cases.items if isinstance(cases, Items) else ()) if isinstance(item, Table))


def _line(table: Table, key: str) -> int | None:
    """Where a key of a case was written: in the case itself, or in its model."""
    if key in table.key_lines:
        return table.key_lines[key]
    model = table.entries.get("model")
    if not fields()[key].is_of_model or model is None:
        return None
    return model.key_lines.get(key, model.line) if isinstance(model, Table) else model.line
