"""Shares of a forward pass by component, in the terms of Hoffmann et al. 2022 (arXiv:2203.15556), appendix F.

Source B (notes on Casson 2023, https://www.adamcasson.com/posts/transformer-flops, section 3) looks at
them against context length and model size. Logits of keys at queries, softmax and reduction grow with the square of the
context; the rest is linear in it. All are 0 where nothing is computed.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.quantity import quantity

SHARES = ("share_embedding", "share_qkv", "share_quadratic", "share_projection", "share_ffn", "share_logits")


@quantity("fraction", "hoffmann2022")
def share_embedding(chinchilla_embedding_flops: Number, chinchilla_forward_flops: Number) -> float:
    """Share of the embeddings."""
    return divide(chinchilla_embedding_flops, chinchilla_forward_flops)


@quantity("fraction", "hoffmann2022")
def share_qkv(transformer_blocks: Number, chinchilla_qkv_flops: Number, chinchilla_forward_flops: Number) -> float:
    """Share of the projections of queries, keys and values, all layers."""
    return divide(transformer_blocks * chinchilla_qkv_flops, chinchilla_forward_flops)


@quantity("fraction", "hoffmann2022")
def share_quadratic(
    transformer_blocks: Number, chinchilla_core_flops: Number, chinchilla_forward_flops: Number
) -> float:
    """Share of what grows with the square of the context, all layers."""
    return divide(transformer_blocks * chinchilla_core_flops, chinchilla_forward_flops)


@quantity("fraction", "hoffmann2022")
def share_projection(
    transformer_blocks: Number, chinchilla_projection_flops: Number, chinchilla_forward_flops: Number
) -> float:
    """Share of the final linear of attention, all layers."""
    return divide(transformer_blocks * chinchilla_projection_flops, chinchilla_forward_flops)


@quantity("fraction", "hoffmann2022")
def share_ffn(chinchilla_blocks_flops: Number, chinchilla_forward_flops: Number) -> float:
    """Share of the feed-forward parts, all layers, with the projections of multi-token prediction."""
    return divide(chinchilla_blocks_flops, chinchilla_forward_flops)


@quantity("fraction", "hoffmann2022")
def share_logits(chinchilla_logits_flops: Number, chinchilla_forward_flops: Number) -> float:
    """Share of the final logits."""
    return divide(chinchilla_logits_flops, chinchilla_forward_flops)
