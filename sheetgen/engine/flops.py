"""FLOPs per token by every published convention, recomputation, and the totals of a run.

A multiply-accumulate counts as two FLOPs. A backward pass costs two forward passes: one for the gradients of
the activations, one for those of the weights. The conventions differ in which parameters count and in how
attention over the context does; :data:`CONVENTIONS` holds one function for each, and a new convention is one
more function there.

Symbols: N parameters that a token meets (all of them, but in a mixture of experts), D tokens, L transformer blocks, h
model width, q width of all query heads, v width of all values that they weigh (both a·d but with latent attention), m
feed-forward matrices, V vocabulary, s sequence length. Components and sequences are counted in
:mod:`sheetgen.engine.forward`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number, divide, quotient, whole
from sheetgen.engine.chinchilla import ChinchillaComponents, chinchilla_components
from sheetgen.engine.forward import ForwardComponents, SequenceFlops, forward_components
from sheetgen.engine.mask import Mask
from sheetgen.engine.parameters import ParameterCounts

PASSES = 3  # one forward pass, and a backward pass worth two


class Workload(NamedTuple):
    """What is trained on how much: all that a convention may look at."""

    architecture: Architecture
    counts: ParameterCounts
    sequence_length: Number
    mask: Mask
    tokens: Number
    published_training_flops: Number

    @property
    def width(self) -> Number:
        """q + v."""
        return self.architecture.query_width + self.architecture.value_width

    @property
    def causal_attention_core(self) -> Number:
        """Scores and weighted values over half the square, forward, all layers [FLOP/token]: L·s·(q + v)."""
        return self.architecture.blocks * self.width * self.sequence_length

    @property
    def full_attention_core(self) -> Number:
        """Scores and weighted values over the full square, forward, all layers [FLOP/token]: 2·L·s·(q + v)."""
        return 2 * self.causal_attention_core

    def core_of(self, pairs: Number) -> Number:
        """Scores and weighted values of so many query-key pairs a sequence [FLOP/token]: 2·(q + v)·pairs / s."""
        return quotient(whole(2 * self.width * pairs), self.sequence_length)

    @property
    def components(self) -> ForwardComponents:
        """The exact convention's terms."""
        return forward_components(self.architecture, self.counts, self.sequence_length)

    @property
    def patches(self) -> Number:
        """The patch embedding of an image, spread over its tokens [FLOP/token]; 0 for text."""
        return self.components.forward_embedding_flops if self.architecture.vision else 0


class FlopsPerToken(NamedTuple):
    """One convention's FLOPs per token [FLOP/token].

    ``attention_core`` is the part that selective recomputation repeats, ``layer_forward`` the part that full
    recomputation repeats. ``run_total`` [FLOP] is set where the convention states the run and not the token.
    """

    forward: Number
    training: Number
    attention_core: Number
    layer_forward: Number
    run_total: Number | None = None

    def total(self, tokens: Number) -> Number:
        """Training FLOPs of a run over so many tokens [FLOP]."""
        return self.training * tokens if self.run_total is None else self.run_total


def six_n(workload: Workload) -> FlopsPerToken:
    """``6nd``: forward 2·N, training 6·N, with all active parameters and no attention term.

    Brown et al. 2020 (GPT-3, arXiv:2005.14165), appendix D, table D.1, which counts "per active param per token". For
    recomputation the attention core is the exact one, for the convention has none of its own.
    """
    active = workload.counts.active_parameters
    return FlopsPerToken(2 * active, 6 * active, workload.full_attention_core, 2 * active)


def kaplan(workload: Workload) -> FlopsPerToken:
    """``kaplan``: forward 2·N + L·s·(q + v) with N without embeddings, training three times that.

    Kaplan et al. 2020 (arXiv:2001.08361), section 2.1, equation 2.2 and table 1, where q = v: 2·N + 2·L·s·a·d.
    """
    core = workload.causal_attention_core
    forward = 2 * workload.counts.active_non_embedding_parameters + core
    return FlopsPerToken(forward, PASSES * forward, core, forward)


def chinchilla(workload: Workload) -> FlopsPerToken:
    """``chinchilla``: the sequence's forward terms divided by s, training three times that.

    Hoffmann et al. 2022 (arXiv:2203.15556), appendix F; see :func:`chinchilla_components`.
    """
    terms = chinchilla_components(workload.architecture, workload.counts, workload.sequence_length)
    forward = quotient(terms.chinchilla_forward_flops, workload.sequence_length)
    return FlopsPerToken(
        forward,
        PASSES * forward,
        quotient(workload.architecture.blocks * terms.chinchilla_core_flops, workload.sequence_length),
        quotient(terms.chinchilla_layers_flops, workload.sequence_length),
    )


