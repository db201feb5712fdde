"""Published training runs predicted from their own configuration: throughput, time and money by metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sheetgen.engine.arithmetic import SECONDS_PER_DAY, SECONDS_PER_HOUR
from sheetgen.engine.peaks import FLOPS_PER_TFLOPS
from sheetgen.evidence.conventions import counted
from sheetgen.evidence.records import Sizes, WholeRun


def tokens_per_second(run: Sizes, flops: float) -> float:
    """Tokens per second of all GPUs [token/s]: as published, from the step time, or from the TFLOPS achieved.

    ``flops`` here and below is what a token costs in the run's convention [FLOP/token].
    """
    if run.tokens_per_second:
        return run.tokens_per_second
    if run.step_seconds:
        return run.batch_tokens / run.step_seconds
    if run.achieved_tflops:
        return run.gpus * run.achieved_tflops * FLOPS_PER_TFLOPS / flops
    return 0.0


def parameters(run: Sizes, flops: float) -> float:  # noqa: ARG001 - the shape of every metric
    """Narayanan et al. 2021, equation 2: 12·l·h²·(1 + 13/12h + (V + s)/12lh)."""
    layers, width = run.layers, run.d_model
    rest = 13 / (12 * width) + (run.vocab_size + run.context_length) / (12 * layers * width)
    return 12 * layers * width**2 * (1 + rest)


def training_flops(run: Sizes, flops: float) -> float:
    """FLOPs of the run [FLOP]."""
    return flops * run.tokens


def flops_ratio(run: Sizes, flops: float) -> float:
    """FLOPs in units of 6·N [ratio]."""
    return flops / counted(run, "6nd").flops


def tflops_per_gpu(run: Sizes, flops: float) -> float:
    """Throughput of one GPU [TFLOPS]."""
    return flops * tokens_per_second(run, flops) / run.gpus / FLOPS_PER_TFLOPS


def utilisation(run: Sizes, flops: float) -> float:
    """MFU, or HFU where the convention counts recomputation [fraction]: Chowdhery et al. 2022, appendix B."""
    return flops * tokens_per_second(run, flops) / run.gpus / (run.peak_tflops * FLOPS_PER_TFLOPS)


def days(run: Sizes, flops: float) -> float:
    """Days of training."""
    return run.tokens / tokens_per_second(run, flops) / SECONDS_PER_DAY


def gpu_hours(run: Sizes, flops: float) -> float:
    """Accelerator-hours of training."""
    return run.gpus * (run.tokens / tokens_per_second(run, flops)) / SECONDS_PER_HOUR


def cost(run: Sizes, flops: float) -> float:  # noqa: ARG001 - the shape of every metric
    """The published hours at the published price [currency]."""
    return run.gpu_hours * run.price


METRICS: Mapping[str, Callable[[Sizes, float], float]] = {
    "parameters": parameters,
    "training_flops": training_flops,
    "flops_ratio": flops_ratio,
    "tflops_per_gpu": tflops_per_gpu,
    "tokens_per_second": tokens_per_second,
    "mfu": utilisation,
    "hfu": utilisation,
    "days": days,
    "gpu_hours": gpu_hours,
    "cost": cost,
}
"""What is predicted of a run, by metric."""


def implied_mfu(run: WholeRun) -> float:
    """6·N·D over what the published GPU-hours could have delivered at the dense peak [fraction]."""
    flops = counted(Sizes(parameters=run.parameters), "6nd").flops * run.tokens
    return flops / (run.gpu_hours * SECONDS_PER_HOUR * run.peak_tflops * FLOPS_PER_TFLOPS)
