"""Bytes that an accelerator sends in a step, by kind, and the seconds that they take on a node's link or the network.

Groups nest as tensor, context, expert, pipeline, data, the outermost last (Llama 3, arXiv:2407.21783, section 3.3.2); a
group that fits the accelerators of a node uses their link. Volumes: Narayanan et al. 2021 (arXiv:2104.04473, section
3.2), Korthikanti et al. 2022 (arXiv:2205.05198, section 4.2.2), Rajbhandari et al. 2020 (arXiv:1910.02054, section 7),
and Megatron Core's layers. Activations and their gradients are of 2 bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from sheetgen.engine.arithmetic import Number, divide, quotient, whole
from sheetgen.engine.quantity import REVIEW, Quantity, check, quantity
from sheetgen.engine.stages import Stages

if TYPE_CHECKING:
    from sheetgen.catalogue.accelerators import Accelerator

ALL_TO_ALL = "all_to_all"
ContextExchange = Literal["ring", "all_to_all"]
"""How context-parallel ranks see each other's keys and values: passed around, or exchanged for heads."""

KINDS = ("tensor_parallel", "context_parallel", "expert_parallel", "pipeline_parallel", "data_parallel")
GB = 1e9
BACKWARD_SHARE = 2 / 3
"""Of a microbatch's work the backward pass."""

FEW_MICROBATCHES = 4
"""With fewer microbatches a stage than this an interleaved pipeline does not hide its sends."""


@quantity("count", helper=True)
def passes_factor(recomputation: str) -> float:
    """Exchanges within layers over those without recomputation: half as many again where layers run forward twice."""
    return 1.5 if recomputation == "full" else 1


@quantity("layer", helper=True)
def most_stage_blocks(stage_dense_blocks: Stages, stage_moe_layers: Stages) -> Number:
    """Blocks of the stage with the most."""
    return max(dense + moe for dense, moe in zip(stage_dense_blocks, stage_moe_layers, strict=True))


@quantity("layer", helper=True)
def most_stage_moe_layers(stage_moe_layers: Stages) -> Number:
    """Layers with experts of the stage with the most."""
    return max(stage_moe_layers)


@quantity("byte", "narayanan2021")
def tensor_bytes_per_layer(microbatch_tokens: Number, d_model: Number, tensor_parallel: Number) -> Number:
    """Of a layer and microbatch: two all-reduces forward and two backward, or gathers and scatters of the same volume,
    16·T·h·(t − 1)/t."""
    return quotient(16 * microbatch_tokens * d_model * (tensor_parallel - 1), tensor_parallel)


@quantity("byte/step", "narayanan2021")
def tensor_parallel_bytes(
    tensor_bytes_per_layer: Number, most_stage_blocks: Number, microbatches: Number, passes_factor: float
) -> Number:
    """Sent for tensor parallelism in a step."""
    return tensor_bytes_per_layer * most_stage_blocks * microbatches * passes_factor


@quantity("byte", "megatron-context")
def context_bytes_per_layer(
    context_exchange: ContextExchange,
    attention: str,
    microbatch_tokens: Number,
    query_width: Number,
    value_width: Number,
    key_value_width: Number,
    context_parallel: Number,
    tensor_parallel: Number,
    key_value_shards: Number,
) -> Number:
    """Of a layer and microbatch: keys and values around the ring forward, they and their gradients backward,
    12·T·g·d·(c − 1); or queries, keys, values and output exchanged for heads, both ways."""
    keys = query_width + value_width if attention == "mla" else 2 * key_value_width
    split = tensor_parallel if attention == "mla" else key_value_shards
    if context_exchange == ALL_TO_ALL:
        sent = quotient(query_width + value_width, tensor_parallel) + quotient(keys, split)
        return quotient(4 * sent * microbatch_tokens * (context_parallel - 1), context_parallel)
    return quotient(6 * keys * microbatch_tokens * (context_parallel - 1), split)


@quantity("byte/step", "megatron-context")
def context_parallel_bytes(
    context_bytes_per_layer: Number, most_stage_blocks: Number, microbatches: Number, passes_factor: float
) -> Number:
    """Sent for context parallelism in a step."""
    return context_bytes_per_layer * most_stage_blocks * microbatches * passes_factor


