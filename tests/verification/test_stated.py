"""Inputs are read from the file as it states them, without waiting for what is computed; a formula's is waited for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sheetgen import verify
from sheetgen.verification.view import View
from sheetgen.workbook.book import Book
from sheetgen.workbook.definitions import packaged_definitions
from sheetgen.workbook.evaluator import CellError, CellValue, Evaluator
from sheetgen.workbook.file.cells import ErrorText, Stored
from sheetgen.workbook.file.package import open_package
from sheetgen.workbook.file.stored import StoredSheet, bare_file, read_stored
from sheetgen.workbook.reader import read_workbook
from tests.support.changes import at, sheet_part
from tests.support.edits import edit_parts


def test_a_constant_is_stated_and_a_result_is_computed() -> None:
    """Of a formula cell the stored result, here a lie, is no value."""
    cells = {
        (0, 0): Stored(2.0), (0, 1): Stored(True), (0, 2): Stored(ErrorText("#N/A")), (1, 0): Stored(99.0, "A1*3"),
    }  # fmt: skip
    evaluator = Evaluator.from_bytes(bare_file({"S": cells}, {})[0])
    evaluator.recalculate_beside()
    values = View({"S": StoredSheet("S", "visible", "", cells)}, evaluator, {"S": "S"}, {})
    found = [values.value("S", row, column) for row, column in ((0, 0), (0, 1), (0, 2), (1, 0), (5, 5))]
    assert found == [2.0, True, CellError("#N/A"), 6.0, None]


def test_an_input_that_is_a_formula_counts_as_computed(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """An MFU of 0.4 + 0.02 that the file says is 0.9: the engine is run with 0.42, and the 0.9 is told."""
    sheet, place = at(llama_plan, "Inputs", "stated_mfu")
    path = tmp_path / "formula.xlsx"

    def edit(text: str) -> str:
        text, count = re.subn(rf'(<c r="{place}"[^>]*>)<v>0.41</v>', r"\1<f>0.4+0.02</f><v>0.9</v>", text)
        assert count == 1
        return text

    edit_parts(llama_file, path, {sheet_part(llama_file, sheet): edit})
    verdict = verify(path)

    assert verdict.key_figures[0]["mfu"] == pytest.approx(0.42, rel=1e-12)
    assert verdict.mismatches == []
    assert (sheet, place, 0.9) in {(item.sheet, item.cell, item.stored) for item in verdict.stored.stale}


class Unfinished(Evaluator):
    """An evaluator that is not done."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    def value(self, sheet: str, row: int, column: int) -> CellValue | CellError:
        self.asked.append((sheet, row, column))
        return None


def test_reading_inputs_waits_for_nothing(llama_file: Path) -> None:
    """No input, key or fact of a workbook as built needs a computed cell, so that both go on at the same time."""
    book, unfinished = read_stored(open_package(llama_file)), Unfinished()
    view = View({sheet.name: sheet for sheet in book.sheets}, unfinished, {s.name: s.name for s in book.sheets}, {})
    reading = read_workbook(view, "x", packaged_definitions())
    assert reading.scenario is not None
    assert len(reading.scenario.cases) == 3
    assert reading.provenance["Generator"].startswith("sheetgen ")
    assert unfinished.asked == []
