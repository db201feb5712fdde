"""Inference with the trained model: FLOPs of prefill and decode, and the cache of keys and values.

A product with W weights costs 2·W for each token, and attention what it does over all tokens before; prefill takes the
prompt at once, decode one token after the other (Pope et al. 2022, arXiv:2211.05102, section 2). A look-up of the
embedding multiplies nothing, and of a prompt the head scores the last token alone. The rule of 2·N a token (Kaplan et
al. 2020, arXiv:2001.08361, section 2.1) counts both for every token; it stands beside. Multi-token prediction modules
are left out. The cache holds keys and values of their own heads, or the compressed vector and rotary key of latent
attention (DeepSeek-V2, arXiv:2405.04434, section 2.1.4), whose pairs are counted at the width of its heads, the least
that they take; a layer with a window holds no more than it. An image is a prompt of its patches without an answer.
What the FLOPs cost is in :mod:`sheetgen.engine.serving`.
"""

from __future__ import annotations

from sheetgen.engine.architecture import Mask, Workload
from sheetgen.engine.arithmetic import Number, divide, quotient, whole
from sheetgen.engine.attention import Heads
from sheetgen.engine.mask import WINDOWS, WindowKind, unwindowed
from sheetgen.engine.quantity import quantity


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
    """2·N of them, the rule of thumb."""
    return 2 * inference_parameters


@quantity("parameter", "pytorch")
def prefill_matmul_parameters(
    layers_matmul_parameters: Number, mtp_layers: Number, attention_matmul_parameters: Number,
    feed_forward_multiplied: Number, embedding_projection_parameters: Number, undisclosed_parameters: Number,
    active_parameters: Number,
) -> Number:  # fmt: skip
    """Weights in matrix products that every token meets: the layers and a projection behind the embedding, without
    prediction modules and head; all active parameters where the architecture is not disclosed."""
    if undisclosed_parameters > 0:
        return active_parameters
    modules = mtp_layers * (attention_matmul_parameters + feed_forward_multiplied)
    return layers_matmul_parameters - modules + embedding_projection_parameters


@quantity("parameter", "mixtral", helper=True)
def feed_forward_multiplied(n_experts: Number, moe_matmul_parameters: Number, ffn_matmul_parameters: Number) -> Number:
    """What a token multiplies in the feed-forward part of one layer, with experts where the model has any."""
    return moe_matmul_parameters if n_experts > 0 else ffn_matmul_parameters


@quantity("parameter", "pytorch")
def decode_matmul_parameters(prefill_matmul_parameters: Number, lm_head_matmul_parameters: Number) -> Number:
    """The same with the head, which every token that is generated meets."""
    return prefill_matmul_parameters + lm_head_matmul_parameters


@quantity("token/request", helper=True)
def prompt_length(workload: Workload, sequence_length: Number, prompt_tokens: Number) -> Number:
    """Tokens of the prompt, or of the image."""
    return sequence_length if workload == "vision" else prompt_tokens


@quantity("token/request", helper=True)
def answer_length(head_scores_words: int, attention_mask: Mask, output_tokens: Number) -> Number:
    """Tokens that are generated: none by an encoder, of an image, or where no words are scored."""
    return output_tokens if head_scores_words and attention_mask == "causal" else 0


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
    prompt_length: Number, prefill_matmul_parameters: Number, lm_head_matmul_parameters: Number,
    patch_embedding_flops: Number, prefill_core_flops: Number,
) -> Number:  # fmt: skip
    """FLOPs of the prompt: its products, the patches of an image, and the head once."""
    products = prompt_length * prefill_matmul_parameters + lm_head_matmul_parameters
    return 2 * products + patch_embedding_flops + prefill_core_flops


@quantity("FLOP/request", "pope2022")
def decode_flops(answer_length: Number, decode_matmul_parameters: Number, decode_core_flops: Number) -> Number:
    """FLOPs of the answer."""
    return answer_length * 2 * decode_matmul_parameters + decode_core_flops


@quantity("FLOP/request", "kaplan2020")
def prefill_flops_2n(
    prompt_length: Number, inference_linear_flops_per_token: Number, prefill_core_flops: Number
) -> Number:
    """The prompt by the rule of 2·N for every token, with the same attention."""
    return prompt_length * inference_linear_flops_per_token + prefill_core_flops


@quantity("FLOP/request", "kaplan2020")
def decode_flops_2n(
    answer_length: Number, inference_linear_flops_per_token: Number, decode_core_flops: Number
) -> Number:
    """The answer by the same rule."""
    return answer_length * inference_linear_flops_per_token + decode_core_flops


def excess(by_rule: Number, counted: Number) -> float:
    """How much more the rule of 2·N has than is multiplied; 0 without FLOPs."""
    return divide(by_rule, counted) - 1 if counted else 0.0


prefill_2n_excess = quantity(
    "fraction", "kaplan2020", key="prefill_2n_excess", by_rule="prefill_flops_2n", counted="prefill_flops"
)(excess)
decode_2n_excess = quantity(
    "fraction", "kaplan2020", key="decode_2n_excess", by_rule="decode_flops_2n", counted="decode_flops"
)(excess)


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
