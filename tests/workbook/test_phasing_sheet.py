"""Sheet Phasing and what Summary shows of it: months and years in the file, edits, and checks that trip."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from sheetgen.api.build import build
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.workbook import verify
from sheetgen.workbook.plan import plan
from tests.support.changes import at, with_formula
from tests.support.columns import key_index, key_letter
from tests.support.memories import FormualizerMemory
from tests.support.office import XLSX, convert
from tests.support.paths import ROOT
from tests.support.probes import formula_places, sample

TENDER = "procurement-70b"


@functools.cache
def cached_rows(path: Path, sheet: str) -> dict[str, tuple[object, ...]]:
    """The cached values of a sheet's rows by key, the first one where a key stands twice."""
    page = openpyxl.load_workbook(path, data_only=True)[sheet]
    return {str(row[key_index(page)]): row for row in reversed(list(page.iter_rows(values_only=True)))}


def cells(path: Path, sheet: str, prefix: str, column: int = 3) -> list[float]:
    """The cached numbers of the rows whose key starts with ``prefix:`` and a number, in order."""
    found = {
        int(key.partition(":")[2]): row[column]
        for key, row in cached_rows(path, sheet).items()
        if key.startswith(f"{prefix}:") and key.partition(":")[2].isdigit()
    }
    return [float(found[number]) for number in sorted(found)]  # type: ignore[arg-type]  # numbers by the pattern


def value(path: Path, sheet: str, key: str, column: int = 3) -> float:
    """The cached number of a row."""
    return float(cached_rows(path, sheet)[key][column])  # type: ignore[arg-type]  # a number


def test_llama_by_days(built_samples: Mapping[str, Path]) -> None:
    """$63.59 million over 73.5 days from 4 January 2027: 28 days, 28 days and the rest, $865,075 a day."""
    path = built_samples["llama405b"]
    total = value(path, "Cost", "total_cost")
    per_day = total / value(path, "Time", "calendar_days")

    assert cells(path, "Phasing", "accrual")[:4] == pytest.approx([28 * per_day, 28 * per_day, total - 56 * per_day, 0])
    assert cells(path, "Phasing", "payment") == cells(path, "Phasing", "accrual")


def test_first_days_are_dates(built_samples: Mapping[str, Path]) -> None:
    """Months and fiscal years are live dates: the months of the tender start in July 2026, its years in October."""
    page = openpyxl.load_workbook(built_samples[TENDER], data_only=True)["Phasing"]
    dates = {str(row[1].value): row[0].value for row in page.iter_rows()}

    assert dates["accrued:1"] == datetime.datetime(2026, 7, 1)
    assert dates["accrued:8"] == datetime.datetime(2027, 2, 1)
    assert dates["accrual_year:1"] == datetime.datetime(2025, 10, 1)
    assert dates["accrual_year:2"] == datetime.datetime(2026, 10, 1)


@pytest.mark.parametrize("name", ["llama405b", TENDER])
def test_sums_tie_in_the_file(built_samples: Mapping[str, Path], name: str) -> None:
    """By month, by fiscal year, by line, in every case: the cells of the file sum to the total."""
    path = built_samples[name]
    lines = (
        "compute_cost", "failed_runs_cost", "unused_commitment_cost", "control_plane_cost", "support_cost",
        "data_acquisition_cost", "staff_total_cost", "storage_total_cost", "network_total_cost", "software_total_cost",
        "setup_total_cost", "contingency_cost", "tax_cost",
    )  # fmt: skip
    for column in range(3, 3 + len(sample(name).cases)):
        total = pytest.approx(value(path, "Cost", "total_cost", column), rel=1e-9)
        for series in ("accrual", "accrual_year"):
            assert (
                sum(cells(path, "Phasing", series, column)) + value(path, "Phasing", "accrual_later", column) == total
            )
        for series in ("payment", "payment_year"):
            assert (
                sum(cells(path, "Phasing", series, column)) + value(path, "Phasing", "payment_later", column) == total
            )
        assert sum(value(path, "Cost", key, column) for key in lines) == total


def test_summary_shows_the_years_of_the_case_put_forward(built_samples: Mapping[str, Path]) -> None:
    """The fiscal years of Summary are those of Phasing in the second column, vendor B's."""
    path = built_samples[TENDER]

    for sheet, accrued in (("Summary", 1), ("Budget", 3)):
        assert cells(path, sheet, "year", accrued) == cells(path, "Phasing", "accrual_year", 4)
        assert cells(path, sheet, "year", accrued + 1) == cells(path, "Phasing", "payment_year", 4)


