"""The Sources sheet: every source that the workbook cites, numbered, with what it supports."""

from __future__ import annotations

from sheetgen.workbook.book import HEADER_ROW, Book, Cell, Sheet
from sheetgen.workbook.sheets_inputs import FIRST_DATA_ROW

SHOWN_KEYS = 12


def sources_sheet(book: Book) -> Sheet:
    """One row a source, in the order in which the sheets cite them first."""
    sheet = Sheet("Sources", "Reference", "Sources", frozen_columns=2)
    sheet.widths = {0: 7, 1: 44, 2: 62, 3: 62, 4: 66}
    for column, head in enumerate(("Number", "Source", "Title", "Where to find it", "What it supports")):
        sheet.text(HEADER_ROW, column, head, "header")
    for offset, citation in enumerate(book.citations.values()):
        row = FIRST_DATA_ROW + offset
        sheet.put(row, 0, Cell("table:plain", citation.number))
        sheet.text(row, 1, citation.short, "wrapped")
        sheet.text(row, 2, citation.title, "note")
        sheet.text(row, 3, citation.url, "note")
        keys = list(dict.fromkeys(citation.supports))
        more = f" and {len(keys) - SHOWN_KEYS} more rows that say [{citation.number}]" if len(keys) > SHOWN_KEYS else ""
        sheet.text(row, 4, ", ".join(keys[:SHOWN_KEYS]) + more, "note")
    return sheet
