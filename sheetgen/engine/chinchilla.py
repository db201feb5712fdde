"""Forward FLOPs of one sequence, term by term, as Hoffmann et al. 2022 (Chinchilla, arXiv:2203.15556) count them."""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.parameters import ParameterCounts
from sheetgen.engine.sequence import class_tokens


class ChinchillaComponents(NamedTuple):
    """Forward FLOPs of one sequence, term by term [FLOP/sequence]:
    Hoffmann et al. 2022, arXiv:2203.15556, appendix F.

    ``chinchilla_embedding_flops``, ``chinchilla_logits_flops``, ``chinchilla_layers_flops`` and
    ``chinchilla_forward_flops`` are of the model, the others of one layer: ``chinchilla_moe_flops`` of one with
    experts, ``chinchilla_ffn_flops`` and ``chinchilla_layer_flops`` of a dense one.
    """

    chinchilla_embedding_flops: Number
    chinchilla_qkv_flops: Number
    chinchilla_scores_flops: Number
    chinchilla_softmax_flops: Number
    chinchilla_reduction_flops: Number
    chinchilla_projection_flops: Number
    chinchilla_ffn_flops: Number
    chinchilla_moe_flops: Number
    chinchilla_logits_flops: Number
    chinchilla_core_flops: Number
    chinchilla_attention_flops: Number
    chinchilla_layer_flops: Number
    chinchilla_layers_flops: Number
    chinchilla_forward_flops: Number


def chinchilla_components(
    architecture: Architecture, counts: ParameterCounts, sequence_length: Number
) -> ChinchillaComponents:
    """Forward FLOPs of one sequence, the terms of Hoffmann et al. 2022, appendix F [FLOP/sequence].

    Embeddings 2·s·V·h; per layer QKV 2·s·3·h·(d·a), scores 2·s²·(d·a), softmax 3·a·s², reduction 2·s²·(d·a),
    projection 2·s·(d·a)·h, feed-forward 4·s·h·f; logits 2·s·h·V. Generalised: a projection or block with W matrix
    weights that a token meets costs 2·s·W, which covers grouped-query attention (QKV 2·s·h·(a·d + 2·g·d)), latent
    attention, gated blocks (2·m·s·h·f) and experts; with latent attention the scores are as wide as the queries and
    the reduction as the values. All reduce to the published terms for g = a, m = 2 and a dense model. An image has
    2·n·p²·C·h for its n patches, and logits of one token (Casson 2023, "Transformer FLOPs", for ViT).
    """
    tokens, square = sequence_length, sequence_length * sequence_length
    if architecture.vision:
        embedding = 2 * (tokens - class_tokens(architecture)) * counts.embedding_matmul_parameters
        logits = 2 * counts.lm_head_matmul_parameters
    else:
        embedding = 2 * tokens * (counts.token_embedding_parameters + counts.embedding_matmul_parameters)
        logits = 2 * tokens * counts.lm_head_matmul_parameters * counts.head_passes
    qkv = 2 * tokens * (counts.query_matmul_parameters + counts.key_value_matmul_parameters)
    scores = 2 * square * architecture.query_width
    softmax = 3 * architecture.n_heads * square
    reduction = 2 * square * architecture.value_width
    projection = 2 * tokens * counts.output_matmul_parameters
    ffn = 2 * tokens * counts.ffn_matmul_parameters
    moe = 2 * tokens * counts.moe_matmul_parameters
    core = scores + softmax + reduction
    attention = qkv + core + projection
    prediction = 2 * tokens * counts.mtp_matmul_parameters
    blocks = counts.dense_ffn_layers * ffn + counts.moe_layers * moe + prediction
    layers = counts.transformer_blocks * attention + blocks
    return ChinchillaComponents(
        chinchilla_embedding_flops=embedding,
        chinchilla_qkv_flops=qkv,
        chinchilla_scores_flops=scores,
        chinchilla_softmax_flops=softmax,
        chinchilla_reduction_flops=reduction,
        chinchilla_projection_flops=projection,
        chinchilla_ffn_flops=ffn,
        chinchilla_moe_flops=moe,
        chinchilla_logits_flops=logits,
        chinchilla_core_flops=core,
        chinchilla_attention_flops=attention,
        chinchilla_layer_flops=attention + ffn,
        chinchilla_layers_flops=layers,
        chinchilla_forward_flops=embedding + layers + logits,
    )
