"""Sensitivity tables that a scenario names: any output over any two of its axes, each cell one live formula."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from sheetgen.api.build import build
from sheetgen.base.errors import InvalidInput
from sheetgen.base.resources import template_data
from sheetgen.scenario.model import default_grids
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.workbook import verify
from tests.support.columns import key_letter
from tests.support.paths import ROOT

LLAMA = (ROOT / "samples/llama405b.yaml").read_text(encoding="utf-8")
OUTPUTS: dict[str, list[str]] = template_data("sensitivity")["lists"]["outputs"]


def scenario_of(tmp_path: Path, *tables: str) -> Path:
    """The Llama sample with these tables, each a flow mapping."""
    path = tmp_path / "scenario.yaml"
    path.write_text(LLAMA + "\nsensitivity:\n" + "".join(f"  - {table}\n" for table in tables), encoding="utf-8")
    return path


def table(output: str, rows: str, columns: str) -> str:
    return f"{{output: {output}, rows: {rows}, columns: {columns}}}"


def built(tmp_path: Path, *tables: str) -> Workbook:
    """The values of the sample's workbook with these tables."""
    path = build(load_scenario(scenario_of(tmp_path, *tables)), tmp_path / "budget.xlsx")
    return openpyxl.load_workbook(path, data_only=True)


def rows_of(page: Worksheet) -> dict[str, int]:
    """The row of every key of a sheet."""
    return {str(cell.value): cell.row for cell in page[key_letter(page)] if cell.value}


@pytest.mark.parametrize("output", OUTPUTS)
def test_every_pair_of_axes(output: str, tmp_path: Path) -> None:
    """Each pair builds, which compares every cell with the engine, and verifies, with inputs moved too."""
    pairs = [pair for pair in permutations(OUTPUTS[output], 2) if pair[0] < pair[1]]
    for start in range(0, len(pairs), 6):
        some = pairs[start : start + 6]
        path = scenario_of(tmp_path, *(table(output, *pair) for pair in some))
        verdict = verify(build(load_scenario(path), tmp_path / "budget.xlsx"))
        assert verdict.agrees
        assert verdict.checks.get("FAIL", []) == []


def test_cells_by_hand(tmp_path: Path) -> None:
    """A step is 10 %: cost at a price 20 % higher is 1.2 times the base, at an MFU 10 % lower 1 / 0.9 times."""
    book = built(tmp_path, table("compute_cost", "mfu", "price_per_gpu_hour"))
    page, rows = book["Steps"], rows_of(book["Steps"])
    name = "compute_cost__mfu__price_per_gpu_hour"
    centre = page.cell(rows[f"{name}:+0"], 7).value
    assert page.cell(rows[f"{name}:+0"], 9).value == pytest.approx(centre * 1.2)
    assert page.cell(rows[f"{name}:-1"], 7).value == pytest.approx(centre / 0.9)
    checks = rows_of(book["Checks"])
    assert book["Checks"].cell(checks[f"check_{name}"], 4).value == "OK"
    assert "check_cost_mfu_price" not in checks


def test_no_step_lifts_goodput_above_one(tmp_path: Path) -> None:
    """A goodput of 90 % is 99 % one step higher and 100 % from the second on: no run trains for more than all hours."""
    page = built(tmp_path, table("calendar_days", "gpus", "effective_goodput"))["Steps"]
    rows = rows_of(page)
    name = "calendar_days__gpus__effective_goodput"
    axis = [page.cell(rows[f"{name}:axis"], column).value for column in range(4, 11)]
    days = [page.cell(rows[f"{name}:+0"], column).value for column in range(4, 11)]

    assert axis == pytest.approx([0.63, 0.72, 0.81, 0.9, 0.99, 1, 1])
    assert days[4:] == pytest.approx([days[3] / 1.1, days[3] * 0.9, days[3] * 0.9])


def ranged(tmp_path: Path, own: str) -> Path:
    """The workbook of the Llama sample with some inputs of the base."""
    source = tmp_path / "scenario.yaml"
    source.write_text(LLAMA.replace("\ncases:", f"\n{own}cases:", 1), encoding="utf-8")
    return build(load_scenario(source), tmp_path / "budget.xlsx")


