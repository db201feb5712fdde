"""Chapter C: the inputs.

An input row is a row of sheet Inputs whose column Kind says ``input``. Item 20 (every input moves a result) and the
missing accelerator of item 31 need recalculation: :mod:`tests.test_workbook_c_inputs`. Item 21: text inputs and
plain counts have no unit; text and choice inputs have their allowed values in the list or the prompt.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from tests.support.package import MAIN, Book, Sheet
from tests.support.reviewer import layout
from tests.support.reviewer.styles import shown, styles
from tests.support.rules.colours import WHITE, Colours
from tests.support.rules.references import Area, read_area, read_formula, read_reference

BLUE = "0000FF"
TYPED = range(4, 8)  # columns of sheet Actuals: hours, trained hours, tokens, spend
PURE_COUNTS = {"norms_per_layer", "attention_products"}
SHOWN_TO = 1e-5  # a value is shown when its digits give it back to five places
_NUMBER = re.compile(r"\s*[-+(]?[$€£¥]?\s*[0-9][0-9,. ]*(?:[eE][-+]?[0-9]+)?\s*[%)]?\s*")
Fields = Mapping[str, Mapping[str, Any]]


def rows_are_complete(book: Book) -> list[str]:
    """Item 21: each input row has label, base value, source, note, and a unit and bounds where it is a number."""
    page = layout.sheet(book, "Inputs")
    columns = {title: layout.head_column(page, title) for title in ("Minimum", "Maximum", "Source", "Note")}
    found = []
    for key, row, cells in layout.input_rows(book):
        base = layout.cell(page, row, cells[0])
        for name, column in (("label", layout.LABEL), ("source", columns["Source"]), ("note", columns["Note"])):
            if not layout.text(page, row, column).strip():
                found.append(f"{key} has no {name}")
        if base is None or base.value in {None, ""}:
            found.append(f"{key} has no base value")
        elif not isinstance(base.value, str):
            if key not in PURE_COUNTS and not layout.text(page, row, layout.UNIT):
                found.append(f"{key} has no unit")
            for name in ("Minimum", "Maximum"):
                bound = layout.cell(page, row, columns[name])
                if bound is None or not isinstance(bound.value, float):
                    found.append(f"{key} has no {name.lower()}")
    return found


def no_comments(book: Book) -> list[str]:
    """Item 21: notes stand in a column; the package holds no cell comments."""
    return [f"{name} holds comments" for name in book.part_names if re.search(r"comments|threadedComment", name)]


def provenance_is_stated(book: Book) -> list[str]:
    """Item 22: every input and constant names its source or "assumption"; the price has a date and a source."""
    page = layout.sheet(book, "Inputs")
    column = layout.head_column(page, "Source")
    rows = layout.key_rows(page)
    found = [f"{key} states no source" for key, row in rows.items() if not layout.text(page, row, column).strip()]
    for key in ("as_of", "price_date", "price_source"):
        base = layout.cell(page, rows[key], layout.FIRST_CASE) if key in rows else None
        if base is None or base.value in {None, ""}:
            found.append(f"{key} is not given")
    return found


def numbers_are_numbers(book: Book, fields: Fields) -> list[str]:
    """Item 23: a numeric input holds a number or nothing, and no text of the workbook reads as a number."""
    page = layout.sheet(book, "Inputs")
    found = []
    for key, row, cells in layout.input_rows(book):
        if fields[key]["type"] in {"number", "integer", "date"}:
            held = [layout.cell(page, row, column) for column in cells]
            found += [f"{key} holds the text {cell.value!r}" for cell in held if cell and isinstance(cell.value, str)]
    for sheet in book.sheets:
        for cell in sheet.cells:
            if isinstance(cell.value, str) and cell.formula is None and _NUMBER.fullmatch(cell.value):
                found.append(f"{sheet.name}!{cell.address} holds {cell.value!r} as text")
    return found


def validations_hold_the_bounds(book: Book, fields: Fields) -> list[str]:
    """Item 24: every input cell has a validation with the type and bounds of the schema, a prompt and a stop message.

    ``fields`` is the schema: type, min, max, choices by key. The columns Minimum and Maximum show the same bounds.
    """
    page = layout.sheet(book, "Inputs")
    columns = [layout.head_column(page, title) for title in ("Minimum", "Maximum")]
    found = []
    for key, row, cells in layout.input_rows(book):
        spec = fields[key]
        for column in cells:
            place = f"{key}, {layout.address(row, column)}"
            rule = validation(page, row, column)
            if rule is None:
                found.append(f"{place}: no validation")
                continue
            found += [f"{place}: {complaint}" for complaint in _rule_complaints(rule, spec)]
        if spec["type"] in {"number", "integer"}:
            for column, name in zip(columns, ("min", "max"), strict=True):
                bound = layout.cell(page, row, column)
                if bound is None or bound.value != float(spec[name]):
                    found.append(f"{key}: {name} shown is {bound and bound.value}, schema {spec[name]}")
    return found


def _rule_complaints(rule: Element, spec: Mapping[str, Any]) -> list[str]:
    kinds = {"number": "decimal", "integer": "whole", "date": "date", "choice": "list", "text": "textLength"}
    found = []
    if rule.get("type") != kinds[spec["type"]]:
        found.append(f"validation is {rule.get('type')}")
    if rule.get("errorStyle", "stop") != "stop":
        found.append(f"validation only says {rule.get('errorStyle')}")
    if rule.get("showErrorMessage") != "1" or not rule.get("error"):
        found.append("no message for a wrong value")
    if rule.get("showInputMessage") != "1" or not rule.get("prompt"):
        found.append("no prompt")
    if spec["type"] in {"number", "integer"}:
        if rule.get("operator", "between") != "between":
            found.append(f"validation operator is {rule.get('operator')}")
        for part, bound in (("formula1", "min"), ("formula2", "max")):
            have = float(rule.findtext(f"{MAIN}{part}") or math.nan)
            if have != float(spec[bound]):
                found.append(f"{bound} is {have}, schema {spec[bound]}")
    return found


def validation(page: Sheet, row: int, column: int) -> Element | None:
    """The validation of a cell, None when it has none."""
    for rule in page.root.iter(f"{MAIN}dataValidation"):
        areas = [read_area(part) for part in rule.get("sqref", "").split()]
        if any(area is not None and area.holds(row, column) for area in areas):
            return rule
    return None


def lists_are_ranges(book: Book) -> list[str]:
    """Item 25: a list validation refers to a filled range, each choice once, and holds the cell's own value."""
    found = []
    for sheet in book.sheets:
        for rule in sheet.root.iter(f"{MAIN}dataValidation"):
            if rule.get("type") != "list":
                continue
            place = f"{sheet.name}, validation {rule.get('sqref')}"
            target = read_reference(rule.findtext(f"{MAIN}formula1") or "")
            if target.area is None or not target.sheets:
                found.append(f"{place} lists {target.target[:40]} and not a range")
                continue
            choices = _values(layout.sheet(book, target.sheets[0]), target.area)
            if None in choices or len(set(choices)) != len(choices):
                found.append(f"{place}: the range has blanks or repetitions")
            for area in (read_area(part) for part in rule.get("sqref", "").split()):
                held = [] if area is None else [value for value in _values(sheet, area) if value is not None]
                found += [f"{place}: {value!r} is no choice" for value in held if value not in choices]
    return found


