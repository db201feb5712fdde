"""The cases of a scenario: the base, and those that say what differs from it; and the inputs that name one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.inputs import CASE_NAME, Value, fields
from sheetgen.base.yamlfile import Items, Node, Table
from sheetgen.scenario.architecture import read_model
from sheetgen.scenario.context import Context
from sheetgen.scenario.efficiency import read_basis
from sheetgen.scenario.keys import own_keys
from sheetgen.scenario.model import MAX_CASES, Case
from sheetgen.scenario.other_costs import read_other_costs
from sheetgen.scenario.prices import check_price_passes, chip_of_price, read_price
from sheetgen.scenario.ranges import read_ranges
from sheetgen.scenario.values import check_keys, read_text, read_values

DEFAULT_CASES = {"the base": 0, "the last": -1}
"""Which case an input names that is not given, by its default in words."""


def read_case_name(node: Node | None, key: str, context: Context) -> str | None:
    """The name of a case; None where there is none or it is refused."""
    return read_text(node, fields()[CASE_NAME]._replace(key=key), context.problems)


def read_cases(
    root: Table, base: Mapping[str, Value], currency: Value, lines: dict[int, str], context: Context
) -> tuple[list[Case], dict[str, str]]:
    """The cases of ``cases:``, and the sources of what their models and prices give.

    ``lines`` are the names of the lines of ``other_costs:``, to which those go that a case adds.
    """
    node, cases, sources = root.entries.get("cases"), list[Case](), dict[str, str]()
    if node is None:
        return cases, sources
    if not isinstance(node, Items):
        context.problems.problem("must be a list of cases, each with a name", node.line, "cases")
        return cases, sources
    if len(node.items) >= MAX_CASES:
        given, allowed = str(len(node.items)), f"at most {MAX_CASES - 1}"
        context.problems.problem("too many cases", node.line, "cases", given, allowed)
        return cases, sources
    for item in node.items:
        if not isinstance(item, Table):
            context.problems.problem("each case is a mapping with a name", item.line, "cases")
            continue
        case, told = _case(item, {**base, "currency": currency}, context)
        added = read_other_costs(item, lines, context)
        case = Case(case.name, {**case.values, **added.values})
        told |= added.sources
        cases.append(case if case.name else Case(f"case {len(cases) + 2}", case.values))
        sources = told | sources
    return cases, sources


def _case(table: Table, base: Mapping[str, Value], context: Context) -> tuple[Case, dict[str, str]]:
    check_keys(table, [*context.keys("case"), *own_keys("case")], context)
    name = read_case_name(table.entries.get("name"), "cases.name", context)
    if "name" not in table.entries:
        context.problems.problem("the case has no name", table.line, "cases.name")
    model = read_model(table.entries.get("model"), base, context)
    own = {**model.values, **read_values(table, context.keys("case"), context)}
    own |= read_basis(table, own, base, context.problems)
    own |= read_ranges(own)
    check_price_passes(table, own, base, context)
    price = read_price(table, {**base, **own}, context)
    own |= price.values
    return Case(name or "", {**own, **chip_of_price(own, base)}), price.sources | model.sources


def named_cases(root: Table, values: Mapping[str, Value], names: Sequence[str], context: Context) -> dict[str, Value]:
    """The inputs that name a case: one of those there are, or the default one."""
    found: dict[str, Value] = {}
    for key, spec in context.fields.items():
        if not spec.names_case:
            continue
        found[key] = values.get(key, "") or names[DEFAULT_CASES[str(spec.default)]]
        if found[key] not in names:
            given = str(found[key])
            line = root.key_lines.get(key, root.line)
            context.problems.problem(
                f"there is no such case{did_you_mean(given, names)}", line, key, given, list_choices(names)
            )
    return found
