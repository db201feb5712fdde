"""FLOPs per token by every published convention.

A multiply-accumulate counts as two FLOPs. A backward pass costs two forward passes: one for the gradients of
the activations, one for those of the weights. The conventions differ in which parameters count and in how
attention over the context does. A convention is one function below with its traits; its parts are quantities of their
own (``training_flops_per_token_palm``), and what else the product does with conventions asks the traits.

Symbols: N parameters that a token meets (all of them, but in a mixture of experts), W weights in matrix products, L
transformer blocks, h model width, q width of all query heads, v width of all values that they weigh (both a·d but with
latent attention), m feed-forward matrices, V vocabulary, s sequence length. Components and sequences are counted in
:mod:`sheetgen.engine.forward`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sheetgen.engine.architecture import Workload
from sheetgen.engine.arithmetic import Number, half, quotient, whole
from sheetgen.engine.quantity import REVIEW, Quantity, check, part, quantity

PASSES = 3  # one forward pass, and a backward pass worth two


class Parts(NamedTuple):
    """One convention's FLOPs per token [FLOP/token].

    ``attention_core`` is the part that selective recomputation repeats, ``layer_forward`` the part that full
    recomputation repeats. ``run_total`` [FLOP] is set where the convention states the run and not the token.
    """

    forward: Number
    training: Number
    attention_core: Number
    layer_forward: Number
    run_total: Number | None = None


PARTS = {
    "forward": "a forward pass",
    "training": "training",
    "attention_core": "the attention core, forward, which selective recomputation repeats",
    "layer_forward": "the layers forward, which full recomputation repeats",
}
"""The parts of a convention that are quantities of their own, and what each is."""


@dataclass(frozen=True, slots=True)
class Convention:
    """A convention: its name, the quantity that gives its :class:`Parts`, and its traits.

    Attributes:
        square: it counts attention over the whole square, whatever mask, window and packing keep.
        architecture: it needs the architecture, a stated parameter count is not enough.
        nearest: the convention in which published MFUs are counted that is nearest to it; empty for itself.
        recomputes: it counts recomputed FLOPs as training.
        stated: it needs the total that a publication states.
    """

    name: str
    record: Quantity
    square: bool
    architecture: bool
    nearest: str
    recomputes: bool
    stated: bool

    def per_token(self, piece: str) -> Quantity:
        """The quantity of one of :data:`PARTS`."""
        text = f"FLOPs per token of {PARTS[piece]}, by the convention {self.name}."
        return part(self.record, piece, f"{piece}_flops_per_token_{self.name}", "FLOP/token", text)

    def run(self) -> Quantity:
        """Training FLOPs of the run: as stated, or those of a token times the tokens."""

        def training_flops(parts: Parts, training_tokens: Number) -> Number:
            return parts.training * training_tokens if parts.run_total is None else parts.run_total

        training_flops.__doc__ = f"Training FLOPs of the run, by the convention {self.name}."
        named = quantity("FLOP", self.record.source, key=f"training_flops_{self.name}", parts=self.record.key)
        return named(training_flops)


def convention(
    name: str, source: str, *, square: bool = False, architecture: bool = True, nearest: str = "",
    recomputes: bool = False, stated: bool = False,
) -> Callable[[Callable[..., Parts]], Convention]:  # fmt: skip
    """Make a convention of a function that gives its parts; the traits are those of :class:`Convention`."""

    def made(function: Callable[..., Parts]) -> Convention:
        record = quantity("record", source, key=f"convention_{name}", helper=True)(function)
        return Convention(name, record, square, architecture, nearest, recomputes, stated)

    return made


# Scores and weighted values, forward, all layers


@quantity("FLOP/token", "kaplan2020", helper=True)
def causal_attention_core(
    transformer_blocks: Number, query_width: Number, value_width: Number, sequence_length: Number
) -> Number:
    """Scores and weighted values over half the square: L·s·(q + v)."""
    return transformer_blocks * (query_width + value_width) * sequence_length


@quantity("FLOP/token", "pytorch", helper=True)
def full_attention_core(causal_attention_core: Number) -> Number:
    """Scores and weighted values over the full square: 2·L·s·(q + v)."""
    return 2 * causal_attention_core


def core_of(pairs: Number, query_width: Number, value_width: Number, sequence_length: Number) -> Number:
    """Scores and weighted values of so many query-key pairs a sequence: 2·(q + v)·pairs / s."""
    return quotient(whole(2 * (query_width + value_width) * pairs), sequence_length)


area_attention_core = quantity(
    "FLOP/token", "megatron-code", key="area_attention_core", helper=True, pairs="attention_area"
)(core_of)
masked_attention_core = quantity("FLOP/token", key="masked_attention_core", helper=True, pairs="attention_pairs")(
    core_of
)


# The conventions


@convention("6nd", "kaplan2020", architecture=False)
def six_n(active_parameters: Number, full_attention_core: Number) -> Parts:
    """``6nd``: forward 2·N, training 6·N, with all active parameters and no attention term.

    Brown et al. 2020 (GPT-3, arXiv:2005.14165), appendix D, table D.1, which counts "per active param per token". For
    recomputation the attention core is the exact one, for the convention has none of its own.
    """
    return Parts(2 * active_parameters, 6 * active_parameters, full_attention_core, 2 * active_parameters)


@convention("kaplan", "kaplan2020", square=True, architecture=False)
def kaplan(active_non_embedding_parameters: Number, causal_attention_core: Number) -> Parts:
    """``kaplan``: forward 2·N + L·s·(q + v) with N without embeddings, training three times that.

    Kaplan et al. 2020 (arXiv:2001.08361), section 2.1, equation 2.2 and table 1, where q = v: 2·N + 2·L·s·a·d. The
    context of every token is the whole one, whatever the mask.
    """
    forward = 2 * active_non_embedding_parameters + causal_attention_core
    return Parts(forward, PASSES * forward, causal_attention_core, forward)


@convention("chinchilla", "hoffmann2022", square=True, nearest="palm")
def chinchilla(
    chinchilla_forward_flops: Number, chinchilla_core_flops: Number, chinchilla_layers_flops: Number,
    transformer_blocks: Number, sequence_length: Number,
) -> Parts:  # fmt: skip
    """``chinchilla``: the sequence's forward terms divided by s, training three times that.

    Hoffmann et al. 2022 (arXiv:2203.15556), appendix F; see :mod:`sheetgen.engine.chinchilla`.
    """
    forward = quotient(chinchilla_forward_flops, sequence_length)
    core = quotient(transformer_blocks * chinchilla_core_flops, sequence_length)
    return Parts(forward, PASSES * forward, core, quotient(chinchilla_layers_flops, sequence_length))


@convention("palm", "chowdhery2022", square=True, architecture=False)
def palm(active_parameters: Number, full_attention_core: Number) -> Parts:
    """``palm``: training 6·N + 6·L·s·(q + v) with all active parameters, forward a third of it.

    Chowdhery et al. 2022 (PaLM, arXiv:2204.02311), section 4.1 and appendix B, where q = v: 6·N + 12·L·a·d·s. Full
    recomputation repeats the whole forward pass, as in MosaicML's llm-foundry benchmark, whose HFU is 4/3 of the MFU.
    """
    forward = 2 * active_parameters + full_attention_core
    return Parts(forward, PASSES * forward, full_attention_core, forward)


@convention("megatron", "megatron-code")
def megatron(forward_linear_flops: Number, layers_linear_flops: Number, area_attention_core: Number) -> Parts:
    """``megatron``: forward 2·W + 2·(q + v)·area / s, W the weights in matrix products that a token meets.

    NVIDIA Megatron-LM, ``megatron/training/training.py``, ``num_floating_point_operations``: a causal mask keeps half
    the square, L·s·(q + v), packed documents half of theirs; windows as MaxText counts them, s·w − w²/2 a layer. The
    router of a mixture of experts, which that function leaves out, counts here. The head is not recomputed (Narayanan
    et al. 2021, arXiv:2104.04473, section 5.1).
    """
    forward = forward_linear_flops + area_attention_core
    return Parts(forward, PASSES * forward, area_attention_core, layers_linear_flops + area_attention_core)


@convention("exact", "pytorch", square=True, nearest="titan")
def exact(
    forward_linear_flops: Number, layers_linear_flops: Number, full_attention_core: Number,
    patch_flops_per_token: Number,
) -> Parts:  # fmt: skip
    """``exact``: forward 2·W + 2·L·s·(q + v), W the weights in matrix products that a token meets; attention over the
    full square, whatever mask and window.

    Every matrix product of the model, as PyTorch's ``FlopCounterMode`` counts them; for h = a·d, g = a, m = 2
    and f = 4·h it is 72·L·h²·(1 + s/6h + V/12Lh) per token in training, and with full recomputation, which
    leaves the head out, 96·L·h²·(1 + s/6h + V/16Lh): Narayanan et al. 2021 (arXiv:2104.04473), section 5.1,
    equation 3. No gradient flows into pixels: training an image costs one pass of its patch embedding less.
    """
    return products(forward_linear_flops, layers_linear_flops, full_attention_core, patch_flops_per_token)


@convention("masked", "identity", nearest="megatron")
def masked(
    forward_linear_flops: Number, layers_linear_flops: Number, masked_attention_core: Number,
    patch_flops_per_token: Number,
) -> Parts:  # fmt: skip
    """``masked``: as ``exact``, with the query-key pairs that mask, window and packing keep: 2·(q + v)·pairs / s.

    :mod:`sheetgen.engine.mask` counts the pairs one by one, the diagonal whole.
    """
    return products(forward_linear_flops, layers_linear_flops, masked_attention_core, patch_flops_per_token)


def products(linear: Number, layers_linear: Number, core: Number, patches: Number) -> Parts:
    """Every matrix product, with this attention core; the patches of an image have no gradient of their input."""
    forward = linear + core
    return Parts(forward, PASSES * forward - patches, core, layers_linear + core)


@quantity("FLOP/token", "dosovitskiy2021", helper=True)
def patch_flops_per_token(workload: Workload, forward_embedding_flops: Number) -> Number:
    """The patch embedding of an image, spread over its tokens; 0 for text."""
    return forward_embedding_flops if workload == "vision" else 0


@convention("8nt", "narayanan2021", architecture=False, recomputes=True)
def eight_n(active_parameters: Number) -> Parts:
    """``8nt``: forward 2·N, training 8·N: 6·N and a second forward pass, so recomputation adds nothing more.

    Narayanan et al. 2021 (arXiv:2104.04473), section 5.1, equation 4: 8·T·P / (n·X) seconds.
    """
    return Parts(2 * active_parameters, 8 * active_parameters, 0, 0)


@convention("published", "identity", architecture=False, nearest="6nd", stated=True)
def published(
    published_training_flops: Number, training_flops_6nd: Number, training_tokens: Number, full_attention_core: Number
) -> Parts:
    """``published``: the run's total as its publisher states it, divided by its tokens; forward a third of
    that.

    Where no total is stated (0) the 6·N·D total stands in, and a check fails. Attention core as for ``6nd``.
    """
    total = published_training_flops if published_training_flops > 0 else training_flops_6nd
    training = quotient(total, training_tokens)
    forward = quotient(training, PASSES)
    return Parts(forward, training, full_attention_core, forward, run_total=total)


CONVENTIONS: Mapping[str, Convention] = {
    item.name: item for item in tuple(globals().values()) if isinstance(item, Convention)
}
"""Conventions by the name that a scenario selects."""

RECORDS = tuple(item.record for item in CONVENTIONS.values())
PER_TOKEN = tuple(item.per_token(piece) for piece in PARTS for item in CONVENTIONS.values())


def nearest_published(name: str) -> str:
    """The convention that published MFUs are counted in, nearest to this one; any other name is its own."""
    found = CONVENTIONS.get(name)
    return found.nearest or name if found else name


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
