"""Chapter F: presentation and print. Items 52 and 54 look at the PDF: :mod:`tests.test_workbook_f_print`.

Item 51 as promised here: as wide as one page at a size that can be read, else cut where we chose; About and Summary are
one page altogether and repeat no rows.
"""

from __future__ import annotations

import re

from tests.support.package import MAIN, Book, Sheet
from tests.support.reviewer import layout
from tests.support.rules.references import Area, read_reference

PAPER_A4 = "9"
ONE_PAGE = {"About", "Summary"}
THEME_FONT = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
PUBLISHED_IN = "USD"


def print_is_set_up(book: Book) -> list[str]:
    """Item 51: print area over all cells, one page wide, orientation, A4, repeated head rows, and a full footer."""
    found = []
    for sheet in book.sheets:
        found += [f"{sheet.name}: {complaint}" for complaint in (*_page(book, sheet), *_footer(book, sheet))]
    return found


def _page(book: Book, sheet: Sheet) -> list[str]:
    found = []
    area = _name(book, sheet, "_xlnm.Print_Area")
    outside = [
        cell.address
        for cell in sheet.cells
        if layout.holds(cell) and (area is None or not area.holds(cell.row, cell.column))
    ]
    if outside:
        found.append(f"not in the print area: {', '.join(outside[:5])}")
    titles = _name(book, sheet, "_xlnm.Print_Titles")
    repeated = titles is not None and (titles.first_row, titles.last_row) == (1, layout.HEADER_ROW)
    scaled = sheet.root.find(f"{MAIN}colBreaks") is not None
    repeated = repeated or scaled  # rows and a column: seen in the printed pages
    if not repeated and sheet.name not in ONE_PAGE:
        found.append("the head rows are not repeated")
    if scaled:
        return [*found, *_scaled(sheet)]
    fit = sheet.root.find(f"{MAIN}sheetPr/{MAIN}pageSetUpPr")
    if fit is None or fit.get("fitToPage") != "1":
        found.append("not fitted to the page")
    setup = sheet.root.find(f"{MAIN}pageSetup")
    if setup is None:
        return [*found, "no page set-up"]
    if setup.get("fitToWidth", "1") != "1":
        found.append(f"{setup.get('fitToWidth')} pages wide")
    if setup.get("fitToHeight", "1") != ("1" if sheet.name in ONE_PAGE else "0"):
        found.append(f"fitted to {setup.get('fitToHeight', '1')} pages in height")
    if setup.get("orientation") not in {"portrait", "landscape"}:
        found.append("no orientation")
    if setup.get("paperSize") != PAPER_A4:
        found.append(f"paper size {setup.get('paperSize')}")
    return found


def _scaled(sheet: Sheet) -> list[str]:
    """A sheet of several pages across breaks between columns that we chose, at a scale that can be read."""
    setup, breaks = sheet.root.find(f"{MAIN}pageSetup"), sheet.root.find(f"{MAIN}colBreaks")
    scale = int(setup.get("scale", "100")) if setup is not None else 0
    paper = setup.get("paperSize") if setup is not None else None
    found = [] if paper == PAPER_A4 else [f"paper size {paper}"]
    return found if 55 <= scale <= 100 and breaks is not None else [*found, f"at {scale} %, without breaks"]


def _footer(book: Book, sheet: Sheet) -> list[str]:
    footer = sheet.root.findtext(f"{MAIN}headerFooter/{MAIN}oddFooter") or ""
    inputs = layout.sheet(book, "Inputs")
    title = layout.text(inputs, layout.key_rows(inputs)["scenario"], layout.FIRST_CASE)
    needs = {
        "page": "Page &P of &N",
        "file": "&F",
        "sheet": "&A",
        "scenario": title.replace("&", "&&")[:80],
    }
    found = [f"the footer has no {what}" for what, code in needs.items() if code not in footer]
    if not re.search(r"as of \d{4}-\d\d-\d\d", footer):
        found.append("the footer has no as-of date")
    return found


