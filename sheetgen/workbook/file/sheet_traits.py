"""What a sheet says beside its cells: what is hidden, merged, checked, protected, drawn, printed.

Each trait is an aspect, a place (a cell, or a word) and a text, in one spelling whatever program wrote it; places and
formulas come in the terms of whoever asks (:class:`Terms`), so that two sheets can be compared trait by trait.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

from sheetgen.base.errors import one_line
from sheetgen.workbook.addresses import letter
from sheetgen.workbook.file.chart_part import chart_traits
from sheetgen.workbook.file.package import Package, Relationship
from sheetgen.workbook.file.shared import column_number
from sheetgen.workbook.file.stored import StoredSheet
from sheetgen.workbook.file.styles_part import Styles
from sheetgen.workbook.file.xml_part import CHART, DRAWING, MAIN, OFFICE, PLACEMENT, is_on

MOST_CELLS = 20_000
THIN, NARROW = 4.0, 1.0
"""A row less high [points] and a column less wide [characters] is as good as hidden."""
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})(?::\$?([A-Z]{1,3})\$?([1-9]\d{0,6}))?")
_CELL = re.compile(rb'<c r="[^"<>]*"[^<>]*(?<!/)>.*?</c>|<c r="[^"<>]*"[^<>]*/>', re.DOTALL)
_NO_MORE = re.compile(rb'<row r="\d+"(?: spans="[^"]*")?/>| spans="[^"]*"')
_USED = re.compile(rb"<dimension [^<>]*/>")
_PLAIN_ROW = frozenset({"r", "spans"})
_SIZES = re.compile(r"(?<=&[LCR])&\d+ ?")
_PAGE = {"pageMargins", "pageSetup", "printOptions", "rowBreaks", "colBreaks"}
_QUIET = {
    "sheetPr", "dimension", "sheetFormatPr", "cols", "phoneticPr", "legacyDrawing", "sheetCalcPr", "ignoredErrors",
}  # fmt: skip

Place = tuple[int, int] | str
Trait = tuple[str, Place]


class Terms(NamedTuple):
    """How places and formulas of a sheet are told: the number of a row and of a column (None for one that is left
    out), and the text of a formula."""

    row: Callable[[int], int | None]
    column: Callable[[int], int | None]
    formula: Callable[[str], str]

    def cell(self, row: int, column: int) -> tuple[int, int] | None:
        """The place of a cell."""
        down, across = self.row(row), self.column(column)
        return None if down is None or across is None else (down, across)


class SheetTraits(NamedTuple):
    """The traits of a sheet, and the widths of its columns in its own terms."""

    traits: dict[Trait, str]
    widths: dict[int, float]


def beside_cells(package: Package, sheet: StoredSheet) -> bytes:
    """The part of a sheet without its cells, as it is spelled; where two sheets of files of one writer are equal in
    this, they have the same traits."""
    before, _, rest = package.read(sheet.part).partition(b"<sheetData>")
    data, _, behind = rest.partition(b"</sheetData>")
    data = _NO_MORE.sub(b"", _CELL.sub(b"", data).replace(b"></row>", b"/>"))
    return b"\n".join((_USED.sub(b"", before), data, behind))


def sheet_traits(package: Package, sheet: StoredSheet, styles: Styles, terms: Terms) -> SheetTraits:
    """What a sheet says beside its cells. Raises NotVerifiable for a part that is not read."""
    found: dict[Trait, str] = {}
    widths: dict[int, float] = {}
    if sheet.state != "visible":
        found["hidden", "the sheet"] = sheet.state
    for part in package.xml(sheet.part):
        name = part.tag.rpartition("}")[2]
        if name == "sheetData":
            found |= dict(_rows(part, terms))
        elif name == "cols":
            found |= dict(_columns(part, widths, terms))
        elif name in _OF_A_SHEET:
            found |= dict(_OF_A_SHEET[name](part, terms, styles))
        elif name in _PAGE:
            found["paper", name] = _attributes(part) + "".join(_attributes(child) for child in part)
        elif name in {"tableParts", "autoFilter", "picture"} and (len(part) or name != "tableParts"):
            found["picture" if name == "picture" else "table", name] = part.get("ref", "")
        elif name == "extLst":
            found |= {("extension", extension): "" for extension in _extensions(part)}
        elif name not in _QUIET and name != "drawing":
            found["part", name] = ""
    return SheetTraits(found, widths)


def drawn_traits(package: Package, sheet: StoredSheet, terms: Terms) -> dict[Trait, str]:
    """What is drawn over a sheet, and comments on its cells. Raises NotVerifiable for a part that is not read."""
    links = package.relationships(sheet.part)
    return dict(_drawn(package, links, terms)) | dict(_comments(package, links, terms))


def _rows(data: Element, terms: Terms) -> Iterator[tuple[Trait, str]]:
    for entry in data:
        if _PLAIN_ROW.issuperset(entry.attrib):
            continue
        row = int(entry.get("r", "1")) - 1
        place = terms.row(row)
        where = f"row {place + 1}" if place is not None else f"row {row + 1}, put in"
        if is_on(entry.get("hidden")) or _float(entry.get("ht"), THIN) < THIN:
            yield ("hidden", where), "hidden"
        if entry.get("outlineLevel", "0") != "0":
            yield ("grouped", where), entry.get("outlineLevel", "")


def _columns(part: Element, widths: dict[int, float], terms: Terms) -> Iterator[tuple[Trait, str]]:
    for entry in part:
        first, last = int(entry.get("min", "1")), int(entry.get("max", "1"))
        for column in range(first - 1, min(last, first + 500)):
            place = terms.column(column)
            width = _float(entry.get("width"), 10.0)
            if place is not None:
                widths[place] = width
            where = f"column {letter(place)}" if place is not None else f"column {letter(column)}, put in"
            if (is_on(entry.get("hidden")) or width < NARROW) and (place is not None or last < 10_000):
                yield ("hidden", where), "hidden"
            if entry.get("outlineLevel", "0") != "0":
                yield ("grouped", where), entry.get("outlineLevel", "")


def cells_of(ranges: str, terms: Terms) -> list[Place]:
    """The cells of a list of ranges; the text itself where they are too many."""
    found: list[Place] = []
    for text in ranges.split():
        match = _RANGE.fullmatch(text)
        if match is None:
            return [ranges]
        left, right = column_number(match[1]), column_number(match[3] or match[1])
        top, bottom = int(match[2]) - 1, int(match[4] or match[2]) - 1
        if (right - left + 1) * (bottom - top + 1) + len(found) > MOST_CELLS:
            return [ranges]
        for row in range(top, bottom + 1):
            places = (terms.cell(row, column) for column in range(left, right + 1))
            found += [place for place in places if place is not None]
    return found


def _validations(part: Element, terms: Terms, styles: Styles) -> Iterator[tuple[Trait, str]]:  # noqa: ARG001 - of all
    for entry in part:
        kind = entry.get("type", "none")
        operator = "" if kind in {"list", "none", "custom"} else entry.get("operator", "between")
        bounds = [_bound(terms, own.text or "") for own in entry if own.tag.startswith(f"{{{MAIN}}}formula")]
        bounds = bounds[:1] if kind == "list" else bounds
        strict = "" if is_on(entry.get("showErrorMessage")) else ", not enforced"
        style = entry.get("errorStyle", "stop")
        text = " ".join([kind, operator, *bounds]) + strict + ("" if style == "stop" else f", {style}")
        for place in cells_of(entry.get("sqref", ""), terms):
            yield ("validation", place), text


def _bound(terms: Terms, text: str) -> str:
    try:
        return f"{float(text):.12g}"
    except ValueError:
        return terms.formula(text)


def _conditions(part: Element, terms: Terms, styles: Styles) -> Iterator[tuple[Trait, str]]:
    places = cells_of(part.get("sqref", ""), terms)
    for entry in part:
        kind, operator = entry.get("type", ""), entry.get("operator", "")
        texts = [terms.formula(own.text or "") for own in entry if own.tag == f"{{{MAIN}}}formula"]
        number = entry.get("dxfId", "")
        extra = styles.extra[int(number)] if number.isdigit() and int(number) < len(styles.extra) else ""
        rule = f"{kind} {operator} {' '.join(texts)}".strip()
        aspect = "condition that writes" if "format " in extra else "condition"
        for place in places:
            yield (aspect, f"{_place_text(place)}: {rule}"), extra


def _merges(part: Element, terms: Terms, styles: Styles) -> Iterator[tuple[Trait, str]]:  # noqa: ARG001 - of all
    for entry in part:
        for place in cells_of(entry.get("ref", ""), terms)[:1]:
            yield ("merge", place), entry.get("ref", "")


def _protection(part: Element, terms: Terms, styles: Styles) -> Iterator[tuple[Trait, str]]:  # noqa: ARG001 - of all
    if is_on(part.get("sheet")):
        yield ("protection", "the sheet"), "on"


def _foot(part: Element, terms: Terms, styles: Styles) -> Iterator[tuple[Trait, str]]:  # noqa: ARG001 - of all
    for entry in part:
        if entry.text and entry.text.strip():
            yield ("header and footer", entry.tag.rpartition("}")[2]), _SIZES.sub("", entry.text)


def _hyperlinks(part: Element, terms: Terms, styles: Styles) -> Iterator[tuple[Trait, str]]:  # noqa: ARG001 - of all
    for entry in part:
        target = entry.get("location", "") or "outside"
        for place in cells_of(entry.get("ref", ""), terms):
            yield ("link", place), target.replace("'", "").removeprefix("#")


def _views(part: Element, terms: Terms, styles: Styles) -> Iterator[tuple[Trait, str]]:  # noqa: ARG001 - of all
    for entry in part:
        if not is_on(entry.get("showZeros", "1")) or is_on(entry.get("showFormulas")):
            yield ("zeros", "the sheet"), "hidden zeros" if not is_on(entry.get("showZeros", "1")) else "formulas"
        panes = [_attributes(pane) for pane in entry if pane.tag == f"{{{MAIN}}}pane"]
        grid, zoom = entry.get("showGridLines", "1"), entry.get("zoomScale", "100")
        yield ("view", "the sheet"), f"grid {is_on(grid)} zoom {zoom} {''.join(panes)}"


_OF_A_SHEET: dict[str, Callable[[Element, Terms, Styles], Iterator[tuple[Trait, str]]]] = {
    "dataValidations": _validations, "conditionalFormatting": _conditions, "mergeCells": _merges,
    "sheetProtection": _protection, "headerFooter": _foot, "hyperlinks": _hyperlinks, "sheetViews": _views,
}  # fmt: skip


def _extensions(part: Element) -> Iterator[str]:
    """Extensions that say something of cells; those of a program about itself are passed over."""
    for entry in part:
        for own in entry:
            name = own.tag.rpartition("}")[2]
            rules = {rule.get("type") for rule in own.iter() if rule.tag.endswith("}cfRule")}
            if rules == {"dataBar"}:
                continue  # the bars of a rule that is compared, drawn better
            if len(own) and name not in {"workbookPr", "slicerStyles", "timelineStyles"}:
                yield name


def _drawn(package: Package, links: dict[str, Relationship], terms: Terms) -> Iterator[tuple[Trait, str]]:
    for link in links.values():
        if link.kind != "drawing" or link.external or link.target not in package:
            continue
        own = package.relationships(link.target)
        charts: list[dict[str, str]] = []
        for number, anchor in enumerate(package.xml(link.target)):
            chart = next(iter(anchor.iter(f"{{{CHART}}}chart")), None)
            target = None if chart is None else own.get(chart.get(f"{{{OFFICE}}}id", ""))
            if target is not None and not target.external and target.target in package:
                charts.append(chart_traits(package.xml(target.target), terms.formula))
            elif anchor.tag.startswith(f"{{{PLACEMENT}}}"):
                words = " ".join(text.text or "" for text in anchor.iter(f"{{{DRAWING}}}t"))
                kind = "a picture" if any(True for _ in anchor.iter(f"{{{PLACEMENT}}}pic")) else "a shape"
                yield ("drawing", f"{kind} {number + 1}"), one_line(f"{kind} {words}".strip())[:200]
        for number, traits in enumerate(charts, start=1):
            for name, text in traits.items():
                aspect = "name in a chart" if name.endswith(" name") else "chart"
                yield (aspect, f"chart {number}, {name}"), text


def _comments(package: Package, links: dict[str, Relationship], terms: Terms) -> Iterator[tuple[Trait, str]]:
    for link in links.values():
        if link.kind.rpartition("/")[2] not in {"comments", "threadedComment"} or link.target not in package:
            continue
        for entry in package.xml(link.target).iter():
            if entry.get("ref") is not None:
                texts = (part for part in entry.iter() if part.tag.rpartition("}")[2] in {"t", "text"})
                words = " ".join(text.text or "" for text in texts)
                for place in cells_of(entry.get("ref", ""), terms) or [entry.get("ref", "")]:
                    yield ("comment", place), one_line(words)[:200]


def _place_text(place: Place) -> str:
    return place if isinstance(place, str) else f"{place[0]},{place[1]}"


def _attributes(part: Element) -> str:
    return " ".join(f"{name.rpartition('}')[2]}={value}" for name, value in sorted(part.attrib.items()))


def _float(text: str | None, usual: float) -> float:
    try:
        return usual if text is None else float(text)
    except ValueError:
        return usual
