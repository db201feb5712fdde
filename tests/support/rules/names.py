"""Rules on the names of sheets and on defined names.

Sources: Microsoft, "Rename a worksheet" (31 characters, none of ``\\ / ? * : [ ]``, no apostrophe at the
ends, not "History") and "Names in formulas" (letters, digits, period and underscore, 255 characters, no
cell reference). Gnumeric cannot read an apostrophe anywhere in a sheet name, so it is refused everywhere.
"""

from __future__ import annotations

import re

from tests.support.package import Book, DefinedName
from tests.support.rules.findings import Finding, excel_length
from tests.support.rules.references import looks_like_cell, read_formula, references

MAX_SHEET_NAME = 31
MAX_NAME = 255
FORBIDDEN = "[]:*?/\\'"
BUILT_IN = "_xlnm."

NAME = re.compile(r"[^\W\d][\w.]*|\\[\w.]+")


def check_sheet_names(book: Book) -> list[Finding]:
    """Sheet names are names that Excel accepts, unlike a cell, and differ by more than case."""
    found = []
    seen: set[str] = set()
    for sheet in book.sheets:
        name = sheet.name
        bad = sorted(set(name) & set(FORBIDDEN))
        if not name.strip() or excel_length(name) > MAX_SHEET_NAME or bad or name.lower() == "history":
            reason = f"holds {' '.join(bad)}" if bad else f"{excel_length(name)} characters, or reserved"
            found.append(Finding(name, "", "sheet-name", reason))
        if looks_like_cell(name):
            found.append(Finding(name, "", "sheet-name-like-cell", f"{name} is also a cell"))
        if name.lower() in seen:
            found.append(Finding(name, "", "sheet-name-duplicate", "used twice"))
        seen.add(name.lower())
    return found


def check_defined_names(book: Book) -> list[Finding]:
    """Defined names are names that Excel accepts, unlike a cell, and differ by more than case in one
    scope.
    """
    found = []
    seen: set[tuple[str | None, str]] = set()
    for name, sheet, _ in book.names:
        if not name.startswith(BUILT_IN):
            found += [Finding(sheet or "", name, rule, message) for rule, message in name_problems(name)]
        if (sheet, name.lower()) in seen:
            found.append(Finding(sheet or "", name, "name-duplicate", "defined twice"))
        seen.add((sheet, name.lower()))
    return found


def name_problems(name: str) -> list[tuple[str, str]]:
    """The rules that a defined name or a table's name breaks, each with a message."""
    if not NAME.fullmatch(name) or excel_length(name) > MAX_NAME:
        return [("name-syntax", f"{name[:60]!r} is not a name")]
    if looks_like_cell(name):
        return [("name-like-cell", f"{name} is also a cell")]
    return []


def check_name_targets(book: Book) -> list[Finding]:
    """Every defined name is a plain reference to an existing sheet, and at least one cell of it holds
    something.

    A print area or a repeated row may be blank, but its sheet must exist.
    """
    return [
        Finding(name.sheet or "", name.name, "name-target", problem)
        for name in book.names
        if (problem := _target_problem(book, name))
    ]


def _target_problem(book: Book, name: DefinedName) -> str | None:
    formula = f"({name.formula})" if "," in name.formula else name.formula
    tokens = read_formula(formula).tokens
    targets = references(formula)
    if not targets or any(token.kind not in {"Operand", "Paren", "OpInfix"} for token in tokens):
        return f"{name.formula!r} is not a plain reference"
    for target in targets:
        area = target.area
        if target.external or len(target.sheets) != 1 or area is None:
            return f"{name.formula!r} does not name cells of one sheet"
        sheet = book.sheet_by_name.get(target.sheets[0].lower())
        if sheet is None:
            return f"there is no sheet {target.sheets[0]!r}"
        held = (cell for cell in sheet.cells if cell.formula is not None or cell.value is not None)
        if not name.name.startswith(BUILT_IN) and not any(area.holds(cell.row, cell.column) for cell in held):
            return f"{name.formula!r} is blank"
    return None
