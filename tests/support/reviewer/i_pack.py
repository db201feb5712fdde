"""Chapter I: the pack for approval, from the file alone: items 72 to 76; those of money are in ``i_money``.

That it prints on ten pages is a count: :mod:`tests.workbook.test_workbook_i_pack`.
"""

from __future__ import annotations

import re

from tests.support.package import MAIN, Book, Sheet
from tests.support.reviewer import layout
from tests.support.rules.references import read_reference

HIGH = 12
"""Rows of the first screen."""
LEAST_POINTS = 8.0
PAGE = (510.0, 785.0)
"""Room of an upright A4 page within our margins [points]."""
POINTS_PER_UNIT, POINTS_PER_ROW = 5.25, 15.0
FRONT = ("Summary", "Inputs", "Compare", "Budget", "Sensitivity", "Checks", "Sources", "About")
GREY = "FFA6A6A6"


def total_stands_high(book: Book) -> list[str]:
    """Item 72: the total of the request is shown in the first twelve rows of the first sheet."""
    first, cost = book.sheets[0], layout.sheet(book, "Cost")
    row = layout.key_rows(cost)["total_cost"]
    totals = [cell.value for cell in cost.cells if cell.row == row and cell.column >= layout.FIRST_CASE]
    shown = [cell.value for cell in first.cells if cell.row <= HIGH and isinstance(cell.value, float)]
    found = [] if first.name == "Summary" else [f"the first sheet is {first.name}"]
    return found if any(value in totals for value in shown) else [*found, "no total in the first rows of Summary"]


def summary_can_be_read(book: Book) -> list[str]:
    """Item 72: on its one page Summary prints no text smaller than 8 points."""
    summary = layout.sheet(book, "Summary")
    area = next(
        read_reference(entry.formula).area
        for entry in book.names
        if entry.name == "_xlnm.Print_Area" and entry.sheet == summary.name
    )
    width = sum(_width(summary, column) for column in range(1, area.last_column + 1)) * POINTS_PER_UNIT
    heights = {int(row.get("r", "0")): float(row.get("ht", POINTS_PER_ROW)) for row in summary.root.iter(f"{MAIN}row")}
    height = sum(heights.get(row, POINTS_PER_ROW) for row in range(1, area.last_row + 1))
    scale = min(1.0, PAGE[0] / width, PAGE[1] / height)
    sizes = _sizes(book)
    small = [
        f"{cell.address} prints at {sizes[cell.style] * scale:.1f} points"
        for cell in summary.cells
        if area.holds(cell.row, cell.column) and layout.holds(cell) and sizes[cell.style] * scale < LEAST_POINTS
    ]
    return small[:5]


def _width(sheet: Sheet, column: int) -> float:
    for entry in sheet.root.iter(f"{MAIN}col"):
        if int(entry.get("min", "0")) <= column <= int(entry.get("max", "0")):
            return float(entry.get("width", "0"))
    return 9.0


def _sizes(book: Book) -> list[float]:
    """The size of the font of each cell style."""
    root = book.xml["xl/styles.xml"]
    fonts = []
    for font in root.findall(f"{MAIN}fonts/{MAIN}font"):
        size = font.find(f"{MAIN}sz")
        fonts.append(11.0 if size is None else float(size.get("val", "11")))
    return [fonts[int(entry.get("fontId", "0"))] for entry in root.findall(f"{MAIN}cellXfs/{MAIN}xf")]


def front_stands_in_front(book: Book) -> list[str]:
    """Item 73: the eight sheets that are printed come first, and what is behind the last of finance has a grey tab."""
    names = [sheet.name for sheet in book.sheets]
    found = [] if tuple(names[: len(FRONT)]) == FRONT else [f"in front stand {', '.join(names[: len(FRONT)])}"]
    for sheet in book.sheets:
        colour = sheet.root.find(f"{MAIN}sheetPr/{MAIN}tabColor")
        grey = colour is not None and colour.get("rgb") == GREY
        if colour is None or (sheet.name in FRONT and grey):
            found.append(f"the tab of {sheet.name} is {'grey' if grey else 'of no colour'}")
    return found


def architecture_is_behind_the_money(book: Book) -> list[str]:
    """Item 74: what an architecture needs stands below the inputs of money, outside of what is printed."""
    inputs = layout.sheet(book, "Inputs")
    rows = layout.key_rows(inputs)
    area = next(
        read_reference(entry.formula).area
        for entry in book.names
        if entry.name == "_xlnm.Print_Area" and entry.sheet == inputs.name
    )
    printed = [
        key for key in ("n_layers", "kv_lora_rank", "image_size", "seconds_per_hour") if rows[key] <= area.last_row
    ]
    lost = [key for key in ("tokens", "gpus", "stated_mfu", "contingency", "staff_cost") if rows[key] > area.last_row]
    return [f"{key} is printed" for key in printed] + [f"{key} is not printed" for key in lost]


def prose_is_formulas(book: Book) -> list[str]:
    """Item 76: on Summary no constant text but the scenario's own has a digit in it: its sentences are formulas. P50 is
    what a percentile is called."""
    summary = layout.sheet(book, "Summary")
    place = layout.key_column(summary)
    return [
        f"{cell.address} says {cell.value!r}"
        for cell in summary.cells
        if cell.formula is None
        and cell.column < place
        and re.search(r"[0-9]", re.sub(r"^P[0-9]{2}$", "", str(cell.value or "")))
    ]


def inputs_and_results_have_names(book: Book) -> list[str]:
    """Items 8, 73: each input has a name in_KEY at its first cell, and headline results one with out_."""
    inputs = layout.sheet(book, "Inputs")
    rows = layout.key_rows(inputs)
    known = {entry.name: entry.formula for entry in book.names}
    wanted = {f"in_{row.key}": f"Inputs!$D${rows[row.key]}" for row in layout.input_rows(book)}
    found = [f"{name} is {known.get(name)}" for name, place in wanted.items() if known.get(name) != place]
    return found if "out_total_cost" in known else [*found, "no out_total_cost"]


CHECKS = (
    total_stands_high,
    summary_can_be_read,
    front_stands_in_front,
    architecture_is_behind_the_money,
    prose_is_formulas,
    inputs_and_results_have_names,
)
