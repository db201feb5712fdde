"""Inference with the trained model: FLOPs of prefill and decode, cache of keys and values, a bound of the price.

2·N per token (Kaplan et al. 2020, arXiv:2001.08361, section 2.1) and the attention over all tokens before it; prefill
takes the prompt at once, decode one token after the other (Pope et al. 2022, arXiv:2211.05102, section 2). Multi-token
prediction modules are left out. The cache holds keys and values of their own heads, or the compressed vector and rotary
key of latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1.4); a layer with a window holds no more than it.
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, divide, quotient, whole
from sheetgen.engine.mask import pairs_of, windowed_layers
from sheetgen.engine.parameters import ParameterCounts

TOKENS_PER_MILLION = 1_000_000

UNITS = {
    "inference_parameters": "parameter",
    "inference_linear_flops_per_token": "FLOP/token",
    "prompt_pairs": "count",
    "request_pairs": "count",
    "prefill_flops": "FLOP/request",
    "decode_flops": "FLOP/request",
    "prefill_flops_per_token": "FLOP/token",
    "decode_flops_per_token": "FLOP/token",
    "prefill_attention_share": "fraction",
    "decode_attention_share": "fraction",
    "kv_cache_bytes_per_token": "byte/token",
    "kv_cache_bytes_per_request": "byte/request",
    "serving_flops_per_gpu": "FLOP/s/GPU",
    "prefill_cost_per_million_tokens": "currency/Mtoken",
    "decode_cost_per_million_tokens": "currency/Mtoken",
    "request_cost_per_million_tokens": "currency/Mtoken",
}


class Inference(NamedTuple):
    """One request to the trained model; units in :data:`UNITS`. Prices count compute only: lower bounds."""

    inference_parameters: Number
    inference_linear_flops_per_token: Number
    prompt_pairs: Number
    request_pairs: Number
    prefill_flops: Number
    decode_flops: Number
    prefill_flops_per_token: Number
    decode_flops_per_token: Number
    prefill_attention_share: float
    decode_attention_share: float
    kv_cache_bytes_per_token: Number
    kv_cache_bytes_per_request: Number
    serving_flops_per_gpu: Number
    prefill_cost_per_million_tokens: float
    decode_cost_per_million_tokens: float
    request_cost_per_million_tokens: float


def module_parameters(architecture: Architecture, counts: ParameterCounts) -> Number:
    """What a token meets in all multi-token prediction modules together [parameter]."""
    ffn = counts.ffn_parameters
    if architecture.n_experts > 0:
        unmet = (architecture.n_experts - architecture.experts_per_token) * counts.expert_parameters
        ffn = counts.moe_ffn_parameters - unmet
    block = counts.attention_parameters + counts.norm_parameters + ffn
    return architecture.mtp_layers * block + counts.mtp_parameters


def cached_numbers(architecture: Architecture) -> Number:
    """Numbers that one layer caches for a token: 2·g·d, or r_kv + d_rope; 0 where nothing is generated."""
    if architecture.vision or not architecture.causal:
        return 0
    if architecture.latent:
        return architecture.kv_lora_rank + architecture.qk_rope_dim
    return 2 * architecture.key_value_width


def inference(
    architecture: Architecture,
    counts: ParameterCounts,
    *,
    disclosed: bool,
    sequence_length: Number,
    prompt_tokens: Number,
    output_tokens: Number,
    kv_bytes: Number,
    peak_flops_per_gpu: Number,
    serving_utilisation: Number,
    price_per_gpu_hour: Number,
) -> Inference:
    """FLOPs, cache and price of one request; an image is a prompt of its patches without an answer."""
    generates = architecture.causal and not architecture.vision
    prompt = sequence_length if architecture.vision else prompt_tokens
    answer = output_tokens if generates else 0
    met = counts.active_parameters - (module_parameters(architecture, counts) if disclosed else 0)
    linear = 2 * met
    before, after = pairs_of(architecture, prompt), pairs_of(architecture, prompt + answer)
    width = 2 * (architecture.query_width + architecture.value_width)
    prefill_core, decode_core = whole(width * before), whole(width * (after - before))
    prefill, decode = prompt * linear + prefill_core, answer * linear + decode_core
    stored = cached_numbers(architecture) * kv_bytes
    cut = windowed_layers(architecture)
    held = (architecture.n_layers - cut) * (prompt + answer)
    held += cut * min(architecture.attention_window, prompt + answer)
    rate = peak_flops_per_gpu * serving_utilisation

    def price(flops_per_token: Number) -> float:
        seconds = divide(flops_per_token, rate)
        return seconds * price_per_gpu_hour / SECONDS_PER_HOUR * TOKENS_PER_MILLION

    return Inference(
        inference_parameters=met,
        inference_linear_flops_per_token=linear,
        prompt_pairs=before,
        request_pairs=after,
        prefill_flops=prefill,
        decode_flops=decode,
        prefill_flops_per_token=quotient(prefill, prompt),
        decode_flops_per_token=quotient(decode, answer),
        prefill_attention_share=divide(prefill_core, prefill),
        decode_attention_share=divide(decode_core, decode),
        kv_cache_bytes_per_token=architecture.n_layers * stored,
        kv_cache_bytes_per_request=held * stored,
        serving_flops_per_gpu=rate,
        prefill_cost_per_million_tokens=price(quotient(prefill, prompt)),
        decode_cost_per_million_tokens=price(quotient(decode, answer)),
        request_cost_per_million_tokens=price(quotient(prefill + decode, prompt + answer)),
    )
