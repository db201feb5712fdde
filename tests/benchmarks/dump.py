"""The cells that a scenario's workbook holds, computed and put down as plain data for ``floor.py``."""

from __future__ import annotations

import marshal
from pathlib import Path
from typing import Any

from sheetgen.api.build import computed
from sheetgen.api.notes import with_guidance
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import evaluate
from sheetgen.workbook import writer
from sheetgen.workbook.book import Book, Cell, Sheet
from sheetgen.workbook.styles import FONT, FONT_SIZE, number_format, properties

Styles = dict[tuple[str, str], int]
"""The number of each style with its number format."""


class _Validations:
    """Stands for a page of XlsxWriter and keeps the validations that the product's writer gives it."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def data_validation(self, *arguments: Any) -> None:
        """Keep one validation."""
        self.calls.append(arguments)


def write_dump(scenario_file: Path, target: Path) -> Path:
    """Plan and evaluate the scenario's workbook, write its cells to ``target`` in marshal, and return ``target``."""
    book = computed(with_guidance(evaluate(load_scenario(scenario_file))).scenario)
    styles: Styles = {}
    content = {
        "font": {"font_name": FONT, "font_size": FONT_SIZE},
        "sheets": [_sheet(book, sheet, styles) for sheet in book.ordered()],
        "formats": [properties(name, text) for name, text in styles],
    }
    target.write_bytes(marshal.dumps(content))
    return target


def _sheet(book: Book, sheet: Sheet, styles: Styles) -> dict[str, Any]:
    page = _Validations()
    writer._validations(page, sheet, book)
    text = styles.setdefault(("text", number_format("text")), len(styles))
    return {
        "name": sheet.name,
        "widths": [(column, float(width), text) for column, width in sheet.widths.items()],
        "heights": [(row, float(height)) for row, height in sheet.heights.items()],
        "cells": [_cell(*place, cell, book, styles) for place, cell in sorted(sheet.cells.items())],
        "validations": page.calls,
    }


def _cell(row: int, column: int, cell: Cell, book: Book, styles: Styles) -> tuple[Any, ...]:
    shown_as = number_format(cell.style, cell.value, whole=book.whole)
    form = styles.setdefault((cell.style, shown_as), len(styles))
    if cell.formula is not None:
        return row, column, "formula", form, cell.value, cell.formula
    if cell.value is None or cell.value == "":
        return row, column, "blank", form, None, None
    return row, column, "text" if isinstance(cell.value, str) else "number", form, cell.value, None
