"""A formula taken apart: its tokens by formualizer's tokenizer, and each reference as sheet and area."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

import formualizer

from tests.support.grid import MAX_COLUMN, MAX_ROW, column_number, on_grid, split_address
from tests.support.package import MAIN, Book

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"

_QUOTED = re.compile(r"'((?:[^']|'')*)'!(.*)", re.DOTALL)
_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}")
_COLUMNS = re.compile(r"([A-Za-z]{1,3}):([A-Za-z]{1,3})")
_ROWS = re.compile(r"([0-9]{1,7}):([0-9]{1,7})")


class FormulaText(NamedTuple):
    """A formula as stored, and where: a cell address, or words such as ``validation B2``."""

    sheet: str
    place: str
    text: str


class Token(NamedTuple):
    """One token: its text, its kind (``Func``, ``Operand``, ``Paren``) and subkind (``Open``, ``Range``)."""

    text: str
    kind: str
    subkind: str


class ReadFormula(NamedTuple):
    """The tokens of a formula, or, with no tokens, the reason why it cannot be read."""

    tokens: tuple[Token, ...]
    problem: str | None


class Area(NamedTuple):
    """A rectangle of cells, all four bounds 1-based and included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell lies inside."""
        return self.first_row <= row <= self.last_row and self.first_column <= column <= self.last_column


class Reference(NamedTuple):
    """One operand that refers: external or not, the sheets it names, and what is left (``A1``, a name,
    ``T[x]``).
    """

    external: bool
    sheets: tuple[str, ...]
    target: str

    @property
    def area(self) -> Area | None:
        """The cells meant, None when the target is a name, a table or off the grid."""
        return read_area(self.target)


@functools.lru_cache(maxsize=65536)
def read_formula(text: str) -> ReadFormula:
    """Tokenise and parse a formula as stored; a leading ``=``, which a rule of its own reports, is passed
    over.
    """
    formula = "=" + text.removeprefix("=")
    try:
        tokens = tuple(
            Token(token.value, str(token.token_type).rpartition(".")[2], str(token.subtype).rpartition(".")[2])
            for token in formualizer.tokenize(formula)
            if token is not None  # the stub allows it, the tokenizer does not
        )
        formualizer.parse(formula)
    except (formualizer.TokenizerError, formualizer.ParserError) as problem:
        return ReadFormula((), str(problem))
    return ReadFormula(tokens, None)


def references(text: str) -> list[Reference]:
    """Every reference of a formula: to cells, names and tables, in the order of the text."""
    return [
        read_reference(token.text)
        for token in read_formula(text).tokens
        if token.kind == "Operand" and token.subkind == "Range"
    ]


@functools.lru_cache(maxsize=65536)
def read_reference(operand: str) -> Reference:
    """Take apart ``'My sheet'!$A$1:$B$2``, ``[1]Sheet!A1``, ``Sheet1:Sheet3!A1``, ``a_name`` or
    ``Table[Column]``.
    """
    quoted = _QUOTED.fullmatch(operand)
    if quoted:
        sheets, target = quoted[1].replace("''", "'"), quoted[2]
    else:
        sheets, _, target = operand.rpartition("!")
    external = "[" in sheets
    names = tuple(name for name in sheets.split(":") if name) if not external else ()
    return Reference(external, names, target.replace("$", ""))


@functools.lru_cache(maxsize=65536)
def read_area(target: str) -> Area | None:
    """``B2``, ``A1:C3``, ``A:B`` or ``1:2`` (``$`` allowed) as an area, None for anything else or off the
    grid.
    """
    target = target.replace("$", "")
    if columns := _COLUMNS.fullmatch(target):
        first, last = sorted((column_number(columns[1]), column_number(columns[2])))
        return Area(1, first, MAX_ROW, last) if last <= MAX_COLUMN else None
    if rows := _ROWS.fullmatch(target):
        first, last = sorted((int(rows[1]), int(rows[2])))
        return Area(first, 1, last, MAX_COLUMN) if first >= 1 and last <= MAX_ROW else None
    corners = target.split(":")
    if len(corners) > 2 or not all(_CELL.fullmatch(corner) for corner in corners):
        return None
    places = [split_address(corner) for corner in corners]
    if not all(on_grid(*place) for place in places):
        return None
    rows_, columns_ = zip(*places, strict=True)
    return Area(min(rows_), min(columns_), max(rows_), max(columns_))


def looks_like_cell(name: str) -> bool:
    """Whether a word reads as a cell, in the A1 or the R1C1 way: ``H100``, ``xfd1048576``, ``R``, ``C5``,
    ``R1C1``.
    """
    if re.fullmatch(r"[Rr][0-9]*(?:[Cc][0-9]*)?|[Cc][0-9]*", name):
        return True
    return bool(_CELL.fullmatch(name)) and on_grid(*split_address(name))


def formulas(book: Book) -> Iterator[FormulaText]:
    """Every formula outside the defined names: cells, validations, conditional formats, links and charts."""
    for sheet in book.sheets:
        for cell in sheet.cells:
            if cell.formula:
                yield FormulaText(sheet.name, cell.address, cell.formula)
        for validation in sheet.root.iter(f"{MAIN}dataValidation"):
            place = f"validation {validation.get('sqref')}"
            for part in ("formula1", "formula2"):
                if text := validation.findtext(f"{MAIN}{part}"):
                    yield FormulaText(sheet.name, place, text)
        for block in sheet.root.iter(f"{MAIN}conditionalFormatting"):
            for formula in block.iter(f"{MAIN}formula"):
                yield FormulaText(sheet.name, f"conditional format {block.get('sqref')}", formula.text or "")
        for link in sheet.root.iter(f"{MAIN}hyperlink"):
            if location := link.get("location"):
                yield FormulaText(sheet.name, f"link {link.get('ref')}", location)
    for part, root in book.xml.items():
        for formula in root.iter(f"{CHART}f"):
            yield FormulaText("", part, formula.text or "")
