"""How the numbers of a chart are shown, by the size of what it draws: in millions where they are millions."""

from __future__ import annotations

import re

from sheetgen.workbook.book import Book, ChartPlan

MILLION = 1e6
PLAIN = "#,##0"
GIGABYTES = "GB"

_RANGE = re.compile(r"(\w+)!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?")


def axis_format(book: Book, plan: ChartPlan) -> str:
    """The number format of the axis of values; bytes are drawn in GB."""
    if plan.axis == GIGABYTES:
        return "#,##0,,,"
    largest = max(drawn(book, plan), default=0.0)
    if largest < MILLION:
        return PLAIN
    return '#,##0.0,,"M"' if largest >= 10 * MILLION else '#,##0.00,,"M"'


def label_format(book: Book, plan: ChartPlan) -> str:
    """The number format of the figures at the bars: in millions where each of them is one."""
    return '#,##0.00,,"M"' if min(drawn(book, plan), default=0.0) >= MILLION else PLAIN


def drawn(book: Book, plan: ChartPlan) -> list[float]:
    """The sizes of the values that a chart draws."""
    sizes = []
    for series in plan.series:
        if match := _RANGE.fullmatch(series.values):
            sheet, first, top, last, bottom = match.groups()
            for row in range(int(top), int(bottom or top) + 1):
                for column in range(column_index(first), column_index(last or first) + 1):
                    cell = book.sheets[sheet].cells.get((row - 1, column))
                    if cell is not None and isinstance(cell.value, int | float):
                        sizes.append(abs(float(cell.value)))
    return sizes


def column_index(letters: str) -> int:
    """0 for ``A``, 26 for ``AA``."""
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - ord("A") + 1
    return number - 1
