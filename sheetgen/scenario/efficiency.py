"""Which of three figures drives time: the efficiency basis, named where exactly one is given."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.base.inputs import Value
from sheetgen.base.yamlfile import Table
from sheetgen.scenario.context import Problems
from sheetgen.scenario.model import efficiency_inputs

BASIS = "efficiency_basis"


def read_basis(
    table: Table, own: Mapping[str, Value], base: Mapping[str, Value], problems: Problems
) -> dict[str, Value]:
    """The basis that the figures of a mapping imply; nothing where it is named, or where the mapping has no figure."""
    figures = efficiency_inputs()
    given = [basis for basis, key in figures.items() if key in own]
    if BASIS in own or not given:
        basis = str(own.get(BASIS, ""))
        if basis and figures[basis] not in own and figures[basis] not in base:
            problems.problem(f"{figures[basis]} is not given", table.key_lines[BASIS], BASIS, basis)
        return {}
    if len(given) > 1:
        line = table.key_lines[figures[given[-1]]]
        named = ", ".join(figures[basis] for basis in given)
        problems.problem(f"say which of {named} drives time", line, BASIS, allowed=", ".join(figures))
        return {}
    return {BASIS: given[0]}


def check_efficiency_given(given: set[str], line: int, problems: Problems) -> None:
    """Add a problem where no figure of efficiency is given."""
    figures = efficiency_inputs().values()
    if BASIS not in given and not given.intersection(figures):
        problems.problem(f"no efficiency is given: {' or '.join(figures)}", line, BASIS)
