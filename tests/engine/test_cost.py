"""The cost stack: tiers, commitments, storage, conversion and the lines of the budget, by hand and as properties."""

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
     "contingency", "tax", "parameters"), 0,
)  # fmt: skip
MONEY = st.floats(0, 1e9)
SHARES = st.floats(0, 1)
HALF_RESERVED = {"reserved_price": 2, "reserved_share": 0.5}


def bill(hours: float = 480, *, gpus: float = 1, **changes: float) -> SimpleNamespace:
    """The cost of a run of so many GPU-hours on ``gpus`` GPUs at $3, in months of 730 hours."""
    run = {
        "gpu_hours": hours, "billed_gpus": gpus, "billed_gpu_hours": hours, "elapsed_seconds": hours / gpus * 3600,
        "hours_per_month": 730, "calendar_months": 2, "training_tokens": 1e6, "training_flops": 1e18,
    }  # fmt: skip
    wanted = [item.key for item in collect(tiers, cost) if item.unit not in {"status", "day"}]
    return SimpleNamespace(**worked({**run, **RATES, **TIERS, **NOTHING, **changes}, wanted))


def test_lines_by_hand() -> None:
    """480 GPU-hours at $3: $1,440; half again failed, 10 % support on $2,160, $24 beside: $2,400; 10 % and 20 %."""
    lines = {"data_cost": 4, "staff_cost": 5, "storage_cost": 3, "network_cost": 6, "software_cost": 2, "setup_cost": 4}
    found = bill(**lines, failed_runs=0.5, support=0.1, contingency=0.1, tax=0.2)

    assert found.compute_cost == 1440
    assert found.failed_runs_cost == 720
    assert found.support_cost == pytest.approx(216)
    assert found.other_cost == 24
    assert found.cost_before_contingency == pytest.approx(2400)
    assert found.contingency_cost == pytest.approx(240)
    assert found.tax_cost == pytest.approx(528)
    assert found.total_cost == pytest.approx(3168)


def test_deepseek_v3() -> None:
    """DeepSeek-V3 (arXiv:2412.19437, table 1): 2,664K + 119K + 5K H800 hours at $2 are $5.328M + $0.238M + $0.01M."""
    parts = [bill(hours, price_per_gpu_hour=2).total_cost for hours in (2_664_000, 119_000, 5_000)]

    assert parts == [5_328_000, 238_000, 10_000]
    assert sum(parts) == 5_576_000


def test_deepseek_v3_with_context_and_post_training_as_further_runs() -> None:
    """The same as one budget: the other stages are 124/2,664 of the main run; the total is $5.576 million again."""
    found = bill(2_664_000, price_per_gpu_hour=2, failed_runs=124 / 2664)

    assert found.total_cost == pytest.approx(5_576_000)


def test_tiers_without_a_commitment() -> None:
    """1,000 h: half reserved at $2, a fifth on spot at $1 with a quarter wasted, the rest at $3: 1,000 + 250 + 900."""
    found = bill(1000, **HALF_RESERVED, spot_price=1, spot_share=0.2, spot_overhead=0.25)

    assert (found.reserved_gpu_hours, found.spot_gpu_hours, found.on_demand_gpu_hours) == (500, 250, 300)
    assert (found.reserved_cost, found.spot_cost, found.on_demand_cost) == (1000, 250, 900)
    assert found.accelerator_cost == found.compute_cost == 2150
    assert found.blended_rate == pytest.approx(2.15)
    assert found.unused_commitment_cost == 0


def test_a_commitment_that_is_not_used_up() -> None:
    """10 GPUs run 100 h each; half of them are reserved for a month of 730 h: 5 × 730 − 500 = 3,150 h unused at $2."""
    found = bill(1000, **HALF_RESERVED, commitment_months=1, gpus=10)

    assert found.committed_gpu_hours == 3650
    assert found.reserved_gpu_hours == 500
    assert found.unused_commitment_cost == 6300
    assert found.total_cost == 500 * 3 + 3650 * 2


