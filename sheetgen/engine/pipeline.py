"""What a layout costs in time: bubble, imbalance of the stages, recomputation.

With 1F1B a step takes (m − 1)·max t_i + Σ t_i for stages that take t_i a microbatch, which is (m + p − 1)·t where all
take the same; interleaving v chunks divides the fill by v (Narayanan et al. 2021, arXiv:2104.04473, section 2.2). The
bubble is shown over the ideal time, (p − 1)/(v·m), and over the whole step, (p − 1)/(v·m + p − 1): tools print either.
Zero-bubble schedules (Qi et al. 2024, arXiv:2401.10241) and DualPipe (DeepSeek-V3, arXiv:2412.19437, table 2) are taken
with a backward pass of two forward passes, half of it for the weights.
"""

from __future__ import annotations

from typing import Literal

from sheetgen.engine.arithmetic import Number, divide, quotient
from sheetgen.engine.quantity import quantity
from sheetgen.engine.stages import Stages

PASSES = 3
"""A forward pass, and a backward pass worth two."""

PipelineSchedule = Literal["1f1b", "gpipe", "zb1p", "zb2p", "dualpipe"]


@quantity("FLOP/token", "megatron-code", helper=True)
def core_flops_per_block(
    query_width: Number,
    value_width: Number,
    attention_area: Number,
    sequence_length: Number,
    transformer_blocks: Number,
) -> Number:
    """Scores and weighted values of one layer forward, the mean where layers have windows: 2·(q + v)·area / s."""
    return quotient(2 * (query_width + value_width) * attention_area, sequence_length * transformer_blocks)


@quantity("FLOP/token", "megatron-code", helper=True)
def dense_block_flops(
    attention_matmul_parameters: Number, ffn_matmul_parameters: Number, core_flops_per_block: Number
) -> Number:
    """A layer with a dense feed-forward block, forward."""
    return 2 * (attention_matmul_parameters + ffn_matmul_parameters) + core_flops_per_block


@quantity("FLOP/token", "megatron-code", helper=True)
def moe_block_flops(
    attention_matmul_parameters: Number, moe_matmul_parameters: Number, core_flops_per_block: Number
) -> Number:
    """A layer with experts, forward."""
    return 2 * (attention_matmul_parameters + moe_matmul_parameters) + core_flops_per_block


@quantity("FLOP/token", "megatron-code", over="stages", helper=True)
def stage_layer_flops(
    stage_dense_blocks: Stages, stage_moe_layers: Stages, dense_block_flops: Number, moe_block_flops: Number
) -> Stages:
    """The layers of each stage, forward."""
    pairs = zip(stage_dense_blocks, stage_moe_layers, strict=True)
    return tuple(dense * dense_block_flops + moe * moe_block_flops for dense, moe in pairs)


@quantity("FLOP/token", "megatron-code", over="stages")
def stage_forward_flops(
    stage_layer_flops: Stages,
    forward_embedding_flops: Number,
    forward_lm_head_flops: Number,
    forward_mtp_flops: Number,
) -> Stages:
    """Each stage forward, a causal mask and windows followed: its layers, on the last stage the head."""
    flops = list(stage_layer_flops)
    flops[0] += forward_embedding_flops
    flops[-1] += forward_lm_head_flops + forward_mtp_flops
    return tuple(flops)


@quantity("ratio")
def stage_imbalance(stage_forward_flops: Stages) -> float:
    """The slowest stage over the mean."""
    return divide(max(stage_forward_flops) * len(stage_forward_flops), sum(stage_forward_flops))


@quantity("ratio", "zero-bubble", helper=True)
def fill_share(pipeline_schedule: PipelineSchedule, pipeline_parallel: Number, virtual_stages: Number) -> float:
    """What of filling and draining the pipeline is left idle: all with 1F1B, a v-th with v virtual stages, a third with
    ZB1P, none with ZB2P, (p − 2)/(3·(p − 1)) with DualPipe."""
    if virtual_stages > 1:
        return 1 / virtual_stages
    if pipeline_schedule == "dualpipe":
        return divide(max(pipeline_parallel - 2, 0), 3 * (pipeline_parallel - 1))
    return {"zb1p": 1 / 3, "zb2p": 0.0}.get(pipeline_schedule, 1.0)


@quantity("ratio", "narayanan2021")
def bubble_of_ideal(pipeline_parallel: Number, microbatches: Number, fill_share: float) -> float:
    """Idle time over the time that the work alone would take: (p − 1)/(v·m)."""
    return fill_share * divide(pipeline_parallel - 1, microbatches)


@quantity("fraction", "narayanan2021")
def bubble_of_step(bubble_of_ideal: float) -> float:
    """Idle time over the whole step: (p − 1)/(v·m + p − 1)."""
    return bubble_of_ideal / (1 + bubble_of_ideal)


@quantity("ratio", "narayanan2021")
def pipeline_time_factor(
    stage_forward_flops: Stages, stage_imbalance: float, microbatches: Number, fill_share: float
) -> float:
    """Time of a step over the ideal, with bubble and imbalance: (m·max + (Σ − max)/v) / (m·mean)."""
    mean = sum(stage_forward_flops) / len(stage_forward_flops)
    others = sum(stage_forward_flops) - max(stage_forward_flops)
    return stage_imbalance + fill_share * divide(others, microbatches * mean)


@quantity("ratio", "narayanan2021")
def recomputation_time_factor(
    recomputation: str,
    recomputed_layers: Number,
    stage_dense_blocks: Stages,
    stage_moe_layers: Stages,
    stage_layer_flops: Stages,
    stage_forward_flops: Stages,
    core_flops_per_block: Number,
    transformer_blocks: Number,
) -> float:
    """Work with recomputation over work without: one more forward pass of the layers that are computed again, never of
    the head, (4·layers + 3·head)/(3·layers + 3·head); selective: of the attention core, counted once."""
    if recomputation == "none":
        return 1.0
    again: Number = transformer_blocks * core_flops_per_block
    if recomputation == "full":
        layers = [dense + moe for dense, moe in zip(stage_dense_blocks, stage_moe_layers, strict=True)]
        again = sum(
            flops * divide(min(recomputed_layers, count) if recomputed_layers > 0 else count, count)
            for count, flops in zip(layers, stage_layer_flops, strict=True)
        )
    return 1 + divide(again, PASSES * sum(stage_forward_flops))
