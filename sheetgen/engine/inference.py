"""Inference with the trained model: FLOPs of prefill and decode, cache of keys and values, a bound of the price.

2·N per token (Kaplan et al. 2020, arXiv:2001.08361, section 2.1) and the attention over all tokens before it; prefill
takes the prompt at once, decode one token after the other (Pope et al. 2022, arXiv:2211.05102, section 2). Multi-token
prediction modules are left out. The cache holds keys and values of their own heads, or the compressed vector and rotary
key of latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1.4); a layer with a window holds no more than it.
Prices count compute only: they are lower bounds. An image is a prompt of its patches without an answer.
"""

from __future__ import annotations

from sheetgen.engine.architecture import Mask, Workload
from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, divide, quotient, whole
from sheetgen.engine.attention import Heads
from sheetgen.engine.mask import WINDOWS, WindowKind, unwindowed
from sheetgen.engine.quantity import quantity

TOKENS_PER_MILLION = 1_000_000


@quantity("parameter", "deepseek-v3", helper=True)
def module_parameters(
    mtp_layers: Number, mtp_parameters: Number, attention_parameters: Number, norm_parameters: Number,
    feed_forward_met: Number,
) -> Number:  # fmt: skip
    """What a token meets in all multi-token prediction modules together."""
    return mtp_layers * (attention_parameters + norm_parameters + feed_forward_met) + mtp_parameters


@quantity("parameter", "mixtral", helper=True)
def feed_forward_met(
    n_experts: Number, experts_per_token: Number, expert_parameters: Number, moe_ffn_parameters: Number,
    ffn_parameters: Number,
) -> Number:  # fmt: skip
    """What a token meets of the feed-forward part of one layer, with experts where the model has any."""
    if n_experts <= 0:
        return ffn_parameters
    return moe_ffn_parameters - (n_experts - experts_per_token) * expert_parameters


@quantity("parameter", "kaplan2020")
def inference_parameters(
    active_parameters: Number, undisclosed_parameters: Number, module_parameters: Number
) -> Number:
    """Parameters that a token meets in inference: the active ones without the multi-token prediction modules."""
    return active_parameters - (module_parameters if undisclosed_parameters <= 0 else 0)


@quantity("FLOP/token", "kaplan2020")
def inference_linear_flops_per_token(inference_parameters: Number) -> Number:
    """2·N of them."""
    return 2 * inference_parameters


@quantity("token/request", helper=True)
def prompt_length(workload: Workload, sequence_length: Number, prompt_tokens: Number) -> Number:
    """Tokens of the prompt, or of the image."""
    return sequence_length if workload == "vision" else prompt_tokens


@quantity("token/request", helper=True)
def answer_length(workload: Workload, attention_mask: Mask, output_tokens: Number) -> Number:
    """Tokens that are generated: none by an encoder or of an image."""
    return output_tokens if workload != "vision" and attention_mask == "causal" else 0


@quantity("token/request", helper=True)
def request_length(prompt_length: Number, answer_length: Number) -> Number:
    """Tokens of prompt and answer."""
    return prompt_length + answer_length


def pairs_of(
    length: Number, n_layers: Number, windowed_layers_used: Number, window_kind: WindowKind, attention_window: Number,
    attention_mask: Mask,
) -> Number:  # fmt: skip
    """Query-key pairs of one document over the layers of the model, multi-token prediction modules left out."""
    cut: Number = 0
    if windowed_layers_used:
        size = min(attention_window, length)
        cut = windowed_layers_used * WINDOWS[window_kind](length, size, attention_mask).pairs
    return cut + (n_layers - windowed_layers_used) * unwindowed(length, attention_mask).pairs


prompt_pairs = quantity("count", "pope2022", key="prompt_pairs", length="prompt_length")(pairs_of)
request_pairs = quantity("count", "pope2022", key="request_pairs", length="request_length")(pairs_of)


def core_flops(pairs: Number, query_width: Number, value_width: Number) -> Number:
    """Scores and weighted values of so many pairs: 2·(q + v) for each."""
    return whole(2 * (query_width + value_width) * pairs)


prefill_core_flops = quantity(
    "FLOP/request", "pope2022", key="prefill_core_flops", helper=True, pairs="prompt_pairs"
)(core_flops)  # fmt: skip


