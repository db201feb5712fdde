"""Where a printed sheet is cut into pages, and how large it prints."""

from __future__ import annotations

from itertools import pairwise

from sheetgen.workbook.book import CHART_ROWS, FIRST_CASE, HEADER_ROW, KEY, LABEL, PIXELS_PER_UNIT, Book, Sheet
from sheetgen.workbook.sheet import DEFAULT_HEIGHT, POINTS_PER_PIXEL

PAPERS = {"A4": (9, (785.0, 510.0)), "Letter": (1, (734.0, 528.0))}
"""By name: Office Open XML's number, and the room of a landscape page within our margins, in points."""
CASES_PER_PAGE = 7
SMALLEST = 10  # percent, that a program prints at
READABLE = 62  # percent: a sheet that would print smaller, one page wide, is cut into pages across
LARGEST_CUT = 72  # percent, of a sheet that is cut: larger print would only be more pages
HEADS = frozenset({"section", "header"})
NAME = "line:left"  # of a line that names the chart below it
FILL = 0.97  # of the page, for programs that draw a row a little higher


def cuts(sheet: Sheet, book: Book) -> list[int]:
    """The columns before which a page ends; none where the sheet prints one page wide.

    A sheet with cases is cut behind them, and between them where they are many.
    """
    if not sheet.by_case:
        return [] if sheet.printed.one_page or sheet.printed.tall else sheet.page_breaks
    if _percent(sheet, [], book) >= READABLE:
        return []
    after = book.after_cases
    breaks = list(range(FIRST_CASE + CASES_PER_PAGE, after, CASES_PER_PAGE))
    return [*breaks, after] if sheet.last_printed_column >= after else breaks


def scale(sheet: Sheet, book: Book) -> int:
    """The percentage at which the widest page across fits; behind the first cut the label column stands again."""
    return _percent(sheet, cuts(sheet, book), book)


def row_breaks(sheet: Sheet, book: Book) -> list[int]:
    """Rows before which a page ends, so that no section is cut that fits on a page of its own.

    At the scale at which the sheet prints; Excel, fitting to the width, may break elsewhere.
    """

    def height(first: int, last: int) -> float:
        return sum(sheet.heights.get(row, DEFAULT_HEIGHT) for row in range(first, last))

    room = FILL * _room(sheet, book)[1] * 100 / scale(sheet, book) - height(0, HEADER_ROW + 1)
    heads = {row for (row, column), cell in sheet.cells.items() if column == LABEL and cell.style in HEADS}
    sections = {row for row in heads if row > HEADER_ROW}
    named = {row + 1 for (row, _), cell in sheet.cells.items() if cell.style == NAME}
    charts = {chart.spot.row - (chart.spot.row in named) for chart in sheet.charts}
    below = {row for row in charts if row > min(sections, default=0) and row - 1 not in sections}
    starts = sorted(sections | below)
    found: list[int] = []
    top = HEADER_ROW + 1
    for start, end in pairwise([*starts, last_printed_row(sheet) + 1]):
        if start > top and height(top, end) > room:
            found.append(start)
            top = start
    return found


def pages_high(sheet: Sheet, book: Book) -> int:
    """How many pages a sheet that is not cut may take; 0: as many as it needs. Little more than a page is one."""
    if sheet.printed.one_page or not sheet.printed.tall:
        return int(sheet.printed.one_page)
    height = sum(sheet.heights.get(row, DEFAULT_HEIGHT) for row in range(last_printed_row(sheet) + 1))
    pages = height * _percent(sheet, [], book) / 100 / _room(sheet, book)[1]
    return min(sheet.printed.tall, max(1, round(pages)))


def last_printed_row(sheet: Sheet) -> int:
    """The last row that is printed: it holds a cell or a part of a chart."""
    if sheet.printed_rows:
        return sheet.printed_rows - 1
    return max([sheet.last_row, *(chart.spot.row + CHART_ROWS for chart in sheet.charts)])


def _room(sheet: Sheet, book: Book) -> tuple[float, float]:
    """Width and height of what a page has room for, in points."""
    width, height = PAPERS[book.paper][1]
    return (width, height) if sheet.printed.landscape else (height, width)


def _percent(sheet: Sheet, breaks: list[int], book: Book) -> int:
    ends = [0, *breaks, sheet.last_printed_column + 1]
    label = _points(sheet, 0, KEY)
    pages = [_points(sheet, first, last) + (label if first else 0) for first, last in pairwise(ends)]
    most = LARGEST_CUT if breaks else 100
    return max(min(most, int(100 * _room(sheet, book)[0] / max(pages))), SMALLEST)


def _points(sheet: Sheet, first: int, last: int) -> float:
    """The width of some columns, the last one not among them, in points."""
    widths = (width for column, width in sheet.widths.items() if first <= column < last)
    return sum(widths) * PIXELS_PER_UNIT * POINTS_PER_PIXEL
