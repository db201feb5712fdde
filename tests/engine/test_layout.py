"""Layouts: golden values to the printed digit, traps, and what holds for every layout.

Own layouts follow one rule: fused kernels, bf16 with fp32 gradients (18 bytes), ZeRO stage 1, sequence parallelism, 2
bytes a logit, transient buffers counted, no workspace, no overhead, one sequence a microbatch. The figures are worked
by hand from the formulas of the sources that the modules name; published ones say so.
"""

from __future__ import annotations

from typing import Any

import pytest

from sheetgen.engine.quantity import FAIL, OK
from tests.support.engine_cases import NO_ARCHITECTURE
from tests.support.layouts import GB, GIB, layout_of, model


def geniac(**changes: Any) -> dict[str, Any]:
    """GENIAC 12B on 96 GPUs in six stages, 4,096 tokens."""
    return layout_of(model("geniac-12b"), **{"gpus": 96, "pipeline_parallel": 6, "microbatches": 16} | changes)


def in_gib(values: dict[str, Any], key: str) -> list[float]:
    """A stage table in GiB."""
    return [size / GIB for size in values[key]]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("llama-3-8b", 139_392),
        ("llama-3-70b", 274_688),
        ("llama-3.1-405b", 520_704),
        ("geniac-12b", 148_640),
        ("gpt3-175b", 393_600),
    ],
)
def test_a_dense_layer_keeps(name: str, kept: int) -> None:
    """8h + 4q + 4kv + 6f + 4a gated, 4f plain, in bytes a token."""
    assert layout_of(model(name))["dense_layer_activations"] == kept


@pytest.mark.parametrize(
    ("name", "outputs", "kept"),
    [
        ("deepseek-v3", "no", 455_296),
        ("deepseek-v3", "yes", 569_984),
        ("qwen3-30b-a3b", "no", 104_576),
        ("mixtral-8x7b", "no", 241_792),
    ],
)
def test_a_layer_with_experts_keeps(name: str, outputs: str, kept: int) -> None:
    """MLA or grouped heads, and k copies of the token with the inside of k experts."""
    assert layout_of(model(name), expert_outputs_kept=outputs)["moe_layer_activations"] == kept


def test_rules_and_splits_of_llama_3_8b() -> None:
    """Sequence parallelism splits all; tensor parallelism alone leaves 8h whole; transformers keeps 1.44 times as
    much."""
    llama = model("llama-3-8b")
    split = {"tensor_parallel": 8, "gpus": 8}

    assert layout_of(llama, **split)["dense_layer_activations"] == 17_424
    assert layout_of(llama, **split, sequence_parallel="no")["dense_layer_activations"] == 46_096
    assert layout_of(llama, activation_rule="hf")["dense_layer_activations"] == 200_840
    assert layout_of(model("gpt3-175b"), hidden_dropout="yes")["dense_layer_activations"] == 393_600 + 2 * 12_288


def test_llama_3_8b_on_eight() -> None:
    """8,192 tokens: states 56.091 GiB; all kept it does not fit 80 GB, with full recomputation it does."""
    kept = layout_of(model("llama-3-8b"), gpus=8, s=8192, memory_gb=80)
    again = layout_of(model("llama-3-8b"), gpus=8, s=8192, memory_gb=80, recomputation="full")

    assert kept["model_states_per_gpu"] / GIB == pytest.approx(56.091, abs=5e-4)
    assert kept["peak_memory_per_gpu"] / GIB == pytest.approx(92.27, abs=5e-3)
    assert (kept["fits"], kept["check_memory_fits"]) == ("no", FAIL)
    assert again["activations_per_gpu"] == 2 * GIB
    parts = [again[key] / GIB for key in ("recomputed_memory", "head_memory", "transient_memory")]
    assert parts == pytest.approx([1.063, 2.082, 0.0625], abs=5e-4)
    assert again["peak_memory_per_gpu"] / GIB == pytest.approx(61.30, abs=5e-3)
    assert (again["fits"], again["check_memory_fits"]) == ("yes", OK)


def test_llama_3_70b_on_64() -> None:
    """TP 8 × PP 4: the first stage holds four microbatches, interleaved 23 chunks of 20."""
    split = {"gpus": 64, "tensor_parallel": 8, "pipeline_parallel": 4, "s": 8192, "microbatches": 16}
    plain, interleaved = (layout_of(model("llama-3-70b"), **split, virtual_stages=v) for v in (1, 5))

    assert plain["stage_in_flight"] == (4, 3, 2, 1)
    assert interleaved["stage_in_flight"][0] == 23 / 5
    first = [in_gib(plain, key)[0] for key in ("stage_states", "stage_activations", "stage_transient", "stage_total")]
    assert first == pytest.approx([25.378, 20.957, 0.234, 46.57], abs=5e-4, rel=1e-5 * 5)
    assert in_gib(plain, "stage_total")[3] == pytest.approx(31.03, abs=5e-3)
    assert in_gib(interleaved, "stage_activations")[0] == pytest.approx(24.10, abs=5e-3)
    assert in_gib(interleaved, "stage_total")[0] == pytest.approx(49.71, abs=5e-3)
    assert plain["heaviest_stage"] == 1


