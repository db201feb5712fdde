"""Series: one figure for every month of the timeline, or every fiscal year; time down the rows, cases across.

The first day of a row's month (year) is a formula in the label column; each case's cell of a row is the same formula.
"""

from __future__ import annotations

import textwrap
from functools import partial

from sheetgen.workbook.addresses import OWN_COLUMN, OWN_ROW, Gap, Parts, Pattern
from sheetgen.workbook.book import (
    CHART_ROWS,
    FIRST_CASE,
    KEY,
    LABEL,
    SMALL,
    UNIT,
    Book,
    Cell,
    ChartPlan,
    Series,
    Sheet,
    Shown,
    address,
    letter,
)
from sheetgen.workbook.formula import pattern, to_words
from sheetgen.workbook.template import LABELS_OF_SERIES, Row, Section, all_series
from sheetgen.workbook.words import in_words

MOST_LINES = 8
STARTS = {"months": ("first_month", "1", "month"), "years": ("first_fiscal_year", "months_per_year", "fiscal_year")}
"""Of each kind of series: where it starts, how many months a step takes, and how a row's date is shown."""


def series_block(book: Book, sheet: Sheet, section: Section, top: int) -> int:
    """The rows of a series section from row ``top`` on; gives the row behind it."""
    kind, (entry,) = str(section.series), section.rows
    count = book.months if kind == "months" else book.years
    start, step, form = STARTS[kind]
    names = "months" if kind == "months" else "years"
    last = top + count - 1
    book.ranges.setdefault(names, f"{sheet.name}!{_column(top, last)}")
    book.blocks[f"series_{entry.key}"] = (sheet.name, top, last)
    patterns = _formula(book, sheet, entry, kind, top)
    source = book.cite(entry.source, entry.key)
    follows = step if step == "1" else book.scalar(step, sheet.name)
    for offset in range(count):
        row = top + offset
        first = book.scalar(start, sheet.name) if not offset else f"EDATE({address(row - 1, LABEL)}, {follows})"
        sheet.put(row, LABEL, Cell(f"axis:{form}", formula=first))
        key = f"{entry.key}:{offset + 1}"
        sheet.text(row, KEY, key, "key")
        sheet.text(row, UNIT, f"unit:{entry.unit}", "unit")
        sheet.key_rows[key] = row
        sheet.text(row, book.after_cases + 1, source, "note")
        for index in range(book.cases):
            formula = patterns[min(offset, 1)].at(row, FIRST_CASE + index)
            shows = None if entry.helper else Shown(key, index)
            sheet.put(row, FIRST_CASE + index, Cell(f"calc:{entry.format}", formula=formula, shows=shows))
    if book.shown:
        _words(book, sheet, entry, top, last)
    return last + 1 if section.chart is None else _chart(book, sheet, section, entry, top, last)


def _words(book: Book, sheet: Sheet, entry: Row, top: int, last: int) -> None:
    """The formula in words, a line beside each row, so that no row grows for it; what is left over in the last."""
    column = book.after_cases
    width = int(sheet.widths[column] * SMALL.letters) - 2
    lines = textwrap.wrap(to_words(entry.formula, in_words), width)
    room = last - top + 1
    lines = [*lines[: room - 1], " ".join(lines[room - 1 :])] if len(lines) > room else lines
    for row, line in enumerate(lines, start=top):
        sheet.text(row, column, line, "words")


def _formula(book: Book, sheet: Sheet, entry: Row, kind: str, top: int) -> tuple[Pattern, Pattern]:
    """The formula of the first row, in which nothing is before, and of the others."""

    def place(name: str, first: bool) -> Parts:
        series = name.removeprefix("previous_")
        if name == LABELS_OF_SERIES[kind]:
            return (f"${letter(LABEL)}", OWN_ROW)
        if series in all_series():
            if first and name != series:
                return ("0",)
            offset = book.names[f"series_{series}"].top - top - (name != series)
            return (OWN_COLUMN, Gap(in_column=False, offset=offset))
        if name.startswith("series_"):
            return book.names[name]._replace(fixed_rows=True).parts(sheet.name)
        return book.names.parts(name, sheet.name)

    return pattern(entry.formula, partial(place, first=True)), pattern(entry.formula, partial(place, first=False))


def _column(top: int, last: int) -> str:
    return f"{address(top, LABEL, absolute=True)}:{address(last, LABEL, absolute=True)}"


def _chart(book: Book, sheet: Sheet, section: Section, entry: Row, top: int, last: int) -> int:
    """A line for each case below the rows."""
    heads = book.sheets["Inputs"].key_rows["case_name"]
    lines = tuple(
        Series(
            f"Inputs!{address(heads, column, absolute=True)}",
            f"{sheet.name}!{address(top, column, absolute=True)}:{address(last, column, absolute=True)}",
        )
        for column in range(FIRST_CASE, book.after_cases)
    )
    assert section.chart is not None
    sheet.charts.append(
        ChartPlan(
            last + 1, section.chart["title"], section.chart["description"], "line_time",
            f"{sheet.name}!{_column(top, last)}", lines[:MOST_LINES], entry.unit,
        )
    )  # fmt: skip
    return last + 2 + CHART_ROWS
