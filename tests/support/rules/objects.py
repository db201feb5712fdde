"""Rules on tables and data validations.

Limits: XlsxWriter documentation, "Working with Data Validation" (titles 32, messages 255, inline list 255
characters); a table column's name is the text of its header cell (ECMA-376 Part 1, 18.5.1.3, tableColumn).
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from tests.support.grid import column_letters
from tests.support.package import MAIN, Book, Sheet
from tests.support.rules.findings import Finding, excel_length
from tests.support.rules.names import name_problems
from tests.support.rules.references import read_area

MAX_LIST = 255
PROMPT_LIMITS = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}


def check_table_columns(book: Book) -> list[Finding]:
    """Each table shows its header row, and each column has the text of its header cell, once."""
    found = []
    for sheet, table in _tables(book):
        name = table.get("displayName", "")
        area = read_area(table.get("ref", ""))
        if area is None or table.get("headerRowCount", "1") == "0":
            found.append(Finding(sheet.name, name, "table-header", f"no header row in {table.get('ref')!r}"))
            continue
        seen: set[str] = set()
        for offset, column in enumerate(table.iter(f"{MAIN}tableColumn")):
            title = column.get("name", "").replace("_x000a_", "\n").replace("_x000A_", "\n")
            address = f"{column_letters(area.first_column + offset)}{area.first_row}"
            cell = sheet.by_address.get(address)
            if cell is None or cell.text != title:
                shown = None if cell is None else cell.value
                found.append(Finding(sheet.name, address, "table-header", f"column {title!r}, header cell {shown!r}"))
            if title.lower() in seen:
                found.append(Finding(sheet.name, address, "table-column-duplicate", f"{name}[{title}]"))
            seen.add(title.lower())
    return found


def check_table_names(book: Book) -> list[Finding]:
    """A table's name is a valid name, like no cell, and neither a defined name nor another table has it."""
    found = []
    seen = {name.name.lower() for name in book.names}
    for sheet, table in _tables(book):
        name = table.get("displayName", "")
        found += [Finding(sheet.name, name, "table-name", message) for _, message in name_problems(name)]
        if name.lower() in seen:
            found.append(Finding(sheet.name, name, "table-name", f"{name} is used twice"))
        seen.add(name.lower())
    return found


def check_validation_lists(book: Book) -> list[Finding]:
    """An inline list of choices is within its limit; a longer one belongs in a range."""
    found = []
    for sheet in book.sheets:
        for validation in sheet.root.iter(f"{MAIN}dataValidation"):
            choices = validation.findtext(f"{MAIN}formula1") or ""
            length = excel_length(choices) - 2
            if validation.get("type") == "list" and choices.startswith('"') and length > MAX_LIST:
                found.append(Finding(sheet.name, validation.get("sqref", ""), "list-length", f"{length} characters"))
    return found


def check_validation_prompts(book: Book) -> list[Finding]:
    """The titles and texts of prompts and error messages are within their limits."""
    found = []
    for sheet in book.sheets:
        for validation in sheet.root.iter(f"{MAIN}dataValidation"):
            for attribute, limit in PROMPT_LIMITS.items():
                length = excel_length(validation.get(attribute, ""))
                if length > limit:
                    message = f"{attribute} has {length} of {limit} characters"
                    found.append(Finding(sheet.name, validation.get("sqref", ""), "prompt-length", message))
    return found


def _tables(book: Book) -> list[tuple[Sheet, Element]]:
    return [(sheet, book.xml[part]) for sheet in book.sheets for part in book.related(sheet, "table")]
