"""The deadline: how many accelerators meet it, in closed form, and the check."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine.schedule import schedule

DAY = 86_400


def planned(gpus: int, days: float, deadline: float, start: int = 46_000) -> tuple[float, int, float]:
    """Days to the deadline, GPUs that meet it and end date of a run that takes ``days`` on ``gpus``."""
    found = schedule(
        training_flops=days * DAY * gpus, cluster_flops=gpus, goodput=1, tokens=1, global_batch_tokens=1, gpus=gpus,
        start_date=start, days_per_year=365, deadline=deadline,
    )  # fmt: skip
    return found.days_to_deadline, found.gpus_for_deadline, found.end_date


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
