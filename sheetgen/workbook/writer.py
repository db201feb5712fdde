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
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from sheetgen.base.errors import BuildError
from sheetgen.base.inputs import Field
from sheetgen.workbook.book import (
    FIRST_CASE,
    HEADER_ROW,
    KEY,
    KIND_ROW,
    LABEL,
    PIXELS_PER_UNIT,
    UNIT,
    Book,
    Cell,
    ChartPlan,
    Sheet,
    address,
)
from sheetgen.workbook.chart_numbers import axis_format, label_format
from sheetgen.workbook.paging import PAPERS, cuts, last_printed_row, row_breaks, scale
from sheetgen.workbook.styles import FONT, FONT_SIZE, STATUS_STYLES, number_format, properties, sparse_format

ZOOM = 90
CHART_WIDTH, CHART_HEIGHT, CHART_MARGIN = 900, 285, 4  # pixels
SERIES_COLOURS = ("#2F5597", "#C55A11", "#548235", "#BF9000", "#7030A0", "#404040", "#00808A", "#A61C4C")
BAR_COLOURS: dict[str, tuple[str, ...]] = {
    "waterfall": ("", "#2F5597", "#C55A11", "#548235"),
    "tornado": ("#2F5597", "#C55A11"),
}
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


def _write(book: Book, target: io.BytesIO, title: str, author: str, as_of: datetime.date) -> None:
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
        text = number_format(name, value, book.currency, book.quoted)
        if (name, text) not in formats:
            formats[name, text] = workbook.add_format(properties(name, text))
        return formats[name, text]

    pages = {sheet.name: workbook.add_worksheet(sheet.name, worksheet_class=_Sheet) for sheet in book.ordered()}
    for sheet in book.ordered():
        page = pages[sheet.name]
        _columns(page, sheet, style)
        for (row, column), cell in sorted(sheet.cells.items()):
            _cell(page, sheet, row, column, cell, style)
        _validations(page, sheet, book)
        _conditions(workbook, page, sheet, style)
        _view(page, sheet, book, title, as_of)
    for sheet in book.ordered():
        for chart in sheet.charts:
            _chart(workbook, pages[sheet.name], sheet, chart, book)
    workbook.close()


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
    """Colour for the three words of a check, and the word sparse behind every time that rests on a sparse peak."""
    places = [(KIND_ROW, UNIT)]
    if sheet.status_colours:
        places += [
            place for place, cell in sheet.cells.items() if cell.style.endswith(":status") and place[0] > HEADER_ROW
        ]
    rows = sorted({row for row, _ in places})
    for row in rows:
        columns = [column for other, column in places if other == row]
        for word, name in STATUS_STYLES.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": style(name)}
            result = page.conditional_format(row, min(columns), row, max(columns), rule)
            _accepted(result, sheet, f"colour of row {row + 1}")
    for row, key in sheet.sparse_rows.items():
        columns = [column for other, column in sheet.cells if other == row and sheet.cells[other, column].formula]
        flag = sheet.key_rows[key]
        form = sheet.cells[row, columns[0]].style.partition(":")[2]
        largest = max(abs(float(sheet.cells[row, column].value or 0)) for column in columns)
        rule = {
            "type": "formula",
            "criteria": f'=LEFT({address(flag, columns[0]).replace(str(flag + 1), f"${flag + 1}")}, 6)="SPARSE"',
            "format": workbook.add_format({"num_format": sparse_format(form, largest)}),
        }
        result = page.conditional_format(row, min(columns), row, max(columns), rule)
        _accepted(result, sheet, f"sparse note of row {row + 1}")


def _view(page: Any, sheet: Sheet, book: Book, title: str, as_of: datetime.date) -> None:
    """Freeze panes, protection and print set-up."""
    last_row, last_column = last_printed_row(sheet), sheet.last_column
    if sheet.charts:
        last_column = max(last_column, FIRST_CASE + 3)
    page.freeze_panes(sheet.frozen_rows, sheet.frozen_columns)
    page.set_zoom(ZOOM)
    page.hide_gridlines(2)
    page.protect("", ALLOWED_WHEN_PROTECTED)
    page.set_paper(PAPERS[book.paper][0])
    page.set_portrait() if not sheet.landscape else page.set_landscape()
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.print_area(0, 0, last_row, last_column)
    if breaks := cuts(sheet, book):
        page.set_print_scale(scale(sheet, book))
        page.set_v_pagebreaks(breaks)
        page.repeat_columns(0, LABEL)
    else:
        page.fit_to_pages(1, 1 if sheet.one_page else 0)
    if not sheet.one_page:
        page.repeat_rows(0, HEADER_ROW)
        page.set_h_pagebreaks(row_breaks(sheet, book))
    name = title.replace("&", "&&")[:80]
    page.set_footer(f"&L&8{name}, as of {as_of.isoformat()}&C&8&F, &A&R&8Page &P of &N")