@quantity("byte", "megatron-parallel")
def expert_bytes_per_layer(
    microbatch_tokens: Number,
    sequence_shards: Number,
    experts_per_token: Number,
    d_model: Number,
    expert_parallel: Number,
) -> Number:
    """Of a layer with experts and microbatch: tokens sent to their experts and back, forward and backward, 8·T·k·h·(e −
    1)/e."""
    sent = 8 * microbatch_tokens * experts_per_token * d_model * (expert_parallel - 1)
    return quotient(sent, sequence_shards * expert_parallel)


@quantity("byte/step", "megatron-parallel")
def expert_parallel_bytes(
    expert_bytes_per_layer: Number, most_stage_moe_layers: Number, microbatches: Number, passes_factor: float
) -> Number:
    """Sent for expert parallelism in a step."""
    return expert_bytes_per_layer * most_stage_moe_layers * microbatches * passes_factor


@quantity("byte", "narayanan2021")
def boundary_bytes(microbatch_tokens: Number, d_model: Number, sequence_shards: Number) -> Number:
    """Of a microbatch over one boundary of stages, one way: 2·T·h, a t-th of it with sequence parallelism."""
    return quotient(2 * microbatch_tokens * d_model, sequence_shards)


@quantity("byte/step", "narayanan2021")
def pipeline_parallel_bytes(
    boundary_bytes: Number, pipeline_parallel: Number, virtual_stages: Number, microbatches: Number
) -> Number:
    """Sent between stages in a step: by an inner one activations ahead and gradients back, for each virtual stage."""
    return 2 * boundary_bytes * virtual_stages * microbatches if pipeline_parallel > 1 else 0


@quantity("byte", "zero2020", over="stages")
def stage_reduced(
    stage_dense_parameters: Stages,
    stage_expert_parameters: Stages,
    dense_shards: Number,
    expert_shards: Number,
    weight_bytes: Number,
    gradient_bytes: Number,
    zero_stage: Number,
) -> Stages:
    """Sent by a rank of each stage to reduce gradients and gather weights once: without ZeRO an all-reduce, 2·g·P·(D −
    1)/D; with stages 1 and 2 (g + w); with stage 3 (g + 2·w), weights gathered forward and backward."""
    sizes = {0: 2 * gradient_bytes, 3: gradient_bytes + 2 * weight_bytes}
    size = sizes.get(int(zero_stage), gradient_bytes + weight_bytes)
    return tuple(
        quotient(size * own * (dense_shards - 1), dense_shards)
        + quotient(size * routed * (expert_shards - 1), expert_shards)
        for own, routed in zip(stage_dense_parameters, stage_expert_parameters, strict=True)
    )


@quantity("byte/step", "zero2020")
def data_parallel_bytes(stage_reduced: Stages, zero_stage: Number, microbatches: Number) -> Number:
    """Sent for data parallelism in a step by the stage that sends most: once, with stage 3 in every microbatch."""
    return max(stage_reduced) * (microbatches if zero_stage >= 3 else 1)


@quantity("byte/step", "megatron-pipeline")
def tied_embedding_bytes(head_copy_parameters: Number, gradient_bytes: Number, tensor_parallel: Number) -> Number:
    """Sent between first and last stage in a step to keep the two copies of a tied embedding alike."""
    return quotient(gradient_bytes * head_copy_parameters, tensor_parallel)


@quantity("byte/s/GPU", "accelerators")
def link_bandwidth(intra_node_bandwidth: Number, accelerator_figures: Accelerator | None) -> Number:
    """Of the link within a node, one direction: as typed, else the accelerator's."""
    listed = None if accelerator_figures is None else accelerator_figures.link_gb_s
    return intra_node_bandwidth if intra_node_bandwidth > 0 else (listed or 0) * GB


@quantity("byte/s/GPU", "accelerators")
def network_bandwidth(inter_node_bandwidth: Number, accelerator_figures: Accelerator | None) -> Number:
    """Of the network between nodes for an accelerator, one direction: as typed, else the accelerator's usual one."""
    listed = None if accelerator_figures is None else accelerator_figures.network_gb_s
    return inter_node_bandwidth if inter_node_bandwidth > 0 else (listed or 0) * GB


@quantity("GPU/node", "accelerators")
def node_gpus(linked_gpus: Number, accelerator_figures: Accelerator | None) -> Number:
    """Accelerators that the fast link joins, a node or a rack: as typed, else the accelerator's usual one."""
    listed = None if accelerator_figures is None else accelerator_figures.linked_gpus
    return linked_gpus if linked_gpus > 0 else whole(listed or 1)


NESTED = ("tensor_parallel", "context_parallel", "pipeline_parallel")
"""The degrees that stand within each other, the innermost first."""


