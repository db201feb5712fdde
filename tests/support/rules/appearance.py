"""Rules on what a reader sees: nothing hidden, sheets protected without a password, text that stands out.

Contrast is judged for every style that a filled cell uses, and again under each conditional format that
covers the cell. A fill that comes from a table style is not in the cell, so a header that relies on it
counts as unfilled.
"""

from __future__ import annotations

from tests.support.package import MAIN, Book, Cell, Sheet
from tests.support.rules.colours import Colours, Look, contrast
from tests.support.rules.findings import Finding
from tests.support.rules.references import read_area

LEAST_CONTRAST = 4.5  # WCAG 2.1, success criterion 1.4.3, level AA
PASSWORD_ATTRIBUTES = ("password", "hashValue", "algorithmName", "saltValue")


def check_hidden(book: Book) -> list[Finding]:
    """No sheet, row, column or number is hidden, and no formula is hidden by protection."""
    found = []
    hiding_styles = Colours(book).hiding_styles
    for sheet in book.sheets:
        where = sheet.name
        if sheet.state != "visible":
            found.append(Finding(where, "", "hidden", f"sheet is {sheet.state}"))
        found += [
            Finding(where, "", "hidden", "rows or columns are hidden by default")
            for layout in sheet.root.iter(f"{MAIN}sheetFormatPr")
            if _on(layout.get("zeroHeight")) or _zero(layout.get("defaultColWidth"))
        ]
        found += [
            Finding(where, "", "hidden", f"row {row.get('r')}")
            for row in sheet.root.iter(f"{MAIN}row")
            if _on(row.get("hidden")) or _zero(row.get("ht"))
        ]
        found += [
            Finding(where, "", "hidden", f"columns {column.get('min')} to {column.get('max')}")
            for column in sheet.root.iter(f"{MAIN}col")
            if _on(column.get("hidden")) or _zero(column.get("width"))
        ]
        found += [
            Finding(where, cell.address, "hidden", hiding_styles[cell.style])
            for cell in sheet.cells
            if cell.style in hiding_styles and _filled(cell)
        ]
    return found


def check_protection(book: Book) -> list[Finding]:
    """Every sheet is protected, no sheet and no workbook has a password, and the structure is not locked."""
    found = []
    for sheet in book.sheets:
        protection = sheet.root.find(f"{MAIN}sheetProtection")
        switch = "content" if sheet.root.tag == f"{MAIN}chartsheet" else "sheet"
        if protection is None or not _on(protection.get(switch)):
            found.append(Finding(sheet.name, "", "sheet-not-protected", "formula cells can be overwritten"))
        elif any(protection.get(attribute) for attribute in PASSWORD_ATTRIBUTES):
            found.append(Finding(sheet.name, "", "protection-password", "the sheet has a password"))
    if book.workbook.find(f"{MAIN}workbookProtection") is not None:
        found.append(Finding("", "", "protection-password", "the structure of the workbook is locked"))
    return found


def check_contrast(book: Book) -> list[Finding]:
    """Font against fill is at least 4.5:1 in every filled cell, under its conditional formats too."""
    colours = Colours(book)
    found = []
    for sheet in book.sheets:
        first_cells: dict[Look, str] = {}
        for cell in sheet.cells:
            if _filled(cell):
                first_cells.setdefault(colours.look(cell.style), cell.address)
        for look, address in _conditional_looks(sheet, colours):
            first_cells.setdefault(look, address)
        for look, address in first_cells.items():
            for fill in look.fills:
                ratio = contrast(look.font, fill)
                if ratio < LEAST_CONTRAST:
                    message = f"{look.font} on {fill} is {ratio:.2f}:1"
                    found.append(Finding(sheet.name, address, "contrast", message))
    return found


def _conditional_looks(sheet: Sheet, colours: Colours) -> list[tuple[Look, str]]:
    looks = []
    for block in sheet.root.iter(f"{MAIN}conditionalFormatting"):
        areas = [area for part in block.get("sqref", "").split() if (area := read_area(part))]
        first_cells: dict[int, str] = {}
        for cell in sheet.cells:
            if _filled(cell) and any(area.holds(cell.row, cell.column) for area in areas):
                first_cells.setdefault(cell.style, cell.address)
        for rule in block.iter(f"{MAIN}cfRule"):
            if (number := rule.get("dxfId")) is not None:
                looks += [
                    (colours.conditional_look(style, int(number)), address) for style, address in first_cells.items()
                ]
    return looks


def _filled(cell: Cell) -> bool:
    return cell.formula is not None or bool(cell.raw) or bool(cell.text)


def _on(attribute: str | None) -> bool:
    return attribute in {"1", "true"}


def _zero(attribute: str | None) -> bool:
    return attribute is not None and float(attribute) == 0