def palm(workload: Workload) -> FlopsPerToken:
    """``palm``: training 6·N + 6·L·s·(q + v) with all active parameters, forward a third of it.

    Chowdhery et al. 2022 (PaLM, arXiv:2204.02311), section 4.1 and appendix B, where q = v: 6·N + 12·L·a·d·s. Full
    recomputation repeats the whole forward pass, as in MosaicML's llm-foundry benchmark, whose HFU is 4/3 of the MFU.
    """
    core = workload.full_attention_core
    forward = 2 * workload.counts.active_parameters + core
    return FlopsPerToken(forward, PASSES * forward, core, forward)


def megatron(workload: Workload) -> FlopsPerToken:
    """``megatron``: forward 2·W + 2·(q + v)·area / s, W the weights in matrix products that a token meets.

    NVIDIA Megatron-LM, ``megatron/training/training.py``, ``num_floating_point_operations``: a causal mask keeps half
    the square, L·s·(q + v), packed documents half of theirs; windows as MaxText counts them, s·w − w²/2 a layer. The
    router of a mixture of experts, which that function leaves out, counts here. The head is not recomputed (Narayanan
    et al. 2021, arXiv:2104.04473, section 5.1).
    """
    core = workload.core_of(workload.mask.attention_area)
    forward = workload.components.forward_linear_flops + core
    return FlopsPerToken(forward, PASSES * forward, core, workload.components.layers_linear_flops + core)


def exact(workload: Workload) -> FlopsPerToken:
    """``exact``: forward 2·W + 2·L·s·(q + v), W the weights in matrix products that a token meets; attention over the
    full square, whatever mask and window.

    Every matrix product of the model, as PyTorch's ``FlopCounterMode`` counts them; for h = a·d, g = a, m = 2
    and f = 4·h it is 72·L·h²·(1 + s/6h + V/12Lh) per token in training, and with full recomputation, which
    leaves the head out, 96·L·h²·(1 + s/6h + V/16Lh): Narayanan et al. 2021 (arXiv:2104.04473), section 5.1,
    equation 3. No gradient flows into pixels: training an image costs one pass of its patch embedding less.
    """
    return _products(workload, workload.full_attention_core)


def masked(workload: Workload) -> FlopsPerToken:
    """``masked``: as ``exact``, with the query-key pairs that mask, window and packing keep: 2·(q + v)·pairs / s.

    :mod:`sheetgen.engine.mask` counts the pairs one by one, the diagonal whole.
    """
    return _products(workload, workload.core_of(workload.mask.attention_pairs))


def _products(workload: Workload, core: Number) -> FlopsPerToken:
    forward = workload.components.forward_linear_flops + core
    training = PASSES * forward - workload.patches
    return FlopsPerToken(forward, training, core, workload.components.layers_linear_flops + core)


def eight_n(workload: Workload) -> FlopsPerToken:
    """``8nt``: forward 2·N, training 8·N: 6·N and a second forward pass, so recomputation adds nothing more.

    Narayanan et al. 2021 (arXiv:2104.04473), section 5.1, equation 4: 8·T·P / (n·X) seconds.
    """
    active = workload.counts.active_parameters
    return FlopsPerToken(2 * active, 8 * active, 0, 0)


def published(workload: Workload) -> FlopsPerToken:
    """``published``: the run's total as its publisher states it, divided by its tokens; forward a third of
    that.

    Where no total is stated (0) the 6·N·D total stands in, and a check fails. Attention core as for ``6nd``.
    """
    stated = workload.published_training_flops
    total = stated if stated > 0 else six_n(workload).total(workload.tokens)
    training = quotient(total, workload.tokens)
    forward = quotient(training, PASSES)
    return FlopsPerToken(forward, training, workload.full_attention_core, forward, run_total=total)


def no_recomputation(_: FlopsPerToken) -> Number:
    """``none``: every activation is kept, nothing is computed twice [FLOP/token]."""
    return 0


def selective_recomputation(flops: FlopsPerToken) -> Number:
    """``selective``: the attention core's forward pass once more [FLOP/token].

    Korthikanti et al. 2022 (arXiv:2205.05198), section 5, counted strictly.
    """
    return flops.attention_core


