"""Forward FLOPs by component, per token and per sequence: every matrix product, as PyTorch counts them.

A product with W weights costs 2·W per token; the scores cost 2·s·q and the weighted values 2·s·v per layer (Narayanan
et al. 2021, arXiv:2104.04473, appendix), over the full square. With latent attention q and v differ, and keys and
values are expanded for every head, as in training (Megatron-LM, ``megatron/training/training.py``, the branch
``multi_latent_attention``). A layer with experts costs its router, k experts and the shared ones. A look-up of the
input embedding costs nothing; an image has its patches embedded and its class read once (Dosovitskiy et al. 2021,
arXiv:2010.11929, section 3.1), which is spread over its tokens.
"""

from __future__ import annotations

from sheetgen.engine.architecture import Workload, YesNo
from sheetgen.engine.arithmetic import Number, divide, quotient, whole
from sheetgen.engine.quantity import quantity


@quantity("FLOP/token", "pytorch")
def forward_query_flops(transformer_blocks: Number, query_matmul_parameters: Number) -> Number:
    """Query projections, all layers."""
    return 2 * transformer_blocks * query_matmul_parameters


@quantity("FLOP/token", "pytorch")
def forward_key_value_flops(transformer_blocks: Number, key_value_matmul_parameters: Number) -> Number:
    """Key and value projections, all layers."""
    return 2 * transformer_blocks * key_value_matmul_parameters


@quantity("FLOP/token", "pytorch")
def forward_scores_flops(transformer_blocks: Number, sequence_length: Number, query_width: Number) -> Number:
    """Scores of queries at keys over the full square, all layers."""
    return 2 * transformer_blocks * sequence_length * query_width


@quantity("FLOP/token", "pytorch")
def forward_values_flops(transformer_blocks: Number, sequence_length: Number, value_width: Number) -> Number:
    """Values weighed by the scores over the full square, all layers."""
    return 2 * transformer_blocks * sequence_length * value_width


@quantity("FLOP/token", "pytorch")
def forward_output_flops(transformer_blocks: Number, output_matmul_parameters: Number) -> Number:
    """Output projections, all layers."""
    return 2 * transformer_blocks * output_matmul_parameters


@quantity("FLOP/token", "pytorch")
def forward_ffn_flops(dense_ffn_layers: Number, ffn_matmul_parameters: Number) -> Number:
    """Dense feed-forward blocks, all layers that have one."""
    return 2 * dense_ffn_layers * ffn_matmul_parameters


@quantity("FLOP/token", "mixtral")
def forward_moe_flops(moe_layers: Number, moe_matmul_parameters: Number) -> Number:
    """Router, k experts and shared experts, all layers that have them."""
    return 2 * moe_layers * moe_matmul_parameters


@quantity("FLOP/token", "deepseek-v3")
def forward_mtp_flops(mtp_matmul_parameters: Number) -> Number:
    """Projections of the multi-token prediction modules; their blocks count as layers."""
    return 2 * mtp_matmul_parameters


@quantity("FLOP/token", "pytorch")
def forward_lm_head_flops(
    workload: Workload, lm_head_matmul_parameters: Number, head_passes: Number, sequence_length: Number
) -> Number:
    """The head, for each token and pass; of an image once, spread over its tokens."""
    if workload == "vision":
        return quotient(2 * lm_head_matmul_parameters, sequence_length)
    return 2 * lm_head_matmul_parameters * head_passes


@quantity("FLOP/token", "pytorch")
def forward_embedding_flops(
    workload: Workload, embedding_matmul_parameters: Number, patch_embedding_flops: Number, sequence_length: Number
) -> Number:
    """Products at the input: none for a look-up, a projection, or the patches of an image spread over its tokens."""
    if workload == "vision":
        return quotient(patch_embedding_flops, sequence_length)
    return 2 * embedding_matmul_parameters


@quantity("FLOP/token", "pytorch", helper=True)
def layers_linear_flops(
    forward_query_flops: Number, forward_key_value_flops: Number, forward_output_flops: Number,
    forward_ffn_flops: Number, forward_moe_flops: Number, forward_mtp_flops: Number,
) -> Number:  # fmt: skip
    """All layers without scores and values."""
    attention = forward_query_flops + forward_key_value_flops + forward_output_flops
    return attention + forward_ffn_flops + forward_moe_flops + forward_mtp_flops


@quantity("FLOP/token", "pytorch")
def forward_linear_flops(
    layers_linear_flops: Number, forward_embedding_flops: Number, forward_lm_head_flops: Number
) -> Number:
    """Everything without scores and values: 2·W."""
    return layers_linear_flops + forward_embedding_flops + forward_lm_head_flops


@quantity("FLOP/token", "kaplan2020")
def embedding_flops_kaplan(d_model: Number) -> Number:
    """The look-up as Kaplan et al. 2020 (arXiv:2001.08361, table 1) count it: 4·h."""
    return 4 * d_model


