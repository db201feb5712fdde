"""Checks: small functions that say whether one thing holds, each with what it means when it does not.

A check is a function whose parameters are named as the inputs and quantities that it reads, and that returns
whether the thing holds. A failed check is a FAIL where figures contradict each other or are impossible, and a
REVIEW where a person should look. The key of a check is its function's name after ``check_``; adding a check
is adding it to :data:`CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import NamedTuple, cast

from sheetgen.engine import checks_money as money
from sheetgen.engine.arithmetic import Number, close, half

OK, REVIEW, FAIL = "OK", "REVIEW", "FAIL"
SQUARE_CONVENTIONS = frozenset({"kaplan", "chinchilla", "palm", "exact"})  # attention over the square, whatever is cut
PACKING_SLACK = 1e-9
MFU_SLACK = 0.01  # to which MFUs are published


def parameters_add_up(
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


def head_groups(attention: str, n_heads: Number, n_kv_heads: Number) -> bool:
    """Every key-value head serves the same number of query heads; an architecture without heads passes, and so does
    latent attention, which does not group them."""
    return attention == "mla" or n_heads == 0 or (n_kv_heads != 0 and n_heads % n_kv_heads == 0)


def experts(
    n_experts: Number, experts_per_token: Number, expert_d_ff: Number, dense_layers: Number, n_layers: Number
) -> bool:
    """Where there are experts a token meets at least one and at most all of them, they have a width, and there are no
    more layers without experts than layers."""
    possible = 1 <= experts_per_token <= n_experts and dense_layers <= n_layers and expert_d_ff != 0
    return n_experts <= 0 or possible


def latent_attention(
    attention: str, kv_lora_rank: Number, qk_nope_dim: Number, qk_rope_dim: Number, v_head_dim: Number
) -> bool:
    """Latent attention has a rank of keys and values, and heads of queries and of values that are not empty."""
    return attention != "mla" or 0 not in (kv_lora_rank, qk_nope_dim + qk_rope_dim, v_head_dim)


def convention_computable(training_flops_per_token: Number, mfu_convention_flops_per_token: Number) -> bool:
    """Both conventions give FLOPs: neither lacks the architecture, tokens or total that it needs."""
    return training_flops_per_token != 0 and mfu_convention_flops_per_token != 0


def published_total(flops_convention: str, mfu_convention: str, published_training_flops: Number) -> bool:
    """Who selects the published total also states it."""
    return "published" not in (flops_convention, mfu_convention) or published_training_flops != 0


def one_parameter_count(undisclosed_parameters: Number, counted_parameters: Number) -> bool:
    """The parameters are counted from an architecture or stated for an undisclosed one, not both."""
    return undisclosed_parameters == 0 or counted_parameters == 0


def accelerator_listed(accelerator_listed: Number) -> bool:
    """The accelerator stands in the table."""
    return accelerator_listed != 0


def peak_published(peak_flops_per_gpu: Number) -> bool:
    """The accelerator has a peak for this precision."""
    return peak_flops_per_gpu != 0


def dense_peak(peak: str) -> bool:
    """Efficiency is measured against the dense peak, not the sparse one that training does not reach."""
    return peak != "sparse"


def typed_peak(peak_is_sparse: bool) -> bool:
    """A peak that was typed in is no figure that a data sheet gives for sparse matrices."""
    return not peak_is_sparse


def accumulation(peak_accumulates_in_fp16: bool) -> bool:
    """The peak is not the larger one of a GeForce card that accumulates in FP16."""
    return not peak_accumulates_in_fp16


def native_precision(precision_emulated: bool) -> bool:
    """The accelerator has units for the precision and does not emulate it."""
    return not precision_emulated


def run_precision(run_precision: str, precision: str) -> bool:
    """The products run in the precision whose peak is used."""
    return run_precision in {"as the peak", precision}


def mfu_published(mfu_palm: Number, best_published_mfu: Number) -> bool:
    """MFU is not above the best published one of the accelerator, where there is one."""
    return best_published_mfu == 0 or mfu_palm <= best_published_mfu * (1 + MFU_SLACK)


def mfu_possible(mfu: Number) -> bool:
    """MFU is above 0 and at most 1."""
    return 0 < mfu <= 1


def mfu_usual(mfu: Number, mfu_review_low: Number, mfu_review_high: Number) -> bool:
    """MFU is inside the range that published runs report."""
    return mfu_review_low <= mfu <= mfu_review_high


def hfu_possible(hfu: Number) -> bool:
    """With recomputation the hardware is asked for no more than its peak."""
    return hfu <= 1


def mfu_excludes_recomputation(flops_convention: str, mfu_convention: str) -> bool:
    """Neither convention counts recomputation as training FLOPs, as 8·N does."""
    return "8nt" not in (flops_convention, mfu_convention)


def flops_delivered(
    gpus: Number,
    achieved_flops_per_gpu: Number,
    training_seconds: Number,
    training_flops: Number,
    check_tolerance: Number,
) -> bool:
    """GPUs × throughput × time delivers the run's FLOPs."""
    return close(gpus * achieved_flops_per_gpu * training_seconds, training_flops, check_tolerance)


def tokens_delivered(
    tokens_per_second: Number, training_seconds: Number, training_tokens: Number, check_tolerance: Number
) -> bool:
    """Tokens per second × time delivers the run's tokens."""
    return close(tokens_per_second * training_seconds, training_tokens, check_tolerance)


def gpu_hours(gpus: Number, calendar_days: Number, gpu_hours: Number, check_tolerance: Number) -> bool:
    """GPU-hours are the GPUs × the calendar days × 24."""
    return close(gpus * calendar_days * 24, gpu_hours, check_tolerance)


