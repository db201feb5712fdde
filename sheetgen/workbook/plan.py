"""From a scenario to the whole workbook as data: every sheet, every cell, every formula with its addresses."""

from __future__ import annotations

import hashlib
import json
import math
import textwrap

from sheetgen.base.inputs import Value
from sheetgen.base.resources import template_data
from sheetgen.base.units import unit_label
from sheetgen.scenario.model import OPTIONAL_SHEETS, Scenario
from sheetgen.workbook.book import (
    FIRST_CASE,
    HEADER_ROW,
    INTRO_ROW,
    KEY,
    KIND_ROW,
    LABEL,
    TEXT,
    TITLE_ROW,
    UNIT,
    Book,
    Cell,
    Sheet,
    Shown,
)
from sheetgen.workbook.check import check
from sheetgen.workbook.definitions import Definitions, SheetTemplate, packaged_definitions
from sheetgen.workbook.names import Place
from sheetgen.workbook.page import Page
from sheetgen.workbook.paging import cuts
from sheetgen.workbook.sheet import FIRST_DATA_ROW
from sheetgen.workbook.sheets_about import about_sheet
from sheetgen.workbook.sheets_actuals import actuals_sheet
from sheetgen.workbook.sheets_charted import add_bridge, add_tornado
from sheetgen.workbook.sheets_evidence import evidence_sheet
from sheetgen.workbook.sheets_inputs import accelerators_sheet, base_widths, cases_sheet, choices_sheet, inputs_sheet
from sheetgen.workbook.sheets_scaling import scaling_sheet
from sheetgen.workbook.sheets_sensitivity import sensitivity_sheet
from sheetgen.workbook.sheets_sources import sources_sheet
from sheetgen.workbook.sheets_summary import case_heads, summary_sheet
from sheetgen.workbook.words import RANGE_WORDS

SHEETS_FOR_CHOSEN = ("Summary", "Sensitivity", "Scaling")
CHARTED = {"offers": add_bridge, "risk": add_tornado}
INTRO_CHARACTERS = 175
INTROS = {
    "Cases": "What each case uses: the value typed for it on sheet Inputs, else the base's. All sheets read this.",
    "Accelerators": "One package as a framework sees it. An empty cell: not supported, or not published.",
    "Choices": "What each dropdown of sheet Inputs offers.",
    "About": "Start here.",
    "Sources": "Every source that a sheet cites by [number], in the order of the sheets, and the keys that rest on it.",
}


def plan(scenario: Scenario, *, shown: bool = True) -> Book:
    """The workbook for a scenario: layout and formulas, not yet values.

    Unless it is ``shown``, what only looks need is left out: heights of rows, texts of units, formulas in words; and
    the templates are not checked again. Raises TemplateError for the first template row that is wrong.
    """
    if shown:
        check(packaged_definitions())
    definitions = packaged_definitions()
    book = Book(len(scenario.cases), scenario.months, paper=scenario.paper, shown=shown, label_of=definitions.label)
    book.sheets["Inputs"] = inputs_sheet(book, scenario)
    book.sheets["Cases"] = cases_sheet(book, scenario)
    book.sheets["Accelerators"] = accelerators_sheet(book, scenario)
    book.sheets["Choices"] = choices_sheet(book)
    for name, place in book.names.items():
        words = RANGE_WORDS.get(name, "its choices" if name.startswith("list_") else "")
        book.names[name] = place._replace(words=words)
    calculated = [sheet for sheet in definitions.sheets if sheet.optional is None or sheet.optional in scenario.sheets]
    for template in calculated[:-1]:
        _lay_out(book, scenario, definitions, template)
    for slug, add in CHARTED.items():
        if slug in scenario.sheets:
            add(book, scenario)
    if "actuals" in scenario.sheets:
        book.sheets["Actuals"] = actuals_sheet(book, scenario)
    book.sheets["Scaling"] = scaling_sheet(book, scenario)
    book.sheets["Sensitivity"] = sensitivity_sheet(book, scenario)
    book.sheets["Evidence"] = evidence_sheet(book, scenario)
    for name in ("Sensitivity", "Scaling", "Evidence"):
        cells = [place for place, cell in book.sheets[name].cells.items() if cell.formula is not None]
        row, column = max(row for row, _ in cells), max(column for _, column in cells)
        book.names[f"sheet_{name.lower()}"] = Place(name, FIRST_DATA_ROW, row, UNIT, column, False, False)
    _lay_out(book, scenario, definitions, calculated[-1])
    book.sheets["Sources"] = sources_sheet(book)
    book.sheets["Summary"] = summary_sheet(book, scenario)
    book.sheets["About"] = about_sheet(book, scenario)
    book.render()
    book.currency = currency = str(scenario.values["currency"])
    quoted = _quoted(scenario)
    book.quoted = quoted if quoted.isupper() else ""
    for sheet in book.ordered():
        _head(book, sheet)
        for cell in sheet.cells.values() if shown else ():
            if isinstance(cell.value, str) and cell.style == "unit":
                cell.value = unit_label(cell.value.removeprefix("unit:"), currency, quoted)
            elif isinstance(cell.value, str) and cell.value in FINGERPRINTS:
                cell.value = FINGERPRINTS[cell.value](scenario)
    for sheet in book.ordered() if shown else ():
        sheet.wrap_texts()
        sheet.charts = [chart._replace(axis=unit_label(chart.axis, currency)) for chart in sheet.charts]
    return book


