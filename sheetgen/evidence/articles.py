"""The figures of five articles, recomputed from the articles' own inputs.

A function's parameters are named as the inputs of ``evidence``; its name is the figure's key. Several of the published
figures are wrong: nothing here is bent to meet them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import cast

SECONDS_PER_YEAR = 365 * 86_400
SECONDS_PER_DAY = 86_400
TERA = 1e12


def _fp32_peak(cores: float, gigahertz: float) -> float:
    """One multiply-add (2 FLOPs) per core and cycle [TFLOPS]."""
    return 2 * cores * gigahertz * 1e9 / TERA


def a_flops_per_parameter(
    a_forward: float, a_backward_gradient: float, a_backward_parameters: float, a_backward_activations: float
) -> float:
    """Article A: forward and the three parts of the backward pass."""
    return sum((a_forward, a_backward_gradient, a_backward_parameters, a_backward_activations))


def a_seconds(a_training_flops: float, a_peak: float) -> float:
    """Article A: GPT-4's FLOPs on one GPU [s]."""
    return a_training_flops / a_peak / TERA


def a_years(a_training_flops: float, a_peak: float) -> float:
    """Article A: the same in years of 365 days."""
    return a_seconds(a_training_flops, a_peak) / SECONDS_PER_YEAR


def a_years_mfu(a_years_printed: float, a_mfu: float) -> float:
    """Article A: its printed years at its MFU."""
    return a_years_printed / a_mfu


def a_dense_peak(a_h100_tensor_cores: float, a_h100_fma: float, a_h100_clock: float) -> float:
    """NVIDIA H100 architecture: tensor cores × multiply-adds × 2 × clock [TFLOPS]."""
    return a_h100_tensor_cores * a_h100_fma * 2 * a_h100_clock * 1e9 / TERA


def a_parameters(a_training_flops: float, a_tokens_per_parameter: float) -> float:
    """Hoffmann et al. 2022: C = 6·N·D with D = 20·N, solved for N."""
    return math.sqrt(a_training_flops / 6 / a_tokens_per_parameter)


def b_total_6nd(b_parameters: float, b_tokens: float) -> float:
    """Brown et al. 2020, table D.1 [FLOP]."""
    return 6 * b_parameters * b_tokens


def b_petaflop_days(b_parameters: float, b_tokens: float) -> float:
    """Brown et al. 2020, table D.1 [petaFLOP/s-days]."""
    return 6 * b_parameters * b_tokens / 1e15 / SECONDS_PER_DAY


def b_kaplan_forward(b_parameters: float, b_layers: float, b_context: float, b_width: float) -> float:
    """Kaplan et al. 2020, 2.1: 2·N + 2·n_layer·n_ctx·d_attn per token."""
    return 2 * b_parameters + 2 * b_layers * b_context * b_width


def b_kaplan_bound(b_layers: float, b_width: float, b_bound: float) -> float:
    """Kaplan et al. 2020: the same over 2·N with n_ctx = 12·d_model and N = 12·L·d_model²."""
    weights = 12 * b_layers * b_width**2
    return b_kaplan_forward(weights, b_layers, b_bound * b_width, b_width) / (2 * weights)


def b_chinchilla(
    b_parameters: float, b_layers: float, b_width: float, b_heads: float, b_d_ff: float, b_vocabulary: float,
    b_context: float,
) -> float:  # fmt: skip
    """Hoffmann et al. 2022, appendix F: forward FLOPs of a sequence over 2·N for each of its tokens."""
    embeddings = 2 * b_context * b_vocabulary * b_width
    qkv = 2 * b_context * 3 * b_width * b_width
    scores = 2 * b_context * b_context * b_width
    softmax = 3 * b_heads * b_context * b_context
    reduction = 2 * b_context * b_context * b_width
    projection = 2 * b_context * b_width * b_width
    feed_forward = 2 * b_context * (b_width * b_d_ff + b_width * b_d_ff)
    logits = 2 * b_context * b_width * b_vocabulary
    layers = b_layers * (qkv + scores + softmax + reduction + projection + feed_forward)
    return (embeddings + layers + logits) / (b_context * 2 * b_parameters)


def b_quadratic(
    b_layers: float, b_width: float, b_heads: float, b_d_ff: float, b_vocabulary: float, b_long_context: float
) -> float:
    """Casson 2023: QK logits, softmax and reduction as a share of a forward pass."""
    quadratic = b_layers * (4 * b_long_context * b_width + 3 * b_heads * b_long_context)
    linear = b_layers * (8 * b_width**2 + 4 * b_width * b_d_ff) + 4 * b_vocabulary * b_width
    return quadratic / (quadratic + linear)


def b_mfu(
    b_achieved: float, b_peak: float, b_parameters: float, b_layers: float, b_width: float, b_context: float
) -> float:
    """Chowdhery et al. 2022, appendix B, on the throughput of Patterson et al. 2021."""
    attention = 12 * b_layers * b_width * b_context
    return b_achieved / b_peak * (1 + attention / (6 * b_parameters))


def c_product(c_rows: float, c_inner: float, c_columns: float) -> float:
    """Multiplications and additions of a product, counted, and one addition an element for the bias."""
    multiplications, additions = c_rows * c_columns * c_inner, c_rows * c_columns * (c_inner - 1)
    return multiplications + additions + c_rows * c_columns