def _chart(workbook: Any, page: Any, sheet: Sheet, plan: ChartPlan, book: Book) -> None:
    if plan.kind in {"waterfall", "tornado"}:
        _bars(workbook, page, sheet, plan, book)
        return
    if plan.kind == "scatter":
        _scatter(workbook, page, sheet, plan, book)
        return
    kind, _, subtype = plan.kind.partition("_")
    stacked = {"subtype": subtype} if subtype and subtype != "time" else {}
    chart = workbook.add_chart({"type": kind, **stacked})
    alone = len(plan.series) == 1
    for series, colour in zip(plan.series, SERIES_COLOURS, strict=False):
        place = f"={series.name}" if "!" in series.name else series.name
        options: dict[str, Any] = {"name": place, "categories": f"={plan.categories}", "values": f"={series.values}"}
        if kind == "line":
            options |= {"line": {"color": colour, "width": 1.75}, "marker": {"type": "none"}}
        else:
            options |= {"fill": {"color": colour}, "gap": 80 if alone else 50}
        if alone:
            font = {"name": FONT, "size": 8}
            options["data_labels"] = {"value": True, "num_format": label_format(book, plan), "font": font}
        chart.add_series(options)
    font = {"name": FONT, "size": 8}
    share = plan.axis == "%"
    title = plan.title if share else f"{plan.title}, {plan.axis}"
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 10}, "overlay": False})
    chart.set_legend({"none": True} if alone else {"position": "right", "font": font})
    dates = {"num_format": "yyyy-mm", "text_axis": True} if subtype == "time" else {}
    chart.set_x_axis({"num_font": font} | (dates or ({} if alone else {"num_format": "#,##0"})))
    chart.set_y_axis({
        "num_font": font, "num_format": "0%" if share else axis_format(book, plan), "min": 0,
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        "name": "share of the forward pass" if share else plan.axis,
        "name_font": {"name": FONT, "size": 8, "bold": False},
    } | ({"max": 1} if share else {}))  # fmt: skip
    _insert(page, sheet, book, chart, plan, CHART_WIDTH, CHART_HEIGHT)


def _insert(page: Any, sheet: Sheet, book: Book, chart: Any, plan: ChartPlan, width: int, height: int) -> None:
    """Put a chart below its row, as wide as planned, else so wide or as the sheet is.

    Where the sheet is cut, it stands between the label column, which every page across repeats, and the first cut.
    """
    breaks = cuts(sheet, book)
    column, end = (KEY, breaks[0]) if breaks else (plan.column, sheet.last_column + 1)
    room = sum(sheet.widths.get(place, 0) for place in range(column, end)) * PIXELS_PER_UNIT - 2 * CHART_MARGIN
    chart.set_size({"width": plan.width or min(width, int(room)), "height": height})
    where = {
        "description": plan.description, "object_position": 1, "x_offset": CHART_MARGIN, "y_offset": CHART_MARGIN,
    }  # fmt: skip
    _accepted(page.insert_chart(plan.row, column, chart, where), sheet, "chart")


def _bars(workbook: Any, page: Any, sheet: Sheet, plan: ChartPlan, book: Book) -> None:
    """A waterfall, whose first series only holds the bars up; or a tornado, whose bars start at the budget."""
    waterfall = plan.kind == "waterfall"
    chart = workbook.add_chart({"type": "column" if waterfall else "bar", "subtype": "stacked"})
    font = {"name": FONT, "size": 8}
    for index, (series, colour) in enumerate(zip(plan.series, BAR_COLOURS[plan.kind], strict=True)):
        options: dict[str, Any] = {
            "name": series.name,
            "categories": f"={plan.categories}",
            "values": f"={series.values}",
            "gap": 40,
        }
        options |= {"fill": {"none": True}, "border": {"none": True}} if not colour else {"fill": {"color": colour}}
        if waterfall and not index:
            options["name"] = " "
        chart.add_series(options)
    chart.set_title(
        {"name": f"{plan.title}, {book.currency}", "name_font": {"name": FONT, "size": 10}, "overlay": False}
    )
    chart.set_legend({"position": "bottom", "font": font} | ({"delete_series": [0]} if waterfall else {}))
    amounts = {
        "num_font": font, "num_format": axis_format(book, plan), "name": book.currency,
        "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
        "name_font": {"name": FONT, "size": 8, "bold": False},
    }  # fmt: skip
    names: dict[str, Any] = {"num_font": font}
    if not waterfall:
        names |= {"reverse": True, "label_position": "low"}
    across, up = (names, amounts) if waterfall else (amounts, names)  # the bars of a tornado lie
    chart.set_x_axis(across)
    chart.set_y_axis(up)
    _insert(page, sheet, book, chart, plan, CHART_WIDTH, CHART_HEIGHT)


def _scatter(workbook: Any, page: Any, sheet: Sheet, plan: ChartPlan, book: Book) -> None:
    """Markers on log axes; the last series is the line on which both axes are equal."""
    chart = workbook.add_chart({"type": "scatter"})
    font = {"name": FONT, "size": 8}
    for series, colour in zip(plan.series, SERIES_COLOURS, strict=False):
        options: dict[str, Any] = {
            "name": series.name,
            "categories": f"={series.across}",
            "values": f"={series.values}",
        }
        if series is plan.series[-1]:
            options |= {"line": {"color": "#7F7F7F", "width": 1}, "marker": {"type": "none"}}
        else:
            fill = {"color": colour}
            options["marker"] = {"type": "circle", "size": 6, "fill": fill, "border": {"color": "#FFFFFF"}}
        chart.add_series(options)
    chart.set_title({"name": plan.title, "name_font": {"name": FONT, "size": 10}, "overlay": False})
    chart.set_legend({"position": "right", "font": font})
    grid = {"visible": True, "line": {"color": "#D9D9D9"}}
    for place, name in ((chart.set_x_axis, "published"), (chart.set_y_axis, "predicted")):
        label = {"name": name, "name_font": {"name": FONT, "size": 8, "bold": False}}
        place({"num_font": font, "num_format": "0.E+00", "log_base": 10, "major_gridlines": grid, **label})
    _insert(page, sheet, book, chart, plan, 720, 380)
