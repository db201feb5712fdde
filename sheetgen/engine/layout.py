"""Parallel layout: how many ways a run is split, what follows from it, and what does not divide.

Symbols, here and in the modules of memory and communication: t tensor, p pipeline, v virtual stages a rank, c context,
e expert and x expert-tensor parallel degree, n accelerators, s sequence length, b sequences of a microbatch, m
microbatches, T = s·b/c tokens that a rank holds. Data parallelism is what is left: dp = n / (t·p·c) for all but the
routed experts, edp = n / (p·e·x) for these, which reuse the ranks of t, c and dp (Megatron-LM,
``megatron/core/parallel_state.py``; Shoeybi et al. 2019, arXiv:1909.08053; Narayanan et al. 2021, arXiv:2104.04473).
"""

from __future__ import annotations

import math

from sheetgen.engine.architecture import YesNo
from sheetgen.engine.arithmetic import Number, quotient
from sheetgen.engine.quantity import FAIL, check, quantity

STAGE_ROWS, FEWEST_ROWS = 64, 8
"""Stages, and chunks of stages, that a stage table has room for at most, and that one has room for at least."""


def room_for(stages: int) -> int:
    """The rows of a stage table that is needed for so many stages: twice as many or more, a power of two."""
    rows = FEWEST_ROWS
    while rows < min(2 * stages, STAGE_ROWS):
        rows *= 2
    return rows


ZERO_STAGES = (0, 1, 2, 3)
"""ZeRO stages (Rajbhandari et al. 2020, arXiv:1910.02054): what the data-parallel ranks share among them is nothing,
the optimizer, the gradients, too, or the weights, too (FSDP)."""


@quantity("GPU", "narayanan2021")
def model_parallel_gpus(tensor_parallel: Number, pipeline_parallel: Number, context_parallel: Number) -> Number:
    """Accelerators that hold one copy of everything but the routed experts: t·p·c."""
    return tensor_parallel * pipeline_parallel * context_parallel


@quantity("GPU", "megatron-parallel")
def expert_model_parallel_gpus(
    pipeline_parallel: Number, expert_parallel: Number, expert_tensor_parallel: Number
) -> Number:
    """Accelerators that hold one copy of the routed experts: p·e·x."""
    return pipeline_parallel * expert_parallel * expert_tensor_parallel


@quantity("GPU", "megatron-parallel")
def minimum_gpus(model_parallel_gpus: Number, expert_model_parallel_gpus: Number) -> Number:
    """The fewest accelerators of the layout, of which every count is a multiple: p·max(t·c, e·x) where one divides the
    other, for experts reuse the ranks of the rest; else the least common multiple."""
    return math.lcm(max(int(model_parallel_gpus), 1), max(int(expert_model_parallel_gpus), 1))


@quantity("GPU")
def nearest_gpus(gpus: Number, minimum_gpus: Number) -> Number:
    """The count that the layout divides and that is nearest to the one given; of two the smaller."""
    return max(math.ceil(gpus / minimum_gpus - 0.5), 1) * minimum_gpus


@quantity("count", "narayanan2021")
def data_parallel(gpus: Number, model_parallel_gpus: Number) -> Number:
    """Copies of the model, each with its own part of the batch: n / (t·p·c)."""
    return quotient(gpus, model_parallel_gpus)


@quantity("count", "megatron-parallel")
def expert_data_parallel(gpus: Number, expert_model_parallel_gpus: Number) -> Number:
    """Copies of the routed experts: n / (p·e·x)."""
    return quotient(gpus, expert_model_parallel_gpus)


@quantity("sequence/step")
def batch_sequences(batch_tokens: Number, sequence_length: Number) -> Number:
    """Sequences of a step."""
    return quotient(batch_tokens, sequence_length)


@quantity("count", "narayanan2021")
def microbatches(batch_sequences: Number, data_parallel: Number, micro_batch_sequences: Number) -> Number:
    """Microbatches that a rank works through in a step: batch / (b·dp)."""
    return quotient(batch_sequences, data_parallel * micro_batch_sequences)


@quantity("token", "korthikanti2022")
def microbatch_tokens(sequence_length: Number, micro_batch_sequences: Number, context_parallel: Number) -> Number:
    """Tokens of one microbatch on a rank: T = s·b/c."""
    return quotient(sequence_length * micro_batch_sequences, context_parallel)


