"""Rows of one's own: what is typed into a row that LibreOffice inserted counts where it should, and verify names it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from sheetgen import verify
from sheetgen.workbook.book import Book
from tests.support.macro import Insertion, insert_rows
from tests.support.package import cached_values

INSURANCE = 1_000_000


@pytest.fixture(scope="module")
def own_row(
    built_samples: Mapping[str, Path], llama_plan: Book, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Copies in which LibreOffice inserted a row with an amount for the first case: among the budget lines, and where
    no formula reads it."""
    rows = llama_plan.sheets["Cost"].key_rows
    typed = ((0, "Insurance"), (3, INSURANCE))
    places = {"among the lines": rows["staff_total_cost"], "above the mark": rows["cost_lines:end"],
              "read by nothing": rows["cost_per_month"]}  # fmt: skip
    edits = [[Insertion("Cost", row + 1, typed=typed)] for row in places.values()]
    room = tmp_path_factory.mktemp("own")
    return dict(zip(places, insert_rows(built_samples["llama405b"], edits, room), strict=True))


@pytest.mark.parametrize("name", ["among the lines", "above the mark"])
def test_an_amount_in_an_inserted_row_is_in_the_total_and_told(
    own_row: dict[str, Path], llama_file: Path, llama_plan: Book, name: str
) -> None:
    """A line of 1,000,000 typed into a row inserted among the budget lines: the total rises by it and its contingency
    of 10 %, so do the months, and verify names the cell."""
    rows, top = llama_plan.sheets["Cost"].key_rows, rows_of(own_row[name], "Cost")
    before, after = (cached_values(path) for path in (llama_file, own_row[name]))
    total = [float(str(before["Cost", f"D{rows['total_cost'] + 1}"].value)),
             float(str(after["Cost", f"D{top['total_cost']}"].value))]  # fmt: skip
    checks = rows_of(own_row[name], "Checks")
    verdict = verify(own_row[name])
    place = top["staff_total_cost"] - 1 if name == "among the lines" else top["cost_lines:end"] - 1

    assert total[1] - total[0] == pytest.approx(INSURANCE * 1.1)
    assert {after["Checks", f"D{checks[f'check_{key}']}"].value for key in (
        "cost_lines", "phasing_parts", "accrual_months", "payment_months")} == {"OK"}  # fmt: skip
    assert after["Checks", f"D{checks['check_lines_inserted']}"].value == "REVIEW"
    assert verdict.exit_code == 1
    assert verdict.overwritten == []
    assert [text.split(":")[0] for text in verdict.foreign] == [f"Cost!D{place} “Insurance”"]
    assert "the number 1000000" in verdict.foreign[0]
    assert "total_cost" in {item.key for item in verdict.mismatches}


def test_an_amount_that_nothing_reads_is_told(own_row: dict[str, Path]) -> None:
    """A number in a row that no formula reads moves nothing, and verify names it all the same."""
    verdict = verify(own_row["read by nothing"])

    assert verdict.mismatches == []
    assert len(verdict.foreign) == 1
    assert "“Insurance”: the number 1000000" in verdict.foreign[0]
    assert verdict.exit_code == 1


def rows_of(path: Path, sheet: str) -> dict[str, int]:
    """The rows (1-based) of a sheet of a saved file, by the keys in the column with that head."""
    page = openpyxl.load_workbook(path)[sheet]
    column = next(cell.column for cell in page[5] if cell.value == "Key")
    return {
        str(page.cell(row, column).value): row for row in range(6, page.max_row + 1) if page.cell(row, column).value
    }
