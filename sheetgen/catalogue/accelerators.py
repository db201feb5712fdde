"""Accelerators: what a data sheet says of one GPU, TPU or other chip, per package as a framework sees it.

Peaks are multiply-add throughput in TFLOPS (TOPS for int8) with fp32 accumulation. Dense and sparse peaks are
kept apart: the large figure on most data sheets counts the zeros of 2:4 structured sparsity and so is twice
what dense training can use (H100 SXM: 1,979 against 989.4). An absent peak means not supported or not
published, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.catalogue.records import MOST_PROBLEMS, Record, key_problem, read_records, read_text

PRECISIONS = ("fp32", "tf32", "fp16", "bf16", "fp8", "int8", "fp4")
SPARSE_COLUMNS = tuple(f"{precision}_sparse" for precision in PRECISIONS)
DESCRIPTION = ("key", "name", "vendor", "form_factor", "release_year", "memory_gb", "bandwidth_gb_s", "tdp_w")
GUARDS = ("fp16_accumulate", "emulates", "best_mfu", "best_mfu_source")
COLUMNS = (*DESCRIPTION, *PRECISIONS, *SPARSE_COLUMNS, *GUARDS, "source", "source_url", "notes")
REQUIRED_COLUMNS = ("key", "name", "vendor", "source")


class Accelerator(NamedTuple):
    """One row: memory [GB], bandwidth [GB/s], power [W], peaks [TFLOPS] by precision. ``None``: not known.

    ``fp16_accumulate`` is the larger FP16 peak [TFLOPS] of cards that halve their rate when they accumulate in FP32,
    ``emulates`` a precision that runs but has no unit of its own, ``best_mfu`` the best published MFU in the
    convention ``palm``.
    """

    key: str
    name: str
    vendor: str
    form_factor: str
    release_year: int | None
    memory_gb: float | None
    bandwidth_gb_s: float | None
    tdp_w: float | None
    dense: Mapping[str, float]
    sparse: Mapping[str, float]
    source: str
    source_url: str
    notes: str
    fp16_accumulate: float | None = None
    emulates: str = ""
    best_mfu: float | None = None
    best_mfu_source: str = ""

    def row(self) -> dict[str, str | float | None]:
        """The values by column of ``accelerators.csv``."""
        values: dict[str, str | float | None] = {column: getattr(self, column) for column in DESCRIPTION}
        values |= {precision: self.dense.get(precision) for precision in PRECISIONS}
        values |= {f"{precision}_sparse": self.sparse.get(precision) for precision in PRECISIONS}
        values |= {column: getattr(self, column) for column in GUARDS}
        return values | {"source": self.source, "source_url": self.source_url, "notes": self.notes}


def read_accelerators(path: Path) -> dict[str, Accelerator]:
    """The accelerators of a CSV file with a header row, by key, in the order of the file.

    Raises :class:`InvalidInput` with a problem per mistake, each with file, line and column.
    """
    text = read_text(path)
    file, problems = str(path), list[Problem]()
    accelerators: dict[str, Accelerator] = {}
    lines: dict[str, int] = {}
    for record in read_records(text, file, COLUMNS, REQUIRED_COLUMNS, problems):
        if len(problems) > MOST_PROBLEMS:
            message = f"more than {MOST_PROBLEMS} mistakes: the rest of the file was not read"
            problems.append(Problem(message, file, record.line))
            break
        accelerator = _accelerator(record)
        if accelerator.key in lines:
            first = lines[accelerator.key]
            message = f"duplicate key: already on line {first}"
            problems.append(Problem(message, file, record.line, key="key", given=accelerator.key))
        elif accelerator.key:
            lines[accelerator.key] = record.line
            accelerators[accelerator.key] = accelerator
    if problems:
        raise InvalidInput(problems)
    return accelerators


def _accelerator(record: Record) -> Accelerator:
    """The accelerator of a row; problems go to the record, whose values are then placeholders."""
    key = record.text("key", required=True)
    if key and (problem := key_problem(key, record.file, record.line)):
        record.problems.append(problem)
    year = record.whole("release_year", low=1990, high=2100)
    dense = {p: peak for p in PRECISIONS if (peak := record.figure(p)) is not None}
    sparse = {p: peak for p in PRECISIONS if (peak := record.figure(f"{p}_sparse")) is not None}
    if not any(record.texts.get(precision, "").strip() for precision in PRECISIONS):
        record.refuse(None, f"no dense peak for '{key}'", allowed="a figure in at least one precision")
    for precision, peak in sparse.items():
        if not record.texts.get(precision, "").strip():
            record.refuse(f"{precision}_sparse", f"a sparse peak without its dense peak ('{precision}' is empty)")
        elif peak < dense.get(precision, 0):
            given = f"{peak:g} TFLOPS sparse, {dense[precision]:g} dense"
            record.refuse(f"{precision}_sparse", "the sparse peak is smaller than the dense one", given=given)
    return Accelerator(
        key=key,
        name=record.text("name", required=True),
        vendor=record.text("vendor", required=True),
        form_factor=record.text("form_factor"),
        release_year=year,
        memory_gb=record.figure("memory_gb"),
        bandwidth_gb_s=record.figure("bandwidth_gb_s"),
        tdp_w=record.figure("tdp_w"),
        dense=MappingProxyType(dense),
        sparse=MappingProxyType(sparse),
        source=record.text("source", required=True),
        source_url=record.url("source_url"),
        notes=record.text("notes"),
        fp16_accumulate=record.figure("fp16_accumulate"),
        emulates=_emulated(record),
        best_mfu=_best_mfu(record),
        best_mfu_source=record.text("best_mfu_source"),
    )


def _emulated(record: Record) -> str:
    """The precision that a chip emulates; one that has a peak of its own is refused."""
    word = record.text("emulates")
    if word and word not in PRECISIONS:
        record.refuse("emulates", "is no precision", given=word, allowed=", ".join(PRECISIONS))
    elif word and record.texts.get(word, "").strip():
        record.refuse("emulates", "is a precision with a peak of its own", given=word)
    return word


def _best_mfu(record: Record) -> float | None:
    """The best published MFU as a fraction, which needs its source."""
    best = record.figure("best_mfu")
    if best is not None and best > 1:
        record.refuse("best_mfu", "is no fraction", given=f"{best:g}", allowed="a number above 0 and at most 1")
    if best is not None and not record.text("best_mfu_source"):
        record.refuse("best_mfu_source", "missing, for there is a best_mfu")
    return best
