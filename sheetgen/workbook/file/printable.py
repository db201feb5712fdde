"""A stranger's workbook written anew for a program that would follow its links: cells, looks, charts, pictures only.

Nothing of the file is passed on as it stands. Each part that a page shows is found by its relationship, parsed,
filtered by what is allowed, and written under a name of ours; the relationships and content types are ours, none of
them leads outside, and what is not known is not there. A formula that is not known to stay inside the workbook becomes
``NA()``, which a reader sees.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from sheetgen.base.errors import NotVerifiable
from sheetgen.workbook.file.bounds import MOST_COLUMNS, MOST_ROWS, anchored, within
from sheetgen.workbook.file.foot import stamp_foot
from sheetgen.workbook.file.harmless import is_harmless
from sheetgen.workbook.file.new_package import PACKAGE, Links, NewPackage
from sheetgen.workbook.file.package import Package, source_of
from sheetgen.workbook.file.xml_part import CHART, COMPATIBILITY, DRAWING, MAIN, OFFICE, PLACEMENT, children

MOST_NAMED = 5
PRINT_AREA = "_xlnm.Print_Area"
PRINTED = frozenset({PRINT_AREA, "_xlnm.Print_Titles"})

CONTENT = "application/vnd.openxmlformats-officedocument."
SPREADSHEET = f"{CONTENT}spreadsheetml."
PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
SHARED = {
    "styles": f"{SPREADSHEET}styles+xml",
    "sharedStrings": f"{SPREADSHEET}sharedStrings+xml",
    "theme": f"{CONTENT}theme+xml",
}
OF_A_SHEET = frozenset({
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "mergeCells", "conditionalFormatting",
    "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
})  # fmt: skip
OF_A_CELL = frozenset({"r", "s", "t"})
NOT_ALLOWED = frozenset({
    "extLst", "hlinkClick", "hlinkHover", "hlinkMouseOver", "externalData", "userShapes", "contentPart", "snd",
    "audioFile", "videoFile", "wavAudioFile", "quickTimeFile", "audioCd", "oleObj",
})  # fmt: skip
HOLDERS = frozenset({"graphicData", "graphic", "graphicFrame", "blipFill", "pic"})
"""Elements that are nothing without their content."""
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
RUNNING = frozenset({"vbaProject", "oleObject", "control", "ctrlProp", "package"})
CORE_KIND = f"{PACKAGE}/relationships/metadata/core-properties"
EXTENDED = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
PROPERTIES = (
    (
        CORE_KIND, "core", f"{{{PACKAGE}/metadata/core-properties}}coreProperties", "http://purl.org/dc/elements/1.1/",
        ("title", "subject", "creator", "description"),
    ),
    ("extended-properties", "app", f"{{{EXTENDED}}}Properties", EXTENDED, ("Application", "AppVersion")),
)  # fmt: skip
PROPERTY_TYPES = {
    "core": "application/vnd.openxmlformats-package.core-properties+xml",
    "app": f"{CONTENT}extended-properties+xml",
}

_JUMP = re.compile(r"(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?")

NewLink = Callable[[Element, str], bool]


class Printable(NamedTuple):
    """The bytes of the new file, and what of the old one it lacks, in words."""

    data: bytes
    left_out: tuple[str, ...]


def printable(package: Package, prints: Callable[[str], bool] = lambda _name: True, stamp: str = "") -> Printable:
    """The workbook as a new file that reaches for nothing, of which only sheets that ``prints`` wants by name are seen.

    ``stamp`` stands below the foot of every page.

    Raises NotVerifiable where it cannot be read as a workbook, or no sheet would be seen.
    """
    try:
        copy = _Copy(package, prints, stamp)
        copy.make()
        return Printable(copy.new.to_bytes(), copy.left_out())
    except RecursionError as error:
        raise NotVerifiable(f"{package.file}: its parts are nested too deep to be read") from error


class _Copy:
    """One file being written anew."""

    def __init__(self, package: Package, prints: Callable[[str], bool], stamp: str) -> None:
        self.package, self.new, self.prints, self.stamp = package, NewPackage(), prints, stamp
        main = package.main_part()
        self.root = package.xml(main)
        if self.root.tag != f"{{{MAIN}}}workbook":
            raise NotVerifiable(f"{package.file}: is not an Excel workbook (.xlsx)")
        self.links = package.relationships(main)
        self.replaced: list[str] = []
        self.entries = [entry for sheets in children(self.root, "sheets") for entry in sheets]
        self.names = frozenset(entry.get("name", "").lower() for entry in self.entries)
        if not any(prints(entry.get("name", "")) for entry in self.entries):
            raise NotVerifiable(f"{package.file}: has none of the sheets to print")

    def make(self) -> None:
        """Write all parts."""
        links: Links = {}
        for number, entry in enumerate(self.entries, start=1):
            links[f"rId{number}"] = self._sheet(entry, number)
        for kind, content in SHARED.items():
            found = [link for link in self.links.values() if link.kind == kind and not link.external]
            if found and found[0].target in self.package:
                root = self.package.xml(found[0].target)
                _clean(root, {DRAWING} if kind == "theme" else {MAIN})
                self.new.add(f"xl/{kind}.xml", root, content)
                links[f"rId{len(links) + 1}"] = (kind, f"{kind}.xml")
        self._workbook()
        self.new.link("xl/workbook.xml", links)
        self._properties()
        roots: Links = {
            f"rId{number}": (kind, f"docProps/{name}.xml") for number, (kind, name, *_) in enumerate(PROPERTIES)
        }
        self.new.link("", {**roots, "rId9": ("officeDocument", "xl/workbook.xml")})

    def left_out(self) -> tuple[str, ...]:
        """What the new file lacks that a reader might miss, in words."""
        outside = set()
        for name in self.package.names:
            source = source_of(name)
            links = {} if source is None else self.package.relationships(source)
            short = {link.kind.rpartition("/")[2]: link.external for link in links.values()}
            outside |= {kind for kind, external in short.items() if external or kind in RUNNING}
        words = [f"what leads outside or runs ({', '.join(sorted(outside))})"] if outside else []
        if self.replaced:
            more = f" and {len(self.replaced) - MOST_NAMED} more" if len(self.replaced) > MOST_NAMED else ""
            words.append(f"formulas not known to stay inside: {', '.join(self.replaced[:MOST_NAMED])}{more}")
        return tuple(words)

    def _workbook(self) -> None:
        root = Element(f"{{{MAIN}}}workbook")
        root.append(self._settings("workbookPr", "date1904"))
        sheets = SubElement(root, f"{{{MAIN}}}sheets")
        for number, entry in enumerate(self.entries, start=1):
            new = SubElement(sheets, f"{{{MAIN}}}sheet", _kept(entry, "name", "state"))
            new.set("sheetId", str(number))
            new.set(f"{{{OFFICE}}}id", f"rId{number}")
        names = Element(f"{{{MAIN}}}definedNames")
        unseen = [index for index, entry in enumerate(self.entries) if not self.prints(entry.get("name", ""))]
        for index in unseen:  # an area of nothing has no page
            name = self.entries[index].get("name", "").replace("'", "''")
            area = SubElement(names, f"{{{MAIN}}}definedName", {"name": PRINT_AREA, "localSheetId": str(index)})
            area.text = f"'{name}'!$ALL${MOST_ROWS}"
        for entry in [entry for old in children(self.root, "definedNames") for entry in old]:
            text = entry.text or ""
            if entry.get("name", "") in PRINTED and entry.get("localSheetId", "") in {str(index) for index in unseen}:
                continue
            if is_harmless(text, self.names) and within(text):
                SubElement(names, f"{{{MAIN}}}definedName", _kept(entry, "name", "localSheetId")).text = text
            else:
                self.replaced.append(f"name {entry.get('name', '')}")
        if len(names):
            root.append(names)
        root.append(self._settings("calcPr", "fullPrecision"))
        self.new.add("xl/workbook.xml", root, f"{SPREADSHEET}sheet.main+xml")

    def _settings(self, name: str, attribute: str) -> Element:
        """One setting of the workbook that changes what is shown."""
        old = children(self.root, name)
        return Element(f"{{{MAIN}}}{name}", _kept(old[0], attribute) if old else {})

    def _properties(self) -> None:
        """Title and author for the PDF; and the program that wrote the file, whose habits LibreOffice takes over."""
        for kind, name, root_name, namespace, kept in PROPERTIES:
            root = Element(root_name)
            for link in self.package.relationships("").values():
                if link.kind == kind and not link.external and link.target in self.package:
                    old = self.package.xml(link.target)
                    for key in kept:
                        text = old.findtext(f"{{{namespace}}}{key}")
                        if text and root.find(f"{{{namespace}}}{key}") is None:
                            SubElement(root, f"{{{namespace}}}{key}").text = text
            self.new.add(f"docProps/{name}.xml", root, PROPERTY_TYPES[name])

    def _sheet(self, entry: Element, number: int) -> tuple[str, str]:
        """Copy a sheet; its kind and its target."""
        name = entry.get("name", "")
        link = self.links.get(entry.get(f"{{{OFFICE}}}id", ""))
        if link is None or link.external or link.kind not in {"worksheet", "chartsheet"}:
            raise NotVerifiable(f"{self.package.file}: sheet {name!r} is no worksheet; it is not rendered")
        root = self.package.xml(link.target)
        drawings = [child.get(f"{{{OFFICE}}}id", "") for child in children(root, "drawing")]
        for child in list(root):
            allowed = child.tag.startswith(f"{{{MAIN}}}") and _local(child) in OF_A_SHEET
            if allowed and _local(child) == "conditionalFormatting" and not self._rules_harmless(child):
                self.replaced.append(f"a conditional format on {name}")
                allowed = False
            if allowed and _local(child) == "hyperlinks":
                allowed = self._jumps(child)
            if not allowed:
                root.remove(child)
        _clean(root, {MAIN})
        for rows in children(root, "sheetData"):
            self._cells(rows, name)
        if self.stamp:
            stamp_foot(root, self.stamp)
        target = f"xl/worksheets/sheet{number}.xml"
        drawn = self._drawing(link.target, drawings[0], number) if len(drawings) == 1 else ""
        if drawn:
            SubElement(root, f"{{{MAIN}}}drawing", {f"{{{OFFICE}}}id": "rId1"})
            self.new.link(target, {"rId1": ("drawing", f"../drawings/{drawn}")})
        self.new.add(target, root, f"{SPREADSHEET}{link.kind}+xml")
        return link.kind, f"worksheets/sheet{number}.xml"

    def _cells(self, rows: Element, sheet: str) -> None:
        for cell in [cell for row in rows for cell in row]:
            place = cell.get("r", "")
            for extra in cell.attrib.keys() - OF_A_CELL:
                del cell.attrib[extra]
            if len(cell) and not within(place):
                raise NotVerifiable(
                    f"{self.package.file}: sheet {sheet!r} goes as far as {place[:12]}; at most {MOST_ROWS:,} rows "
                    f"and {MOST_COLUMNS:,} columns are rendered"
                )
            for formula in children(cell, "f"):
                if not is_harmless(formula.text or "", self.names):
                    formula.text = "NA()"
                    self.replaced.append(f"{sheet}!{place}")
                    for value in children(cell, "v"):
                        cell.remove(value)

    def _jumps(self, links: Element) -> bool:
        """Whether there are links to cells of this workbook; all others are taken out."""
        for link in list(links):
            place = link.get("location", "")
            inside = _JUMP.fullmatch(place) and is_harmless(place, self.names)
            if f"{{{OFFICE}}}id" in link.attrib or not inside:
                links.remove(link)
        return len(links) > 0

    def _rules_harmless(self, formats: Element) -> bool:
        formulas = [formula.text or "" for formula in formats.iter(f"{{{MAIN}}}formula")]
        formulas += [bound.get("val", "") for bound in formats.iter(f"{{{MAIN}}}cfvo")]
        return all(is_harmless(text, self.names) for text in formulas)

    def _drawing(self, home: str, link_id: str, number: int) -> str:
        """Copy the drawing of a sheet; its new name, empty where there is none."""
        link = self.package.relationships(home).get(link_id)
        if link is None or link.external or link.kind != "drawing":
            return ""
        root = self.package.xml(link.target)
        source = self.package.relationships(link.target)
        links: Links = {}

        def new_link(element: Element, attribute: str) -> bool:
            old = source.get(element.get(f"{{{OFFICE}}}{attribute}", ""))
            if old is None or old.external or old.target not in self.package:
                return False
            made = self._linked(old.kind, old.target, attribute, f"{number}_{len(links) + 1}")
            if made is not None:
                links[f"rId{len(links) + 1}"] = made
                element.attrib = {f"{{{OFFICE}}}{attribute}": f"rId{len(links)}"}
            return made is not None

        for anchor in list(root):
            if not anchored(anchor):
                root.remove(anchor)
        _clean(root, {PLACEMENT, DRAWING, CHART}, new_link)
        self.new.add(f"xl/drawings/drawing{number}.xml", root, f"{CONTENT}drawing+xml")
        self.new.link(f"xl/drawings/drawing{number}.xml", links)
        return f"drawing{number}.xml"

    def _linked(self, kind: str, part: str, attribute: str, name: str) -> tuple[str, str] | None:
        """Copy a chart or a picture; its kind and its target, or None for anything else."""
        if (kind, attribute) == ("chart", "id"):
            root = self.package.xml(part)
            _clean(root, {CHART, DRAWING})
            for formula in root.iter(f"{{{CHART}}}f"):
                if not is_harmless(formula.text or "", self.names):
                    formula.text = ""
                    self.replaced.append("a series of a chart")
            self.new.add(f"xl/charts/chart{name}.xml", root, f"{CONTENT}drawingml.chart+xml")
            return "chart", f"../charts/chart{name}.xml"
        if (kind, attribute) == ("image", "embed"):
            data = self.package.read(part)
            suffix = next((ending for start, ending in PICTURES.items() if data.startswith(start)), None)
            if suffix is not None:
                self.new.add_bytes(f"xl/media/image{name}.{suffix}", data)
                return "image", f"../media/image{name}.{suffix}"
        return None


def _clean(root: Element, namespaces: set[str], new_link: NewLink | None = None) -> None:
    """Take out of a part what is not allowed: elements, attributes, links, and what is nothing without them.

    ``new_link`` gives an element that may have a link a new one, and says whether it did.
    """

    def visit(element: Element) -> bool:
        """Whether the element may stay."""
        link = {"chart": "id", "blip": "embed"}.get(_local(element), "")
        linked = f"{{{OFFICE}}}{link}" in element.attrib
        if linked and (new_link is None or not new_link(element, link)):
            return False
        for key in list(element.attrib):
            foreign = key.startswith("{") and key != SPACE
            if key in {"macro", "textlink"} or (foreign and not (linked and key == f"{{{OFFICE}}}{link}")):
                del element.attrib[key]
        for child in [child for child in element if child.tag == f"{{{COMPATIBILITY}}}AlternateContent"]:
            _use_fallback(element, child)
        for child in list(element):
            namespace, local = child.tag[1:].partition("}")[::2]
            if namespace in namespaces and local not in NOT_ALLOWED and visit(child):
                continue
            element.remove(child)
            if _local(element) in HOLDERS:
                return False
        return True

    visit(root)


def _kept(element: Element, *names: str) -> dict[str, str]:
    return {name: element.get(name, "") for name in names if element.get(name)}


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _use_fallback(parent: Element, alternate: Element) -> None:
    """Put what an alternative falls back to in its place."""
    place = list(parent).index(alternate)
    parent.remove(alternate)
    fallback = alternate.find(f"{{{COMPATIBILITY}}}Fallback")
    for offset, child in enumerate(list(fallback) if fallback is not None else []):
        parent.insert(place + offset, child)
