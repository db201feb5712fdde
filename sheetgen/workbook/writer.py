"""The workbook on disk: the only module that imports XlsxWriter.

Every refusal or warning of the library is an error here. Text goes through the string call only, so that nothing a
scenario holds becomes a formula; every formula is written with its computed value, because mail previews, Protected
View and pandas show that value and never recalculate. The same plan gives the same bytes.
"""

from __future__ import annotations

import datetime
import io
import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from sheetgen.base.errors import BuildError
from sheetgen.base.inputs import Field
from sheetgen.workbook.book import (
    FIRST_CASE,
    HEADER_ROW,
    LABEL,
    Book,
    Cell,
    Sheet,
    address,
)
from sheetgen.workbook.charts import add_chart
from sheetgen.workbook.conditions import conditions
from sheetgen.workbook.money import FINE_MILLIONS, MILLIONS, PLAIN, SCALED
from sheetgen.workbook.paging import PAPERS, cuts, last_printed_row, pages_high, row_breaks, scale
from sheetgen.workbook.sheet import GROUPS
from sheetgen.workbook.styles import FONT, FONT_SIZE, GREY_TAB, TABS, number_format, number_formats, properties

ZOOM = 90
ALLOWED_WHEN_PROTECTED = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_columns": True,
    "format_rows": True,
}


