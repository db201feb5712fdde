"""Plan against actual: what the months behind us say of MFU, goodput, cost and date at completion.

Earned value management (GAO Cost Estimating and Assessment Guide, GAO-20-195G): the budget of the
tokens that are trained is earned; cost performance is earned over spent, schedule performance earned over planned; the
estimate at completion is the budget over the cost performance.
"""

from __future__ import annotations

from itertools import accumulate

from sheetgen.engine.arithmetic import HOURS_PER_DAY, SECONDS_PER_HOUR, Number, divide, round_up
from sheetgen.engine.calendar import LAST_DAY, add_months
from sheetgen.engine.quantity import FAIL, REVIEW, Quantity, check, quantity

LONGEST_MONTH = 31  # days
Month = tuple[Number | None, Number | None, Number | None, Number | None]
"""GPU-hours, those of them that trained, tokens and spend of a month; None for what is not typed."""

NOTHING: Month = (None, None, None, None)
TYPED = {"gpu_hours": "GPU*h", "trained": "GPU*h", "tokens": "token", "spend": "currency"}
"""What is typed for a month, in order, with its unit."""


@quantity("month", "earned-value", over="months", helper=True)
def actual_figures(actuals: tuple[Month | None, ...], months: int) -> tuple[Month, ...]:
    """What is typed for every month of the timeline."""
    typed = [month or NOTHING for month in actuals]
    return tuple(typed) + (NOTHING,) * (months - len(typed))


def _by_month(name: str, place: int) -> Quantity:
    def figure(actual_figures: tuple[Month, ...]) -> tuple[Number, ...]:
        """What each month took; 0 where nothing is typed."""
        return tuple(month[place] or 0 for month in actual_figures)

    return quantity(TYPED[name], "earned-value", over="months", helper=True, key=f"month_{name}")(figure)


by_month = tuple(_by_month(name, place) for place, name in enumerate(TYPED))


def _to_date(figures: tuple[Number, ...]) -> tuple[Number, ...]:
    """What all months up to this one took."""
    return tuple(accumulate(figures))


to_date = tuple(
    quantity(unit, "earned-value", over="months", key=f"{name}_to_date", figures=f"month_{name}")(_to_date)
    for name, unit in TYPED.items()
)


@quantity("currency", "earned-value", over="months")
def planned(accrued: tuple[Number, ...]) -> tuple[Number, ...]:
    """The cost that was planned to the end of each month."""
    return accrued


@quantity("currency", "earned-value", over="months")
def earned(total_cost: Number, tokens_to_date: tuple[Number, ...], training_tokens: Number) -> tuple[float, ...]:
    """The budget of the tokens that are trained to the end of each month."""
    return tuple(divide(total_cost * tokens, training_tokens) for tokens in tokens_to_date)


@quantity("fraction", "earned-value", over="months")
def month_goodput(month_trained: tuple[Number, ...], month_gpu_hours: tuple[Number, ...]) -> tuple[float, ...]:
    """Goodput of each month."""
    return tuple(divide(trained, hours) for trained, hours in zip(month_trained, month_gpu_hours, strict=True))


def _mfu(tokens: Number, hours: Number, flops_per_token: Number, peak: Number) -> float:
    """Model FLOPs of the tokens over what the hours could have delivered at peak."""
    return divide(tokens * flops_per_token, hours * SECONDS_PER_HOUR * peak)


@quantity("fraction", "earned-value", over="months")
def month_mfu(
    month_tokens: tuple[Number, ...],
    month_trained: tuple[Number, ...],
    training_flops_per_token: Number,
    peak_flops_per_gpu: Number,
) -> tuple[float, ...]:
    """MFU of each month."""
    return tuple(
        _mfu(tokens, hours, training_flops_per_token, peak_flops_per_gpu)
        for tokens, hours in zip(month_tokens, month_trained, strict=True)
    )


@quantity("count", "earned-value")
def months_typed(actual_figures: tuple[Month, ...]) -> int:
    """Months whose GPU-hours are typed."""
    return sum(month[0] is not None for month in actual_figures)


@quantity("date", "earned-value")
def status_date(first_month: Number, months_typed: int) -> int:
    """The day up to which months are typed."""
    return add_months(first_month, months_typed)


def _all(sums: tuple[Number, ...]) -> Number:
    """What all months took."""
    return sums[-1]


sums = tuple(
    quantity(TYPED[name], "earned-value", key=key, sums=f"{name}_to_date")(_all)
    for key, name in (
        ("actual_gpu_hours", "gpu_hours"),
        ("actual_trained_hours", "trained"),
        ("actual_tokens", "tokens"),
        ("actual_spend", "spend"),
    )
)


