"""Phasing: in which month and fiscal year a run's cost arises (accrual) and is paid (cash).

Purchases accrue when the run starts, what follows from the work as the work is done, an unused commitment evenly over
its term, storage evenly over the months it is kept. Cash follows an accrual by the payment term; a prepayment of
accelerator cost and a refundable deposit are paid at the start. Dates are serial numbers of days, of which 61 is
1900-03-01.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sheetgen.engine.arithmetic import MONTHS_PER_YEAR, Number, close, divide
from sheetgen.engine.calendar import add_months, date_of, month_start, months_between
from sheetgen.engine.schedule import full_days_in

FEWEST_MONTHS, MOST_MONTHS = 6, 36
SPARE_MONTHS = 2
PARTS = ("at_start_cost", "over_run_cost", "over_term_cost", "over_storage_cost")
MONTHLY = ("work_done", "accrued", "accrual", "paid", "payment")
YEARLY = ("accrual_year", "payment_year")
CHECKS = (
    "check_phasing_parts", "check_accrual_months", "check_payment_months", "check_accrual_years", "check_payment_years",
    "check_horizon",
)  # fmt: skip
UNITS = {
    **dict.fromkeys(("first_month", "first_fiscal_year"), "date"),
    **dict.fromkeys((*PARTS, "phased_cost", "prepaid_cost", "accrual_later", "payment_later"), "currency"),
    **dict.fromkeys(CHECKS, "status"),
}
"""Units of what there is once; of :data:`MONTHLY` and :data:`YEARLY` all but the fraction ``work_done`` are money."""


def first_month_of(starts: Iterable[Number]) -> int:
    """The first day of the month of the earliest of some days."""
    earliest = date_of(min(starts))
    return month_start(earliest.year, earliest.month)


def first_fiscal_year(first_month: Number, fiscal_year_start: int) -> int:
    """The first day of the fiscal year, which starts in the month of this number, that holds ``first_month``."""
    month = date_of(first_month)
    return month_start(month.year - (month.month < fiscal_year_start), fiscal_year_start)


def months_needed(cases: Sequence[Mapping[str, Number | str]]) -> int:
    """The months from the first one until everything has accrued and is paid in every case, with room for later edits:
    a quarter more and two; between :data:`FEWEST_MONTHS` and :data:`MOST_MONTHS`."""
    first = first_month_of(float(case["start_date"]) for case in cases)
    most = 0
    for case in cases:
        start, per_month = float(case["start_date"]), float(case["days_per_year"]) / MONTHS_PER_YEAR
        lasting = [float(case["run_days"]), float(case["finish_date"]) - start + 1]
        lasting += [float(case[key]) * per_month for key in ("commitment_months", "storage_months")]
        behind = months_between(first, start + max(lasting)) + 1
        most = max(most, behind + int(case["payment_months"]))
    return min(max(most + most // 4 + SPARE_MONTHS, FEWEST_MONTHS), MOST_MONTHS)


def phasing(
    values: Mapping[str, Number], *, first_month: int, months: int, years: int, fiscal_year_start: int
) -> dict[str, Number]:
    """The spread of a case's cost over ``months`` months and ``years`` fiscal years.

    Args:
        values: inputs and quantities of the case by key, its cost lines, dates and terms among them.
        first_month: first day of the first month.
        months: how many months.
        years: how many fiscal years.
        fiscal_year_start: number of the month in which a fiscal year starts, 1 to 12.

    Returns:
        the parts by key, then for every month ``work_done:1``, ``accrued:1`` (to the end of the month), ``accrual:1``
        (in the month), ``paid:1``, ``payment:1``; for every fiscal year ``accrual_year:1`` and ``payment_year:1``; and
        what comes after the last month.
    """
    parts = _parts(values)
    phased = parts["at_start_cost"] + parts["over_run_cost"] + (parts["over_term_cost"] + parts["over_storage_cost"])
    uplift = (1 + values["contingency"]) * (1 + values["tax"])
    prepaid = values["prepayment"] * (values["compute_cost"] + values["failed_runs_cost"]) * uplift
    starts = [add_months(first_month, number) for number in range(months + 1)]
    work = [_work_done(values, end - values["start_date"]) for end in starts[1:]]
    accrued = [
        _accrued(values, parts, end - values["start_date"], done) for end, done in zip(starts[1:], work, strict=True)
    ]
    paid = [_paid(values, prepaid, work, accrued, end, number) for number, end in enumerate(starts[1:])]
    accrual, payment = _steps(accrued), _steps(paid)
    first_year = first_fiscal_year(first_month, fiscal_year_start)
    year_of = [months_between(first_year, start) // MONTHS_PER_YEAR for start in starts[:-1]]
    by_year = {
        name: [sum(v for v, y in zip(amounts, year_of, strict=True) if y == year) for year in range(years)]
        for name, amounts in (("accrual_year", accrual), ("payment_year", payment))
    }
    found: dict[str, Number] = {**parts, "phased_cost": phased, "prepaid_cost": prepaid}
    monthly = {"work_done": work, "accrued": accrued, "accrual": accrual, "paid": paid, "payment": payment}
    for name, amounts in {**monthly, **by_year}.items():
        found |= {f"{name}:{number}": amount for number, amount in enumerate(amounts, start=1)}
    return found | {"accrual_later": phased - accrued[-1], "payment_later": phased - paid[-1]}


def _parts(values: Mapping[str, Number]) -> dict[str, Number]:
    """The total by the way it accrues, contingency and tax included."""
    uplift = (1 + values["contingency"]) * (1 + values["tax"])
    helped = 1 + values["support"]
    bought = values["data_acquisition_cost"] + values["software_total_cost"] + values["setup_total_cost"]
    computed = values["compute_cost"] + values["failed_runs_cost"] + values["control_plane_cost"]
    beside = values["staff_total_cost"] + values["storage_cost"] + values["network_total_cost"]
    return {
        "at_start_cost": bought * uplift,
        "over_run_cost": (computed * helped + beside) * uplift,
        "over_term_cost": values["unused_commitment_cost"] * helped * uplift,
        "over_storage_cost": values["stored_cost"] * uplift,
    }


def _work_done(values: Mapping[str, Number], days: Number) -> float:
    """The share of the work that is done ``days`` days after the start."""
    since = max(days, 0)
    if since >= values["run_days"]:
        return 1.0 if since > 0 else 0.0
    return divide(full_days_in(since, values["ramp_days"]), values["calendar_days"])


def _accrued(values: Mapping[str, Number], parts: Mapping[str, Number], days: Number, work: float) -> Number:
    since = max(days, 0)
    per_month = values["days_per_year"] / MONTHS_PER_YEAR
    term, kept = (min(divide(since, values[key] * per_month), 1) for key in ("commitment_months", "storage_months"))
    started = 1 if since > 0 else 0
    lasting = parts["over_term_cost"] * term + parts["over_storage_cost"] * kept
    return parts["at_start_cost"] * started + parts["over_run_cost"] * work + lasting


def _paid(
    values: Mapping[str, Number],
    prepaid: Number,
    work: Sequence[float],
    accrued: Sequence[Number],
    end: int,
    number: int,
) -> Number:
    """Cash to the end of a month: at the start prepayment and deposit, later what was accrued a payment term ago, less
    the part of it that was prepaid; the deposit comes back once the run has ended."""
    started = 1 if end > values["start_date"] else 0
    returned = 1 if end > values["finish_date"] else 0
    due = number - int(values["payment_months"])
    invoiced = accrued[due] - prepaid * work[due] if due >= 0 else 0
    return (prepaid + values["deposit"]) * started - values["deposit"] * returned + invoiced


def _steps(amounts: Sequence[Number]) -> list[Number]:
    return [amount - before for amount, before in zip(amounts, [0, *amounts[:-1]], strict=True)]


def phasing_checks(values: Mapping[str, Number | str], tolerance: Number) -> dict[str, str]:
    """Whether parts, months and fiscal years each sum to the total, and whether the months hold it all, by the key of
    the check: OK, FAIL, and REVIEW for what comes later. ``values`` hold the total and what :func:`phasing` gave."""
    total = float(values["total_cost"])
    found = {"check_phasing_parts": close(float(values["phased_cost"]), total, tolerance)}
    for name in ("accrual", "payment"):
        later = float(values[f"{name}_later"])
        for key, check in ((name, "months"), (f"{name}_year", "years")):
            amounts = (float(amount) for place, amount in values.items() if place.startswith(f"{key}:"))
            found[f"check_{name}_{check}"] = close(sum(amounts) + later, total, tolerance)
    statuses = {key: "OK" if holds else "FAIL" for key, holds in found.items()}
    later_cost = abs(float(values["accrual_later"])) + abs(float(values["payment_later"]))
    statuses["check_horizon"] = "OK" if later_cost <= tolerance * total else "REVIEW"
    return {key: statuses[key] for key in CHECKS}