def c_look_up(c_inner: float) -> float:
    """One addition for each element of the position's vector."""
    return c_inner


def c_full_recomputation(c_parameters: float, c_tokens: float) -> float:
    """8·N·T: forward, backward, and forward again [FLOP]."""
    return 8 * c_parameters * c_tokens


def d_parameters(
    d_width: float, d_d_ff: float, d_layers: float, d_heads: float, d_kv_heads: float, d_head_dim: float,
    d_vocabulary: float,
) -> float:  # fmt: skip
    """An untied decoder with grouped queries, a gated feed-forward and RMSNorm, weight by weight."""
    attention = 2 * d_width * d_heads * d_head_dim + 2 * d_width * d_kv_heads * d_head_dim
    layer = attention + 3 * d_width * d_d_ff + 2 * d_width
    return 2 * d_vocabulary * d_width + d_layers * layer + d_width


def d_stage(d_layers: float, d_stages: float) -> float:
    """Layers, embedding and head over the stages of the pipeline."""
    return (d_layers + 2) / d_stages


def e_formula(e_parameters: float) -> float:
    """The forward pass of 6·N·D per token."""
    return 2 * e_parameters


def e_total(e_parameters: float, e_tokens: float) -> float:
    """6·N·D [FLOP]."""
    return 6 * e_parameters * e_tokens


def e_mfu(e_achieved_long: float, e_dense_peak: float) -> float:
    """Throughput over the dense peak."""
    return e_achieved_long / e_dense_peak


def e_mfu_fall(e_achieved_fewer: float, e_achieved: float, e_dense_peak: float) -> float:
    """Llama 3 (arXiv:2407.21783), table 4: MFU at 8,192 GPUs less that at 16,384."""
    return e_achieved_fewer / e_dense_peak - e_achieved / e_dense_peak


def e_cluster(e_achieved: float, e_gpus: float) -> float:
    """Throughput of all GPUs [FLOP/s]."""
    return e_achieved * TERA * e_gpus


def e_days(e_training_flops: float, e_achieved: float, e_gpus: float) -> float:
    """FLOPs over throughput [day]."""
    return e_training_flops / e_cluster(e_achieved, e_gpus) / SECONDS_PER_DAY


def e_cost(e_price: float, e_days_printed: float, e_gpus: float) -> float:
    """The article's own days, times 24 hours, GPUs and price."""
    return e_price * 24 * e_days_printed * e_gpus


def e_cost_days(e_training_flops: float, e_achieved: float, e_gpus: float, e_price: float) -> float:
    """The same with the days that follow from its FLOPs."""
    return e_cost(e_price, e_days(e_training_flops, e_achieved, e_gpus), e_gpus)


def e_cost_hours(e_hours: float, e_price: float) -> float:
    """The hours of the model card at the article's price."""
    return e_hours * e_price


FIGURES: Mapping[str, Callable[..., float]] = {
    **{
        function.__name__: function
        for function in (
            a_flops_per_parameter, a_seconds, a_years, a_years_mfu, a_dense_peak, a_parameters,
            b_total_6nd, b_petaflop_days, b_kaplan_forward, b_kaplan_bound, b_chinchilla, b_quadratic, b_mfu,
            c_product, c_look_up, c_full_recomputation, d_parameters, d_stage,
            e_formula, e_total, e_mfu, e_mfu_fall, e_cluster, e_days, e_cost, e_cost_days, e_cost_hours,
        )
    },
    "a_peak_4090": lambda a_4090_cores, a_4090_clock: _fp32_peak(a_4090_cores, a_4090_clock),
    "a_peak_3090": lambda a_3090_cores, a_3090_clock: _fp32_peak(a_3090_cores, a_3090_clock),
    "e_h100_fp32": lambda e_h100_cores, e_h100_clock: _fp32_peak(e_h100_cores, e_h100_clock),
    "e_a100_fp32": lambda e_a100_cores, e_a100_clock: _fp32_peak(e_a100_cores, e_a100_clock),
    "e_v100_fp32": lambda e_v100_cores, e_v100_clock: _fp32_peak(e_v100_cores, e_v100_clock),
    "c_best": lambda c_best_mfu: float(c_best_mfu),
}  # fmt: skip
"""Every figure by key; ``c_best_mfu`` is the largest MFU that is predicted of the published runs."""

PRINTED: Mapping[str, Callable[..., float]] = {
    "b_kaplan_forward": lambda b_parameters: 2 * b_parameters,
    "c_product": lambda c_rows, c_inner, c_columns: 2 * c_rows * c_inner * c_columns,
    "c_look_up": lambda c_inner: 4 * c_inner,
    "c_best": lambda c_efficiency: float(c_efficiency),
    "e_formula": lambda e_parameters, e_width: 2 * e_parameters**2 + 2 * e_parameters * e_width,
}
"""What an article prints as a formula and not as a figure, evaluated."""


def apply(function: Callable[..., float], inputs: Mapping[str, float]) -> float:
    """The function on the inputs that its parameters name."""
    code = cast(FunctionType, function).__code__
    return function(*(inputs[name] for name in code.co_varnames[: code.co_argcount]))
