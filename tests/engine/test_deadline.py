"""The deadline: how many accelerators meet it, in closed form, and the check."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.engine_cases import worked

DAY = 86_400


def planned(gpus: int, days: float, deadline: float, start: int = 46_000) -> tuple[float, int, float]:
    """Days to the deadline, GPUs that meet it and end date of a run that takes ``days`` on ``gpus``."""
    wanted = ("days_to_deadline", "gpus_for_deadline", "end_date")
    given = {"elapsed_seconds": days * DAY, "gpus": gpus, "start_date": start, "deadline": deadline}
    found = worked({**given, "ramp_days": 0, "buffer_days": 0}, wanted)
    return tuple(found[key] for key in wanted)


@pytest.mark.parametrize(
    ("gpus", "days", "deadline", "needed"),
    [  # GPUs × days is the same work: 1,000 × 60 = 60,000 GPU-days
        (1_000, 60, 46_060, 1_000),
        (1_000, 60, 46_030, 2_000),
        (1_000, 60, 46_120, 500),
        (1_000, 60, 46_059, 1_017),  # 60,000 / 59 = 1,016.9
        (16_000, 68.72, 46_061, 18_025),  # Llama 3.1 405B in 61 days: 16,000 × 68.72 / 61 = 18,024.9
        (8, 10, 46_000, 0),  # no day left
        (8, 10, 45_000, 0),
    ],
)
def test_by_hand(gpus: int, days: float, deadline: float, needed: int) -> None:
    assert planned(gpus, days, deadline)[1] == needed


@given(st.integers(1, 100_000), st.floats(0.01, 2_000), st.integers(1, 3_000))
def test_so_many_finish_in_time_and_one_less_does_not(gpus: int, days: float, room: int) -> None:
    """With the GPUs of the closed form the run ends by the deadline; with one fewer it does not."""
    needed = planned(gpus, days, 46_000 + room)[1]
    work = gpus * days
    assert planned(needed, work / needed, 46_000 + room)[2] <= 46_000 + room
    if needed > 1:
        assert work / (needed - 1) > room * (1 - 1e-9)


def ramped(
    days: float, ramp: float, *, deadline: float = 60_000, gpus: int = 1000, considered: int = 0, buffer: int = 0
) -> SimpleNamespace:
    """A run of ``days`` days of the whole cluster from day 46,000 on."""
    given = {
        "elapsed_seconds": days * DAY, "gpus": gpus, "start_date": 46_000, "deadline": deadline, "ramp_days": ramp,
        "alternative_gpus": considered, "buffer_days": buffer,
    }  # fmt: skip
    wanted = ("run_days", "gpu_hours", "finish_date", "gpus_for_deadline", "alternative_finish_date")
    return SimpleNamespace(**worked(given, wanted))


@pytest.mark.parametrize(
    ("days", "ramp", "taken"),
    [  # a ramp of r days does the work of r/2; a run that ends inside of it takes √(2·days·r)
        (60, 0, 60),
        (60, 10, 65),
        (5, 10, 10),
        (1.25, 10, 5),  # a triangle of half the height and half the width: a quarter of 5
        (0, 10, 0),
    ],
)
def test_ramp(days: float, ramp: float, taken: float) -> None:
    assert ramped(days, ramp).run_days == pytest.approx(taken)


def test_ramp_costs_time_and_no_hours() -> None:
    """During the ramp only what is there is paid for: GPU-hours stay, the end moves by half of the ramp."""
    short, long = ramped(60, 0), ramped(60, 20)

    assert long.gpu_hours == short.gpu_hours
    assert long.end_date - short.end_date == 10


def test_buffer() -> None:
    """Two weeks kept free are two weeks less for the run: 60,000 GPU-days in 46 days need 1,305 GPUs."""
    found = ramped(60, 0, deadline=46_060, buffer=14)

    assert found.finish_date == 46_074
    assert found.days_to_deadline == 46
    assert found.gpus_for_deadline == 1305  # 60,000 / 46 = 1,304.3


def test_the_date_for_other_accelerators() -> None:
    """Half of the GPUs take twice as long, with the same ramp and buffer."""
    found = ramped(60, 10, considered=500, buffer=7)

    assert found.alternative_run_days == pytest.approx(125)
    assert found.alternative_finish_date == 46_000 + 125 + 7


@given(st.floats(0.1, 500), st.floats(0, 100), st.integers(1, 800), st.integers(0, 30))
def test_round_trip(days: float, ramp: float, room: int, buffer: int) -> None:
    """The accelerators that meet a deadline, considered instead, finish by it; one fewer do not."""
    deadline = 46_000 + room + buffer
    needed = ramped(days, ramp, deadline=deadline, buffer=buffer).gpus_for_deadline

    assert ramped(days, ramp, considered=needed, buffer=buffer).alternative_finish_date <= deadline
    if needed > 1:
        fewer = ramped(days, ramp, considered=needed - 1, buffer=buffer)
        assert fewer.alternative_run_days > room * (1 - 1e-9)
