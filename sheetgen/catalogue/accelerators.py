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
from typing import Any, NamedTuple

from sheetgen.catalogue.records import Record, key_problem, read_keyed

PRECISIONS = ("fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "int8", "fp4")
"""Each has a column of its dense peak and one of its sparse peak; what each is says ``templates/choices.yaml``."""


class Column(NamedTuple):
    """A column of ``accelerators.csv``, whose ``kind`` is ``text``, ``url``, ``year`` or ``figure`` (in ``unit``)."""

    name: str
    kind: str = "text"
    unit: str = ""
    required: bool = False


COLUMNS = (
    Column("key", required=True),
    Column("name", required=True),
    Column("vendor", required=True),
    Column("form_factor"),
    Column("generation"),
    Column("release_year", "year"),
    Column("memory_gb", "figure", "GB"),
    Column("bandwidth_gb_s", "figure", "GB/s"),
    Column("tdp_w", "figure", "W"),
    Column("link_gb_s", "figure", "GB/s"),
    Column("linked_gpus", "figure", "GPU"),
    Column("network_gb_s", "figure", "GB/s"),
    Column("link_source"),
    *(Column(precision, "figure", "TFLOPS") for precision in PRECISIONS),
    *(Column(f"{precision}_sparse", "figure", "TFLOPS") for precision in PRECISIONS),
    Column("fp16_accumulate", "figure", "TFLOPS"),
    Column("emulates"),
    Column("best_mfu", "figure", "fraction"),
    Column("best_mfu_source"),
    Column("source", required=True),
    Column("source_url", "url"),
    Column("notes"),
)
"""The columns, named here and nowhere else: :meth:`Accelerator.row` gives a row by them, :func:`accelerator_of` takes
one."""

Value = str | float | None
"""What a cell holds: ``None`` where no figure is known."""


class Accelerator(NamedTuple):
    """One row: memory [GB], bandwidth [GB/s], power [W], peaks [TFLOPS] by precision. ``None``: not known.

    ``generation`` names chips of one vendor and design, among which published MFUs carry over best;
    ``fp16_accumulate`` is the larger FP16 peak [TFLOPS] of cards that halve their rate when they accumulate in FP32,
    ``emulates`` a precision that runs but has no unit of its own, ``best_mfu`` the best published MFU in the
    convention ``palm``. ``link_gb_s`` is what one sends over the link within a node or rack of ``linked_gpus``,
    ``network_gb_s`` its part of the network between them in the usual cluster, both in one direction. ``price_low`` and
    ``price_high`` are the lowest and the highest price of an hour in the price book [USD].
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
    generation: str = ""
    link_gb_s: float | None = None
    linked_gpus: float | None = None
    network_gb_s: float | None = None
    link_source: str = ""
    price_low: float | None = None
    price_high: float | None = None

    def row(self) -> dict[str, Value]:
        """The values by column; ``None`` or an empty text where nothing is known."""
        peaks = {**self.dense, **{f"{precision}_sparse": peak for precision, peak in self.sparse.items()}}
        names = (*NAMES, *PRICES)
        return {name: getattr(self, name) if name in self._fields else peaks.get(name) for name in names}

    def figures(self) -> dict[str, Value]:
        """Every figure, and the precision that is emulated, by column: what is computed with; texts are left out."""
        found = self.row()
        return {name: value for name, value in found.items() if isinstance(value, (int, float)) or name == "emulates"}


NAMES = tuple(column.name for column in COLUMNS)
PRICES = ("price_low", "price_high")  # which the price book gives, and no column of the file


def accelerator_of(row: Mapping[str, Value]) -> Accelerator:
    """The accelerator of values by column, which may lack some: the other way of :meth:`Accelerator.row`."""
    own: dict[str, Any] = {
        column.name: row.get(column.name) or ("" if column.kind in {"text", "url"} else None)
        for column in COLUMNS
        if column.name in Accelerator._fields
    }
    own |= {name: row.get(name) for name in PRICES}
    return Accelerator(**own, dense=_peaks(row, ""), sparse=_peaks(row, "_sparse"))


def _peaks(row: Mapping[str, Value], ending: str) -> Mapping[str, float]:
    found = {precision: row.get(f"{precision}{ending}") for precision in PRECISIONS}
    return MappingProxyType({key: float(peak) for key, peak in found.items() if peak is not None})


def read_accelerators(path: Path) -> dict[str, Accelerator]:
    """The accelerators of a CSV file with a header row, by key, in the order of the file.

    Raises :class:`InvalidInput` with a problem per mistake, each with file, line and column.
    """
    return read_keyed(path, NAMES, [column.name for column in COLUMNS if column.required], _accelerator)


def _accelerator(record: Record) -> Accelerator:
    """The accelerator of a row; problems go to the record, whose values are then placeholders."""
    row = {column.name: _value(record, column) for column in COLUMNS}
    found = accelerator_of(row)
    if found.key and (problem := key_problem(found.key, record.file, record.line)):
        record.problems.append(problem)
    if not any(record.texts.get(precision, "").strip() for precision in PRECISIONS):
        record.problem(None, f"no dense peak for '{found.key}'", allowed="a figure in at least one precision")
    for precision, peak in found.sparse.items():
        if not record.texts.get(precision, "").strip():
            record.problem(f"{precision}_sparse", f"a sparse peak without its dense peak ('{precision}' is empty)")
        elif peak < found.dense.get(precision, 0):
            given = f"{peak:g} TFLOPS sparse, {found.dense[precision]:g} dense"
            record.problem(f"{precision}_sparse", "the sparse peak is smaller than the dense one", given=given)
    _check_emulated(record, found)
    _check_best_mfu(record, found)
    figures = (found.link_gb_s, found.linked_gpus, found.network_gb_s)
    if any(figure is not None for figure in figures) and not found.link_source:
        record.problem("link_source", "missing, for there are figures of links")
    return found


def _value(record: Record, column: Column) -> Value:
    if column.kind == "year":
        return record.whole(column.name, low=1990, high=2100)
    if column.kind == "figure":
        return record.figure(column.name)
    return record.url(column.name) if column.kind == "url" else record.text(column.name, required=column.required)


def _check_emulated(record: Record, found: Accelerator) -> None:
    """A precision that a chip emulates is one, and has no peak of its own."""
    word = found.emulates
    if word and word not in PRECISIONS:
        record.problem("emulates", "is no precision", given=word, allowed=", ".join(PRECISIONS))
    elif word and record.texts.get(word, "").strip():
        record.problem("emulates", "is a precision with a peak of its own", given=word)


def _check_best_mfu(record: Record, found: Accelerator) -> None:
    """The best published MFU is a fraction and has its source."""
    best = found.best_mfu
    if best is not None and best > 1:
        record.problem("best_mfu", "is no fraction", given=f"{best:g}", allowed="a number above 0 and at most 1")
    if best is not None and not found.best_mfu_source:
        record.problem("best_mfu_source", "missing, for there is a best_mfu")
