"""Sheet Actuals: months typed in the file are read back, computed with, and reported; months of a scenario are
checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from sheetgen.base.errors import InvalidInput
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import complete
from sheetgen.verification.workbook import verify
from tests.support.office import XLSX, convert
from tests.support.paths import ROOT

SAMPLE = ROOT / "samples/procurement-70b.yaml"
Typed = Mapping[int, tuple[object, object, object, object]]


def typed(built_samples: Mapping[str, Path], tmp_path: Path, months: Typed) -> Path:
    """The sample with months typed over."""
    book = openpyxl.load_workbook(built_samples["procurement-70b"])
    page = book["Actuals"]
    rows = {str(cell.value): cell.row for cell in page["B"]}
    for number, figures in months.items():
        for column, value in enumerate(figures, start=4):
            page.cell(rows[f"actual:{number}"], column).value = value
    path = tmp_path / "typed.xlsx"
    book.save(path)
    return path


def test_a_third_month_moves_the_estimate(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """Typed by another program and recalculated by LibreOffice: verify agrees, and reports the month as an edit."""
    path = typed(built_samples, tmp_path, {3: (1_450_000, 1_300_000, 4.2e12, 3_900_000)})
    (saved,) = convert([path], XLSX, tmp_path)
    before, after = verify(built_samples["procurement-70b"]), verify(saved, complete(load_scenario(SAMPLE)))

    assert after.agrees
    assert after.edited is True
    figures = "gpu_hours 1,450,000, trained_gpu_hours 1,300,000, tokens 4,200,000,000,000, spend 3,900,000"
    assert f"month 3 of sheet Actuals: empty is now {figures}" in after.edits
    old, new = before.key_figures[1], after.key_figures[1]
    assert (old["months_typed"], new["months_typed"]) == (2, 3)
    assert new["actual_spend"] == float(old["actual_spend"]) + 3_900_000
    done = (2.9e12 + 4.25e12 + 4.2e12) / 15e12
    assert new["estimate_at_completion"] == pytest.approx((3_350_000 + 3_300_000 + 3_900_000) / done)
    values = openpyxl.load_workbook(saved, data_only=True)["Actuals"]
    cell = next(row[3].value for row in values.iter_rows() if row[1].value == "estimate_at_completion")
    assert cell == pytest.approx(new["estimate_at_completion"], rel=1e-12)


@pytest.mark.parametrize(
    ("months", "check"),
    [
        ({4: (1, 1, 1, 1)}, "check_actuals_order"),
        ({3: (None, 1, 1, 1)}, "check_actuals_complete"),
        ({2: (1_000, 2_000, 4.25e12, 1)}, "check_actuals_hours"),
        ({2: (1_500_000, 1_000, 4.25e12, 1)}, ""),
    ],
)
def test_what_cannot_be_fails_its_check(
    built_samples: Mapping[str, Path], tmp_path: Path, months: Typed, check: str
) -> None:
    """A gap, a month without hours, more hours trained than billed: a check fails in the workbook as in the engine."""
    verdict = verify(typed(built_samples, tmp_path, months))

    assert not verdict.mismatches
    assert not verdict.problems
    assert check in " ".join(verdict.checks.get("FAIL", []))
    assert verdict.agrees == (not check)


@pytest.mark.parametrize(
    ("hours", "reviewed"),
    [(1_500_000, False), (2_080 * 24 * 31, False), (2_080 * 24 * 31 + 1, True), (1e15, True)],
)
def test_a_month_has_no_more_hours_than_there_are(
    built_samples: Mapping[str, Path], tmp_path: Path, hours: float, reviewed: bool
) -> None:
    """260 nodes, 4 of them spare, of 8 accelerators each give 2,080 × 24 × 31 hours in the longest month."""
    verdict = verify(typed(built_samples, tmp_path, {2: (hours, 1_000, 4.25e12, 1)}))

    assert not verdict.mismatches
    assert ("check_actuals_capacity" in " ".join(verdict.checks.get("REVIEW", []))) == reviewed


def test_text_is_no_figure(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """A text or a negative number in a typed column is named by its cell, and the workbook does not agree."""
    verdict = verify(typed(built_samples, tmp_path, {3: ("many", 1, 1, 1), 4: (-5, 1, 1, 1)}))

    assert not verdict.agrees
    lines = [str(problem) for problem in verdict.problems]
    assert any("Actuals!D" in line and "many" in line for line in lines)
    assert any("-5" in line for line in lines)


def test_an_overwritten_formula_is_seen(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """Negative control: the estimate typed over is reported."""
    book = openpyxl.load_workbook(built_samples["procurement-70b"])
    page = book["Actuals"]
    row = next(cell.row for cell in page["B"] if cell.value == "estimate_at_completion")
    page.cell(row, 4).value = 1
    path = tmp_path / "over.xlsx"
    book.save(path)
    verdict = verify(path)

    assert [item.key for item in verdict.overwritten] == ["estimate_at_completion"]
    assert not verdict.agrees


JULY = "  - {month: 2026-07, gpu_hours: 1050000, trained_gpu_hours: 905000, tokens: 2.9e12, spend: 3350000}"


@pytest.mark.parametrize(
    ("month", "part"),
    [
        ("  - {month: July, gpu_hours: 1, trained_gpu_hours: 1, tokens: 1, spend: 1}", "a month written YYYY-MM"),
        ("  - {month: 2026-06, gpu_hours: 1, trained_gpu_hours: 1, tokens: 1, spend: 1}", "is no month of the budget"),
        ("  - {month: 2026-08, gpu_hours: 1, trained_gpu_hours: 1, tokens: 1, spend: 1}", "stands twice"),
        ("  - {month: 2026-09, gpu_hours: 1, trained_gpu_hours: 1, tokens: 1, spend: 1}", "months are missing"),
        ("  - {month: 2026-07, gpu_hours: 1, tokens: 1, spend: 1}", "actuals.trained_gpu_hours: is missing"),
        ("  - {month: 2026-07, gpu_hours: -1, trained_gpu_hours: 1, tokens: 1, spend: 1}", "is too small"),
        ("  - {month: 2026-07, gpu_hours: 1, trained_gpu_hours: 1, tokens: 1, spent: 1}", "did you mean 'spend'"),
        ("  - none", "needs a month"),
    ],
)
def test_mistakes_in_a_scenario(month: str, part: str, tmp_path: Path) -> None:
    """Each mistake in the list of months is named with its line."""
    text = SAMPLE.read_text(encoding="utf-8")
    assert JULY in text
    path = tmp_path / "scenario.yaml"
    path.write_text(text.replace(JULY, month), encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        load_scenario(path)

    assert any(part in str(problem) for problem in raised.value.problems), raised.value
