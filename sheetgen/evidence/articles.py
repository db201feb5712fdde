"""The figures of five articles, recomputed from the articles' own inputs.

A function's name is the figure's key, its parameters are inputs of ``evidence`` or other figures; what an article
prints as a formula and not as a figure is ``printed_`` and the key. FLOPs and parameters are counted by the engine. Of
the published figures several are wrong: nothing here is bent to meet them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sheetgen.engine import ENGINE, count_parameters
from sheetgen.engine import conventions as engine
from sheetgen.engine.arithmetic import HOURS_PER_DAY, SECONDS_PER_DAY
from sheetgen.engine.peaks import FLOPS_PER_TFLOPS
from sheetgen.engine.quantity import quantity
from sheetgen.evidence.conventions import GPT, gpt

SECONDS_PER_YEAR = 365 * SECONDS_PER_DAY
FLOPS_PER_PETAFLOPS = 1e15
GIGA = 1e9
FLOPS_PER_MULTIPLY_ADD = 2

TFLOPS = "TFLOP/s/GPU"


def six_n(parameters: float) -> engine.Parts:
    """6·N·D: forward and training FLOPs of a token."""
    parts: engine.Parts = engine.six_n.record(parameters, 0)
    return parts


def vector_peak(cores: float, clock: float) -> float:
    """One multiply-add per core and cycle [TFLOPS]."""
    return FLOPS_PER_MULTIPLY_ADD * cores * clock * GIGA / FLOPS_PER_TFLOPS


# Article A


@quantity("FLOP")
def a_flops_per_parameter(
    a_forward: float, a_backward_gradient: float, a_backward_parameters: float, a_backward_activations: float
) -> float:
    """Forward and the three parts of the backward pass."""
    return sum((a_forward, a_backward_gradient, a_backward_parameters, a_backward_activations))


@quantity("s")
def a_seconds(a_training_flops: float, a_peak: float) -> float:
    """GPT-4's FLOPs on one GPU."""
    return a_training_flops / a_peak / FLOPS_PER_TFLOPS


@quantity("year")
def a_years(a_seconds: float) -> float:
    """The same in years of 365 days."""
    return a_seconds / SECONDS_PER_YEAR


@quantity("year")
def a_years_mfu(a_years_printed: float, a_mfu: float) -> float:
    """The printed years at the printed MFU."""
    return a_years_printed / a_mfu


@quantity(TFLOPS, "nvidia-hopper")
def a_dense_peak(a_h100_tensor_cores: float, a_h100_fma: float, a_h100_clock: float) -> float:
    """Tensor cores × multiply-adds × 2 × clock."""
    return a_h100_tensor_cores * a_h100_fma * FLOPS_PER_MULTIPLY_ADD * a_h100_clock * GIGA / FLOPS_PER_TFLOPS


VECTOR_PEAKS = tuple(
    quantity(TFLOPS, key=key, cores=f"{chip}_cores", clock=f"{chip}_clock")(vector_peak)
    for key, chip in {
        "a_peak_4090": "a_4090",
        "a_peak_3090": "a_3090",
        "e_h100_fp32": "e_h100",
        "e_a100_fp32": "e_a100",
        "e_v100_fp32": "e_v100",
    }.items()
)


@quantity("parameter_estimate", "hoffmann2022")
def a_parameters(a_training_flops: float, a_tokens_per_parameter: float) -> float:
    """C = 6·N·D with D = 20·N, solved for N."""
    return math.sqrt(a_training_flops / six_n(1).training / a_tokens_per_parameter)


# Article B


@quantity("FLOP", "brown2020")
def b_total_6nd(b_parameters: float, b_tokens: float) -> float:
    """Brown et al. 2020, table D.1."""
    return six_n(b_parameters).training * b_tokens


@quantity("day", "brown2020")
def b_petaflop_days(b_total_6nd: float) -> float:
    """The same in petaFLOP/s-days."""
    return b_total_6nd / FLOPS_PER_PETAFLOPS / SECONDS_PER_DAY


