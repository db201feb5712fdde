"""MFU guidance: what published runs reached, in the convention that one asks for, nearest setting first.

``mfu.csv`` holds the measurements (:mod:`sheetgen.evidence.measurements`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite, log
from statistics import median
from typing import NamedTuple

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices
from sheetgen.catalogue import PRECISIONS, Accelerator, load_catalogue
from sheetgen.evidence.conventions import CONVENTIONS, counted
from sheetgen.evidence.measurements import FILE, RECOMPUTATIONS, Measurement, read_measurements
from sheetgen.evidence.records import Sizes

MFU_CONVENTIONS = tuple(name for name, item in CONVENTIONS.items() if item.mfu)
NEAREST = 7

CONTEXT_WEIGHT = 0.5
GPUS_WEIGHT = 0.5
OTHER_RECOMPUTATION = 1.0
UNKNOWN_RECOMPUTATION = 0.5
OTHER_PRECISION = 1.0
OTHER_GENERATION = 2.0
SAME_GENERATION = 1.0

LONGER_CONTEXT = 4.0
LOST_IN_BRIDGE = 0.25
GPT_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A measurement, its distance from the setting asked for, and its MFU [fraction] in the convention asked for."""

    measurement: Measurement
    distance: float
    mfu: float


@dataclass(frozen=True, slots=True)
class Guidance:
    """The nearest measurements, nearest first, and the smallest, median and largest of their MFUs [fraction]."""

    rows: tuple[Neighbour, ...]
    low: float
    middle: float
    high: float


def _gpt_weights(row: Measurement) -> int:
    """Weights in the products of a GPT with a feed-forward of 4h: 12·L·h² + V·h."""
    return 12 * row.layers * row.d_model**2 + row.vocab_size * row.d_model


def _looked_up(row: Measurement) -> int:
    """What is only looked up, or what the Korthikanti convention leaves of N beside its weights in products."""
    if row.embedding_parameters is not None:
        return row.embedding_parameters
    if row.convention == "korthikanti":
        return row.parameters - _gpt_weights(row)
    raise _refusal(row, "needs embedding_parameters, which are not published")


def _refusal(row: Measurement, message: str) -> InvalidInput:
    return InvalidInput([Problem(f"the convention {message}", FILE.name, key="convention", given=row.key)])


def _choice_problem(key: str, given: str, allowed: tuple[str, ...]) -> list[Problem]:
    if given in allowed:
        return []
    return [
        Problem(f"unknown value{did_you_mean(given, allowed)}", key=key, given=given, allowed=list_choices(allowed))
    ]


def flops_per_token(measurement: Measurement, convention: str) -> float:
    """Training FLOPs per token [FLOP/token] of a measured model.

    Raises :class:`InvalidInput` for an unknown convention and for one that the row's columns do not give.
    """
    if problems := _choice_problem("convention", convention, MFU_CONVENTIONS):
        raise InvalidInput(problems)
    run = Sizes(
        parameters=measurement.parameters,
        embedding_parameters=_looked_up(measurement) if CONVENTIONS[convention].products else 0,
        layers=measurement.layers,
        d_model=measurement.d_model,
        attention_width=measurement.attention_width,
        vocab_size=measurement.vocab_size,
        context_length=measurement.context_length,
    )
    if convention == "korthikanti" and not _is_gpt(measurement, run):
        message = "holds only for heads of the model's width and a plain feed-forward of 4 times it"
        raise _refusal(measurement, message)
    return counted(run, convention).flops


def _is_gpt(row: Measurement, run: Sizes) -> bool:
    """Whether the weights in products are near 12·L·h² + V·h, and the heads as wide as the model."""
    near = abs(run.weights_in_products / _gpt_weights(row) - 1) <= GPT_TOLERANCE
    return near and row.attention_width == row.d_model