@quantity("FLOP/token", "pytorch", helper=True)
def forward_products_flops(
    forward_linear_flops: Number, forward_scores_flops: Number, forward_values_flops: Number
) -> Number:
    """Every matrix product of a forward pass."""
    return forward_linear_flops + forward_scores_flops + forward_values_flops


@quantity("count", "matrix-product", helper=True)
def layers_dot_products(
    transformer_blocks: Number, attention_dot_products: Number, dense_ffn_layers: Number, ffn_dot_products: Number,
    moe_layers: Number, moe_dot_products: Number, mtp_layers: Number, d_model: Number,
) -> Number:  # fmt: skip
    """Output elements of the matrix products of all layers, for one token."""
    feed_forward = dense_ffn_layers * ffn_dot_products + moe_layers * moe_dot_products
    return transformer_blocks * attention_dot_products + feed_forward + mtp_layers * d_model


@quantity("FLOP/token", "matrix-product")
def forward_dot_products(
    workload: Workload, layers_dot_products: Number, outside_dot_products: Number, sequence_length: Number
) -> Number:
    """Output elements of all matrix products of a forward pass, for one token.

    A product of H×D and D×W has H·W of them and costs H·W·(2·D − 1) exactly, one FLOP each less than 2·H·W·D (Golub and
    Van Loan, Matrix Computations, section 1.1).
    """
    if workload == "vision":
        return layers_dot_products + quotient(outside_dot_products, sequence_length)
    return layers_dot_products + outside_dot_products


@quantity("count", "matrix-product", helper=True)
def outside_dot_products(
    workload: Workload, patches: Number, head_rows: Number, head_passes: Number, head_transform: YesNo, d_model: Number,
    embedding_width_used: Number,
) -> Number:  # fmt: skip
    """Output elements of the products outside of the layers: of a token of text, or of a whole image."""
    transform = d_model if head_transform == "yes" else 0
    if workload == "vision":
        return patches * d_model + head_rows + transform
    if embedding_width_used == d_model:
        return head_passes * (head_rows + transform)
    return head_passes * (head_rows + embedding_width_used + transform) + d_model


@quantity("FLOP/token", "matrix-product")
def forward_flops_per_token_2d_minus_1(forward_products_flops: Number, forward_dot_products: Number) -> Number:
    """A forward pass in which a dot product of length D has D products and D − 1 sums."""
    return forward_products_flops - forward_dot_products


@quantity("fraction", "matrix-product")
def dot_product_share(forward_dot_products: Number, forward_products_flops: Number) -> float:
    """How much less that is."""
    return divide(forward_dot_products, forward_products_flops)


@quantity("FLOP/sequence", "dosovitskiy2021")
def patch_embedding_flops(workload: Workload, patches: Number, embedding_matmul_parameters: Number) -> Number:
    """2·n·p²·C·h of an image's n patches; 0 for text."""
    return 2 * patches * embedding_matmul_parameters if workload == "vision" else 0


@quantity("FLOP/sequence", "pytorch", helper=True)
def linear_flops_per_sequence(
    workload: Workload, sequence_length: Number, layers_linear_flops: Number, patch_embedding_flops: Number,
    lm_head_matmul_parameters: Number, forward_embedding_flops: Number, forward_lm_head_flops: Number,
) -> Number:  # fmt: skip
    """A forward pass without scores and values, whole numbers wherever the inputs are."""
    if workload == "vision":
        outside = patch_embedding_flops + 2 * lm_head_matmul_parameters
    else:
        outside = sequence_length * (forward_embedding_flops + forward_lm_head_flops)
    return sequence_length * layers_linear_flops + outside


@quantity("FLOP/sequence", "pytorch")
def forward_flops_per_sequence(
    linear_flops_per_sequence: Number, sequence_length: Number, forward_scores_flops: Number,
    forward_values_flops: Number,
) -> Number:  # fmt: skip
    """A forward pass over one sequence or image."""
    return linear_flops_per_sequence + sequence_length * (forward_scores_flops + forward_values_flops)


@quantity("MAC", "pytorch")
def forward_macs_per_sequence(forward_flops_per_sequence: Number) -> Number:
    """The same in multiply-adds, which half of the literature calls FLOPs."""
    return quotient(forward_flops_per_sequence, 2)


@quantity("FLOP/sequence", "pytorch")
def backward_flops_per_sequence(forward_flops_per_sequence: Number, patch_embedding_flops: Number) -> Number:
    """A backward pass: two forward passes but for the patch embedding, whose input, the pixels, needs no gradient (so
    PyTorch counts)."""
    return 2 * forward_flops_per_sequence - patch_embedding_flops


@quantity("FLOP/sequence")
def masked_forward_flops_per_sequence(
    linear_flops_per_sequence: Number, query_width: Number, value_width: Number, attention_pairs: Number
) -> Number:
    """A forward pass of the query-key pairs that mask, window and packing keep: 2·(q + v) for each pair."""
    return linear_flops_per_sequence + whole(2 * (query_width + value_width) * attention_pairs)
