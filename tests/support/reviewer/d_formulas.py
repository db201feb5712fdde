"""Chapter D: the formulas.

Item 32 covers rows over the cases and the sensitivity tables. Item 33's closed list is 0, 1 and 100; what stands in
formulas beyond it is listed in ``STRUCTURAL`` with its reason. Item 34 as promised here: a calculation formula has at
most 170 characters; a cell of a sensitivity table is one formula with its axes put in and may be longer. Item 36
(known pairs) is in the test.
"""

from __future__ import annotations

import re
from collections import defaultdict

from tests.support.package import Book
from tests.support.reviewer import layout
from tests.support.reviewer.d_reading import few_forms_to_read, formulas_are_short, formulas_are_spaced
from tests.support.reviewer.d_sums import sums_cover_their_blocks
from tests.support.reviewer.graph import r1c1, reads
from tests.support.rules.references import read_formula

SWING_TOTALS = (4, 5, 6, 7, 8, 11, 14, 15)  # of each driver: its value, ends, totals, tie-break, range and source
ALLOWED_NUMBERS = {0.0, 1.0, 100.0}
STRUCTURAL = {
    "attention_key_value_parameters": {2.0},  # one bias for keys, one for values
    "key_value_matmul_parameters": {2.0},  # one matrix for keys, one for values
    "qk_norm_width": {2.0},  # one vector for queries, one for keys
    "ffn_matrices": {2.0},  # up and down
    "norm_vectors": {2.0},  # weight and bias of LayerNorm
    "mtp_parameters": {2.0, 3.0},  # a matrix twice as wide as the model, three norms
    "mtp_matmul_parameters": {2.0},  # the same matrix
    "embedding_flops_kaplan": {2.0},  # tokens and positions
    "attention_dot_products": {2.0},  # keys and values
    "cached_numbers": {2.0},  # the same
    "case_check": {2.0},  # position of FAIL behind OK and REVIEW
    "master_check": {2.0},
    "request_check": {2.0},  # the same
    "gpus_for_deadline": {9.0},
    "whole_days": {9.0},  # digits kept before rounding up, so that 54.0000000001 is 54 days
    "whole_nodes": {9.0},
    "alternative_finish_date": {9.0},
    "finish_p80": {9.0},
    "whole_days_left": {9.0},
}
for _place in range(2, 6):  # the place in an order
    STRUCTURAL |= {f"{_key}:{_place}": {float(_place)} for _key in ("top",)}
for _key in (  # half of a square and its diagonal
    "pairs_full_layer", "sliding_pairs_causal", "chunk_pairs", "pairs_uncut", "prompt_sliding_causal", "prompt_chunks",
    "prompt_pairs_full_layer", "whole_sliding_causal", "whole_chunks", "whole_pairs_full_layer",
):  # fmt: skip
    STRUCTURAL[_key] = {2.0}
for _key in ("sliding_pairs_full", "sliding_area", "prompt_sliding_full", "whole_sliding_full"):  # both sides
    STRUCTURAL[_key] = {2.0}
for _key in ("125m", "350m", "760m", "1b", "3b", "7b", "13b", "175b"):
    STRUCTURAL[f"gpt3_{_key}"] = {2.0, 3.0, 8.0}  # scores and reduction; Q, K and V; two matrices four times as wide
UNITS = {  # worked by hand from what the row's formula multiplies; currency USD in the Llama sample
    ("Model", "parameters"): "parameters",
    ("FLOPs", "training_flops_per_token"): "FLOP/token",
    ("FLOPs", "training_flops"): "FLOP",
    ("Time", "achieved_flops_per_gpu"): "FLOP/s per GPU",
    ("Time", "cluster_flops"): "FLOP/s",
    ("Time", "training_seconds"): "s",
    ("Time", "calendar_days"): "days",
    ("Time", "gpu_hours"): "GPU-hours",
    ("Time", "tokens_per_second"): "tokens/s",
    ("Cost", "compute_cost"): "USD",
    ("Cost", "total_cost"): "USD",
    ("Cost", "cost_per_gpu_hour"): "USD/GPU-hour",
    ("Cost", "cost_per_million_tokens"): "USD/M tokens",
}
ROUNDING = {"ROUND", "ROUNDUP", "ROUNDDOWN", "INT", "TRUNC", "CEILING", "FLOOR"}
MASKING = {"IFERROR", "IFNA", "ISERROR", "ISERR", "ISNA"}
OF_ONE_SHEET = tuple(
    f"check_no_errors_{slug}" for slug in ("offers", "rent_or_buy", "inference", "optimal", "scaling", "evidence")
)
REPORTING = {  # the rows that report errors, and what an error is and is not in them
    "check_no_errors": '"FAIL", "OK")',
    "check_no_errors_steps": '"FAIL", "OK")',
    "check_no_errors_as_built": '"FAIL", "OK")',
    "failures": "1, 0)",
    "total_failures": "1, 0)",
    "request_failures": "1, 0)",
    **dict.fromkeys(OF_ONE_SHEET, '"FAIL", "OK")'),
}
_REPORT = r"IF\(ISERROR\(SUM\([^()]+\)\), "
_TABLE = re.compile(r"(flops|case|components|quadratic):(?=\d|gpt3)|gpt3_")
_SIDE_BY_SIDE = re.compile(r"^(year|top|swing):|@chosen$")  # figures of one case that stand side by side
_REFERENCE_ONLY = re.compile(r"-?[A-Za-z!$0-9:']+")
_CALL_UP = re.compile(r"INDEX\([A-Za-z]+!\$[A-Z]+\$\d+:\$[A-Z]+\$\d+, 1, Cases!\$D\$\d+\)")


