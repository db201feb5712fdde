"""Risk: percentiles against an own Monte Carlo through plain arithmetic. By hand: tests/worked/risk.yaml."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine.risk import DRIVERS, QUANTILES, Z80, Z90, ranked
from tests.support.engine_cases import ORDINARY, Value, quantities, worked

RANGES: dict[str, Value] = {
    "risk_mfu_low": 0.85, "risk_mfu_high": 1.05, "risk_goodput_low": 0.9, "risk_goodput_high": 1.02,
    "risk_price_low": 0.9, "risk_price_high": 1.3, "risk_tokens_low": 0.95, "risk_tokens_high": 1.2,
    "risk_runs_low": 0.9, "risk_runs_high": 1.5,
}  # fmt: skip
BESIDE: dict[str, Value] = {
    "failed_runs": 0.2, "support": 0.05, "staff_cost": 2e6, "data_cost": 1e6, "control_plane_price": 120, "tax": 0.1,
    "contingency": 0.15, "ramp_days": 10,
}  # fmt: skip
DRAWS = 400_000


def case(**changes: Value) -> dict[str, Any]:
    """Inputs, ranges and quantities of the ordinary case with lines beside the accelerators."""
    inputs = {**ORDINARY, **BESIDE, **RANGES, **changes}
    return {**inputs, **quantities(inputs, sheets=("risk",))[0]}


def found(**changes: Value) -> dict[str, float]:
    """The numbers of the case."""
    return {key: value for key, value in case(**changes).items() if not isinstance(value, str)}


def drawn(values: dict[str, float | int | str], seed: int) -> dict[str, np.ndarray]:
    """Each driver as draws of a lognormal whose P10 and P90 are its low and high."""
    generator = np.random.default_rng(seed)
    draws = {}
    for driver in DRIVERS:
        low, high = math.log(float(values[f"risk_{driver}_low"])), math.log(float(values[f"risk_{driver}_high"]))
        draws[driver] = np.exp(generator.normal((low + high) / 2, (high - low) / (2 * 1.2815515655446004), DRAWS))
    return draws


def test_quantiles_of_the_normal_distribution() -> None:
    """The two constants are those of the standard library's normal distribution."""
    assert NormalDist().inv_cdf(0.8) == pytest.approx(Z80, rel=1e-15)
    assert NormalDist().inv_cdf(0.9) == pytest.approx(Z90, rel=1e-15)


def test_monte_carlo_of_cost_and_days() -> None:
    """P10 to P90 of 400,000 runs, each worked out from FLOPs to money, are those of the closed form within 0.3 %.

    The spread of the logarithm is about 0.3; the standard error of a sample's P90 is 0.3 · 1.71 / √400,000 = 0.08 %.
    """
    values = case()
    draws = drawn(values, seed=20_261)
    flops = float(values["training_flops"]) * draws["tokens"]
    rate = float(values["peak_flops_per_gpu"]) * float(values["mfu"]) * draws["mfu"] * 2048
    hours = flops / rate / 3600 / (0.9 * draws["goodput"])
    accelerators = hours * 2048 * 2.5 * draws["price"] * 1.2 * draws["runs"]
    steady = 3e6 + float(values["control_plane_cost"]) * 1.05
    cost = (accelerators * 1.05 + steady) * 1.1
    days = hours / 24 + 5  # half of the ramp of ten days
    expected = found()

    for name, share in {"p10": 10, "p50": 50, "p80": 80, "p90": 90}.items():
        assert expected[f"cost_{name}"] == pytest.approx(np.percentile(cost, share), rel=3e-3), name
        assert expected[f"days_{name}"] == pytest.approx(np.percentile(days, share), rel=3e-3), name
    budget = float(values["cost_before_tax"]) * 1.1
    assert expected["budget_confidence"] == pytest.approx(float(np.mean(cost <= budget)), abs=4e-3)
    assert (cost <= expected["cost_likely"] * (1 + expected["contingency_p80"])).mean() == pytest.approx(0.8, abs=4e-3)


def test_equal_swings_keep_their_order() -> None:
    """Swings within a billionth of the total are equal; others are not, however close; no place is given twice."""
    assert ranked({"a": 0.2, "b": 0.2 + 1e-12, "c": 0.3, "d": 0.0, "e": 0.0}) == {
        "c": 1,
        "a": 2,
        "b": 3,
        "d": 4,
        "e": 5,
    }
    assert ranked({"a": 0.2, "b": 0.2 + 1e-7}) == {"b": 1, "a": 2}


@given(st.lists(st.sampled_from([0.0, 0.1, 0.1 + 1e-13, 0.2, 0.2 + 5e-10]), min_size=5, max_size=5))
def test_every_place_is_given_once(swings: list[float]) -> None:
    """However many swings are equal or nearly so, the places are 1 to 5."""
    assert sorted(ranked(dict(zip(DRIVERS, swings, strict=True))).values()) == [1, 2, 3, 4, 5]


@given(st.lists(st.tuples(st.floats(0.3, 1), st.floats(1, 3)), min_size=5, max_size=5))
def test_percentiles_rise_and_contain_the_chance(ends: list[tuple[float, float]]) -> None:
    """P10 ≤ P50 ≤ P80 ≤ P90; the chance of the budget is 80 % where its contingency is the one that P80 implies."""
    changes: dict[str, Value] = {}
    for driver, (low, high) in zip(DRIVERS, ends, strict=True):
        changes |= {f"risk_{driver}_low": low, f"risk_{driver}_high": high}
    values = found(**changes)
    costs = [values[f"cost_{name}"] for name in QUANTILES]

    assert costs == sorted(costs)
    if values["cost_spread"] > 1e-3 and values["contingency_p80"] > 0:
        found_again = {key: value for key, value in values.items() if key != "budget_confidence"}
        found_again["cost_before_tax"] = values["cost_likely"] / 1.1 * (1 + values["contingency_p80"])
        again = worked(found_again, ["budget_confidence"])
        assert again["budget_confidence"] == pytest.approx(0.8, abs=1e-6)
