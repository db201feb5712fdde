"""Layouts that are not possible: one message each, with the nearest that is, and it builds.

GENIAC 12B: 40 layers, 40 heads of which 8 for keys and values, width 13,824; 96 accelerators, 384 sequences of 4,096.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sheetgen.api.build import build_bytes
from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import complete, evaluate
from tests.support.paths import SAMPLES


def problems(folder: Path, layout: str, sample: str = "geniac-12b", gpus: int = 96) -> tuple[Problem, ...]:
    """What is wrong with a run in a layout."""
    text = SAMPLES[sample].read_text(encoding="utf-8").partition("base_case:")[0]
    lines = [line for line in text.splitlines() if not line.startswith(("gpus:", "global_batch_tokens:", "recomp"))]
    own = [f"gpus: {gpus}", "global_batch_tokens: 1572864", "recomputation: none", "sheets: [memory]"]
    path = folder / "impossible.yaml"
    path.write_text("\n".join([*lines, *own, *layout.split("; ")]) + "\n", encoding="utf-8")
    try:
        build_bytes(load_scenario(path))
    except InvalidInput as error:
        return error.problems
    return ()


@pytest.mark.parametrize(
    ("layout", "check", "near"),
    [
        # 6 stages need a multiple of 6
        ("gpus: 100; pipeline_parallel: 6", "check_layout_gpus", "gpus: 102"),
        # of 40 heads and 8 of keys and values, 3 divides neither; 2 and 4 divide both
        ("tensor_parallel: 3; pipeline_parallel: 2", "check_layout_heads", "tensor_parallel: 2"),
        # the model is dense
        ("expert_parallel: 2; pipeline_parallel: 6", "check_layout_experts", "expert_parallel: 1"),
        # 4,096 tokens are cut into 2·c parts
        ("context_parallel: 3; pipeline_parallel: 4", "check_layout_sequence", "context_parallel: 2"),
        # 16 ranks of micro batches of 5 are 80 sequences, of which 384 are not a multiple: 400 is nearer than 320
        ("pipeline_parallel: 6; micro_batch_sequences: 5", "check_layout_batch", "global_batch_tokens: 1,638,400"),
        # 10 layers a stage are cut into 1, 2, 5 or 10
        ("pipeline_parallel: 4; virtual_stages: 4", "check_layout_interleaving", "virtual_stages: 5"),
        # 42 layers are two too many
        ("pipeline_parallel: 6; stage_split: 7/7/7/7/7/7", "check_layout_stages", "stage_split: 7/7/7/7/6/6"),
        # 41 stages of 40 layers
        ("gpus: 82; pipeline_parallel: 41", "check_layout_stages", "pipeline_parallel: 40"),
        # activations of 24 microbatches' worth do not fit 80 GB, their inputs do
        ("pipeline_parallel: 6; micro_batch_sequences: 4", "check_memory_fits", "recomputation: full"),
    ],
)
def test_one_message_with_the_nearest(layout: str, check: str, near: str, tmp_path: Path) -> None:
    """One line with the check, and what to type; with that typed this check passes."""
    key, _, value = near.partition(": ")
    words = [word for word in layout.split("; ") if not word.startswith(("gpus:", f"{key}:"))]
    gpus = int(layout.partition("gpus: ")[2].partition(";")[0] or 96)
    typed = [word for word in layout.split("; ") if not word.startswith("gpus:")]
    found = {problem.key: str(problem) for problem in problems(tmp_path, "; ".join(typed), gpus=gpus)}

    assert list(found.values()).count(found[check]) == 1
    assert found[check].endswith(f"the nearest that is possible: {near})")
    assert "\n" not in found[check]
    lone = value.replace(",", "")
    mended = "; ".join([*words, f"{key}: {lone}"]) if key != "gpus" else "; ".join(words)
    again = problems(tmp_path, mended, gpus=int(lone) if key == "gpus" else gpus)
    assert check not in {problem.key for problem in again}


def test_a_layout_that_is_possible_says_nothing(tmp_path: Path) -> None:
    """Negative control."""
    assert problems(tmp_path, "pipeline_parallel: 6") == ()


def test_without_a_layout_the_search_gives_one(tmp_path: Path) -> None:
    """A scenario that asks for memory and gives no layout gets the best that was enumerated, which each input says as
    its source; one that gives a layout keeps its own sources."""
    text = SAMPLES["geniac-12b"].read_text(encoding="utf-8").partition("base_case:")[0]
    path = tmp_path / "mine.yaml"
    path.write_text(f"{text}sheets: [memory]\n", encoding="utf-8")
    found = complete(load_scenario(path))
    path.write_text(f"{text}sheets: [memory]\npipeline_parallel: 8\n", encoding="utf-8")
    given = complete(load_scenario(path))

    assert re.fullmatch(r"search: best of [\d,]+ candidates enumerated", found.sources["tensor_parallel"])
    assert evaluate(found).quantities[0]["fits"] == "yes"
    assert given.inputs(0)["pipeline_parallel"] == 8
    assert not any("search" in source for source in given.sources.values())


@pytest.mark.parametrize(
    ("gpus", "words"),
    [(97, "the nearest number that one divides is 96"), (1, "layouts fits: the least takes")],
)
def test_a_search_without_a_find(gpus: int, words: str, tmp_path: Path) -> None:
    """97 accelerators are no stages of 40 layers and no ranks of 1,024 sequences; one holds no 12B at 18 bytes."""
    text = SAMPLES["geniac-12b"].read_text(encoding="utf-8").partition("base_case:")[0]
    path = tmp_path / "mine.yaml"
    path.write_text(f"{text.replace('gpus: 128', f'gpus: {gpus}')}sheets: [memory]\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        evaluate(load_scenario(path))

    assert len(raised.value.problems) == 1
    assert words in str(raised.value)