def rows_have_one_formula(book: Book) -> list[str]:
    """Item 32: the formulas of a row over the cases, of a sensitivity table, and of a column of a table on Scaling, are
    copies of one."""
    found = []
    for sheet in book.sheets:
        if sheet.name in {"Scaling", "Evidence", "Actuals", "Inputs", "Record"} | layout.PAGES:
            continue  # a table has one form a column: see below
        rows: dict[int, dict[str, str]] = defaultdict(dict)
        for cell in sheet.cells:
            bound = sheet.name == "Cases" and cell.column not in layout.case_columns(book)  # called up from Inputs
            bound = bound or _SIDE_BY_SIDE.search(layout.text(sheet, cell.row, layout.key_column(sheet))) is not None
            if cell.formula is not None and cell.column >= layout.FIRST_CASE and not bound:
                rows[cell.row].setdefault(r1c1(cell.formula, cell.row, cell.column), cell.address)
        for row, forms in rows.items():
            if len(forms) > 1:
                found.append(f"{sheet.name}, row {row}: {len(forms)} forms, at {', '.join(forms.values())}")
    tables: dict[str, dict[str, str]] = defaultdict(dict)
    sheet = layout.sheet(book, "Steps")
    for cell in sheet.cells:
        key = layout.text(sheet, cell.row, layout.key_column(sheet))
        if cell.formula is not None and re.search(r":[+-]\d$", key) and cell.column >= layout.FIRST_CASE:
            tables[key.partition(":")[0]].setdefault(r1c1(cell.formula, cell.row, cell.column), cell.address)
    for name, prefix in (
        ("Steps", "swing"),
        ("Actuals", "actual"),
        ("Summary", "year"),
        ("Summary", "top"),
        ("Record", "track"),
    ):
        page = next((item for item in book.sheets if item.name == name), None)
        for cell in page.cells if page is not None else ():
            key = layout.text(page, cell.row, layout.key_column(page)) if page is not None else ""
            if cell.formula is not None and key.startswith(f"{prefix}:") and cell.column >= layout.FIRST_CASE:
                form = r1c1(cell.formula, cell.row, cell.column)
                form = re.sub(r"MATCH\(\d", "MATCH(n", form) if prefix in {"top", "year"} else form
                if not (prefix == "swing" and cell.column in SWING_TOTALS) and (prefix, cell.column) not in {
                    ("year", 4),
                    ("year", 5),
                }:
                    tables[f"{prefix} column {cell.column}"].setdefault(form, cell.address)
    for cell in layout.sheet(book, "Scaling").cells:
        table = _TABLE.match(
            layout.text(layout.sheet(book, "Scaling"), cell.row, layout.key_column(layout.sheet(book, "Scaling")))
        )
        if cell.formula is not None and table and cell.column >= layout.FIRST_CASE:
            form = r1c1(cell.formula, cell.row, cell.column)
            tables[f"{table[0]} column {cell.column}"].setdefault(form, cell.address)
    evidence = layout.sheet(book, "Evidence")
    for cell in evidence.cells:
        key = layout.text(evidence, cell.row, layout.key_column(evidence))
        table = key.partition(":")[0 if key.startswith("whole:") else 2]
        if cell.formula is not None and table and cell.column >= layout.FIRST_CASE:
            form = r1c1(cell.formula, cell.row, cell.column)
            tables[f"{table} column {cell.column}"].setdefault(form, cell.address)
    return found + [f"{key}: {len(forms)} forms in one table" for key, forms in tables.items() if len(forms) > 1]


