"""Training FLOPs per token of a published run, by the conventions in which such runs are published.

A published run is known by a few sizes, not by its architecture. Where its convention is one of
:mod:`sheetgen.engine.conventions`, that function counts it, given N or the weights in products; forms that a paper
prints for a GPT alone stand here as printed. A convention is one function below with its traits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sheetgen.engine import ENGINE
from sheetgen.engine import conventions as engine
from sheetgen.engine.arithmetic import quotient
from sheetgen.engine.conventions import PASSES
from sheetgen.evidence.records import Sizes


class Counted(NamedTuple):
    """FLOPs per token of a run [FLOP/token], and the part of them that is attention over the context."""

    flops: float
    attention: float


@dataclass(frozen=True, slots=True)
class PublishedConvention:
    """How a run's FLOPs are counted, by the name that the tables of published runs use.

    Attributes:
        runs: figures of sheet Evidence may be counted in it.
        mfu: published MFUs are stated in it, and guidance bridges to it.
        layers: it needs layers and width, N alone is not enough.
        products: it counts the weights in matrix products, so it needs what is only looked up.
    """

    name: str
    count: Callable[[Sizes], Counted]
    runs: bool
    mfu: bool
    layers: bool
    products: bool


def counted_as(
    name: str, *, runs: bool = True, mfu: bool = False, layers: bool = True, products: bool = False
) -> Callable[[Callable[[Sizes], Counted]], PublishedConvention]:
    """Make a convention of a function that counts a run; the traits are those of :class:`PublishedConvention`."""

    def made(function: Callable[[Sizes], Counted]) -> PublishedConvention:
        return PublishedConvention(name, function, runs, mfu, layers, products)

    return made


def _half_square(run: Sizes) -> float:
    """Scores and weighted values over half the square, forward [FLOP/token]."""
    core: float = engine.causal_attention_core(run.layers, run.attention_width, run.attention_width, run.context_length)
    return core


def _square(run: Sizes) -> float:
    core: float = engine.full_attention_core(_half_square(run))
    return core


def _training(parts: engine.Parts) -> Counted:
    return Counted(parts.training, PASSES * parts.attention_core)


@counted_as("6nd", mfu=True, layers=False)
def six_n(run: Sizes) -> Counted:
    """Brown et al. 2020, table D.1: 6·N, no attention."""
    return _training(engine.six_n.record(run.parameters, 0))


@counted_as("8nt", mfu=True, layers=False)
def eight_n(run: Sizes) -> Counted:
    """Narayanan et al. 2021, equation 4: 8·N, a forward pass more."""
    return _training(engine.eight_n.record(run.parameters))


@counted_as("palm", mfu=True)
def palm(run: Sizes) -> Counted:
    """Chowdhery et al. 2022, appendix B: 6·N + 12·L·a·s."""
    return _training(engine.palm.record(run.parameters, _square(run)))


@counted_as("palm_full")
def palm_full(run: Sizes) -> Counted:
    """The same with full recomputation, 4/3 of it: HFU of llm-foundry."""
    parts = engine.palm.record(run.parameters, _square(run))
    return Counted(parts.training + parts.layer_forward, (PASSES + 1) * parts.attention_core)


@counted_as("titan", mfu=True, products=True)
def titan(run: Sizes) -> Counted:
    """torchtitan, utils.get_num_flop_per_token: as PaLM, N without the input embedding: ``exact`` but for vectors."""
    linear = 2 * run.weights_in_products
    return _training(engine.exact.record(linear, linear, _square(run), 0))


@counted_as("megatron", mfu=True, products=True)
def megatron(run: Sizes) -> Counted:
    """Megatron-LM, num_floating_point_operations: N without the input embedding, half the square."""
    linear = 2 * run.weights_in_products
    return _training(engine.megatron.record(linear, linear, _half_square(run)))


@counted_as("llmc", mfu=True)
def llmc(run: Sizes) -> Counted:
    """llm.c, estimate_mfu: 6·N + 6·L·a·s, Kaplan's form with all N."""
    return _training(engine.kaplan.record(run.parameters, _half_square(run)))


@counted_as("kaplan", runs=False, mfu=True, products=True)
def kaplan(run: Sizes) -> Counted:
    """Kaplan et al. 2020, table 1: N without embeddings and head."""
    return _training(engine.kaplan.record(run.weights_in_products - run.head_weights, _half_square(run)))


