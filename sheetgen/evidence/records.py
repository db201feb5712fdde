"""The published runs and figures as data: packaged tables, read once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sheetgen.base.resources import template_data
from sheetgen.catalogue.records import Record, read_keyed

FOLDER = Path(__file__).parent


class Sizes(NamedTuple):
    """The sizes of a published run; 0 where a figure is not needed or not published.

    ``parameters`` and ``embedding_parameters`` are counts (active ones of a mixture; of the embedding what is only
    looked up), ``attention_width`` is heads × head dimension, peaks and throughput are TFLOPS per GPU,
    ``step_seconds`` s, ``price`` money per GPU-hour.
    """

    parameters: float = 0
    embedding_parameters: float = 0
    layers: float = 0
    d_model: float = 0
    n_heads: float = 0
    attention_width: float = 0
    vocab_size: float = 0
    context_length: float = 0
    tokens: float = 0
    gpus: float = 0
    peak_tflops: float = 0
    achieved_tflops: float = 0
    tokens_per_second: float = 0
    step_seconds: float = 0
    batch_tokens: float = 0
    gpu_hours: float = 0
    price: float = 0

    @property
    def weights_in_products(self) -> float:
        """Parameters less those that are only looked up: weights in matrix products, the head's among them."""
        return self.parameters - self.embedding_parameters

    @property
    def head_weights(self) -> float:
        """Words × width."""
        return self.vocab_size * self.d_model


SIZES = Sizes._fields


class PublishedRun(NamedTuple):
    """One published figure of a run: ``published`` in the unit of ``metric``, ``tolerance`` relative, as its printed
    digits allow. ``otherwise`` is the verdict beyond it: ``lower bound`` where the figure holds more than the
    prediction does, ``not reconcilable`` where its formula is not published, OUTSIDE where it must fit.

    ``trust`` is A for a figure that was measured or computed by somebody else from stated inputs, B for one that is
    coarse or partly assumed.
    """

    key: str
    run: str
    metric: str
    published: float
    tolerance: float
    otherwise: str
    convention: str
    sizes: Sizes
    trust: str
    source: str
    source_url: str
    notes: str


class WholeRun(NamedTuple):
    """A run from start to end: parameters, tokens, GPU-hours as published, dense peak [TFLOPS]."""

    key: str
    run: str
    parameters: float
    tokens: float
    gpu_hours: float
    peak_tflops: float
    trust: str
    source: str
    source_url: str
    notes: str


OUTSIDE = "OUTSIDE"  # the verdict on a figure that must fit and does not
RUN_TEXTS = ("key", "run", "metric", "otherwise", "convention", "trust", "source", "source_url", "notes")
WHOLE_RUN_NUMBERS = ("parameters", "tokens", "gpu_hours", "peak_tflops")


@cache
def published_runs() -> tuple[PublishedRun, ...]:
    """Every published figure of a run, metric by metric. Raises InvalidInput where the table has a mistake."""
    columns = (*(name for name in PublishedRun._fields if name != "sizes"), *SIZES)
    return tuple(read_keyed(FOLDER / "runs.csv", columns, columns, _published_run).values())


def _published_run(record: Record) -> PublishedRun:
    row: dict[str, Any] = {name: record.text(name) for name in RUN_TEXTS}
    row["otherwise"] = row["otherwise"] or OUTSIDE
    row |= {name: record.number(name) for name in ("published", "tolerance")}
    return PublishedRun(**row, sizes=Sizes(*(record.number(name) for name in SIZES)))


@cache
def whole_runs() -> tuple[WholeRun, ...]:
    """Every whole run with published GPU-hours, smallest model first. Raises InvalidInput as the above."""
    columns = WholeRun._fields
    return tuple(read_keyed(FOLDER / "whole_runs.csv", columns, columns, _whole_run).values())


def _whole_run(record: Record) -> WholeRun:
    texts = (name for name in WholeRun._fields if name not in WHOLE_RUN_NUMBERS)
    row: dict[str, Any] = {name: record.text(name) for name in texts}
    row |= {name: record.number(name) for name in WHOLE_RUN_NUMBERS}
    return WholeRun(**row)


class Figure(NamedTuple):
    """A figure of an article: ``published`` is None where the article prints a formula; tolerances are relative.

    ``printed`` is half of the last printed digit, ``steps`` what rounded steps explain, ``otherwise`` the verdict
    beyond both, ``reason`` why.
    """

    key: str
    label: str
    unit: str
    published: float | None
    printed: float
    steps: float
    otherwise: str
    reason: str
    document: str
    source: str


@cache
def figures() -> tuple[Figure, ...]:
    """Every figure of the articles, in order."""
    documents = template_data("evidence")["lists"]["documents"]
    return tuple(_figure(row, document) for document in documents for row in document["figures"])


def _figure(row: Mapping[str, Any], document: Mapping[str, Any]) -> Figure:
    implied = {"steps": 0, "otherwise": "wrong", "source": document["source"]}
    values: dict[str, Any] = {name: (implied | dict(row)).get(name) for name in Figure._fields if name != "document"}
    values |= {name: float(values[name]) for name in ("printed", "steps")}
    values["published"] = float(row["published"]) if "published" in row else None
    return Figure(**values, document=document["title"])


@cache
def figure_inputs() -> Mapping[str, float]:
    """Every input of the articles by key, as printed or from the source that its row names."""
    documents: list[dict[str, Any]] = template_data("evidence")["lists"]["documents"]
    return {row["key"]: float(row["value"]) for document in documents for row in document["inputs"]}


def default_mfus() -> tuple[float, ...]:
    """The default MFUs of the error band, low, middle and high."""
    return tuple(template_data("evidence")["lists"]["defaults"])


def student_quantiles() -> tuple[float, ...]:
    """What 95 % of Student's t stay below, for 1, 2, 3 and so on degrees of freedom, as NIST prints it."""
    return tuple(row["value"] for row in template_data("evidence")["lists"]["student"])


def size_classes() -> list[dict[str, Any]]:
    """The size classes of the error band: key, label, and the parameters below which a run belongs to it."""
    return list(template_data("evidence")["lists"]["sizes"])


def size_class_of(parameters: float) -> str:
    """The size class of a model."""
    return str(next(size["key"] for size in size_classes() if parameters < size["below"]))
