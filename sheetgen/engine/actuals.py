"""Plan against actual: what the months behind us say of MFU, goodput, cost and date at completion.

Earned value management (GAO Cost Estimating and Assessment Guide, GAO-20-195G): the budget of the
tokens that are trained is earned; cost performance is earned over spent, schedule performance earned over planned; the
estimate at completion is the budget over the cost performance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, divide, round_up
from sheetgen.engine.calendar import LAST_DAY, add_months

Month = Sequence[Number | None]
"""GPU-hours, those of them that trained, tokens and spend of a month; None for what is not typed."""

NOTHING: Month = (None, None, None, None)
UNITS = {
    "months_typed": "count",
    "status_date": "date",
    "actual_gpu_hours": "GPU*h",
    "actual_trained_hours": "GPU*h",
    "actual_tokens": "token",
    "actual_spend": "currency",
    "share_done": "fraction",
    "realised_goodput": "fraction",
    "realised_mfu": "fraction",
    "earned_value": "currency",
    "planned_value": "currency",
    "cost_performance": "ratio",
    "schedule_performance": "ratio",
    "estimate_at_completion": "currency",
    "estimate_to_complete": "currency",
    "variance_at_completion": "currency",
    "tokens_per_day": "token/day",
    "days_left": "day",
    "whole_days_left": "day",
    "completion_date": "date",
    "check_actuals_order": "status",
    "check_actuals_complete": "status",
    "check_actuals_hours": "status",
    "check_actuals_mfu": "status",
}
"""Units of what there is once. By month there are hours, tokens and spend to date, ``planned`` and ``earned``
[currency], and ``month_goodput`` and ``month_mfu`` [fraction]."""


def actuals(
    values: Mapping[str, Number | str], accrued: Sequence[Number], months: Sequence[Month | None], first_month: int
) -> dict[str, Number | str]:
    """The figures by month (``earned:1``) and to date of the case whose inputs and quantities ``values`` are.

    ``accrued`` is its planned cost to the end of each month, ``months`` what each took, the first one first, as many as
    ``accrued``; ``first_month`` is the first day of the first of them.
    """
    typed = [month or NOTHING for month in months]
    known = [[value or 0 for value in month] for month in typed]
    total, tokens = float(values["total_cost"]), float(values["training_tokens"])
    found: dict[str, Number | str] = {}
    sums: list[Number] = [0, 0, 0, 0]
    names = ("gpu_hours_to_date", "trained_to_date", "tokens_to_date", "spend_to_date")
    for number, (month, planned) in enumerate(zip(known, accrued, strict=True), start=1):
        sums = [before + value for before, value in zip(sums, month, strict=True)]
        found |= {f"{name}:{number}": amount for name, amount in zip(names, sums, strict=True)}
        found[f"planned:{number}"] = planned
        found[f"earned:{number}"] = divide(total * sums[2], tokens)
        found[f"month_goodput:{number}"] = divide(month[1], month[0])
        found[f"month_mfu:{number}"] = _mfu(values, month[2], month[1])
    count = sum(month[0] is not None for month in typed)
    status = add_months(first_month, count)
    share = divide(sums[2], tokens)
    earned, planned_value = total * share, accrued[count - 1] if count else 0
    performance = divide(earned, sums[3])
    estimate = total / performance if performance > 0 else total
    pace = divide(sums[2], status - float(values["start_date"])) if status > float(values["start_date"]) else 0
    left = max(tokens - sums[2], 0)
    days_left = divide(left, pace)
    finish = min(status + round_up(days_left), LAST_DAY) if pace > 0 else float(values["finish_date"])
    mfu = _mfu(values, sums[2], sums[1])
    gaps = any(month[0] is not None for month in typed[count:])
    lone = any(month[0] is None and any(value is not None for value in month[1:]) for month in typed)
    return found | {
        "months_typed": count,
        "status_date": status,
        "actual_gpu_hours": sums[0],
        "actual_trained_hours": sums[1],
        "actual_tokens": sums[2],
        "actual_spend": sums[3],
        "share_done": share,
        "realised_goodput": divide(sums[1], sums[0]),
        "realised_mfu": mfu,
        "earned_value": earned,
        "planned_value": planned_value,
        "cost_performance": performance,
        "schedule_performance": divide(earned, planned_value),
        "estimate_at_completion": estimate,
        "estimate_to_complete": estimate - sums[3],
        "variance_at_completion": total - estimate,
        "tokens_per_day": pace,
        "days_left": days_left,
        "whole_days_left": round_up(days_left),
        "completion_date": finish,
        "check_actuals_order": "FAIL" if gaps else "OK",
        "check_actuals_complete": "FAIL" if lone else "OK",
        "check_actuals_hours": "FAIL" if any(month[1] > month[0] for month in known) else "OK",
        "check_actuals_mfu": "FAIL" if mfu > 1 else "OK",
    }


def _mfu(values: Mapping[str, Number | str], tokens: Number, hours: Number) -> float:
    """Model FLOPs of the tokens over what the hours could have delivered at peak [fraction]."""
    peak = float(values["peak_flops_per_gpu"])
    return divide(tokens * float(values["training_flops_per_token"]), hours * SECONDS_PER_HOUR * peak)
