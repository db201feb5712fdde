"""Chapter E: the workbook's own checks.

Item 45 as promised here: the totals by month and by fiscal year, on accrual and on cash, are those of the lines. Item
46: the master check is one word, OK, REVIEW or FAIL, in C2 of every sheet; a delivered file never says FAIL (``build``
refuses), but a sample that means to show a sparse peak or an 8nt count says REVIEW. Items 47 and "no error anywhere"
need recalculation: :mod:`tests.test_workbook_e_checks`.
"""

from __future__ import annotations

import re

from tests.support.package import MAIN, Book
from tests.support.reviewer import layout
from tests.support.reviewer.graph import reads
from tests.support.rules.references import Area, read_area

WORDS = ("OK", "REVIEW", "FAIL")
NEEDED = {
    "check_cost_lines": "cost lines sum to the total",
    "check_gpu_hours": "GPU-hours are accelerators × time",
    "check_flops_delivered": "FLOPs required are FLOPs delivered",
    "check_phasing_parts": "what is spread over time is the total",
    "check_accrual_months": "accrued by month sums to the total",
    "check_payment_months": "paid by month sums to the total",
    "check_accrual_years": "accrued by fiscal year sums to the total",
    "check_payment_years": "paid by fiscal year sums to the total",
    "check_memory": "the training state fits into memory",
    "check_currency": "the currencies are codes of ISO 4217",
    "check_inputs_not_below": "no input below its minimum",
    "check_inputs_not_above": "no input above its maximum",
    "check_no_errors": "no error value",
}
TWO_ROUTES = (
    "check_parameters_add_up",
    "check_flops_delivered",
    "check_tokens_delivered",
    "check_gpu_hours",
    "check_cost_lines",
    "check_unit_cost",
    "check_tier_hours",
    "check_phasing_parts",
    "check_accrual_months",
    "check_payment_months",
    "check_accrual_years",
    "check_payment_years",
)
CENTRES = ("check_cost_mfu_price",)
FEWEST_TABLES = 2
EXACT = (
    "check_chosen_case", "check_no_errors_steps", "check_no_errors_scaling", "check_no_errors_evidence",
    "check_evidence",
)  # fmt: skip
OF_ACTUALS = tuple(f"check_actuals_{what}" for what in ("order", "complete", "hours", "dated", "capacity", "mfu"))


def needed_checks_stand(book: Book) -> list[str]:
    """Item 45: the Checks sheet has the named checks, for every case."""
    page = layout.sheet(book, "Checks")
    rows = layout.key_rows(page)
    found = [f"no {key}: {what}" for key, what in NEEDED.items() if key not in rows]
    for key in NEEDED.keys() & rows.keys():
        for column in layout.case_columns(book):
            cell = layout.cell(page, rows[key], column)
            if cell is None or cell.formula is None:
                found.append(f"{key} is not checked at {layout.address(rows[key], column)}")
    return found


def master_check_is_everywhere(book: Book) -> list[str]:
    """Item 46: C2 of every sheet shows the master check, inside the frozen rows, and it does not say FAIL."""
    checks = layout.sheet(book, "Checks")
    row = layout.key_rows(checks).get("master_check", 0)
    place = f"$D${row}"
    found = []
    for sheet in book.sheets:
        cell = sheet.by_address.get("C2")
        wanted = place if sheet.name == "Checks" else f"Checks!{place}"
        if cell is None or cell.formula != wanted:
            found.append(f"{sheet.name}!C2 is {cell.formula if cell else 'empty'}, not {wanted}")
        elif cell.value not in {"OK", "REVIEW"}:
            found.append(f"{sheet.name}!C2 says {cell.value!r}")
        if layout.text(sheet, 2, 2) != "Master check":
            found.append(f"{sheet.name}!B2 does not say what C2 is")
        pane = sheet.root.find(f"{MAIN}sheetViews/{MAIN}sheetView/{MAIN}pane")
        if pane is None or pane.get("state") != "frozen" or int(float(pane.get("ySplit", "0"))) < 2:
            found.append(f"{sheet.name}: the master check is not in the frozen rows")
    return found


