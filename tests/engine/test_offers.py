"""Offers: a bridge worked by hand, that it always adds up, and what the break-even price means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine.offers import STEPS, offers
from tests.support.engine_cases import H100, ORDINARY, TPU_V4, Value, compute

Case = dict[str, float | int | str]


def case(changes: dict[str, Value], chip: bool = False) -> Case:
    """Inputs and quantities of the ordinary case with changes, on H100 or TPU v4."""
    accelerator = TPU_V4 if chip else H100
    return {**ORDINARY, **changes, **compute(changes, accelerator)}


def test_by_hand() -> None:
    """100 h at $2 against 80 h at $3: price +100, a peak twice as fast −150, MFU 0.5 to 0.4 +37.5, goodput 0.9 to 0.75
    +37.5, work 75 h to 80 h; overheads $10 against $0."""
    same: Case = {"training_tokens": 1, "training_flops": 1, "flops_convention": "6nd"}
    reference: Case = {
        "blended_rate": 2, "demand_gpu_hours": 100, "peak_flops_per_gpu": 1e15, "mfu": 0.5, "effective_goodput": 0.9,
        "accelerator_cost": 200, "total_cost": 200, **same,
    }  # fmt: skip
    offer: Case = {
        "blended_rate": 3, "demand_gpu_hours": 80, "peak_flops_per_gpu": 2e15, "mfu": 0.4, "effective_goodput": 0.75,
        "accelerator_cost": 240, "total_cost": 250, **same,
        "contingency": 0, "tax": 0, "support": 0, "on_demand_gpu_hours": 80, "exchange_rate": 1,
        "price_per_gpu_hour": 3,
        "check_tolerance": 1e-9,
    }  # fmt: skip
    found = offers(offer, reference, [200, 250])

    assert found["bridge_price"] == 100  # 100 h × $1
    assert found["bridge_peak"] == -150  # 50 h less at $3
    assert found["bridge_mfu"] == pytest.approx(37.5)  # 50 h / 0.8 = 62.5 h
    assert found["bridge_goodput"] == pytest.approx(37.5)  # 62.5 h × 0.9 / 0.75 = 75 h
    assert found["bridge_work"] == pytest.approx(15)
    assert found["bridge_overheads"] == 10
    assert found["offer_gap"] == 50
    assert found["check_bridge"] == "OK"
    assert found["offer_rank"] == 2
    assert found["break_even_price"] == pytest.approx(3 - 50 / 80)


CHANGES = st.fixed_dictionaries(
    {
        "price_per_gpu_hour": st.floats(0.1, 20),
        "gpus": st.integers(8, 100_000),
        "gpus_per_node": st.sampled_from([1, 4, 8, 72]),
        "spare_nodes": st.integers(0, 5),
        "stated_mfu": st.floats(0.05, 0.9),
        "goodput": st.floats(0.2, 1),
        "failed_runs": st.floats(0, 2),
        "support": st.floats(0, 0.5),
        "contingency": st.floats(0, 1),
        "tax": st.floats(0, 1),
        "reserved_share": st.floats(0, 1),
        "reserved_price": st.floats(0.1, 10),
        "commitment_months": st.sampled_from([0, 3, 12]),
        "staff_cost": st.floats(0, 1e7),
    }
)


@given(CHANGES, CHANGES, st.booleans())
def test_the_bridge_adds_up(one: dict[str, Value], two: dict[str, Value], chip: bool) -> None:
    """Whatever the offers are, chips included, the steps are the whole gap."""
    offer, reference = case(one, chip), case(two)
    found = offers(offer, reference, [float(offer["total_cost"]), float(reference["total_cost"])])
    gap = float(offer["total_cost"]) - float(reference["total_cost"])

    assert sum(float(found[step]) for step in STEPS) == pytest.approx(gap, abs=1e-9 * float(offer["total_cost"]))
    assert found["check_bridge"] == "OK"


@given(CHANGES, CHANGES)
def test_break_even_price_closes_the_gap(one: dict[str, Value], two: dict[str, Value]) -> None:
    """Put in as the price, the break-even price leaves no gap: the offer, all on demand, costs what the reference
    does."""
    one = one | {"reserved_share": 0}
    offer, reference = case(one), case(two)
    price = float(offers(offer, reference, [])["break_even_price"])
    again = case(one | {"price_per_gpu_hour": price})
    size = abs(float(reference["total_cost"])) + abs(float(offer["total_cost"]))

    assert float(offers(again, reference, [])["offer_gap"]) == pytest.approx(0, abs=1e-9 * size)


def test_checks_trip() -> None:
    """A bridge that misses its gap fails; offers of other tokens, FLOPs or conventions ask for a review."""
    one, two = case({"price_per_gpu_hour": 3}), case({})

    assert offers(one, two, [])["check_bridge"] == offers(one, two, [])["check_equal_work"] == "OK"
    short = {"demand_gpu_hours": float(one["demand_gpu_hours"]) * (1 - 1e-8)}
    assert offers(one | short, two, [])["check_bridge"] == "FAIL"
    assert offers(case({"tokens": 14e12}), two, [])["check_equal_work"] == "REVIEW"
    assert offers(case({"flops_convention": "6nd"}), two, [])["check_equal_work"] == "REVIEW"
