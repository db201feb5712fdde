"""Layouts: what tools and people get wrong, and what does not divide."""

from __future__ import annotations

from typing import Any

import pytest

from sheetgen.engine.quantity import FAIL
from tests.support.engine_cases import gpt
from tests.support.layouts import layout_of, model


def test_trap_pipeline_does_not_divide_activations() -> None:
    """1F1B holds p microbatches on the first stage: as many layers' worth as the whole model has."""
    one, four = (
        layout_of(model("llama-3-8b"), gpus=p, pipeline_parallel=p, microbatches=8)["stage_activations"][0]
        for p in (1, 4)
    )
    assert one == four


def test_trap_interleaving_raises_memory() -> None:
    """Chunks lower the bubble and raise what the first stage holds."""
    split = {"gpus": 4, "pipeline_parallel": 4, "microbatches": 8}
    plain, chunked = (layout_of(model("llama-3-8b"), **split, virtual_stages=v) for v in (1, 2))

    assert chunked["bubble_of_ideal"] == plain["bubble_of_ideal"] / 2
    assert chunked["stage_activations"][0] > plain["stage_activations"][0]


def test_trap_selective_recomputation_saves_nothing_with_flash_attention() -> None:
    """No scores are kept; by the unfused rule they are 70 % of GPT-3's activations (Korthikanti et al., section 5)."""
    kept = {
        (rule, kind): layout_of(model("gpt3-175b"), s=2048, activation_rule=rule, recomputation=kind)[
            "activations_per_gpu"
        ]
        for rule in ("fused", "korthikanti")
        for kind in ("none", "selective")
    }
    assert kept["fused", "selective"] == kept["fused", "none"]
    assert 1 - kept["korthikanti", "selective"] / kept["korthikanti", "none"] == pytest.approx(0.70, abs=5e-3)


def test_trap_recomputation_spares_the_head() -> None:
    """4/3 on the layers alone: (4·layers + 3·head)/(3·layers + 3·head)."""
    found = layout_of(model("geniac-12b"), recomputation="full")["recomputation_time_factor"]

    assert found == pytest.approx((4 * 40 + 3 * 1.7301) / (3 * 40 + 3 * 1.7301), abs=1e-5)
    assert found < 4 / 3


def test_trap_context_parallel_ranks_join_the_sharding() -> None:
    """Twice the sequence over twice the context-parallel ranks leaves memory as it is."""
    short = layout_of(model("llama-3-8b"), gpus=8, context_parallel=2, s=16384, zero_stage=3)
    long = layout_of(model("llama-3-8b"), gpus=8, context_parallel=4, s=32768, zero_stage=3)

    assert short["peak_memory_per_gpu"] == long["peak_memory_per_gpu"]


def test_trap_minimum_is_no_product() -> None:
    """Experts reuse the ranks of the rest: PP 16 × max(TP 4, EP 64), not the product."""
    values = layout_of(
        model("deepseek-v3"),
        gpus=1024,
        pipeline_parallel=16,
        tensor_parallel=4,
        expert_parallel=64,
        stage_split="counted",
    )
    assert values["minimum_gpus"] == 1024
    assert (values["data_parallel"], values["expert_data_parallel"]) == (16, 1)


def test_trap_key_value_heads_beyond_their_number_are_copies() -> None:
    """Eight key-value heads on 16 ranks: each holds one, not half a head."""
    values = layout_of(model("llama-3-70b"), gpus=16, tensor_parallel=16)

    keys = 2 * 8192 * 1024 / 8
    assert values["rank_attention_parameters"] == 2 * 8192 * 8192 / 16 + keys


def test_trap_a_tied_embedding_is_two_copies() -> None:
    """With more than one stage the head has its own copy, and gradients to exchange."""
    alone, split = (layout_of(gpt(4, 64, 4, 1000, 128), gpus=p, pipeline_parallel=p) for p in (1, 2))

    assert sum(alone["stage_parameters"]) == alone["parameters"]
    assert sum(split["stage_parameters"]) == split["parameters"] + 64_000
    assert (alone["tied_embedding_bytes"], split["tied_embedding_bytes"]) == (0, 4 * 64_000)


FOUR = {"gpus": 4, "pipeline_parallel": 4}


@pytest.mark.parametrize(
    ("key", "split", "fails"),
    [
        ("check_layout_gpus", {"gpus": 96, "tensor_parallel": 8, "pipeline_parallel": 6}, False),
        ("check_layout_gpus", {"gpus": 100, "tensor_parallel": 8, "pipeline_parallel": 6}, True),
        ("check_layout_heads", {"gpus": 12, "tensor_parallel": 6}, True),
        ("check_layout_widths", {"gpus": 7, "tensor_parallel": 7}, True),
        ("check_layout_experts", {"gpus": 2, "expert_parallel": 2}, True),
        ("check_layout_sequence", {"gpus": 3, "context_parallel": 3}, True),
        ("check_layout_batch", {"gpus": 4, "sequences": 6}, True),
        ("check_layout_stages", {"gpus": 41, "pipeline_parallel": 41}, True),
        ("check_layout_stages", {"gpus": 6, "pipeline_parallel": 6, "stage_split": "7/7/7/7/7/7"}, True),
        ("check_layout_stages", {"gpus": 6, "pipeline_parallel": 6, "stage_split": "10/10/10/10"}, True),
        (
            "check_layout_interleaving",
            {"gpus": 4, "pipeline_parallel": 4, "virtual_stages": 5, "microbatches": 8},
            False,
        ),
        (
            "check_layout_interleaving",
            {"gpus": 4, "pipeline_parallel": 4, "virtual_stages": 4, "microbatches": 8},
            True,
        ),
        (
            "check_layout_interleaving",
            {"gpus": 4, "pipeline_parallel": 4, "virtual_stages": 5, "microbatches": 6},
            True,
        ),
    ],
)
def test_what_does_not_divide(key: str, split: dict[str, Any], fails: bool) -> None:
    """GENIAC 12B: 40 layers, 40 heads of which 8 for keys and values, width 13,824."""
    assert (layout_of(model("geniac-12b"), **split)[key] == FAIL) == fails


@pytest.mark.parametrize(("given_gpus", "nearest"), [(100, 96), (121, 144), (120, 96), (1, 48)])
def test_the_nearest_count_that_divides(given_gpus: int, nearest: int) -> None:
    """TP 8 × PP 6 needs multiples of 48; of two equally near the smaller."""
    values = layout_of(model("geniac-12b"), gpus=given_gpus, tensor_parallel=8, pipeline_parallel=6, sequences=1)
    assert values["nearest_gpus"] == nearest
