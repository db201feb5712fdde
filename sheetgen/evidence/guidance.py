"""MFU guidance: what published runs reached, in the convention that one asks for, nearest setting first.

``mfu.csv`` holds the measurements. ``embedding_parameters`` are those only looked up: the input embedding unless the
head shares it, and learned positions; so N less them are the weights in matrix products, tied or not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from math import isfinite, log
from pathlib import Path
from statistics import median

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices
from sheetgen.catalogue.accelerators import PRECISIONS
from sheetgen.catalogue.records import Record, key_problem, read_text, unknown_keys
from sheetgen.evidence import runs as published

FILE = Path(__file__).parent / "mfu.csv"
RECOMPUTATIONS = ("none", "selective", "full")
NEAREST = 7

CONTEXT_WEIGHT = 0.5
GPUS_WEIGHT = 0.5
OTHER_RECOMPUTATION = 1.0
UNKNOWN_RECOMPUTATION = 0.5
OTHER_PRECISION = 1.0
OTHER_GENERATION = 2.0
SAME_GENERATION = 1.0
GENERATIONS = (
    frozenset({"v100", "v100s"}),
    frozenset({"a100", "a800"}),
    frozenset({"h100", "h200", "gh200", "h800", "h20"}),
    frozenset({"b100", "b200", "gb200", "b300", "gb300"}),
    frozenset({"tpu"}),
    frozenset({"mi250x", "mi300x", "mi325x", "mi355x"}),
)
"""Accelerators of one vendor and generation, by the first word of their keys."""

GPT_TOLERANCE = 0.01
LARGEST = 10**15


@dataclass(frozen=True, slots=True)
class Measurement:
    """One published MFU: ``mfu`` and ``hfu`` as fractions of the dense peak of ``precision``, by ``convention``.

    ``parameters`` and ``embedding_parameters`` are counts (active ones of a mixture), ``attention_width`` heads × head
    dimension, ``tokens_per_second`` those of all GPUs. ``None`` or an empty text: not published.
    """

    key: str
    run: str
    accelerator: str
    gpus: int
    precision: str
    context_length: int
    recomputation: str
    parameters: int
    embedding_parameters: int | None
    layers: int
    d_model: int
    attention_width: int
    vocab_size: int
    global_batch_tokens: int | None
    tokens_per_second: int | None
    convention: str
    mfu: float
    hfu: float | None
    source: str
    source_url: str
    series: str
    notes: str


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


COLUMNS = tuple(field.name for field in fields(Measurement))


@cache
def read_measurements() -> tuple[Measurement, ...]:
    """The packaged measurements, in the order of the file."""
    return parse_measurements(FILE)


def parse_measurements(path: Path) -> tuple[Measurement, ...]:
    """The measurements of a CSV file with the columns of ``mfu.csv``.

    Raises :class:`InvalidInput` with a problem per mistake, each with file, line and column.
    """
    file = str(path)
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    problems, found, seen = list[Problem](), list[Measurement](), dict[str, int]()
    try:
        header = next(reader, [])
        problems += unknown_keys(dict.fromkeys(header, 1), COLUMNS, file, "column")
        problems += [Problem("missing column", file, 1, key=name) for name in COLUMNS if name not in header]
        if problems:
            raise InvalidInput(problems)
        for cells in reader:
            line = reader.line_num
            if len(cells) != len(header):
                given, allowed = f"{len(cells)} cells", f"{len(header)} cells, as in the header"
                problems.append(Problem("wrong number of cells", file, line, given=given, allowed=allowed))
                continue
            measurement = _measurement(Record(file, line, dict(zip(header, cells, strict=True)), problems))
            if (first := seen.setdefault(measurement.key, line)) != line:
                message = f"duplicate key: already on line {first}"
                problems.append(Problem(message, file, line, key="key", given=measurement.key))
            found.append(measurement)
    except csv.Error as error:
        problems.append(Problem(f"not valid CSV: {error}", file, reader.line_num))
    if problems:
        raise InvalidInput(problems)
    return tuple(found)


def _measurement(record: Record) -> Measurement:
    """The measurement of a row; problems go to the record, whose values are then placeholders."""

    def count(column: str, low: int = 1) -> int:
        return record.whole(column, low=low, high=LARGEST, required=True) or low

    def optional(column: str, low: int = 1) -> int | None:
        return record.whole(column, low=low, high=LARGEST)

    key = record.text("key", required=True)
    if key and (problem := key_problem(key, record.file, record.line)):
        record.problems.append(problem)
    mfu, hfu = _fraction(record, "mfu"), _fraction(record, "hfu")
    if mfu is None and not record.texts["mfu"].strip():
        record.refuse("mfu", "missing", allowed="a fraction above 0 and at most 1")
    return Measurement(
        key=key,
        run=record.text("run", required=True),
        accelerator=record.text("accelerator", required=True),
        gpus=count("gpus"),
        precision=record.choice("precision", PRECISIONS),
        context_length=count("context_length"),
        recomputation=record.choice("recomputation", RECOMPUTATIONS) if record.text("recomputation") else "",
        parameters=count("parameters"),
        embedding_parameters=optional("embedding_parameters", 0),
        layers=count("layers"),
        d_model=count("d_model"),
        attention_width=count("attention_width"),
        vocab_size=count("vocab_size"),
        global_batch_tokens=optional("global_batch_tokens"),
        tokens_per_second=optional("tokens_per_second"),
        convention=record.choice("convention", CONVENTIONS),
        mfu=mfu or 0.0,
        hfu=hfu,
        source=record.text("source", required=True),
        source_url=record.url("source_url"),
        series=record.text("series"),
        notes=record.text("notes"),
    )


def _fraction(record: Record, column: str) -> float | None:
    value = record.figure(column)
    if value is not None and value > 1:
        record.refuse(column, "out of range", given=f"{value:g}", allowed="a fraction above 0 and at most 1")
        return None
    return value


def _gpt_weights(row: Measurement) -> int:
    """Weights in the products of a GPT with a feed-forward of 4h: 12·L·h² + V·h."""
    return 12 * row.layers * row.d_model**2 + row.vocab_size * row.d_model


def _weights(row: Measurement) -> int:
    """Weights in matrix products: N less what is only looked up, or those that the Korthikanti convention states."""
    if row.embedding_parameters is not None:
        return row.parameters - row.embedding_parameters
    if row.convention == "korthikanti":
        return _gpt_weights(row)
    raise _refusal(row, "needs embedding_parameters, which are not published")


def _sizes(row: Measurement, parameters: int) -> published.Run:
    return published.Run(
        parameters=parameters,
        layers=row.layers,
        d_model=row.d_model,
        attention_width=row.attention_width,
        vocab_size=row.vocab_size,
        context_length=row.context_length,
    )


def _whole(convention: str) -> Callable[[Measurement], float]:
    """A convention that counts all N."""
    return lambda row: published.flops_per_token(_sizes(row, row.parameters), convention)


def _matmul(convention: str) -> Callable[[Measurement], float]:
    """A convention that counts the weights in products, the head's among them."""
    return lambda row: published.flops_per_token(_sizes(row, _weights(row)), convention)


