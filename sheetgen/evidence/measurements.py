"""Published MFUs as data: ``mfu.csv``, and the series in it in which only the number of accelerators moves.

``embedding_parameters`` are those only looked up: the input embedding unless the head shares it, and learned positions;
so N less them are the weights in matrix products, tied or not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path
from typing import Any

from sheetgen.base.inputs import options
from sheetgen.catalogue import PRECISIONS
from sheetgen.catalogue.records import Record, key_problem, read_keyed

FILE = Path(__file__).parent / "mfu.csv"
RECOMPUTATIONS = tuple(dict.fromkeys(option.value.removesuffix("_published") for option in options("recomputation")))
"""As a scenario chooses, both counts of selective recomputation being one here."""
MAX_COUNT = 10**15


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


COLUMNS = tuple(field.name for field in fields(Measurement))
TEXTS = ("key", "run", "accelerator", "recomputation", "source", "series", "notes")
REQUIRED = ("key", "run", "accelerator", "source")
COUNTS = ("gpus", "context_length", "parameters", "layers", "d_model", "attention_width", "vocab_size")
OPTIONAL_COUNTS = {"embedding_parameters": 0, "global_batch_tokens": 1, "tokens_per_second": 1}
"""Counts that may be empty, and the least that each may be."""


@cache
def read_measurements() -> tuple[Measurement, ...]:
    """The packaged measurements, in the order of the file; that their conventions are known ones is tested."""
    return parse_measurements(FILE)


def parse_measurements(path: Path, conventions: Collection[str] = ()) -> tuple[Measurement, ...]:
    """The measurements of a CSV file with the columns of ``mfu.csv``; ``conventions`` are those that a row may have,
    any where there are none.

    Raises :class:`InvalidInput` with a problem per mistake, each with file, line and column.
    """
    return tuple(read_keyed(path, COLUMNS, COLUMNS, partial(_measurement, tuple(conventions))).values())


def _measurement(conventions: tuple[str, ...], record: Record) -> Measurement:
    """The measurement of a row; problems go to the record, whose values are then placeholders."""
    row: dict[str, Any] = {name: record.text(name, required=name in REQUIRED) for name in TEXTS}
    if row["key"] and (problem := key_problem(row["key"], record.file, record.line)):
        record.problems.append(problem)
    row |= {name: record.whole(name, low=1, high=MAX_COUNT, required=True) or 1 for name in COUNTS}
    row |= {name: record.whole(name, low=low, high=MAX_COUNT) for name, low in OPTIONAL_COUNTS.items()}
    row |= {"mfu": _fraction(record, "mfu") or 0.0, "hfu": _fraction(record, "hfu")}
    if not record.texts["mfu"].strip():
        record.problem("mfu", "missing", allowed="a fraction above 0 and at most 1")
    row["precision"] = record.choice("precision", PRECISIONS)
    row["convention"] = record.choice("convention", conventions) if conventions else record.text("convention")
    if row["recomputation"]:
        row["recomputation"] = record.choice("recomputation", RECOMPUTATIONS)
    return Measurement(**row, source_url=record.url("source_url"))


def _fraction(record: Record, column: str) -> float | None:
    value = record.figure(column)
    if value is not None and value > 1:
        record.problem(column, "out of range", given=f"{value:g}", allowed="a fraction above 0 and at most 1")
        return None
    return value


def scaling_series() -> dict[str, list[Measurement]]:
    """The series in which only the number of GPUs moves, each by GPUs.

    Strong scaling holds the global batch, weak scaling (``-weak`` in the name) the batch per GPU.
    """
    found: dict[str, list[Measurement]] = {}
    for row in sorted(read_measurements(), key=lambda row: row.gpus):
        if row.series:
            found.setdefault(row.series, []).append(row)
    return {name: found[name] for name in sorted(found)}