def test_support_and_term_of_a_commitment() -> None:
    """Two months are 5 × 1,460 − 500 = 6,800 h unused at $2; 10 % support is on $2,500 that is used and on them."""
    found = bill(1000, **HALF_RESERVED, commitment_months=2, gpus=10, support=0.1)

    assert found.unused_commitment_cost == 13_600
    assert found.support_cost == pytest.approx(1610)
    assert found.total_cost == pytest.approx(17_710)


def test_a_run_that_outlasts_its_commitment() -> None:
    """10 GPUs run 1,460 h each; half are reserved for 730 h: what they need beyond it, 5 × 730 h, is on demand."""
    found = bill(14_600, **HALF_RESERVED, commitment_months=1, gpus=10)

    assert found.reserved_gpu_hours == found.committed_gpu_hours == 3650
    assert found.overflow_gpu_hours == 3650
    assert found.on_demand_gpu_hours == 7300 + 3650
    assert found.unused_gpu_hours == 0


def test_failed_runs_use_up_a_commitment() -> None:
    """Exploratory runs are hours like others: with half again, 250 h more of the reserved ones are used."""
    assert bill(1000, **HALF_RESERVED, commitment_months=1, gpus=10, failed_runs=0.5).unused_gpu_hours == 3650 - 750


def test_a_quote_in_another_currency() -> None:
    """$3 at 0.9 € are €2.70 an hour; 480 h are €1,296. Amounts beside are in euros already."""
    found = bill(exchange_rate=0.9, staff_cost=100)

    assert found.on_demand_rate == pytest.approx(2.7)
    assert found.total_cost == pytest.approx(1296 + 100)


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


def test_storage_and_egress() -> None:
    """70e9 parameters at 14 bytes are 0.98 TB; 10 of them and 60 TB, 12 months at $20: 69.8 × 240; 15 TB out at $45."""
    found = bill(
        storage_cost=1000, network_cost=500, dataset_tb=60, checkpoints_kept=10, checkpoint_bytes=14,
        storage_months=12, storage_price=20, egress_tb=15, egress_price=45, parameters=70e9,
    )  # fmt: skip

    assert found.checkpoint_tb == pytest.approx(0.98)
    assert found.stored_tb == pytest.approx(69.8)
    assert found.stored_cost == pytest.approx(16_752)
    assert found.storage_total_cost == pytest.approx(17_752)
    assert found.network_total_cost == pytest.approx(1175)


def test_control_plane() -> None:
    """10 GPUs for 100 h with a control plane of $50 an hour, half again for failed runs: 150 h, $7,500, 10 %
    support."""
    found = bill(1000, price_per_gpu_hour=0, control_plane_price=50, gpus=10, failed_runs=0.5, support=0.1)

    assert found.control_plane_cost == 7500
    assert found.total_cost == pytest.approx(8250)


@given(MONEY, st.floats(0, 10), SHARES, st.lists(MONEY, min_size=6, max_size=6), SHARES, SHARES)
def test_lines_sum_to_the_total(
    hours: float, failed: float, support: float, others: list[float], contingency: float, tax: float
) -> None:
    """Whatever the lines are, they add up."""
    lines = {f"{line}_cost": amount for line, amount in zip(LINES, others, strict=True)}
    found = bill(hours, **lines, failed_runs=failed, support=support, contingency=contingency, tax=tax)
    stack = (
        found.compute_cost, found.failed_runs_cost, found.unused_commitment_cost, found.control_plane_cost,
        found.support_cost, found.data_acquisition_cost, found.staff_total_cost, found.storage_total_cost,
        found.network_total_cost, found.software_total_cost, found.setup_total_cost, found.contingency_cost,
        found.tax_cost,
    )  # fmt: skip

    assert sum(stack) == pytest.approx(found.total_cost)


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


def test_whole_and_spare_nodes_are_paid() -> None:
    """2,044 GPUs in nodes of 8 with 4 spares are 2,080 that are paid: 1.76 % more than without."""
    single, nodes = figures({"gpus": 2044}), figures({"gpus": 2044, "gpus_per_node": 8, "spare_nodes": 4})

    assert nodes["total_cost"] / single["total_cost"] == pytest.approx(2080 / 2044)
    assert nodes["calendar_days"] == single["calendar_days"]