def test_geniac_in_six_stages() -> None:
    """6/7/7/7/7/6 with embedding and head counted as layers: parameters to the unit, states, totals."""
    kept, again = geniac(stage_split="counted"), geniac(stage_split="counted", recomputation="full")
    places = (0, 1, 5)

    assert kept["stage_layers"] == (6, 7, 7, 7, 7, 6)
    assert [kept["stage_dense_parameters"][i] for i in places] == [2_164_060_160, 1_926_830_080, 2_164_065_280]
    assert sum(kept["stage_parameters"]) == 12_035_445_760
    assert [in_gib(kept, "stage_states")[i] for i in places] == pytest.approx([13.604, 12.113, 13.604], abs=5e-4)
    assert [in_gib(kept, "stage_total")[i] for i in places] == pytest.approx([34.23, 32.17, 17.89], abs=5e-3)
    assert [in_gib(again, "stage_total")[i] for i in places] == pytest.approx([15.79, 14.26, 15.29], abs=5e-3)
    assert in_gib(geniac(), "stage_total")[0] == pytest.approx(39.36, abs=5e-3)


@pytest.mark.parametrize(
    ("split", "imbalance", "factors"),
    [
        ("counted", 1.1114, (1.417, 1.264, 1.188)),
        ("7/7/7/7/6/6", 1.1114, (1.417, 1.264, 1.188)),
        ("7/7/7/7/7/5", 1.0065, (1.319, 1.163, 1.0845)),
    ],
)
def test_geniac_by_split(split: str, imbalance: float, factors: tuple[float, ...]) -> None:
    """The head weighs 1.730 layers: the last stage is best one layer shorter. 16, 32 and 64 microbatches."""
    assert geniac(stage_split=split)["stage_imbalance"] == pytest.approx(imbalance, abs=5e-5)
    for count, factor in zip((16, 32, 64), factors, strict=True):
        found = geniac(stage_split=split, microbatches=count)["pipeline_time_factor"]
        assert found == pytest.approx(factor, abs=5e-4)


def test_bubbles_of_six_stages() -> None:
    """Over the ideal 31.25, 15.6 and 7.8 %; over the step less."""
    for count, factor in ((16, 1.3125), (32, 1.15625), (64, 1.078125)):
        values = geniac(microbatches=count)
        assert 1 + values["bubble_of_ideal"] == factor
        assert values["bubble_of_step"] == pytest.approx(5 / (count + 5))


def test_llama_3_405b_as_published() -> None:
    """TP 8 × PP 16 on 16,384 ran without checkpointing on 80 GB (Llama 3, table 4): second stage, ZeRO-2."""
    split = {"gpus": 16384, "tensor_parallel": 8, "pipeline_parallel": 16, "s": 8192, "zero_stage": 2}
    split |= {"stage_split": "counted"}
    llama = model("llama-3.1-405b")

    assert layout_of(llama, **split, microbatches=16)["stage_total"][1] / GB == pytest.approx(71.2, abs=0.05)
    chunked = layout_of(llama, **split, microbatches=16, virtual_stages=8)
    assert chunked["stage_total"][1] / GB == pytest.approx(75.5, abs=0.05)
    split |= {"gpus": 8192}
    longer = layout_of(llama, **split, microbatches=32, virtual_stages=8)
    assert longer["stage_total"][1] / GB == pytest.approx(82.8, abs=0.05)


def test_kernel_efficiency_of_llama_3_405b() -> None:
    """43 and 41 % with 32 and 16 microbatches and eight chunks a stage are one kernel efficiency, 45.5 to 45.8 %."""
    for mfu, count, kernel in ((0.43, 32, 0.455), (0.41, 16, 0.458)):
        bubble = layout_of(
            model("llama-3.1-405b"), gpus=16, pipeline_parallel=16, virtual_stages=8, microbatches=count, s=8192
        )["bubble_of_ideal"]
        assert mfu * (1 + bubble) == pytest.approx(kernel, abs=5e-4)