def _lay_out(book: Book, scenario: Scenario, definitions: Definitions, template: SheetTemplate) -> None:
    sheet = Sheet(template.name, template.kind, template.title, widths=base_widths(book.cases), by_case=True)
    book.sheets[template.name] = sheet
    page = Page(book, scenario, definitions, sheet)
    after = book.after_cases
    page.columns |= {"words": after, "source": after + 1}
    sheet.widths |= {after: 54, after + 1: 27}
    sheet.text(HEADER_ROW, after, "How it is computed", "header_words")
    sheet.text(HEADER_ROW, after + 1, "Source", "header_words")
    for block in template.blocks:
        block.lay(page)
    words = f"sheet {template.name}"
    book.names[f"sheet_{template.name.lower()}"] = Place.of_rows(sheet.name, FIRST_DATA_ROW, page.row - 1, words)


def _quoted(scenario: Scenario) -> str:
    """The currency of the quotes: their code where all cases have one, else words."""
    own = str(scenario.values["currency"])
    found = {str(scenario.inputs(index)["quote_currency"]) for index in range(len(scenario.cases))}
    found = {own if code == "as the budget" else code for code in found}
    return found.pop() if len(found) == 1 else "quoted money"


def fingerprint(scenario: Scenario) -> str:
    """A SHA-256 over every input of every case, which ``verify`` derives again from the file."""
    content: list[dict[str, Value]] = [dict(scenario.values)]
    content += [
        {f"actual:{n}:{name}": v for name, v in month._asdict().items()} if month else {}
        for n, month in enumerate(scenario.actuals)
    ]
    content += [{"case_name": case.name, **case.values} for case in scenario.cases]
    plain = [{key: f"{v:.15g}" if isinstance(v, (int, float)) else v for key, v in part.items()} for part in content]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def accelerators_fingerprint(scenario: Scenario) -> str:
    """A SHA-256 over every figure that the look-ups read of the accelerator table."""
    rows = [
        [
            entry.key,
            entry.memory_gb,
            entry.tdp_w,
            sorted(entry.dense.items()),
            sorted(entry.sparse.items()),
            entry.fp16_accumulate,
            entry.emulates,
            entry.best_mfu,
        ]
        for entry in scenario.accelerators.values()
    ]
    plain = json.dumps(rows, default=str, sort_keys=True)
    return hashlib.sha256(json.dumps(json.loads(plain, parse_int=float)).encode()).hexdigest()


FINGERPRINTS = {"fingerprint: inputs": fingerprint, "fingerprint: accelerators": accelerators_fingerprint}


def _slug(name: str) -> str:
    """The name of a sheet's template."""
    return next((slug for slug, sheet in OPTIONAL_SHEETS.items() if sheet == name), name.lower())


def _head(book: Book, sheet: Sheet) -> None:
    """Title, kind, master check and introduction above the column heads of a sheet."""
    # A sheet that is cut has its label column on every page: what stands there keeps to it.
    breaks = cuts(sheet, book) if book.shown else []
    sheet.text(TITLE_ROW, LABEL, sheet.title, "title_wrapped" if breaks else "title")
    sheet.text(KIND_ROW, LABEL, f"Sheet type: {sheet.kind}", "kind")
    sheet.text(KIND_ROW, KEY, "Master check", "master_label")
    master = book.place("master_check", sheet.name, FIRST_CASE)
    sheet.put(KIND_ROW, UNIT, Cell("master:status", formula=master, shows=Shown("master_check", 0)))
    intro = INTROS.get(sheet.name) or template_data(_slug(sheet.name)).get("intro", "")
    room = sum(sheet.widths.get(column, 0) for column in range(KEY, breaks[0])) if breaks else math.inf
    letters = int(min(INTRO_CHARACTERS, room * TEXT.letters))
    for offset, line in enumerate(textwrap.wrap(" ".join(intro.split()), letters)[:2]):
        if (INTRO_ROW + offset, LABEL) not in sheet.cells:
            sheet.text(INTRO_ROW + offset, KEY if breaks else LABEL, line, "intro")
    heads = {LABEL: "Item", KEY: "Key", UNIT: "Unit"}
    if sheet.name in SHEETS_FOR_CHOSEN:
        heads[FIRST_CASE] = "Case put forward"
        heads |= dict.fromkeys(range(FIRST_CASE + 1, max(sheet.widths) + 1), "")
    elif sheet.name in {"Evidence", "Actuals"}:
        pass
    elif sheet.by_case:
        case_heads(book, sheet, HEADER_ROW)
    else:
        return
    for column, head in heads.items():
        sheet.text(HEADER_ROW, column, head, "header")
