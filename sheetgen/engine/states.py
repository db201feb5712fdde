"""Model states: weights, gradients and optimizer of a rank, shared out by ZeRO, moved to the host, or frozen.

Mixed-precision training with Adam keeps 16-bit weights, gradients, and an optimizer of fp32 master weights and two
moments (Rajbhandari et al. 2020, ZeRO, arXiv:1910.02054, section 3.1). Stage 1 shares the optimizer among the
data-parallel ranks, stage 2 the gradients, too, stage 3 the weights, too (FSDP). ZeRO-Offload (arXiv:2101.06840) moves
gradients and optimizer to the host, ZeRO-Infinity (arXiv:2104.07857) with stage 3 the weights, too; Megatron's
fractional offload moves the moments.
"""

from __future__ import annotations

import re
from typing import Literal

from sheetgen.engine.arithmetic import Number, quotient, whole
from sheetgen.engine.quantity import Quantity, quantity
from sheetgen.engine.stages import Stages

RECIPES = {
    "2/4/12": "bf16 weights, fp32 gradients, fp32 master and moments: Megatron-LM's default, DeepSpeed's estimator",
    "2/2/12": "16-bit weights and gradients, fp32 master and moments: ZeRO, section 3.1",
    "2/2/16": "as before, with an fp32 copy of the gradients: Megatron Core, dist_optimizer.md, 4 + 16/d",
    "4/4/8": "fp32, with mixed precision as a cast: torchtitan, FSDP2",
    "2/4/8": "fp32 master and gradients, bf16 moments: DeepSeek-V3, section 3.3",
    "2/2/8": "bf16 gradients and moments, fp32 master: Megatron Core's precision-aware optimizer",
    "2/2/6": "8-bit Adam beside an fp32 master: Dettmers et al. 2022, arXiv:2110.02861",
    "2/2/4": "all in bf16: torchtune, LLaMA-Factory",
}
"""Usual recipes: bytes of a weight, of a gradient and of the optimizer for a parameter. Any other may be typed."""

RECIPE = re.compile(r"(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)")
Offloaded = Literal["moments", "optimizer"]
MOMENT_BYTES = 8
"""Bytes of Adam's two moments in fp32, which is what Megatron's fractional offload moves."""

GATHERED_BYTES = 4
SHARED_WEIGHTS = 3  # the stage of ZeRO from which weights are shared


def recipe(state_recipe: str) -> tuple[Number, Number, Number]:
    """Bytes of weights, gradients and optimizer for a parameter. Raises ValueError for what is no recipe."""
    matched = RECIPE.fullmatch(state_recipe)
    if matched is None:
        raise ValueError(f"no recipe of bytes like 2/4/12: {state_recipe}")
    weights, gradients, optimizer = (whole(float(number)) for number in matched.groups())
    return weights, gradients, optimizer


@quantity("byte/parameter", "zero2020")
def weight_bytes(state_recipe: str) -> Number:
    """Bytes of a weight."""
    return recipe(state_recipe)[0]


@quantity("byte/parameter", "zero2020")
def gradient_bytes(state_recipe: str) -> Number:
    """Bytes of a gradient."""
    return recipe(state_recipe)[1]


@quantity("byte/parameter", "zero2020")
def optimizer_bytes(state_recipe: str) -> Number:
    """Bytes of the optimizer for a parameter: master weight, moments."""
    return recipe(state_recipe)[2]


def shares(sharded: bool, dense_shards: Number, expert_shards: Number) -> tuple[Number, Number]:
    """Ranks that share dense and expert states, 1 where they do not."""
    return (dense_shards, expert_shards) if sharded else (1, 1)


def _spread(dense: Stages, expert: Stages, size: Number, among: tuple[Number, Number]) -> Stages:
    """So many bytes a parameter, spread over the ranks that share them."""
    return tuple(
        quotient(size * own, among[0]) + quotient(size * routed, among[1])
        for own, routed in zip(dense, expert, strict=True)
    )


@quantity("byte", "zero2020", over="stages")
def stage_weights(
    stage_dense_parameters: Stages,
    stage_expert_parameters: Stages,
    weight_bytes: Number,
    zero_stage: Number,
    dense_shards: Number,
    expert_shards: Number,
    weight_offload_share: Number,
) -> Stages:
    """Weights on a rank of each stage; with stage 3 shared, and what is offloaded away."""
    among = shares(zero_stage >= 3, dense_shards, expert_shards)
    kept = weight_bytes * (1 - weight_offload_share) if zero_stage >= 3 else weight_bytes
    return _spread(stage_dense_parameters, stage_expert_parameters, kept, among)


@quantity("byte", "zero2020", over="stages")
def stage_gradients(
    stage_dense_parameters: Stages,
    stage_expert_parameters: Stages,
    gradient_bytes: Number,
    zero_stage: Number,
    dense_shards: Number,
    expert_shards: Number,
    offloaded: Offloaded,
    optimizer_offload_share: Number,
) -> Stages:
    """Gradients on a rank of each stage; with stage 2 shared. The host's optimizer step takes them with it."""
    among = shares(zero_stage >= 2, dense_shards, expert_shards)
    kept = gradient_bytes * (1 - optimizer_offload_share) if offloaded == "optimizer" else gradient_bytes
    return _spread(stage_dense_parameters, stage_expert_parameters, kept, among)


