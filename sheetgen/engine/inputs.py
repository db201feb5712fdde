"""The inputs of one case: which keys the engine reads, and reading them without ever assuming one.

Keys and units are those of a scenario: counts and tokens as numbers, fractions as 0 to 1, dates as serial
numbers of days, FLOP/s and money as they are, choices as words. All mistakes are collected and reported
together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices
from sheetgen.engine.arithmetic import Number, whole
from sheetgen.engine.graph import ENGINE

NUMBERS = (
    "n_layers",
    "d_model",
    "n_heads",
    "n_kv_heads",
    "head_dim",
    "d_ff",
    "vocab_size",
    "learned_positions",
    "norms_per_layer",
    "q_lora_rank",
    "kv_lora_rank",
    "qk_nope_dim",
    "qk_rope_dim",
    "v_head_dim",
    "n_experts",
    "experts_per_token",
    "expert_d_ff",
    "shared_expert_d_ff",
    "dense_layers",
    "token_types",
    "embedding_width",
    "attention_window",
    "windowed_layers",
    "mtp_layers",
    "image_size",
    "patch_size",
    "image_channels",
    "n_classes",
    "undisclosed_parameters",
    "tokens",
    "context_length",
    "global_batch_tokens",
    "images",
    "epochs",
    "global_batch_images",
    "packed_documents",
    "packed_mean_square",
    "published_training_flops",
    "gpus",
    "gpus_per_node",
    "spare_nodes",
    "failures_per_gpu_hour",
    "checkpoint_seconds",
    "checkpoint_interval",
    "restart_seconds",
    "repair_hours",
    "typed_peak",
    "price_age_limit",
    "stated_mfu",
    "stated_flops_per_gpu",
    "observed_tokens_per_second",
    "goodput",
    "start_date",
    "deadline",
    "ramp_days",
    "buffer_days",
    "considered_gpus",
    "price_per_gpu_hour",
    "exchange_rate",
    "exchange_date",
    "reserved_share",
    "reserved_price",
    "commitment_months",
    "spot_share",
    "spot_price",
    "spot_overhead",
    "control_plane_price",
    "failed_runs",
    "support",
    "data_cost",
    "staff_cost",
    "storage_cost",
    "network_cost",
    "software_cost",
    "setup_cost",
    "dataset_tb",
    "checkpoints_kept",
    "checkpoint_bytes",
    "storage_months",
    "storage_price",
    "egress_tb",
    "egress_price",
    "payment_months",
    "prepayment",
    "deposit",
    "contingency",
    "tax",
    "days_per_year",
    "prompt_tokens",
    "output_tokens",
    "serving_utilisation",
    "kv_bytes",
    "law_irreducible_loss",
    "law_parameter_scale",
    "law_parameter_exponent",
    "law_token_scale",
    "law_token_exponent",
    "state_bytes_per_parameter",
    "check_tolerance",
    "mfu_review_low",
    "mfu_review_high",
    "price_date",
    "as_of",
)
"""Keys whose values are finite numbers."""

CHOICES: Mapping[str, Iterable[str]] = {key: kind for key, kind in ENGINE.kinds.items() if isinstance(kind, tuple)}
"""Keys whose values are one of a few words, with those words."""

WORDS = ("accelerator", "precision", "currency", "quote_currency", "exchange_source")
"""Keys whose values are any words: names that the accelerator's figures explain, currencies, a source."""


KEYS = (*NUMBERS, *CHOICES, *WORDS)


class CaseInputs(NamedTuple):
    """One case's inputs, typed: numbers (whole ones as integers) and words, by key."""

    numbers: dict[str, Number]
    words: dict[str, str]


def read_inputs(inputs: Mapping[str, float | str]) -> CaseInputs:
    """The inputs as numbers and words; keys that the engine does not read are left alone.

    Raises:
        InvalidInput: keys are missing, numbers are not finite numbers, or words are not among the choices;
            the error carries one problem for each.
    """
    problems: list[Problem] = []
    numbers: dict[str, Number] = {}
    words: dict[str, str] = {}
    problems += [Problem("the input is missing", key=key) for key in KEYS if key not in inputs]
    for key in NUMBERS:
        value = inputs.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            problems.append(Problem("not a finite number", key=key, given=str(value)))
        else:
            numbers[key] = whole(value)
    for key in (*CHOICES, *WORDS):
        if key not in inputs:
            continue
        value = inputs[key]
        if not isinstance(value, str):
            problems.append(Problem("not a word", key=key, given=str(value)))
        elif key in CHOICES and value not in CHOICES[key]:
            hint = did_you_mean(value, CHOICES[key])
            allowed = list_choices(CHOICES[key])
            problems.append(Problem(f"not a known choice{hint}", key=key, given=value, allowed=allowed))
        else:
            words[key] = value
    if problems:
        raise InvalidInput(problems)
    return CaseInputs(numbers, words)