def tolerances_are_cells(book: Book) -> list[str]:
    """Item 48: a check of two routes compares with the tolerance in Inputs times a figure of its own.

    A check of a case reads the tolerance from sheet Cases, which calls it up from Inputs; one of the whole workbook
    reads Inputs. Of those only the checks in ``EXACT`` compare no figures and need none.
    """
    checks, cases, inputs = (layout.sheet(book, name) for name in ("Checks", "Cases", "Inputs"))
    row, source = (layout.key_rows(page)["check_tolerance"] for page in (cases, inputs))
    absolute = f"Inputs!$D${source}"
    rows = layout.key_rows(checks)
    found = []
    for column in layout.case_columns(book):
        cell = layout.cell(cases, row, column)
        if cell is None or cell.formula != absolute:
            found.append(f"Cases!{layout.address(row, column)} does not call up {absolute}")
    of_the_book = [key for key, at in rows.items() if key.startswith("check_") and at > rows["failures"]]
    found += [f"no {key}" for key in (*CENTRES, *EXACT) if key not in of_the_book]
    tables = [key for key in of_the_book if key not in (*EXACT, *OF_ACTUALS)]
    found += [] if len(tables) >= FEWEST_TABLES else [f"checks of only {len(tables)} sensitivity tables"]
    wanted = dict.fromkeys(TWO_ROUTES, f"Cases!D{row}") | dict.fromkeys(tables, absolute)
    for key, tolerance in wanted.items():
        cell = layout.cell(checks, rows[key], layout.FIRST_CASE)
        formula = (cell.formula if cell else None) or ""
        shape = rf'IF\(ABS\(.+\) <= {re.escape(tolerance)} \* (ABS\()?[A-Z]\w+!D?G?\d+\)?, "OK", "FAIL"\)'
        if not re.fullmatch(shape, formula):
            found.append(f"{key} has no relative tolerance: {formula}")
    return found


def nothing_is_plugged(book: Book) -> list[str]:
    """Item 49: no constant in a calculated row, and no row called a balance, plug, adjustment or difference."""
    found = []
    for name in [name for name in layout.case_sheets(book) if name != "Inputs"]:
        sheet = layout.sheet(book, name)
        for key, row in layout.key_rows(sheet).items():
            for column in layout.case_columns(book):
                cell = layout.cell(sheet, row, column)
                if cell is not None and cell.formula is None and layout.holds(cell):
                    found.append(f"{name}!{cell.address} ({key}) is typed over: {cell.value}")
            if re.search(r"(?i)balanc|plug|adjust|differen", layout.text(sheet, row, layout.LABEL)):
                found.append(f"{name}, {key}: {layout.text(sheet, row, layout.LABEL)}")
    return found


def results_are_words_and_colours(book: Book) -> list[str]:
    """Item 50: every check says OK, REVIEW or FAIL, each word has a colour, and the failures are counted."""
    checks = layout.sheet(book, "Checks")
    rows = layout.key_rows(checks)
    found = [f"no row {key}" for key in ("failures", "reviews", "total_failures", "total_reviews") if key not in rows]
    places = [
        (key, cell)
        for key, row in rows.items()
        if key.startswith("check_") or key in {"case_check", "master_check"}
        for column in layout.case_columns(book)
        if (cell := layout.cell(checks, row, column)) is not None and cell.formula is not None
    ]
    coloured: dict[str, list[str]] = {word: [] for word in WORDS}
    for block in checks.root.iter(f"{MAIN}conditionalFormatting"):
        for rule in block.iter(f"{MAIN}cfRule"):
            word = (rule.findtext(f"{MAIN}formula") or "").strip('"')
            if word in coloured and rule.get("dxfId") is not None:
                coloured[word] += block.get("sqref", "").split()
    for key, cell in places:
        if cell.value not in WORDS:
            found.append(f"{key}, {cell.address} says {cell.value!r}")
        for word, ranges in coloured.items():
            areas = [read_area(part) for part in ranges]
            if not any(area is not None and area.holds(cell.row, cell.column) for area in areas):
                found.append(f"{key}, {cell.address}: {word} has no colour")
    return found


def every_check_reaches_the_master(book: Book) -> list[str]:
    """Item 46: what the master check counts holds every check cell, its FAIL and its error value."""
    checks = layout.sheet(book, "Checks")
    rows = layout.key_rows(checks)
    cells = {
        (key, column): cell.formula
        for key in ("failures", "total_failures")
        for column in layout.case_columns(book)
        if (cell := layout.cell(checks, rows[key], column)) is not None and cell.formula is not None
    }
    total = cells["total_failures", layout.FIRST_CASE]
    summed = _areas(r"^SUM\(([^()]+)\)", total)
    found = []
    reaching = [total]
    for column in layout.case_columns(book):
        if any(area.holds(rows["failures"], column) for area in summed):
            reaching.append(cells["failures", column])
        else:
            found.append(f"failures at {layout.address(rows['failures'], column)} is not counted")
    for what, pattern in (("FAIL", r'COUNTIF\(([^(),]+), "FAIL"\)'), ("error", r"ISERROR\(SUM\(([^()]+)\)\)")):
        areas = [area for formula in reaching for area in _areas(pattern, formula)]
        found += [
            f"{key} at {cell.address}: {what} is not counted"
            for key, row in rows.items()
            if key.startswith("check_")
            for cell in checks.cells
            if cell.row == row and cell.formula and cell.column >= layout.FIRST_CASE
            if not any(area.holds(row, cell.column) for area in areas)
        ]
    return found


def _areas(pattern: str, formula: str) -> list[Area]:
    return [read.area for written in re.findall(pattern, formula) for read in reads("Checks", written)]


CHECKS = (
    needed_checks_stand,
    master_check_is_everywhere,
    tolerances_are_cells,
    nothing_is_plugged,
    results_are_words_and_colours,
    every_check_reaches_the_master,
)
