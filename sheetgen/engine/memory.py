"""Peak memory of a rank of each stage of the pipeline, and of the heaviest one.

A stage keeps the activations of all microbatches in flight on it: with 1F1B p − i of them on stage i, so the first one
holds as many layers' worth as the whole model has (Narayanan et al. 2021, arXiv:2104.04473, section 2.2; Korthikanti et
al. 2022, arXiv:2205.05198, section 4.2.3; with interleaved stages the warm-up of Megatron Core's schedule). To states
and activations come the head's logits on the last stage, short-lived buffers, what the framework holds, and a headroom
for fragments. The peak is the heaviest stage's, not an average.
"""

from __future__ import annotations

import math

from sheetgen.engine.architecture import YesNo
from sheetgen.engine.arithmetic import Number, divide, quotient, whole
from sheetgen.engine.pipeline import PipelineSchedule
from sheetgen.engine.quantity import FAIL, Quantity, check, quantity
from sheetgen.engine.stages import Stages

BYTES_PER_GB = 1e9
WORKSPACE_BYTES = 2
"""A weight-gradient buffer is in bf16."""


def held_at_most(pipeline_schedule: PipelineSchedule, stages: int, stage: int) -> float:
    """Microbatches that a stage (from 0) holds at most, by schedule: PipeDream-Flush, GPipe (arXiv:1811.06965), zero
    bubble (Qi et al. 2024, arXiv:2401.10241, table 1), DualPipe (DeepSeek-V3, arXiv:2412.19437, table 2; its ranks hold
    the weights of two stages)."""
    of_all = {"gpipe": math.inf, "zb1p": stages, "zb2p": 2 * stages, "dualpipe": stages + 1}
    return of_all.get(pipeline_schedule, stages - stage)


@quantity("count", "narayanan2021", over="stages")
def stage_in_flight(
    pipeline_parallel: Number, virtual_stages: Number, microbatches: Number, pipeline_schedule: PipelineSchedule
) -> Stages:
    """Microbatches that each stage holds at once; a chunk of v virtual stages counts as a v-th of one."""
    stages = max(int(pipeline_parallel), 1)
    if virtual_stages > 1:
        ahead = [2 * (stages - stage - 1) + (virtual_stages - 1) * stages + 1 for stage in range(stages)]
        return tuple(quotient(min(microbatches * virtual_stages, chunks), virtual_stages) for chunks in ahead)
    return tuple(min(held_at_most(pipeline_schedule, stages, stage), microbatches) for stage in range(stages))


@quantity("byte/token", "korthikanti2022", over="stages", helper=True)
def stage_kept(
    stage_dense_blocks: Stages,
    stage_moe_layers: Stages,
    dense_layer_activations: Number,
    moe_layer_activations: Number,
    checkpoint_activations: Number,
    recomputation: str,
    recomputed_layers: Number,
) -> Stages:
    """Activations of one microbatch in all layers of a stage, per token: of layers computed again their input."""
    kept = []
    for dense, moe in zip(stage_dense_blocks, stage_moe_layers, strict=True):
        layers, everything = dense + moe, dense * dense_layer_activations + moe * moe_layer_activations
        again = min(recomputed_layers, layers) if recomputed_layers > 0 else layers
        if recomputation == "full" and layers > 0:
            everything = again * checkpoint_activations + quotient((layers - again) * everything, layers)
        kept.append(everything)
    return tuple(kept)


@quantity("byte", "korthikanti2022", over="stages")
def stage_activations(stage_in_flight: Stages, stage_kept: Stages, microbatch_tokens: Number) -> Stages:
    """Activations of the layers of each stage, of all microbatches in flight, on a rank."""
    return tuple(whole(held * kept * microbatch_tokens) for held, kept in zip(stage_in_flight, stage_kept, strict=True))


