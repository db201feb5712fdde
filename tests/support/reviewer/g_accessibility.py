"""Chapter G: accessibility. Contrast (item 60) is the linter's rule."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from tests.support.package import Book, Sheet
from tests.support.reviewer import layout
from tests.support.rules import appearance, cells

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
TITLE = "{http://purl.org/dc/elements/1.1/}title"


def nothing_is_merged(book: Book) -> list[str]:
    """Item 57: no merged cells, and no blank row between the head and the last row of a sheet with cases, but for
    charts.

    Summary has room for its chart and Sensitivity a row between its tables; neither lies inside a block of data.
    """
    found = [str(finding) for finding in cells.check_merged_cells(book)]
    for name in (*layout.case_sheets(book), "Accelerators", "Choices"):
        sheet = layout.sheet(book, name)
        filled = {cell.row for cell in sheet.cells if layout.holds(cell)}
        filled |= _below_charts(book, sheet)
        found += [f"{name}: row {row} is blank" for row in range(layout.HEADER_ROW, max(filled)) if row not in filled]
    return found


def _below_charts(book: Book, sheet: Sheet) -> set[int]:
    """The rows that a chart of the sheet covers, and the one behind it."""
    found: set[int] = set()
    for anchor in drawings(book, sheet):
        ends = [int(anchor.findtext(f"{DRAWING}{end}/{DRAWING}row") or 0) for end in ("from", "to")]
        found |= set(range(ends[0] + 1, ends[1] + 3))
    return found


def drawings(book: Book, sheet: Sheet) -> list[Element]:
    """The anchors of the drawings of a sheet."""
    folder, _, name = sheet.part.rpartition("/")
    rels = book.xml.get(f"{folder}/_rels/{name}.rels")
    targets = [] if rels is None else [entry.get("Target", "") for entry in rels]
    parts = [f"xl/drawings/{target.rpartition('/')[2]}" for target in targets if "drawings/" in target]
    return [anchor for part in parts if part in book.xml for anchor in book.xml[part].iter(f"{DRAWING}twoCellAnchor")]


def drawings_are_described(book: Book) -> list[str]:
    """Item 58: every drawing has a description in words, not a file name."""
    found = []
    for part, root in book.xml.items():
        for drawing in root.iter(f"{DRAWING}cNvPr"):
            text = drawing.get("descr", "")
            if len(text.split()) < 4 or text.lower().endswith((".png", ".jpg")):
                found.append(f"{part}: {drawing.get('name')} is described as {text!r}")
    return found


def blocks_have_heads(book: Book) -> list[str]:
    """Item 59: every column below the head row has a head in it; the tables of Summary, Sensitivity, Scaling and
    Evidence each have theirs."""
    found = []
    for sheet in book.sheets:
        if sheet.name in {"About", "Sensitivity", "Scaling", "Evidence", "Summary"}:
            continue
        head = layout.HEADER_ROW
        columns = {cell.column for cell in sheet.cells if cell.row > head and layout.holds(cell)}
        found += [
            f"{sheet.name}: {layout.address(head, column)} heads no column"
            for column in sorted(columns)
            if not layout.holds(layout.cell(sheet, head, column))
        ]
    return found


def contrast_is_enough(book: Book) -> list[str]:
    """Item 60: text against its fill is at least 4.5 to 1."""
    return [str(finding) for finding in appearance.check_contrast(book)]


def title_and_links_speak(book: Book) -> list[str]:
    """Item 61: the title property is the scenario's name; links read as the sheet they lead to."""
    inputs = layout.sheet(book, "Inputs")
    name = layout.text(inputs, layout.key_rows(inputs)["scenario"], layout.FIRST_CASE)
    title = book.xml["docProps/core.xml"].findtext(TITLE)
    found = [] if title == name else [f"the title is {title!r}, the scenario {name!r}"]
    about = layout.sheet(book, "About")
    for link in about.root.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}hyperlink"):
        target = link.get("location", "").rpartition("!")[0].strip("'")
        cell = about.by_address.get(link.get("ref", ""))
        if cell is None or cell.value != target:
            found.append(f"the link {link.get('ref')} to {target} reads {cell.value if cell else None!r}")
    return found


CHECKS = (nothing_is_merged, drawings_are_described, blocks_have_heads, contrast_is_enough, title_and_links_speak)
