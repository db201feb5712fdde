"""Chapter H: security, protection and provenance.

Items 62 (user text), 65 (same bytes) and 66 (hash of the scenario file) need a build:
:mod:`tests.test_workbook_h_security`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.support.package import MAIN, Book
from tests.support.reviewer import layout
from tests.support.rules import appearance, parts
from tests.support.rules.references import read_formula

DUBLIN = "{http://purl.org/dc/elements/1.1/}"
TERMS = "{http://purl.org/dc/terms/}"
CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
DEFAULTS = {"as the budget", "no conversion"}  # words of a template for “not given”, which an input holds by default
ALLOWED = ("formatColumns", "formatRows", "selectLockedCells", "selectUnlockedCells")


def formulas_are_templates_only(book: Book) -> list[str]:
    """Item 62: no formula holds a text of an input cell, no input cell is a formula or starts with an apostrophe."""
    inputs = layout.sheet(book, "Inputs")
    found = []
    texts = set()
    for _, row, columns in layout.input_rows(book):
        for column in columns:
            cell = layout.cell(inputs, row, column)
            if cell is not None and cell.formula is not None:
                found.append(f"Inputs!{cell.address} is the formula {cell.formula}")
            if cell is not None and isinstance(cell.value, str):
                texts.add(cell.value)
                if cell.value.startswith("'"):
                    found.append(f"Inputs!{cell.address} shows an apostrophe")
    own = {cell.value for cell in layout.sheet(book, "Choices").cells} | {"SPARSE 2:4 peak", "dense peak"} | DEFAULTS
    for sheet, cell, formula in layout.formula_cells(book):
        literals = {t.text.strip('"') for t in read_formula(formula).tokens if t.subkind == "Text"}
        found += [f"{sheet.name}!{cell.address} holds {text!r}" for text in (literals & texts) - own]
    return found


def sheets_are_protected_gently(book: Book) -> list[str]:
    """Item 63: every sheet is protected without a password; selecting and column width stay allowed."""
    found = [str(finding) for finding in appearance.check_protection(book)]
    for sheet in book.sheets:
        protection = sheet.root.find(f"{MAIN}sheetProtection")
        if protection is None:
            continue
        defaults = {"formatColumns": "1", "formatRows": "1"}
        found += [
            f"{sheet.name}: {what} is forbidden"
            for what in ALLOWED
            if protection.get(what, defaults.get(what, "0")) != "0"
        ]
    return found


def properties_are_the_scenarios(book: Book) -> list[str]:
    """Item 64: title, author and creation date are the scenario's; no path, host or user anywhere in the package."""
    inputs = layout.sheet(book, "Inputs")
    rows = layout.key_rows(inputs)
    core = book.xml["docProps/core.xml"]
    wanted = {f"{DUBLIN}title": "scenario", f"{DUBLIN}creator": "requester", f"{CORE}lastModifiedBy": "requester"}
    found = []
    for tag, key in wanted.items():
        have, want = core.findtext(tag), layout.text(inputs, rows[key], layout.FIRST_CASE)
        if have != want:
            found.append(f"{tag.rpartition('}')[2]} is {have!r}, not {want!r}")
    footer = layout.sheet(book, "Summary").root.findtext(f"{MAIN}headerFooter/{MAIN}oddFooter") or ""
    as_of = re.search(r"as of (\d{4}-\d\d-\d\d)", footer)
    found += [
        f"{tag} is {core.findtext(TERMS + tag)}"
        for tag in ("created", "modified")
        if as_of is None or core.findtext(TERMS + tag) != f"{as_of[1]}T00:00:00Z"
    ]
    return [*found, *(str(finding) for finding in parts.check_local_paths(book))]


def provenance(book: Book) -> Mapping[str, str]:
    """Item 66: what About says the file comes from, by label."""
    about = layout.sheet(book, "About")
    return {
        str(cell.value): layout.text(about, cell.row, 2)
        for cell in about.cells
        if cell.column == 1 and cell.value and layout.text(about, cell.row, 2)
    }


CHECKS = (formulas_are_templates_only, sheets_are_protected_gently, properties_are_the_scenarios)