def _korthikanti(row: Measurement) -> float:
    """Korthikanti et al. 2022, equation 7; only for a GPT, whose weights in products are near 12·L·h² + V·h."""
    weights = _gpt_weights(row)
    if abs(_weights(row) / weights - 1) > GPT_TOLERANCE or row.attention_width != row.d_model:
        raise _refusal(row, "holds only for heads of the model's width and a plain feed-forward of 4 times it")
    return published.flops_per_token(_sizes(row, row.parameters), "korthikanti")


def _kaplan(row: Measurement) -> float:
    """Kaplan et al. 2020, table 1: 3·(2·N' + 2·L·a·s), N' without embeddings and head."""
    layers = _weights(row) - row.vocab_size * row.d_model
    return 3 * (2 * layers + 2 * row.layers * row.attention_width * row.context_length)


CONVENTIONS: Mapping[str, Callable[[Measurement], float]] = {
    "6nd": _whole("6nd"),
    "8nt": _whole("8nt"),
    "palm": _whole("palm"),
    "titan": _matmul("titan"),
    "megatron": _matmul("megatron"),
    "korthikanti": _korthikanti,
    "llmc": _whole("llmc"),
    "kaplan": _kaplan,
}
"""Training FLOPs per token of a measurement, by convention; the formulas are in :mod:`sheetgen.evidence.runs`."""


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
    if problems := _choice_problem("convention", convention, tuple(CONVENTIONS)):
        raise InvalidInput(problems)
    return CONVENTIONS[convention](measurement)


