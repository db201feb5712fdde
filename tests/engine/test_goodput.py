"""Nodes and goodput as properties: the optimum of Young and Daly. What was worked by hand stands in tests/worked."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sheetgen.engine import goodput
from sheetgen.engine.quantity import collect
from tests.support.engine_cases import figures, worked

LLAMA_3 = 419 / (54 * 24 * 16_384)
"""Failures per GPU-hour: 419 unexpected interruptions in 54 days on 16,384 GPUs (arXiv:2407.21783, section 3.3.4)."""


def run(**changes: float | str) -> SimpleNamespace:
    """Llama 3's cluster with checkpoints of a minute and restarts of ten."""
    values: dict[str, float | str] = {
        "gpus": 16_384, "gpus_per_node": 8, "spare_nodes": 0, "goodput_basis": "modelled", "goodput": 0.9,
        "failures_per_gpu_hour": LLAMA_3, "checkpoint_seconds": 60, "checkpoint_basis": "optimum",
        "checkpoint_interval": 3600, "restart_seconds": 600, "repair_hours": 24,
    }  # fmt: skip
    return SimpleNamespace(**worked(values | changes, [item.key for item in collect(goodput)]))


RATES = st.floats(1e-7, 1e-3)
SECONDS = st.floats(1, 3600)


@given(RATES, SECONDS, SECONDS, st.floats(1, 86_400))
def test_no_interval_beats_the_optimum(rate: float, checkpoint: float, restart: float, interval: float) -> None:
    """Whatever interval is typed, the modelled goodput is not above that of the optimum."""
    best = run(failures_per_gpu_hour=rate, checkpoint_seconds=checkpoint, restart_seconds=restart)
    other = run(
        failures_per_gpu_hour=rate, checkpoint_seconds=checkpoint, restart_seconds=restart, checkpoint_basis="typed",
        checkpoint_interval=interval,
    )  # fmt: skip

    assert other.modelled_goodput <= best.modelled_goodput + 1e-12


@given(RATES, st.floats(1, 10), SECONDS)
def test_more_failures_never_help(rate: float, factor: float, restart: float) -> None:
    """More failures never raise the goodput."""
    few = run(failures_per_gpu_hour=rate, restart_seconds=restart)
    many = run(failures_per_gpu_hour=rate * factor, restart_seconds=restart)

    assert many.modelled_goodput <= few.modelled_goodput + 1e-12


@given(st.integers(1, 100_000), RATES)
def test_goodput_moves_schedule_and_cost(gpus: int, rate: float) -> None:
    """A modelled goodput stretches the days and the cost of the whole run by its inverse."""
    typed = figures({"gpus": gpus, "failures_per_gpu_hour": rate, "goodput": 1.0})
    modelled = figures({"gpus": gpus, "failures_per_gpu_hour": rate, "goodput_basis": "modelled"})
    share = modelled["effective_goodput"]
    assume(math.isfinite(share))

    assert modelled["calendar_days"] == pytest.approx(typed["calendar_days"] / share)
    assert modelled["total_cost"] == pytest.approx(typed["total_cost"] / share)
