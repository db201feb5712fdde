"""Phasing: months, fiscal years, accrual and cash of hand-worked runs, and that everything ties."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgen.engine import ENGINE, phasing
from sheetgen.engine.calendar import add_months
from sheetgen.engine.quantity import collect
from tests.support.engine_cases import H100, ORDINARY, quantities, worked

Values = dict[str, Any]


def serial(text: str) -> int:
    """The serial number of an ISO date."""
    return (datetime.date.fromisoformat(text) - datetime.date(1899, 12, 30)).days


def plain(**changes: float) -> Values:
    """A run of 60 days from 2027-01-16 on that costs 600,000 of compute, and nothing else."""
    values: Values = {
        "start_date": serial("2027-01-16"), "calendar_days": 60, "run_days": 60, "ramp_days": 0,
        "finish_date": serial("2027-03-17"), "days_per_year": 365, "commitment_months": 0, "storage_months": 0,
        "payment_months": 0, "prepayment": 0, "deposit": 0, "contingency": 0, "tax": 0, "support": 0,
        "compute_cost": 600_000, "failed_runs_cost": 0, "control_plane_cost": 0, "unused_commitment_cost": 0,
        "data_acquisition_cost": 0, "software_total_cost": 0, "setup_total_cost": 0, "staff_total_cost": 0,
        "storage_cost": 0, "network_total_cost": 0, "stored_cost": 0,
    }  # fmt: skip
    return values | changes


MONTHLY = ("work_done", "accrual", "payment", "accrual_year", "payment_year")
ONCE = ("at_start_cost", "over_run_cost", "over_term_cost", "over_storage_cost", "phased_cost", "prepaid_cost")
LATER = ("accrual_later", "payment_later")


def spread(months: int = 6, year_start: int = 1, **changes: float) -> Values:
    """The run's phasing from January 2027 on."""
    timeline = {"first_month": serial("2027-01-01"), "months": months, "fiscal_year_start": year_start}
    return worked({**plain(**changes), **timeline}, (*MONTHLY, *ONCE, *LATER))


def case_of(first_month: str | int, **changes: float) -> Values:
    """A case that starts on a day."""
    start = serial(first_month) if isinstance(first_month, str) else first_month
    return {**plain(**changes), "start_date": start}


def test_by_days() -> None:
    """60 days from 16 January: 16 in January, 28 in February, 16 in March; 10,000 a day."""
    assert spread()["accrual"] == pytest.approx((160_000, 280_000, 160_000, 0, 0, 0))
    assert spread()["payment"] == pytest.approx((160_000, 280_000, 160_000, 0, 0, 0))


def test_payment_term() -> None:
    """Paid two months after it accrues."""
    assert spread(payment_months=2)["payment"] == pytest.approx((0, 0, 160_000, 280_000, 160_000, 0))


def test_prepayment() -> None:
    """A quarter at the start, the rest as it accrues, a month later: 150,000; then 75 % of each month."""
    found = spread(prepayment=0.25, payment_months=1)["payment"]

    assert found == pytest.approx((150_000, 120_000, 210_000, 120_000, 0, 0))


def test_deposit_comes_back() -> None:
    """A deposit of 50,000 is paid in the first month and returned in the month in which the run has ended."""
    found = spread(deposit=50_000)

    assert found["payment"] == pytest.approx((210_000, 280_000, 110_000, 0, 0, 0))
    assert found["accrual"] == pytest.approx((160_000, 280_000, 160_000, 0, 0, 0))


def test_purchases_at_the_start_with_contingency_and_tax() -> None:
    """40,000 of data and set-up in January, at 1.1 × 1.2."""
    found = spread(data_acquisition_cost=30_000, setup_total_cost=10_000, contingency=0.1, tax=0.2)

    assert found["accrual"][0] == pytest.approx((160_000 + 40_000) * 1.32)
    assert found["at_start_cost"] == pytest.approx(52_800)