PLACES = {float(place) for place in range(1, 10)}
"""Places of a list by rank, digits of a number in a sentence, and the letters cut from a text."""
SAID = {150.0, 1e6, 1e9, 1e12}
"""Letters that a line has room for; and a million, a billion and a trillion, in which a sentence counts."""


def no_number_in_a_formula(book: Book) -> list[str]:
    """Item 33: no numeric literal in a formula but 0, 1, 100 and the listed structural ones."""
    found = []
    for sheet, cell, formula in layout.formula_cells(book):
        key = layout.text(sheet, cell.row, layout.key_column(sheet))
        for token in read_formula(formula).tokens:
            if token.kind == "Operand" and token.subkind == "Number":
                number = float(token.text)
                structural = STRUCTURAL.get(key, set())
                if sheet.name == "Evidence":
                    structural = {12.0}  # digits of a difference
                if sheet.name in layout.PAGES:
                    structural = PLACES | SAID
                if sheet.name == "Inputs":
                    structural = {9.0}  # letters of “: source?”
                if number not in ALLOWED_NUMBERS | structural:
                    found.append(f"{sheet.name}!{cell.address} ({key}) holds {token.text}: {formula}")
    return found


def repeated_formulas(book: Book) -> list[tuple[str, str]]:
    """Item 36: pairs of keys whose first cells compute the same; call-ups of one cell are no computation."""
    first: dict[str, str] = {}
    found = []
    for sheet, cell, formula in layout.formula_cells(book):
        if cell.column != layout.FIRST_CASE or _REFERENCE_ONLY.fullmatch(formula) or _CALL_UP.fullmatch(formula):
            continue
        full = "".join(
            token.text if token.subkind != "Range" or "!" in token.text else f"{sheet.name}!{token.text}"
            for token in read_formula(formula).tokens
        ).replace("$", "")
        key = layout.text(sheet, cell.row, layout.key_column(sheet))
        if full in first:
            found.append((first[full], key))
        first.setdefault(full, key)
    return found


def errors_are_not_masked(book: Book) -> list[str]:
    """Item 37: no IFERROR or the like, but ISERROR in the rows that report errors, as ``FAIL`` or as one failure.

    Each of those rows asks it of a whole sum and counts it the right way round; none has gone silent.
    """
    found = []
    for sheet, cell, formula in layout.formula_cells(book):
        names = [token.text.rstrip("( ") for token in read_formula(formula).tokens if token.kind == "Func"]
        masks = [name for name in names if name in MASKING]
        key = layout.text(sheet, cell.row, layout.key_column(sheet))
        if sheet.name != "Checks" or key not in REPORTING or cell.column < layout.FIRST_CASE:
            if masks:
                found.append(f"{sheet.name}!{cell.address} masks errors by {masks}")
        elif masks != ["ISERROR"] or not re.search(f"(^|\\+ ){_REPORT}{re.escape(REPORTING[key])}$", formula):
            found.append(f"{sheet.name}!{cell.address} ({key}) does not report errors")
    return found


def references_hold_numbers(book: Book) -> list[str]:
    """Item 39: no whole columns or rows; no single reference to a blank; no arithmetic on text.

    Sheet Cases asks whether an input cell is blank, which is what it is for, and a month of sheet Actuals is blank
    until it is typed, a peak of sheet Evidence where none is published; all are left out of the second rule.
    """
    found = []
    for sheet, cell, formula in layout.formula_cells(book):
        for read in reads(sheet.name, formula):
            if read.area.last_row - read.area.first_row > 10_000 or read.area.last_column - read.area.first_column > 99:
                found.append(f"{sheet.name}!{cell.address} reads all of {read.written}")
            elif read.single and sheet.name not in {"Cases", "Actuals", "Evidence"}:
                target = layout.cell(layout.sheet(book, read.sheet), read.area.first_row, read.area.first_column)
                if not layout.holds(target):
                    found.append(f"{sheet.name}!{cell.address} reads the blank {read.written}")
        tokens = [token for token in read_formula(formula).tokens if token.kind != "Whitespace"]
        for position, token in enumerate(tokens):
            if token.kind == "OpInfix" and token.text in {"+", "-", "*", "/", "^"}:
                found += [
                    f"{sheet.name}!{cell.address} computes with the text in {operand.text}"
                    for operand in (tokens[position - 1], tokens[position + 1])
                    if operand.subkind == "Range" and _is_text(book, sheet.name, operand.text)
                ]
    return found


