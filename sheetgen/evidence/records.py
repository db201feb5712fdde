"""The published runs and figures as data: packaged tables, read once."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sheetgen.base.resources import template_data
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


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> float:
    value = float(text or 0)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


@cache
def published_runs() -> tuple[PublishedRun, ...]:
    """Every published figure of a run, metric by metric."""
    return tuple(
        PublishedRun(
            row["key"], row["run"], row["metric"], _number(row["published"]), _number(row["tolerance"]),
            row["convention"], Run(*(_number(row[name]) for name in SIZES)),
            row["trust"], row["source"], row["source_url"], row["notes"],
        )
        for row in _rows("runs.csv")
    )  # fmt: skip


@cache
def whole_runs() -> tuple[WholeRun, ...]:
    """Every whole run with published GPU-hours, smallest model first."""
    return tuple(
        WholeRun(
            row["key"], row["run"],
            _number(row["parameters"]), _number(row["tokens"]), _number(row["gpu_hours"]), _number(row["peak_tflops"]),
            row["trust"], row["source"], row["source_url"], row["notes"],
        )
        for row in _rows("whole_runs.csv")
    )  # fmt: skip


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
