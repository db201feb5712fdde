"""Series: one figure for every month of the timeline, or every fiscal year; time down the rows, cases across.

The first day of a row's month (year) is a formula in the label column; each case's cell of a row is the same formula.
"""

from __future__ import annotations

import textwrap

from sheetgen.workbook.book import (
    ANY_COLUMN,
    ANY_LETTER,
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
from sheetgen.workbook.formula import to_excel, to_words
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
    text = _formula(book, sheet, entry, kind)
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
        own = _own_rows(text, book, row, offset)
        for index in range(book.cases):
            formula = own.replace(ANY_LETTER, letter(FIRST_CASE + index))
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


def _formula(book: Book, sheet: Sheet, entry: Row, kind: str) -> str:
    """The formula of any row and case: a letter to fill in, and ``{name}`` for the row's own month and other series."""

    def place(name: str) -> str:
        if name == LABELS_OF_SERIES[kind]:
            return f"${letter(LABEL)}{{month}}"
        if name in all_series():
            return f"{ANY_LETTER}{{{name}}}"
        if name.removeprefix("previous_") in all_series():
            return f"{{before {name.removeprefix('previous_')}}}"
        if name.startswith("series_"):
            return _fixed_rows(book, name)
        return book.place(name, sheet.name, ANY_COLUMN)

    return to_excel(entry.formula, place)


def _fixed_rows(book: Book, name: str) -> str:
    _, first, last = book.blocks[name]
    return f"{ANY_LETTER}${first + 1}:{ANY_LETTER}${last + 1}"


def _own_rows(text: str, book: Book, row: int, offset: int) -> str:
    own = text.replace("{month}", str(row + 1))
    for name in all_series():
        if f"{{{name}}}" in own:
            own = own.replace(f"{{{name}}}", str(book.blocks[f"series_{name}"][1] + offset + 1))
        if f"{{before {name}}}" in own:
            before = f"{ANY_LETTER}{book.blocks[f'series_{name}'][1] + offset}" if offset else "0"
            own = own.replace(f"{{before {name}}}", before)
    return own


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
