"""Phasing: in which month and fiscal year a run's cost arises (accrual) and is paid (cash).

Purchases accrue when the run starts, what follows from the work as the work is done, an unused commitment evenly over
its term, storage evenly over the months it is kept. Cash follows an accrual by the payment term; a prepayment of
accelerator cost and a refundable deposit are paid at the start. All cases share one timeline of months and years.
"""

from __future__ import annotations

from itertools import pairwise

from sheetgen.engine.arithmetic import MONTHS_PER_YEAR, Number, close, divide
from sheetgen.engine.calendar import add_months, date_of, month_start, months_between
from sheetgen.engine.quantity import FAIL, REVIEW, Quantity, check, quantity
from sheetgen.engine.schedule import full_days_in

MIN_MONTHS, MAX_MONTHS = 6, 36
SPARE_MONTHS = 2
ROOM = 4  # a quarter more months than are needed, for later edits


@quantity("date")
def first_month(across_start_date: tuple[Number, ...]) -> int:
    """The first day of the month in which the first case starts."""
    earliest = date_of(min(across_start_date))
    return month_start(earliest.year, earliest.month)


@quantity("date")
def first_fiscal_year(first_month: Number, fiscal_year_start: int) -> int:
    """The first day of the fiscal year, which starts in the month of this number, that holds the first month."""
    month = date_of(first_month)
    return month_start(month.year - (month.month < fiscal_year_start), int(fiscal_year_start))


@quantity("day", helper=True)
def month_starts(first_month: Number, months: int) -> tuple[int, ...]:
    """The first day of each month, and of the one behind the last."""
    return tuple(add_months(first_month, number) for number in range(months + 1))


@quantity("day", helper=True)
def lasting_days(
    run_days: Number,
    start_date: Number,
    finish_date: Number,
    commitment_months: Number,
    storage_months: Number,
    days_per_year: Number,
) -> Number:
    """The days from the start until the run, its buffer, its commitment and its storage have ended."""
    per_month = days_per_year / MONTHS_PER_YEAR
    return max(run_days, finish_date - start_date + 1, commitment_months * per_month, storage_months * per_month)


@quantity("month", helper=True)
def case_months(first_month: Number, start_date: Number, lasting_days: Number, payment_months: Number) -> int:
    """The months from the first one until everything of the case has accrued and is paid."""
    return months_between(first_month, start_date + lasting_days) + 1 + int(payment_months)


