"""What a search of 100,000 layouts takes, in builds, and that its memory does not grow with what it enumerates."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from sheetgen.api.build import build
from sheetgen.engine.search import Space, search
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import complete
from sheetgen.verification.layouts import case_values, layout_defaults
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES["deepseek-v3"]
CANDIDATES, MEASURED = 100_000, 20_000
MOST_BUILDS = 20
MOST_GROWTH = 200_000
"""Bytes that a search of ten times as many candidates may hold more at its peak."""


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    """What the search of DeepSeek-V3 on 2,048 accelerators starts from: 4,112 layouts divide."""
    scenario = complete(load_scenario(SAMPLE))
    return case_values({**layout_defaults(), **scenario.inputs(0), "accelerators": scenario.accelerators})


def test_a_hundred_thousand_candidates(values: dict[str, Any], tmp_path: Path) -> None:
    """In at most the processor time of 20 builds of the same sample, by a fifth of them."""
    start = time.process_time()
    build(load_scenario(SAMPLE), tmp_path / "one.xlsx")
    one = time.process_time() - start
    done, start = 0, time.process_time()
    while done < MEASURED:
        done += search(values).enumerated
    spent = (time.process_time() - start) / done * CANDIDATES

    assert spent <= MOST_BUILDS * one, f"{spent / one:.1f} builds"


def test_memory_is_flat(values: dict[str, Any]) -> None:
    """Ten times the candidates hold no more."""
    few = Space(tensor=(1,), virtual=(1,), micro_batch=(1,))
    assert search(values).enumerated > 10 * search(values, few).enumerated > 0
    peaks = []
    for space in (few, Space()):
        tracemalloc.start()
        search(values, space)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] - peaks[0] < MOST_GROWTH
