"""Plan against actual: earned value by hand, realised MFU and goodput, dates, and the checks."""

from __future__ import annotations

from typing import Any

import pytest

from sheetgen.engine import OPTIONAL
from sheetgen.engine.calendar import add_months
from tests.support.engine_cases import worked

JANUARY = 46388  # 2027-01-01
PLAN: dict[str, float | str] = {
    "total_cost": 100.0, "training_tokens": 1000.0, "start_date": JANUARY, "finish_date": JANUARY + 120,
    "peak_flops_per_gpu": 1e12, "training_flops_per_token": 1.8e15,
}  # fmt: skip
ACCRUED = (25.0, 50.0, 75.0, 100.0)
Month = tuple[float | None, float | None, float | None, float | None]


def after(*months: Month | None, accrued: tuple[float, ...] = ACCRUED, **changes: float | str) -> dict[str, Any]:
    """What the months say of a run of as many months as accrue."""
    timeline = {"actuals": months, "accrued": accrued, "months": len(accrued), "first_month": JANUARY}
    return worked({**PLAN, **timeline, **changes}, [item.key for item in OPTIONAL["actuals"]])


def test_earned_value_by_hand() -> None:
    """Two months of four: 40 % of the tokens for 50 of 100, when half was planned: CPI 0.8, SPI 0.8, at completion
    125."""
    found = after((10, 8, 150, 20), (10, 9, 250, 30))

    assert found["share_done"] == pytest.approx(0.4)
    assert (found["earned_value"], found["planned_value"], found["actual_spend"]) == (40, 50, 50)
    assert found["cost_performance"] == pytest.approx(0.8)
    assert found["schedule_performance"] == pytest.approx(0.8)
    assert found["estimate_at_completion"] == pytest.approx(125)
    assert found["estimate_to_complete"] == pytest.approx(75)
    assert found["variance_at_completion"] == pytest.approx(-25)


def test_a_published_example() -> None:
    """Intuit QuickBooks, "Using earned value management": of 100,000, 55,000 planned, 50,000 earned, 45,000 spent: SPI
    0.91, CPI 1.11, at completion 90,000."""
    found = after((10, 9, 500, 45_000), accrued=(55_000, 100_000), total_cost=100_000)

    assert round(float(found["schedule_performance"]), 2) == 0.91
    assert round(float(found["cost_performance"]), 2) == 1.11
    assert found["estimate_at_completion"] == pytest.approx(90_000)


def test_realised_mfu_and_goodput_by_hand() -> None:
    """17 of 20 GPU-hours trained: 85 %. 400 tokens × 1.8e15 FLOP over 17 h × 3600 s × 1e12 FLOP/s: no more than 1,176
    %; with 0.8e11 FLOP a token 0.0523 %."""
    found = after((10, 8, 150, 20), (10, 9, 250, 30), training_flops_per_token=8e10)

    assert found["realised_goodput"] == pytest.approx(0.85)
    assert found["realised_mfu"] == pytest.approx(400 * 8e10 / (17 * 3600 * 1e12))
    assert found["month_goodput"][1] == pytest.approx(0.9)
    assert found["month_mfu"][0] == pytest.approx(150 * 8e10 / (8 * 3600 * 1e12))
    assert found["month_mfu"][2] == 0


def test_date_at_completion_by_hand() -> None:
    """400 tokens in 31 + 28 days; 600 are left at 6.78 a day: 88.5 days, so 89 after 1 March."""
    found = after((10, 8, 150, 20), (10, 9, 250, 30))

    assert found["status_date"] == add_months(JANUARY, 2) == JANUARY + 59
    assert found["tokens_per_day"] == pytest.approx(400 / 59)
    assert found["completion_date"] == JANUARY + 59 + 89


def test_nothing_typed_is_the_plan() -> None:
    """Without a month behind us the estimate is the budget, and the date the planned one."""
    found = after()

    assert (found["months_typed"], found["estimate_at_completion"], found["completion_date"]) == (0, 100, JANUARY + 120)
    assert found["planned_value"] == 0
    assert {found[key] for key in found if key.startswith("check_")} == {"OK"}


def test_done_is_done() -> None:
    """All tokens trained: nothing is left, and the date is that of the status."""
    found = after((10, 8, 1000, 90))

    assert found["completion_date"] == found["status_date"]
    assert found["estimate_at_completion"] == pytest.approx(90)


def test_on_plan_forecasts_the_plan() -> None:
    """Earned and spent as planned: both indices are 1, the estimate is the budget."""
    found = after((10, 9, 250, 25), (10, 9, 250, 25))

    assert found["cost_performance"] == found["schedule_performance"] == 1
    assert found["variance_at_completion"] == 0


@pytest.mark.parametrize(
    ("key", "months"),
    [
        ("check_actuals_order", [(10, 8, 1, 1), None, (10, 8, 1, 1)]),
        ("check_actuals_complete", [(None, 8, 1, 1)]),
        ("check_actuals_complete", [(10, 8, 1, 1), (None, None, None, 5)]),
        ("check_actuals_hours", [(10, 11, 1, 1)]),
        ("check_actuals_mfu", [(10, 8, 1000, 1)]),
    ],
)
def test_checks_trip(key: str, months: list[Month | None]) -> None:
    """A gap, tokens without hours, more hours trained than billed, an MFU above 1: each fails its check."""
    assert after(*months)[key] == "FAIL"
    assert after((10, 8, 0.001, 1))[key] == "OK"
