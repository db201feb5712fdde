"""Layouts: what holds for every one of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgen.engine.stages import split_counted, split_evenly
from tests.support.layouts import layout_of, model


@given(layers=st.integers(1, 200), stages=st.integers(1, 64))
def test_splits_share_out_every_layer(layers: int, stages: int) -> None:
    """Every layer has one stage; stages differ by one layer, counting embedding and head where they count."""
    even, counted = split_evenly(layers, stages), split_counted(layers, stages)

    assert sum(even) == sum(counted) == layers
    assert len(even) == len(counted) == stages
    assert max(even) - min(even) <= 1
    places = [n + (i == 0) + (i == stages - 1) for i, n in enumerate(counted)] if stages > 1 else []
    assert not places or max(places) - min(places) <= 1


CATALOGUE = ("llama-3-8b", "gemma-2-9b", "deepseek-v3", "qwen3-30b-a3b", "gpt-oss-20b", "opt-350m", "bert-base-uncased")

degrees = st.fixed_dictionaries(
    {
        "tensor_parallel": st.sampled_from((1, 2, 4)),
        "pipeline_parallel": st.sampled_from((1, 2, 3, 5)),
        "context_parallel": st.sampled_from((1, 2)),
        "zero_stage": st.sampled_from((0, 1, 2, 3)),
        "stage_split": st.sampled_from(("even", "counted")),
        "recomputation": st.sampled_from(("none", "selective", "full")),
        "activation_rule": st.sampled_from(("fused", "korthikanti", "hf", "hf_eager")),
        "sequence_parallel": st.sampled_from(("yes", "no")),
        "pipeline_schedule": st.sampled_from(("1f1b", "gpipe", "zb1p", "zb2p")),
    }
)


@settings(max_examples=60)
@given(name=st.sampled_from(CATALOGUE), split=degrees, copies=st.sampled_from((1, 2, 3)), more=st.sampled_from((2, 4)))
def test_more_accelerators_never_raise_the_peak(name: str, split: dict[str, Any], copies: int, more: int) -> None:
    """With the batch that a step has, more data-parallel ranks hold the same or less, whatever the layout."""
    one = split["tensor_parallel"] * split["pipeline_parallel"] * split["context_parallel"]
    length = 512 if name.startswith("bert") else 4096
    few = layout_of(model(name), **split, gpus=one * copies, sequences=48, s=length)
    many = layout_of(model(name), **split, gpus=one * copies * more, sequences=48, s=length)

    assert many["peak_memory_per_gpu"] <= few["peak_memory_per_gpu"]


@settings(max_examples=60)
@given(name=st.sampled_from(CATALOGUE), split=degrees)
def test_the_stage_table_sums_to_the_model(name: str, split: dict[str, Any]) -> None:
    """Parameters of the stages are the model's to the unit, and a tied head's copy; layers are the model's layers; the
    forward FLOPs of the stages are those of a token; a rank holds at least an equal share."""
    one = split["tensor_parallel"] * split["pipeline_parallel"] * split["context_parallel"]
    values = layout_of(model(name), **split, gpus=one, s=512)

    assert sum(values["stage_parameters"]) == values["parameters"] + values["head_copy_parameters"]
    assert sum(values["stage_layers"]) == values["n_layers"]
    flops = values["forward_flops_per_token_megatron"]
    assert sum(values["stage_forward_flops"]) == pytest.approx(flops, rel=1e-12)
    held = sum(values["stage_dense_parameters"]) + sum(values["stage_expert_parameters"])
    assert held * split["tensor_parallel"] >= values["parameters"]
    assert held <= values["parameters"] + values["head_copy_parameters"]


@settings(max_examples=40)
@given(split=degrees)
def test_every_rank_has_one_place(split: dict[str, Any]) -> None:
    """t·p·c·dp = n, and dp·b·m sequences are the batch."""
    one = split["tensor_parallel"] * split["pipeline_parallel"] * split["context_parallel"]
    values = layout_of(model("llama-3-8b"), **split, gpus=4 * one, sequences=16)

    assert one * values["data_parallel"] == values["gpus"]
    assert values["data_parallel"] * values["microbatches"] == 16
    assert values["peak_memory_per_gpu"] == max(values["stage_total"])
    assert values["stage_total"][values["heaviest_stage"] - 1] == values["peak_memory_per_gpu"]
