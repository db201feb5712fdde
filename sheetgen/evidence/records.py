"""The published runs and figures as data: packaged tables, read once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sheetgen.base.resources import template_data
from sheetgen.catalogue.records import Record, read_keyed
from sheetgen.evidence.runs import Run

FOLDER = Path(__file__).parent
SIZES = Run._fields


class PublishedRun(NamedTuple):
    """One published figure of a run: ``published`` in the unit of ``metric``, ``tolerance`` relative.

    ``trust`` is A for a figure that was measured or computed by somebody else from stated inputs, B for one that is
    coarse or partly assumed.
    """

    key: str
    run: str
    metric: str
    published: float
    tolerance: float
    convention: str
    sizes: Run
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


RUN_TEXTS = ("key", "run", "metric", "convention", "trust", "source", "source_url", "notes")
WHOLE_RUN_NUMBERS = ("parameters", "tokens", "gpu_hours", "peak_tflops")


@cache
def published_runs() -> tuple[PublishedRun, ...]:
    """Every published figure of a run, metric by metric. Raises InvalidInput where the table has a mistake."""
    columns = (*(name for name in PublishedRun._fields if name != "sizes"), *SIZES)
    return tuple(read_keyed(FOLDER / "runs.csv", columns, columns, _published_run).values())


def _published_run(record: Record) -> PublishedRun:
    row: dict[str, Any] = {name: record.text(name) for name in RUN_TEXTS}
    row |= {name: record.number(name) for name in ("published", "tolerance")}
    return PublishedRun(**row, sizes=Run(*(record.number(name) for name in SIZES)))


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
    return tuple(
        Figure(
            row["key"], row["label"], row["unit"],
            None if isinstance(row["published"], str) else float(row["published"]),
            float(row["printed"]), float(row.get("steps", 0)), row.get("otherwise", "wrong"), row["reason"],
            document["title"], row.get("source", document["source"]),
        )
        for document in template_data("evidence")["documents"]
        for row in document["figures"]
    )  # fmt: skip


@cache
def figure_inputs() -> Mapping[str, float]:
    """Every input of the articles by key, as printed or from the source that its row names."""
    documents: list[dict[str, Any]] = template_data("evidence")["documents"]
    return {row["key"]: float(row["value"]) for document in documents for row in document["inputs"]}
