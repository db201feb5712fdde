"""Sheet Sources: every input and calculated row points to a numbered source."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import openpyxl
import pytest

from sheetgen.api.build import build
from sheetgen.scenario.reader import load_scenario
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built workbook, with sheet Evidence."""
    scenario = load_scenario(ROOT / "samples/gpt3-175b.yaml", sheets=["evidence"])
    return build(scenario, tmp_path_factory.mktemp("sources") / "budget.xlsx")


class TestSources:
    """Every input and calculated row points to a numbered source, and every number is on sheet Sources."""

    def test_every_row_has_a_number(self, workbook: Path) -> None:
        book = openpyxl.load_workbook(workbook)
        assert unsourced(book) == []

    def test_a_row_without_is_found(self, workbook: Path) -> None:
        """Negative control."""
        book = openpyxl.load_workbook(workbook)
        page = book["Time"]
        head = next(cell.column for cell in page[5] if cell.value == "Source")
        row = next(cell.row for cell in page["B"] if cell.value == "mfu")
        page.cell(row, head).value = "somewhere"
        assert unsourced(book) == ["Time: mfu"]

    def test_sources_say_where(self, workbook: Path) -> None:
        """Each number once, in order; those that no printed sheet cites stand in a part of their own."""
        page = openpyxl.load_workbook(workbook)["Sources"]
        parts: list[list[list[object]]] = [[]]
        for row in page.iter_rows(min_row=6, max_col=5, values_only=True):
            if str(row[0]).startswith("["):
                parts[-1].append(list(row))
            elif row[0]:
                parts.append([])
        rows = [row for part in parts for row in part]
        numbers = [[int(str(row[0]).strip("[]")) for row in part] for part in parts]
        assert all(part == sorted(part) for part in numbers)
        assert sorted(itertools.chain(*numbers)) == list(range(1, len(rows) + 1))
        assert all(row[1] and row[4] for row in rows)
        palm = next(row for row in rows if "Chowdhery et al. 2022, app. B" in str(row[1]))
        assert palm[3] == "https://arxiv.org/abs/2204.02311"
        assert "mfu" in str(palm[4])

    def test_published_runs_cite_addresses(self) -> None:
        with (ROOT / "sheetgen/evidence/runs.csv").open(encoding="utf-8") as file:
            assert all(row["source"] and row["source_url"].startswith("https://") for row in csv.DictReader(file))


def unsourced(book: openpyxl.Workbook) -> list[str]:
    """Rows with a key on a sheet with a column Source whose source is no number of sheet Sources; a row that holds
    nothing but its label and its key is neither an input nor calculated."""
    numbers = {row[0].value for row in book["Sources"].iter_rows(min_row=6) if row[0].value}
    found = []
    for page in book.worksheets:
        heads = {str(cell.value): cell.column for cell in page[5] if cell.value}
        if "Source" not in heads or "Key" not in heads or page.title == "Sources":
            continue
        for row in range(6, page.max_row + 1):
            key, source = page.cell(row, heads["Key"]).value, str(page.cell(row, heads["Source"]).value or "")
            number = source[source.find("[") : source.find("]") + 1]
            held = [cell.column for cell in page[row][1:] if cell.value is not None]
            if held == [heads["Key"]]:
                continue
            if key and number not in numbers:
                found.append(f"{page.title}: {key}")
    return found