def test_every_line_has_its_part() -> None:
    """700,000 that is computed at 1.1 for support and 35,000 beside, 100,000 unused at 1.1, 10,000 kept: all × 1.32."""
    found = spread(
        failed_runs_cost=60_000, control_plane_cost=40_000, support=0.1, staff_total_cost=10_000, storage_cost=20_000,
        network_total_cost=5_000, unused_commitment_cost=100_000, commitment_months=1, stored_cost=10_000,
        storage_months=1, software_total_cost=7_000, contingency=0.1, tax=0.2, prepayment=0.5,
    )  # fmt: skip

    assert found["at_start_cost"] == pytest.approx(7_000 * 1.32)
    assert found["over_run_cost"] == pytest.approx(805_000 * 1.32)
    assert found["over_term_cost"] == pytest.approx(110_000 * 1.32)
    assert found["over_storage_cost"] == pytest.approx(10_000 * 1.32)
    assert found["phased_cost"] == pytest.approx(932_000 * 1.32)
    assert found["prepaid_cost"] == pytest.approx(330_000 * 1.32)  # half of the accelerators, failed runs included


def test_a_later_case_pays_nothing_before_it_starts() -> None:
    """From 1 February on, in months from January: February holds 28 days of work, purchases, prepayment and deposit."""
    later = {"start_date": serial("2027-02-01"), "finish_date": serial("2027-04-02")}
    found = spread(**later, data_acquisition_cost=40_000, prepayment=0.25, deposit=50_000)

    assert found["accrual"] == pytest.approx((0, 320_000, 310_000, 10_000, 0, 0))
    # 150,000 + 50,000 + 40,000 + 75 % of 280,000; then 75 % of the work, and the deposit back in April
    assert found["payment"] == pytest.approx((0, 450_000, 232_500, 7_500 - 50_000, 0, 0))
    at_once = spread(**later, calendar_days=0, run_days=0)
    assert at_once["accrual"] == (0, 600_000, 0, 0, 0, 0)


def test_the_deposit_is_held_to_the_last_day() -> None:
    """A run that ends on 1 April has not ended in March."""
    found = spread(run_days=75, calendar_days=75, finish_date=serial("2027-04-01"), deposit=50_000, compute_cost=0)

    assert found["payment"] == (50_000, 0, 0, -50_000, 0, 0)


def test_commitment_and_storage_last_longer_than_the_run() -> None:
    """73,000 unused over a term of 73 days (2.4 months of 365 days), storage of 12,000 over a year: 1,000 a day and
    12,000/365."""
    found = spread(
        months=14, unused_commitment_cost=73_000, commitment_months=2.4, stored_cost=12_000, storage_months=12
    )

    assert found["accrual"][0] == pytest.approx(160_000 + 16_000 + 12_000 * 16 / 365)
    assert found["accrual"][2] == pytest.approx(160_000 + 29_000 + 12_000 * 31 / 365)  # the term ends on 30 March
    assert found["accrual"][12] == pytest.approx(12_000 * 15 / 365)
    assert found["accrual_later"] == pytest.approx(0, abs=1e-6)


def test_ramp() -> None:
    """With a ramp of 32 days the first 16 do (16/32)² of its 16 days, 4 days: 40,000; the run takes 76 days."""
    found = spread(ramp_days=32, run_days=76, finish_date=serial("2027-04-02"))

    assert found["accrual"][0] == pytest.approx(40_000)
    assert found["work_done"][1] == pytest.approx((44 - 16) / 60)
    assert sum(found["accrual"]) == pytest.approx(600_000)


def test_fiscal_years() -> None:
    """A year from October: all of it in the one from October 2026; a year from February: January is in the one
    before."""
    assert spread(year_start=10)["accrual_year"] == pytest.approx((600_000, 0))
    assert spread(year_start=2)["accrual_year"] == pytest.approx((160_000, 440_000))
    assert spread(year_start=2, payment_months=1)["payment_year"] == pytest.approx((0, 600_000))
    years = [
        worked({"first_month": serial(day), "fiscal_year_start": 10}, ["first_fiscal_year"])["first_fiscal_year"]
        for day in ("2027-01-01", "2027-10-01")
    ]
    assert years == [serial("2026-10-01"), serial("2027-10-01")]


def test_what_comes_later() -> None:
    """Three months of a run that is paid two months later hold its accrual, and not all of its cash."""
    found = spread(months=3, payment_months=2)

    assert found["accrual_later"] == pytest.approx(0, abs=1e-9)
    assert found["payment_later"] == pytest.approx(440_000)


