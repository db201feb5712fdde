"""From a scenario to the whole workbook as data: every sheet, every cell, every formula with its addresses."""

from __future__ import annotations

import math
import textwrap

from sheetgen.base.units import unit_label
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.book import Book
from sheetgen.workbook.cells import Cell, Shown
from sheetgen.workbook.check import check
from sheetgen.workbook.columns import lay_columns
from sheetgen.workbook.definitions import Definitions, SheetTemplate
from sheetgen.workbook.formula import Name
from sheetgen.workbook.names import Place
from sheetgen.workbook.page import Page
from sheetgen.workbook.paging import cuts
from sheetgen.workbook.sheet import (
    FIRST_DATA_ROW,
    HEADER_ROW,
    INTRO_ROW,
    KEY,
    KIND_ROW,
    LABEL,
    TEXT,
    TITLE_ROW,
    UNIT,
    Sheet,
)

INTRO_CHARACTERS = 175
MASTER = "master_check"  # the row that the head of every sheet shows


def plan(scenario: Scenario, *, shown: bool = True) -> Book:
    """The workbook for a scenario: layout and formulas, not yet values.

    Unless it is ``shown``, what only looks need is left out: heights of rows, texts of units, formulas in words; and
    the templates are not checked again. Raises TemplateError for the first template row that is wrong.
    """
    definitions = Definitions.of(scenario.templates)
    if shown:
        check(definitions)
    book = Book(
        len(scenario.cases), scenario.months, scenario.stages, paper=scenario.paper, shown=shown,
        label_of=definitions.label, sources=definitions.sources,
    )  # fmt: skip
    templates = [sheet for sheet in definitions.sheets if sheet.optional is None or sheet.optional in scenario.sheets]
    book.sheets = {template.name: _sheet(template) for template in templates}
    for template in sorted(templates, key=lambda template: template.late):
        _lay_out(book, scenario, definitions, template)
    book.render()
    book.currency = currency = str(scenario.values["currency"])
    quoted = _quoted(scenario)
    book.quoted = quoted if quoted.isupper() else ""
    if shown:
        _show(book, currency, quoted)
    return book


def _sheet(template: SheetTemplate) -> Sheet:
    """An empty sheet with what its template's head says of the whole."""
    return Sheet(
        template.name, template.kind, template.title, by_case=template.by_case,
        landscape=template.page.get("orientation") != "portrait", one_page=template.page.get("one_page", False),
        frozen_columns=template.freeze.get("columns", UNIT + 1),
        frozen_rows=template.freeze.get("rows", FIRST_DATA_ROW),
        status_colours=template.status_colours, rests_on_nothing=template.rests_on_nothing,
        read_back=template.read_back,
    )  # fmt: skip


def _lay_out(book: Book, scenario: Scenario, definitions: Definitions, template: SheetTemplate) -> None:
    """The blocks of a sheet, one below the other, then its head."""
    sheet = book.sheets[template.name]
    page = Page(book, scenario, definitions, sheet)
    lay_columns(page, template.columns)
    if template.header_height is not None:
        sheet.heights[HEADER_ROW] = template.header_height
    page.row = FIRST_DATA_ROW if template.header else HEADER_ROW
    for block in template.blocks_for(scenario):
        block.lay(page)
    sheet.page_breaks = [page.columns[name] for name in template.page.get("breaks", ())]
    name = f"sheet_{template.name.lower()}"
    if template.by_case:
        book.names.setdefault(name, Place.of_rows(sheet.name, FIRST_DATA_ROW, page.last_row, f"sheet {sheet.name}"))
    else:
        last, right = page.last_formula
        place = Place(sheet.name, FIRST_DATA_ROW, last, UNIT, right, fixed_columns=False, fixed_rows=False)
        book.names.setdefault(name, place)
    _head(page, template)


def _head(page: Page, template: SheetTemplate) -> None:
    """Title, kind, master check and introduction above the column heads of a sheet."""
    sheet, book = page.sheet, page.book
    # A sheet that is cut has its label column on every page: what stands there keeps to it.
    breaks = cuts(sheet, book) if book.shown else []
    sheet.text(TITLE_ROW, LABEL, sheet.title, "title_wrapped" if breaks else "title")
    sheet.text(KIND_ROW, LABEL, f"Sheet type: {sheet.kind}", "kind")
    sheet.text(KIND_ROW, KEY, "Master check", "master_label")
    master = sheet.put(KIND_ROW, UNIT, Cell("master:status", shows=Shown(MASTER, 0)))
    page.copy(Name(MASTER), [(KIND_ROW, UNIT, master)])
    room = sum(sheet.widths.get(column, 0) for column in range(KEY, breaks[0])) if breaks else math.inf
    letters = int(min(INTRO_CHARACTERS, room * TEXT.letters))
    for offset, line in enumerate(textwrap.wrap(" ".join(template.intro.split()), letters)[:2]):
        if (INTRO_ROW + offset, LABEL) not in sheet.cells:
            sheet.text(INTRO_ROW + offset, KEY if breaks else LABEL, line, "intro")


def _show(book: Book, currency: str, quoted: str) -> None:
    """The texts of units, with the codes of currencies, and the heights of rows."""
    for sheet in book.ordered():
        for cell in sheet.cells.values():
            if isinstance(cell.value, str) and cell.style == "unit":
                cell.value = unit_label(cell.value.removeprefix("unit:"), currency, quoted)
        sheet.wrap_texts()
        sheet.charts = [chart._replace(axis=unit_label(chart.axis, currency)) for chart in sheet.charts]


def _quoted(scenario: Scenario) -> str:
    """The currency of the quotes: their code where all cases have one, else words."""
    own = str(scenario.values["currency"])
    found = {str(scenario.inputs(index)["quote_currency"]) for index in range(len(scenario.cases))}
    found = {own if code == "as the budget" else code for code in found}
    return found.pop() if len(found) == 1 else "quoted money"
