"""Forward FLOPs by component, per token and per sequence: every matrix product, as PyTorch counts them.

A product with W weights costs 2·W per token; the scores cost 2·s·q and the weighted values 2·s·v per layer (Narayanan
et al. 2021, arXiv:2104.04473, appendix). With latent attention q and v differ, and keys and values are expanded for
every head, as in training (Megatron-LM, ``megatron/training/training.py``, the branch ``multi_latent_attention``). A
layer with experts costs its router, k experts and the shared ones. A look-up of the input embedding costs nothing; an
image has its patches embedded and its class read once (Dosovitskiy et al. 2021, arXiv:2010.11929, section 3.1).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sheetgen.engine import attention, experts
from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number, divide, quotient, whole
from sheetgen.engine.mask import Mask
from sheetgen.engine.parameters import ParameterCounts
from sheetgen.engine.sequence import image_patches


class ForwardComponents(NamedTuple):
    """Forward FLOPs per token by component, all layers [FLOP/token]; ``dot_product_share`` is a fraction.

    ``forward_linear_flops`` is all but scores and values, ``layers_linear_flops`` the same without embedding and head.
    ``forward_dot_products`` are the output elements of all products: a product of H×D and D×W has H·W of them and costs
    H·W·(2·D − 1) exactly, one FLOP each less than 2·H·W·D (Golub and Van Loan, Matrix Computations, section 1.1).
    ``embedding_flops_kaplan`` is how Kaplan et al. 2020 (arXiv:2001.08361, table 1) count the look-up: 4·h.
    """

    forward_query_flops: Number
    forward_key_value_flops: Number
    forward_scores_flops: Number
    forward_values_flops: Number
    forward_output_flops: Number
    forward_ffn_flops: Number
    forward_moe_flops: Number
    forward_mtp_flops: Number
    forward_lm_head_flops: Number
    forward_embedding_flops: Number
    forward_linear_flops: Number
    layers_linear_flops: Number
    embedding_flops_kaplan: Number
    forward_dot_products: Number
    forward_flops_per_token_2d_minus_1: Number
    dot_product_share: float


class SequenceFlops(NamedTuple):
    """FLOPs of one sequence or image [FLOP/sequence], and its multiply-adds [MAC]."""

    patch_embedding_flops: Number
    forward_flops_per_sequence: Number
    forward_macs_per_sequence: Number
    backward_flops_per_sequence: Number
    masked_forward_flops_per_sequence: Number


@lru_cache(maxsize=256)
def forward_components(
    architecture: Architecture, counts: ParameterCounts, sequence_length: Number
) -> ForwardComponents:
    """Forward FLOPs per token of every matrix product, attention over the full square [FLOP/token].

    What an image has once, its patches and its head, is spread over its tokens.
    """
    double, length = 2 * counts.transformer_blocks, sequence_length
    query = double * counts.query_matmul_parameters
    key_value = double * counts.key_value_matmul_parameters
    output = double * counts.output_matmul_parameters
    scores, values = double * length * architecture.query_width, double * length * architecture.value_width
    ffn = 2 * counts.dense_ffn_layers * counts.ffn_matmul_parameters
    moe = 2 * counts.moe_layers * counts.moe_matmul_parameters
    prediction = 2 * counts.mtp_matmul_parameters
    if architecture.vision:
        head = quotient(2 * counts.lm_head_matmul_parameters, length)
        embedding = quotient(_patches(architecture, counts), length)
    else:
        head = 2 * counts.lm_head_matmul_parameters * counts.head_passes
        embedding = 2 * counts.embedding_matmul_parameters
    layers = query + key_value + output + ffn + moe + prediction
    forward = layers + embedding + head + scores + values
    dots = dot_products(architecture, counts, length)
    return ForwardComponents(
        forward_query_flops=query,
        forward_key_value_flops=key_value,
        forward_scores_flops=scores,
        forward_values_flops=values,
        forward_output_flops=output,
        forward_ffn_flops=ffn,
        forward_moe_flops=moe,
        forward_mtp_flops=prediction,
        forward_lm_head_flops=head,
        forward_embedding_flops=embedding,
        forward_linear_flops=layers + embedding + head,
        layers_linear_flops=layers,
        embedding_flops_kaplan=4 * architecture.d_model,
        forward_dot_products=dots,
        forward_flops_per_token_2d_minus_1=forward - dots,
        dot_product_share=divide(dots, forward),
    )


def dot_products(architecture: Architecture, counts: ParameterCounts, sequence_length: Number) -> Number:
    """Output elements of all matrix products of a forward pass, per token."""
    width = architecture.d_model
    dense = experts.outputs(architecture, architecture.d_ff)
    layers = counts.transformer_blocks * attention.dot_products(architecture, sequence_length)
    layers += counts.dense_ffn_layers * dense + counts.moe_layers * experts.moe_dot_products(architecture)
    layers += architecture.mtp_layers * width
    transform = width if architecture.head_transform else 0
    if architecture.vision:
        once = image_patches(architecture) * width + architecture.n_classes + transform
        return layers + quotient(once, sequence_length)
    between = architecture.token_width if architecture.projected else 0
    head = counts.head_passes * (architecture.vocab_size + between + transform)
    return layers + head + (width if architecture.projected else 0)


def sequence_flops(
    architecture: Architecture, counts: ParameterCounts, sequence_length: Number, mask: Mask
) -> SequenceFlops:
    """FLOPs of one sequence or image, whole numbers wherever the inputs are.

    The backward pass is worth two forward passes but for the patch embedding, whose input, the pixels, needs no
    gradient (so PyTorch counts).
    """
    parts = forward_components(architecture, counts, sequence_length)
    patches = _patches(architecture, counts)
    if architecture.vision:
        outside = patches + 2 * counts.lm_head_matmul_parameters
    else:
        outside = sequence_length * (parts.forward_embedding_flops + parts.forward_lm_head_flops)
    linear = sequence_length * parts.layers_linear_flops + outside
    forward = linear + sequence_length * (parts.forward_scores_flops + parts.forward_values_flops)
    width = architecture.query_width + architecture.value_width
    return SequenceFlops(
        patch_embedding_flops=patches,
        forward_flops_per_sequence=forward,
        forward_macs_per_sequence=quotient(forward, 2),
        backward_flops_per_sequence=2 * forward - patches,
        masked_forward_flops_per_sequence=linear + whole(2 * width * mask.attention_pairs),
    )


def _patches(architecture: Architecture, counts: ParameterCounts) -> Number:
    """2·n·p²·C·h of an image's n patches [FLOP/sequence]; 0 for text."""
    return 2 * image_patches(architecture) * counts.embedding_matmul_parameters if architecture.vision else 0
