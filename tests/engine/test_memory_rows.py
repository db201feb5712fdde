"""Published, measured and executed figures of memory and layout, row by row: tests/data/memory.csv.

A row says which figure of ours it is (a quantity, ``:n`` of stage n, a sum of quantities, or a name of
:data:`DERIVED` or :data:`WITHOUT_A_MODEL`), for which model and layout, and how near a good closed form comes. Nothing
is fitted to a row.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sheetgen.engine.adapters import FROZEN_BYTES
from sheetgen.engine.arithmetic import whole
from tests.support.engine_cases import NO_ARCHITECTURE, gpt
from tests.support.layouts import GB, GIB, MIB, computed, model, of_layout

ROWS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "memory.csv").read_text("utf-8").splitlines()))
SCALES = {"GiB": GIB, "MiB": MIB, "GB": GB, "MB": 1e6, "%": 0.01, "1e9 parameters": 1e9, "TFLOP/s": 1e12, "ms": 1e-3}
GPT = gpt(1, 1, 1, 1, 0)

Inputs = dict[str, Any]
Case = Callable[..., dict[str, Any]]


def typed(word: str) -> str | int | float:
    """A word of the table as a number where it is one."""
    try:
        return whole(float(word))
    except ValueError:
        return word


def architecture(row: dict[str, str]) -> Inputs:
    """The architecture of a row's model: of the catalogue, a GPT of the row's dimensions, or none."""
    if row["model"] == "none":
        return dict(NO_ARCHITECTURE)
    return dict(GPT) if row["model"] == "gpt" else model(row["model"] or "llama-3-8b")


def case_of(row: dict[str, str], **changes: Any) -> Inputs:
    """The inputs of a row's model and layout, with changes."""
    inputs: Inputs = {key: typed(word) for key, word in (pair.split("=") for pair in row["inputs"].split("; ") if pair)}
    return of_layout(architecture(row), **inputs | changes)


def values_of(row: dict[str, str], **changes: Any) -> dict[str, Any]:
    """All quantities of a row's model and layout, with changes."""
    return computed(case_of(row, **changes))


def at(values: dict[str, Any], figure: str) -> float:
    """A quantity, one of a stage, or a sum."""
    total = 0.0
    for part in figure.split("+"):
        key, _, stage = part.partition(":")
        total += values[key][int(stage) - 1] if stage else values[key]
    return total


def core_shares(row: dict[str, str]) -> tuple[float, float]:
    """Attention core over all model FLOPs, and over those of the layers and their linear parts: s/6h and so on."""
    inputs = dict(pair.split("=") for pair in row["inputs"].split("; "))
    over = float(inputs["s"]) / (6 * float(inputs["d_model"]))
    return over, over / (1 + over)


def saved_by_sharding(row: dict[str, str]) -> float:
    """States over 8 ranks less those over 128."""
    few, many = (values_of(row, gpus=ranks)["model_states_per_gpu"] for ranks in (8, 128))
    return few - many


def over_baseline(row: dict[str, str]) -> float:
    """Activations over those of tensor parallelism alone."""
    plain = values_of(row, sequence_parallel="no", recomputation="none")
    return values_of(row)["stage_activations"][0] / plain["stage_activations"][0]


def full_over_selective(row: dict[str, str]) -> float:
    """Work with full recomputation over work with selective."""
    full, selective = (values_of(row, recomputation=kind) for kind in ("full", "selective"))
    return full["recomputation_time_factor"] / selective["recomputation_time_factor"]


def split_norms(row: dict[str, str]) -> float:
    """Megatron-Bridge's parameters of the most loaded shard, which splits norms, too."""
    values = values_of(row)
    norms = (2 * values["n_layers"] + 1) * values["norm_vectors"] * values["d_model"] / values["pipeline_parallel"]
    return values["report_dense_parameters"] - norms * (1 - 1 / values["tensor_parallel"])


def linear_in_microbatches(few: float, more: float) -> float:
    """Seconds with 32 microbatches from those with 4 and 8."""
    each = (more - few) / 4
    return few + each * 28


def m4_over_m32(row: dict[str, str]) -> float:
    """Steps of 4 and 32 microbatches: pipeline, and the fixed part that the TP2 run of the same model shows."""
    fixed = (0.7255 - 4 * (1.3870 - 0.7255) / 4) / ((1.3870 - 0.7255) / 4)
    times = []
    for count in (4, 32):
        values = values_of(row, microbatches=count)
        times.append(values["pipeline_time_factor"] / values["stage_imbalance"] * count + fixed)
    return times[0] / times[1]


def mfu_ratio(row: dict[str, str]) -> float:
    """Throughput with 16 microbatches over that with 32, of evenly loaded stages."""
    long, short = (values_of(row, microbatches=count)["bubble_of_ideal"] for count in (32, 16))
    return (1 + long) / (1 + short)


def hardware_flops(row: dict[str, str]) -> float:
    """FLOP/s of an accelerator with ZeRO-3, whose step takes the longer of work and communication."""
    values = values_of(row, microbatches=1)
    work = values["ideal_step_seconds"] * values["recomputation_time_factor"]
    return work / values["predicted_step_seconds"] * values["peak_flops_per_gpu"]


