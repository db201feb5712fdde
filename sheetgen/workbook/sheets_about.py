"""The About sheet: how to read the workbook, what it holds, and where it comes from."""

from __future__ import annotations

import textwrap

from sheetgen import __version__
from sheetgen.base.inputs import fields
from sheetgen.base.resources import template_data
from sheetgen.scenario.model import OPTIONAL_SHEETS, Scenario
from sheetgen.workbook.book import FIRST_CASE, KEY, LABEL, UNIT, Book, Cell, Sheet, Shown
from sheetgen.workbook.sheets_inputs import FIRST_DATA_ROW

ABOUT_WIDTH = 116

COLOURS = (
    ("input_colour", "Input", "Change it; marked “input” in the last column of sheet Inputs"),
    ("constant:left", "Constant", "Fixed by definition or by the paper named"),
    ("calc:left", "Formula", "Follows from the inputs; locked"),
    ("total:left", "Result", "What other sheets or the approver use"),
    ("status_ok", "OK", "The check holds"),
    ("status_review", "REVIEW", "Somebody should say that it is intended"),
    ("status_fail", "FAIL", "Do not use the figures"),
)


def about_sheet(book: Book, scenario: Scenario) -> Sheet:
    """How to use the workbook, its limits, its contents, and where it comes from."""
    data = template_data("about")
    sheet = Sheet("About", data["kind"], data["title"], frozen_columns=0, landscape=False, one_page=True)
    sheet.widths = {LABEL: 34, KEY: 30, UNIT: 40, FIRST_CASE: 40}
    row = FIRST_DATA_ROW - 1
    for section in data["sections"]:
        sheet.text(row, LABEL, section["title"], "section")
        row += 1
        for line in section["lines"]:
            for part in textwrap.wrap(line, ABOUT_WIDTH, subsequent_indent="    " if line[:1].isdigit() else ""):
                sheet.text(row, LABEL, part, "line")
                row += 1
    sheet.text(row, LABEL, "Colours", "section")
    row += 1
    for style, word, meaning in COLOURS:
        sheet.text(row, LABEL, word, style)
        sheet.text(row, KEY, meaning, "line")
        row += 1
    sheet.text(row, LABEL, "Contents", "section")
    row += 1
    for name in [sheet.name for sheet in book.ordered()]:
        sheet.put(row, LABEL, Cell("link", name, link=name))
        sheet.text(row, KEY, f"{book.sheets[name].kind}: {book.sheets[name].title}", "line")
        row += 1
    absent = [(slug, name) for slug, name in OPTIONAL_SHEETS.items() if slug not in scenario.sheets]
    for slug, name in absent:
        sheet.text(row, LABEL, f"{name}, not asked for", "line")
        sheet.text(row, KEY, f"{template_data(slug)['title']}. A scenario asks for it by sheets: [{slug}].", "line")
        row += 1
    sheet.text(row, LABEL, "Where it comes from", "section")
    row += 1
    for key in ("scenario", "requester", "as_of"):
        sheet.text(row, LABEL, fields()[key].label, "label")
        style = f"line:{'date_left' if key == 'as_of' else 'left'}"
        sheet.put(row, KEY, Cell(style, formula=book.scalar(key, "About"), shows=Shown(key, 0)))
        row += 1
    build = f"sheetgen build --scenario {scenario.file}{scenario.sheets_option} -o budget.xlsx"
    for label, text in (
        ("Scenario file", scenario.file),
        ("Scenario SHA-256", scenario.sha256),
        ("Inputs fingerprint", "fingerprint: inputs"),
        ("Accelerators fingerprint", "fingerprint: accelerators"),
        ("Generator", f"sheetgen {__version__}"),
        ("Command", scenario.command or build),
    ):
        sheet.text(row, LABEL, label, "label")
        sheet.text(row, KEY, text, "line")
        sheet.key_rows[label] = row
        row += 1
    return sheet