def test_calendar() -> None:
    """Months of a leap year, and first months of several starts."""
    assert add_months(serial("2028-01-01"), 1) == serial("2028-02-01")
    assert add_months(serial("2028-12-01"), 1) == serial("2029-01-01")
    starts = [case_of("2027-03-20"), case_of("2027-02-28")]
    assert {case["first_month"] for case in ENGINE.evaluate_cases(starts, ["first_month"])} == {serial("2027-02-01")}


def test_the_calendar_ends() -> None:
    """A month beyond 9999 is the last day that there is, 2958465, and no error."""
    assert add_months(serial("9999-11-01"), 1) == serial("9999-12-01")
    assert add_months(serial("9999-12-01"), 1) == add_months(serial("9999-12-01"), 50) == 2_958_465
    assert add_months(2_958_465, 1) == 2_958_465
    assert ENGINE.evaluate_cases([case_of(3_000_000)], ["first_month"])[0]["first_month"] == serial("9999-12-01")


def needed(*cases: Values) -> int:
    """The months of the timeline that these cases share."""
    found: int = ENGINE.evaluate_cases(cases, ["months_needed"])[0]["months_needed"]
    return found


def test_months_needed() -> None:
    """The run ends in March, paid two months later: five months, a quarter of them and two more; never above 36."""
    assert needed(plain(payment_months=2)) == 5 + 1 + 2
    assert needed(plain()) == 6
    # a year of commitment from 16 January ends in the 13th month, two years of storage in the 25th
    assert needed(plain(commitment_months=12)) == 13 + 3 + 2
    assert needed(plain(storage_months=24), plain()) == 25 + 6 + 2
    assert needed(plain(run_days=1e6, finish_date=1e6)) == 36


CHECKS = [item.key for item in collect(phasing) if item.unit == "status"]


def test_a_free_run_passes() -> None:
    """Where there is nothing to pay, nothing is missing."""
    found = worked({**spread(compute_cost=0), "total_cost": 0, "check_tolerance": 1e-9}, CHECKS)

    assert {found[key] for key in CHECKS} == {"OK"}


@settings(max_examples=150)
@given(st.data())
def test_sums_tie_on_every_axis(data: st.DataObject) -> None:
    """By month, by fiscal year, on accrual and on cash: whatever the run, its parts and terms, the sum is the total."""
    money = st.floats(0, 1e8)
    amounts = ("data_cost", "staff_cost", "storage_cost", "network_cost", "software_cost", "setup_cost", "deposit")
    shares = ("prepayment", "contingency", "tax", "support")
    changes: dict[str, float | str] = {key: data.draw(money, key) for key in amounts}
    changes |= {key: data.draw(st.floats(0, 1), key) for key in shares}
    changes |= {
        "gpus": data.draw(st.integers(500, 100_000), "gpus"),
        "start_date": data.draw(st.integers(serial("2026-01-01"), serial("2030-12-31")), "start"),
        "ramp_days": data.draw(st.floats(0, 60), "ramp"),
        "buffer_days": data.draw(st.integers(0, 60), "buffer"),
        "payment_months": data.draw(st.integers(0, 6), "term"),
        "reserved_share": data.draw(st.floats(0, 1), "reserved"),
        "reserved_price": 1.5,
        "commitment_months": data.draw(st.sampled_from([0, 1, 6, 24]), "commitment"),
        "dataset_tb": data.draw(st.floats(0, 100), "dataset"),
        "storage_months": data.draw(st.sampled_from([0, 3, 12]), "storage"),
        "storage_price": 20,
        "failed_runs": data.draw(st.floats(0, 2), "failed"),
    }
    months = data.draw(st.integers(1, 60), "months")
    timeline = {"months": months, "fiscal_year_start": data.draw(st.integers(1, 12), "year start")}
    found = quantities({**ORDINARY, **changes, **timeline})[0]
    total = pytest.approx(found["total_cost"], rel=1e-9)

    for flow in ("accrual", "payment"):
        for series in (flow, f"{flow}_year"):
            amounts = [amount for key, amount in found.items() if key.startswith(f"{series}:")]
            assert sum(amounts) + found[f"{flow}_later"] == total
    assert {found[key] for key in CHECKS if key != "check_horizon"} == {"OK"}
    enough = needed({**ORDINARY, "accelerators": {H100.key: H100}, **changes})
    if enough < 36:
        assert quantities({**ORDINARY, **changes, **timeline, "months": enough})[0]["check_horizon"] == "OK"
