"""Rules on formulas as text: syntax, limits, functions, and what they refer to.

Limits: Microsoft, "Excel specifications and limits" (8,192 characters, 64 levels of nested functions).
Parentheses are counted as levels too, which is stricter.
"""

from __future__ import annotations

from tests.support.package import Book
from tests.support.rules.findings import Finding, excel_length
from tests.support.rules.functions import ALLOWED, NEWER_THAN_2007, bare_name
from tests.support.rules.references import Reference, formulas, read_formula, references

MAX_LENGTH = 8192
MAX_LEVELS = 64


def check_leading_equals(book: Book) -> list[Finding]:
    """No stored formula starts with ``=``."""
    return [
        Finding(sheet, place, "leading-equals", f"stored as {text[:40]!r}")
        for sheet, place, text in formulas(book)
        if text.startswith("=")
    ]


def check_syntax(book: Book) -> list[Finding]:
    """Every formula parses."""
    found = []
    for sheet, place, text in formulas(book):
        if problem := read_formula(text).problem:
            found.append(Finding(sheet, place, "formula-syntax", f"{text[:80]!r}: {problem}"))
    return found


def check_length(book: Book) -> list[Finding]:
    """No formula is longer than Excel reads, its ``=`` counted."""
    found = []
    for sheet, place, text in formulas(book):
        length = excel_length(text) + 1
        if length > MAX_LENGTH:
            found.append(Finding(sheet, place, "formula-length", f"{length:,} characters"))
    return found


def check_nesting(book: Book) -> list[Finding]:
    """No formula nests functions and parentheses deeper than Excel reads."""
    found = []
    for sheet, place, text in formulas(book):
        level = deepest = 0
        for token in read_formula(text).tokens:
            if token.kind in {"Func", "Paren"}:
                level += 1 if token.subkind == "Open" else -1
                deepest = max(deepest, level)
        if deepest > MAX_LEVELS:
            found.append(Finding(sheet, place, "formula-nesting", f"{deepest} levels"))
    return found


def check_functions(book: Book) -> list[Finding]:
    """Every function is allowed, and one that is newer than Excel 2007 carries its prefix."""
    found = []
    for sheet, place, text in formulas(book):
        names = {
            token.text.rstrip("( ")
            for token in read_formula(text).tokens
            if token.kind == "Func" and token.subkind == "Open"
        }
        for name in sorted(names):
            bare = bare_name(name)
            if bare in NEWER_THAN_2007 and bare == name.upper():
                found.append(Finding(sheet, place, "missing-prefix", f"{name} is stored as _xlfn.{bare}"))
            elif bare not in ALLOWED:
                found.append(Finding(sheet, place, "function-not-allowed", name))
    return found


def check_arrays(book: Book) -> list[Finding]:
    """No array formula, data table or dynamic array."""
    return [
        Finding(sheet.name, cell.address, "array-formula", cell.formula_kind or "cm attribute")
        for sheet in book.sheets
        for cell in sheet.cells
        if cell.formula_kind in {"array", "dataTable"} or cell.dynamic
    ]


def check_references(book: Book) -> list[Finding]:
    """Every reference leads to a sheet of this workbook, on the grid, or to a name that is defined."""
    found = []
    for sheet, place, text in formulas(book):
        tokens = read_formula(text).tokens
        if any(token.kind == "Operand" and token.text.upper() == "#REF!" for token in tokens):
            found.append(Finding(sheet, place, "broken-reference", text[:80]))
        for reference in references(text):
            for rule, message in _reference_problems(book, sheet, reference):
                found.append(Finding(sheet, place, rule, message))
    return found


def _reference_problems(book: Book, sheet: str, reference: Reference) -> list[tuple[str, str]]:
    if reference.external:
        return [("external-content", f"formula refers to another workbook: {reference.target}")]
    problems = [
        ("unknown-sheet", f"there is no sheet {name!r}")
        for name in reference.sheets
        if name.lower() not in book.sheet_by_name
    ]
    if "[" in reference.target:
        return [*problems, ("structured-reference", reference.target)]
    if problems or reference.area is not None:
        return problems
    scope = reference.sheets[0] if reference.sheets else sheet
    visible = {name.name for name in book.names if name.sheet is None or name.sheet.lower() == scope.lower()}
    if reference.target in visible:
        return []
    close = [name for name in visible if name.lower() == reference.target.lower()]
    if close:
        return [("unknown-name", f"{reference.target} is defined as {close[0]}")]
    corners = reference.target.split(":")
    if all(corner.isascii() and corner.isalnum() and corner[-1:].isdigit() for corner in corners):
        return [("beyond-grid", f"{reference.target} is neither a cell nor a defined name")]
    return [("unknown-name", f"{reference.target} is not defined")]
