"""Cost: GPU-hours at a price, with contingency and tax, and the unit costs that follow.

Every GPU-hour of elapsed time is paid for, productive or not. Contingency is charged on all lines, tax on
all and contingency.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sheetgen.engine.arithmetic import Number, divide

TOKENS_PER_MTOKEN = 1e6
FLOPS_PER_EFLOP = 1e18
OTHERS = ("data_cost", "staff_cost", "storage_cost", "network_cost", "software_cost", "setup_cost")
"""Inputs that are amounts of money."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Cost:
    """Money in the currency of the price; units in :data:`UNITS`."""

    price_age: Number
    compute_cost: Number
    failed_runs_cost: Number
    support_cost: Number
    other_cost: Number
    cost_before_contingency: Number
    contingency_cost: Number
    cost_before_tax: Number
    tax_cost: Number
    total_cost: Number
    cost_per_million_tokens: float
    cost_per_gpu_hour: float
    cost_per_exaflop: float
    cost_per_month: float


UNITS = {
    "price_age": "day",
    "compute_cost": "currency",
    "failed_runs_cost": "currency",
    "support_cost": "currency",
    "other_cost": "currency",
    "cost_before_contingency": "currency",
    "contingency_cost": "currency",
    "cost_before_tax": "currency",
    "tax_cost": "currency",
    "total_cost": "currency",
    "cost_per_million_tokens": "currency/Mtoken",
    "cost_per_gpu_hour": "currency/(GPU*h)",
    "cost_per_exaflop": "currency/EFLOP",
    "cost_per_month": "currency/month",
}


def cost(
    *,
    gpu_hours: Number,
    price_per_gpu_hour: Number,
    contingency: Number,
    tax: Number,
    tokens: Number,
    training_flops: Number,
    calendar_months: Number,
    price_age: Number = 0,
    failed_runs: Number = 0,
    support: Number = 0,
    others: Iterable[Number] = (),
) -> Cost:
    """Cost lines and unit costs of a run; ``contingency`` and ``tax`` are fractions, ``price_age`` days.

    ``failed_runs`` is compute beside the main run as a multiple of it, ``support`` a fraction of all compute,
    ``others`` are amounts of money that do not follow from the run.
    """
    compute = gpu_hours * price_per_gpu_hour
    failed = compute * failed_runs
    helped = (compute + failed) * support
    beside = sum(others)
    before_contingency = compute + failed + helped + beside
    contingency_cost = before_contingency * contingency
    before_tax = before_contingency + contingency_cost
    tax_cost = before_tax * tax
    total = before_tax + tax_cost
    return Cost(
        price_age=price_age,
        compute_cost=compute,
        failed_runs_cost=failed,
        support_cost=helped,
        other_cost=beside,
        cost_before_contingency=before_contingency,
        contingency_cost=contingency_cost,
        cost_before_tax=before_tax,
        tax_cost=tax_cost,
        total_cost=total,
        cost_per_million_tokens=divide(total, tokens / TOKENS_PER_MTOKEN),
        cost_per_gpu_hour=divide(total, gpu_hours),
        cost_per_exaflop=divide(total, training_flops / FLOPS_PER_EFLOP),
        cost_per_month=divide(total, calendar_months),
    )