class _Sheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no type information
    """A worksheet that leaves formulas alone: stock XlsxWriter rewrites function names, also inside text literals."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002 - the base's signature
        return formula.removeprefix("=")


def workbook_bytes(book: Book, title: str, author: str, as_of: datetime.date) -> bytes:
    """The .xlsx file of a plan whose formula cells hold their values. Raises BuildError naming what was refused."""
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            _write(book, target, title, author, as_of)
        except (UserWarning, xlsxwriter.exceptions.XlsxWriterException) as error:
            raise BuildError(f"the workbook cannot be written: {error}") from error
    return target.getvalue()


class Styled(NamedTuple):
    """How cells look: for each cell of each sheet the row of the last sheet that has a cell of its style and number
    format, and the style and number format of each row."""

    rows: dict[str, dict[tuple[int, int], int]]
    formats: list[tuple[str, str]]


def shell_bytes(book: Book, title: str, author: str, as_of: datetime.date) -> tuple[bytes, Styled]:
    """The .xlsx file of a plan without its cells: how it looks, what may be typed, what is drawn and printed.

    A last sheet has a cell in each style that the cells have. Raises BuildError naming what was refused.
    """
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            styled = _write(book, target, title, author, as_of, cells=False)
        except (UserWarning, xlsxwriter.exceptions.XlsxWriterException) as error:
            raise BuildError(f"the workbook cannot be written: {error}") from error
    return target.getvalue(), styled


def format_of(book: Book, style: str, value: object) -> str:
    """The number format that a style comes to in a book, for a value."""
    scaled = style.endswith(f":{SCALED}")
    return book.scale.format if scaled else number_format(style, value, whole=book.whole)


def formats_of(book: Book, style: str) -> set[str]:
    """Every number format that a style may come to in a book, whatever its amounts; in the unit that its heads say."""
    if style.endswith(f":{SCALED}"):
        return {scale.format for scale in (PLAIN, MILLIONS, FINE_MILLIONS) if scale.word == book.scale.word}
    return number_formats(style)


def _write(
    book: Book, target: io.BytesIO, title: str, author: str, as_of: datetime.date, *, cells: bool = True
) -> Styled:
    font = {"font_name": FONT, "font_size": FONT_SIZE, "font_scheme": "none"}
    workbook = xlsxwriter.Workbook(target, {"in_memory": True, "default_format_properties": font})
    created = datetime.datetime(as_of.year, as_of.month, as_of.day, tzinfo=datetime.UTC).replace(tzinfo=None)
    workbook.set_properties(
        {
            "title": title,
            "subject": "Training budget",
            "author": author,
            "comments": "Made by sheetgen",
            "created": created,
        }
    )
    formats: dict[tuple[str, str], Any] = {}

    def style(name: str, value: object = None) -> Any:
        text = format_of(book, name, value)
        if (name, text) not in formats:
            formats[name, text] = workbook.add_format(properties(name, text))
        return formats[name, text]

    pages = {sheet.name: workbook.add_worksheet(sheet.name, worksheet_class=_Sheet) for sheet in book.ordered()}
    for sheet in book.ordered():
        page = pages[sheet.name]
        _columns(page, sheet, style)
        for (row, column), cell in sorted(item for item in sheet.cells.items() if cells or item[1].link is not None):
            _cell(page, sheet, row, column, cell, style)
        _validations(page, sheet, book)
        _conditions(workbook, page, sheet, style)
        _colours(page, sheet)
        _view(page, sheet, book, title, as_of)
    for name, place in book.defined.items():
        if workbook.define_name(name, f"={place.text()}"):
            raise BuildError(f"name {name}: refused by the writer")
    for sheet in book.ordered():
        for chart in sheet.charts:
            add_chart(workbook, pages[sheet.name], sheet, chart, book)
    styled = Styled({}, []) if cells else _styled(workbook, book, style)
    workbook.close()
    return styled


def _styled(workbook: Any, book: Book, style: Callable[..., Any]) -> Styled:
    """A sheet with a cell of each style that cells have, one below the other."""
    page = workbook.add_worksheet()
    rows: dict[tuple[str, str], int] = {}
    found = Styled({}, [])
    for sheet in book.ordered():
        own = found.rows[sheet.name] = {}
        for at, cell in sheet.cells.items():
            place = cell.style, format_of(book, cell.style, cell.value)
            row = rows.get(place)
            if row is None:
                row = rows[place] = len(rows)
                found.formats.append(place)
                page.write_number(row, 0, 0, style(cell.style, cell.value))
            own[at] = row
    return found


def _columns(page: Any, sheet: Sheet, style: Callable[..., Any]) -> None:
    for column, width in sheet.widths.items():
        _accepted(page.set_column(column, column, width, style("text")), sheet, f"width of column {column + 1}")
    for row, height in sheet.heights.items():
        _accepted(page.set_row(row, height), sheet, f"height of row {row + 1}")


def _cell(page: Any, sheet: Sheet, row: int, column: int, cell: Cell, style: Callable[..., Any]) -> None:
    form = style(cell.style, cell.value)
    place = address(row, column)
    if cell.link is not None:
        result = page.write_url(
            row, column, f"internal:'{cell.link}'!A1", form, str(cell.value), f"Go to sheet {cell.link}"
        )
    elif cell.formula is not None:
        value = cell.value
        if value is None or isinstance(value, bool) or (not isinstance(value, str) and not math.isfinite(value)):
            raise BuildError(f"{sheet.name}!{place} has no finite value: {value!r}")
        result = page.write_formula(row, column, f"={cell.formula}", form, value)
    elif cell.value is None or cell.value == "":
        result = page.write_blank(row, column, None, form)
    elif isinstance(cell.value, str):
        result = page.write_string(row, column, cell.value, form)
    else:
        result = page.write_number(row, column, cell.value, form)
    _accepted(result, sheet, place)


def _accepted(result: int | None, sheet: Sheet, what: str) -> None:
    if result:
        raise BuildError(f"{sheet.name}, {what}: refused by the writer (code {result})")


def _validations(page: Any, sheet: Sheet, book: Book) -> None:
    rows: dict[tuple[int, str], list[int]] = {}
    specs: dict[tuple[int, str], Field] = {}
    for item in sorted(sheet.validations, key=lambda item: (item.row, item.column)):
        rows.setdefault((item.row, item.field.key), []).append(item.column)
        specs[item.row, item.field.key] = item.field
    for (row, key), columns in rows.items():
        spec = specs[row, key]
        rule: dict[str, Any] = {
            "input_title": spec.label[:32],
            "input_message": _message(spec),
            "error_title": spec.label[:32],
            "error_message": f"Allowed: {'one of the list' if spec.choices else spec.allowed}."[:255],
            "ignore_blank": True,
        }
        if spec.choices:
            name = "case_names" if spec.choices == "case_name" else f"list_{spec.choices}"
            rule |= {"validate": "list", "source": f"={book.names[name].text()}"}
        elif spec.kind == "text":
            rule |= {
                "validate": "length",
                "criteria": "between",
                "minimum": 0,
                "maximum": int(spec.maximum or 255),
            }
        else:
            kind = {"number": "decimal", "integer": "integer", "date": "date"}[spec.kind]
            rule |= {
                "validate": kind,
                "criteria": "between",
                "minimum": spec.minimum,
                "maximum": spec.maximum,
            }
        result = page.data_validation(row, min(columns), row, max(columns), rule)
        _accepted(result, sheet, f"validation of {spec.key}")


def _message(spec: Field) -> str:
    allowed = "Choose from the list." if spec.choices else f"Allowed: {spec.allowed}."
    return f"{spec.help} {allowed}".strip()[:255]


def _conditions(workbook: Any, page: Any, sheet: Sheet, style: Callable[..., Any]) -> None:
    for item in conditions(sheet):
        form = workbook.add_format({"num_format": item.shown}) if item.shown else style(item.style)
        result = page.conditional_format(*item.cells, {**item.rule, "format": form})
        _accepted(result, sheet, f"colour of row {item.cells[0] + 1}")


def _view(page: Any, sheet: Sheet, book: Book, title: str, as_of: datetime.date) -> None:
    """Freeze panes, protection and print set-up."""
    last_row, last_column = last_printed_row(sheet), sheet.last_printed_column
    if sheet.charts and last_column == sheet.last_column:
        last_column = max(last_column, FIRST_CASE + 3)
    page.freeze_panes(sheet.view.frozen_rows, sheet.view.frozen_columns)
    page.set_tab_color(TABS[sheet.kind] if sheet.group == GROUPS[0] else GREY_TAB)
    page.set_zoom(ZOOM)
    page.hide_gridlines(2)
    page.protect("", ALLOWED_WHEN_PROTECTED)
    page.set_paper(PAPERS[book.paper][0])
    page.set_portrait() if not sheet.printed.landscape else page.set_landscape()
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.print_area(0, 0, last_row, last_column)
    breaks = cuts(sheet, book)
    if breaks:
        page.set_print_scale(scale(sheet, book))
        page.set_v_pagebreaks(breaks)
        page.repeat_columns(0, LABEL)
    else:
        page.fit_to_pages(1, pages_high(sheet, book))
    if breaks or not sheet.printed.one_page:
        page.repeat_rows(0, HEADER_ROW)
    if breaks or not (sheet.printed.one_page or sheet.printed.tall):
        page.set_h_pagebreaks(row_breaks(sheet, book))
    name = title.replace("&", "&&")[:80]
    size = "&8 " if name[:1].isdigit() else "&8"  # the size would go on with the digits of the name
    page.set_footer(f"&L{size}{name}, as of {as_of.isoformat()}&C&8&F, &A&R&8Page &P of &N")


def _colours(page: Any, sheet: Sheet) -> None:
    """Tables coloured from least to most."""
    for area in sheet.colour_scales:
        rule = {"type": "3_color_scale", "min_color": "#C6E0B4", "mid_color": "#FFFFFF", "max_color": "#F8CBAD"}
        _accepted(page.conditional_format(*area, rule), sheet, "colours of a table")