def test_a_later_start_edited_in_the_file(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """Start, payment term and fiscal year edited, saved by LibreOffice: the months move, the sums stay, verify
    agrees."""
    book = openpyxl.load_workbook(built_samples["llama405b"])
    page = book["Inputs"]
    rows = {str(cell.value): cell.row for cell in page[key_letter(page)]}
    page.cell(rows["start_date"], 4).value = datetime.date(2027, 5, 17)
    page.cell(rows["payment_months"], 4).value = 1
    page.cell(rows["fiscal_year_start"], 4).value = 7
    path = tmp_path / "later.xlsx"
    book.save(path)
    (saved,) = convert([path], XLSX, tmp_path)
    verdict = verify(saved)

    assert verdict.agrees
    months = cells(saved, "Phasing", "accrual")
    per_day = value(saved, "Cost", "total_cost") / value(saved, "Time", "calendar_days")
    assert months[:3] == pytest.approx([15 * per_day, 30 * per_day, 28.5 * per_day], rel=0.01)
    assert cells(saved, "Phasing", "payment")[1:4] == pytest.approx(months[:3])
    assert cells(saved, "Phasing", "accrual_year")[0] == pytest.approx(45 * per_day)


@pytest.mark.parametrize(
    ("sheet", "key", "formula", "check"),
    [
        ("Phasing", "at_start_cost", "1", "check_phasing_parts"),
        ("Phasing", "accrual:2", "1", "check_accrual_months"),
        ("Phasing", "payment:2", "1", "check_payment_months"),
        ("Phasing", "accrual_year:1", "1", "check_accrual_years"),
        ("Phasing", "payment_year:1", "1", "check_payment_years"),
        ("Phasing", "accrual_later", "1", "check_horizon"),
        ("Cost", "on_demand_gpu_hours", "1", "check_tier_hours"),
        ("Cost", "failed_runs_cost", "1", "check_cost_lines"),
        ("Offers", "bridge_peak", "1", "check_bridge"),
        ("RentOrBuy", "break_even_rent", "1", "check_break_even"),
        ("Risk", "cost_p50", "1", "check_risk_quantiles"),
    ],
)
def test_a_broken_formula_trips_its_check(
    built_samples: Mapping[str, Path], tmp_path: Path, sheet: str, key: str, formula: str, check: str
) -> None:
    """Negative control: with one formula another, the check of that figure does not say OK, nor does the master
    check."""
    book = plan(sample(TENDER))
    path = with_formula(built_samples[TENDER], tmp_path, at(book, sheet, key), formula)
    values = FormualizerMemory(path).values(formula_places(book))

    assert values[at(book, "Checks", check)] in {"FAIL", "REVIEW"}
    assert values[at(book, "Checks", "master_check")] in {"FAIL", "REVIEW"}
    assert not verify(path).agrees


def test_the_top_assumptions_of_the_summary(built_samples: Mapping[str, Path]) -> None:
    """Llama: goodput over the range that was published, 73.92 to 94.2 % for the 90 % of the budget, moves the total by
    its inverse; price and FLOPs by a step of 10 % each way; contingency by a tenth of its 10 %."""
    page = openpyxl.load_workbook(built_samples["llama405b"], data_only=True)["Summary"]
    rows = [row for row in page.iter_rows() if str(row[key_index(page)].value).startswith("top:")]
    total = value(built_samples["llama405b"], "Cost", "total_cost")
    shown = {str(row[0].value): [float(str(cell.value)) for cell in row[1:4]] for row in rows}
    low, high = 0.9 / 0.7392 - 1, 0.9 / 0.942 - 1

    assert list(shown) == ["Goodput", "Price per GPU-hour", "Training FLOPs of the run", "MFU", "Contingency"]
    assert shown["Goodput"] == pytest.approx([total * low, total * high, low - high])
    assert shown["Price per GPU-hour"] == pytest.approx([-total * 0.1, total * 0.1, 0.2])
    assert shown["Training FLOPs of the run"] == pytest.approx([-total * 0.1, total * 0.1, 0.2])
    assert shown["Contingency"][2] == pytest.approx(0.02 / 1.1)


def test_lines_at_zero_are_named_in_a_sentence(built_samples: Mapping[str, Path]) -> None:
    """Budget has every line, and its total is their sum; Summary lists those that are not zero and names the others."""
    book = openpyxl.load_workbook(built_samples["llama405b"], data_only=True)
    page = book["Budget"]
    amounts = {str(row[key_index(page)].value): row[4].value for row in page.iter_rows()}
    total = amounts.pop("total_cost@chosen")
    lines = {key: amount for key, amount in amounts.items() if key.endswith("_cost@chosen")}
    summary = book["Summary"]
    shown = {str(row[key_index(summary)].value): (row[0].value, row[3].value) for row in summary.iter_rows()}

    assert sum(lines.values()) == pytest.approx(total, rel=1e-12)
    assert shown["line:1"] == ("Compute, main run", lines["compute_cost@chosen"])
    assert shown["line:2"] == ("Contingency", lines["contingency_cost@chosen"])
    assert shown["line:3"] == ("–", 0)
    said = shown["not_included"][0]
    assert said == (
        "Not included: failed runs, commitment, CPU nodes, support, data, staff, storage, network, software, setup, "
        "others, tax."
    )


def test_risks_and_exclusions_are_said(tmp_path: Path) -> None:
    """What the scenario says of risks and exclusions stands on Summary, live from sheet Inputs."""
    text = (ROOT / "samples/llama405b.yaml").read_text(encoding="utf-8")
    path = tmp_path / "scenario.yaml"
    path.write_text(text + "\nrisk_1: =1+1 is no formula\nexclusion_1: Evaluation\n", encoding="utf-8")
    out = build(load_scenario(path), tmp_path / "budget.xlsx")
    page = openpyxl.load_workbook(out, data_only=True)["Summary"]
    texts = {str(row[0].value) for row in page.iter_rows()}

    assert {"=1+1 is no formula", "Evaluation"} <= texts
    assert verify(out).agrees
