"""From a GPU's peak to what it delivers: peaks, MFU by three routes, the bridge between conventions, HFU.

Model FLOPs utilisation (MFU) is the share of the peak that goes into model FLOPs; hardware FLOPs utilisation
(HFU) counts recomputed FLOPs too (Chowdhery et al. 2022, PaLM, arXiv:2204.02311, section 4.1 and appendix B).
An MFU means something only with the convention that its FLOPs were counted by. Time does not depend on the
convention: tokens per second are what was measured, so an MFU stated in convention A becomes, in convention
B, MFU_A · F_B / F_A with F the FLOPs per token.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sheetgen.engine.arithmetic import Number, divide

FLOPS_PER_TFLOPS = 1e12


@dataclass(frozen=True)
class AcceleratorFigures:
    """What a datasheet says of one GPU: memory [10^9 bytes] and peaks by precision [TFLOPS].

    A precision that is absent has no published peak. Sparse peaks hold for 2:4 structured sparsity, which
    ordinary training does not use; they are about twice the dense ones.
    """

    key: str
    memory_gb: float | None
    dense_tflops: Mapping[str, float]
    sparse_tflops: Mapping[str, float]
    fp16_accumulate_tflops: float | None = None
    emulates: str = ""
    best_mfu: float | None = None
    known_sparse: Mapping[str, Collection[float]] = field(default_factory=dict)


class Bridge(NamedTuple):
    """FLOPs per token of the stated MFU's convention [FLOP/token], and the factor to the selected one."""

    mfu_convention_flops_per_token: Number
    convention_bridge: float


class Peaks(NamedTuple):
    """Whether the accelerator is known (1 or 0), and its peaks [FLOP/s]; 0 where none is published."""

    accelerator_listed: int
    dense_peak_flops_per_gpu: float
    sparse_peak_flops_per_gpu: float
    peak_flops_per_gpu: float
    best_published_mfu: float


class Efficiency(NamedTuple):
    """MFU by each route and HFU (fractions), and what the GPUs deliver [FLOP/s]."""

    mfu_from_stated_mfu: float
    mfu_from_achieved_flops: float
    mfu_from_tokens_per_second: float
    mfu: float
    hfu: float
    mfu_palm: float
    achieved_flops_per_gpu: float
    cluster_flops: float


BRIDGE_UNITS = {"mfu_convention_flops_per_token": "FLOP/token", "convention_bridge": "ratio"}

UNITS = (
    dict.fromkeys(Peaks._fields, "FLOP/s/GPU")
    | {"accelerator_listed": "count", "best_published_mfu": "fraction"}
    | dict.fromkeys(Efficiency._fields, "fraction")
    | {"achieved_flops_per_gpu": "FLOP/s/GPU", "cluster_flops": "FLOP/s"}
)

PEAKS = ("dense", "sparse")
"""Names of the two peaks that a case may measure its efficiency against."""

EFFICIENCY_BASES = ("mfu", "achieved_flops", "tokens_per_second")
"""Names of the three routes to an MFU: stated, from FLOP/s per GPU, from observed tokens per second."""


def bridge(training_flops_per_token: Number, mfu_convention_flops_per_token: Number) -> Bridge:
    """F_B / F_A, from the convention A of the stated efficiency to the selected B; 1 where F_A is 0."""
    factor = divide(training_flops_per_token, mfu_convention_flops_per_token)
    return Bridge(
        mfu_convention_flops_per_token=mfu_convention_flops_per_token,
        convention_bridge=1.0 if mfu_convention_flops_per_token == 0 else factor,
    )


PEAK_MATCH = 0.002
"""Peaks that differ by less, relative to the one used, are the same figure."""


def same_peak(figure: Number, other: Number) -> bool:
    """Whether two peaks are the same figure: 1,979 and 1,978.9, say; ``other`` is the one that is used."""
    return abs(figure - other) <= PEAK_MATCH * other