def spanned(kind: str, gpus: Number, degrees: Mapping[str, Number]) -> Number:
    """Neighbouring accelerators over which the groups of a kind stretch: for data parallelism all."""
    if kind == "data_parallel":
        return gpus
    if kind == "expert_parallel":
        return degrees["expert_parallel"] * degrees["expert_tensor_parallel"]
    return math.prod(degrees[inner] for inner in NESTED[: NESTED.index(kind) + 1])


def _seconds(kind: str) -> Quantity:
    """The family of the seconds that each kind takes."""

    def seconds(
        sent: Number,
        gpus: Number,
        tensor_parallel: Number,
        context_parallel: Number,
        pipeline_parallel: Number,
        expert_parallel: Number,
        expert_tensor_parallel: Number,
        node_gpus: Number,
        link_bandwidth: Number,
        network_bandwidth: Number,
        link_efficiency: Number,
    ) -> float:
        degrees = {
            "tensor_parallel": tensor_parallel,
            "context_parallel": context_parallel,
            "pipeline_parallel": pipeline_parallel,
            "expert_parallel": expert_parallel,
            "expert_tensor_parallel": expert_tensor_parallel,
        }
        bandwidth = link_bandwidth if spanned(kind, gpus, degrees) <= node_gpus else network_bandwidth
        return divide(sent, bandwidth * link_efficiency)

    seconds.__doc__ = f"Seconds of a step that the bytes for {kind.replace('_', ' ')} take on their link."
    return quantity("s/step", "accelerators", key=f"{kind}_seconds", sent=f"{kind}_bytes")(seconds)


seconds_family = tuple(map(_seconds, KINDS))


@quantity("s/step", "accelerators")
def tied_embedding_seconds(
    tied_embedding_bytes: Number,
    model_parallel_gpus: Number,
    node_gpus: Number,
    link_bandwidth: Number,
    network_bandwidth: Number,
    link_efficiency: Number,
) -> float:
    """Seconds of a step that the two copies of a tied embedding take."""
    bandwidth = link_bandwidth if model_parallel_gpus <= node_gpus else network_bandwidth
    return divide(tied_embedding_bytes, bandwidth * link_efficiency)


@quantity("s/step", "narayanan2021")
def exposed_pipeline_seconds(
    pipeline_parallel_seconds: float,
    pipeline_overlap: Number,
    virtual_stages: Number,
    microbatches: Number,
    pipeline_parallel: Number,
) -> float:
    """Sends between stages that are waited for: none where stages are interleaved and microbatches at least four times
    as many, else all but the share that overlaps."""
    hidden = virtual_stages > 1 and microbatches >= FEW_MICROBATCHES * pipeline_parallel
    return 0.0 if hidden else pipeline_parallel_seconds * (1 - pipeline_overlap)


@quantity("s/step")
def exposed_inner_seconds(
    tensor_parallel_seconds: float,
    tensor_overlap: Number,
    context_parallel_seconds: float,
    context_overlap: Number,
    expert_parallel_seconds: float,
    expert_overlap: Number,
    exposed_pipeline_seconds: float,
) -> float:
    """Communication within microbatches that the work does not hide."""
    within = tensor_parallel_seconds * (1 - tensor_overlap) + context_parallel_seconds * (1 - context_overlap)
    return within + expert_parallel_seconds * (1 - expert_overlap) + exposed_pipeline_seconds


def hiding_share(overlap: Number, microbatches: Number, zero_stage: Number) -> float:
    """What of the work the data-parallel communication can hide behind: the last microbatch's backward pass, with ZeRO
    stage 3 all (so a step takes the longer of both, as in Narayanan et al., table 2)."""
    return overlap * (1 if zero_stage >= 3 else BACKWARD_SHARE * divide(1, microbatches))


def exposed_outer(seconds: float, busy: float, overlap: Number, microbatches: Number, zero_stage: Number) -> float:
    """What of the data-parallel seconds the work does not hide."""
    return max(0.0, seconds - hiding_share(overlap, microbatches, zero_stage) * busy)


@check(REVIEW, "accelerators")
def check_layout_links(gpus: Number, node_gpus: Number, link_bandwidth: Number, network_bandwidth: Number) -> bool:
    """The link within a node and the network between nodes have a bandwidth where there is something to send."""
    return (gpus == 1 or link_bandwidth > 0) and (gpus <= node_gpus or network_bandwidth > 0)
