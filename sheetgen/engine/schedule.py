"""Time: from training FLOPs and delivered FLOP/s to seconds, days, an end date and GPU-hours.

Training time is the run's FLOPs over what the cluster delivers; elapsed time divides by goodput, the share of
wall-clock time in which steps are made that are kept (Google Cloud TPU documentation, "Goodput",
https://docs.cloud.google.com/tpu/docs/goodput). The GPUs that meet a deadline, and the day on which other GPUs finish,
follow in closed form, for GPUs × days of the whole cluster is the same work: MFU and goodput are taken to stay as they
are. Dates are serial numbers of days.
"""

from __future__ import annotations

import math

from sheetgen.engine.arithmetic import (
    HOURS_PER_DAY,
    MONTHS_PER_YEAR,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    Number,
    close,
    divide,
    round_up,
)
from sheetgen.engine.calendar import LAST_DAY
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

FEWEST_RUN_DAYS, MOST_RUN_DAYS = 0.04, 1095


def with_ramp(full_days: Number, ramp_days: Number) -> float:
    """The days that a run takes whose work is that of ``full_days`` days of the whole cluster, on a cluster that grows
    evenly from nothing to its full size in ``ramp_days``: the area under a ramp is half of its rectangle."""
    half_ramp = ramp_days / 2
    return full_days + half_ramp if full_days >= half_ramp else math.sqrt(2 * full_days * ramp_days)


def full_days_in(days: Number, ramp_days: Number) -> Number:
    """The days of the whole cluster whose work ``days`` days from the start of the ramp do: :func:`with_ramp`
    undone."""
    return days - ramp_days / 2 if days >= ramp_days else days * days / 2 / ramp_days


@quantity("s", "narayanan2021")
def training_seconds(training_flops: Number, cluster_flops: Number) -> float:
    """The run's FLOPs over what the cluster delivers."""
    return divide(training_flops, cluster_flops)


@quantity("s", "goodput")
def elapsed_seconds(training_seconds: Number, effective_goodput: Number) -> float:
    """Time on the clock: training time, stretched by goodput."""
    return divide(training_seconds, effective_goodput)


@quantity("token/s", "chowdhery2022")
def tokens_per_second(training_tokens: Number, training_seconds: Number) -> float:
    """Throughput while the run trains."""
    return divide(training_tokens, training_seconds)


@quantity("token/s/GPU", "chowdhery2022")
def tokens_per_second_per_gpu(tokens_per_second: Number, gpus: Number) -> float:
    """The same of one GPU."""
    return divide(tokens_per_second, gpus)


@quantity("sequence/s", "korthikanti2022")
def sequences_per_second(tokens_per_second: Number, sequence_length: Number) -> float:
    """The same in sequences: samples of text, or images."""
    return divide(tokens_per_second, sequence_length)


@quantity("token/s", "goodput")
def effective_tokens_per_second(training_tokens: Number, elapsed_seconds: Number) -> float:
    """Throughput over all of the elapsed time."""
    return divide(training_tokens, elapsed_seconds)


@quantity("step")
def training_steps(training_tokens: Number, batch_tokens: Number) -> float:
    """Optimizer steps: tokens over those of a batch."""
    return divide(training_tokens, batch_tokens)


@quantity("s/step")
def seconds_per_step(training_seconds: Number, training_steps: Number) -> float:
    """Training time of one step."""
    return divide(training_seconds, training_steps)


@quantity("day")
def calendar_days(elapsed_seconds: Number) -> Number:
    """Elapsed time in days of the whole cluster."""
    return elapsed_seconds / SECONDS_PER_DAY


@quantity("day")
def run_days(calendar_days: Number, ramp_days: Number) -> float:
    """Elapsed time in days, the ramp included."""
    return with_ramp(calendar_days, ramp_days)


@quantity("day")
def whole_days(run_days: Number) -> int:
    """Calendar days that the run occupies."""
    return round_up(run_days)


@quantity("date")
def end_date(start_date: Number, whole_days: Number) -> Number:
    """The day on which training ends."""
    return min(start_date + whole_days, LAST_DAY)


@quantity("date")
def finish_date(end_date: Number, buffer_days: Number) -> Number:
    """The day on which the buffer behind training ends."""
    return min(end_date + buffer_days, LAST_DAY)


@quantity("day")
def days_to_deadline(deadline: Number, start_date: Number, buffer_days: Number) -> Number:
    """Days from the start to the deadline, less the buffer."""
    return max(deadline - start_date - buffer_days, 0)


