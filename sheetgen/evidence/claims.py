"""What source B claims of the shares of a forward pass, put to the models of GPT-3.

Source B are notes on Casson 2023, "Transformer FLOPs" (https://www.adamcasson.com/posts/transformer-flops), section 3.
The models are those of Brown et al. 2020 (arXiv:2005.14165), table 2.1, as printed; the vocabulary is GPT-2's 50,257.
Shares and FLOPs are the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sheetgen.engine import ENGINE
from sheetgen.engine import conventions as engine
from sheetgen.engine.arithmetic import divide
from sheetgen.engine.quantity import quantity
from sheetgen.engine.scaling import SHARES
from sheetgen.evidence.conventions import gpt

VOCABULARY = 50257
SMALLEST = (12, 768, 12, 64)  # layers, width, heads, width of a head: GPT-3 Small
LARGEST = (96, 12288, 96, 128)  # GPT-3 175B
CONTEXTS: tuple[int, ...] = tuple(2**power for power in range(9, 17))
FADING_CONTEXT = 2048
SMALL_LIMIT, LARGE_LIMIT = 0.3, 0.1
BOUND_CONTEXT = 12  # contexts of n_ctx = 12 · d_model, where the claim's condition ends


@cache
def gpt_shares(n_layers: int, d_model: int, n_heads: int, head_dim: int, sequence_length: int) -> Mapping[str, float]:
    """The shares of a forward pass of a GPT-3, by :data:`sheetgen.engine.scaling.SHARES`."""
    model = {**gpt(n_layers, d_model, n_heads, VOCABULARY), "head_dim": head_dim}
    found = ENGINE.evaluate({**model, "sequence_length": sequence_length}, SHARES)
    return {key: found[key] for key in SHARES}


def quadratic(model: tuple[int, int, int, int], context: int) -> float:
    """The share of what grows with the square of the context."""
    return gpt_shares(*model, context)["share_quadratic"]


def ends(model: tuple[int, int, int, int]) -> float:
    """The share of embeddings and logits."""
    shares = gpt_shares(*model, FADING_CONTEXT)
    return shares["share_embedding"] + shares["share_logits"]


def verdict(holds: bool, otherwise: str = "does not hold") -> str:
    """What the sheet says of a claim."""
    return "holds" if holds else otherwise


@quantity("fraction", "casson")
def claim_small_share() -> float:
    """The largest quadratic share of GPT-3 Small among the contexts."""
    return max(quadratic(SMALLEST, context) for context in CONTEXTS)


@quantity("token/sequence", "casson")
def claim_small_context() -> int:
    """The longest context at which that share is at most 30 %."""
    return max((at for at in CONTEXTS if quadratic(SMALLEST, at) <= SMALL_LIMIT), default=CONTEXTS[0])


@quantity("text", "casson")
def claim_small(claim_small_share: float) -> str:
    """Small models pass 30 % within the contexts."""
    return verdict(claim_small_share > SMALL_LIMIT)


@quantity("fraction", "casson")
def claim_large_at_8192() -> float:
    """The quadratic share of GPT-3 175B at 8,192 tokens."""
    return quadratic(LARGEST, 8192)


@quantity("fraction", "casson")
def claim_large_at_16384() -> float:
    """The same at 16,384."""
    return quadratic(LARGEST, 16384)


@quantity("text", "casson")
def claim_large(claim_large_at_8192: float, claim_large_at_16384: float) -> str:
    """Large models pass 10 % between the two."""
    return verdict(claim_large_at_8192 <= LARGE_LIMIT < claim_large_at_16384)


@quantity("fraction", "casson")
def claim_fade_small() -> float:
    """Embeddings and logits of GPT-3 Small at 2,048 tokens."""
    return ends(SMALLEST)


@quantity("fraction", "casson")
def claim_fade_large() -> float:
    """The same of GPT-3 175B."""
    return ends(LARGEST)


@quantity("fraction", "casson")
def claim_dominate_large() -> float:
    """Projections and feed-forward of GPT-3 175B at 2,048 tokens."""
    shares = gpt_shares(*LARGEST, FADING_CONTEXT)
    return shares["share_qkv"] + shares["share_ffn"]


@quantity("text", "casson")
def claim_fade(claim_fade_small: float, claim_fade_large: float, claim_dominate_large: float) -> str:
    """Embeddings and logits fade with size, projections and feed-forward make up most."""
    return verdict(claim_fade_large < claim_fade_small and claim_dominate_large > 1 / 2)


@quantity("token/sequence", "casson")
def claim_bound_context() -> int:
    """The context at which the condition d_model > n_ctx / 12 ends, of GPT-3 175B."""
    return BOUND_CONTEXT * LARGEST[1]


@quantity("ratio", "kaplan2020")
def claim_bound_attention(claim_bound_context: int) -> float:
    """Kaplan's attention term there, over 2·N."""
    layers, width, heads, head = LARGEST
    attention = engine.causal_attention_core(layers, heads * head, heads * head, claim_bound_context)
    weights = layers * (4 + 8) * width * width  # four square matrices of attention, eight of the feed-forward
    return divide(attention, 2 * weights)


@quantity("text", "casson")
def claim_bound(claim_bound_attention: float) -> str:
    """Where the condition holds the term may be left out."""
    return verdict(claim_bound_attention <= LARGE_LIMIT, "too loose")


@quantity("ratio", "kaplan2020")
def claim_case_attention(attention_core_flops_per_token_kaplan: float, forward_flops_per_token_kaplan: float) -> float:
    """Kaplan's attention term of the case over 2·N, which the claim leaves out."""
    linear = forward_flops_per_token_kaplan - attention_core_flops_per_token_kaplan
    return divide(attention_core_flops_per_token_kaplan, linear)
