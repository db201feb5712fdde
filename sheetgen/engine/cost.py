"""Cost: GPU-hours at a price, with contingency and tax, and the unit costs that follow.

Every GPU-hour of elapsed time is paid for, productive or not. Contingency is charged on compute, tax on both.
"""

from __future__ import annotations

from dataclasses import dataclass

from sheetgen.engine.arithmetic import Number, divide

TOKENS_PER_MTOKEN = 1e6
FLOPS_PER_EFLOP = 1e18


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Cost:
    """Money in the currency of the price; units in :data:`UNITS`."""

    price_age: Number
    compute_cost: Number
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
) -> Cost:
    """Cost lines and unit costs of a run; ``contingency`` and ``tax`` are fractions, ``price_age`` days."""
    compute = gpu_hours * price_per_gpu_hour
    contingency_cost = compute * contingency
    before_tax = compute + contingency_cost
    tax_cost = before_tax * tax
    total = before_tax + tax_cost
    return Cost(
        price_age=price_age,
        compute_cost=compute,
        contingency_cost=contingency_cost,
        cost_before_tax=before_tax,
        tax_cost=tax_cost,
        total_cost=total,
        cost_per_million_tokens=divide(total, tokens / TOKENS_PER_MTOKEN),
        cost_per_gpu_hour=divide(total, gpu_hours),
        cost_per_exaflop=divide(total, training_flops / FLOPS_PER_EFLOP),
        cost_per_month=divide(total, calendar_months),
    )
