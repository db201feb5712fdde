"""The sheets that hold what goes in: Inputs, Cases (what is in force), Accelerators and Choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgen.base.inputs import Field, Value, constants, fields, options
from sheetgen.base.resources import template_data
from sheetgen.catalogue import PRECISIONS
from sheetgen.scenario.model import ASSUMPTION, Scenario
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
    Validation,
    address,
)
from sheetgen.workbook.definitions import format_of
from sheetgen.workbook.names import Prefix

LABEL_WIDTH, KEY_WIDTH, UNIT_WIDTH, CASE_WIDTH = 38, 29, 13, 18
SOURCE_WIDTH, NOTE_WIDTH = 34, 50
FIRST_DATA_ROW = HEADER_ROW + 1
PLAIN_SOURCES = {ASSUMPTION: "assumption", "request": "request", "default": "default"}
CURRENCY_OF_HEADS = "currency_of_heads"
HIDDEN_FROM_CASES = ("Request", "Cases", "Said to the approver", "Offers", "Constants", "Constants of counting")


def base_widths(cases: int) -> dict[int, float]:
    """The column widths that every sheet with cases shares."""
    widths: dict[int, float] = {LABEL: LABEL_WIDTH, KEY: KEY_WIDTH, UNIT: UNIT_WIDTH}
    return widths | {FIRST_CASE + index: CASE_WIDTH for index in range(cases)}


def inputs_sheet(book: Book, scenario: Scenario) -> Sheet:
    """Every assumption once: typed values unlocked and validated, an empty cell in a case meaning “as in the base”."""
    data = template_data("inputs")
    sheet = Sheet("Inputs", data["kind"], data["title"], widths=base_widths(book.cases), by_case=True)
    after = book.after_cases
    sheet.widths |= {
        after: 15, after + 1: 15, after + 2: SOURCE_WIDTH, after + 3: NOTE_WIDTH, after + 4: 9,
    }  # fmt: skip
    for offset, title in enumerate(("Minimum", "Maximum", "Source", "Note", "Kind")):
        sheet.text(HEADER_ROW, after + offset, title, "header")
    row = FIRST_DATA_ROW
    for section in data["sections"]:
        if not _asked_for(section, scenario):
            continue
        sheet.text(row, LABEL, section["title"], "section")
        row += 1
        for entry in section.get("rows", ()):
            _input_row(book, sheet, scenario, fields()[entry["key"]], row)
            row += 1
        for entry in section.get("constants", ()):
            if _asked_for(entry, scenario):
                _constant_row(book, sheet, entry["key"], row)
                row += 1
        if section["title"] == "Constants":
            _currency_row(book, sheet, str(scenario.values["currency"]), row)
            row += 1
    names = sheet.key_rows["case_name"]
    book.ranges["case_names"] = (
        f"Inputs!{address(names, FIRST_CASE, absolute=True)}:{address(names, after - 1, absolute=True)}"
    )
    return sheet


def _asked_for(part: Mapping[str, Any], scenario: Scenario) -> bool:
    """Whether a section or a constant belongs to no optional sheet, or to one that the scenario asks for."""
    return part.get("sheet") is None or part["sheet"] in scenario.sheets


def _label_row(sheet: Sheet, row: int, label: str, key: str, unit: str) -> None:
    sheet.text(row, LABEL, label, "label")
    sheet.text(row, KEY, key, "key")
    sheet.text(row, UNIT, f"unit:{unit}", "unit")
    sheet.key_rows[key] = row


def _input_row(book: Book, sheet: Sheet, scenario: Scenario, spec: Field, row: int) -> None:
    after = book.after_cases
    _label_row(sheet, row, spec.label, spec.key, spec.unit)
    scalar = spec.scope == "scenario"
    if scalar:
        book.scalars[spec.key] = ("Inputs", row)
    source = scenario.sources.get(spec.key) or (ASSUMPTION if spec.section not in {"Request", "Cases"} else "request")
    if source == "default" and spec.source:
        cited = f"default; {book.cite(spec.source, spec.key)}"
    else:
        known = PLAIN_SOURCES.get(source)
        cited = book.cite(known, spec.key) if known else book.cite_text(source, spec.key)
    room = CASE_WIDTH * (book.cases if scalar else 1)
    for index in range(1 if scalar else book.cases):
        value: Value | None
        if spec.key == "case_name":
            value = scenario.cases[index].name
        elif scalar:
            value = scenario.values[spec.key]
        else:
            value = scenario.cases[index].values.get(spec.key)
        wrapped = isinstance(value, str) and len(value) > room
        plain = "left" if scalar and isinstance(value, str) else format_of(spec.key)
        style = f"input:{'wrapped' if wrapped else plain}"
        sheet.put(row, FIRST_CASE + index, Cell(style, value, unlocked=True))
        sheet.validations.append(Validation(row, FIRST_CASE + index, spec, spec.choices))
    if spec.minimum is not None and spec.is_number:
        sheet.put(row, after, Cell(f"bound:{format_of(spec.key)}", spec.minimum))
        sheet.put(row, after + 1, Cell(f"bound:{format_of(spec.key)}", spec.maximum))
    sheet.text(row, after + 2, cited, "note")
    sheet.text(row, after + 3, " ".join(filter(None, (spec.help, scenario.notes.get(spec.key)))), "note")
    sheet.text(row, after + 4, "input", "note")


def _constant_row(book: Book, sheet: Sheet, key: str, row: int) -> None:
    constant = constants()[key]
    _label_row(sheet, row, constant.label, key, constant.unit)
    book.scalars[key] = ("Inputs", row)
    whole = "scientific" if constant.value >= 1e9 else "integer"
    form = "date" if constant.unit == "date" else whole if constant.value == int(constant.value) else "number"
    sheet.put(row, FIRST_CASE, Cell(f"constant:{form}", constant.value))
    sheet.text(row, book.after_cases + 2, book.cite(constant.source, key), "note")
    sheet.text(row, book.after_cases + 4, "constant", "note")


def _currency_row(book: Book, sheet: Sheet, currency: str, row: int) -> None:
    """The currency that heads and formats say, which do not follow an edit of the input."""
    _label_row(sheet, row, "Currency of heads and formats", CURRENCY_OF_HEADS, "text")
    book.scalars[CURRENCY_OF_HEADS] = ("Inputs", row)
    sheet.text(row, FIRST_CASE, currency, "constant:left")
    sheet.text(row, book.after_cases + 2, book.cite("request", CURRENCY_OF_HEADS), "note")
    sheet.text(row, book.after_cases + 4, "constant", "note")


def cases_sheet(book: Book, scenario: Scenario) -> Sheet:
    """What each case uses: the typed value of the case, else the base's. Every calculation reads these cells."""
    title, widths = "Inputs in force, case by case", base_widths(book.cases)
    sheet = Sheet("Cases", "Calculation", title, widths=widths, by_case=True)
    inputs = book.sheets["Inputs"]
    sheet.widths |= {book.after_cases: 15, book.after_cases + 1: 15}
    for offset, title in enumerate(("Minimum", "Maximum")):
        sheet.text(HEADER_ROW, book.after_cases + offset, title, "header")
    row = FIRST_DATA_ROW
    spans: list[tuple[int, int]] = []
    used = [scenario.inputs(index) for index in range(book.cases)]
    for section in template_data("inputs")["sections"]:
        if section["title"] in HIDDEN_FROM_CASES or not _asked_for(section, scenario):
            continue
        sheet.text(row, LABEL, section["title"], "section")
        row += 1
        for entry in section["rows"]:
            spec = fields()[entry["key"]]
            source = inputs.key_rows[spec.key]
            _label_row(sheet, row, spec.label, spec.key, spec.unit)
            book.case_rows[spec.key] = ("Cases", row)
            spans.append((row, source))
            for index in range(book.cases):
                column = FIRST_CASE + index
                base = f"Inputs!${address(source, FIRST_CASE)}"
                own = f"Inputs!{address(source, column)}"
                formula = f'IF({own} = "", {base}, {own})'
                style = f"calc:{format_of(spec.key)}"
                if spec.scope == "scenario":
                    formula = f"Inputs!{address(source, FIRST_CASE, absolute=True)}"
                shown = str(used[index][spec.key])
                if not spec.is_number and len(shown) > CASE_WIDTH:
                    style = "calc:wrapped"
                    sheet.wrap(row, shown, CASE_WIDTH)
                sheet.put(row, column, Cell(style, formula=formula, shows=Shown(spec.key, index)))
            row += 1
    first, last = spans[0][0], spans[-1][0]
    book.blocks["sheet_cases"] = ("Cases", first, last)
    for name, column in (("bounds_minimum", book.after_cases), ("bounds_maximum", book.after_cases + 1)):
        for line, source in spans:
            if (source, column) in inputs.cells:
                style = inputs.cells[source, column].style
                sheet.put(line, column, Cell(style, formula=f"Inputs!{address(source, column)}"))
        top, bottom = address(first, column, absolute=True), address(last, column, absolute=True)
        book.ranges[name] = f"Cases!{top}:{bottom}"
    sheet.text(row, LABEL, "Case put forward", "section")
    row += 1
    _label_row(sheet, row, "Number of the case put forward", "chosen_case_number", "count")
    book.scalars["chosen_case_number"] = ("Cases", row)
    book.names.prefixes["chosen"] = Prefix("chosen_case_number", "chosen", "{} of the case put forward", "chosen_case")
    chosen, names = (
        book.place("chosen_case", "Cases", FIRST_CASE),
        book.place("case_names", "Cases", FIRST_CASE),
    )
    sheet.put(
        row, FIRST_CASE,
        Cell("calc:integer", formula=f"MATCH({chosen}, {names}, 0)", shows=Shown("chosen_case_number", 0)),
    )  # fmt: skip
    return sheet