@quantity("FLOP/request", "pope2022", helper=True)
def decode_core_flops(prompt_pairs: Number, request_pairs: Number, query_width: Number, value_width: Number) -> Number:
    """Scores and weighted values of the tokens that are generated."""
    return core_flops(request_pairs - prompt_pairs, query_width, value_width)


@quantity("FLOP/request", "pope2022")
def prefill_flops(
    prompt_length: Number, inference_linear_flops_per_token: Number, prefill_core_flops: Number
) -> Number:
    """FLOPs of the prompt."""
    return prompt_length * inference_linear_flops_per_token + prefill_core_flops


@quantity("FLOP/request", "pope2022")
def decode_flops(answer_length: Number, inference_linear_flops_per_token: Number, decode_core_flops: Number) -> Number:
    """FLOPs of the answer."""
    return answer_length * inference_linear_flops_per_token + decode_core_flops


@quantity("FLOP/token", "pope2022")
def prefill_flops_per_token(prefill_flops: Number, prompt_length: Number) -> Number:
    """FLOPs for each token of the prompt."""
    return quotient(prefill_flops, prompt_length)


@quantity("FLOP/token", "pope2022")
def decode_flops_per_token(decode_flops: Number, answer_length: Number) -> Number:
    """FLOPs for each token of the answer."""
    return quotient(decode_flops, answer_length)


@quantity("fraction", "pope2022")
def prefill_attention_share(prefill_core_flops: Number, prefill_flops: Number) -> float:
    """Share of the attention in the prompt's FLOPs."""
    return divide(prefill_core_flops, prefill_flops)


@quantity("fraction", "pope2022")
def decode_attention_share(decode_core_flops: Number, decode_flops: Number) -> float:
    """Share of the attention in the answer's FLOPs."""
    return divide(decode_core_flops, decode_flops)


@quantity("byte", "deepseek-v2", helper=True)
def cached_bytes(workload: Workload, attention_mask: Mask, heads: Heads, kv_bytes: Number) -> Number:
    """What one layer caches for a token: 2·g·d numbers, or r_kv + d_rope; 0 where nothing is generated."""
    return (heads.cached if workload != "vision" and attention_mask == "causal" else 0) * kv_bytes


@quantity("byte/token", "deepseek-v2")
def kv_cache_bytes_per_token(n_layers: Number, cached_bytes: Number) -> Number:
    """Cache of keys and values that a token adds, all layers."""
    return n_layers * cached_bytes


@quantity("byte/request", "mistral")
def kv_cache_bytes_per_request(
    n_layers: Number, windowed_layers_used: Number, attention_window: Number, request_length: Number,
    cached_bytes: Number,
) -> Number:  # fmt: skip
    """Cache at the end of a request; a layer with a window holds no more tokens than it."""
    held = (n_layers - windowed_layers_used) * request_length
    held += windowed_layers_used * min(attention_window, request_length)
    return held * cached_bytes


@quantity("FLOP/s/GPU")
def serving_flops_per_gpu(peak_flops_per_gpu: Number, serving_utilisation: Number) -> Number:
    """What one GPU delivers in serving."""
    return peak_flops_per_gpu * serving_utilisation


def compute_price(flops: Number, serving_flops_per_gpu: Number, on_demand_rate: Number) -> float:
    """The compute of a million tokens of so many FLOPs each, at the price of a GPU-hour."""
    seconds = divide(flops, serving_flops_per_gpu)
    return seconds * on_demand_rate / SECONDS_PER_HOUR * TOKENS_PER_MILLION


PRICE_UNIT = "currency/Mtoken"
prefill_cost_per_million_tokens = quantity(
    PRICE_UNIT, key="prefill_cost_per_million_tokens", flops="prefill_flops_per_token"
)(compute_price)
decode_cost_per_million_tokens = quantity(
    PRICE_UNIT, key="decode_cost_per_million_tokens", flops="decode_flops_per_token"
)(compute_price)


@quantity("FLOP/token", helper=True)
def request_flops_per_token(prefill_flops: Number, decode_flops: Number, request_length: Number) -> Number:
    """FLOPs for each token of prompt and answer."""
    return quotient(prefill_flops + decode_flops, request_length)


request_cost_per_million_tokens = quantity(
    PRICE_UNIT, key="request_cost_per_million_tokens", flops="request_flops_per_token"
)(compute_price)
