"""The cells of a sheet as its part states them, read strictly: one formula and one value a cell, each cell once.

What another program might read otherwise is refused by name: foreign elements among the cells, a cell or row twice or
out of order, two formulas or values in a cell, numbers that are none, texts that are not in the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import inf
from typing import NamedTuple
from xml.etree.ElementTree import Element

from sheetgen.base.errors import NotVerifiable, one_line
from sheetgen.workbook.addresses import address
from sheetgen.workbook.file.shared import MOST_COLUMNS, MOST_ROWS, column_number, copied
from sheetgen.workbook.file.xml_part import MAIN

ERRORS = frozenset({
    "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!",
})  # fmt: skip
ROW, CELL = f"{{{MAIN}}}row", f"{{{MAIN}}}c"
FORMULA, VALUE, INLINE = f"{{{MAIN}}}f", f"{{{MAIN}}}v", f"{{{MAIN}}}is"
_T, _RUN = f"{{{MAIN}}}t", f"{{{MAIN}}}r"
_TEXT_NOTES = {f"{{{MAIN}}}rPh", f"{{{MAIN}}}phoneticPr"}
OF_A_CELL = frozenset({"r", "s", "t", "cm", "vm", "ph"})
_ROW_NUMBER = re.compile("[1-9][0-9]{0,6}")
_LETTERS = re.compile("[A-Z]{1,3}")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_XML = "[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # seldom needed, 8 ms to compile

Constant = float | str | bool | None


class ErrorText(str):
    """An error value as it is stored: ``#DIV/0!``."""

    __slots__ = ()


class Stored(NamedTuple):
    """What a cell holds. ``value`` is the constant, or what the last program computed; None where there is none.

    ``array`` says that the formula is more than its own: an array formula, or a table of a what-if.
    """

    value: Constant
    formula: str | None = None
    array: bool = False
    style: str = "0"


Cells = dict[tuple[int, int], Stored]
"""By row and column, 0-based."""


def read_texts(root: Element | None, place: str) -> dict[str, str]:
    """The table of texts that cells refer to, by the number that a cell states."""
    items = () if root is None else root.iterfind(f"{{{MAIN}}}si")
    return {str(number): read_text(item, place) for number, item in enumerate(items)}


def read_cells(data: Element, texts: Mapping[str, str], place: str) -> Cells:
    """The cells of a ``sheetData``; ``place`` names the sheet. Raises NotVerifiable for what is not read."""
    reader = _Reader(texts, place)
    columns: dict[str, int] = {}
    below = -1
    _refuse_text(data.text, place, 1)
    for row in data:
        given = row.get("r")
        above, below = below, below + 1 if given is None else int(given) - 1 if _ROW_NUMBER.fullmatch(given) else -1
        if row.tag != ROW or not above < below < MOST_ROWS:
            raise NotVerifiable(f"{place}: after row {above + 1} stands what is no row below it")
        digits, column = str(below + 1), -1
        if row.text or row.tail:
            _refuse_text(row.text, place, below + 1)
            _refuse_text(row.tail, place, below + 1)
        for cell in row:
            address = cell.get("r")
            left = column
            if address is None:
                column += 1
            else:
                letters = address.removesuffix(digits)
                column = columns.get(letters, -1)
                if column < 0 and _LETTERS.fullmatch(letters):
                    column = columns[letters] = column_number(letters)
            if cell.tag != CELL or not left < column < MOST_COLUMNS:
                raise NotVerifiable(f"{place}: in row {digits} stands what is no cell to the right of the one before")
            if cell.tail:
                _refuse_text(cell.tail, place, below + 1)
            reader.add(cell, below, column)
    return reader.cells


def _refuse_text(text: str | None, place: str, row: int) -> None:
    """Raise NotVerifiable for a text beside cells, which some programs pass over and others call damaged."""
    if text and not text.isspace():
        raise NotVerifiable(f"{place}: at row {row} stands a text that is in no cell")


