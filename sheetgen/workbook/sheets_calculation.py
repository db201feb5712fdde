"""The calculation sheets, row for row as the templates say, and the checks of the workbook as a whole."""

from __future__ import annotations

from collections.abc import Collection

from sheetgen.scenario.model import OPTIONAL_SHEETS
from sheetgen.workbook.book import (
    FIRST_CASE,
    HEADER_ROW,
    KEY,
    LABEL,
    UNIT,
    Book,
    Cell,
    Sheet,
    Shown,
    address,
)
from sheetgen.workbook.formula import to_words
from sheetgen.workbook.series import series_block
from sheetgen.workbook.sheets_actuals import actuals_checks
from sheetgen.workbook.sheets_inputs import FIRST_DATA_ROW, base_widths
from sheetgen.workbook.template import Row, SheetTemplate, calculation_sheets, label_of
from sheetgen.workbook.words import RANGE_WORDS, in_words

WORDS_WIDTH, SOURCE_WIDTH = 54, 27


def calculation_sheet(book: Book, template: SheetTemplate, sheets: Collection[str]) -> Sheet:
    """One sheet: labels, keys, units, a formula copied across the cases, the formula in words and its source.

    Rows that belong to an optional sheet which is not in ``sheets`` are left out.
    """
    sheet = Sheet(template.name, template.kind, template.title, widths=base_widths(book.cases), by_case=True)
    after = book.after_cases
    sheet.widths |= {after: WORDS_WIDTH, after + 1: SOURCE_WIDTH}
    sheet.text(HEADER_ROW, after, "How it is computed", "header_words")
    sheet.text(HEADER_ROW, after + 1, "Source", "header_words")
    row = FIRST_DATA_ROW
    whole = f"sheet_{template.name.lower()}"
    for section in template.sections:
        sheet.text(row, LABEL, section.title, "section")
        if section.note:
            sheet.text(row, after, section.note, "note")
        row += 1
        top = row
        if section.series:
            row = series_block(book, sheet, section, row)
        for entry in () if section.series else section.rows:
            if entry.sheet is None or entry.sheet in sheets:
                _calculated_row(book, sheet, entry, row)
                row += 1
        if section.block:
            book.blocks[f"block_{section.block}"] = (template.name, top, row - 1)
            labels = f"{address(top, LABEL, absolute=True)}:{address(row - 1, LABEL, absolute=True)}"
            book.ranges[f"labels_{section.block}"] = f"{template.name}!{labels}"
            RANGE_WORDS[f"block_{section.block}"] = f"“{section.title}”"
            RANGE_WORDS[f"labels_{section.block}"] = "their labels"
        book.blocks[whole] = (template.name, FIRST_DATA_ROW, row - 1)
        RANGE_WORDS[whole] = f"sheet {template.name}"
    return sheet


def _calculated_row(book: Book, sheet: Sheet, entry: Row, row: int) -> None:
    after = book.after_cases
    weight = "total" if entry.total else "calc"
    sheet.text(row, LABEL, entry.label, "label_total" if entry.total else "label")
    sheet.text(row, KEY, entry.key, "key")
    sheet.text(row, UNIT, f"unit:{entry.unit}", "unit")
    places = book.case_rows if entry.scope == "case" else book.scalars
    places[entry.key] = (sheet.name, row)
    sheet.key_rows[entry.key] = row
    book.helpers[entry.key] = entry.helper
    for index in range(book.cases if entry.scope == "case" else 1):
        column = FIRST_CASE + index
        formula = book.excel(entry.formula, sheet.name, column)
        shows = None if entry.helper else Shown(entry.key, index)
        sheet.put(row, column, Cell(f"{weight}:{entry.format}", formula=formula, shows=shows))
    if entry.sparse:
        sheet.sparse_rows.append(row)
    if book.shown:
        sheet.text(row, after, to_words(entry.formula, in_words), "words")
    sheet.text(row, after + 1, book.cite(entry.source, entry.key), "note")


def add_calculation_sheets(book: Book, sheets: Collection[str]) -> None:
    """Model to Risk, the optional ones as far as asked for; the checks come last, when what they check stands."""
    for template in calculation_sheets():
        if template.name != "Checks" and (template.slug not in OPTIONAL_SHEETS or template.slug in sheets):
            book.sheets[template.name] = calculation_sheet(book, template, sheets)


