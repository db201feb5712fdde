"""Rules on charts: a description for those who cannot see it, and cached points equal to the cells.

A viewer that does not calculate draws ``numCache`` and ``strCache`` (ECMA-376 Part 1, 21.2.2.120 and
21.2.2.201). A blank or text cell among numbers is either left out of the cache or 0. Multi-level categories
are checked for being there only.
"""

from __future__ import annotations

import math
import re
from xml.etree.ElementTree import Element

from tests.support.package import Book, Cell, Sheet
from tests.support.rules.findings import Finding
from tests.support.rules.references import CHART, read_reference

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
RELATIVE = 1e-12  # writers print 15 to 17 digits of the same double

_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|emf|wmf|bmp)", re.IGNORECASE)


def check_alt_text(book: Book) -> list[Finding]:
    """Every chart has a description, and every picture too unless it is marked as decorative."""
    found = []
    for sheet in book.sheets:
        for part in book.related(sheet, "drawing"):
            for kind in ("graphicFrame", "pic"):
                for drawn in book.xml[part].iter(f"{DRAWING}{kind}"):
                    found += _alt_text_findings(sheet, drawn, chart=kind == "graphicFrame")
    return found


def _alt_text_findings(sheet: Sheet, drawn: Element, *, chart: bool) -> list[Finding]:
    found = []
    for properties in drawn.iter(f"{DRAWING}cNvPr"):
        text = properties.get("descr", "").strip()
        decorative = not chart and any(mark.get("val") == "1" for mark in drawn.iter(DECORATIVE))
        if not decorative and (not text or _FILE_NAME.fullmatch(text)):
            message = f"description is {text!r}"
            found.append(Finding(sheet.name, properties.get("name", ""), "chart-alt-text", message))
    return found


def check_caches(book: Book) -> list[Finding]:
    """Every series has cached points, and every cached point of a chart equals its cell."""
    found = []
    for part, root in book.xml.items():
        if root.tag != f"{CHART}chartSpace":
            continue
        place = part.rpartition("/")[2]
        found += [
            Finding("", place, "chart-cache", "a series does not refer to cells")
            for series in root.iter(f"{CHART}ser")
            if not any(series.find(f"{CHART}{values}/{CHART}numRef") is not None for values in ("val", "yVal"))
        ]
        found += [
            Finding("", place, "chart-cache", f"{reference.findtext(f'{CHART}f')}: {problem}")
            for kind in ("num", "str", "multiLvlStr")
            for reference in root.iter(f"{CHART}{kind}Ref")
            if (problem := _cache_problem(book, reference, kind))
        ]
    return found


def _cache_problem(book: Book, reference: Element, kind: str) -> str | None:
    cache = reference.find(f"{CHART}{kind}Cache")
    points = [] if cache is None else list(cache.iter(f"{CHART}pt"))
    if not points:
        return "no cached points"
    cells = _cells(book, reference.findtext(f"{CHART}f") or "")
    if cells is None or kind == "multiLvlStr":
        return None  # the rules on references report a bad one
    cached = {int(point.get("idx", "-1")): point.findtext(f"{CHART}v") or "" for point in points}
    if stray := [index for index in cached if not 0 <= index < len(cells)]:
        return f"points {stray[:3]} without a cell"
    for index, (address, cell) in enumerate(cells):
        value = None if cell is None else cell.value
        if not _agree(cached.get(index), value, numeric=kind == "num"):
            return f"point {index} is {cached.get(index)!r}, cell {address} holds {value!r}"
    return None


def _agree(cached: str | None, value: object, *, numeric: bool) -> bool:
    if numeric and (value is None or isinstance(value, str)):
        return cached is None or _as_number(cached) == 0
    if value is None:
        return not cached
    if cached is None:
        return False
    if isinstance(value, bool | float):
        number = _as_number(cached)
        return number is not None and math.isclose(number, value, rel_tol=RELATIVE)
    return cached == value


def _as_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _cells(book: Book, formula: str) -> list[tuple[str, Cell | None]] | None:
    cells: list[tuple[str, Cell | None]] = []
    for operand in formula.strip("()").split(",") if formula.startswith("(") else [formula]:
        reference = read_reference(operand)
        area = reference.area
        sheet = book.sheet_by_name.get(reference.sheets[0].lower()) if len(reference.sheets) == 1 else None
        if sheet is None or area is None:
            return None
        by_place = {(cell.row, cell.column): cell for cell in sheet.cells}
        for row in range(area.first_row, area.last_row + 1):
            for column in range(area.first_column, area.last_column + 1):
                found = by_place.get((row, column))
                cells.append((f"{sheet.name}!R{row}C{column}" if found is None else found.address, found))
    return cells