def _closed_form(run: Sizes, factor: float, attention: float, logits: float) -> Counted:
    """factor·L·h²·(1 + attention·s/h + V/(logits·L·h)), for a feed-forward of 4h (Narayanan et al. 2021, appendix)."""

    def flops(length: float) -> float:
        inner = 1 + attention * length / run.d_model + run.vocab_size / (logits * run.layers * run.d_model)
        return factor * run.layers * run.d_model**2 * inner

    whole = flops(run.context_length)
    return Counted(whole, whole - flops(0))


@counted_as("korthikanti", mfu=True, products=True)
def korthikanti(run: Sizes) -> Counted:
    """Korthikanti et al. 2022, equation 7: model FLOPs of a GPT."""
    return _closed_form(run, 72, 1 / 6, 12)


@counted_as("korthikanti_selective")
def korthikanti_selective(run: Sizes) -> Counted:
    """Korthikanti et al. 2022, equation 9: hardware FLOPs with selective recomputation."""
    return _closed_form(run, 72, 1 / 3, 12)


@counted_as("narayanan")
def narayanan(run: Sizes) -> Counted:
    """Narayanan et al. 2021, equation 3: hardware FLOPs of a GPT with full recomputation."""
    return _closed_form(run, 96, 1 / 6, 16)


def _appendix_f(run: Sizes, key: str) -> Counted:
    """Forward terms of Hoffmann et al. 2022 for a GPT, per token, and twice that backward."""
    length = run.context_length or 1  # without a context the terms of a token, but for its attention
    given = {
        **gpt(run.layers, run.d_model, run.n_heads, run.vocab_size),
        "query_width": run.attention_width, "value_width": run.attention_width,
        "query_matmul_parameters": run.d_model * run.attention_width,
        "key_value_matmul_parameters": 2 * run.d_model * run.attention_width,
        "sequence_length": length,
    }  # fmt: skip
    if not run.context_length:
        given["chinchilla_core_flops"] = 0
    found = ENGINE.evaluate(given, (key, "transformer_blocks", "chinchilla_core_flops"))
    core = found["transformer_blocks"] * found["chinchilla_core_flops"]
    return Counted(quotient(PASSES * found[key], length), quotient(PASSES * core, length))


@counted_as("chinchilla")
def chinchilla(run: Sizes) -> Counted:
    """Hoffmann et al. 2022, appendix F."""
    return _appendix_f(run, "chinchilla_forward_flops")


@counted_as("chinchilla_layers")
def chinchilla_layers(run: Sizes) -> Counted:
    """The same without embeddings and logits, as table A4 compares it with 6·N."""
    return _appendix_f(run, "chinchilla_layers_flops")


def gpt(layers: float, width: float, heads: float, vocabulary: float) -> dict[str, float | str]:
    """The engine's inputs for the FLOPs of a GPT: multi-head attention, two feed-forward matrices four times as wide as
    the model, tied head."""
    sizes = {"n_layers": layers, "d_model": width, "n_heads": heads, "n_kv_heads": heads, "d_ff": 4 * width}
    return {**GPT, **sizes, "vocab_size": vocabulary}


GPT: Mapping[str, float | str] = {
    "workload": "text", "class_token": "no", "embedding_width": 0, "tied_embeddings": "yes", "head_transform": "no",
    "attention": "gqa", "qkv_bias": "yes", "qk_norm": "none", "gated_ffn": "no", "n_experts": 0,
    "experts_per_token": 0, "expert_d_ff": 0, "shared_expert_d_ff": 0, "shared_expert_gate": "no", "dense_layers": 0,
    "mtp_layers": 0, "mtp_logits": "no", "image_channels": 0, "patch_size": 0, "n_classes": 0, "q_lora_rank": 0,
    "kv_lora_rank": 0, "qk_nope_dim": 0, "qk_rope_dim": 0, "v_head_dim": 0,
}  # fmt: skip
"""What all GPTs share, as far as their FLOPs rest on it."""

CONVENTIONS: Mapping[str, PublishedConvention] = {
    item.name: item for item in tuple(globals().values()) if isinstance(item, PublishedConvention)
}
"""Conventions by the name that tables and sheet Evidence use."""


def counted(run: Sizes, convention: str) -> Counted:
    """FLOPs per token of a run; 0 for one without the sizes that the convention needs. Raises KeyError for an unknown
    convention."""
    found = CONVENTIONS[convention]
    known = run.d_model or (run.parameters and not found.layers)
    return found.count(run) if known else Counted(0.0, 0.0)
