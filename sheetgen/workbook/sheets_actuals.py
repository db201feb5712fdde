"""The Actuals sheet: what each month really took, typed by hand, and what that says of cost and date at completion."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sheetgen.base.errors import Problem
from sheetgen.base.inputs import Field
from sheetgen.base.resources import template_data
from sheetgen.scenario.model import MAX_AMOUNT, Actual, Scenario
from sheetgen.workbook.book import (
    FIRST_CASE,
    HEADER_ROW,
    KEY,
    LABEL,
    UNIT,
    Book,
    Cell,
    Sheet,
    Shown,
    Validation,
    address,
)
from sheetgen.workbook.definitions import format_of, label_of, unit_of
from sheetgen.workbook.evaluator import Evaluator
from sheetgen.workbook.formula import parse, to_excel
from sheetgen.workbook.names import Place
from sheetgen.workbook.sheets_inputs import FIRST_DATA_ROW
from sheetgen.workbook.template import DEFAULT_FORMATS

NAME = "Actuals"
COLUMN_WIDTH = 17.0


@cache
def typed_fields() -> tuple[Field, ...]:
    """The typed columns as inputs, in the order of :class:`sheetgen.scenario.model.Actual`."""
    return tuple(
        Field(
            key=column["key"], label=column["label"], kind="number", unit=column["unit"], section=NAME, scope="month",
            minimum=0.0, maximum=MAX_AMOUNT, choices=None, pattern=None, default=None, source=None,
            help=column["help"], format=_format(column),
        )
        for column in template_data("actuals")["typed"]
    )  # fmt: skip


def _format(row: Mapping[str, Any]) -> str:
    unit = str(row.get("unit", ""))
    fitting = "share" if unit == "fraction" else DEFAULT_FORMATS.get(unit, "integer")
    return str(row.get("format") or fitting)


def actuals_sheet(book: Book, scenario: Scenario) -> Sheet:
    """Months down with the typed columns and those that follow; below them the figures to date."""
    data = template_data("actuals")
    columns = [*data["typed"], *data["columns"]]
    sheet = Sheet(NAME, data["kind"], data["title"])
    sheet.widths = {LABEL: 38, KEY: 29, UNIT: 13}
    sheet.widths |= {FIRST_CASE + index: COLUMN_WIDTH for index in range(len(columns) + 1)}
    for column, entry in enumerate(columns, start=FIRST_CASE):
        sheet.text(HEADER_ROW, column, entry["label"], "header")
    sheet.heights[HEADER_ROW] = 26
    sheet.page_breaks = [FIRST_CASE + len(data["typed"])]
    row, places = _case_rows(book, sheet, scenario, data["case"])
    sheet.text(row, LABEL, "Months: four columns are input", "section")
    for column, entry in enumerate(columns, start=FIRST_CASE):
        sheet.text(row, column, f"unit:{entry['unit']}", "unit")
    top = row + 1
    last = top + book.months - 1
    places["months"] = _column(LABEL, top, last)
    for column, entry in enumerate(columns, start=FIRST_CASE):
        places[f"column_{entry['key']}"] = _column(column, top, last)
    for offset in range(book.months):
        _month_row(book, sheet, scenario, columns, places, top + offset, offset)
    row = last + 1
    for section in data["sections"]:
        sheet.text(row, LABEL, section["title"], "section")
        row += 1
        for entry in section["rows"]:
            _to_date_row(book, sheet, scenario, entry, places, row)
            places[entry["key"]] = address(row, FIRST_CASE, absolute=True)
            row += 1
    for name, place in places.items():
        if name.startswith("column_") or name == "months":
            book.ranges[f"actuals_{name}" if name == "months" else name] = f"{NAME}!{place}"
        elif name in {"realised_mfu", "status_date"}:
            book.names[name] = Place.of_cell(NAME, sheet.key_rows[name])
    return sheet


def _case_rows(book: Book, sheet: Sheet, scenario: Scenario, keys: list[str]) -> tuple[int, dict[str, str]]:
    """What the sheet needs of the case put forward, a row each; the row behind, and by key the cell."""
    sheet.text(FIRST_DATA_ROW, LABEL, "The case put forward", "section")
    places: dict[str, str] = {}
    row = FIRST_DATA_ROW + 1
    for key in keys:
        sheet.text(row, LABEL, label_of(key), "label")
        sheet.text(row, KEY, f"{key}@chosen", "key")
        sheet.key_rows[f"{key}@chosen"] = row
        sheet.text(row, UNIT, f"unit:{unit_of(key)}", "unit")
        shows = Shown(key, scenario.chosen)
        sheet.put(row, FIRST_CASE, Cell(f"calc:{format_of(key)}", formula=book.chosen(key, NAME), shows=shows))
        places[key] = address(row, FIRST_CASE, absolute=True)
        row += 1
    return row, places


def _column(column: int, top: int, last: int) -> str:
    return f"{address(top, column, absolute=True)}:{address(last, column, absolute=True)}"


def _month_row(
    book: Book, sheet: Sheet, scenario: Scenario, columns: list[dict[str, Any]], places: dict[str, str], row: int,
    offset: int,
) -> None:  # fmt: skip
    first = book.scalar("first_month", NAME) if not offset else f"EDATE({address(row - 1, LABEL)}, 1)"
    sheet.put(row, LABEL, Cell("axis:month", formula=first))
    key = f"actual:{offset + 1}"
    sheet.text(row, KEY, key, "key")
    sheet.key_rows[key] = row
    actual = scenario.actuals[offset] if offset < len(scenario.actuals) else None
    own = {"month": f"${address(row, LABEL)}", "accrued": book.chosen_month("accrued", offset + 1, NAME)}
    for column, entry in enumerate(columns, start=FIRST_CASE):
        own[entry["key"]] = f"${address(row, column)}"
        own[f"sofar_{entry['key']}"] = f"{address(row - offset, column, absolute=True)}:{own[entry['key']]}"
    for column, entry in enumerate(columns, start=FIRST_CASE):
        index = column - FIRST_CASE
        if "formula" not in entry:
            spec = typed_fields()[index]
            value = None if actual is None else actual[index]
            sheet.put(row, column, Cell(f"input:{spec.format}", value, unlocked=True))
            sheet.validations.append(Validation(row, column, spec, None))
            continue
        shows = Shown(f"{entry['key']}:{offset + 1}", scenario.chosen)
        text = _excel(book, entry["formula"], {**places, **own})
        sheet.put(row, column, Cell(f"calc:{_format(entry)}", formula=text, shows=shows))


def _to_date_row(
    book: Book, sheet: Sheet, scenario: Scenario, entry: Mapping[str, Any], places: dict[str, str], row: int
) -> None:
    total = entry.get("style") == "total"
    sheet.text(row, LABEL, entry["label"], "label_total" if total else "label")
    sheet.text(row, KEY, entry["key"], "key")
    sheet.key_rows[entry["key"]] = row
    sheet.text(row, UNIT, f"unit:{entry['unit']}", "unit")
    text = _excel(book, entry["formula"], places)
    style = f"{'total' if total else 'calc'}:{_format(entry)}"
    sheet.put(row, FIRST_CASE, Cell(style, formula=text, shows=Shown(entry["key"], scenario.chosen)))
    book.cite(template_data("actuals")["source"], entry["key"])


def _excel(book: Book, formula: str, places: Mapping[str, str]) -> str:
    return to_excel(parse(formula), lambda name: places[name] if name in places else book.chosen(name, NAME))


def read_actuals(evaluator: Evaluator, rows: Mapping[str, int], problems: list[Problem]) -> tuple[Actual | None, ...]:
    """The months typed on the sheet, the first one first; what is no number of 0 or more goes to ``problems``."""
    found: list[Actual | None] = []
    number = 1
    while f"actual:{number}" in rows:
        row = rows[f"actual:{number}"]
        values: list[float | None] = []
        for column, spec in enumerate(typed_fields(), start=FIRST_CASE):
            value = evaluator.value(NAME, row, column)
            empty = value is None or value == ""
            good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MAX_AMOUNT
            if not empty and not good:
                place = f"{NAME}!{address(row, column)}"
                problems.append(Problem("cannot be used", place, key=spec.key, given=str(value), allowed=spec.allowed))
            values.append(float(value) if good and isinstance(value, (int, float)) else None)
        found.append(None if all(value is None for value in values) else Actual(*values))
        number += 1
    while found and found[-1] is None:
        found.pop()
    return tuple(found)
