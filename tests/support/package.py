"""An .xlsx file as its parts and XML state it, read without a spreadsheet library.

A library that opens a file repairs, guesses and forgets; a check must see what is written. So this module
unpacks the zip, parses the XML with entity expansion refused, and lists sheets, cells, defined names and
relationships as they stand, in the order of the file, duplicates included. Terms follow ECMA-376 Part 1,
chapter 18 (SpreadsheetML).
"""

from __future__ import annotations

import math
import posixpath
import zipfile
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from tests.support.grid import split_address

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DOCUMENT_RELATIONSHIPS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"

CellKey = tuple[str, str]
"""Sheet name and address: ``("Inputs", "B12")``."""


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """An error as a cell's value. ``kind`` is the literal (``#DIV/0!``) or what the engine says instead."""

    kind: str


Value = float | str | bool | ErrorValue


class Relationship(NamedTuple):
    """One line of a ``.rels`` part; ``target`` is a part name, or the address itself when it is external."""

    kind: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One ``<c>`` element. ``row`` and ``column`` are 1-based, 0 when the address cannot be read."""

    address: str
    row: int
    column: int
    kind: str
    style: int
    dynamic: bool
    formula: str | None
    formula_kind: str
    raw: str | None
    text: str | None

    @property
    def value(self) -> Value | None:
        """The stored value by its declared type; None when there is none or when it is not of that type."""
        if self.kind in {"s", "str", "inlineStr"}:
            return self.text
        if not self.raw:
            return None
        if self.kind == "b":
            return {"1": True, "0": False}.get(self.raw)
        if self.kind == "e":
            return ErrorValue(self.raw)
        try:
            number = float(self.raw)
        except ValueError:
            return None
        return number if math.isfinite(number) else None


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One sheet: its entry in ``workbook.xml``, its part, and its cells in the order of the file.

    Two are equal where they are one: what is derived of a sheet is kept by it.
    """

    name: str
    state: str
    part: str
    root: Element
    cells: tuple[Cell, ...]
    row_numbers: tuple[int, ...]
    relationships: dict[str, Relationship]
    by_address: dict[str, Cell] = field(repr=False)


class DefinedName(NamedTuple):
    """One ``<definedName>``; ``sheet`` is the sheet of a local name, None for the whole workbook."""

    name: str
    sheet: str | None
    formula: str


