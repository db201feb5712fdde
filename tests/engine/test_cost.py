"""The cost stack as properties: lines and tiers sum. What was worked by hand stands in tests/worked/cost.yaml."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine import cost, tiers
from sheetgen.engine.quantity import collect
from tests.support.engine_cases import figures, worked

RATES = {"price_per_gpu_hour": 3, "reserved_price": 0, "spot_price": 0, "exchange_rate": 1}
TIERS = {"reserved_share": 0, "commitment_months": 0, "spot_share": 0, "spot_overhead": 0}
LINES = ("data", "staff", "storage", "network", "software", "setup")
STORED = ("dataset_tb", "checkpoints_kept", "checkpoint_bytes", "storage_months", "storage_price", "egress_tb")
NOTHING = dict.fromkeys(
    (*(f"{line}_cost" for line in LINES), *STORED, "egress_price", "control_plane_price", "failed_runs", "support",
     "contingency", "tax", "parameters", *(f"other_amount_{number}" for number in range(1, 6))), 0,
)  # fmt: skip
MONEY = st.floats(0, 1e9)
SHARES = st.floats(0, 1)


def bill(hours: float = 480, *, gpus: float = 1, **changes: float) -> SimpleNamespace:
    """The cost of a run of so many GPU-hours on ``gpus`` GPUs at $3, in months of 730 hours."""
    run = {
        "gpu_hours": hours, "billed_gpus": gpus, "billed_gpu_hours": hours, "elapsed_seconds": hours / gpus * 3600,
        "hours_per_month": 730, "calendar_months": 2, "training_tokens": 1e6, "training_flops": 1e18,
    }  # fmt: skip
    named = [item for item in collect(tiers, cost) if not item.key.startswith("unnamed")]
    wanted = [item.key for item in named if item.unit not in {"status", "day"}]
    return SimpleNamespace(**worked({**run, **RATES, **TIERS, **NOTHING, **changes}, wanted))


def test_lines_of_ones_own_by_hand() -> None:
    """480 GPU-hours at $3, insurance of $500 and audits of $60: $2,000 before 10 % of contingency, $2,200."""
    found = bill(other_amount_1=500, other_amount_4=60, contingency=0.1)

    assert (found.other_line_1, found.other_line_2, found.other_line_4) == (500, 0, 60)
    assert found.own_lines_cost == found.other_cost == 560
    assert found.cost_before_contingency == 2000
    assert found.total_cost == found.total_by_tiers == pytest.approx(2200)


def test_a_case_in_another_currency() -> None:
    """$2.50 at 0.9 € are €2.25 for training and for inference; a rate of ten days before the budget is ten days old."""
    abroad: dict[str, float | str] = {
        "quote_currency": "USD",
        "currency": "EUR",
        "exchange_rate": 0.9,
        "exchange_date": 45_940,
    }
    own, converted = figures({}), figures({**abroad, "exchange_source": "a central bank"})

    assert converted["on_demand_rate"] == pytest.approx(2.25)
    assert converted["exchange_age"] == 10
    assert own["exchange_age"] == 0
    for key in ("total_cost", "decode_cost_per_million_tokens"):
        assert converted[key] / own[key] == pytest.approx(0.9)


@given(MONEY, st.floats(0, 10), SHARES, st.lists(MONEY, min_size=7, max_size=7), SHARES, SHARES)
def test_lines_sum_to_the_total(
    hours: float, failed: float, support: float, others: list[float], contingency: float, tax: float
) -> None:
    """Whatever the lines are, they add up."""
    lines = {f"{line}_cost": amount for line, amount in zip(LINES, others[:-1], strict=True)}
    lines["other_amount_3"] = others[-1]
    found = bill(hours, **lines, failed_runs=failed, support=support, contingency=contingency, tax=tax)
    stack = (
        found.compute_cost, found.failed_runs_cost, found.unused_commitment_cost, found.control_plane_cost,
        found.support_cost, found.data_acquisition_cost, found.staff_total_cost, found.storage_total_cost,
        found.network_total_cost, found.software_total_cost, found.setup_total_cost, found.contingency_cost,
        found.tax_cost, found.other_line_3,
    )  # fmt: skip

    assert sum(stack) == pytest.approx(found.total_cost) == found.total_by_tiers


@given(st.floats(1, 1e7), st.integers(1, 10_000), SHARES, SHARES, st.floats(0, 36), st.floats(0, 2), st.floats(0, 3))
def test_tiers_are_the_hours_needed(
    hours: float, gpus: int, first: float, second: float, months: float, overhead: float, failed: float
) -> None:
    """Hours by tier, without what interruptions waste, are the hours needed; and what is paid is used or unused."""
    reserved, spot = min(first, second), max(first, second) - min(first, second)  # together at most 1
    bought = {"reserved_share": reserved, "commitment_months": months, "spot_share": spot, "spot_overhead": overhead}
    found = bill(hours, reserved_price=2, spot_price=1, **bought, gpus=gpus, failed_runs=failed)
    counted = found.on_demand_gpu_hours + found.reserved_gpu_hours + found.spot_gpu_hours / (1 + overhead)

    assert counted == pytest.approx(hours * (1 + failed))
    assert found.committed_gpu_hours == pytest.approx(found.reserved_gpu_hours + found.unused_gpu_hours)
    assert min(found.unused_gpu_hours, found.overflow_gpu_hours) == pytest.approx(0, abs=1e-6 * hours)
    assert found.accelerator_bill == pytest.approx(found.accelerator_cost + found.unused_commitment_cost)
