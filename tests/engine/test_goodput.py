"""Nodes and goodput: the model of Young and Daly on Llama 3's interruptions, by hand and as properties."""

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


def test_llama_3() -> None:
    """54 days × 24 h / 419 are 3.09 h between failures; √(2 · 60 s · 11,135 s) is 1,156 s; 84 % of the time is left."""
    found = run()

    assert found.failure_interval_seconds == pytest.approx(54 * 86_400 / 419)
    assert found.failure_interval_seconds / 3600 == pytest.approx(3.09, abs=0.005)
    assert found.optimum_checkpoint_interval == pytest.approx(1155.9, abs=0.1)
    # 60/1155.9 = 5.19 %; 577.95/11135 = 5.19 %; 600/11135 = 5.39 %
    assert found.checkpoint_loss == pytest.approx(0.0519, abs=5e-5)
    assert found.rework_loss == pytest.approx(found.checkpoint_loss)
    assert found.restart_loss == pytest.approx(0.0539, abs=5e-5)
    assert round(found.effective_goodput, 2) == 0.84


def test_faster_restart_is_the_lever() -> None:
    """With restarts of a minute instead of ten, and checkpoints of 10 s, Llama 3's own "above 90 %" is reached."""
    assert run(restart_seconds=60, checkpoint_seconds=10).effective_goodput > 0.9


def test_typed_is_typed() -> None:
    """The figure that is typed counts, whatever the model says."""
    assert run(goodput_basis="typed").effective_goodput == 0.9
    assert run(goodput_basis="typed").modelled_goodput == run().modelled_goodput


def test_a_typed_interval() -> None:
    """An hour between checkpoints: 60/3600 + 1800/11135 + 600/11135 = 1.67 % + 16.16 % + 5.39 %."""
    assert run(checkpoint_basis="typed").effective_goodput == pytest.approx(1 - 0.0167 - 0.1617 - 0.0539, abs=1e-4)


@pytest.mark.parametrize(
    ("gpus", "per_node", "spares", "nodes", "paid"),
    [(2044, 8, 4, 256, 2080), (2048, 8, 0, 256, 2048), (2049, 8, 0, 257, 2056), (7, 1, 0, 7, 7), (1, 72, 1, 1, 144)],
)
def test_whole_nodes(gpus: int, per_node: int, spares: int, nodes: int, paid: int) -> None:
    """Nodes are rounded up once, and spares come on top: 2,044 / 8 = 255.5, so 256 + 4 nodes of 8."""
    found = run(gpus=gpus, gpus_per_node=per_node, spare_nodes=spares)

    assert (found.whole_nodes, found.billed_gpus) == (nodes, paid)


def test_nodes_in_repair() -> None:
    """A failure every 3.09 h and a day of repair keep 24 / 3.09 = 7.8 nodes away (Little's law)."""
    assert run().nodes_in_repair == pytest.approx(24 / (54 * 24 / 419))


def test_no_failures_lose_nothing_but_checkpoints() -> None:
    """Without failures nothing is lost; a typed interval still costs its checkpoints."""
    assert run(failures_per_gpu_hour=0).effective_goodput == 1
    assert run(failures_per_gpu_hour=0, checkpoint_basis="typed").effective_goodput == pytest.approx(1 - 60 / 3600)


def test_no_time_left_is_the_least_goodput() -> None:
    """Where failures come faster than restarts, the model stops at 1 %; a check fails there."""
    assert run(failures_per_gpu_hour=1).effective_goodput == 0.01


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