def accelerators_sheet(book: Book, scenario: Scenario) -> Sheet:
    """The table that the look-ups read: one accelerator a row, an empty cell where no figure is published."""
    sheet = Sheet("Accelerators", "Reference", "Accelerators: peaks as published", frozen_columns=2)
    heads = ["Accelerator", "Key", "Memory GB", *PRECISIONS, *PRECISIONS]
    heads += ["Bandwidth GB/s", "Power W", "Year", "FP16 accumulated", "Emulates", "Best MFU in palm", "Its source"]
    heads += ["Source", "Where to find it", "Notes"]
    for column, head in enumerate(heads):
        sheet.text(HEADER_ROW, column, head, "header")
    count = len(PRECISIONS)
    sheet.text(HEADER_ROW - 1, FIRST_CASE, "Dense peak, TFLOPS (what training can reach)", "group")
    sheet.text(HEADER_ROW - 1, FIRST_CASE + count, "Sparse 2:4 peak, TFLOPS (do not use for training)", "group")
    tail = FIRST_CASE + 2 * count
    sheet.widths = {0: 32, 1: 19, 2: 9, **{FIRST_CASE + i: 8 for i in range(2 * count)}}
    sheet.heights[HEADER_ROW] = 26
    sheet.widths |= {tail: 11, tail + 1: 8, tail + 2: 6, tail + 3: 11, tail + 4: 9, tail + 5: 9}
    sheet.widths |= {tail + 6: 30, tail + 7: 40, tail + 8: 40, tail + 9: 52}
    row = FIRST_DATA_ROW
    for entry in scenario.accelerators.values():
        sheet.text(row, 0, entry.name, "wrapped")
        sheet.text(row, 1, entry.key, "key")
        numbers: list[float | int | None] = [entry.memory_gb]
        numbers += [entry.dense.get(name) for name in PRECISIONS] + [entry.sparse.get(name) for name in PRECISIONS]
        numbers += [entry.bandwidth_gb_s, entry.tdp_w]
        for column, number in enumerate(numbers, start=2):
            if number is not None:
                sheet.put(row, column, Cell("table:decimal_short", number))
        sheet.put(row, tail + 2, Cell("table:plain", entry.release_year))
        cited = book.cite_text(entry.source, entry.key, entry.source_url) if entry.source else ""
        if entry.fp16_accumulate is not None:
            sheet.put(row, tail + 3, Cell("table:decimal_short", entry.fp16_accumulate))
        if entry.emulates:
            sheet.text(row, tail + 4, entry.emulates, "text")
        if entry.best_mfu is not None:
            sheet.put(row, tail + 5, Cell("table:share", entry.best_mfu))
        best = book.cite_text(entry.best_mfu_source, f"{entry.key}: best_mfu") if entry.best_mfu_source else ""
        for column, text in enumerate((best, cited, entry.source_url, entry.notes), start=tail + 6):
            if text:
                sheet.text(row, column, text, "note")
        row += 1

    def block(first: int, last: int) -> str:
        top = address(FIRST_DATA_ROW, first, absolute=True)
        return f"Accelerators!{top}:{address(row - 1, last, absolute=True)}"

    book.ranges["table_accelerators_key"] = book.ranges["list_accelerator"] = block(1, 1)
    book.ranges["table_accelerators_memory"] = block(2, 2)
    book.ranges["table_accelerators_power"] = block(tail + 1, tail + 1)
    for name, column in (("accumulate", tail + 3), ("emulates", tail + 4), ("best_mfu", tail + 5)):
        book.ranges[f"table_accelerators_{name}"] = block(column, column)
    first, last = (address(HEADER_ROW, column, absolute=True) for column in (FIRST_CASE, FIRST_CASE + count - 1))
    book.ranges["table_accelerators_precision"] = f"Accelerators!{first}:{last}"
    book.ranges["table_accelerators_dense"] = block(FIRST_CASE, FIRST_CASE + count - 1)
    book.ranges["table_accelerators_sparse"] = block(FIRST_CASE + count, tail - 1)
    return sheet


def choices_sheet(book: Book) -> Sheet:
    """What each dropdown offers and what each choice means."""
    sheet = Sheet("Choices", "Reference", "What the choices mean", frozen_columns=0)
    sheet.widths = {0: 34, 1: 22, 2: 110, 3: 34}
    for column, head in enumerate(("Input", "Choice", "Meaning", "Source")):
        sheet.text(HEADER_ROW, column, head, "header")
    row = FIRST_DATA_ROW
    for name, data in template_data("choices").items():
        top = row
        for option in options(name):
            sheet.text(row, 0, data["label"], "label")
            sheet.text(row, 1, option.value, "choice")
            sheet.text(row, 2, option.meaning, "wrapped")
            if option.source:
                sheet.text(row, 3, book.cite(option.source, f"{name}: {option.value}"), "note")
            row += 1
        first, last = address(top, 1, absolute=True), address(row - 1, 1, absolute=True)
        book.ranges[f"list_{name}"] = f"Choices!{first}:{last}"
    return sheet