def choices(book: Book, rule: Element | None) -> list[str]:
    """What the range of a list validation offers; empty for another kind."""
    if rule is None or rule.get("type") != "list":
        return []
    target = read_reference(rule.findtext(f"{MAIN}formula1") or "")
    if target.area is None or not target.sheets:
        return []
    return [str(value) for value in _values(layout.sheet(book, target.sheets[0]), target.area)]


def _values(page: Sheet, area: Area) -> list[object]:
    cells = [
        page.by_address.get(layout.address(row, column))
        for row in range(area.first_row, area.last_row + 1)
        for column in range(area.first_column, area.last_column + 1)
    ]
    return [None if cell is None or cell.value == "" else cell.value for cell in cells]


def only_inputs_are_unlocked(book: Book) -> list[str]:
    """Item 26: the input cells, the conventions and peaks of published runs and the typed columns of sheet Actuals are
    unlocked and nothing else is, no column or row style either."""
    looks = styles(book)
    wanted = {layout.address(row, column) for _, row, columns in layout.input_rows(book) for column in columns}
    runs = {f"{column}{row}" for row in layout.evidence_rows(book) for column in "IJ"}
    there = {page.name for page in book.sheets}
    keys = layout.key_rows(layout.sheet(book, "Actuals")) if "Actuals" in there else {}
    months = {row for key, row in keys.items() if key.startswith("actual:")}
    found = []
    for sheet in book.sheets:
        for cell in sheet.cells:
            unlocked = not looks[cell.style].locked
            wants = sheet.name == "Inputs" and cell.address in wanted
            wants = wants or (sheet.name == "Evidence" and cell.address in runs)
            wants = wants or (sheet.name == "Actuals" and cell.column in TYPED and cell.row in months)
            if unlocked and not (wants and cell.formula is None):
                found.append(f"{sheet.name}!{cell.address} is unlocked")
            elif wants and not unlocked:
                found.append(f"{sheet.name}!{cell.address} is an input and locked")
        for tag, attribute in (("col", "style"), ("row", "s")):
            found += [
                f"{sheet.name}: {tag} {entry.get('min') or entry.get('r')} is unlocked"
                for entry in sheet.root.iter(f"{MAIN}{tag}")
                if not looks[int(entry.get(attribute, "0"))].locked
            ]
    return found


