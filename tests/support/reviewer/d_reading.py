"""Chapter D of the checklist: formulas that a reviewer can read: few forms, short, spaced, none repeated."""

from __future__ import annotations

import re

from tests.support.package import Book
from tests.support.reviewer import layout
from tests.support.reviewer.graph import r1c1
from tests.support.rules.references import read_formula

MAX_LENGTH, MAX_DEPTH = 220, 4  # the longest today has 218
MIN_FORMULAS, MAX_FORMS = 4000, 1340  # the samples have over 5,000 formulas, and some 1,300 to read
MAX_FORMS_OPTIONAL = 500  # more to read where every optional sheet is asked for

_OTHER_SHEET = re.compile(r"(!\$?[A-Z]{1,3})([0-9]+)")


def distinct_forms(book: Book) -> tuple[int, dict[str, int]]:
    """Item 32: how many formulas there are, and how many a reviewer has to read on each sheet, copies counted once.

    The months of a series are copies, too: each reads the same rows of other sheets. Units are words, of which a
    formula puts the currency together.
    """
    total, forms = 0, dict[str, set[str]]()
    for sheet, cell in ((page, cell) for page in book.sheets for cell in page.cells):
        if cell.formula is None or (cell.column == layout.UNIT and cell.row > layout.HEADER_ROW):
            continue
        total += 1
        of_month = layout.text(sheet, cell.row, layout.key_column(sheet)).partition(":")[0] in layout.SERIES
        written = _OTHER_SHEET.sub(r"\1$\2", cell.formula) if of_month else cell.formula
        forms.setdefault(sheet.name, set()).add(r1c1(written, cell.row, cell.column))
    return total, {name: len(found) for name, found in forms.items()}


def few_forms_to_read(book: Book) -> list[str]:
    """Item 32: over 4000 formulas, and at most 1,340 of them distinct however many cases and months there are; at most
    500 more on all optional sheets together."""
    total, distinct = distinct_forms(book)
    found = [] if total > MIN_FORMULAS else [f"only {total} formulas"]
    optional = sum(count for name, count in distinct.items() if name in layout.OPTIONAL)
    for count, most in ((sum(distinct.values()) - optional, MAX_FORMS), (optional, MAX_FORMS_OPTIONAL)):
        found += [f"{count} of {total} formulas are distinct"] if count > most else []
    return found


def formulas_are_short(book: Book) -> list[str]:
    """Item 34: one line, at most 220 characters and four levels of functions; sensitivity tables and the sentences of
    Summary left out."""
    found = []
    for sheet, cell, formula in layout.formula_cells(book):
        if "\n" in formula:
            found.append(f"{sheet.name}!{cell.address} has more than one line")
        if sheet.name == "Steps" or (sheet.name == "Summary" and cell.kind == "str"):
            continue
        level = deepest = 0
        for token in read_formula(formula).tokens:
            if token.kind == "Func":
                level += 1 if token.subkind == "Open" else -1
                deepest = max(deepest, level)
        key = layout.text(sheet, cell.row, layout.key_column(sheet))
        if len(formula) > MAX_LENGTH:
            found.append(f"{key}: {len(formula)} characters")
        if deepest > MAX_DEPTH:
            found.append(f"{key}: {deepest} levels")
    return list(dict.fromkeys(found))


def nested_ifs(book: Book) -> list[str]:
    """Item 34: the keys of rows with an IF inside an IF."""
    found = []
    for sheet, cell, formula in layout.formula_cells(book):
        stack: list[str] = []
        for token in read_formula(formula).tokens:
            if token.kind != "Func":
                continue
            if token.subkind == "Close":
                stack.pop()
                continue
            if token.text == "IF(" and "IF(" in stack:
                found.append(layout.text(sheet, cell.row, layout.key_column(sheet)))
            stack.append(token.text)
    return list(dict.fromkeys(found))


def formulas_are_spaced(book: Book) -> list[str]:
    """Item 35: a space after each comma and around each operator, no needless quotes, parentheses or signs."""
    found = []
    for sheet, cell, formula in layout.formula_cells(book):
        tokens = read_formula(formula).tokens
        for position, token in enumerate(tokens):
            before = tokens[position - 1].text if position else ""
            after = tokens[position + 1].text if position + 1 < len(tokens) else ""
            if token.kind == "OpInfix" and (before != " " or after != " "):
                found.append(f"{sheet.name}!{cell.address}: no space around {token.text}: {formula}")
            if token.kind == "Sep" and after != " ":
                found.append(f"{sheet.name}!{cell.address}: no space after a comma: {formula}")
            if token.kind == "OpPrefix" and token.text == "+":
                found.append(f"{sheet.name}!{cell.address}: needless +: {formula}")
            if token.kind == "OpPrefix" and tokens[position + 1].kind == "OpPrefix":
                found.append(f"{sheet.name}!{cell.address}: two signs: {formula}")
            inside = tokens[position + 1 : position + 3]
            if token.kind == "Paren" and token.subkind == "Open" and inside[0].kind in {"Operand", "Paren"}:
                closes = inside[1].kind == "Paren" and inside[1].subkind == "Close"
                if closes or (
                    inside[0].kind == "Paren" and _closing(tokens, position) == _closing(tokens, position + 1) + 1
                ):
                    found.append(f"{sheet.name}!{cell.address}: needless parentheses: {formula}")
        if tokens and tokens[0].kind == "Paren" and _closing(tokens, 0) == len(tokens) - 1:
            found.append(f"{sheet.name}!{cell.address}: parentheses around all: {formula}")
        if re.search(r"'[A-Za-z]+'!", formula):
            found.append(f"{sheet.name}!{cell.address}: needless quotes: {formula}")
    return found


def _closing(tokens: tuple[object, ...], start: int) -> int:
    level = 0
    for position in range(start, len(tokens)):
        token = tokens[position]
        if getattr(token, "kind", "") == "Paren":
            level += 1 if getattr(token, "subkind", "") == "Open" else -1
            if level == 0:
                return position
    return len(tokens)
