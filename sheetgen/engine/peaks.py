"""What a data sheet says of one GPU: its peaks, and what speaks against taking one.

Sparse peaks hold for 2:4 structured sparsity, which ordinary training does not use; they are about twice the dense
ones. A precision that is absent has no published peak.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

if TYPE_CHECKING:
    from sheetgen.catalogue.accelerators import Accelerator

PEAK_BAND = 2
FLOPS_PER_TFLOPS = 1e12
PEAK_MATCH = 0.002
"""Peaks that differ by less, relative to the one used, are the same figure."""

Peak = Literal["dense", "sparse"]
RunPrecision = Literal["as the peak", "fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "int8", "fp4"]


def same_peak(figure: Number, other: Number) -> bool:
    """Whether two peaks are the same figure: 1,979 and 1,978.9, say; ``other`` is the one that is used."""
    return abs(figure - other) <= PEAK_MATCH * other


@quantity("record", "accelerators", helper=True)
def accelerator_figures(accelerator: str, accelerators: Mapping[str, Accelerator]) -> Accelerator | None:
    """The row of the accelerator in the table, named in upper or lower case as in a spreadsheet; None without one."""
    named = accelerator.casefold()
    alike = (listed for key, listed in accelerators.items() if key.casefold() == named)
    return accelerators.get(accelerator) or next(alike, None)


@quantity("count")
def accelerator_listed(accelerator_figures: Accelerator | None) -> int:
    """Whether the accelerator stands in the table: 1 or 0."""
    return 0 if accelerator_figures is None else 1


@quantity("FLOP/s/GPU", "accelerators")
def dense_peak_flops_per_gpu(accelerator_figures: Accelerator | None, precision: str, typed_peak: Number) -> Number:
    """The rate of ordinary matrix products: the typed one [TFLOPS] unless it is 0, else that of the data sheet."""
    listed = 0.0 if accelerator_figures is None else accelerator_figures.dense.get(precision, 0.0)
    return (typed_peak or listed) * FLOPS_PER_TFLOPS


@quantity("FLOP/s/GPU", "accelerators")
def sparse_peak_flops_per_gpu(accelerator_figures: Accelerator | None, precision: str) -> Number:
    """The rate with 2:4 structured sparsity; 0 where none is published."""
    listed = 0.0 if accelerator_figures is None else accelerator_figures.sparse.get(precision, 0.0)
    return listed * FLOPS_PER_TFLOPS


@quantity("FLOP/s/GPU", "accelerators")
def peak_flops_per_gpu(peak: Peak, dense_peak_flops_per_gpu: Number, sparse_peak_flops_per_gpu: Number) -> Number:
    """The peak that efficiency is measured against."""
    return sparse_peak_flops_per_gpu if peak == "sparse" else dense_peak_flops_per_gpu


@quantity("fraction", "accelerators")
def best_published_mfu(accelerator_figures: Accelerator | None) -> float:
    """The best published MFU of the accelerator, in the convention palm; 0 where there is none."""
    return 0.0 if accelerator_figures is None else accelerator_figures.best_mfu or 0.0


@check(FAIL, "accelerators")
def check_accelerator_listed(accelerator_listed: Number) -> bool:
    """The accelerator stands in the table."""
    return accelerator_listed != 0


@check(FAIL, "accelerators")
def check_peak_published(peak_flops_per_gpu: Number) -> bool:
    """The accelerator has a peak for this precision."""
    return peak_flops_per_gpu != 0


@check(REVIEW, "accelerators")
def check_dense_peak(peak: Peak) -> bool:
    """Efficiency is measured against the dense peak, not the sparse one that training does not reach."""
    return peak != "sparse"


@check(REVIEW, "accelerators")
def check_typed_peak(typed_peak: Number, precision: str, accelerators: Mapping[str, Accelerator]) -> bool:
    """A peak that was typed in is no figure that a data sheet gives for sparse matrices."""
    if not typed_peak:
        return True
    known = (listed.sparse.get(precision) for listed in accelerators.values())
    return not any(same_peak(figure, typed_peak) for figure in known if figure is not None)


@check(REVIEW, "accelerators")
def check_typed_peak_near(typed_peak: Number, precision: str, accelerator_figures: Accelerator | None) -> bool:
    """A peak that was typed in is between half and twice the data sheet's, where that has one."""
    listed = None if accelerator_figures is None else accelerator_figures.dense.get(precision)
    return not typed_peak or listed is None or listed / PEAK_BAND <= typed_peak <= listed * PEAK_BAND


@check(REVIEW, "accelerators")
def check_accumulation(accelerator_figures: Accelerator | None, peak_flops_per_gpu: Number) -> bool:
    """The peak is not the larger one of a GeForce card that accumulates in FP16."""
    larger = None if accelerator_figures is None else accelerator_figures.fp16_accumulate
    return larger is None or not same_peak(larger * FLOPS_PER_TFLOPS, peak_flops_per_gpu)


@check(REVIEW, "accelerators")
def check_native_precision(accelerator_figures: Accelerator | None, precision: str) -> bool:
    """The accelerator has units for the precision and does not emulate it."""
    return accelerator_figures is None or accelerator_figures.emulates != precision


@check(REVIEW, "accelerators")
def check_run_precision(run_precision: RunPrecision, precision: str) -> bool:
    """The products run in the precision whose peak is used."""
    return run_precision in {"as the peak", precision}