def driver(path: Path, name: str) -> list[float]:
    """A driver on sheet Steps: its low, its high, the totals there and their swing."""
    page = openpyxl.load_workbook(path, data_only=True)["Steps"]
    return [float(page.cell(rows_of(page)[f"swing:{name}"], column).value) for column in range(5, 10)]


def test_drivers_stand_at_the_ends_of_their_ranges(tmp_path: Path) -> None:
    """Goodput at the 73.92 and 94.2 % of published runs beside 90 %: all of the bill goes with its inverse. A price
    from 95 to 120 % as typed; contingency, which has no range, a step of 10 %, of a total of 1.1 times the bill."""
    path = ranged(tmp_path, "risk_price_low: 95%\nrisk_price_high: 120%\n")
    low, high, dear, cheap, swing = driver(path, "effective_goodput")
    bill = dear * low / 1.1

    assert (low, high) == pytest.approx((0.7392, 0.942))
    assert cheap == pytest.approx(bill * 1.1 / high)
    assert swing == pytest.approx(dear - cheap)
    assert driver(path, "price_per_gpu_hour")[:4] == pytest.approx(
        [1.9, 2.4, dear * low / 0.9 * 0.95, dear * low / 0.9 * 1.2]
    )
    assert driver(path, "contingency")[:3] == pytest.approx([0.09, 0.11, bill / 0.9 * 1.09])


def test_failed_runs_stand_at_the_ends_of_all_compute(tmp_path: Path) -> None:
    """Failed runs of 20 %, a range of 90 to 125 % of all compute: 1.2 · 0.9 - 1 = 8 %, 1.2 · 1.25 - 1 = 50 %."""
    path = ranged(tmp_path, "failed_runs: 20%\nrisk_runs_low: 90%\nrisk_runs_high: 125%\n")
    low, high, cheap, dear, _ = driver(path, "failed_runs")

    assert (low, high) == pytest.approx((0.08, 0.5))
    assert dear / cheap == pytest.approx(1.5 / 1.08)


def test_an_overwritten_centre_fails_its_check(tmp_path: Path) -> None:
    """Negative control: with the centre typed over, verify names the cell."""
    source = scenario_of(tmp_path, table("gpu_hours", "effective_goodput", "mfu"))
    path = build(load_scenario(source), tmp_path / "budget.xlsx")
    book = openpyxl.load_workbook(path)
    page = book["Steps"]
    row = next(cell.row for cell in page[key_letter(page)] if cell.value == "gpu_hours__effective_goodput__mfu:+0")
    page.cell(row, 7).value = 1
    book.save(path)
    verdict = verify(path)
    assert not verdict.agrees
    assert [item.key for item in verdict.overwritten] == ["gpu_hours__effective_goodput__mfu:+0"]


def test_the_default_tables_keep_their_names(tmp_path: Path) -> None:
    named = load_scenario(scenario_of(tmp_path, table("calendar_days", "gpus", "mfu")))
    assert [grid.key for grid in named.grids] == ["days_gpus_mfu"]
    assert load_scenario(ROOT / "samples/llama405b.yaml").grids == default_grids()


@pytest.mark.parametrize(
    ("tables", "part"),
    [
        ([table("total_cst", "mfu", "gpus")], "did you mean 'total_cost'"),
        ([table("calendar_days", "price_per_gpu_hour", "mfu")], "is no axis of calendar_days"),
        ([table("total_cost", "mfu", "mfu")], "is on both axes"),
        (["{output: total_cost, rows: mfu}"], "sensitivity.columns: is missing"),
        (["{output: total_cost, rows: mfu, columns: gpus, colour: red}"], "unknown key"),
        (["{output: [a], rows: mfu, columns: gpus}"], "must be a single value"),
        (["total_cost"], "each table is a mapping"),
        ([table("gpu_hours", "mfu", "gpus")] * 2, "asked for twice"),
        ([table("total_cost", a, b) for a, b in list(permutations(OUTPUTS["total_cost"], 2))[:7]], "too many tables"),
    ],
)
def test_mistakes(tables: list[str], part: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        load_scenario(scenario_of(tmp_path, *tables))
    assert any(part in str(problem) for problem in raised.value.problems), raised.value


def test_no_list_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(LLAMA + "\nsensitivity: total_cost\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="must be a list of tables"):
        load_scenario(path)
