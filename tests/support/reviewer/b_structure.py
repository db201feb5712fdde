"""Chapter B: the structure of the workbook.

Item 11 as promised here: the sheets in the order of ``layout.SHEET_TYPES``, the type in A2 of each. Item 14: the
graph of sheets leaves out the master check, which every header reads from sheet Checks, and Summary and About, which
stand in front because an approver reads them first. Item 13 is promised of the sheets with a column for each case;
Summary and Sensitivity have label, key and unit in the same columns, and widths of their own for their print.
"""

from __future__ import annotations

import re

from tests.support.package import MAIN, Book, Cell
from tests.support.reviewer import layout
from tests.support.reviewer.graph import Read, cycle, precedents, reads
from tests.support.rules import appearance
from tests.support.rules.references import looks_like_cell

MASTER = "C2"
CONTEXTS = {float(2**power) for power in range(9, 17)}
GPT3_DIMENSIONS = {  # Brown et al. 2020 (arXiv:2005.14165), table 2.1: layers, widths, heads and widths of a head
    *(12.0, 24.0, 32.0, 40.0, 96.0, 16.0, 64.0, 80.0, 128.0),
    *(768.0, 1024.0, 1536.0, 2048.0, 2560.0, 4096.0, 5140.0, 12288.0),
}
HEADS = ("Item", "Key", "Unit")
ABOUT_NEEDS = {
    "the purpose": r"^A budget for one training run",
    "how to use it": r"^How to use it$",
    "the colour key": r"^Colours$",
    "limitations": r"^What is not in these figures$",
    "the file's hash": r"^[0-9a-f]{64}$",
    "the generator's version": r"^sheetgen \d+\.\d+\.\d+",
    "the command": r"^sheetgen build --scenario ",
    "the scenario's name": r"^Scenario$",
    "the requester": r"^Requested by$",
    "the as-of date": r"^As-of date$",
}


def sheets_are_typed_and_ordered(book: Book) -> list[str]:
    """Item 11: the promised sheets in the promised order, each with its type in A2."""
    found = []
    names = [sheet.name for sheet in book.sheets]
    types = layout.sheet_types(book)
    if names != list(types):
        found.append(f"sheets are {', '.join(names)}")
    for sheet in book.sheets:
        want = f"Sheet type: {types.get(sheet.name)}"
        if layout.text(sheet, 2, 1) != want:
            found.append(f"{sheet.name}!A2 says {layout.text(sheet, 2, 1)!r}, not {want!r}")
    return found


def constants_stand_on_input_sheets(book: Book) -> list[str]:
    """Item 12: no numeric constant on a calculation or output sheet, but the steps of sensitivity axes, and on Scaling
    the context lengths that head its tables and the published dimensions, in grey, of the models in them."""
    found = []
    for sheet in book.sheets:
        if layout.SHEET_TYPES.get(sheet.name) not in {"Calculation", "Output", "Checks"}:
            continue
        for cell in sheet.cells:
            if cell.formula is not None or isinstance(cell.value, str) or cell.value is None:
                continue
            step = sheet.name == "Sensitivity" and cell.value in {-3, -2, -1, 0, 1, 2, 3}
            listed = sheet.name == "Scaling" and cell.value in CONTEXTS | GPT3_DIMENSIONS
            if not step and not listed:
                found.append(f"{sheet.name}!{cell.address} is the constant {cell.value}")
    return found


def columns_have_one_role(book: Book) -> list[str]:
    """Item 13: label, key, unit and cases stand in the same columns of the same width on every sheet with cases."""
    found = []
    widths = {}
    for name in layout.case_sheets(book):
        sheet = layout.sheet(book, name)
        heads = tuple(layout.text(sheet, layout.HEADER_ROW, column) for column in (1, 2, 3))
        if heads != HEADS:
            found.append(f"{name} has the heads {heads}")
        for column in layout.case_columns(book):
            cell = layout.cell(sheet, layout.HEADER_ROW, column)
            if cell is None or cell.formula is None:
                found.append(f"{name}!{layout.address(layout.HEADER_ROW, column)} names no case")
        widths[name] = tuple(_width(book, name, column) for column in (1, 2, 3, *layout.case_columns(book)))
    if len(set(widths.values())) != 1:
        found.append(f"widths differ: {widths}")
    return found