def bridged(measurement: Measurement, convention: str) -> float:
    """The MFU [fraction] that the same run has by another convention. Raises as :func:`flops_per_token`."""
    if convention == measurement.convention:
        return measurement.mfu
    own = flops_per_token(measurement, measurement.convention)
    return measurement.mfu * flops_per_token(measurement, convention) / own


def nearest(
    parameters: float,
    accelerator: str,
    gpus: float,
    context_length: float,
    recomputation: str,
    convention: str,
    count: int = NEAREST,
    precision: str = "bf16",
) -> Guidance:
    """The measurements nearest to a setting, their MFUs bridged to ``convention``; ties by key.

    Distance: |ln| of the ratios of parameters, GPUs and context length, weighed 1, 0.5 and 0.5; 1 for another
    recomputation (0.5 where either does not say: an empty text), 1 for another precision (FP16 is BF16), 1 for another
    accelerator of the generation, 2 for any other. The weights are our choice, not published. Rows that the convention
    cannot count are left out. Raises :class:`InvalidInput` with a problem per mistake.
    """
    sizes = {"parameters": parameters, "gpus": gpus, "context_length": context_length, "count": count}
    problems = [
        Problem("out of range", key=key, given=f"{value:g}", allowed="above 0")
        for key, value in sizes.items()
        if not (isfinite(value) and value > 0)
    ]
    problems += _choice_problem("recomputation", recomputation, (*RECOMPUTATIONS, ""))
    problems += _choice_problem("convention", convention, tuple(CONVENTIONS))
    problems += _choice_problem("precision", precision, PRECISIONS)
    if problems:
        raise InvalidInput(problems)

    def distance(row: Measurement) -> float:
        return (
            abs(log(parameters) - log(row.parameters))
            + GPUS_WEIGHT * abs(log(gpus) - log(row.gpus))
            + CONTEXT_WEIGHT * abs(log(context_length) - log(row.context_length))
            + _recomputation_distance(recomputation, row.recomputation)
            + (0.0 if _rate(precision) == _rate(row.precision) else OTHER_PRECISION)
            + _accelerator_distance(accelerator, row.accelerator)
        )

    rows = list[Neighbour]()
    for row in sorted(read_measurements(), key=lambda row: (distance(row), row.key)):
        if len(rows) >= count:
            break
        try:
            rows.append(Neighbour(row, distance(row), bridged(row, convention)))
        except InvalidInput:
            continue
    values = [row.mfu for row in rows]
    return Guidance(tuple(rows), min(values), median(values), max(values))


def _recomputation_distance(left: str, right: str) -> float:
    if not left or not right:
        return UNKNOWN_RECOMPUTATION
    return 0.0 if left == right else OTHER_RECOMPUTATION


def _rate(precision: str) -> str:
    return "bf16" if precision == "fp16" else precision


def _accelerator_distance(left: str, right: str) -> float:
    if left == right:
        return 0.0
    pair = {left.partition("-")[0], right.partition("-")[0]}
    return SAME_GENERATION if any(pair <= generation for generation in GENERATIONS) else OTHER_GENERATION


def scaling_series() -> dict[str, list[Measurement]]:
    """The series in which only the number of GPUs moves, each by GPUs.

    Strong scaling holds the global batch, weak scaling (``-weak`` in the name) the batch per GPU.
    """
    found: dict[str, list[Measurement]] = {}
    for row in sorted(read_measurements(), key=lambda row: row.gpus):
        if row.series:
            found.setdefault(row.series, []).append(row)
    return {name: found[name] for name in sorted(found)}
