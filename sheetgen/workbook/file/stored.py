"""A workbook as its file states it: its sheets and their cells, read once, strictly, for whatever looks at them.

The evaluator is given a file of our own with these cells and nothing else, so that it cannot read the stranger's file
in a way of its own; every formula cell comes with a poison number in the place of what the last program computed, which
proves that what comes back was computed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from sheetgen.base.errors import NotVerifiable, one_line
from sheetgen.workbook.addresses import letter
from sheetgen.workbook.file.cells import Cells, Constant, ErrorText, Stored, escaped, read_cells, read_texts
from sheetgen.workbook.file.contents import foreign_contents, one_child
from sheetgen.workbook.file.harmless import is_harmless
from sheetgen.workbook.file.package import Package
from sheetgen.workbook.file.xml_part import MAIN, OFFICE, children

POISON = 987654321.125
MAX_SHEETS = 500
MAX_NAMES = 1_000
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


class StoredSheet(NamedTuple):
    """A sheet: its name, ``visible`` or how it is hidden, its part, and its cells (none on a sheet that is a chart)."""

    name: str
    state: str
    part: str
    cells: Cells

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process by columns, in a quarter of the time that a record a cell takes."""
        held = list(zip(*self.cells.values(), strict=True)) or [(), (), (), ()]
        return _sheet_of, (self.name, self.state, self.part, list(self.cells), *map(list, held))


def _sheet_of(name: str, state: str, part: str, places: list[tuple[int, int]], *held: list[Any]) -> StoredSheet:
    return StoredSheet(name, state, part, dict(zip(places, map(Stored, *held), strict=True)))