def add_checks(book: Book, centres: dict[str, tuple[str, int, int]], sheets: Collection[str]) -> None:
    """The Checks sheet; ``centres`` has, for each sensitivity table, its output and the place of its centre cell."""
    template = next(sheet for sheet in calculation_sheets() if sheet.name == "Checks")
    sheet = book.sheets["Checks"] = calculation_sheet(book, template, sheets)
    row = sheet.last_row + 1
    sheet.text(row, LABEL, "Whole workbook", "section")
    row += 1
    top = row
    tolerance = book.scalar("check_tolerance", "Checks")
    for key, (output, centre_row, centre_column) in centres.items():
        centre = f"Sensitivity!{address(centre_row, centre_column)}"
        formula = f'IF(ABS({centre} - {book.chosen(output, "Checks")}) <= {tolerance} * ABS({centre}), "OK", "FAIL")'
        label = f"The centre of the table of {label_of(output).lower()} is the model's own"
        words = f"centre cell of sheet Sensitivity against {label_of(output)} of the case put forward"
        _scalar_row(book, sheet, row, f"check_{key}", label, formula, "status", words)
        row += 1
    block = _block(book, "Sensitivity")
    chosen, names = book.scalar("chosen_case", "Checks"), book.place("case_names", "Checks", FIRST_CASE)
    for key, label, formula, words in (
        (
            "check_chosen_case",
            "The case put forward is one of the cases",
            f'IF(SUMPRODUCT(({names} = {chosen}) * 1) = 1, "OK", "FAIL")',
            "the names on sheet Inputs that equal the one put forward are exactly one",
        ),
        (
            "check_no_errors_sensitivity",
            "No error value in sheets Sensitivity, Scaling and Evidence",
            f'IF(ISERROR(SUM({block}, {_block(book, "Scaling")}, {_block(book, "Evidence")})), "FAIL", "OK")',
            "the sum of the sheets is no error",
        ),
        (
            "check_currency",
            "The currency is that of heads and formats",
            f'IF({book.scalar("currency", "Checks")} = {book.scalar("currency_of_heads", "Checks")}, "OK", "REVIEW")',
            "the currency of sheet Inputs is the one that sheet About says the workbook was built with",
        ),
        (
            "check_evidence",
            "Every published figure of a run is within its tolerance",
            f'IF({book.scalar("evidence_outside", "Checks")} = 0, "OK", "REVIEW")',
            "the count of sheet Evidence is 0",
        ),
    ):
        _scalar_row(book, sheet, row, key, label, formula, "status", words)
        row += 1
    for key, label, formula, words in actuals_checks(book) if "actuals" in sheets else ():
        _scalar_row(book, sheet, row, key, label, formula, "status", words)
        row += 1
    _master(book, sheet, top, row)


def _block(book: Book, name: str) -> str:
    """The cells of a sheet right of its keys, as far as there are formulas."""
    places = [place for place, cell in book.sheets[name].cells.items() if cell.formula is not None]
    last_row, last_column = max(row for row, _ in places), max(column for _, column in places)
    return f"{name}!{address(FIRST_DATA_ROW, UNIT)}:{address(last_row, last_column)}"


def _master(book: Book, sheet: Sheet, top: int, row: int) -> None:
    """The count of all checks of all cases and of the workbook, and the worst word of them."""
    cells = f"{address(top, FIRST_CASE)}:{address(row - 1, FIRST_CASE)}"
    everything = f"{address(FIRST_DATA_ROW, FIRST_CASE)}:{address(row - 1, book.after_cases - 1)}"
    sheet.text(row, LABEL, "Master check", "section")
    row += 1
    for key, label, part, word, errors in (
        ("total_failures", "Checks that fail", "failures", "FAIL", f" + IF(ISERROR(SUM({everything})), 1, 0)"),
        ("total_reviews", "Checks that ask for a review", "reviews", "REVIEW", ""),
    ):
        formula = f'SUM({book.across(part, "Checks")}) + COUNTIF({cells}, "{word}"){errors}'
        words = "sum over the cases and the whole workbook"
        words += ", and one for any error value on this sheet" if errors else ""
        _scalar_row(book, sheet, row, key, label, formula, "integer", words)
        row += 1
    failures, reviews = address(row - 2, FIRST_CASE), address(row - 1, FIRST_CASE)
    status = book.place("list_status", "Checks", FIRST_CASE)
    formula = f"INDEX({status}, 1 + MAX(2 * MIN({failures}, 1), MIN({reviews}, 1)))"
    _scalar_row(book, sheet, row, "master_check", "Master check", formula, "status", "the worst of all checks")


def _scalar_row(book: Book, sheet: Sheet, row: int, key: str, label: str, formula: str, style: str, words: str) -> None:
    sheet.text(row, LABEL, label, "label_total" if key == "master_check" else "label")
    sheet.text(row, KEY, key, "key")
    sheet.text(row, UNIT, "unit:status" if style == "status" else "unit:count", "unit")
    weight = "total" if key == "master_check" else "calc"
    sheet.put(row, FIRST_CASE, Cell(f"{weight}:{style}", formula=formula, shows=Shown(key, 0)))
    sheet.text(row, book.after_cases, words, "words")
    sheet.text(row, book.after_cases + 1, book.cite("identity", key), "note")
    book.scalars[key] = (sheet.name, row)
    sheet.key_rows[key] = row