def kaplan_forward(parameters: float, layers: float, context: float, width: float) -> float:
    """Kaplan et al. 2020, section 2.1: 2·N + 2·n_layer·n_ctx·d_attn per token."""
    core = engine.causal_attention_core(layers, width, width, context)
    parts: engine.Parts = engine.kaplan.record(parameters, core)
    return parts.forward


@quantity("FLOP", "kaplan2020")
def b_kaplan_forward(b_parameters: float, b_layers: float, b_context: float, b_width: float) -> float:
    """A forward pass of GPT-3 by Kaplan's equation, per token."""
    return kaplan_forward(b_parameters, b_layers, b_context, b_width)


@quantity("FLOP", "kaplan2020")
def printed_b_kaplan_forward(b_parameters: float) -> float:
    """2·N alone."""
    return six_n(b_parameters).forward


@quantity("ratio", "kaplan2020")
def b_kaplan_bound(b_layers: float, b_width: float, b_bound: float) -> float:
    """The same over 2·N with n_ctx = 12·d_model and N = 12·L·d_model²."""
    weights = 12 * b_layers * b_width**2
    return kaplan_forward(weights, b_layers, b_bound * b_width, b_width) / six_n(weights).forward


@quantity("ratio", "hoffmann2022")
def b_chinchilla(
    b_parameters: float, b_layers: float, b_width: float, b_heads: float, b_d_ff: float, b_vocabulary: float,
    b_context: float,
) -> float:  # fmt: skip
    """Appendix F: forward FLOPs of a sequence over 2·N for each of its tokens."""
    model = {**gpt(b_layers, b_width, b_heads, b_vocabulary), "d_ff": b_d_ff, "head_dim": b_width / b_heads}
    found = ENGINE.evaluate({**model, "sequence_length": b_context}, ("chinchilla_forward_flops",))
    return float(found["chinchilla_forward_flops"] / (b_context * six_n(b_parameters).forward))


@quantity("fraction", "casson")
def b_quadratic(
    b_layers: float, b_width: float, b_heads: float, b_d_ff: float, b_vocabulary: float, b_long_context: float
) -> float:
    """QK logits, softmax and reduction as a share of a forward pass."""
    model = {**gpt(b_layers, b_width, b_heads, b_vocabulary), "d_ff": b_d_ff, "head_dim": b_width / b_heads}
    return float(ENGINE.evaluate({**model, "sequence_length": b_long_context}, ("share_quadratic",))["share_quadratic"])


@quantity("fraction", "chowdhery2022")
def b_mfu(
    b_achieved: float, b_peak: float, b_parameters: float, b_layers: float, b_width: float, b_context: float
) -> float:
    """PaLM's count on the throughput of Patterson et al. 2021, which is in 6·N·D."""
    core = engine.full_attention_core(engine.causal_attention_core(b_layers, b_width, b_width, b_context))
    palm: engine.Parts = engine.palm.record(b_parameters, core)
    return b_achieved / b_peak * (palm.training / six_n(b_parameters).training)


# Article C


@quantity("FLOP")
def c_product(c_rows: float, c_inner: float, c_columns: float) -> float:
    """Multiplications and additions of a product, counted, and one addition an element for the bias."""
    multiplications, additions = c_rows * c_columns * c_inner, c_rows * c_columns * (c_inner - 1)
    return multiplications + additions + c_rows * c_columns


@quantity("FLOP")
def printed_c_product(c_rows: float, c_inner: float, c_columns: float) -> float:
    """2·H·D·W."""
    return 2 * c_rows * c_inner * c_columns


@quantity("FLOP")
def c_look_up(c_inner: float) -> float:
    """One addition for each element of the position's vector."""
    return c_inner


@quantity("FLOP")
def printed_c_look_up(c_inner: float) -> float:
    """4·d_model."""
    return 4 * c_inner


@quantity("FLOP", "narayanan2021")
def c_full_recomputation(c_parameters: float, c_tokens: float) -> float:
    """8·N·T: forward, backward, and forward again."""
    parts: engine.Parts = engine.eight_n.record(c_parameters)
    return parts.training * c_tokens


