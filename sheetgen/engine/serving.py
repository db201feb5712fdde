"""What a token costs to serve: compute, or memory, whichever takes longer.

Decoding makes one token of each sequence a step. A step computes, and it reads the weights once for the whole batch and
the cache of every sequence (Pope et al. 2022, arXiv:2211.05102, section 2.1); the longer of the two bounds it (Williams
et al. 2009, "Roofline", doi:10.1145/1498765.1498785). Of routed experts a step reads those that one of its tokens
meets: E·(1 - (1 - k/E)^b) of E where each token chooses k of them at random. Time is that of one accelerator; several
that share a model take it together, and no faster without waiting for each other. The prompt is priced by its compute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, divide, quotient
from sheetgen.engine.quantity import quantity

if TYPE_CHECKING:
    from sheetgen.catalogue.accelerators import Accelerator

TOKENS_PER_MILLION = 1_000_000
BYTES_PER_GB = 1e9
PRICE_UNIT = "currency/Mtoken"


@quantity("FLOP/s/GPU")
def serving_flops_per_gpu(peak_flops_per_gpu: Number, serving_utilisation: Number) -> Number:
    """What one GPU delivers in serving."""
    return peak_flops_per_gpu * serving_utilisation


@quantity("byte/s/GPU", "accelerators")
def memory_bandwidth(accelerator_figures: Accelerator | None) -> Number:
    """Bytes that one GPU reads of its memory in a second; 0 where the accelerator is not listed, or lists none."""
    listed = None if accelerator_figures is None else accelerator_figures.bandwidth_gb_s
    return 0 if listed is None else listed * BYTES_PER_GB


@quantity("expert", "mixtral")
def experts_met_in_step(n_experts: Number, experts_per_token: Number, serving_batch: Number) -> float:
    """Routed experts of one layer that a batch meets in a step, on average of random choices."""
    if n_experts <= experts_per_token:
        return float(n_experts)  # all of them, where there are any
    return float(n_experts * (1 - (1 - experts_per_token / n_experts) ** serving_batch))


@quantity("parameter_estimate", "pope2022")
def weights_read_in_step(
    inference_parameters: Number, moe_layers: Number, mtp_layers: Number, n_experts: Number, experts_per_token: Number,
    experts_met_in_step: float, expert_parameters: Number,
) -> float:  # fmt: skip
    """Weights that a step reads: all that its tokens meet. Tables are counted whole, though a look-up reads a row."""
    layers = moe_layers - (mtp_layers if n_experts > 0 else 0)
    return float(inference_parameters + layers * (experts_met_in_step - experts_per_token) * expert_parameters)


@quantity("parameter", "gpt-oss")
def weights_looked_up(active_parameters: Number, active_without_look_up: Number) -> Number:
    """Of these, the table that is only looked up: the input embedding where the head has a matrix of its own."""
    return active_parameters - active_without_look_up


@quantity("byte/token", "pope2022")
def weight_bytes_per_token(weights_read_in_step: float, serving_weight_bytes: Number, serving_batch: Number) -> float:
    """Bytes of weights for each token generated: a step has one token of every sequence."""
    return divide(weights_read_in_step * serving_weight_bytes, serving_batch)


@quantity("byte/token", "pope2022")
def cache_bytes_per_token(
    request_pairs: Number, prompt_pairs: Number, cached_bytes: Number, answer_length: Number
) -> Number:
    """Bytes of the cache that a token reads when it is generated, on average of the answer: a pair, an entry."""
    return quotient((request_pairs - prompt_pairs) * cached_bytes, answer_length)


@quantity("GPU*s/token", "roofline")
def decode_compute_seconds(decode_flops_per_token: Number, serving_flops_per_gpu: Number) -> float:
    """Time of a GPU to compute a token of the answer."""
    return divide(decode_flops_per_token, serving_flops_per_gpu)


@quantity("GPU*s/token", "roofline")
def decode_memory_seconds(
    answer_length: Number, weight_bytes_per_token: float, cache_bytes_per_token: Number, memory_bandwidth: Number
) -> float:
    """Time of a GPU to read what a token of the answer needs; 0 where nothing is generated, or no bandwidth known."""
    if answer_length <= 0:
        return 0.0
    return divide(weight_bytes_per_token + cache_bytes_per_token, memory_bandwidth)


@quantity("GPU*s/token", "roofline")
def decode_seconds(decode_compute_seconds: float, decode_memory_seconds: float) -> float:
    """The longer of the two."""
    return max(decode_compute_seconds, decode_memory_seconds)


@quantity("text", "roofline")
def decode_bound(answer_length: Number, decode_compute_seconds: float, decode_memory_seconds: float) -> str:
    """What decoding waits for."""
    if answer_length <= 0:
        return "nothing is generated"
    return "memory" if decode_memory_seconds > decode_compute_seconds else "compute"


@quantity(PRICE_UNIT)
def prefill_cost_per_million_tokens(
    prefill_flops_per_token: Number, serving_flops_per_gpu: Number, on_demand_rate: Number
) -> float:
    """The compute of a million tokens of prompts, at the price of a GPU-hour."""
    return million(divide(prefill_flops_per_token, serving_flops_per_gpu), on_demand_rate)


@quantity(PRICE_UNIT)
def decode_cost_per_million_tokens(decode_seconds: float, on_demand_rate: Number) -> float:
    """A million tokens of answers."""
    return million(decode_seconds, on_demand_rate)


@quantity(PRICE_UNIT)
def weights_cost_per_million_tokens(
    answer_length: Number, weight_bytes_per_token: float, memory_bandwidth: Number, on_demand_rate: Number
) -> float:
    """Of the answers' price by memory, what reading the weights is: the price without a cache."""
    if answer_length <= 0:
        return 0.0
    return million(divide(weight_bytes_per_token, memory_bandwidth), on_demand_rate)


@quantity(PRICE_UNIT)
def request_cost_per_million_tokens(
    prefill_cost_per_million_tokens: float, decode_cost_per_million_tokens: float, prompt_length: Number,
    answer_length: Number, request_length: Number,
) -> float:  # fmt: skip
    """A million tokens of prompts and answers, as a request mixes them."""
    prompt = prompt_length * prefill_cost_per_million_tokens
    return divide(prompt + answer_length * decode_cost_per_million_tokens, request_length)


def million(seconds: float, rate: Number) -> float:
    """The price of a million tokens that take so many GPU-seconds each, at a price of a GPU-hour."""
    return seconds * rate / SECONDS_PER_HOUR * TOKENS_PER_MILLION
