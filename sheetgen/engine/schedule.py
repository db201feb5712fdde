"""Time: from training FLOPs and delivered FLOP/s to seconds, days, an end date and GPU-hours.

Training time is the run's FLOPs over what the cluster delivers; elapsed time divides by goodput, the share of
wall-clock time in which steps are made that are kept (Google Cloud TPU documentation, "Goodput",
https://docs.cloud.google.com/tpu/docs/goodput).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sheetgen.engine.arithmetic import HOURS_PER_DAY, MONTHS_PER_YEAR, SECONDS_PER_HOUR, Number, divide

SECONDS_PER_DAY = 86400
DAY_DECIMALS = 9  # a day count that misses a whole day by less than 10^-9 is that whole day

LAST_DAY = 2958465
"""Serial number of 9999-12-31, the last day that Office Open XML knows (ISO/IEC 29500-1, 18.17.4)."""


class Schedule(NamedTuple):
    """Times of one run; units in :data:`UNITS`. Dates are serial numbers of days."""

    training_seconds: float
    elapsed_seconds: float
    tokens_per_second: float
    tokens_per_second_per_gpu: float
    effective_tokens_per_second: float
    training_steps: float
    seconds_per_step: float
    calendar_days: float
    run_days: float
    whole_days: int
    end_date: Number
    finish_date: Number
    days_to_deadline: Number
    full_days_to_deadline: Number
    gpus_for_deadline: int
    considered_days: float
    considered_run_days: float
    considered_finish_date: Number
    single_gpu_years: float
    productive_gpu_hours: float
    gpu_hours: float
    billed_gpu_hours: float
    failures_expected: float
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
    "run_days": "day",
    "whole_days": "day",
    "end_date": "date",
    "finish_date": "date",
    "days_to_deadline": "day",
    "full_days_to_deadline": "day",
    "gpus_for_deadline": "GPU",
    "considered_days": "day",
    "considered_run_days": "day",
    "considered_finish_date": "date",
    "single_gpu_years": "GPU*year",
    "productive_gpu_hours": "GPU*h",
    "gpu_hours": "GPU*h",
    "billed_gpu_hours": "GPU*h",
    "failures_expected": "count",
    "hours_per_month": "h/month",
    "calendar_months": "month",
}


def round_up_days(days: Number) -> int:
    """Whole calendar days that a number of days occupies; differences below 10^-9 day do not start another
    day."""
    return math.ceil(round(days, DAY_DECIMALS))


def with_ramp(full_days: Number, ramp_days: Number) -> float:
    """The days that a run takes whose work is that of ``full_days`` days of the whole cluster, on a cluster that grows
    evenly from nothing to its full size in ``ramp_days``: the area under a ramp is half of its rectangle."""
    half_ramp = ramp_days / 2
    return full_days + half_ramp if full_days >= half_ramp else math.sqrt(2 * full_days * ramp_days)


def full_days_in(days: Number, ramp_days: Number) -> Number:
    """The days of the whole cluster whose work ``days`` days from the start of the ramp do: :func:`with_ramp`
    undone."""
    return days - ramp_days / 2 if days >= ramp_days else days * days / 2 / ramp_days


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
    ramp_days: Number = 0,
    buffer_days: Number = 0,
    considered_gpus: Number = 0,
    billed_gpus: Number | None = None,
    failures_per_gpu_hour: Number = 0,
) -> Schedule:
    """All times of a run from its training FLOPs [FLOP], the cluster's throughput [FLOP/s] and goodput (fraction).

    The GPUs that meet a deadline (a serial number of days), and the day on which ``considered_gpus`` finish, follow in
    closed form, for GPUs × days of the whole cluster is the same work: MFU and goodput are taken to stay as they are.
    ``billed_gpus`` are paid for as long as the run takes; where they are not given, ``gpus`` are.
    """
    training_seconds = divide(training_flops, cluster_flops)
    elapsed_seconds = divide(training_seconds, goodput)
    tokens_per_second = divide(tokens, training_seconds)
    training_steps = divide(tokens, global_batch_tokens)
    calendar_days = elapsed_seconds / SECONDS_PER_DAY
    run_days = with_ramp(calendar_days, ramp_days)
    whole_days = round_up_days(run_days)
    end_date = min(start_date + whole_days, LAST_DAY)
    room = max(deadline - start_date - buffer_days, 0)
    full_room = full_days_in(room, ramp_days)
    considered_days = divide(gpus * calendar_days, considered_gpus or gpus)
    considered_run_days = with_ramp(considered_days, ramp_days)
    considered_finish = start_date + round_up_days(considered_run_days) + buffer_days
    gpu_hours = elapsed_seconds * gpus / SECONDS_PER_HOUR
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
        run_days=run_days,
        whole_days=whole_days,
        end_date=end_date,
        finish_date=min(end_date + buffer_days, LAST_DAY),
        days_to_deadline=room,
        full_days_to_deadline=full_room,
        gpus_for_deadline=round_up_days(divide(gpus * calendar_days, full_room)),
        considered_days=considered_days,
        considered_run_days=considered_run_days,
        considered_finish_date=min(considered_finish, LAST_DAY),
        single_gpu_years=divide(training_seconds * gpus / SECONDS_PER_DAY, days_per_year),
        productive_gpu_hours=training_seconds * gpus / SECONDS_PER_HOUR,
        gpu_hours=gpu_hours,
        billed_gpu_hours=elapsed_seconds * (gpus if billed_gpus is None else billed_gpus) / SECONDS_PER_HOUR,
        failures_expected=gpu_hours * failures_per_gpu_hour,
        hours_per_month=hours_per_month,
        calendar_months=divide(run_days * HOURS_PER_DAY, hours_per_month),
    )
