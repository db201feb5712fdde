"""How long the engine takes to move a case, as ratios of processor time to a baseline measured in the same process.

A sensitivity cell is compared with computing the whole case; draws of the total cost are compared with the same
arithmetic written down as one plain function, which is first held to the engine's own figure.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sheetgen.engine import ENGINE, shown
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import evaluate
from tests.support.paths import SAMPLES
from tests.support.timing import least_seconds

TOTAL = ("total_cost",)
WANTED = tuple(item.key for item in shown())
ROUNDS = 5
MAX_OF_A_CASE = 1 / 10
MAX_OF_A_LOOP = 15
DRAWS = 20_000
WHOLE = 20


def seconds(run: Callable[[], object]) -> float:
    """The least processor time of the rounds of these tests."""
    return least_seconds(run, ROUNDS)


@pytest.fixture(scope="module")
def values() -> Mapping[str, Any]:
    """The base of the Llama sample."""
    return evaluate(load_scenario(SAMPLES["llama405b"])).values[0]


def draws() -> list[dict[str, float]]:
    """Figures of MFU, goodput and price, always the same ones."""
    drawn = random.Random(20261127)  # noqa: S311 - no secret
    return [
        {
            "mfu": drawn.uniform(0.3, 0.5),
            "effective_goodput": drawn.uniform(0.8, 1.0),
            "price_per_gpu_hour": drawn.uniform(1.5, 4.0),
        }
        for _ in range(DRAWS)
    ]


def plain_total(v: Mapping[str, Any]) -> Callable[[Mapping[str, float]], float]:
    """The total cost of a case that buys all on demand or without a term, as one function of what is drawn."""
    flops, peak, gpus, billed = (v[k] for k in ("training_flops", "peak_flops_per_gpu", "gpus", "billed_gpus"))
    exchange, failed, support = v["exchange_rate"], v["failed_runs"], v["support"]
    reserved_share, spot_share, overhead = v["reserved_share"], v["spot_share"], v["spot_overhead"]
    reserved_price, spot_price, plane, other = (
        v[k] for k in ("reserved_price", "spot_price", "control_plane_price", "other_cost")
    )
    contingency, tax = v["contingency"], v["tax"]

    def total(drawn: Mapping[str, float]) -> float:
        achieved = peak * drawn["mfu"]
        cluster = gpus * achieved
        training = 0.0 if cluster == 0 else flops / cluster
        goodput = drawn["effective_goodput"]
        elapsed = 0.0 if goodput == 0 else training / goodput
        hours = elapsed * billed / 3600
        demand = hours * (1 + failed)
        reserved = min(reserved_share * demand, reserved_share * demand)
        on_demand = (1 - spot_share) * demand - reserved
        spot = spot_share * demand * (1 + overhead)
        rate = drawn["price_per_gpu_hour"] * exchange
        accelerators = on_demand * rate + reserved * (reserved_price * exchange) + spot * (spot_price * exchange)
        compute = accelerators / (1 + failed)
        again = compute * failed
        unused = (reserved_share * demand - reserved) * (reserved_price * exchange)
        control = elapsed / 3600 * (1 + failed) * plane
        helped = (compute + again + unused + control) * support
        lines = compute + again + unused + control + helped + other
        before_tax = lines + lines * contingency
        return float(before_tax + before_tax * tax)

    return total


def test_a_moved_cell_against_a_whole_case(benchmark: BenchmarkFixture, values: Mapping[str, Any]) -> None:
    """A cell of a sensitivity table takes at most a tenth of computing its case."""
    inputs = {key: value for key, value in values.items() if key in ENGINE.inputs}

    def whole() -> None:
        for _ in range(WHOLE):
            ENGINE.evaluate(inputs, WANTED)

    def cell() -> None:
        for _ in range(WHOLE):
            ENGINE.moved(values, {"mfu": 0.41, "tokens": 1.5e13}, TOTAL)

    whole()
    ratio = seconds(cell) / seconds(whole)
    benchmark.extra_info["ratio"] = round(ratio, 4)
    benchmark.pedantic(cell, rounds=1)

    assert ratio <= MAX_OF_A_CASE


def test_draws_against_a_bare_loop(benchmark: BenchmarkFixture, values: Mapping[str, Any]) -> None:
    """Draws of the total cost take at most fifteen times a bare loop over the same arithmetic."""
    drawn, total = draws(), plain_total(values)
    first = drawn[0]
    assert total(first) == pytest.approx(ENGINE.moved(values, first, TOTAL)["total_cost"], rel=1e-12)

    def moved() -> None:
        for draw in drawn:
            ENGINE.moved(values, draw, TOTAL)

    def bare() -> None:
        for draw in drawn:
            total(draw)

    ratio = seconds(moved) / seconds(bare)
    benchmark.extra_info["ratio"] = round(ratio, 2)
    benchmark.pedantic(moved, rounds=1)

    assert ratio <= MAX_OF_A_LOOP


def test_a_slow_move_would_be_seen(values: Mapping[str, Any]) -> None:
    """Negative control: a loop that computes the whole case for each draw is far beyond the limit."""
    inputs = {key: value for key, value in values.items() if key in ENGINE.inputs}
    total, first = plain_total(values), draws()[0]
    slow = seconds(lambda: ENGINE.evaluate({**inputs, "stated_mfu": first["mfu"]}, WANTED))

    assert slow > MAX_OF_A_LOOP * seconds(lambda: [total(first) for _ in range(100)]) / 100
