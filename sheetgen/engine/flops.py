"""The FLOPs of a run: in the convention chosen, with recomputation, per token and in all.

Hardware FLOPs are training FLOPs plus what is computed again; they are what a GPU's counters see. A kind of
recomputation is one function of the convention's attention core and layers, named in :data:`RECOMPUTATIONS`.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.conventions import CONVENTIONS, PARTS, PASSES
from sheetgen.engine.quantity import look_up, quantity

RECOMPUTATIONS = ("none", "selective", "selective_published", "full")
"""Kinds of recomputation by the name that a scenario selects."""

SELECTED = tuple(
    look_up(
        f"{piece}_flops_per_token", "flops_convention", f"{piece}_flops_per_token_{{}}", CONVENTIONS, "FLOP/token",
        f"FLOPs per token of {text}, in the convention chosen.",
    )
    for piece, text in PARTS.items()
)  # fmt: skip


@quantity("FLOP/token", key="recomputed_flops_per_token_none", helper=True)
def no_recomputation() -> Number:
    """``none``: every activation is kept, nothing is computed twice."""
    return 0


@quantity("FLOP/token", "korthikanti2022", key="recomputed_flops_per_token_selective", helper=True)
def selective_recomputation(attention_core_flops_per_token: Number) -> Number:
    """``selective``: the attention core's forward pass once more.

    Korthikanti et al. 2022 (arXiv:2205.05198), section 5, counted strictly.
    """
    return attention_core_flops_per_token


@quantity("FLOP/token", "korthikanti2022", key="recomputed_flops_per_token_selective_published", helper=True)
def selective_recomputation_published(attention_core_flops_per_token: Number) -> Number:
    """``selective_published``: three times the attention core.

    The HFU figures of Korthikanti et al. 2022 (arXiv:2205.05198, table 5, equations 7 to 9) follow this form:
    hardware FLOPs 72·B·L·s·h²·(1 + s/3h + V/12hL) beside model FLOPs 72·B·L·s·h²·(1 + s/6h + V/12hL).
    """
    return PASSES * attention_core_flops_per_token


@quantity("FLOP/token", "narayanan2021", key="recomputed_flops_per_token_full", helper=True)
def full_recomputation(layer_forward_flops_per_token: Number) -> Number:
    """``full``: the layers' forward pass once more, by the convention's own rule.

    Narayanan et al. 2021 (arXiv:2104.04473), section 5.1.
    """
    return layer_forward_flops_per_token


recomputed_flops_per_token = look_up(
    "recomputed_flops_per_token", "recomputation", "recomputed_flops_per_token_{}", RECOMPUTATIONS, "FLOP/token",
    "FLOPs per token that recomputation adds.",
)  # fmt: skip


@quantity("FLOP/token", "chowdhery2022")
def hardware_flops_per_token(training_flops_per_token: Number, recomputed_flops_per_token: Number) -> Number:
    """Training FLOPs and what is computed again."""
    return training_flops_per_token + recomputed_flops_per_token


RUNS = tuple(item.run() for item in CONVENTIONS.values())

chosen_training_flops = look_up(
    "chosen_training_flops", "flops_convention", "training_flops_{}", CONVENTIONS, "FLOP",
    "Training FLOPs of the run in the convention chosen.", helper=True,
)  # fmt: skip


@quantity("FLOP", "kaplan2020")
def training_flops(chosen_training_flops: Number, training_tokens: Number) -> Number:
    """Training FLOPs of the run in the convention chosen; 0 where there is nothing to train on."""
    return chosen_training_flops if training_tokens > 0 else 0


@quantity("FLOP", "chowdhery2022")
def hardware_flops(hardware_flops_per_token: Number, training_tokens: Number) -> Number:
    """Hardware FLOPs of the run."""
    return hardware_flops_per_token * training_tokens


@quantity("token/parameter", "hoffmann2022")
def tokens_per_parameter(training_tokens: Number, parameters: Number) -> float:
    """Tokens of the run for each of all parameters."""
    return divide(training_tokens, parameters)


@quantity("ratio", "pytorch")
def convention_ratio_exact(training_flops_per_token: Number, training_flops_per_token_exact: Number) -> float:
    """The convention chosen, as a multiple of ``exact``."""
    return divide(training_flops_per_token, training_flops_per_token_exact)