def bridged(measurement: Measurement, convention: str) -> float:
    """The MFU [fraction] that the same run has by another convention. Raises as :func:`flops_per_token`."""
    if convention == measurement.convention:
        return measurement.mfu
    own = flops_per_token(measurement, measurement.convention)
    return measurement.mfu * flops_per_token(measurement, convention) / own


class Setting(NamedTuple):
    """A run as asked about: parameters (active ones), accelerators, context length [tokens]; ``recomputation`` may be
    empty, and ``generation`` is the accelerator's of the catalogue, empty where that has none."""

    parameters: float
    accelerator: str
    gpus: float
    context_length: float
    recomputation: str
    precision: str = "bf16"
    generation: str = ""


def nearest(setting: Setting, convention: str, count: int = NEAREST) -> Guidance:
    """The measurements nearest to a setting, their MFUs bridged to ``convention``; ties by key.

    Distance: |ln| of the ratios of parameters, GPUs and context length, weighed 1, 0.5 and 0.5; 1 for another
    recomputation (0.5 where either does not say: an empty text), 1 for another precision (FP16 is BF16), 1 for another
    accelerator of the generation, 2 for any other. The weights are our choice, not published. Rows that the convention
    cannot count are left out, and so is a run at a context over 4 times as long that a quarter of its MFU would be
    lost of: its attention, which the convention does not see, is no guide to a shorter one. Raises
    :class:`InvalidInput` with a problem per mistake.
    """
    if problems := _setting_problems(setting, convention, count):
        raise InvalidInput(problems)
    rows = list[Neighbour]()
    for row in sorted(read_measurements(), key=lambda row: (_distance(setting, row), row.key)):
        if len(rows) >= count:
            break
        try:
            mfu = bridged(row, convention)
        except InvalidInput:
            continue
        if row.context_length <= LONGER_CONTEXT * setting.context_length or mfu >= (1 - LOST_IN_BRIDGE) * row.mfu:
            rows.append(Neighbour(row, _distance(setting, row), mfu))
    values = [row.mfu for row in rows]
    return Guidance(tuple(rows), min(values), median(values), max(values))


def _setting_problems(setting: Setting, convention: str, count: int) -> list[Problem]:
    sizes = {key: getattr(setting, key) for key in ("parameters", "gpus", "context_length")} | {"count": count}
    problems = [
        Problem("out of range", key=key, given=f"{value:g}", allowed="above 0")
        for key, value in sizes.items()
        if not (isfinite(value) and value > 0)
    ]
    problems += _choice_problem("recomputation", setting.recomputation, (*RECOMPUTATIONS, ""))
    problems += _choice_problem("convention", convention, MFU_CONVENTIONS)
    return problems + _choice_problem("precision", setting.precision, PRECISIONS)


def _distance(setting: Setting, row: Measurement) -> float:
    return (
        abs(log(setting.parameters) - log(row.parameters))
        + GPUS_WEIGHT * abs(log(setting.gpus) - log(row.gpus))
        + CONTEXT_WEIGHT * abs(log(setting.context_length) - log(row.context_length))
        + _recomputation_distance(setting.recomputation, row.recomputation)
        + (0.0 if _rate(setting.precision) == _rate(row.precision) else OTHER_PRECISION)
        + _accelerator_distance(setting, row.accelerator)
    )


def _recomputation_distance(left: str, right: str) -> float:
    if not left or not right:
        return UNKNOWN_RECOMPUTATION
    return 0.0 if left == right else OTHER_RECOMPUTATION


def _rate(precision: str) -> str:
    return "bf16" if precision == "fp16" else precision


def _accelerator_distance(setting: Setting, measured: str) -> float:
    if setting.accelerator == measured:
        return 0.0
    known = _packaged_accelerators().get(measured)
    alike = known is not None and known.generation and known.generation == setting.generation
    return SAME_GENERATION if alike else OTHER_GENERATION


@cache
def _packaged_accelerators() -> Mapping[str, Accelerator]:
    return load_catalogue().accelerators
