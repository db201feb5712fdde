"""Offers: a bridge worked by hand, that it always adds up, and what the break-even price means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine import ENGINE, OPTIONAL
from tests.support.engine_cases import H100, ORDINARY, TPU_V4, Value, quantities

Case = dict[str, Any]
STEPS = ("bridge_price", "bridge_peak", "bridge_mfu", "bridge_goodput", "bridge_work", "bridge_overheads")


def beside(offer: Mapping[str, Any], reference: Mapping[str, Any], chip: bool = False) -> tuple[Case, Case]:
    """Quantities of an offer, on H100 or TPU v4, and of the one that it is compared with."""
    table = {chip.key: chip for chip in (H100, TPU_V4)}
    shared = {**ORDINARY, "accelerators": table, "reference_case_number": 2}
    offer = {**shared, **offer, "accelerator": (TPU_V4 if chip else H100).key}
    one, two = quantities(offer, {**shared, **reference}, sheets=("offers",))
    return one, two


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
    uplift = {"contingency": 0, "tax": 0, "support": 0, "reference_case_number": 2}
    wanted = [item.key for item in OPTIONAL["offers"]]
    found, _ = ENGINE.evaluate_cases([{**uplift, **offer}, {**offer, **uplift, **reference}], wanted)

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
    offer, reference = beside(one, two, chip)
    gap = offer["total_cost"] - reference["total_cost"]

    assert sum(offer[step] for step in STEPS) == pytest.approx(gap, abs=1e-9 * offer["total_cost"])
    assert offer["check_bridge"] == "OK"


@given(CHANGES, CHANGES)
def test_break_even_price_closes_the_gap(one: dict[str, Value], two: dict[str, Value]) -> None:
    """Put in as the price, the break-even price leaves no gap: the offer, all on demand, costs what the reference
    does."""
    one = one | {"reserved_share": 0}
    offer, reference = beside(one, two)
    again, _ = beside(one | {"price_per_gpu_hour": offer["break_even_price"]}, two)
    size = abs(reference["total_cost"]) + abs(offer["total_cost"])

    assert again["offer_gap"] == pytest.approx(0, abs=1e-9 * size)


def test_ranks() -> None:
    """The cheapest comes first, equal ones share a place."""
    cases = [{"total_cost": total} for total in (300, 100, 200, 100)]

    assert [case["offer_rank"] for case in ENGINE.evaluate_cases(cases, ["offer_rank"])] == [4, 1, 3, 1]


def test_checks_trip() -> None:
    """A bridge that misses its gap fails; offers of other tokens, FLOPs or conventions ask for a review."""
    one, _ = beside({"price_per_gpu_hour": 3}, {})

    assert one["check_bridge"] == one["check_equal_work"] == "OK"
    short = {key: one[key] for key in (*STEPS, "offer_gap", "total_cost")} | {"check_tolerance": 1e-9}
    assert ENGINE.evaluate(short, ["check_bridge"])["check_bridge"] == "OK"
    short["bridge_work"] -= 1e-8 * one["total_cost"]
    assert ENGINE.evaluate(short, ["check_bridge"])["check_bridge"] == "FAIL"
    for changed in ({"tokens": 14e12}, {"flops_convention": "6nd"}):
        assert beside(changed, {})[0]["check_equal_work"] == "REVIEW"
