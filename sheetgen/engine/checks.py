"""Checks on the model and its sequences."""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, close, half
from sheetgen.engine.conventions import CONVENTIONS
from sheetgen.engine.quantity import FAIL, REVIEW, check

PACKING_SLACK = 1e-9


@check(FAIL)
def check_parameters_add_up(
    counted_parameters: Number,
    transformer_blocks: Number,
    mtp_parameters: Number,
    attention_parameters: Number,
    norm_parameters: Number,
    dense_ffn_layers: Number,
    ffn_parameters: Number,
    moe_layers: Number,
    moe_ffn_parameters: Number,
    embedding_parameters: Number,
    final_norm_parameters: Number,
    lm_head_parameters: Number,
    check_tolerance: Number,
) -> bool:
    """The total is what its parts add up to."""
    layers = transformer_blocks * (attention_parameters + norm_parameters)
    layers += dense_ffn_layers * ffn_parameters + moe_layers * moe_ffn_parameters
    parts = layers + mtp_parameters + embedding_parameters + final_norm_parameters + lm_head_parameters
    return close(counted_parameters, parts, check_tolerance)


@check(FAIL)
def check_head_groups(attention: str, n_heads: Number, n_kv_heads: Number) -> bool:
    """Every key-value head serves the same number of query heads; an architecture without heads passes, and so does
    latent attention, which does not group them."""
    return attention == "mla" or n_heads == 0 or (n_kv_heads != 0 and n_heads % n_kv_heads == 0)


@check(FAIL)
def check_experts(
    n_experts: Number, experts_per_token: Number, expert_d_ff: Number, dense_layers: Number, n_layers: Number
) -> bool:
    """Where there are experts a token meets at least one and at most all of them, they have a width, and there are no
    more layers without experts than layers."""
    possible = 1 <= experts_per_token <= n_experts and dense_layers <= n_layers and expert_d_ff != 0
    return n_experts <= 0 or possible


@check(FAIL)
def check_latent_attention(
    attention: str, kv_lora_rank: Number, qk_nope_dim: Number, qk_rope_dim: Number, v_head_dim: Number
) -> bool:
    """Latent attention has a rank of keys and values, and heads of queries and of values that are not empty."""
    return attention != "mla" or 0 not in (kv_lora_rank, qk_nope_dim + qk_rope_dim, v_head_dim)


@check(FAIL)
def check_one_parameter_count(undisclosed_parameters: Number, counted_parameters: Number) -> bool:
    """The parameters are counted from an architecture or stated for an undisclosed one, not both."""
    return undisclosed_parameters == 0 or counted_parameters == 0


@check(REVIEW)
def check_memory(state_bytes_per_gpu: Number, memory_per_gpu: Number) -> bool:
    """Weights, gradients and optimizer state fit into the GPUs' memory; activations come on top."""
    return state_bytes_per_gpu <= memory_per_gpu


@check(REVIEW)
def check_whole_sequences(batch_tokens: Number, sequence_length: Number) -> bool:
    """A batch holds a whole number of sequences; without a length another check speaks."""
    return sequence_length == 0 or batch_tokens % sequence_length == 0


@check(FAIL)
def check_tokens_given(training_tokens: Number) -> bool:
    """There is something to train on."""
    return training_tokens > 0


@check(FAIL)
def check_window(windowed_layers: Number, attention_window: Number, n_layers: Number) -> bool:
    """Windows have a size and layers to be in, and no more layers than there are."""
    return windowed_layers <= n_layers and (windowed_layers > 0) == (attention_window > 0)


@check(REVIEW)
def check_window_counted(
    flops_convention: str,
    mfu_convention: str,
    attention_mask: str,
    transformer_blocks: Number,
    windowed_layers_used: Number,
    pairs_full_layer: Number,
    pairs_windowed_layer: Number,
    sequence_length: Number,
) -> bool:
    """Where a window or packing cuts pairs, neither convention counts the whole square regardless of it."""
    square = sequence_length * sequence_length
    uncut = half(square + sequence_length) if attention_mask == "causal" else square
    cut = pairs_full_layer < uncut or (windowed_layers_used > 0 and pairs_windowed_layer < uncut)
    square_counted = CONVENTIONS[flops_convention].square or CONVENTIONS[mfu_convention].square
    return transformer_blocks == 0 or not cut or not square_counted


@check(FAIL)
def check_packing(packed_documents: Number, sequence_square: Number, sequence_length: Number) -> bool:
    """Documents that fill a sequence of s tokens have squares that sum to at most s², and to s²/n if all are alike."""
    if packed_documents == 0:
        return True
    whole = sequence_length * sequence_length
    most = sequence_square <= whole * (1 + PACKING_SLACK)
    return most and sequence_square * packed_documents >= whole * (1 - PACKING_SLACK)


@check(REVIEW)
def check_packing_with_window(
    packed_documents: Number, windowed_layers_used: Number, window_used: Number, sequence_length: Number
) -> bool:
    """Packing and a window shorter than the sequence do not meet: their pairs would be an upper bound."""
    return packed_documents == 0 or windowed_layers_used == 0 or window_used >= sequence_length


@check(FAIL)
def check_vision(
    workload: str,
    attention_mask: str,
    vocab_size: Number,
    image_size: Number,
    patch_size: Number,
    image_channels: Number,
    n_classes: Number,
) -> bool:
    """A vision transformer has whole patches, channels, classes, a full mask and no vocabulary; text has none of it."""
    sizes = (image_size, patch_size, image_channels, n_classes)
    if workload != "vision":
        return not any(sizes)
    return all(sizes) and image_size % patch_size == 0 and attention_mask == "full" and vocab_size == 0