def test_states_of_zero() -> None:
    """7.5B in 16 bytes (ZeRO, table 1): 120 GB on one, 52.5 with stage 1 on four, 16.6 with stage 2 on 64."""
    model_only = NO_ARCHITECTURE | {"undisclosed_parameters": 7_500_000_000}
    four, many = (layout_of(model_only, gpus=n, state_recipe="2/2/12") for n in (4, 64))

    assert four["states_zero_0"] == 120 * GB
    assert four["states_zero_1"] == 52.5 * GB
    assert many["states_zero_2"] == pytest.approx(16.6 * GB, rel=5e-3)
    assert many["states_zero_3"] == 120 * GB / 64


def test_states_with_all_of_an_offload() -> None:
    """Llama 3 8B on eight: 2·N with stage 2, 2·N/8 with stage 3, with Infinity 4 bytes of one layer's 218,112,000."""
    eight = layout_of(model("llama-3-8b"), gpus=8)

    assert eight["states_zero_2_offload"] == 2 * 8_030_261_248
    assert eight["states_zero_3_offload"] == 2 * 8_030_261_248 / 8
    assert eight["states_zero_3_infinity"] == 4 * 218_112_000


@pytest.mark.parametrize("split", [{}, {"stages": 4}])
def test_offload_to_the_host(split: dict[str, int]) -> None:
    """ZeRO-Offload with stage 2 leaves the weights, 2·N; ZeRO-Infinity with stage 3 leaves one layer; the host gets the
    rest: 16 bytes a parameter of eight ranks, and the weights."""
    stages = split.get("stages", 1)
    of_all = {"gpus": 8 * stages, "pipeline_parallel": stages, "offloaded": "optimizer", "optimizer_offload_share": 1}
    llama = model("llama-2-7b")
    two = layout_of(llama, **of_all, zero_stage=2)
    three = layout_of(llama, **of_all, zero_stage=3, weight_offload_share=1)

    held = two["stage_dense_parameters"][two["heaviest_stage"] - 1]
    assert two["model_states_per_gpu"] == 2 * held
    assert two["host_memory_per_node"] == 16 * held
    assert three["model_states_per_gpu"] == 0
    assert three["gathered_memory"] == 4 * (4 * 4096**2 + 3 * 4096 * 11008 + 2 * 4096)


def test_adapters() -> None:
    """LoRA on 65B freezes 2·N; NF4 with double quantisation takes 4.127 bits (QLoRA, section 3)."""
    values = layout_of(model("llama-2-7b"), lora_rank=64, adapter_bytes=12)

    assert values["adapter_parameters"] == 64 * 32 * (4 * 2 * 4096 + 3 * (4096 + 11008))
    assert values["lora_states"] == 2 * 6_738_415_616 + 12 * values["adapter_parameters"]
    linear = 32 * (4 * 4096**2 + 3 * 4096 * 11008)
    assert values["quantised_weights"] == pytest.approx(linear * 4.126953125 / 8 + 2 * (6_738_415_616 - linear))


def test_volumes() -> None:
    """Bytes by kind: 939.5 MB a layer of 70B at TP 8, 134.2 MB a boundary, 462 MB an exchange of DeepSeek-V3."""
    wide = layout_of(model("llama-3-70b"), gpus=32, tensor_parallel=8, pipeline_parallel=4, s=8192)
    whole = layout_of(model("llama-3-70b"), gpus=4, pipeline_parallel=4, s=8192)
    experts = layout_of(model("deepseek-v3"), gpus=64, expert_parallel=64)
    eight = layout_of(model("llama-3-8b"), gpus=8, zero_stage=3)
    stage = geniac(stage_split="counted")

    assert wide["tensor_bytes_per_layer"] / 1e6 == pytest.approx(939.5, abs=0.05)
    assert whole["boundary_bytes"] / 1e6 == pytest.approx(134.2, abs=0.05)
    assert wide["boundary_bytes"] / 1e6 == pytest.approx(16.8, abs=0.05)
    assert experts["expert_bytes_per_layer"] / 4e6 == pytest.approx(462, abs=0.5)
    assert experts["expert_bytes_per_layer"] / GB == pytest.approx(1.85, abs=5e-3)
    assert stage["stage_reduced"][0] / GB == pytest.approx(12.17, abs=5e-3)
    assert stage["stage_reduced"][0] / 50e9 == pytest.approx(0.243, abs=5e-4)
    assert eight["data_parallel_bytes"] / GB == pytest.approx(56.2, abs=0.05)


def test_a_group_that_fits_the_node_uses_its_link() -> None:
    """TP 8 within a node of eight takes 450 GB/s, TP 16 over two the network's 50."""
    within, across = (layout_of(model("llama-3-70b"), gpus=16, tensor_parallel=t) for t in (8, 16))

    assert within["tensor_parallel_seconds"] == within["tensor_parallel_bytes"] / 450e9
    assert across["tensor_parallel_seconds"] == across["tensor_parallel_bytes"] / 50e9