@dataclass(frozen=True, eq=False)
class Book:
    """A whole package. ``part_names`` keeps the zip's order and repetitions; ``xml`` holds every parsed
    part, which no one changes: copies of a workbook share the parts that are alike.
    """

    path: Path
    part_names: tuple[str, ...]
    parts: dict[str, bytes]
    xml: dict[str, Element]

    @cached_property
    def workbook(self) -> Element:
        """The root of the workbook part."""
        return self.xml["xl/workbook.xml"]

    @cached_property
    def shared_strings(self) -> tuple[str, ...]:
        """The shared strings, rich text joined, phonetic runs left out."""
        root = self.xml.get("xl/sharedStrings.xml")
        return () if root is None else tuple(string_text(item) for item in root.iter(f"{MAIN}si"))

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The sheets in tab order. Raises KeyError when the workbook names a part that is not there."""
        relationships = self.relationships("xl/workbook.xml")
        found = []
        for entry in self.workbook.iter(f"{MAIN}sheet"):
            part = relationships[entry.get(f"{DOCUMENT_RELATIONSHIPS}id", "")].target
            root = self.xml[part]
            cells, first_of_address = _read_cells(root, self.shared_strings)
            found.append(
                Sheet(
                    name=entry.get("name", ""),
                    state=entry.get("state", "visible"),
                    part=part,
                    root=root,
                    cells=cells,
                    row_numbers=tuple(int(row.get("r", "0")) for row in root.iter(f"{MAIN}row")),
                    relationships=self.relationships(part),
                    by_address=first_of_address,
                )
            )
        return tuple(found)

    @cached_property
    def sheet_by_name(self) -> dict[str, Sheet]:
        """Sheets by lower-cased name, as Excel compares them; of two with one name, the first."""
        return {sheet.name.lower(): sheet for sheet in reversed(self.sheets)}

    @cached_property
    def names(self) -> tuple[DefinedName, ...]:
        """All defined names, built-in ones included, in the order of the file."""
        found = []
        for entry in self.workbook.iter(f"{MAIN}definedName"):
            scope = entry.get("localSheetId")
            sheet = None if scope is None else self.sheets[int(scope)].name
            found.append(DefinedName(entry.get("name", ""), sheet, entry.text or ""))
        return tuple(found)

    def relationships(self, part: str) -> dict[str, Relationship]:
        """The relationships of a part by id; empty when it has none."""
        folder, name = posixpath.split(part)
        root = self.xml.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, Relationship] = {}
        if root is None:
            return found
        for entry in root.iter(f"{PACKAGE_RELATIONSHIPS}Relationship"):
            external = entry.get("TargetMode") == "External"
            target = entry.get("Target", "")
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            kind = entry.get("Type", "").rpartition("/")[2]
            found[entry.get("Id", "")] = Relationship(kind, target, external)
        return found

    def related(self, sheet: Sheet, kind: str) -> list[str]:
        """The parts of one kind (``table``, ``drawing``) that belong to a sheet."""
        return [link.target for link in sheet.relationships.values() if link.kind == kind and not link.external]


def read_book(path: Path) -> Book:
    """Read a package whole, once for each state of the file.

    Raises zipfile.BadZipFile when it is no zip, ElementTree.ParseError when a part is not well-formed XML,
    and defusedxml.DefusedXmlException when one declares entities.
    """
    state = path.stat()
    return _read_book(path, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=32)
def _read_book(path: Path, *_state: int) -> Book:
    with zipfile.ZipFile(path) as archive:
        names = tuple(info.filename for info in archive.infolist())
        parts = {name: archive.read(name) for name in names}
    xml = {name: _parse(data) for name, data in parts.items() if name.endswith((".xml", ".rels"))}
    return Book(path=path, part_names=names, parts=parts, xml=xml)


@lru_cache(maxsize=768)
def _parse(data: bytes) -> Element:
    return fromstring(data)


def formula_cells(path: Path) -> dict[CellKey, str]:
    """Every formula of a file as it is stored: no leading ``=``, prefixes kept; a shared formula's copies are
    ``""``.
    """
    return {
        (sheet.name, cell.address): cell.formula
        for sheet in read_book(path).sheets
        for cell in sheet.cells
        if cell.formula is not None
    }


class CachedValue(NamedTuple):
    """What a cell stores: the ``t`` attribute (``n`` when absent), ``<v>`` as written, and the value they
    mean.
    """

    kind: str
    raw: str | None
    value: Value | None


def cached_values(path: Path) -> dict[CellKey, CachedValue]:
    """The stored value of every cell that holds something, formulas and constants alike, with its type."""
    return {
        (sheet.name, cell.address): CachedValue(cell.kind, cell.raw, cell.value)
        for sheet in read_book(path).sheets
        for cell in sheet.cells
        if cell.formula is not None or cell.raw is not None or cell.text is not None
    }


def string_text(item: Element) -> str:
    """The text of a string item: its ``<t>``, or the ``<t>`` of its rich runs in order."""
    runs = [item, *item.findall(f"{MAIN}r")]
    return "".join(text.text or "" for run in runs for text in run.findall(f"{MAIN}t"))


@lru_cache(maxsize=320)
def _read_cells(root: Element, shared_strings: tuple[str, ...]) -> tuple[tuple[Cell, ...], dict[str, Cell]]:
    """The cells of a sheet in the order of the file, and the first of each address."""
    cells = []
    for element in root.iter(f"{MAIN}c"):
        address = element.get("r", "")
        try:
            row, column = split_address(address)
        except ValueError:
            row, column = 0, 0
        kind = element.get("t", "n")
        formula = element.find(f"{MAIN}f")
        value = element.find(f"{MAIN}v")
        raw = None if value is None else value.text or ""
        text = None
        if kind == "s" and raw is not None and raw.isdigit() and int(raw) < len(shared_strings):
            text = shared_strings[int(raw)]
        elif kind == "inlineStr":
            inline = element.find(f"{MAIN}is")
            text = None if inline is None else string_text(inline)
        elif kind == "str":
            text = raw
        cells.append(
            Cell(
                address=address,
                row=row,
                column=column,
                kind=kind,
                style=int(element.get("s", "0")),
                dynamic=element.get("cm") is not None,
                formula=None if formula is None else formula.text or "",
                formula_kind="" if formula is None else formula.get("t", "normal"),
                raw=raw,
                text=text,
            )
        )
    first_of_address: dict[str, Cell] = {}
    for cell in cells:
        first_of_address.setdefault(cell.address, cell)
    return tuple(cells), first_of_address
