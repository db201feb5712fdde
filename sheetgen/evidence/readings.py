"""Published figures that depend on how one reads them: words of the articles, Llama 3's MFU, TFLOPS of gpt-oss-120b.

A function's name is the figure's key, as in :mod:`sheetgen.evidence.articles`.
"""

from __future__ import annotations

from sheetgen.engine import conventions as engine
from sheetgen.engine.arithmetic import SECONDS_PER_HOUR
from sheetgen.engine.peaks import FLOPS_PER_TFLOPS
from sheetgen.engine.quantity import Quantity, quantity
from sheetgen.evidence.conventions import counted
from sheetgen.evidence.records import Sizes


@quantity("year")
def a_years_low(a_years: float, a_mfu_low: float) -> float:
    """GPT-4 on one GPU at the low end of the article's range of MFUs."""
    return a_years / a_mfu_low


@quantity("ratio", "si")
def a_yotta_flops(a_training_flops: float, a_yotta: float) -> float:
    """GPT-4's FLOPs in YottaFLOP."""
    return a_training_flops / a_yotta


@quantity("ratio")
def a_ratio(a_peak_4090: float, a_peak_3090: float) -> float:
    """Peak of one card over that of the other."""
    return a_peak_4090 / a_peak_3090


@quantity("fraction", "narayanan2021")
def c_large(c_achieved_530b: float, c_a100_peak: float) -> float:
    """Hardware FLOP/s of a model of 530 billion parameters over the peak."""
    return c_achieved_530b / c_a100_peak


@quantity("fraction")
def printed_c_large(c_efficiency: float) -> float:
    """The efficiency "at best", which is said to fall with size."""
    return c_efficiency


@quantity("fraction")
def d_groups_cache(d_kv_heads: float, d_heads: float) -> float:
    """Key-value heads over query heads: a token's cache has two vectors for each."""
    return d_kv_heads / d_heads


def _shares(name: str) -> Quantity:
    def share(d_kv_heads: float, d_heads: float) -> float:
        """What "greatly" would be: in proportion to the heads."""
        return d_kv_heads / d_heads

    return quantity("fraction", key=f"printed_{name}")(share)


SHARES = (_shares("d_groups_cache"), _shares("d_groups_compute"))


@quantity("fraction")
def d_groups_compute(
    d_parameters: float, d_vocabulary: float, d_width: float, d_layers: float, d_heads: float, d_kv_heads: float,
    d_head_dim: float, d_context: float,
) -> float:  # fmt: skip
    """Training FLOPs with grouped queries over those without, every matrix product counted over the full square."""
    beside = d_vocabulary * d_width + (2 * d_layers + 1) * d_width  # looked up, and norms
    weights = 2 * (d_parameters - beside)
    square = engine.full_attention_core(
        engine.causal_attention_core(d_layers, d_heads * d_head_dim, d_heads * d_head_dim, d_context)
    )
    ungrouped = 2 * 2 * d_layers * d_width * (d_heads - d_kv_heads) * d_head_dim
    return float((weights + square) / (weights + ungrouped + square))


@quantity("FLOP")
def e_formula_backward(e_formula: float) -> float:
    """Twice the forward pass."""
    return 2 * e_formula


@quantity("FLOP")
def printed_e_formula_backward(printed_e_formula: float) -> float:
    """As the article says of its own formula."""
    return 2 * printed_e_formula


@quantity("FLOP")
def e_formula_total(e_formula: float, e_formula_backward: float) -> float:
    """Forward and backward."""
    return e_formula + e_formula_backward


@quantity("FLOP")
def printed_e_formula_total(printed_e_formula: float, printed_e_formula_backward: float) -> float:
    """As the article adds its own up."""
    return printed_e_formula + printed_e_formula_backward


def hours(flops: float, mfu: float, peak: float, goodput: float) -> float:
    """Elapsed GPU-hours of so many FLOPs at an MFU of a peak [TFLOPS] and a goodput."""
    return flops / (peak * FLOPS_PER_TFLOPS) / mfu / goodput / SECONDS_PER_HOUR


@quantity("GPU*h", "llama3-card")
def g_hours_6nd(e_parameters: float, e_tokens: float, g_mfu: float, e_dense_peak: float, g_goodput: float) -> float:
    """The 41 % read in 6·N·D."""
    flops = counted(Sizes(parameters=e_parameters), "6nd").flops
    return hours(flops * e_tokens, g_mfu, e_dense_peak, g_goodput)


@quantity("FLOP/token", "chowdhery2022", helper=True)
def g_flops_palm(e_parameters: float, g_layers: float, e_width: float, g_context: float) -> float:
    """Training FLOPs of a token of Llama 3.1 405B, the full square counted."""
    run = Sizes(parameters=e_parameters, layers=g_layers, d_model=e_width, attention_width=e_width)
    return counted(run._replace(context_length=g_context), "palm").flops


@quantity("GPU*h", "llama3-card")
def g_hours_palm(g_flops_palm: float, e_tokens: float, g_mfu: float, e_dense_peak: float, g_goodput: float) -> float:
    """The same read as PaLM's."""
    return hours(g_flops_palm * e_tokens, g_mfu, e_dense_peak, g_goodput)


@quantity("parameter", "gpt-oss", helper=True)
def h_weights_beside_experts(
    h_width: float, h_layers: float, h_heads_width: float, h_kv_width: float, h_experts: float, h_vocabulary: float
) -> float:
    """Weights in matrix products beside the experts: queries, output, keys, values, router; and the head."""
    return h_width * (h_layers * (h_heads_width + h_heads_width + h_kv_width + h_kv_width + h_experts) + h_vocabulary)


@quantity("parameter", "gpt-oss", helper=True)
def h_expert_weights(h_width: float, h_layers: float, h_chosen: float, h_expert_width: float) -> float:
    """One matrix of every expert that a token meets, in all layers."""
    return h_layers * h_chosen * h_expert_width * h_width


def tflops(rate: float, weights: float, attention: float) -> float:
    """Tokens per second × three passes over weights and attention."""
    return rate * engine.PASSES * (2 * weights + attention) / FLOPS_PER_TFLOPS


@quantity("TFLOP/s/GPU", "megatron-bridge")
def h_as_counted(
    h_rate: float,
    h_weights_beside_experts: float,
    h_expert_weights: float,
    h_layers: float,
    h_heads_width: float,
    h_context: float,
) -> float:
    """An up and a down projection an expert, every layer over half the square."""
    half = engine.causal_attention_core(h_layers, h_heads_width, h_heads_width, h_context)
    return tflops(h_rate, h_weights_beside_experts + 2 * h_expert_weights, half)


@quantity("FLOP/token", "gpt-oss", helper=True)
def h_attention_kept(
    h_layers: float, h_windowed: float, h_window: float, h_heads_width: float, h_context: float
) -> float:
    """Forward over what is kept: half the square in full layers, in the others the pairs within the window."""
    full: float = engine.causal_attention_core(h_layers - h_windowed, h_heads_width, h_heads_width, h_context)
    pairs = h_window - h_window * (h_window - 1) / 2 / h_context  # of a token on average: the first ones have fewer
    return full + h_windowed * 4 * h_heads_width * pairs


@quantity("TFLOP/s/GPU", "gpt-oss")
def h_multiplied(
    h_rate: float, h_weights_beside_experts: float, h_expert_weights: float, h_attention_kept: float
) -> float:
    """All three matrices of a gated expert, and the window kept."""
    return tflops(h_rate, h_weights_beside_experts + 3 * h_expert_weights, h_attention_kept)