@quantity("month", helper=True)
def months_needed(across_case_months: tuple[int, ...]) -> int:
    """The months that every case needs, with room for later edits: a quarter more and two; between 6 and 36."""
    most = max(0, *across_case_months)
    return min(max(most + most // ROOM + SPARE_MONTHS, MIN_MONTHS), MAX_MONTHS)


# The total by the way it accrues


@quantity("currency")
def at_start_cost(
    data_acquisition_cost: Number, software_total_cost: Number, setup_total_cost: Number, uplift: Number
) -> Number:
    """What is bought at the start: data, software, set-up, with contingency and tax."""
    return (data_acquisition_cost + software_total_cost + setup_total_cost) * uplift


@quantity("currency")
def over_run_cost(
    compute_cost: Number,
    failed_runs_cost: Number,
    control_plane_cost: Number,
    support: Number,
    staff_total_cost: Number,
    storage_cost: Number,
    network_total_cost: Number,
    own_lines_cost: Number,
    uplift: Number,
) -> Number:
    """What arises as the work is done: accelerators with their support, staff, network, typed storage, other lines."""
    computed = compute_cost + failed_runs_cost + control_plane_cost
    beside = staff_total_cost + storage_cost + network_total_cost + own_lines_cost
    return (computed * (1 + support) + beside) * uplift


@quantity("currency")
def over_term_cost(unused_commitment_cost: Number, support: Number, uplift: Number) -> Number:
    """What arises over the term of the commitment: what is not used of it."""
    return unused_commitment_cost * (1 + support) * uplift


@quantity("currency")
def over_storage_cost(stored_cost: Number, uplift: Number) -> Number:
    """What arises over the months of storage."""
    return stored_cost * uplift


@quantity("currency")
def phased_cost(
    at_start_cost: Number, over_run_cost: Number, over_term_cost: Number, over_storage_cost: Number
) -> Number:
    """The total, as the sum of its parts."""
    return at_start_cost + over_run_cost + (over_term_cost + over_storage_cost)


@quantity("currency")
def prepaid_cost(prepayment: Number, compute_cost: Number, failed_runs_cost: Number, uplift: Number) -> Number:
    """The part of the accelerators, failed runs included, that is paid at the start."""
    return prepayment * (compute_cost + failed_runs_cost) * uplift


# Month by month


@quantity("day", over="months", helper=True)
def days_since_start(month_starts: tuple[int, ...], start_date: Number) -> tuple[Number, ...]:
    """Days from the start of the run to the end of each month."""
    return tuple(max(end - start_date, 0) for end in month_starts[1:])


@quantity("fraction", over="months")
def work_done(
    days_since_start: tuple[Number, ...], run_days: Number, ramp_days: Number, calendar_days: Number
) -> tuple[float, ...]:
    """The share of the work that is done to the end of each month."""

    def done(days: Number) -> float:
        if days >= run_days:
            return 1.0 if days > 0 else 0.0
        return divide(full_days_in(days, ramp_days), calendar_days)

    return tuple(done(days) for days in days_since_start)


def _passed(days_since_start: tuple[Number, ...], term: Number, days_per_year: Number) -> tuple[Number, ...]:
    """The share of the term [months] that has passed to the end of each month."""
    days = term * (days_per_year / MONTHS_PER_YEAR)
    return tuple(min(divide(since, days), 1) for since in days_since_start)


passed = tuple(
    quantity("fraction", over="months", helper=True, key=f"{name}_passed", term=f"{name}_months")(_passed)
    for name in ("commitment", "storage")
)


@quantity("currency", over="months")
def accrued(
    days_since_start: tuple[Number, ...],
    work_done: tuple[float, ...],
    commitment_passed: tuple[Number, ...],
    storage_passed: tuple[Number, ...],
    at_start_cost: Number,
    over_run_cost: Number,
    over_term_cost: Number,
    over_storage_cost: Number,
) -> tuple[Number, ...]:
    """What has accrued to the end of each month."""
    months = zip(days_since_start, work_done, commitment_passed, storage_passed, strict=True)
    return tuple(
        at_start_cost * (1 if days > 0 else 0)
        + over_run_cost * work
        + (over_term_cost * term + over_storage_cost * kept)
        for days, work, term, kept in months
    )


@quantity("currency", over="months")
def accrual(accrued: tuple[Number, ...]) -> tuple[Number, ...]:
    """The cost that arises in each month."""
    return tuple(now - before for before, now in pairwise((0, *accrued)))


@quantity("currency", over="months", helper=True)
def paid_ahead(
    month_starts: tuple[int, ...], start_date: Number, finish_date: Number, prepaid_cost: Number, deposit: Number
) -> tuple[Number, ...]:
    """Prepayment and deposit, paid when the run starts; the deposit comes back once the run has ended."""

    def ahead(end: Number) -> Number:
        started, returned = 1 if end > start_date else 0, 1 if end > finish_date else 0
        return (prepaid_cost + deposit) * started - deposit * returned

    return tuple(ahead(end) for end in month_starts[1:])


@quantity("currency", over="months")
def paid(
    paid_ahead: tuple[Number, ...],
    accrued: tuple[Number, ...],
    work_done: tuple[float, ...],
    prepaid_cost: Number,
    payment_months: Number,
) -> tuple[Number, ...]:
    """Cash to the end of each month: what is paid ahead, and what was accrued a payment term ago, less the part of it
    that was prepaid."""
    invoiced = tuple(cost - prepaid_cost * work for cost, work in zip(accrued, work_done, strict=True))
    due = (0,) * int(payment_months) + invoiced
    return tuple(ahead + amount for ahead, amount in zip(paid_ahead, due, strict=False))


@quantity("currency", over="months")
def payment(paid: tuple[Number, ...]) -> tuple[Number, ...]:
    """The cash of each month."""
    return tuple(now - before for before, now in pairwise((0, *paid)))


# Fiscal year by fiscal year


def _by_year(
    amounts: tuple[Number, ...], month_starts: tuple[int, ...], first_fiscal_year: Number
) -> tuple[Number, ...]:
    """The sum of the months of each fiscal year that the timeline may touch, wherever a year starts."""
    months = len(amounts)
    years = (months + MONTHS_PER_YEAR - 2) // MONTHS_PER_YEAR + 1
    year_of = [months_between(first_fiscal_year, start) // MONTHS_PER_YEAR for start in month_starts[:months]]
    return tuple(
        sum(amount for amount, of in zip(amounts, year_of, strict=True) if of == year) for year in range(years)
    )


by_year = tuple(
    quantity("currency", over="years", key=f"{flow}_year", amounts=flow)(_by_year) for flow in ("accrual", "payment")
)


@quantity("currency")
def accrual_later(phased_cost: Number, accrued: tuple[Number, ...]) -> Number:
    """What accrues after the last month."""
    return phased_cost - accrued[-1]


@quantity("currency")
def payment_later(phased_cost: Number, paid: tuple[Number, ...]) -> Number:
    """What is paid after the last month."""
    return phased_cost - paid[-1]


@check(FAIL)
def check_phasing_parts(phased_cost: Number, total_cost: Number, check_tolerance: Number) -> bool:
    """The parts are the total."""
    return close(phased_cost, total_cost, check_tolerance)


def _sums(flow: str, over: str) -> Quantity:
    """The check that a flow by month or fiscal year, and what comes later, sums to the total."""

    def holds(amounts: tuple[Number, ...], later: Number, total_cost: Number, check_tolerance: Number) -> bool:
        """What is shown and what comes later sum to the total."""
        return close(sum(amounts) + later, total_cost, check_tolerance)

    holds.__name__ = f"check_{flow}_{over}"
    return check(FAIL, amounts=flow if over == "months" else f"{flow}_year", later=f"{flow}_later")(holds)


sums = tuple(_sums(flow, over) for over in ("months", "years") for flow in ("accrual", "payment"))


@check(REVIEW)
def check_horizon(accrual_later: Number, payment_later: Number, total_cost: Number, check_tolerance: Number) -> bool:
    """The months shown hold all spend."""
    return abs(accrual_later) + abs(payment_later) <= check_tolerance * total_cost


@check(REVIEW)
def check_deposit(deposit: Number, total_cost: Number) -> bool:
    """A deposit is no larger than all that the budget costs."""
    return deposit <= total_cost
