"""Chapter I, money that cannot lie, from the file alone: items 67 to 71 and 75 of what a controller asks for.

What happens when somebody edits is tried elsewhere, task by task; here stands what must be there for it to happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tests.support.package import Book, Cell, CellKey, Sheet
from tests.support.reviewer import layout
from tests.support.reviewer.graph import precedents, readers, reads, resting_on

FIRST_LINE, AFTER_LINES = "compute_cost", "cost_lines:end"
BESIDE = ("contingency_cost", "tax_cost")
"""Lines that are a share of the others, and so stand below them."""
PROSE = ("Summary", "Compare", "Budget", "Sensitivity")
CHECKED = {"68": ("check_price_chip", "quoted_for", "accelerator"),
           "71": ("check_price_term", "price_tier", "price_term_months")}  # fmt: skip
_SUM = re.compile(r"SUM\([^()]*\)")


def total_is_the_sum_of_its_lines(book: Book) -> list[str]:
    """Item 67: in every case the total is one SUM over the block of lines and the two shares below it, and the block
    ends on a row of its own, so that a row put in before it is added."""
    cost = layout.sheet(book, "Cost")
    rows = layout.key_rows(cost)
    first, end = rows[FIRST_LINE], rows[AFTER_LINES]
    wanted = {*range(first, end + 1), *(rows[key] for key in BESIDE)}
    found = []
    for column in layout.case_columns(book):
        cell = layout.cell(cost, rows["total_cost"], column)
        formula = (cell.formula if cell is not None else "") or ""
        added = {
            row for read in reads(cost.name, formula) for row in range(read.area.first_row, read.area.last_row + 1)
        }
        if not _SUM.fullmatch(formula) or added != wanted:
            found.append(f"{layout.address(rows['total_cost'], column)} is {formula}")
    return found


def price_belongs_to_chip_and_tier(book: Book) -> list[str]:
    """Items 68, 71: in every case a check reads the chip that the price was quoted for and that of the case, one the
    tier of the price and its term."""
    graph, inputs, checks = readers(book), layout.sheet(book, "Inputs"), layout.sheet(book, "Checks")
    own, rows = layout.key_rows(inputs), layout.key_rows(checks)
    return [
        f"item {item}: {key} of {layout.address(rows[check], column)} does not rest on it"
        for item, (check, *keys) in CHECKED.items()
        for column in layout.case_columns(book)
        for key in keys
        if ("Checks", layout.address(rows[check], column))
        not in resting_on(graph, ("Inputs", layout.address(own[key], column)))
    ]


def edits_are_marked(book: Book) -> list[str]:
    """Item 69: the mark of an input reads a cell that reads every cell of the row that may be typed into, and Summary
    rests on it."""
    inputs, edges = layout.sheet(book, "Inputs"), precedents(book)
    mark, counted = layout.head_column(inputs, "Changed"), _behind_summary(book, edges)
    found = []
    for row in layout.input_rows(book):
        typed = {("Inputs", layout.address(row.row, column)) for column in row.columns}
        counts = edges.get(("Inputs", layout.address(row.row, mark)), set())
        read = {key for count in counts for key in _read_by(inputs, count[1])}
        if not typed <= read:
            found.append(f"{row.key} has cells that move no mark")
        elif not counts & counted:
            found.append(f"{row.key} is not counted on Summary")
    return found


def _read_by(page: Sheet, address: str) -> Iterator[CellKey]:
    """The cells that a formula of a sheet reads, constants included."""
    for read in reads(page.name, page.by_address[address].formula or ""):
        for row in range(read.area.first_row, read.area.last_row + 1):
            for column in range(read.area.first_column, read.area.last_column + 1):
                yield read.sheet, layout.address(row, column)


def _behind_summary(book: Book, edges: Mapping[CellKey, set[CellKey]]) -> set[CellKey]:
    """The formula cells that a formula of Summary reads, or one behind it."""
    summary = layout.sheet(book, "Summary")
    waiting = [(summary.name, cell.address) for cell in summary.cells if cell.formula is not None]
    found: set[CellKey] = set()
    while waiting:
        new = edges.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def labels_state_no_figure(book: Book) -> list[str]:
    """Item 70: on the pages of finance no constant label holds a figure that is the value of an input."""
    inputs = layout.sheet(book, "Inputs")
    typed = {
        f"{cell.value:,.15g}"
        for row in layout.input_rows(book)
        for column in row.columns
        if (cell := layout.cell(inputs, row.row, column)) is not None and isinstance(cell.value, float)
    }
    large = {figure for figure in typed if len(figure) > 1}  # a one-digit number is in many labels for another reason
    return [
        f"{name}!{cell.address} says {cell.value!r}"
        for name in PROSE
        for cell in layout.sheet(book, name).cells
        if _is_label(cell) and large & set(re.findall(r"(?<![A-Za-z0-9])[0-9][0-9,.]*[0-9]", str(cell.value)))
    ]


def _is_label(cell: Cell) -> bool:
    return cell.formula is None and isinstance(cell.value, str) and cell.column == layout.LABEL


def cases_may_be_renamed(book: Book) -> list[str]:
    """Item 75: no formula holds the name of a case as a text; names are read where they stand."""
    inputs = layout.sheet(book, "Inputs")
    row = layout.key_rows(inputs)["case_name"]
    names = {f'"{layout.text(inputs, row, column)}"' for column in layout.case_columns(book)} - {'""'}
    return [
        f"{sheet.name}!{cell.address} names {name}"
        for sheet in book.sheets
        for cell in sheet.cells
        if cell.formula is not None and '"' in cell.formula
        for name in names
        if name in cell.formula
    ]


CHECKS = (
    total_is_the_sum_of_its_lines,
    price_belongs_to_chip_and_tier,
    edits_are_marked,
    labels_state_no_figure,
    cases_may_be_renamed,
)
