"""From a scenario to the whole workbook as data: every sheet, every cell, every formula with its addresses."""

from __future__ import annotations

import math
import textwrap
from functools import cache

from sheetgen.base.errors import InvalidInput
from sheetgen.base.inputs import options
from sheetgen.base.resources import ADDS
from sheetgen.base.templates import TemplateError, Templates
from sheetgen.base.units import live_unit, unit_label
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.book import Book
from sheetgen.workbook.cells import Cell, Shown
from sheetgen.workbook.check import check
from sheetgen.workbook.columns import lay_columns
from sheetgen.workbook.definitions import Definitions, SheetTemplate
from sheetgen.workbook.formula import Name
from sheetgen.workbook.names import FIRST_CASE, LOOSE, Place
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
    PrintSetup,
    Sheet,
    View,
)

INTRO_CHARACTERS = 175
ABOUT, CONTENTS = "About", "Contents"  # the kind of the sheet that lists the others, and the link to it
MASTER = "master_check"  # the row that the head of every sheet shows
CURRENCY, QUOTED, QUOTES = "currency", "quoted", "quotes_in"
"""What units call the currencies of the budget and of the quotes, and the key of the row with the latter."""


def plan(scenario: Scenario, *, shown: bool = True, checked: bool = False) -> Book:
    """The workbook for a scenario: layout and formulas, not yet values.

    Unless it is ``shown``, what only looks need is left out: heights of rows, texts of units, formulas in words; then,
    and where they are ``checked`` already, templates are not checked again. Raises TemplateError for the first row that
    is wrong, and InvalidInput where it is a user's own.
    """
    try:
        return _planned(scenario, shown=shown, checked=checked or not shown)
    except TemplateError as error:
        problem = scenario.templates.problem(error)
        if problem is None:
            raise
        raise InvalidInput([problem]) from error


def _planned(scenario: Scenario, *, shown: bool, checked: bool) -> Book:
    definitions = Definitions.of(scenario.templates)
    if not checked:
        check(definitions)
    book = Book(
        len(scenario.cases), scenario.months, scenario.stages, paper=scenario.paper, shown=shown,
        label_of=definitions.label, sources=definitions.sources,
    )  # fmt: skip
    templates = [sheet for sheet in definitions.sheets if sheet.optional is None or sheet.optional in scenario.sheets]
    by_tab = sorted(templates, key=lambda template: template.tab)
    book.sheets = {template.name: _sheet(template) for template in by_tab}
    for template in sorted(templates, key=lambda template: template.late):
        _lay_out(book, scenario, definitions, template)
    book.render()
    book.currency = str(scenario.values["currency"])
    book.whole = book.currency in whole_currencies()
    if shown:
        _show(book)
    return book


def _sheet(template: SheetTemplate) -> Sheet:
    """An empty sheet with what its template's head says of the whole."""
    freeze, page = template.freeze, template.page
    view = View(freeze.get("rows", FIRST_DATA_ROW), freeze.get("columns", UNIT + 1), template.status_colours)
    upright, one_page = page.get("orientation") == "portrait", page.get("one_page", False)
    printed = PrintSetup(not upright, one_page, page.get("columns", 0), page.get("tall", 0))
    sheet = Sheet(
        template.name, template.kind, template.title, template.by_case, view, printed, template.rests_on_nothing,
        template.read_back,
    )  # fmt: skip
    sheet.group = template.group
    return sheet


def _lay_out(book: Book, scenario: Scenario, definitions: Definitions, template: SheetTemplate) -> None:
    """The blocks of a sheet, one below the other, then its head."""
    sheet, book.kind = book.sheets[template.name], template.kind
    page = Page(book, scenario, definitions, sheet)
    page.gap = template.page.get("gap")
    lay_columns(page, template.columns)
    if template.header_height is not None:
        sheet.heights[HEADER_ROW] = template.header_height
    page.row = FIRST_DATA_ROW if template.header else HEADER_ROW
    for block in template.blocks_for(scenario):
        if block.unprinted and not sheet.printed_rows:
            sheet.printed_rows = page.row
        page.origin = block.entries.origin
        try:
            block.lay(page)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            known = isinstance(error, TemplateError) and scenario.templates.is_own(error.origin)
            if known or not scenario.templates.own:
                raise
            what = f"cannot be laid out ({type(error).__name__}: {error})"
            message = str(error) if isinstance(error, TemplateError) else f"{block.entries.where}: {what}"
            raise TemplateError(message, _blamed(scenario.templates, template, page.origin)) from error
    if "row_height" in template.page:
        for row in range(sheet.last_row + 1):
            sheet.heights.setdefault(row, template.page["row_height"])
    sheet.page_breaks = [page.columns[name] for name in template.page.get("breaks", ())]
    name = f"sheet_{template.name.lower()}"
    if template.by_case:
        book.names.setdefault(name, Place.of_rows(sheet.name, FIRST_DATA_ROW, page.last_row, f"sheet {sheet.name}"))
    else:
        last, right = page.last_formula
        place = Place(sheet.name, FIRST_DATA_ROW, last, UNIT, right, LOOSE)
        book.names.setdefault(name, place)
    _head(page, template)


def _blamed(templates: Templates, template: SheetTemplate, origin: object) -> object:
    """The part of a user's own file that is to blame for a section: the section, or what is added to its sheet."""
    if templates.is_own(origin):
        return origin
    adding = (file.data for file in templates.own if template.slug in (file.name, *file.data.get(ADDS, ())))
    return next(adding, templates.own[0].data)


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
    contents = next((name for name, other in book.sheets.items() if other.kind == ABOUT), None)
    if contents is not None and contents != sheet.name:
        sheet.put(KIND_ROW, FIRST_CASE, Cell("link", CONTENTS, link=contents))
    room = sum(sheet.widths.get(column, 0) for column in range(KEY, breaks[0])) if breaks else math.inf
    letters = int(min(INTRO_CHARACTERS, room * TEXT.letters))
    for offset, line in enumerate(textwrap.wrap(" ".join(template.intro.split()), letters)[:2]):
        if (INTRO_ROW + offset, LABEL) not in sheet.cells:
            sheet.text(INTRO_ROW + offset, KEY if breaks else LABEL, line, "intro")


def _show(book: Book) -> None:
    """The texts of units, those with a currency as formulas, and the heights of rows."""
    for sheet in book.ordered():
        signs = {CURRENCY: book.names[CURRENCY].text(sheet.name), QUOTED: book.names[QUOTES].text(sheet.name)}
        known: dict[str, str | None] = {}
        for cell in sheet.cells.values():
            if isinstance(cell.value, str) and cell.style == "unit":
                unit = cell.value.removeprefix("unit:")
                if unit not in known:
                    known[unit] = live_unit(unit, signs)
                cell.formula = known[unit]
                cell.value = None if cell.formula else unit_label(unit)
        sheet.wrap_texts()
        sheet.charts = [
            chart._replace(axis="" if CURRENCY in chart.axis else unit_label(chart.axis)) for chart in sheet.charts
        ]


@cache
def whole_currencies() -> frozenset[str]:
    """The currencies that have no decimals."""
    return frozenset(option.value for option in options(CURRENCY) if not option.decimals)
