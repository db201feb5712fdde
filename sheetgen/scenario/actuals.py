"""The optional sheets that a scenario asks for, and what only they need: the figures of the months behind us."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.inputs import Value
from sheetgen.base.numbers import from_serial, parse_number
from sheetgen.base.yamlfile import Items, Node, Scalar, Table
from sheetgen.scenario.model import MOST_AMOUNT, OPTIONAL_SHEETS, PAPERS, Actual

MOST_MONTHS = 36  # of a timeline, as in the engine
Report = Callable[[str, int, str, str | None, str | None], None]


def read_sheets(root: Table, asked: Iterable[str], report: Report) -> tuple[str, ...]:
    """The optional sheets of ``sheets:`` and those ``asked`` for beside it, in workbook order."""
    node = root.entries.get("sheets")
    wanted = [(name, root.line) for name in asked]
    if isinstance(node, Items):
        for item in node.items:
            if isinstance(item, Scalar):
                wanted.append((item.text, item.line))
            else:
                report("must be the name of a sheet", item.line, "sheets", None, list_choices(OPTIONAL_SHEETS))
    elif node is not None:
        report("must be a list of sheets", node.line, "sheets", None, list_choices(OPTIONAL_SHEETS))
    for name, line in wanted:
        if name not in OPTIONAL_SHEETS:
            hint = did_you_mean(name, OPTIONAL_SHEETS)
            report(f"is no optional sheet{hint}", line, "sheets", name, list_choices(OPTIONAL_SHEETS))
    return tuple(slug for slug in OPTIONAL_SHEETS if slug in {name for name, _ in wanted})


def read_paper(root: Table, report: Report) -> str:
    """The paper of ``paper:``, A4 where it is not given."""
    node = root.entries.get("paper")
    if node is None:
        return PAPERS[0]
    given = node.text if isinstance(node, Scalar) else None
    if given not in PAPERS:
        hint = did_you_mean(given or "", PAPERS)
        report(f"is no paper to print on{hint}", node.line, "paper", given, list_choices(PAPERS))
        return PAPERS[0]
    return given


def read_actuals(
    root: Table, cases: Sequence[Mapping[str, Value]], sheets: Sequence[str], report: Report
) -> tuple[Actual | None, ...]:
    """The months of ``actuals:``, the first month of the timeline first; every mistake goes to ``report``."""
    node = root.entries.get("actuals")
    if node is None:
        return ()
    if "actuals" not in sheets:
        message = "belongs to the optional sheet actuals, which is not asked for"
        report(message, root.key_lines["actuals"], "actuals", None, "with sheets: [actuals], or --sheets actuals")
        return ()
    if not isinstance(node, Items):
        report("must be a list of months", node.line, "actuals", None, None)
        return ()
    starts = [float(case["start_date"]) for case in cases if "start_date" in case]
    if not starts:
        return ()
    first = from_serial(min(starts))
    found: dict[int, Actual] = {}
    for item in node.items:
        place = _month(item, report)
        if place is None or not isinstance(item, Table):
            continue
        number = (place[0] - first.year) * 12 + place[1] - first.month
        given = f"{place[0]}-{place[1]:02d}"
        if not 0 <= number < MOST_MONTHS:
            allowed = f"{first:%Y-%m} and the {MOST_MONTHS - 1} months after it"
            report("is no month of the budget", item.line, "actuals.month", given, allowed)
        elif number in found:
            report("stands twice", item.line, "actuals.month", given, None)
        elif (actual := _figures(item, report)) is not None:
            found[number] = actual
    months = max(found, default=-1) + 1
    gaps = [number for number in range(months) if number not in found]
    if gaps:
        report(
            "months are missing before the last one", node.line, "actuals", str(len(gaps)), "every month from the first"
        )
    return tuple(found.get(number) for number in range(months))


def _month(item: Node, report: Report) -> tuple[int, int] | None:
    entry = item.entries.get("month") if isinstance(item, Table) else None
    if not isinstance(entry, Scalar) or not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", entry.text):
        given = entry.text if isinstance(entry, Scalar) else None
        report("each entry needs a month", item.line, "actuals.month", given, "a month written YYYY-MM")
        return None
    year, _, month = entry.text.partition("-")
    return int(year), int(month)


def _figures(item: Table, report: Report) -> Actual | None:
    values: dict[str, float] = {}
    wrong = False
    for key in [*item.entries, *(name for name in Actual._fields if name not in item.entries)]:
        name, entry = f"actuals.{key}", item.entries.get(key)
        line = item.key_lines.get(key, item.line)
        if key == "month":
            continue
        if key not in Actual._fields:
            report(f"unknown key{did_you_mean(key, Actual._fields)}", line, name, None, list_choices(Actual._fields))
            wrong = True
            continue
        text = entry.text if isinstance(entry, Scalar) else None
        try:
            values[key] = _amount(text)
        except ValueError as error:
            report(str(error), line, name, text, f"a number from 0 to {MOST_AMOUNT:g}")
            wrong = True
    return None if wrong else Actual(**values)


def _amount(text: str | None) -> float:
    if text is None:
        raise ValueError("is missing")
    value = parse_number(text)
    if not 0 <= value <= MOST_AMOUNT:
        raise ValueError("is too small" if value < 0 else "is too large")
    return value
