"""Offers: the bridge always adds up, and what the break-even price means. By hand: tests/worked/offers.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen import build, load_scenario, verify
from sheetgen.engine import ENGINE
from sheetgen.engine.offers import check_equal_work
from tests.support.engine_cases import H100, ORDINARY, TPU_V4, Value, quantities
from tests.support.paths import SAMPLES

Case = dict[str, Any]
STEPS = ("bridge_price", "bridge_peak", "bridge_mfu", "bridge_goodput", "bridge_work", "bridge_overheads")


def beside(offer: Mapping[str, Any], reference: Mapping[str, Any], chip: bool = False) -> tuple[Case, Case]:
    """Quantities of an offer, on H100 or TPU v4, and of the one that it is compared with."""
    table = {chip.key: chip for chip in (H100, TPU_V4)}
    shared = {**ORDINARY, "accelerators": table, "reference_case_number": 2}
    offer = {**shared, **offer, "accelerator": (TPU_V4 if chip else H100).key}
    one, two = quantities(offer, {**shared, **reference}, sheets=("offers",))
    return one, two


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


@given(
    st.lists(st.integers(1, 10**8), min_size=1, max_size=6), st.data(),
)  # fmt: skip
def test_ranks_are_those_of_the_amounts_whatever_the_last_digit(amounts: list[int], data: st.DataObject) -> None:
    """Totals that differ by rounding alone, 1e-12 of them, rank as the whole amounts that they are; equal ones share a
    place. Negative control: a millionth more is dearer."""
    near = [amount * (1 + data.draw(st.floats(-1e-12, 1e-12))) for amount in amounts]
    ranks = [
        case["offer_rank"] for case in ENGINE.evaluate_cases([{"total_cost": total} for total in near], ["offer_rank"])
    ]
    dearer = [{"total_cost": near[0]}, {"total_cost": near[0] * (1 + 1e-6)}]

    equal = [sum(amount - other > 1e-9 * amount for other in amounts) for amount in amounts]
    assert ranks == [1 + cheaper for cheaper in equal]
    assert [case["offer_rank"] for case in ENGINE.evaluate_cases(dearer, ["offer_rank"])] == [1, 2]


def test_work_is_equal_whatever_the_last_digit() -> None:
    """FLOPs that two ways of counting give alike are the same work; a millionth more is not."""
    for factor, status in ((1, "OK"), (1 + 4e-16, "OK"), (1 + 1e-6, "REVIEW")):
        assert check_equal_work(15e12, 15e12, 3.8e25, 3.8e25 * factor, "6nd", "6nd") == status
        assert check_equal_work(15e12, 15e12 * factor, 3.8e25, 3.8e25, "6nd", "6nd") == status


@pytest.mark.parametrize("gpus", [20480, 12288, 6000, 4096, 16000])
def test_offers_of_equal_cost_are_built_and_agree(gpus: int, tmp_path: Path) -> None:
    """Cases that differ in accelerators alone cost the same but for rounding, and rank alike on both sides."""
    text = SAMPLES["llama405b"].read_text(encoding="utf-8")
    path = tmp_path / "offers.yaml"
    path.write_text(
        text[: text.index("\ncases:")] + f"\nsheets: [offers]\ncases:\n  - {{name: x, gpus: {gpus}}}\n",
        encoding="utf-8",
    )
    build(load_scenario(path), tmp_path / "offers.xlsx")

    assert verify(tmp_path / "offers.xlsx").agrees


def test_checks_trip() -> None:
    """A bridge that misses its gap fails."""
    one, _ = beside({"price_per_gpu_hour": 3}, {})

    assert one["check_bridge"] == "OK"
    short = {key: one[key] for key in (*STEPS, "offer_gap", "total_cost")} | {"check_tolerance": 1e-9}
    assert ENGINE.evaluate(short, ["check_bridge"])["check_bridge"] == "OK"
    short["bridge_work"] -= 1e-8 * one["total_cost"]
    assert ENGINE.evaluate(short, ["check_bridge"])["check_bridge"] == "FAIL"
