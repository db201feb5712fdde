"""``other_costs:``, the lines of a budget that a scenario names itself: each a name, an amount and where it is from.

A line is an input of its own (``other_name_1``, ``other_amount_1`` to 5). Names are those of the whole scenario; a case
that lists a line gives its own amount, and one that lists a new line adds it, at 0 in the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices
from sheetgen.base.inputs import Value, fields
from sheetgen.base.yamlfile import Items, Table
from sheetgen.engine.cost import FREE_LINES, UNNAMED
from sheetgen.scenario.context import Context, Given
from sheetgen.scenario.model import Case, Scenario
from sheetgen.scenario.values import read_text, read_value, source_text

KEY = "other_costs"
PARTS = ("name", "amount", "source")
NAME, AMOUNT = "other_name_{}", "other_amount_{}"
KEYS = tuple(part.format(number) for number in FREE_LINES for part in (NAME, AMOUNT))


def taken(values: Mapping[str, Value]) -> dict[int, str]:
    """The lines that a scenario names key by key, by their number."""
    names = {number: str(values.get(NAME.format(number), UNNAMED)) for number in FREE_LINES}
    return {number: name for number, name in names.items() if name != UNNAMED}


def names_of(lines: Mapping[int, str]) -> dict[str, Value]:
    """The inputs that hold the names of lines."""
    return {NAME.format(number): name for number, name in lines.items()}


def read_other_costs(table: Table, lines: dict[int, str], context: Context) -> Given:
    """The amounts of ``other_costs:`` of the scenario or of a case, and their sources; new names go to ``lines``."""
    node, found, problems = table.entries.get(KEY), Given({}, {}), context.problems
    if node is None:
        return found
    typed = [key for key in KEYS if key in table.entries]
    if typed:
        problems.problem("lines are listed and typed", node.line, KEY, None, f"{KEY}, or {', '.join(typed)}")
        return found
    if not isinstance(node, Items):
        problems.problem("must be a list of lines, each with name and amount", node.line, KEY)
        return found
    for item in node.items:
        if isinstance(item, Table):
            _read_line(item, lines, found, context)
        else:
            problems.problem("each line is a mapping with name and amount", item.line, KEY)
    return found


def _read_line(item: Table, lines: dict[int, str], found: Given, context: Context) -> None:
    """Add a line's amount and source to what was found."""
    problems, entries = context.problems, item.entries
    for key in [key for key in entries if key not in PARTS]:
        message = f"unknown key{did_you_mean(key, PARTS)}"
        problems.problem(message, item.key_lines[key], f"{KEY}.{key}", None, list_choices(PARTS))
    missing = [key for key in PARTS[:2] if key not in entries]
    for key in missing:
        problems.problem("is missing", item.line, f"{KEY}.{key}")
    if missing:
        return
    first = min(FREE_LINES)
    name = read_text(entries["name"], fields()[NAME.format(first)]._replace(key=f"{KEY}.name"), problems)
    amount = read_value(fields()[AMOUNT.format(first)]._replace(key=f"{KEY}.amount"), entries["amount"], context)
    source = read_text(entries.get("source"), source_text(f"{KEY}.source"), problems)
    if name is None or amount is None:
        return
    number = _place(name, lines)
    if number is None:
        problems.problem("too many lines", item.line, KEY, name, f"at most {len(FREE_LINES)} names in the scenario")
    elif AMOUNT.format(number) in found.values:
        problems.problem("stands twice", item.line, f"{KEY}.name", name)
    elif name == UNNAMED:
        problems.problem("is no name", item.line, f"{KEY}.name", name)
    else:
        lines[number] = name
        found.values[AMOUNT.format(number)] = amount
        if source is not None:
            found.sources[AMOUNT.format(number)] = source


def _place(name: str, lines: Mapping[int, str]) -> int | None:
    """The number of the line with this name, or of the first that is free; None where all are taken."""
    known = next((number for number, other in lines.items() if other.lower() == name.lower()), None)
    return known or next((number for number in FREE_LINES if number not in lines), None)


def align(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios with lines of the same name in the same place, and the names of all in each.

    Raises InvalidInput where they have more names together than there are lines.
    """
    lines: dict[int, str] = {}
    moves: list[dict[str, str]] = []
    for scenario in scenarios:
        move: dict[str, str] = {}
        for number, name in taken(scenario.values).items():
            place = _place(name, lines)
            if place is None:
                allowed = f"at most {len(FREE_LINES)} names in all scenarios"
                raise InvalidInput([Problem("too many lines together", scenario.file, None, KEY, name, allowed)])
            lines[place] = name
            move[AMOUNT.format(number)] = AMOUNT.format(place)
        moves.append(move)
    names = dict.fromkeys((NAME.format(number) for number in FREE_LINES), UNNAMED) | names_of(lines)
    return [_moved(scenario, move, names) for scenario, move in zip(scenarios, moves, strict=True)]


def _moved(scenario: Scenario, move: Mapping[str, str], names: Mapping[str, Value]) -> Scenario:
    """The scenario with its amounts where they belong among these names."""
    amounts = [AMOUNT.format(number) for number in FREE_LINES]

    def of_case(values: Mapping[str, Value], empty: Mapping[str, Value]) -> dict[str, Value]:
        rest = {key: value for key, value in values.items() if key not in amounts}
        return {**empty} | rest | {new: values[old] for old, new in move.items() if old in values}

    blank: dict[str, Value] = dict.fromkeys(amounts, 0)
    sources = {key: text for key, text in scenario.sources.items() if key not in amounts}
    sources |= {new: scenario.sources[old] for old, new in move.items() if old in scenario.sources}
    first, *others = scenario.cases
    cases = (Case(first.name, of_case(first.values, blank)), *(Case(c.name, of_case(c.values, {})) for c in others))
    return replace(scenario, values={**scenario.values, **names}, cases=cases, sources=sources)
