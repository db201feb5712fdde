"""A small workbook with one of everything that the support must read right, for tests of the support itself.

The values are worked by hand: prices 2.5 and 0.5, so ``B1 = (2.5 + 0.5) * 2.5 = 7.5``, which is above 5, and
half of it, rounded up, is 4.
"""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from tests.support.package import CellKey, Value

FORMULAS: dict[str, tuple[str, float | str | bool]] = {
    "B1": ("=SUM(Inputs!$B$2:$B$3) * in_price", 7.5),
    "B2": ('=IF(B1 > 5, "high", "low")', "high"),
    "B3": ("=B1 > 5", True),
    "B4": ("=ROUNDUP(B1 / 2, 0)", 4.0),
    "B5": ('=Inputs!A2 & " price"', "GPU price"),
}
EXPECTED: dict[CellKey, Value] = {("Model", cell): value for cell, (_, value) in FORMULAS.items()}


def write_sample(path: Path) -> Path:
    """Write the workbook with right cached values; the linter finds nothing in it."""
    book = xlsxwriter.Workbook(path)
    entry = book.add_format({"locked": False, "font_color": "#0000FF", "bg_color": "#FFFFCC"})
    alarm = book.add_format({"font_color": "#9C0006", "bg_color": "#FFC7CE"})
    shade = book.add_format({"bg_color": "#DDEBF7"})
    amount = book.add_format({"num_format": "#,##0.00;(#,##0.00)"})

    inputs = book.add_worksheet("Inputs")
    inputs.add_table("A1:B3", {"name": "Prices", "columns": [{"header": "Item"}, {"header": "Price"}]})
    for row, (item, price) in enumerate([("GPU", 2.5), ("Power", 0.5)], start=1):
        inputs.write_string(row, 0, item)
        inputs.write_number(row, 1, price, entry)
    bounds = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100}
    inputs.data_validation("B2", {**bounds, "input_title": "Price", "input_message": "$ per hour"})
    inputs.data_validation("B3", {"validate": "list", "source": ["0.5", "1"]})
    inputs.data_validation("A3", {"validate": "list", "source": "=Inputs!$A$2:$A$3"})
    book.define_name("in_price", "=Inputs!$B$2")

    model = book.add_worksheet("Model")
    model.write_string("A1", "Total")
    for cell, (formula, value) in FORMULAS.items():
        model.write_formula(cell, formula, amount, value)
    model.conditional_format("B1:B4", {"type": "cell", "criteria": ">", "value": 5, "format": alarm})
    model.conditional_format("B2:B5", {"type": "formula", "criteria": "=in_price > 2", "format": shade})
    chart = book.add_chart({"type": "column"})
    margin = {"type": "percentage", "value": 10}
    chart.add_series({"categories": "=Inputs!$A$2:$A$3", "values": "=Inputs!$B$2:$B$3", "y_error_bars": margin})
    chart.add_series({"name": "=Model!$A$1", "values": "=Model!$B$4:$B$4"})
    chart.set_title({"name": "Prices"})
    model.insert_chart("D2", chart, {"description": "Price of each item in dollars per hour"})
    model.write_url("A7", "internal:Inputs!A1", string="Inputs")
    model.write_url("A8", "https://example.org/home/prices", string="Source of the prices")
    model.print_area("A1:F20")
    model.repeat_rows(0)
    model.repeat_columns(0)

    notes = book.add_worksheet("Notes")
    for row, text in enumerate(("Read me", "=1+1 is text here", "9 tokens/s, see /docs")):
        notes.write_string(row, 0, text)
    for sheet in (inputs, model, notes):
        sheet.freeze_panes(1, 1)
        sheet.protect()
    book.close()
    return path