@quantity("fraction", "earned-value")
def share_done(actual_tokens: Number, training_tokens: Number) -> float:
    """The share of the tokens that is trained."""
    return divide(actual_tokens, training_tokens)


@quantity("fraction", "earned-value")
def realised_goodput(actual_trained_hours: Number, actual_gpu_hours: Number) -> float:
    """Goodput of all months."""
    return divide(actual_trained_hours, actual_gpu_hours)


@quantity("fraction", "earned-value")
def realised_mfu(
    actual_tokens: Number, actual_trained_hours: Number, training_flops_per_token: Number, peak_flops_per_gpu: Number
) -> float:
    """MFU of all months."""
    return _mfu(actual_tokens, actual_trained_hours, training_flops_per_token, peak_flops_per_gpu)


@quantity("currency", "earned-value")
def earned_value(total_cost: Number, share_done: Number) -> Number:
    """The budget of the tokens that are trained."""
    return total_cost * share_done


@quantity("currency", "earned-value")
def planned_value(accrued: tuple[Number, ...], months_typed: int) -> Number:
    """The cost that was planned for the months typed."""
    return accrued[months_typed - 1] if months_typed else 0


@quantity("ratio", "earned-value")
def cost_performance(earned_value: Number, actual_spend: Number) -> float:
    """Earned over spent."""
    return divide(earned_value, actual_spend)


@quantity("ratio", "earned-value")
def schedule_performance(earned_value: Number, planned_value: Number) -> float:
    """Earned over planned."""
    return divide(earned_value, planned_value)


@quantity("currency", "earned-value")
def estimate_at_completion(total_cost: Number, cost_performance: Number) -> Number:
    """The budget over the cost performance; the budget where nothing is earned."""
    return total_cost / cost_performance if cost_performance > 0 else total_cost


@quantity("currency", "earned-value")
def estimate_to_complete(estimate_at_completion: Number, actual_spend: Number) -> Number:
    """What is left to spend."""
    return estimate_at_completion - actual_spend


@quantity("currency", "earned-value")
def variance_at_completion(total_cost: Number, estimate_at_completion: Number) -> Number:
    """The budget less the estimate; negative where it is not enough."""
    return total_cost - estimate_at_completion


@quantity("token/day", "earned-value")
def tokens_per_day(actual_tokens: Number, status_date: Number, start_date: Number) -> Number:
    """The pace so far."""
    return divide(actual_tokens, status_date - start_date) if status_date > start_date else 0


@quantity("day", "earned-value")
def days_left(training_tokens: Number, actual_tokens: Number, tokens_per_day: Number) -> float:
    """Days for what is left at this pace."""
    return divide(max(training_tokens - actual_tokens, 0), tokens_per_day)


@quantity("day", "earned-value")
def whole_days_left(days_left: Number) -> int:
    """The same in whole days."""
    return round_up(days_left)


@quantity("date", "earned-value")
def completion_date(status_date: Number, whole_days_left: int, tokens_per_day: Number, finish_date: Number) -> Number:
    """The day of completion at this pace; the planned one where there is no pace yet."""
    return min(status_date + whole_days_left, LAST_DAY) if tokens_per_day > 0 else finish_date


@check(FAIL)
def check_actuals_order(actual_figures: tuple[Month, ...], months_typed: int) -> bool:
    """Months are typed without a gap."""
    return all(month[0] is None for month in actual_figures[months_typed:])


@check(FAIL)
def check_actuals_complete(actual_figures: tuple[Month, ...]) -> bool:
    """A typed month has its GPU-hours."""
    return not any(month[0] is None and month != NOTHING for month in actual_figures)


@check(FAIL)
def check_actuals_hours(month_trained: tuple[Number, ...], month_gpu_hours: tuple[Number, ...]) -> bool:
    """No more hours trained than were billed."""
    return all(trained <= hours for trained, hours in zip(month_trained, month_gpu_hours, strict=True))


@check(FAIL)
def check_actuals_mfu(realised_mfu: Number, check_tolerance: Number) -> bool:
    """The MFU realised is possible: at most 1, but for rounding."""
    return realised_mfu <= 1 + check_tolerance


@check(REVIEW)
def check_actuals_dated(status_date: Number, months_typed: int, as_of: Number) -> bool:
    """Every typed month has begun on the as-of date."""
    return not months_typed or add_months(status_date, -1) <= as_of


@check(REVIEW)
def check_actuals_capacity(month_gpu_hours: tuple[Number, ...], billed_gpus: Number) -> bool:
    """No month has more GPU-hours than the accelerators that are paid for give in its longest."""
    return max(month_gpu_hours) <= billed_gpus * HOURS_PER_DAY * LONGEST_MONTH