def _width(book: Book, name: str, column: int) -> float:
    for entry in layout.sheet(book, name).root.iter(f"{MAIN}col"):
        if int(entry.get("min", "0")) <= column <= int(entry.get("max", "0")):
            return float(entry.get("width", "0"))
    return 0.0


def references_point_back(book: Book) -> list[str]:
    """Item 14: a formula reads cells above it, left of it in its row, or on an earlier calculation sheet."""
    order = [name for name in layout.SHEET_TYPES if name not in {"About", "Summary"}]
    found = []
    for sheet, cell, formula in layout.formula_cells(book, tuple(order)):
        for read in reads(sheet.name, formula):
            if read.sheet not in order:
                found.append(f"{sheet.name}!{cell.address} reads {read.sheet}")
            elif read.sheet != sheet.name:
                if order.index(read.sheet) > order.index(sheet.name):
                    found.append(f"{sheet.name}!{cell.address} reads the later sheet {read.sheet}")
            elif not (
                read.area.last_row < cell.row
                or (sheet.name == "Evidence" and read.area.last_row == cell.row)  # the run's sizes stand right of it
                or (read.area.last_row == cell.row and read.area.last_column < cell.column)
                or _own_month(sheet.name, cell, read)
            ):
                found.append(f"{sheet.name}!{cell.address} reads {read.written} below or right of it")
    return found


def _own_month(name: str, cell: Cell, read: Read) -> bool:
    """Whether a formula of a month looks its own first day up among the first days, which stand left of the months."""
    labels = read.area.first_column == read.area.last_column == layout.LABEL
    return name == "Phasing" and labels and "MATCH(" in (cell.formula or "")


def sheets_form_no_cycle(book: Book) -> list[str]:
    """Item 14: which sheet reads which has no cycle (header rows, Summary and About left out)."""
    edges: dict[str, set[str]] = {name: set() for name in layout.SHEET_TYPES if name not in {"About", "Summary"}}
    for sheet, _, formula in layout.formula_cells(book, tuple(edges)):
        edges[sheet.name] |= {read.sheet for read in reads(sheet.name, formula)} - {sheet.name}
    return [f"in a circle: {', '.join(nodes)}"] if (nodes := cycle(edges)) else []


def no_cell_reads_itself(book: Book) -> list[str]:
    """Item 15: no circular reference, over one cell or many."""
    return [f"circular: {node}" for node in cycle(precedents(book))]


def nothing_is_hidden(book: Book) -> list[str]:
    """Item 16: no hidden sheet, row, column or formula, and no text in the colour of its background."""
    return [str(finding) for finding in (*appearance.check_hidden(book), *appearance.check_contrast(book))]


def contents_link_to_every_sheet(book: Book) -> list[str]:
    """Item 17: About links to every other sheet."""
    about = layout.sheet(book, "About")
    links = {link.get("location", "").rpartition("!")[0].strip("'") for link in about.root.iter(f"{MAIN}hyperlink")}
    return [f"About has no link to {sheet.name}" for sheet in book.sheets if sheet.name not in links | {"About"}]


def about_tells_all(book: Book) -> list[str]:
    """Item 18: purpose, author, as-of date, scenario and hash, version, use, colours and limitations on About."""
    texts = [cell.value for cell in layout.sheet(book, "About").cells if isinstance(cell.value, str)]
    return [
        f"About does not give {what}"
        for what, pattern in ABOUT_NEEDS.items()
        if not any(re.search(pattern, text) for text in texts)
    ]


def sheet_names_describe(book: Book) -> list[str]:
    """Item 19: sheet names are short words, none a default and none a cell."""
    return [
        f"{sheet.name} is a poor name"
        for sheet in book.sheets
        if len(sheet.name) > 15 or re.fullmatch(r"(?i)sheet\s*\d*", sheet.name) or looks_like_cell(sheet.name)
    ]


CHECKS = (
    sheets_are_typed_and_ordered,
    constants_stand_on_input_sheets,
    columns_have_one_role,
    references_point_back,
    sheets_form_no_cycle,
    no_cell_reads_itself,
    nothing_is_hidden,
    contents_link_to_every_sheet,
    about_tells_all,
    sheet_names_describe,
)
