"""What source B claims of the shares of a forward pass, put to the models of GPT-3.

Source B are notes on Casson 2023, "Transformer FLOPs" (https://www.adamcasson.com/posts/transformer-flops), section 3.
The models are those of Brown et al. 2020 (arXiv:2005.14165), table 2.1, as printed; the vocabulary is GPT-2's 50,257.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.graph import ENGINE
from sheetgen.engine.scaling import SHARES

GPT_3: Mapping[str, Number | str] = {
    "workload": "text", "class_token": "no", "vocab_size": 50257, "embedding_width": 0, "tied_embeddings": "yes",
    "head_transform": "no", "attention": "gqa", "qkv_bias": "yes", "qk_norm": "none", "gated_ffn": "no",
    "n_experts": 0, "experts_per_token": 0, "expert_d_ff": 0, "shared_expert_d_ff": 0, "shared_expert_gate": "no",
    "dense_layers": 0, "mtp_layers": 0, "mtp_logits": "no", "image_channels": 0, "patch_size": 0, "n_classes": 0,
    "q_lora_rank": 0, "kv_lora_rank": 0, "qk_nope_dim": 0, "qk_rope_dim": 0, "v_head_dim": 0,
}  # fmt: skip
"""What all models of table 2.1 share, as far as the shares rest on it."""

SMALLEST = (12, 768, 12, 64)  # layers, width, heads, width of a head: GPT-3 Small
LARGEST = (96, 12288, 96, 128)  # GPT-3 175B
CONTEXTS = tuple(2**power for power in range(9, 17))
SMALL_LIMIT, LARGE_LIMIT = 0.3, 0.1
BOUND_CONTEXT = 12  # contexts of n_ctx = 12 · d_model, where the claim's condition ends

UNITS = {
    "claim_small_share": "fraction",
    "claim_small_context": "token/sequence",
    "claim_small": "text",
    "claim_large_at_8192": "fraction",
    "claim_large_at_16384": "fraction",
    "claim_large": "text",
    "claim_fade_small": "fraction",
    "claim_fade_large": "fraction",
    "claim_dominate_large": "fraction",
    "claim_fade": "text",
    "claim_bound_context": "token/sequence",
    "claim_bound_attention": "ratio",
    "claim_bound": "text",
    "claim_case_attention": "ratio",
}


def gpt_shares(n_layers: int, d_model: int, n_heads: int, head_dim: int, sequence_length: int) -> dict[str, float]:
    """The shares of a GPT-3 by :data:`sheetgen.engine.scaling.SHARES`: multi-head attention, two feed-forward matrices
    four times as wide as the model."""
    sizes = {"n_layers": n_layers, "d_model": d_model, "n_heads": n_heads, "n_kv_heads": n_heads, "head_dim": head_dim}
    found = ENGINE.evaluate({**GPT_3, **sizes, "d_ff": 4 * d_model, "sequence_length": sequence_length}, SHARES)
    return {key: found[key] for key in SHARES}


def _shares(model: tuple[int, int, int, int], context: int) -> dict[str, float]:
    return gpt_shares(*model, context)


def _verdict(holds: bool, otherwise: str) -> str:
    return "holds" if holds else otherwise


@cache
def _of_the_models() -> dict[str, Number | str]:
    small = {context: _shares(SMALLEST, context)["share_quadratic"] for context in CONTEXTS}
    large = {context: _shares(LARGEST, context)["share_quadratic"] for context in (8192, 16384)}
    first, last = _shares(SMALLEST, 2048), _shares(LARGEST, 2048)
    fade = [shares["share_embedding"] + shares["share_logits"] for shares in (first, last)]
    dominate = last["share_qkv"] + last["share_ffn"]
    layers, width, heads, head = LARGEST
    context = BOUND_CONTEXT * width
    attention = 2 * layers * context * heads * head
    weights = layers * (4 + 8) * width * width  # four square matrices of attention, eight of the feed-forward
    bound = divide(attention, 2 * weights)
    return {
        "claim_small_share": max(small.values()),
        "claim_small_context": max([at for at, share in small.items() if share <= SMALL_LIMIT] or CONTEXTS[:1]),
        "claim_small": _verdict(max(small.values()) > SMALL_LIMIT, "does not hold"),
        "claim_large_at_8192": large[8192],
        "claim_large_at_16384": large[16384],
        "claim_large": _verdict(large[8192] <= LARGE_LIMIT < large[16384], "does not hold"),
        "claim_fade_small": fade[0],
        "claim_fade_large": fade[1],
        "claim_dominate_large": dominate,
        "claim_fade": _verdict(fade[1] < fade[0] and dominate > 1 / 2, "does not hold"),
        "claim_bound_context": context,
        "claim_bound_attention": bound,
        "claim_bound": _verdict(bound <= LARGE_LIMIT, "too loose"),
    }


def claims(kaplan_forward: Number, kaplan_core: Number) -> dict[str, Number | str]:
    """The figures and verdicts by key, units in :data:`UNITS`.

    ``claim_case_attention`` is of the case: Kaplan's attention term over 2·N [FLOP/token each], which the claim "C ≈
    2·N where d_model > n_ctx / 12" leaves out.
    """
    return _of_the_models() | {"claim_case_attention": divide(kaplan_core, kaplan_forward - kaplan_core)}