def unit_cost(
    cost_per_million_tokens: Number, training_tokens: Number, total_cost: Number, check_tolerance: Number
) -> bool:
    """The cost per million tokens × the millions of tokens is the total."""
    return close(cost_per_million_tokens * training_tokens / 1e6, total_cost, check_tolerance)


def memory(state_bytes_per_gpu: Number, memory_per_gpu: Number) -> bool:
    """Weights, gradients and optimizer state fit into the GPUs' memory; activations come on top."""
    return state_bytes_per_gpu <= memory_per_gpu


def whole_sequences(batch_tokens: Number, sequence_length: Number) -> bool:
    """A batch holds a whole number of sequences; without a length another check speaks."""
    return sequence_length == 0 or batch_tokens % sequence_length == 0


def tokens_given(training_tokens: Number) -> bool:
    """There is something to train on."""
    return training_tokens > 0


def window(windowed_layers: Number, attention_window: Number, n_layers: Number) -> bool:
    """Windows have a size and layers to be in, and no more layers than there are."""
    return windowed_layers <= n_layers and (windowed_layers > 0) == (attention_window > 0)


def window_counted(
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
    return transformer_blocks == 0 or not cut or SQUARE_CONVENTIONS.isdisjoint({flops_convention, mfu_convention})


def packing(packed_documents: Number, sequence_square: Number, sequence_length: Number) -> bool:
    """Documents that fill a sequence of s tokens have squares that sum to at most s², and to s²/n if all are alike."""
    if packed_documents == 0:
        return True
    whole = sequence_length * sequence_length
    most = sequence_square <= whole * (1 + PACKING_SLACK)
    return most and sequence_square * packed_documents >= whole * (1 - PACKING_SLACK)


def packing_with_window(
    packed_documents: Number, windowed_layers_used: Number, window_used: Number, sequence_length: Number
) -> bool:
    """Packing and a window shorter than the sequence do not meet: their pairs would be an upper bound."""
    return packed_documents == 0 or windowed_layers_used == 0 or window_used >= sequence_length


def vision(
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


def deadline(finish_date: Number, deadline: Number) -> bool:
    """The run and its buffer end on or before the deadline."""
    return finish_date <= deadline


def price_age(price_age: Number, price_age_limit: Number) -> bool:
    """The price is not older than the limit."""
    return price_age <= price_age_limit


def price_dated(price_date: Number, as_of: Number) -> bool:
    """The price was quoted on or before the day of the budget."""
    return price_date <= as_of


def start_date(start_date: Number, as_of: Number) -> bool:
    """The run starts on or after the day of the budget."""
    return start_date >= as_of


class Check(NamedTuple):
    """A function that says whether something holds, and the status (FAIL or REVIEW) when it does not."""

    holds: Callable[..., bool]
    otherwise: str

    @property
    def reads(self) -> tuple[str, ...]:
        """Keys of the inputs and quantities that the check looks at: its function's own arguments."""
        code = cast(FunctionType, self.holds).__code__
        return code.co_varnames[: code.co_argcount]

    def status(self, values: Mapping[str, Number | str]) -> str:
        """``OK``, or ``otherwise`` when it does not hold. ``values`` are inputs and quantities by key."""
        return OK if self.holds(**{key: values[key] for key in self.reads}) else self.otherwise


CHECKS: Mapping[str, Check] = {
    f"check_{holds.__name__}": Check(holds, otherwise)
    for holds, otherwise in (
        (parameters_add_up, FAIL),
        (head_groups, FAIL),
        (experts, FAIL),
        (latent_attention, FAIL),
        (tokens_given, FAIL),
        (window, FAIL),
        (window_counted, REVIEW),
        (packing, FAIL),
        (packing_with_window, REVIEW),
        (vision, FAIL),
        (convention_computable, FAIL),
        (published_total, FAIL),
        (one_parameter_count, FAIL),
        (accelerator_listed, FAIL),
        (peak_published, FAIL),
        (dense_peak, REVIEW),
        (typed_peak, REVIEW),
        (accumulation, REVIEW),
        (native_precision, REVIEW),
        (run_precision, REVIEW),
        (mfu_published, REVIEW),
        (mfu_possible, FAIL),
        (mfu_usual, REVIEW),
        (hfu_possible, FAIL),
        (mfu_excludes_recomputation, REVIEW),
        (flops_delivered, FAIL),
        (tokens_delivered, FAIL),
        (gpu_hours, FAIL),
        (money.cost_lines, FAIL),
        (money.tier_hours, FAIL),
        (money.goodput, FAIL),
        (money.spares, REVIEW),
        (money.tier_shares, FAIL),
        (money.tier_prices, FAIL),
        (money.stored_priced, REVIEW),
        (money.exchange, FAIL),
        (money.exchange_age, REVIEW),
        (unit_cost, FAIL),
        (memory, REVIEW),
        (whole_sequences, REVIEW),
        (deadline, REVIEW),
        (price_age, REVIEW),
        (price_dated, REVIEW),
        (start_date, REVIEW),
    )
}
"""Checks by key, in the order in which they are shown."""

UNITS = dict.fromkeys(CHECKS, "status")


def check_statuses(values: Mapping[str, Number | str]) -> dict[str, str]:
    """Every check's status by key: ``OK``, ``REVIEW`` or ``FAIL``. ``values`` are inputs and quantities by
    key."""
    return {key: check.status(values) for key, check in CHECKS.items()}