def wider_tensor_parallelism(row: dict[str, str]) -> float:
    """Change of throughput from TP 4 × PP 8 to TP 8 × PP 4 on the same accelerators, kernels alike."""
    narrow, wide = (
        values_of(row, tensor_parallel=t, pipeline_parallel=32 // t, kernel_efficiency=0.5)["predicted_mfu"]
        for t in (4, 8)
    )
    return wide / narrow - 1


def dsv3_total(row: dict[str, str]) -> float:
    """Weights and gradients, optimizer, and 56 layer-microbatches."""
    values = values_of(row)
    return values["stage_states"][1] + 56 * values["moe_layer_activations"] * values["microbatch_tokens"]


WITHOUT_A_MODEL = {
    "kor-22b-layer-full": 4 / 3,  # one forward pass more than a forward and a backward one
    "sm-time-70b-l12-tp1pp2-m32": linear_in_microbatches(0.8430, 1.4768),
    "sm-time-70b-l12-tp2-m32": linear_in_microbatches(0.7255, 1.3870),
    "sm-time-405b-l4-tp2-m32": linear_in_microbatches(0.9073, 1.7168),
    "bs-qwen3-30b-offload-time": 0.996 + 0.75 * (2.484 - 0.996) / 0.5,  # linear in what is offloaded
    "saved logits": 4.0,  # the log-softmax in fp32
}

DERIVED: dict[str, Callable[[dict[str, str]], float]] = {
    "states of the layers": lambda row: (
        18
        * (values := values_of(row))["layers_matmul_parameters"]
        / (values["tensor_parallel"] * values["pipeline_parallel"])
    ),
    "activations over the baseline": over_baseline,
    "kor-gpt3-sel-saves": lambda row: (
        1
        - (
            values_of(row, activation_rule="korthikanti", recomputation="selective")["dense_layer_activations"]
            / values_of(row, activation_rule="korthikanti")["dense_layer_activations"]
        )
    ),
    "kor-gpt3-sel-flops": lambda row: core_shares(row)[1],
    "kor-530b-sel-flops": lambda row: core_shares(row)[1],
    "kor-mtnlg-530b-step-full-over-sel": full_over_selective,
    "sm-time-70b-l12-tp1pp2-ratio": m4_over_m32,
    "report_dense_parameters with norms split": split_norms,
    "report_states with norms split": lambda row: split_norms(row) * (6 + 12 / 4),
    "bs-llama3-70b-sft-tp8-throughput": wider_tensor_parallelism,
    "dsv3-256-optimizer": lambda row: values_of(row)["stage_optimizer"][1],
    "dsv3-256-act-per-layer": lambda row: (
        (values := values_of(row))["moe_layer_activations"] * values["microbatch_tokens"]
    ),
    "dsv3-256-total": dsv3_total,
    "saved by sharding over 128 instead of 8": saved_by_sharding,
    "change of throughput by recomputation": lambda row: 1 / values_of(row)["recomputation_time_factor"] - 1,
    "half a byte a parameter": lambda row: values_of(row)["parameters"] / 2,
    "fp32 weights and optimizer without norms": lambda row: (
        12 * ((values := values_of(row))["parameters"] - 36 * (values["norm_parameters"] + 2 * 128) - 4096) / 8
    ),
    "bub-llama3-mfu-ratio": mfu_ratio,
    "bub-bloom-16": lambda row: (
        (1 + values_of(row, microbatches=32)["bubble_of_ideal"])
        / (1 + values_of(row, microbatches=1)["bubble_of_ideal"])
    ),
    "hardware TFLOP/s": hardware_flops,
    "checkpoint of weights and optimizer": lambda row: values_of(row)["parameters"] * 14,
    "adapters in 16 bits": lambda row: FROZEN_BYTES * values_of(row)["adapter_parameters"],
    "fits": lambda row: float(values_of(row)["fits"] == "yes"),
}


def ours(row: dict[str, str]) -> float:
    """Our figure in the row's unit."""
    figure = row["figure"]
    if figure in WITHOUT_A_MODEL:
        found = WITHOUT_A_MODEL[figure]
    else:
        found = DERIVED[figure](row) if figure in DERIVED else at(values_of(row), figure)
    return found / SCALES.get(row["unit"], 1)


def within(row: dict[str, str], found: float) -> bool:
    """Whether a figure is within the row's tolerance: a share of the figure, ``abs`` so many units, or ``sign``."""
    published, tolerance = float(row["published"]), row["tolerance"]
    if tolerance == "sign":
        return found * published > 0
    if tolerance.startswith("abs"):
        return abs(found - published) <= float(tolerance.split()[1])
    return abs(found - published) <= (float(tolerance) / 100 + 1e-9) * abs(published)


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_published_figure_is_met(row: dict[str, str]) -> None:
    """Within the row's tolerance."""
    assert within(row, ours(row))


def test_a_row_sees_another_figure() -> None:
    """Negative control: with 16-bit gradients where the row has fp32 ones, or experts with the data parallelism of the
    rest, the figure is missed."""
    rows = {row["id"]: row for row in ROWS}
    megatron, experts = rows["mlm-llama3-70b-tp8pp4v5-states"], rows["dsv3-256-optimizer"]

    assert values_of(rows["log-qwen3-4b-alloc"], state_recipe="2/2/12")["model_states_per_gpu"] < 0.9 * 69454.74 * MIB
    assert values_of(megatron, zero_stage=0)["report_states"] > 1.5 * 16241.73 * MIB
    held = values_of(experts)
    all_alike = 12 * (held["stage_dense_parameters"][1] + held["stage_expert_parameters"][1]) / 64
    assert all_alike < 0.05 * 32.1 * GB