def guards(accelerator: AcceleratorFigures | None, precision: str, typed_peak: Number, peak: Number) -> dict[str, bool]:
    """What speaks against a peak: ``typed_peak`` [TFLOPS] equals a known sparse figure of the precision, ``peak``
    [FLOP/s] accumulates in FP16, the accelerator emulates the precision."""
    if accelerator is None:
        return {"peak_is_sparse": False, "peak_accumulates_in_fp16": False, "precision_emulated": False}
    known = accelerator.known_sparse.get(precision, ())
    accumulate = accelerator.fp16_accumulate_tflops
    return {
        "peak_is_sparse": bool(typed_peak) and any(same_peak(figure, typed_peak) for figure in known),
        "peak_accumulates_in_fp16": accumulate is not None and same_peak(accumulate * FLOPS_PER_TFLOPS, peak),
        "precision_emulated": accelerator.emulates == precision,
    }


def peaks(accelerator: AcceleratorFigures | None, precision: str, peak: str, typed_peak: Number = 0) -> Peaks:
    """Peaks of one GPU for a precision [FLOP/s], and the one of :data:`PEAKS` that is selected.

    ``typed_peak`` [TFLOPS], unless 0, replaces the dense one.
    """
    dense = 0.0 if accelerator is None else accelerator.dense_tflops.get(precision, 0.0) * FLOPS_PER_TFLOPS
    dense = typed_peak * FLOPS_PER_TFLOPS if typed_peak else dense
    sparse = 0.0 if accelerator is None else accelerator.sparse_tflops.get(precision, 0.0) * FLOPS_PER_TFLOPS
    return Peaks(
        accelerator_listed=0 if accelerator is None else 1,
        dense_peak_flops_per_gpu=dense,
        sparse_peak_flops_per_gpu=sparse,
        peak_flops_per_gpu={"dense": dense, "sparse": sparse}[peak],
        best_published_mfu=0.0 if accelerator is None or accelerator.best_mfu is None else accelerator.best_mfu,
    )


def mfu_from_tokens_per_second(
    tokens_per_second: Number, training_flops_per_token: Number, gpus: Number, peak_flops_per_gpu: Number
) -> float:
    """MFU (fraction) of a cluster that was seen to train so many tokens per second.

    Tokens per second × FLOPs per token / (GPUs × peak): PaLM, arXiv:2204.02311, appendix B.
    """
    return divide(tokens_per_second * training_flops_per_token, gpus * peak_flops_per_gpu)


def efficiency(
    *,
    basis: str,
    stated_mfu: Number,
    stated_flops_per_gpu: Number,
    observed_tokens_per_second: Number,
    convention_bridge: Number,
    training_flops_per_token: Number,
    hardware_flops_per_token: Number,
    gpus: Number,
    peak_flops_per_gpu: Number,
    flops_per_token_palm: Number = 0,
) -> Efficiency:
    """MFU by its three routes, the one that ``basis`` selects, HFU, and the throughput that follows.

    The stated MFU and the stated FLOP/s per GPU are counted in the MFU's convention and cross the bridge;
    observed tokens per second need none. HFU is MFU × hardware FLOPs / training FLOPs; ``mfu_palm`` is the MFU in the
    convention of most published ones (Chowdhery et al. 2022, appendix B).
    """
    from_stated = stated_mfu * convention_bridge
    from_achieved = divide(stated_flops_per_gpu * convention_bridge, peak_flops_per_gpu)
    from_tokens = mfu_from_tokens_per_second(
        observed_tokens_per_second, training_flops_per_token, gpus, peak_flops_per_gpu
    )
    mfu = {"mfu": from_stated, "achieved_flops": from_achieved, "tokens_per_second": from_tokens}[basis]
    achieved = peak_flops_per_gpu * mfu
    return Efficiency(
        mfu_from_stated_mfu=from_stated,
        mfu_from_achieved_flops=from_achieved,
        mfu_from_tokens_per_second=from_tokens,
        mfu=mfu,
        hfu=divide(mfu * hardware_flops_per_token, training_flops_per_token),
        mfu_palm=divide(mfu * flops_per_token_palm, training_flops_per_token),
        achieved_flops_per_gpu=achieved,
        cluster_flops=gpus * achieved,
    )