def selective_recomputation_published(flops: FlopsPerToken) -> Number:
    """``selective_published``: three times the attention core [FLOP/token].

    The HFU figures of Korthikanti et al. 2022 (arXiv:2205.05198, table 5, equations 7 to 9) follow this form:
    hardware FLOPs 72·B·L·s·h²·(1 + s/3h + V/12hL) beside model FLOPs 72·B·L·s·h²·(1 + s/6h + V/12hL).
    """
    return PASSES * flops.attention_core


def full_recomputation(flops: FlopsPerToken) -> Number:
    """``full``: the layers' forward pass once more, by the convention's own rule [FLOP/token].

    Narayanan et al. 2021 (arXiv:2104.04473), section 5.1.
    """
    return flops.layer_forward


CONVENTIONS: Mapping[str, Callable[[Workload], FlopsPerToken]] = {
    "6nd": six_n,
    "kaplan": kaplan,
    "chinchilla": chinchilla,
    "palm": palm,
    "megatron": megatron,
    "exact": exact,
    "masked": masked,
    "8nt": eight_n,
    "published": published,
}
"""Conventions by the name that a scenario selects. Adding a convention is adding it here."""

RECOMPUTATIONS: Mapping[str, Callable[[FlopsPerToken], Number]] = {
    "none": no_recomputation,
    "selective": selective_recomputation,
    "selective_published": selective_recomputation_published,
    "full": full_recomputation,
}
"""FLOPs per token that recomputation adds [FLOP/token], by the name that a scenario selects."""

_PER_TOKEN = ("forward", "training", "attention_core", "layer_forward")


class RunFlops(NamedTuple):
    """FLOPs of the selected convention, with recomputation [FLOP/token], and of the whole run [FLOP]."""

    forward_flops_per_token: Number
    training_flops_per_token: Number
    attention_core_flops_per_token: Number
    layer_forward_flops_per_token: Number
    recomputed_flops_per_token: Number
    hardware_flops_per_token: Number
    training_flops: Number
    hardware_flops: Number
    tokens_per_parameter: float
    convention_ratio_exact: float


UNITS = (
    {name: "FLOP/token" for name in ForwardComponents._fields if name != "layers_linear_flops"}
    | {"dot_product_share": "fraction"}
    | dict.fromkeys(SequenceFlops._fields, "FLOP/sequence")
    | {"forward_macs_per_sequence": "MAC"}
    | dict.fromkeys(ChinchillaComponents._fields, "FLOP/sequence")
    | {f"{part}_flops_per_token_{name}": "FLOP/token" for part in _PER_TOKEN for name in CONVENTIONS}
    | dict.fromkeys(RunFlops._fields[:6], "FLOP/token")
    | {f"training_flops_{name}": "FLOP" for name in CONVENTIONS}
    | {
        "training_flops": "FLOP",
        "hardware_flops": "FLOP",
        "tokens_per_parameter": "token/parameter",
        "convention_ratio_exact": "ratio",
    }
)


def count_conventions(workload: Workload) -> Mapping[str, FlopsPerToken]:
    """Every convention's FLOPs per token [FLOP/token], by name."""
    return {name: convention(workload) for name, convention in CONVENTIONS.items()}


def convention_quantities(counted: Mapping[str, FlopsPerToken], tokens: Number) -> dict[str, Number]:
    """The conventions' figures under their quantity keys: per token [FLOP/token] and of the run [FLOP]."""
    per_token = {
        f"{part}_flops_per_token_{name}": getattr(flops, part) for part in _PER_TOKEN for name, flops in counted.items()
    }
    return per_token | {f"training_flops_{name}": flops.total(tokens) for name, flops in counted.items()}


def run_flops(
    counted: Mapping[str, FlopsPerToken],
    convention: str,
    recomputation: str,
    tokens: Number,
    parameters: Number,
) -> RunFlops:
    """The selected convention's FLOPs with recomputation, per token and of the run.

    Hardware FLOPs are training FLOPs plus what is computed again; they are what a GPU's counters see.
    """
    selected = counted[convention]
    recomputed = RECOMPUTATIONS[recomputation](selected)
    hardware = selected.training + recomputed
    return RunFlops(
        forward_flops_per_token=selected.forward,
        training_flops_per_token=selected.training,
        attention_core_flops_per_token=selected.attention_core,
        layer_forward_flops_per_token=selected.layer_forward,
        recomputed_flops_per_token=recomputed,
        hardware_flops_per_token=hardware,
        training_flops=selected.total(tokens) if tokens > 0 else 0,
        hardware_flops=hardware * tokens,
        tokens_per_parameter=divide(tokens, parameters),
        convention_ratio_exact=divide(selected.training, counted["exact"].training),
    )