def _is_text(book: Book, sheet: str, written: str) -> bool:
    for read in reads(sheet, written):
        target = layout.cell(layout.sheet(book, read.sheet), read.area.first_row, read.area.first_column)
        return read.single and target is not None and isinstance(target.value, str)
    return False


def anchors_are_right(book: Book) -> list[str]:
    """Item 40: in a row over cases, what differs by case is relative in its column, what does not is absolute."""
    found = []
    scalar = _single_column_rows(book)
    for sheet, cell, formula in layout.formula_cells(book, layout.CALCULATIONS):
        if layout.text(sheet, cell.row, layout.key_column(sheet)) in scalar["Checks"] | scalar["Cases"]:
            continue
        for read in reads(sheet.name, formula):
            if not read.single:
                continue
            key = layout.text(
                layout.sheet(book, read.sheet), read.area.first_row, layout.key_column(layout.sheet(book, read.sheet))
            )
            if sheet.name == "Phasing" and read.area.first_column == layout.LABEL:
                continue  # the first day of the row's own month, the same for every case
            fixed = "$" in read.written.rpartition("!")[2].partition(str(read.area.first_row))[0]
            if fixed != (key in scalar[read.sheet]) and sheet.name != "Cases":
                found.append(
                    f"{sheet.name}!{cell.address}: {read.written} ({key}) is {'fixed' if fixed else 'relative'}"
                )
    return found


def _single_column_rows(book: Book) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sheet in book.sheets:
        filled: dict[str, set[int]] = {key: set() for key in layout.key_rows(sheet)}
        for cell in sheet.cells:
            key = layout.text(sheet, cell.row, layout.key_column(sheet))
            if key in filled and cell.column in layout.case_columns(book) and layout.cell(sheet, cell.row, cell.column):
                filled[key].add(cell.column)
        found[sheet.name] = {key for key, columns in filled.items() if len(columns) <= 1}
    return found


def one_sign_convention(book: Book) -> list[str]:
    """Item 42: About says that costs are positive, money on sheet Cost is not negative, no formula turns a sign."""
    texts = [cell.value for cell in layout.sheet(book, "About").cells if isinstance(cell.value, str)]
    found = [] if any(text.startswith("Costs are positive") for text in texts) else ["About states no sign convention"]
    found += [
        f"Cost!{cell.address} is {cell.value}"
        for cell in layout.sheet(book, "Cost").cells
        if cell.formula is not None and isinstance(cell.value, float) and cell.value < 0
    ]
    for sheet, cell, formula in layout.formula_cells(book):
        if any(token.kind == "OpPrefix" for token in read_formula(formula).tokens):
            found.append(f"{sheet.name}!{cell.address} turns a sign: {formula}")
    return found


def units_balance(book: Book) -> list[str]:
    """Item 41: the unit of each headline row is what its factors give, worked by hand, in the currency of Inputs."""
    inputs = layout.sheet(book, "Inputs")
    currency = layout.text(inputs, layout.key_rows(inputs)["currency"], layout.FIRST_CASE)
    found = []
    for (name, key), unit in UNITS.items():
        sheet = layout.sheet(book, name)
        shown = layout.text(sheet, layout.key_rows(sheet)[key], layout.UNIT)
        if shown != unit.replace("USD", currency):
            found.append(f"{name}, {key}: unit {shown!r}, worked by hand {unit!r}")
    return found


def rounding_is_labelled(book: Book) -> list[str]:
    """Item 43: a formula that rounds stands in a row whose label, or a column whose head, says so."""
    found = []
    for sheet, cell, formula in layout.formula_cells(book):
        names = {token.text.rstrip("( ") for token in read_formula(formula).tokens if token.kind == "Func"}
        head = layout.text(sheet, layout.HEADER_ROW, cell.column)
        said = "whole" in layout.text(sheet, cell.row, layout.LABEL) or "rounded" in head
        said = said or (sheet.name == "Summary" and cell.kind == "str")  # a sentence says a figure to some digits
        if names & ROUNDING and not said:
            found.append(f"{sheet.name}!{cell.address} rounds: {formula}")
    return found


CHECKS = (
    rows_have_one_formula,
    few_forms_to_read,
    no_number_in_a_formula,
    formulas_are_short,
    formulas_are_spaced,
    errors_are_not_masked,
    sums_cover_their_blocks,
    references_hold_numbers,
    anchors_are_right,
    units_balance,
    one_sign_convention,
    rounding_is_labelled,
)