@dataclass(frozen=True, slots=True)
class StoredBook:
    """A whole file, with its SHA-256 and size [bytes]. ``names`` are those of cells and ranges; ``foreign`` says what
    else it holds, in words; ``root`` is the part that says what sheets there are."""

    file: str
    sheets: tuple[StoredSheet, ...]
    names: dict[str, str]
    foreign: tuple[str, ...]
    sha256: str
    size: int
    root: Element
    bare: dict[str, tuple[str, int]] = field(default_factory=dict)

    def sheet(self, name: str) -> StoredSheet | None:
        """The sheet of a name, or None."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)

    def needed(self, wanted: Collection[str]) -> list[StoredSheet]:
        """The wanted sheets, and those that formulas of theirs speak of, directly or not; in the order of the file."""
        taken = {sheet.name for sheet in self.sheets if sheet.name in wanted}
        fresh = set(taken)
        while fresh:
            cells = [cell for sheet in self.sheets if sheet.name in fresh for cell in sheet.cells.values()]
            text = "\n".join(cell.formula for cell in cells if cell.formula is not None) + "\n".join(
                self.names.values()
            )
            text = text.lower().replace("''", "'")
            left = (sheet.name for sheet in self.sheets if sheet.name not in taken)
            fresh = {name for name in left if re.search(rf"{re.escape(name.lower())}(:[^\"!]*)?'?!", text)}
            taken |= fresh
        return [sheet for sheet in self.sheets if sheet.name in taken]

    def poisoned(self, sheets: Iterable[StoredSheet]) -> tuple[bytes, int]:
        """A file of these sheets for the evaluator, and how many formula cells it has."""
        return _packed(
            {sheet.name: self.bare.get(sheet.name) or _bare_sheet(sheet.cells) for sheet in sheets}, self.names
        )

    def prepare(self) -> None:
        """Write the parts of that file down now: who reads a file beside another process has time for it."""
        self.bare.update({sheet.name: _bare_sheet(sheet.cells) for sheet in self.sheets})


def read_stored(package: Package) -> StoredBook:
    """The workbook of a package. Raises NotVerifiable for what is not read."""
    file, main = package.file, package.main_part()
    root = package.xml(main)
    if root.tag != f"{{{MAIN}}}workbook":
        raise NotVerifiable(f"{file}: is not an Excel workbook (.xlsx)")
    links = package.relationships(main)
    texts: dict[str, str] = {}
    for link in links.values():
        if link.kind == "sharedStrings" and not link.external:
            if texts:
                raise NotVerifiable(f"{file}: has two tables of texts")
            texts = read_texts(package.xml(link.target), f"{file}: the table of texts")
    entries = one_child(root, "sheets", f"{file}: workbook")
    if entries is None or not 0 < len(entries) <= MAX_SHEETS:
        raise NotVerifiable(f"{file}: has no sheets, or more than {MAX_SHEETS}")
    sheets: list[StoredSheet] = []
    taken: set[str] = set()
    for entry in entries:
        name = entry.get("name", "")
        home = links.get(entry.get(f"{{{OFFICE}}}id", ""))
        if home is None or home.external or not name or {name.lower(), home.target} & taken:
            raise NotVerifiable(f"{file}: sheet {one_line(name)[:40]!r} stands twice, or has no part of its own")
        taken |= {name.lower(), home.target}
        cells: Cells = {}
        if home.kind == "worksheet":
            cells = _cells(package.xml(home.target), texts, f"{file}: sheet {one_line(name)[:40]}")
        sheets.append(StoredSheet(name, entry.get("state", "visible"), home.target, cells))
    foreign = tuple(foreign_contents(package, root))
    return StoredBook(file, tuple(sheets), _names(root, sheets), foreign, package.sha256, package.size, root)


def _cells(root: Element, texts: Mapping[str, str], place: str) -> Cells:
    data = one_child(root, "sheetData", place)
    if data is None:
        raise NotVerifiable(f"{place}: has no cells")
    return read_cells(data, texts, place)


def _names(root: Element, sheets: list[StoredSheet]) -> dict[str, str]:
    """The names of the whole workbook that a formula may use: of cells, ranges and harmless expressions."""
    known = {sheet.name.lower() for sheet in sheets}
    found: dict[str, str] = {}
    for entries in children(root, "definedNames"):
        for entry in entries:
            name, text = entry.get("name", ""), (entry.text or "").strip()
            local = entry.get("localSheetId") is not None or name.startswith("_xlnm.")
            if text and not local and len(found) < MAX_NAMES and len(text) < 256 and is_harmless(text, known):
                found[name] = text
    return found


def bare_file(sheets: Mapping[str, Cells], names: Mapping[str, str]) -> tuple[bytes, int]:
    """A file of these cells, row by row, and nothing else; and how many of them have a formula.

    An evaluator reads it in a third of the time of being given cell after cell.
    """
    return _packed({sheet: _bare_sheet(cells) for sheet, cells in sheets.items()}, names)


def _packed(sheets: Mapping[str, tuple[str, int]], names: Mapping[str, str]) -> tuple[bytes, int]:
    parts: dict[str, str] = {}
    entries, links, count = [], [], 0
    for number, (sheet, (text, found)) in enumerate(sheets.items(), start=1):
        count += found
        parts[f"xl/worksheets/sheet{number}.xml"] = text
        entries.append(f'<sheet name="{_quoted(sheet)}" sheetId="{number}" r:id="rId{number}"/>')
        links.append(_link(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml"))
    named = "".join(
        f'<definedName name="{_quoted(name)}">{_quoted(text)}</definedName>' for name, text in names.items()
    )
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{"".join(entries)}</sheets>'
        + (f"<definedNames>{named}</definedNames>" if named else "")
        + "</workbook>"
    )
    parts["xl/_rels/workbook.xml.rels"] = _links(links)
    parts["_rels/.rels"] = _links([_link("rId1", "officeDocument", "xl/workbook.xml")])
    kinds = "".join(
        f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
        f'{"sheet.main" if name == "xl/workbook.xml" else "worksheet"}+xml"/>'
        for name in parts
        if not name.endswith(".rels")
    )
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>'
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:  # stored as it is: the evaluator reads it at once
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), _HEAD + text)
    return file.getvalue(), count


def _bare_sheet(cells: Cells) -> tuple[str, int]:
    """The part of a sheet with these cells, and how many of them have a formula."""
    rows: list[str] = []
    columns: dict[int, str] = {}
    last, count = -1, 0
    for (row, column), cell in cells.items():
        if row != last:
            rows.append(f'</row><row r="{row + 1}">' if last >= 0 else f'<row r="{row + 1}">')
            last = row
        name = columns.get(column) or columns.setdefault(column, letter(column))
        if cell.formula is not None:
            count += 1
            kind = f' t="array" ref="{name}{row + 1}"' if cell.array else ""
            rows.append(f'<c r="{name}{row + 1}"><f{kind}>{_quoted(cell.formula)}</f><v>{POISON!r}</v></c>')
        elif cell.value is not None:
            rows.append(f'<c r="{name}{row + 1}"{_constant(cell.value)}</c>')
    end = "</row>" if last >= 0 else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}{end}</sheetData></worksheet>', count


def _constant(value: Constant) -> str:
    if isinstance(value, bool):
        return f' t="b"><v>{int(value)}</v>'
    if isinstance(value, ErrorText):
        return f' t="e"><v>{_quoted(value)}</v>'
    if isinstance(value, str):
        return f' t="inlineStr"><is><t xml:space="preserve">{_quoted(value)}</t></is>'
    return f"><v>{value!r}</v>"


def _quoted(text: str) -> str:
    text = escaped(text)
    if "&" in text or "<" in text or ">" in text or '"' in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text


def _link(identity: str, kind: str, target: str) -> str:
    return f'<Relationship Id="{identity}" Type="{OFFICE}/{kind}" Target="{target}"/>'


def _links(links: list[str]) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'