@quantity("day")
def full_days_to_deadline(days_to_deadline: Number, ramp_days: Number) -> Number:
    """The days of the whole cluster whose work fits between start and deadline."""
    return full_days_in(days_to_deadline, ramp_days)


@quantity("GPU")
def gpus_for_deadline(gpus: Number, calendar_days: Number, full_days_to_deadline: Number) -> int:
    """The fewest GPUs that meet the deadline; 0 where no day is left."""
    return round_up(divide(gpus * calendar_days, full_days_to_deadline))


@quantity("day")
def alternative_days(gpus: Number, calendar_days: Number, alternative_gpus: Number) -> float:
    """Days of the whole cluster with the GPUs that are considered instead; with those of the run where none are."""
    return divide(gpus * calendar_days, alternative_gpus or gpus)


@quantity("day")
def alternative_run_days(alternative_days: Number, ramp_days: Number) -> float:
    """The same, the ramp included."""
    return with_ramp(alternative_days, ramp_days)


@quantity("date")
def alternative_finish_date(start_date: Number, alternative_run_days: Number, buffer_days: Number) -> Number:
    """The day on which they finish, the buffer included."""
    return min(start_date + round_up(alternative_run_days) + buffer_days, LAST_DAY)


@quantity("GPU*year")
def single_gpu_years(training_seconds: Number, gpus: Number, days_per_year: Number) -> float:
    """The years that one GPU would train."""
    return divide(training_seconds * gpus / SECONDS_PER_DAY, days_per_year)


@quantity("GPU*h")
def productive_gpu_hours(training_seconds: Number, gpus: Number) -> float:
    """GPU-hours that train."""
    return training_seconds * gpus / SECONDS_PER_HOUR


@quantity("GPU*h")
def gpu_hours(elapsed_seconds: Number, gpus: Number) -> float:
    """GPU-hours of the run, productive or not."""
    return elapsed_seconds * gpus / SECONDS_PER_HOUR


@quantity("GPU*h")
def billed_gpu_hours(elapsed_seconds: Number, billed_gpus: Number) -> float:
    """GPU-hours that are paid for: those of whole nodes and spares."""
    return elapsed_seconds * billed_gpus / SECONDS_PER_HOUR


@quantity("count", "llama3-failures")
def failures_expected(gpu_hours: Number, failures_per_gpu_hour: Number) -> Number:
    """Failures of the whole run."""
    return gpu_hours * failures_per_gpu_hour


@quantity("h/month")
def hours_per_month(days_per_year: Number) -> float:
    """Hours of an average month."""
    return days_per_year * HOURS_PER_DAY / MONTHS_PER_YEAR


@quantity("month")
def calendar_months(run_days: Number, hours_per_month: Number) -> float:
    """Elapsed time in months, the ramp included."""
    return divide(run_days * HOURS_PER_DAY, hours_per_month)


@check(FAIL)
def check_flops_delivered(
    gpus: Number,
    achieved_flops_per_gpu: Number,
    training_seconds: Number,
    training_flops: Number,
    check_tolerance: Number,
) -> bool:
    """GPUs × throughput × time delivers the run's FLOPs."""
    return close(gpus * achieved_flops_per_gpu * training_seconds, training_flops, check_tolerance)


@check(FAIL)
def check_tokens_delivered(
    tokens_per_second: Number, training_seconds: Number, training_tokens: Number, check_tolerance: Number
) -> bool:
    """Tokens per second × time delivers the run's tokens."""
    return close(tokens_per_second * training_seconds, training_tokens, check_tolerance)


@check(FAIL)
def check_gpu_hours(gpus: Number, calendar_days: Number, gpu_hours: Number, check_tolerance: Number) -> bool:
    """GPU-hours are the GPUs × the calendar days × 24."""
    return close(gpus * calendar_days * HOURS_PER_DAY, gpu_hours, check_tolerance)


@check(REVIEW)
def check_run_days(calendar_days: Number) -> bool:
    """A run, where there is one, takes from an hour to three years: what is beyond is more likely a slip."""
    return calendar_days == 0 or FEWEST_RUN_DAYS <= calendar_days <= MOST_RUN_DAYS


@check(REVIEW)
def check_deadline(finish_date: Number, deadline: Number) -> bool:
    """The run and its buffer end on or before the deadline."""
    return finish_date <= deadline


@check(REVIEW)
def check_start_date(start_date: Number, as_of: Number) -> bool:
    """The run starts on or after the day of the budget."""
    return start_date >= as_of
