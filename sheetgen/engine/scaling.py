"""Shares of a forward pass by component, in the terms of Hoffmann et al. 2022 (arXiv:2203.15556), appendix F.

Source B (notes on Casson 2023, https://www.adamcasson.com/posts/transformer-flops, section 3) looks at
them against context length and model size. Logits of keys at queries, softmax and reduction grow with the square of the
context; the rest is linear in it.
"""

from __future__ import annotations

from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.chinchilla import chinchilla_components
from sheetgen.engine.parameters import ParameterCounts

SHARES = ("share_embedding", "share_qkv", "share_quadratic", "share_projection", "share_ffn", "share_logits")
UNITS = dict.fromkeys(SHARES, "fraction")


def component_shares(architecture: Architecture, counts: ParameterCounts, sequence_length: Number) -> dict[str, float]:
    """The six shares of a forward pass over a sequence of this length (fractions); all 0 where nothing is computed."""
    terms = chinchilla_components(architecture, counts, sequence_length)
    blocks = architecture.blocks
    attention = blocks * terms.chinchilla_attention_flops
    parts = (
        terms.chinchilla_embedding_flops,
        blocks * terms.chinchilla_qkv_flops,
        blocks * terms.chinchilla_core_flops,
        blocks * terms.chinchilla_projection_flops,
        terms.chinchilla_layers_flops - attention,
        terms.chinchilla_logits_flops,
    )
    total = terms.chinchilla_forward_flops
    return {key: divide(part, total) for key, part in zip(SHARES, parts, strict=True)}


def gpt_shares(
    n_layers: int, d_model: int, n_heads: int, head_dim: int, vocab_size: int, sequence_length: int
) -> dict[str, float]:
    """The six shares of a GPT: multi-head attention, two feed-forward matrices four times as wide as the model.

    Appendix F to the letter, per sequence: embeddings 2·s·V·h; a layer's QKV 2·s·3·h·(d·a), logits 2·s²·(d·a), softmax
    3·a·s², reduction 2·s²·(d·a), projection 2·s·(d·a)·h, dense block 2·s·(h·4h + 4h·h); final logits 2·s·h·V.
    """
    s, h, heads = sequence_length, d_model, n_heads * head_dim
    parts = (
        2 * s * vocab_size * h,
        n_layers * 2 * s * 3 * h * heads,
        n_layers * (2 * s * s * heads + 3 * n_heads * s * s + 2 * s * s * heads),
        n_layers * 2 * s * heads * h,
        n_layers * 2 * s * (h * 4 * h + 4 * h * h),
        2 * s * h * vocab_size,
    )
    return {key: divide(part, sum(parts)) for key, part in zip(SHARES, parts, strict=True)}