def _name(book: Book, sheet: Sheet, name: str) -> Area | None:
    for entry in book.names:
        if entry.name == name and entry.sheet == sheet.name:
            return read_reference(entry.formula).area
    return None


def view_is_alike(book: Book) -> list[str]:
    """Item 53: frozen at the head, zoom at most 100 and the same everywhere, first sheet active, nothing scrolled."""
    found = []
    zooms = set()
    for sheet in book.sheets:
        view = sheet.root.find(f"{MAIN}sheetViews/{MAIN}sheetView")
        pane = None if view is None else view.find(f"{MAIN}pane")
        if view is None or pane is None:
            found.append(f"{sheet.name}: no frozen panes")
            continue
        zooms.add(int(view.get("zoomScale", "100")))
        rows, columns = int(float(pane.get("ySplit", "0"))), int(float(pane.get("xSplit", "0")))
        if pane.get("topLeftCell") != layout.address(rows + 1, columns + 1):
            found.append(f"{sheet.name}: opens scrolled to {pane.get('topLeftCell')}")
        if sheet.name != "About" and rows != layout.HEADER_ROW:
            found.append(f"{sheet.name}: frozen below row {rows}")
    if len(zooms) != 1 or max(zooms) > 100:
        found.append(f"zooms are {sorted(zooms)}")
    active = book.workbook.find(f"{MAIN}bookViews/{MAIN}workbookView")
    if active is not None and active.get("activeTab", "0") != "0":
        found.append(f"sheet {active.get('activeTab')} is active")
    return found


def currency_is_stated(book: Book) -> list[str]:
    """Item 56: the unit column of every money row names the currency of sheet Inputs, or that of the quotes; on sheet
    Evidence the dollars in which the figures were published."""
    inputs = layout.sheet(book, "Inputs")
    currency = layout.text(inputs, layout.key_rows(inputs)["currency"], layout.FIRST_CASE)
    quote = layout.text(inputs, layout.key_rows(inputs)["quote_currency"], layout.FIRST_CASE)
    found = [] if currency else ["no currency on sheet Inputs"]
    for sheet in book.sheets:
        for key, row in layout.key_rows(sheet).items():
            money = re.search(r"(^|:)(price_per|\w*_cost\b|cost_per)", key) and not key.startswith(
                ("check_", "total_cost_")
            )
            unit = layout.text(sheet, row, layout.UNIT)
            money = money and not key.startswith("rank:") and key != "cost_performance"  # an index
            quoted = "price_per_gpu_hour" in key and quote in unit
            if (
                money
                and sheet.name not in {"About", "Accelerators", "Choices"}
                and not (unit.startswith(PUBLISHED_IN if sheet.name == "Evidence" else currency) or quoted)
            ):
                found.append(f"{sheet.name}, {key}: unit {unit!r}")
    return found


def fonts_are_the_named_ones(book: Book) -> list[str]:
    """Item 54: no font claims to be the theme's and names another: Excel shows the theme's, of other width."""
    theme = book.xml["xl/theme/theme1.xml"]
    found = set()
    for font in book.xml["xl/styles.xml"].iter(f"{MAIN}font"):
        scheme, name = font.find(f"{MAIN}scheme"), font.find(f"{MAIN}name")
        if scheme is None or name is None or scheme.get("val") == "none":
            continue
        latin = theme.find(f".//{THEME_FONT}{scheme.get('val')}Font/{THEME_FONT}latin")
        if latin is None or latin.get("typeface") != name.get("val"):
            themed = None if latin is None else latin.get("typeface")
            found.add(f"a font is named {name.get('val')} and is the theme's {scheme.get('val')} font, {themed}")
    return sorted(found)


CHECKS = (print_is_set_up, view_is_alike, currency_is_stated, fonts_are_the_named_ones)
