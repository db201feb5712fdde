"""The samples of layouts: each builds and verifies, with the golden peaks of its splits, worked by hand.

Peaks are those of tests/engine/test_layout.py (states, activations of the microbatches in flight, short-lived buffers),
and what the framework holds beside them.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from sheetgen.api.build import build
from sheetgen.engine.quantity import FAIL
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import evaluate
from sheetgen.verification.workbook import verify
from tests.support.layouts import GB, GIB
from tests.support.paths import ROOT

FOLDER = ROOT / "samples" / "layouts"
FRAMEWORK = 2 * GB
SPLITS = ("7/7/7/7/6/6", "6/7/7/7/7/6", "7/7/7/7/7/5")
PEAKS = {  # in GiB; of the other cases none is published
    "geniac-12b": {0: 39.36, 1: 34.23, 4: 15.79},
    "dense-70b": {0: 46.57, 1: 49.71},
}


def test_every_sample_is_held() -> None:
    """The models that people ask about."""
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {*PEAKS, "llama405b", "deepseek-v3"}


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_it_builds_and_verifies(name: str, tmp_path: Path) -> None:
    """A workbook that agrees, also with inputs moved."""
    verdict = verify(build(load_scenario(FOLDER / f"{name}.yaml"), tmp_path / "layouts.xlsx"))

    assert verdict.agrees
    assert verdict.compared_moved > 1000


@pytest.mark.parametrize("name", PEAKS)
def test_golden_peaks(name: str) -> None:
    """To the printed digit."""
    cases = evaluate(load_scenario(FOLDER / f"{name}.yaml")).values
    found = {case: (cases[case]["peak_memory_per_gpu"] - FRAMEWORK) / GIB for case in PEAKS[name]}

    assert found == pytest.approx(PEAKS[name], abs=5e-3)


def test_geniac_has_every_combination() -> None:
    """Three splits, two contexts, checkpointing on and off: twelve cases, none twice."""
    keys = ("stage_split", "context_length", "recomputation")
    scenario = load_scenario(FOLDER / "geniac-12b.yaml")
    found = [tuple(scenario.inputs(case)[key] for key in keys) for case in range(len(scenario.cases))]

    assert sorted(found) == sorted(product(SPLITS, (2048, 4096), ("none", "full")))


def test_splits_of_geniac_are_ranked() -> None:
    """At either context, with checkpointing and without: the last stage a layer shorter is quickest and cheapest,
    embedding and head counted next, the default last; a shorter context costs less, checkpointing more."""
    cases = evaluate(load_scenario(FOLDER / "geniac-12b.yaml")).values
    costs = [case["total_cost"] for case in cases]
    groups = [costs[place : place + 3] for place in range(0, 12, 3)]

    assert all(shorter < counted <= default for default, counted, shorter in groups)
    long, long_again, short, short_again = groups
    for place in range(3):
        assert short[place] < long[place] < long_again[place]
        assert short[place] < short_again[place] < long_again[place]


def test_llama_as_published() -> None:
    """71.2 GB on the second stage without interleaving (16 in flight), 75.5 GB with chunks, both beside a GB of
    the framework; no check fails."""
    cases = evaluate(load_scenario(FOLDER / "llama405b.yaml")).values

    assert cases[0]["stage_total"][1] / GB == pytest.approx(76.5, abs=0.05)
    assert [case["heaviest_stage"] for case in cases] == [2, 2, 2]
    assert not [key for case in cases for key, value in case.items() if key.startswith("check_") and value == FAIL]
    assert all(0.4 < case["implied_kernel_efficiency"] < 1 for case in cases)