@quantity("fraction")
def c_best(c_best_mfu: float) -> float:
    """The largest MFU that is predicted of the published runs."""
    return c_best_mfu


@quantity("fraction")
def printed_c_best(c_efficiency: float) -> float:
    """The efficiency "at best"."""
    return c_efficiency


# Article D


@quantity("parameter")
def d_parameters(
    d_width: float, d_d_ff: float, d_layers: float, d_heads: float, d_kv_heads: float, d_head_dim: float,
    d_vocabulary: float,
) -> float:  # fmt: skip
    """An untied decoder with grouped queries, a gated feed-forward and RMSNorm, weight by weight."""
    sizes = {"d_model": d_width, "d_ff": d_d_ff, "n_layers": d_layers, "n_heads": d_heads, "n_kv_heads": d_kv_heads}
    return count_parameters({**DECODER, **sizes, "head_dim": d_head_dim, "vocab_size": d_vocabulary})["parameters"]


@quantity("count")
def d_stage(d_layers: float, d_stages: float) -> float:
    """Layers, embedding and head over the stages of the pipeline."""
    return (d_layers + 2) / d_stages


# Article E


@quantity("FLOP")
def e_formula(e_parameters: float) -> float:
    """The forward pass of 6·N·D per token."""
    return six_n(e_parameters).forward


@quantity("FLOP")
def printed_e_formula(e_parameters: float, e_width: float) -> float:
    """2·N² + 2·N·D_model."""
    return 2 * e_parameters**2 + 2 * e_parameters * e_width


@quantity("FLOP")
def e_total(e_parameters: float, e_tokens: float) -> float:
    """6·N·D."""
    return six_n(e_parameters).training * e_tokens


@quantity("fraction")
def e_mfu(e_achieved_long: float, e_dense_peak: float) -> float:
    """Throughput over the dense peak."""
    return e_achieved_long / e_dense_peak


@quantity("fraction", "llama3")
def e_mfu_fall(e_achieved_fewer: float, e_achieved: float, e_dense_peak: float) -> float:
    """Llama 3 (arXiv:2407.21783), table 4: MFU at 8,192 GPUs less that at 16,384."""
    return e_achieved_fewer / e_dense_peak - e_achieved / e_dense_peak


@quantity("FLOP/s")
def e_cluster(e_achieved: float, e_gpus: float) -> float:
    """Throughput of all GPUs."""
    return e_achieved * FLOPS_PER_TFLOPS * e_gpus


@quantity("day")
def e_days(e_training_flops: float, e_cluster: float) -> float:
    """FLOPs over throughput."""
    return e_training_flops / e_cluster / SECONDS_PER_DAY


def rent(price: float, days: float, gpus: float) -> float:
    """Price of an hour × hours of the days × GPUs."""
    return price * HOURS_PER_DAY * days * gpus


COSTS = (
    quantity("USD", key="e_cost", price="e_price", days="e_days_printed", gpus="e_gpus")(rent),
    quantity("USD", key="e_cost_days", price="e_price", days="e_days", gpus="e_gpus")(rent),
)
"""The article's own days, and the days that follow from its FLOPs."""


@quantity("USD", "llama3-card")
def e_cost_hours(e_hours: float, e_price: float) -> float:
    """The hours of the model card at the article's price."""
    return e_hours * e_price


DECODER: Mapping[str, float | str] = {
    **GPT, "gated_ffn": "yes", "tied_embeddings": "no", "qkv_bias": "no", "attention_output_bias": "no",
    "ffn_bias": "no", "norm": "rmsnorm", "norms_per_layer": 2, "final_norm": "yes", "embedding_norm": "no",
    "head_bias": "no", "position_embedding": "rotary", "learned_positions": 0, "token_types": 0, "expert_bias": "no",
    "router_bias": "no", "attention_sinks": "no", "image_size": 0,
}  # fmt: skip
"""What article D's configuration is beside its sizes."""
