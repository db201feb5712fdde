"""Time: from training FLOPs and delivered FLOP/s to seconds, days, an end date and GPU-hours.

Training time is the run's FLOPs over what the cluster delivers; elapsed time divides by goodput, the share of
wall-clock time in which steps are made that are kept (Google Cloud TPU documentation, "Goodput",
https://docs.cloud.google.com/tpu/docs/goodput).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sheetgen.engine.arithmetic import Number, divide

SECONDS_PER_DAY = 86400
SECONDS_PER_HOUR = 3600
HOURS_PER_DAY = 24
MONTHS_PER_YEAR = 12
DAY_DECIMALS = 9  # a day count that misses a whole day by less than 10^-9 is that whole day

LAST_DAY = 2958465
"""Serial number of 9999-12-31, the last day that Office Open XML knows (ISO/IEC 29500-1, 18.17.4)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Schedule:
    """Times of one run; units in :data:`UNITS`. Dates are serial numbers of days."""

    training_seconds: float
    elapsed_seconds: float
    tokens_per_second: float
    tokens_per_second_per_gpu: float
    effective_tokens_per_second: float
    training_steps: float
    seconds_per_step: float
    calendar_days: float
    whole_days: int
    end_date: Number
    days_to_deadline: Number
    gpus_for_deadline: int
    single_gpu_years: float
    productive_gpu_hours: float
    gpu_hours: float
    hours_per_month: float
    calendar_months: float


UNITS = {
    "training_seconds": "s",
    "elapsed_seconds": "s",
    "tokens_per_second": "token/s",
    "tokens_per_second_per_gpu": "token/s/GPU",
    "effective_tokens_per_second": "token/s",
    "training_steps": "step",
    "seconds_per_step": "s/step",
    "calendar_days": "day",
    "whole_days": "day",
    "end_date": "date",
    "days_to_deadline": "day",
    "gpus_for_deadline": "GPU",
    "single_gpu_years": "GPU*year",
    "productive_gpu_hours": "GPU*h",
    "gpu_hours": "GPU*h",
    "hours_per_month": "h/month",
    "calendar_months": "month",
}


def round_up_days(days: Number) -> int:
    """Whole calendar days that a number of days occupies; differences below 10^-9 day do not start another
    day."""
    return math.ceil(round(days, DAY_DECIMALS))


def schedule(
    *,
    training_flops: Number,
    cluster_flops: Number,
    goodput: Number,
    tokens: Number,
    global_batch_tokens: Number,
    gpus: Number,
    start_date: Number,
    days_per_year: Number,
    deadline: Number = LAST_DAY,
) -> Schedule:
    """All times of a run from its training FLOPs [FLOP], the cluster's throughput [FLOP/s] and goodput (fraction).

    The GPUs that meet a deadline (a serial number of days) follow in closed form, for GPUs × days is the same work: MFU
    and goodput are taken to stay as they are.
    """
    training_seconds = divide(training_flops, cluster_flops)
    elapsed_seconds = divide(training_seconds, goodput)
    tokens_per_second = divide(tokens, training_seconds)
    training_steps = divide(tokens, global_batch_tokens)
    calendar_days = elapsed_seconds / SECONDS_PER_DAY
    whole_days = round_up_days(calendar_days)
    room = max(deadline - start_date, 0)
    hours_per_month = days_per_year * HOURS_PER_DAY / MONTHS_PER_YEAR
    return Schedule(
        training_seconds=training_seconds,
        elapsed_seconds=elapsed_seconds,
        tokens_per_second=tokens_per_second,
        tokens_per_second_per_gpu=divide(tokens_per_second, gpus),
        effective_tokens_per_second=divide(tokens, elapsed_seconds),
        training_steps=training_steps,
        seconds_per_step=divide(training_seconds, training_steps),
        calendar_days=calendar_days,
        whole_days=whole_days,
        end_date=min(start_date + whole_days, LAST_DAY),
        days_to_deadline=room,
        gpus_for_deadline=round_up_days(divide(gpus * calendar_days, room)),
        single_gpu_years=divide(training_seconds * gpus / SECONDS_PER_DAY, days_per_year),
        productive_gpu_hours=training_seconds * gpus / SECONDS_PER_HOUR,
        gpu_hours=elapsed_seconds * gpus / SECONDS_PER_HOUR,
        hours_per_month=hours_per_month,
        calendar_months=divide(calendar_days * HOURS_PER_DAY, hours_per_month),
    )