@quantity("count", "korthikanti2022")
def sequence_shards(tensor_parallel: Number, sequence_parallel: YesNo) -> Number:
    """Ways that what tensor parallelism leaves whole is split: t with sequence parallelism, else 1."""
    return tensor_parallel if sequence_parallel == "yes" else 1


@quantity("count", "zero2020", helper=True)
def dense_shards(data_parallel: Number, context_parallel: Number, shard_group: Number) -> Number:
    """Ranks that share the states of all but the routed experts: dp·c, for context-parallel ranks join, and not more
    than the shard group of a hybrid sharding (0: none)."""
    ranks = data_parallel * context_parallel
    return min(ranks, shard_group) if shard_group > 0 else ranks


@quantity("count", "megatron-parallel", helper=True)
def expert_shards(expert_data_parallel: Number, shard_group: Number) -> Number:
    """Ranks that share the states of a routed expert: edp, 1 where there is a single copy."""
    return min(expert_data_parallel, shard_group) if shard_group > 0 else expert_data_parallel


def divides(divisor: Number, number: Number) -> bool:
    """Whether a number is a whole multiple of a divisor above 0."""
    return divisor > 0 and number % divisor == 0


@check(FAIL)
def check_layout_gpus(gpus: Number, model_parallel_gpus: Number, expert_model_parallel_gpus: Number) -> bool:
    """The accelerators are a multiple of t·p·c and of p·e·x."""
    return divides(model_parallel_gpus, gpus) and divides(expert_model_parallel_gpus, gpus)


@check(FAIL, "megatron-parallel")
def check_layout_heads(tensor_parallel: Number, n_heads: Number, n_kv_heads: Number) -> bool:
    """Tensor parallelism splits whole query heads, and whole key-value heads or whole copies of them."""
    whole_keys = divides(tensor_parallel, n_kv_heads) or (n_kv_heads > 0 and divides(n_kv_heads, tensor_parallel))
    return divides(tensor_parallel, n_heads) and (whole_keys or n_kv_heads == 0)


@check(FAIL, "megatron-parallel")
def check_layout_widths(
    tensor_parallel: Number,
    expert_tensor_parallel: Number,
    dense_ffn_layers: Number,
    d_ff: Number,
    expert_d_ff: Number,
    shared_expert_d_ff: Number,
) -> bool:
    """Tensor parallelism divides the feed-forward width, and that of experts and shared experts."""
    dense = dense_ffn_layers == 0 or divides(tensor_parallel, d_ff)
    return dense and divides(expert_tensor_parallel, expert_d_ff) and divides(tensor_parallel, shared_expert_d_ff)


@check(FAIL, "megatron-parallel")
def check_layout_experts(n_experts: Number, expert_parallel: Number, expert_tensor_parallel: Number) -> bool:
    """Each expert-parallel rank holds as many experts as every other; a dense model has none to split."""
    if n_experts <= 0:
        return expert_parallel == 1 and expert_tensor_parallel == 1
    return divides(expert_parallel, n_experts)


@check(FAIL, "megatron-parallel")
def check_layout_sequence(sequence_length: Number, context_parallel: Number) -> bool:
    """Context parallelism cuts a sequence into 2·c equal parts, two a rank."""
    return context_parallel == 1 or divides(2 * context_parallel, sequence_length)


@check(FAIL)
def check_layout_batch(microbatches: Number, check_tolerance: Number) -> bool:
    """The batch is a whole number of microbatches on every rank, and at least one."""
    return microbatches >= 1 and abs(microbatches - round(microbatches)) <= check_tolerance


@check(FAIL, "narayanan2021")
def check_layout_interleaving(
    virtual_stages: Number, pipeline_parallel: Number, microbatches: Number, stage_uneven: tuple[Number, ...]
) -> bool:
    """Interleaving needs a pipeline, microbatches in whole rounds of it, and layers that divide into the chunks."""
    return virtual_stages == 1 or (
        pipeline_parallel > 1 and microbatches % pipeline_parallel == 0 and sum(stage_uneven) == 0
    )


@check(FAIL)
def check_layout_stages(
    pipeline_parallel: Number,
    virtual_stages: Number,
    stage_rows: Number,
    stage_layers: tuple[Number, ...],
    n_layers: Number,
) -> bool:
    """Every stage has a layer, all layers have a stage, and no more stages or chunks than there is room for."""
    chunks = pipeline_parallel * virtual_stages
    room = pipeline_parallel <= stage_rows and chunks <= STAGE_ROWS
    return room and all(layers >= 1 for layers in stage_layers) and sum(stage_layers) == n_layers