@quantity("byte", "korthikanti2022", over="stages")
def stage_recomputed(
    stage_dense_blocks: Stages,
    stage_moe_layers: Stages,
    dense_layer_activations: Number,
    moe_layer_activations: Number,
    recomputation: str,
    microbatch_tokens: Number,
) -> Stages:
    """With full recomputation the one layer that is computed again, whole: the larger kind on the stage."""
    if recomputation != "full":
        return (0,) * len(stage_dense_blocks)
    return tuple(
        microbatch_tokens * max(dense_layer_activations if dense else 0, moe_layer_activations if moe else 0)
        for dense, moe in zip(stage_dense_blocks, stage_moe_layers, strict=True)
    )


@quantity("byte", "te-fused", over="stages")
def stage_logits(pipeline_parallel: Number, logits_memory: Number) -> Stages:
    """Head and loss, on the last stage."""
    return (0,) * (max(int(pipeline_parallel), 1) - 1) + (logits_memory,)


@quantity("byte", "megatron-parallel", over="stages")
def stage_transient(
    stage_dense_blocks: Stages,
    d_model: Number,
    d_ff: Number,
    experts_per_token: Number,
    expert_d_ff: Number,
    shared_expert_d_ff: Number,
    tensor_parallel: Number,
    sequence_shards: Number,
    microbatch_tokens: Number,
) -> Stages:
    """Short-lived buffers at the first backward pass on a rank of each stage: gradients of a feed-forward block's
    width, 4·f (of experts those of a token's), on the last stage of the head's input, 2·h; with sequence parallelism
    2·h to gather a whole sequence."""
    gathered = 2 * d_model if sequence_shards > 1 else 0
    routed = quotient(4 * (experts_per_token * expert_d_ff + shared_expert_d_ff), tensor_parallel)
    inside = [quotient(4 * d_ff, tensor_parallel) if dense else routed for dense in stage_dense_blocks]
    inside[-1] = quotient(2 * d_model, sequence_shards)
    return tuple(microbatch_tokens * (width + gathered) for width in inside)


@quantity("byte", "te-workspace", over="stages")
def stage_workspace(
    weight_gradient_workspace: YesNo,
    stage_dense_blocks: Stages,
    stage_moe_layers: Stages,
    attention_matmul_parameters: Number,
    ffn_matmul_parameters: Number,
    expert_matmul_parameters: Number,
    shared_expert_matmul_parameters: Number,
    router_parameters: Number,
    lm_head_matmul_parameters: Number,
    latent_whole_parameters: Number,
    tensor_parallel: Number,
    expert_tensor_parallel: Number,
) -> Stages:
    """Buffers for weight gradients that Transformer Engine keeps beside fused accumulation, one in bf16 for each kind
    of matrix on a rank of the stage: of attention, a block, an expert, the shared experts, router and head."""
    if weight_gradient_workspace != "yes":
        return (0,) * len(stage_dense_blocks)
    attention = latent_whole_parameters + quotient(
        attention_matmul_parameters - latent_whole_parameters, tensor_parallel
    )
    dense = quotient(ffn_matmul_parameters, tensor_parallel)
    moe = router_parameters + quotient(expert_matmul_parameters, expert_tensor_parallel)
    moe += quotient(shared_expert_matmul_parameters, tensor_parallel)
    sizes = [
        attention + (dense if own else 0) + (moe if routed else 0)
        for own, routed in zip(stage_dense_blocks, stage_moe_layers, strict=True)
    ]
    sizes[-1] += quotient(lm_head_matmul_parameters, tensor_parallel)
    return tuple(WORKSPACE_BYTES * size for size in sizes)


@quantity("parameter", "deepseek-v2", helper=True)
def latent_whole_parameters(
    attention: str, attention_matmul_parameters: Number, latent_up_parameters: Number, output_matmul_parameters: Number
) -> Number:
    """Matrix weights of one layer's latent attention that tensor parallelism does not split: the projections down."""
    if attention != "mla":
        return 0
    return attention_matmul_parameters - latent_up_parameters - output_matmul_parameters