@quantity("byte/parameter", "zero-offload", helper=True)
def kept_optimizer_bytes(optimizer_bytes: Number, offloaded: Offloaded, optimizer_offload_share: Number) -> Number:
    """Bytes of the optimizer that stay on the accelerator: all but a share of it, or but a share of its moments."""
    moved = optimizer_bytes if offloaded == "optimizer" else min(optimizer_bytes, MOMENT_BYTES)
    return optimizer_bytes - moved * optimizer_offload_share


@quantity("byte", "zero2020", over="stages")
def stage_optimizer(
    stage_dense_parameters: Stages,
    stage_expert_parameters: Stages,
    kept_optimizer_bytes: Number,
    zero_stage: Number,
    dense_shards: Number,
    expert_shards: Number,
) -> Stages:
    """Optimizer on a rank of each stage; shared from stage 1 on, among the copies of each expert by themselves."""
    among = shares(zero_stage >= 1, dense_shards, expert_shards)
    return _spread(stage_dense_parameters, stage_expert_parameters, kept_optimizer_bytes, among)


@quantity("byte", "zero2020", over="stages")
def stage_states(stage_weights: Stages, stage_gradients: Stages, stage_optimizer: Stages) -> Stages:
    """Weights, gradients and optimizer on a rank of each stage."""
    parts = zip(stage_weights, stage_gradients, stage_optimizer, strict=True)
    return tuple(weights + gradients + optimizer for weights, gradients, optimizer in parts)


@quantity("byte", "deepspeed-memory", over="stages")
def stage_gathered(
    stage_dense_blocks: Stages,
    stage_moe_layers: Stages,
    rank_attention_parameters: Number,
    norm_parameters: Number,
    rank_ffn_parameters: Number,
    rank_shared_parameters: Number,
    rank_expert_parameters: Number,
    zero_stage: Number,
) -> Stages:
    """With stage 3 the largest layer whole on a rank of each stage, 4 bytes a parameter: its 16-bit weights and
    gradients, as DeepSpeed's estimator has it, or the weights of two layers, the next one fetched ahead."""
    if zero_stage < SHARED_WEIGHTS:
        return (0,) * len(stage_dense_blocks)
    block = rank_attention_parameters + norm_parameters
    dense, moe = block + rank_ffn_parameters, block + rank_shared_parameters + rank_expert_parameters
    return tuple(
        GATHERED_BYTES * max(dense if own else 0, moe if routed else 0)
        for own, routed in zip(stage_dense_blocks, stage_moe_layers, strict=True)
    )


def of_zero(stage: int) -> tuple[Number, ...]:
    """Which of weights, gradients and optimizer a ZeRO stage shares: 1 or 0 each."""
    return int(stage >= 3), int(stage >= 2), int(stage >= 1)


def _zero_family(stage: int) -> Quantity:
    shared = of_zero(stage)

    def states(
        heaviest_stage: Number,
        stage_dense_parameters: Stages,
        stage_expert_parameters: Stages,
        weight_bytes: Number,
        gradient_bytes: Number,
        optimizer_bytes: Number,
        dense_shards: Number,
        expert_shards: Number,
    ) -> Number:
        place = int(heaviest_stage) - 1
        total: Number = 0
        for size, split in zip((weight_bytes, gradient_bytes, optimizer_bytes), shared, strict=True):
            total += quotient(size * stage_dense_parameters[place], dense_shards if split else 1)
            total += quotient(size * stage_expert_parameters[place], expert_shards if split else 1)
        return total

    states.__doc__ = f"States on a rank of the heaviest stage with ZeRO stage {stage}, nothing offloaded."
    return quantity("byte", "zero2020", key=f"states_zero_{stage}")(states)


zero_families = tuple(_zero_family(stage) for stage in (0, 1, 2, 3))


@quantity("byte", "zero-offload")
def states_zero_2_offload(
    heaviest_stage: Number, stage_dense_parameters: Stages, stage_expert_parameters: Stages, weight_bytes: Number
) -> Number:
    """Stage 2 with gradients and optimizer on the host: the heaviest stage's whole weights stay."""
    own = int(heaviest_stage) - 1
    return weight_bytes * (stage_dense_parameters[own] + stage_expert_parameters[own])


@quantity("byte", "zero-offload")
def states_zero_3_offload(
    states_zero_3: Number, weight_bytes: Number, gradient_bytes: Number, optimizer_bytes: Number
) -> float:
    """Stage 3 with gradients and optimizer on the host: the share of the weights stays."""
    return states_zero_3 * weight_bytes / (weight_bytes + gradient_bytes + optimizer_bytes)


@quantity("byte", "zero-offload")
def states_zero_3_infinity(
    heaviest_stage: Number,
    stage_dense_blocks: Stages,
    stage_moe_layers: Stages,
    rank_attention_parameters: Number,
    norm_parameters: Number,
    rank_ffn_parameters: Number,
    rank_shared_parameters: Number,
    rank_expert_parameters: Number,
) -> Number:
    """Stage 3 with weights on the host or its disks, too: of the heaviest stage the layer that is gathered stays."""
    gathered: Stages = stage_gathered(
        stage_dense_blocks, stage_moe_layers, rank_attention_parameters, norm_parameters, rank_ffn_parameters,
        rank_shared_parameters, rank_expert_parameters, SHARED_WEIGHTS,
    )  # fmt: skip
    return gathered[int(heaviest_stage) - 1]
