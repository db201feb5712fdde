"""The stages of a pipeline: which layers each holds.

Layers are shared out by a rule or as listed; the dense layers of a model with experts are its first ones, the modules
of multi-token prediction are on the last stage (Megatron Core). Figures of stages are tuples, one figure each.
"""

from __future__ import annotations

import re

from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import quantity

EVEN, COUNTED = "even", "counted"
STAGE_SPLITS = (EVEN, COUNTED)
"""How layers are shared out: evenly, the first stages one more (Megatron-DeepSpeed's ``type:transformer``); or with
embedding and head counted as a layer each (``account_for_embedding_in_pipeline_split``). Or a list, 7/7/7/7/6/6."""

LISTED = re.compile(r"\d+(/\d+)*")
"""A typed list of layers, one number for each stage."""

Stages = tuple[Number, ...]


def split_evenly(layers: int, stages: int) -> Stages:
    """Layers of each stage, those that are left over on the first ones."""
    each, left = divmod(layers, stages)
    return tuple(each + (stage < left) for stage in range(stages))


def split_counted(layers: int, stages: int) -> Stages:
    """Layers of each stage where embedding and head count as a layer each; what is left over goes to the stages behind
    the first one."""
    if stages == 1:
        return (layers,)
    each, left = divmod(layers + 2, stages)
    last = stages - 1
    return tuple(each + (1 <= i <= left) - (i == 0) - (i == last) for i in range(stages))


@quantity("layer", "megatron-deepspeed", over="stages")
def stage_layers(stage_split: str, n_layers: Number, pipeline_parallel: Number) -> Stages:
    """Layers of each stage: by a rule, or as listed; a list of another length leaves stages without layers."""
    stages, layers = max(int(pipeline_parallel), 1), int(n_layers)
    if stage_split == EVEN:
        return split_evenly(layers, stages)
    if stage_split == COUNTED:
        return split_counted(layers, stages)
    listed = [int(number) for number in stage_split.split("/")]
    return tuple((listed + [0] * stages)[:stages])


@quantity("layer", over="stages", helper=True)
def stage_uneven(stage_layers: Stages, stage_split: str, virtual_stages: Number) -> Stages:
    """Layers of each stage that are left over when it is cut into virtual stages, embedding and head counted where they
    count as layers; 0 for listed layers, whose chunks may differ."""
    ends = (0, len(stage_layers) - 1) if stage_split == COUNTED else ()
    if stage_split not in STAGE_SPLITS:
        return (0,) * len(stage_layers)
    places = [layers + ends.count(stage) for stage, layers in enumerate(stage_layers)]
    return tuple(count % virtual_stages for count in places)


@quantity("layer", over="stages", helper=True)
def stage_end(stage_layers: Stages) -> Stages:
    """The number of the last layer of each stage."""
    ends, end = [], 0
    for layers in stage_layers:
        end += int(layers)
        ends.append(end)
    return tuple(ends)


@quantity("layer", "deepseek-v3", over="stages")
def stage_dense_layers(stage_layers: Stages, stage_end: Stages, n_experts: Number, dense_layers: Number) -> Stages:
    """Layers of each stage with a dense feed-forward block: all in a dense model, else the first ones of the model."""
    if n_experts <= 0:
        return stage_layers
    return tuple(
        max(0, min(end, dense_layers) - (end - layers)) for layers, end in zip(stage_layers, stage_end, strict=True)
    )


@quantity("layer", over="stages")
def stage_moe_layers(stage_layers: Stages, stage_dense_layers: Stages, n_experts: Number, mtp_layers: Number) -> Stages:
    """Layers of each stage with experts; modules of multi-token prediction are on the last one."""
    counts = [layers - dense for layers, dense in zip(stage_layers, stage_dense_layers, strict=True)]
    counts[-1] += mtp_layers if n_experts > 0 else 0
    return tuple(counts)


@quantity("layer", over="stages", helper=True)
def stage_dense_blocks(stage_dense_layers: Stages, n_experts: Number, mtp_layers: Number) -> Stages:
    """Blocks of each stage with a dense feed-forward part, multi-token prediction included."""
    counts = list(stage_dense_layers)
    counts[-1] += mtp_layers if n_experts <= 0 else 0
    return tuple(counts)
