"""Forward FLOPs of one sequence, term by term, as Hoffmann et al. 2022 (Chinchilla, arXiv:2203.15556) count them.

Appendix F: embeddings 2·s·V·h; per layer QKV 2·s·3·h·(d·a), scores 2·s²·(d·a), softmax 3·a·s², reduction 2·s²·(d·a),
projection 2·s·(d·a)·h, feed-forward 4·s·h·f; logits 2·s·h·V. Generalised: a projection or block with W matrix weights
that a token meets costs 2·s·W, which covers grouped-query attention (QKV 2·s·h·(a·d + 2·g·d)), latent attention, gated
blocks (2·m·s·h·f) and experts; with latent attention the scores are as wide as the queries and the reduction as the
values. All reduce to the published terms for g = a, m = 2 and a dense model. An image has 2·n·p²·C·h for its n patches,
and logits of one token (Casson 2023, "Transformer FLOPs", for ViT).

Embedding, logits, layers and the whole pass are of the model, the other terms of one layer: that with experts of one
that has them, feed-forward and layer of a dense one.
"""

from __future__ import annotations

from sheetgen.engine.architecture import Workload
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import quantity

UNIT = "FLOP/sequence"
SOURCE = "hoffmann2022"


@quantity(UNIT, SOURCE)
def chinchilla_embedding_flops(
    workload: Workload, sequence_length: Number, class_tokens: int, embedding_matmul_parameters: Number,
    token_embedding_parameters: Number,
) -> Number:  # fmt: skip
    """Embeddings of the tokens, or of the patches of an image."""
    if workload == "vision":
        return 2 * (sequence_length - class_tokens) * embedding_matmul_parameters
    return 2 * sequence_length * (token_embedding_parameters + embedding_matmul_parameters)


@quantity(UNIT, SOURCE)
def chinchilla_qkv_flops(
    sequence_length: Number, query_matmul_parameters: Number, key_value_matmul_parameters: Number
) -> Number:
    """Projections of queries, keys and values."""
    return 2 * sequence_length * (query_matmul_parameters + key_value_matmul_parameters)


@quantity(UNIT, SOURCE)
def chinchilla_scores_flops(sequence_length: Number, query_width: Number) -> Number:
    """Logits of keys at queries."""
    return 2 * (sequence_length * sequence_length) * query_width


@quantity(UNIT, SOURCE)
def chinchilla_softmax_flops(sequence_length: Number, n_heads: Number) -> Number:
    """Softmax, three operations a logit."""
    return 3 * n_heads * (sequence_length * sequence_length)


@quantity(UNIT, SOURCE)
def chinchilla_reduction_flops(sequence_length: Number, value_width: Number) -> Number:
    """Values weighed by the softmax."""
    return 2 * (sequence_length * sequence_length) * value_width


@quantity(UNIT, SOURCE)
def chinchilla_projection_flops(sequence_length: Number, output_matmul_parameters: Number) -> Number:
    """The final linear of attention."""
    return 2 * sequence_length * output_matmul_parameters


@quantity(UNIT, SOURCE)
def chinchilla_ffn_flops(sequence_length: Number, ffn_matmul_parameters: Number) -> Number:
    """A dense block."""
    return 2 * sequence_length * ffn_matmul_parameters


@quantity(UNIT, "mixtral")
def chinchilla_moe_flops(sequence_length: Number, moe_matmul_parameters: Number) -> Number:
    """A block with experts."""
    return 2 * sequence_length * moe_matmul_parameters


@quantity(UNIT, SOURCE)
def chinchilla_logits_flops(
    workload: Workload, sequence_length: Number, lm_head_matmul_parameters: Number, head_passes: Number
) -> Number:
    """Final logits of every token, or of one image."""
    if workload == "vision":
        return 2 * lm_head_matmul_parameters
    return 2 * sequence_length * lm_head_matmul_parameters * head_passes


@quantity(UNIT, SOURCE)
def chinchilla_core_flops(
    chinchilla_scores_flops: Number, chinchilla_softmax_flops: Number, chinchilla_reduction_flops: Number
) -> Number:
    """What grows with the square of the context, one layer."""
    return chinchilla_scores_flops + chinchilla_softmax_flops + chinchilla_reduction_flops


@quantity(UNIT, SOURCE)
def chinchilla_attention_flops(
    chinchilla_qkv_flops: Number, chinchilla_core_flops: Number, chinchilla_projection_flops: Number
) -> Number:
    """Attention of one layer."""
    return chinchilla_qkv_flops + chinchilla_core_flops + chinchilla_projection_flops


@quantity(UNIT, SOURCE)
def chinchilla_layer_flops(chinchilla_attention_flops: Number, chinchilla_ffn_flops: Number) -> Number:
    """One dense layer."""
    return chinchilla_attention_flops + chinchilla_ffn_flops


@quantity(UNIT, SOURCE, helper=True)
def chinchilla_blocks_flops(
    dense_ffn_layers: Number, chinchilla_ffn_flops: Number, moe_layers: Number, chinchilla_moe_flops: Number,
    sequence_length: Number, mtp_matmul_parameters: Number,
) -> Number:  # fmt: skip
    """All layers without their attention: blocks, and the projections of the multi-token prediction modules."""
    prediction = 2 * sequence_length * mtp_matmul_parameters
    return dense_ffn_layers * chinchilla_ffn_flops + moe_layers * chinchilla_moe_flops + prediction


@quantity(UNIT, SOURCE)
def chinchilla_layers_flops(
    transformer_blocks: Number, chinchilla_attention_flops: Number, chinchilla_blocks_flops: Number
) -> Number:
    """All layers."""
    return transformer_blocks * chinchilla_attention_flops + chinchilla_blocks_flops


@quantity(UNIT, SOURCE)
def chinchilla_forward_flops(
    chinchilla_embedding_flops: Number, chinchilla_layers_flops: Number, chinchilla_logits_flops: Number
) -> Number:
    """A forward pass over one sequence."""
    return chinchilla_embedding_flops + chinchilla_layers_flops + chinchilla_logits_flops