def inputs_stand_out(book: Book) -> list[str]:
    """Item 27: an input cell is blue on a light fill, its row says ``input``; on Inputs nothing else looks so."""
    page, colours = layout.sheet(book, "Inputs"), Colours(book)
    wanted = {layout.address(row, column) for _, row, columns in layout.input_rows(book) for column in columns}
    found = [] if wanted else ["no row of Inputs says input"]
    for cell in page.cells:
        look = colours.look(cell.style)
        marked = look.font == BLUE and WHITE not in look.fills
        if marked != (cell.address in wanted):
            found.append(f"Inputs!{cell.address} {'looks' if marked else 'does not look'} like an input")
    return found


def fractions_are_percent(book: Book) -> list[str]:
    """Item 28: an input with unit % is at most 5, has a percent format, and its prompt says %."""
    page, looks = layout.sheet(book, "Inputs"), styles(book)
    found = []
    for key, row, columns in layout.input_rows(book):
        if layout.text(page, row, layout.UNIT) != "%":
            continue
        for column in columns:
            cell, rule = layout.cell(page, row, column), validation(page, row, column)
            if cell is not None and "%" not in looks[cell.style].number_format:
                found.append(f"{key}: format {looks[cell.style].number_format}")
            if cell is not None and isinstance(cell.value, float) and cell.value > 5:
                found.append(f"{key}: {cell.value} is no fraction")
            if rule is None or "%" not in rule.get("prompt", ""):
                found.append(f"{key}: the prompt does not speak of %")
    return found


def formats_show_the_value(book: Book) -> list[str]:
    """Item 29: what an input cell shows is its value to five digits; a price shows cents."""
    page, looks = layout.sheet(book, "Inputs"), styles(book)
    found = []
    for key, row, columns in layout.input_rows(book):
        for column in columns:
            cell = layout.cell(page, row, column)
            if cell is None or not isinstance(cell.value, float):
                continue
            number_format = looks[cell.style].number_format
            seen = shown(cell.value, number_format)
            if seen is not None and not math.isclose(seen, cell.value, rel_tol=SHOWN_TO):
                found.append(f"{key}: {cell.value} is shown as {seen} ({number_format})")
            if key.startswith("price_per") and shown(2.47, number_format) != 2.47:
                found.append(f"{key}: {number_format} does not show cents")
    return found


def look_ups_are_exact(book: Book) -> list[str]:
    """Item 31: keys of sheet Accelerators are unique, and every MATCH asks for an exact match."""
    page = layout.sheet(book, "Accelerators")
    keys = Counter(str(cell.value) for cell in page.cells if cell.column == layout.KEY and cell.row > layout.HEADER_ROW)
    found = [f"Accelerators: key {key!r} stands {count} times" for key, count in keys.items() if count > 1]
    for sheet, cell, formula in layout.formula_cells(book):
        text = "".join(token.text for token in read_formula(formula).tokens)
        calls = text.count("MATCH(")
        if calls != len(re.findall(r"MATCH\([^()]*, 0\)", text)) or re.search(r"[VH]?LOOKUP\(", text):
            found.append(f"{sheet.name}!{cell.address} looks up without asking for an exact match: {formula}")
    return found


CHECKS = (
    rows_are_complete,
    no_comments,
    provenance_is_stated,
    lists_are_ranges,
    only_inputs_are_unlocked,
    inputs_stand_out,
    fractions_are_percent,
    formats_show_the_value,
    look_ups_are_exact,
)
CHECKS_WITH_SCHEMA = (numbers_are_numbers, validations_hold_the_bounds)
