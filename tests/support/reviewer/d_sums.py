"""Chapter D, item 38: what the sums and counts on sheet Checks must hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.support.package import Book
from tests.support.reviewer import layout
from tests.support.reviewer.graph import reads
from tests.support.rules.references import Area


def sums_cover_their_blocks(book: Book) -> list[str]:
    """Item 38: SUM and COUNTIF on Checks take every case, every row of the sheets they sum, and every check."""
    checks = layout.sheet(book, "Checks")
    rows = layout.key_rows(checks)
    found = []
    for key, ranges in _promised_ranges(book, rows).items():
        cell = layout.cell(checks, rows[key], layout.FIRST_CASE)
        formula = (cell.formula if cell else None) or ""
        have = [read for read in reads("Checks", formula) if key != "check_chosen_case" or not read.single]
        if [read.sheet for read in have] != [name for name, _, _ in ranges]:
            found.append(f"{key} does not read {', '.join(name for name, _, _ in ranges)}: {formula}")
        for read, (name, least, most) in zip(have, ranges, strict=False):
            if name == read.sheet and not (_holds(read.area, least) and _holds(most, read.area)):
                found.append(f"{key}: {read.written} does not hold all it must, {least} of {name}")
    return found


def _promised_ranges(book: Book, rows: Mapping[str, int]) -> dict[str, list[tuple[str, Area, Area]]]:
    """For each row that sums or counts its ranges in order: the sheet, what each holds at least and at most.

    A range may begin at the first row below the head and end nowhere but at its last row; its columns are fixed.
    On Cases the rows are those called up from Inputs: the number of the case put forward belongs to no case.
    """
    top, first, last = layout.HEADER_ROW + 1, layout.FIRST_CASE, layout.case_columns(book)[-1]

    def block(name: str, held: Iterable[int], left: int = first, right: int = first) -> tuple[str, Area, Area]:
        rows_held = sorted(held)
        low, high = rows_held[0], rows_held[-1]
        return name, Area(low, left, high, right), Area(min(top, low), left, high, right)

    statuses = [row for key, row in rows.items() if key.startswith("check_")]
    case_block = block("Checks", (row for row in statuses if row < rows["failures"]))
    book_block = block("Checks", (row for row in statuses if row > rows["failures"]))
    book_block = (*book_block[:2], book_block[1])
    everything = block("Checks", statuses, right=last)
    from_inputs = layout.key_rows(layout.sheet(book, "Inputs")).keys()
    sheets = []
    for name in ("Cases", "Model", "FLOPs", "Time", "Cost", "Phasing", "Risk"):
        page = layout.sheet(book, name)
        held = [
            cell.row
            for cell in page.cells
            if cell.formula is not None
            and cell.row > layout.HEADER_ROW
            and (name != "Cases" or layout.text(page, cell.row, layout.key_column(page)) in from_inputs)
        ]
        sheets.append(block(name, held))
    tables = {}
    for name in ("Steps", "Scaling", "Evidence"):
        cells = [cell for _, cell, _ in layout.formula_cells(book, (name,)) if cell.row > layout.HEADER_ROW]
        columns = [cell.column for cell in cells]
        tables[name] = block(name, (cell.row for cell in cells), left=layout.UNIT, right=max(columns))
    name_row = layout.key_rows(layout.sheet(book, "Inputs"))["case_name"]
    return {
        "check_no_errors": sheets,
        "failures": [case_block, case_block],
        "reviews": [case_block],
        "check_chosen_case": [block("Inputs", [name_row], right=last)],
        **{f"check_no_errors_{name.lower()}": [table] for name, table in tables.items()},
        "total_failures": [block("Checks", [rows["failures"]], right=last), book_block, everything],
        "total_reviews": [block("Checks", [rows["reviews"]], right=last), book_block],
    }


def _holds(outer: Area, inner: Area) -> bool:
    return outer.holds(inner.first_row, inner.first_column) and outer.holds(inner.last_row, inner.last_column)