class _Reader:
    """Reads the cells of one sheet."""

    def __init__(self, texts: Mapping[str, str], place: str) -> None:
        self.cells: Cells = {}
        self._texts = texts
        self._place = place
        self._masters: dict[str, tuple[int, int, str]] = {}
        self._attributes: set[tuple[str, ...]] = set()
        """Names of attributes that were found to be those of cells."""

    def add(self, cell: Element, row: int, column: int) -> None:
        """Read one cell; most hold a value, or a formula and a value, and nothing else."""
        attributes = cell.attrib
        names = tuple(attributes)
        if names not in self._attributes:
            self._learn(names, row, column)
        formula: Element | None = None
        value: Element | None = None
        size = len(cell)
        if size == 1:
            value = cell[0]
        elif size == 2:
            formula, value = cell
        elif not size:
            return
        if value is None or value.tag != VALUE or (formula is not None and formula.tag != FORMULA):
            formula, value = self._parts(cell, row, column)
        if cell.text or (value is not None and (value.tail or len(value))):
            self._refuse_extras(cell, row, column)
        text = None if value is None else value.text
        kind = attributes.get("t", "n")
        shown: Constant
        if kind == "s" and text is not None and text in self._texts:
            shown = self._texts[text]
        elif kind == "n" and text and _NUMBER.fullmatch(text) and abs(number := float(text)) < inf:
            shown = number
        else:
            shown = self._value(kind, value, row, column)
        style = attributes.get("s", "0")
        if formula is None:
            self.cells[row, column] = Stored(shown, None, False, style)
            return
        if formula.tail or len(formula):
            self._refuse_extras(cell, row, column)
        written, array = self._formula(formula, row, column)
        self.cells[row, column] = Stored(shown, written, array, style)

    def _learn(self, names: tuple[str, ...], row: int, column: int) -> None:
        if not OF_A_CELL.issuperset(names):
            raise NotVerifiable(f"{self._where(row, column)} has attributes that no cell has")
        self._attributes.add(names)

    def _value(self, kind: str, value: Element | None, row: int, column: int) -> Constant:
        """What a cell shows by the type that it says."""
        where = self._where(row, column)
        if value is not None and value.tag == INLINE:
            return read_text(value, where)
        try:
            return _typed(kind, None if value is None else value.text or "")
        except ValueError as error:
            raise NotVerifiable(f"{where} holds {error}") from error

    def _parts(self, cell: Element, row: int, column: int) -> tuple[Element | None, Element | None]:
        """The formula and the value of an unusual cell: a formula alone, a text of its own, empty parts."""
        tags = [part.tag for part in cell]
        formula = cell[0] if tags[0] == FORMULA else None
        rest = cell[0 if formula is None else 1 :]
        wanted = INLINE if cell.get("t") == "inlineStr" else VALUE
        if [part.tag for part in rest] not in ([], [wanted]):
            raise NotVerifiable(f"{self._where(row, column)} holds more than one formula and one value of its type")
        return formula, rest[0] if rest else None

    def _refuse_extras(self, cell: Element, row: int, column: int) -> None:
        outside = [cell.text, *(part.tail for part in cell)]
        if any(text and text.strip() for text in outside) or any(len(part) for part in cell if part.tag != INLINE):
            raise NotVerifiable(f"{self._where(row, column)} holds a text or an element outside of its value")

    def _formula(self, formula: Element, row: int, column: int) -> tuple[str, bool]:
        """The text of a formula, and whether it is more than that."""
        text, kind = unescaped(formula.text or ""), formula.get("t")
        if kind == "shared":
            text = self._shared(formula, text, row, column)
        return text, kind is not None and kind in {"array", "dataTable"}

    def _shared(self, formula: Element, text: str, row: int, column: int) -> str:
        group = formula.get("si", "")
        if text:
            if formula.get("ref") is not None or group not in self._masters:
                self._masters[group] = (row, column, text)
            return text
        if group not in self._masters:
            raise NotVerifiable(f"{self._where(row, column)} shares a formula that is not there")
        first_row, first_column, master = self._masters[group]
        try:
            return copied(master, row - first_row, column - first_column)
        except ValueError as error:
            raise NotVerifiable(f"{self._where(row, column)} shares {error}") from error

    def _where(self, row: int, column: int) -> str:
        return f"{self._place}: cell {address(row, column)}"


def _typed(kind: str, text: str | None) -> Constant:
    """The stored value of a cell by its type; None where there is none. ValueError says in words what is wrong."""
    if kind == "str":
        return None if text is None else unescaped(text)
    if not text:
        return None
    if kind == "n":
        raise ValueError(f"{one_line(text[:30])!r}, which is no number")
    if kind == "s":
        raise ValueError("a text that is not in the table of texts")
    if kind == "b" and text in {"0", "1"}:
        return text == "1"
    if kind == "e" and text in ERRORS:
        return ErrorText(text)
    if kind == "d":
        return _serial(text)
    raise ValueError(f"{one_line(text[:30])!r}, which is no value of its type")


def _serial(text: str) -> float:
    """A date of Strict Open XML as the number that Excel counts."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    days = moment - datetime(1899, 12, 30)
    return days.days + days.seconds / 86_400


def read_text(item: Element, place: str) -> str:
    """The text of an item, rich runs joined, phonetic notes left out."""
    if len(item) == 1 and item[0].tag == _T and not len(item[0]):
        return unescaped(item[0].text or "")
    pieces = []
    for part in item:
        if part.tag in _TEXT_NOTES:
            continue
        if part.tag not in {_T, _RUN}:
            raise NotVerifiable(f"{place}: a text holds what is no text")
        pieces += [part] if part.tag == _T else part.findall(_T)
    plain = sum(part.tag == _T for part in item)
    if plain > 1 or (plain and len(pieces) > 1) or any(len(piece) for piece in pieces):
        raise NotVerifiable(f"{place}: a text holds what is no text")
    return unescaped("".join(piece.text or "" for piece in pieces))


def unescaped(text: str) -> str:
    """The text with the format's escapes (``_x000A_``) resolved."""
    return _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text) if "_x" in text else text


def escaped(text: str) -> str:
    """The reverse: what XML cannot hold, and what would be taken for an escape."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda match: f"_x005F{match.group()}", text)
    return text if text.isprintable() else re.sub(_NO_XML, lambda match: f"_x{ord(match.group()):04X}_", text)
