"""What the optional sheet actuals needs of a scenario: the figures of the months behind us."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.inputs import Value
from sheetgen.base.numbers import from_serial, parse_number
from sheetgen.base.yamlfile import Items, Node, Scalar, Table
from sheetgen.engine.phasing import MAX_MONTHS
from sheetgen.scenario.context import Problems
from sheetgen.scenario.model import MAX_AMOUNT, Actual


def read_actuals(
    root: Table, cases: Sequence[Mapping[str, Value]], sheets: Sequence[str], problems: Problems
) -> tuple[Actual | None, ...]:
    """The months of ``actuals:``, the first month of the timeline first; every mistake goes to ``problems``."""
    node = root.entries.get("actuals")
    if node is None:
        return ()
    if "actuals" not in sheets:
        message = "belongs to the optional sheet actuals, which is not asked for"
        problems.problem(
            message, root.key_lines["actuals"], "actuals", None, "with sheets: [actuals], or --sheets actuals"
        )
        return ()
    if not isinstance(node, Items):
        problems.problem("must be a list of months", node.line, "actuals", None, None)
        return ()
    starts = [float(case["start_date"]) for case in cases if "start_date" in case]
    if not starts:
        return ()
    first = from_serial(min(starts))
    found: dict[int, Actual] = {}
    for item in node.items:
        place = _month(item, problems)
        if place is None or not isinstance(item, Table):
            continue
        number = (place[0] - first.year) * 12 + place[1] - first.month
        given = f"{place[0]}-{place[1]:02d}"
        if not 0 <= number < MAX_MONTHS:
            allowed = f"{first:%Y-%m} and the {MAX_MONTHS - 1} months after it"
            problems.problem("is no month of the budget", item.line, "actuals.month", given, allowed)
        elif number in found:
            problems.problem("stands twice", item.line, "actuals.month", given, None)
        elif (actual := _figures(item, problems)) is not None:
            found[number] = actual
    months = max(found, default=-1) + 1
    gaps = [number for number in range(months) if number not in found]
    if gaps:
        problems.problem(
            "months are missing before the last one", node.line, "actuals", str(len(gaps)), "every month from the first"
        )
    return tuple(found.get(number) for number in range(months))


def _month(item: Node, problems: Problems) -> tuple[int, int] | None:
    entry = item.entries.get("month") if isinstance(item, Table) else None
    if not isinstance(entry, Scalar) or not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", entry.text):
        given = entry.text if isinstance(entry, Scalar) else None
        problems.problem("each entry needs a month", item.line, "actuals.month", given, "a month written YYYY-MM")
        return None
    year, _, month = entry.text.partition("-")
    return int(year), int(month)


def _figures(item: Table, problems: Problems) -> Actual | None:
    values: dict[str, float] = {}
    wrong = False
    for key in [*item.entries, *(name for name in Actual._fields if name not in item.entries)]:
        name, entry = f"actuals.{key}", item.entries.get(key)
        line = item.key_lines.get(key, item.line)
        if key == "month":
            continue
        if key not in Actual._fields:
            problems.problem(
                f"unknown key{did_you_mean(key, Actual._fields)}", line, name, None, list_choices(Actual._fields)
            )
            wrong = True
            continue
        text = entry.text if isinstance(entry, Scalar) else None
        try:
            values[key] = _amount(text)
        except ValueError as error:
            problems.problem(str(error), line, name, text, f"a number from 0 to {MAX_AMOUNT:g}")
            wrong = True
    return None if wrong else Actual(**values)


def _amount(text: str | None) -> float:
    if text is None:
        raise ValueError("is missing")
    value = parse_number(text)
    if not 0 <= value <= MAX_AMOUNT:
        raise ValueError("is too small" if value < 0 else "is too large")
    return value