@quantity("byte", "identity", over="stages")
def stage_total(
    stage_states: Stages,
    stage_gathered: Stages,
    stage_activations: Stages,
    stage_recomputed: Stages,
    stage_logits: Stages,
    stage_transient: Stages,
    stage_workspace: Stages,
    framework_overhead: Number,
) -> Stages:
    """Peak memory of a rank of each stage."""
    parts = (
        stage_states, stage_gathered, stage_activations, stage_recomputed, stage_logits, stage_transient,
        stage_workspace,
    )  # fmt: skip
    return tuple(sum(of_stage) + framework_overhead for of_stage in zip(*parts, strict=True))


@quantity("byte", over="stages")
def stage_margin(stage_total: Stages, usable_memory_per_gpu: Number) -> Stages:
    """What the peak of each stage leaves of the usable memory; below 0 it does not fit."""
    return tuple(usable_memory_per_gpu - total for total in stage_total)


@quantity("byte")
def peak_memory_per_gpu(stage_total: Stages) -> Number:
    """Peak memory of a rank of the heaviest stage."""
    return max(stage_total)


@quantity("count")
def heaviest_stage(stage_total: Stages) -> int:
    """Number of the stage with the highest peak, from 1; of equal ones the first."""
    return 1 + stage_total.index(max(stage_total))


def _of_the_heaviest(key: str, over: str, source: str, text: str) -> Quantity:
    """The figure of a stage table at the heaviest stage."""

    def at(heaviest_stage: int, table: Stages) -> Number:
        return table[heaviest_stage - 1]

    at.__doc__ = text
    return quantity("byte", source, key=key, table=over)(at)


heaviest_parts = (
    _of_the_heaviest("weights_per_gpu", "stage_weights", "zero2020", "Weights on a rank of the heaviest stage."),
    _of_the_heaviest("gradients_per_gpu", "stage_gradients", "zero2020", "Gradients on a rank of the heaviest stage."),
    _of_the_heaviest("optimizer_per_gpu", "stage_optimizer", "zero2020", "Optimizer on a rank of the heaviest stage."),
    _of_the_heaviest("model_states_per_gpu", "stage_states", "zero2020", "States on a rank of the heaviest stage."),
    _of_the_heaviest("gathered_memory", "stage_gathered", "deepspeed-memory", "Gathered layer of the heaviest stage."),
    _of_the_heaviest("activations_per_gpu", "stage_activations", "korthikanti2022", "Activations, heaviest stage."),
    _of_the_heaviest("recomputed_memory", "stage_recomputed", "korthikanti2022", "The layer that is computed again."),
    _of_the_heaviest("head_memory", "stage_logits", "te-fused", "Head and loss on the heaviest stage."),
    _of_the_heaviest(
        "transient_memory", "stage_transient", "megatron-parallel", "Short-lived buffers, heaviest stage."
    ),
    _of_the_heaviest("workspace_memory", "stage_workspace", "te-workspace", "Workspace of the heaviest stage."),
)


@quantity("byte")
def usable_memory_per_gpu(memory_per_gpu: Number, memory_headroom: Number) -> Number:
    """Memory of the accelerator less the headroom; 0 where its memory is not known."""
    return memory_per_gpu * (1 - memory_headroom)


@quantity("ratio")
def memory_use(peak_memory_per_gpu: Number, memory_per_gpu: Number) -> float:
    """Peak over the memory of the accelerator; 0 where its memory is not known."""
    return divide(peak_memory_per_gpu, memory_per_gpu)


@quantity("byte")
def memory_margin(usable_memory_per_gpu: Number, peak_memory_per_gpu: Number) -> Number:
    """What the peak leaves of the usable memory; below 0 it does not fit."""
    return usable_memory_per_gpu - peak_memory_per_gpu


@quantity("text")
def fits(memory_margin: Number) -> str:
    """Whether the peak fits the accelerator less its headroom."""
    return "yes" if memory_margin >= 0 else "no"


@check(FAIL)
def check_memory_fits(peak_memory_per_gpu: Number, usable_memory_per_gpu: Number, memory_per_gpu: Number) -> bool:
    """The heaviest stage fits the accelerator's memory less the headroom."""
    return memory_per_gpu <= 0 or peak_memory_per_gpu <= usable_memory_per_gpu
