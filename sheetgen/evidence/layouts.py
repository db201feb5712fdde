"""What a layout makes of published claims and series: article D's six stages, and runs that differ in their layout.

A pipeline of p stages with v chunks each and m microbatches takes 1 + (p − 1)/(v·m) of the ideal time where its stages
are alike; where they are not, the slowest counts m times and the others once (Narayanan et al. 2021, section 2.2). Of
an article that gives no figure the published one is 1, no effect, and the verdict says whether there is one.
"""

from __future__ import annotations

from sheetgen.engine import conventions as engine
from sheetgen.engine.quantity import quantity

HALF = 2  # bytes of an activation
STATISTIC = 4  # bytes of a head's softmax statistic
FORWARD_AND_BACKWARD = 3  # forward passes' worth


def layer_work(width: float, d_ff: float, heads: float, kv_heads: float, head_dim: float, context: float) -> float:
    """Forward FLOPs of a token in a layer with a gated feed-forward, a causal mask followed."""
    columns = 2 * heads * head_dim + 2 * kv_heads * head_dim + 3 * d_ff
    core: float = engine.causal_attention_core(1, heads * head_dim, heads * head_dim, context)
    return 2 * width * columns + core


def stage_time(works: list[float], microbatches: float) -> float:
    """Time of a step over the ideal: the slowest stage in every microbatch, each other once."""
    slowest = max(works)
    ideal = microbatches * sum(works) / len(works)
    return ((microbatches - 1) * slowest + sum(works)) / ideal


def alike(stages: float, chunks: float, microbatches: float) -> float:
    """The same for stages that are alike, interleaved."""
    return 1 + (stages - 1) / (chunks * microbatches)


def split(d_layers: float, d_stages: float, last: float, head: float) -> list[float]:
    """Work of each stage in layers: the last has so many and the head, the rest the others."""
    each = (d_layers - last) / (d_stages - 1)
    return [each] * (int(d_stages) - 1) + [last + head]


@quantity("ratio")
def d_head_in_layers(
    d_width: float, d_d_ff: float, d_heads: float, d_kv_heads: float, d_head_dim: float, d_vocabulary: float,
    d_context: float,
) -> float:  # fmt: skip
    """Forward work of the head over that of a layer."""
    return 2 * d_width * d_vocabulary / layer_work(d_width, d_d_ff, d_heads, d_kv_heads, d_head_dim, d_context)


@quantity("ratio", "narayanan2021")
def d_imbalance(d_layers: float, d_stages: float, d_head_in_layers: float) -> float:
    """Slowest stage over the mean with one layer less on the first and on the last stage."""
    last = (d_layers + 2) / d_stages - 1
    return (last + d_head_in_layers) / ((d_layers + d_head_in_layers) / d_stages)


@quantity("ratio", "narayanan2021")
def d_shorter_last(d_layers: float, d_stages: float, d_head_in_layers: float) -> float:
    """The same with two layers less on the last stage alone."""
    works = split(d_layers, d_stages, (d_layers + 2) / d_stages - 2, d_head_in_layers)
    return max(works) / (sum(works) / len(works))


@quantity("ratio", "narayanan2021")
def d_short_gain(
    d_layers: float, d_stages: float, d_microbatches: float, d_context: float, d_short: float, d_head_in_layers: float
) -> float:
    """FLOP/s at the shorter context over those at the longer: a batch of as many tokens has more microbatches."""
    last = (d_layers + 2) / d_stages - 1
    works = [last, *[last + 1] * (int(d_stages) - 2), last + d_head_in_layers]
    more = d_microbatches * d_context / d_short
    return stage_time(works, d_microbatches) / stage_time(works, more)


@quantity("ratio", "narayanan2021")
def d_checkpoint_gain(d_layers: float, d_head_in_layers: float) -> float:
    """FLOP/s without activation checkpointing over those with it: one more forward pass of every layer."""
    whole = FORWARD_AND_BACKWARD * (d_layers + d_head_in_layers)
    return (whole + d_layers) / whole


@quantity("ratio", "te-fused")
def d_checkpoint_memory(d_width: float, d_d_ff: float, d_heads: float, d_kv_heads: float, d_head_dim: float) -> float:
    """Activations of a layer kept without checkpointing over its input alone."""
    inputs = 2 * 2 * HALF * d_width  # of norm and matrices, twice
    heads = HALF * (2 * d_heads + 2 * d_kv_heads) * d_head_dim + STATISTIC * d_heads
    return (inputs + heads + 3 * HALF * d_d_ff) / (HALF * d_width)


@quantity("ratio", "narayanan2021")
def i_llama(i_llama_stages: float, i_llama_chunks: float, i_llama_many: float, i_llama_few: float) -> float:
    """MFU with fewer microbatches over that with more, by the bubble alone."""
    many, few = (alike(i_llama_stages, i_llama_chunks, count) for count in (i_llama_many, i_llama_few))
    return many / few


@quantity("ratio", "llama3")
def printed_i_llama(i_llama_mfu_few: float, i_llama_mfu_many: float) -> float:
    """The published MFUs over each other."""
    return i_llama_mfu_few / i_llama_mfu_many


@quantity("ratio", "narayanan2021")
def i_bloom(i_bloom_stages: float, i_bloom_many: float, i_bloom_few: float) -> float:
    """TFLOPS with one microbatch over those with 32, by the bubble alone."""
    return alike(i_bloom_stages, 1, i_bloom_many) / alike(i_bloom_stages, 1, i_bloom_few)


@quantity("ratio", "narayanan2021")
def i_checkpoint(
    i_layers: float, i_width: float, i_d_ff: float, i_heads: float, i_kv_heads: float, i_head_dim: float,
    i_vocabulary: float, i_context: float,
) -> float:  # fmt: skip
    """Tokens per second with every layer computed again over those without."""
    layer = layer_work(i_width, i_d_ff, i_heads, i_kv_heads, i_head_dim, i_context)
    layers, head = i_layers * layer, 2 * i_width * i_vocabulary
    return FORWARD_AND_BACKWARD * (layers + head) / (FORWARD_AND_BACKWARD * (layers + head) + layers)


@quantity("ratio", "torchtune")
def printed_i_checkpoint(i_rate_again: float, i_rate: float) -> float:
    """The published rates over each other."""
    return i_rate_again / i_rate
