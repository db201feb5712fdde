"""Cost: accelerator-hours by tier at their prices, the lines beside them, contingency and tax, and unit costs.

Every GPU-hour of elapsed time is paid for, productive or not, on whole nodes and spares. Support is charged on all that
is computed with, contingency on all lines, tax on all and contingency. Amounts are in the currency of the budget.
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, divide

TOKENS_PER_MTOKEN = 1e6
FLOPS_PER_EFLOP = 1e18
BYTES_PER_TB = 1e12
OWN_CURRENCY = "as the budget"


class Tiers(NamedTuple):
    """How the accelerator-hours are bought: prices in the currency of the quote, shares as fractions.

    ``exchange_rate`` is money of the budget for one unit of the quote's currency. A reserved share with a term of
    ``commitment_months`` is paid for whether used or not; without one it is paid as used.
    """

    on_demand_price: Number
    reserved_price: Number
    spot_price: Number
    exchange_rate: Number
    reserved_share: Number
    commitment_months: Number
    spot_share: Number
    spot_overhead: Number


class Lines(NamedTuple):
    """What is paid for beside the accelerators: amounts, sizes in terabytes, prices for each and each month."""

    control_plane_price: Number
    data: Number
    staff: Number
    storage: Number
    network: Number
    software: Number
    setup: Number
    dataset_tb: Number
    checkpoints_kept: Number
    checkpoint_bytes: Number
    storage_months: Number
    storage_price: Number
    egress_tb: Number
    egress_price: Number


class Run(NamedTuple):
    """What a run takes: GPU-hours of the run and of all that is paid for, elapsed seconds, sizes."""

    gpu_hours: Number
    billed_gpus: Number
    billed_gpu_hours: Number
    elapsed_seconds: Number
    hours_per_month: Number
    calendar_months: Number
    parameters: Number
    tokens: Number
    training_flops: Number


class Cost(NamedTuple):
    """Money, and the hours and terabytes that it buys; units in :data:`UNITS`."""

    price_age: Number
    exchange_age: Number
    on_demand_rate: Number
    reserved_rate: Number
    spot_rate: Number
    demand_gpu_hours: Number
    committed_gpu_hours: Number
    reserved_gpu_hours: Number
    unused_gpu_hours: Number
    overflow_gpu_hours: Number
    on_demand_gpu_hours: Number
    spot_gpu_hours: Number
    on_demand_cost: Number
    reserved_cost: Number
    spot_cost: Number
    accelerator_cost: Number
    accelerator_bill: Number
    blended_rate: float
    checkpoint_tb: float
    stored_tb: Number
    stored_cost: Number
    egress_cost: Number
    compute_cost: Number
    failed_runs_cost: Number
    unused_commitment_cost: Number
    control_plane_cost: Number
    support_cost: Number
    data_acquisition_cost: Number
    staff_total_cost: Number
    storage_total_cost: Number
    network_total_cost: Number
    software_total_cost: Number
    setup_total_cost: Number
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


_UNITS = {
    "price_age": "day",
    "exchange_age": "day",
    "on_demand_rate": "currency/(GPU*h)",
    "reserved_rate": "currency/(GPU*h)",
    "spot_rate": "currency/(GPU*h)",
    "demand_gpu_hours": "GPU*h",
    "committed_gpu_hours": "GPU*h",
    "reserved_gpu_hours": "GPU*h",
    "unused_gpu_hours": "GPU*h",
    "overflow_gpu_hours": "GPU*h",
    "on_demand_gpu_hours": "GPU*h",
    "spot_gpu_hours": "GPU*h",
    "blended_rate": "currency/(GPU*h)",
    "checkpoint_tb": "TB",
    "stored_tb": "TB",
    "cost_per_million_tokens": "currency/Mtoken",
    "cost_per_gpu_hour": "currency/(GPU*h)",
    "cost_per_exaflop": "currency/EFLOP",
    "cost_per_month": "currency/month",
}
UNITS = {name: _UNITS.get(name, "currency") for name in Cost._fields}


def cost(
    run: Run,
    tiers: Tiers,
    lines: Lines,
    *,
    failed_runs: Number,
    support: Number,
    contingency: Number,
    tax: Number,
    price_age: Number = 0,
    exchange_age: Number = 0,
) -> Cost:
    """Hours by tier, cost lines and unit costs of a run.

    ``failed_runs`` is compute beside the main run as a multiple of it; ``support``, ``contingency`` and ``tax`` are
    fractions; ages are days.
    """
    on_demand, reserved, spot = (
        price * tiers.exchange_rate for price in (tiers.on_demand_price, tiers.reserved_price, tiers.spot_price)
    )
    demand = run.billed_gpu_hours * (1 + failed_runs)
    wanted = tiers.reserved_share * demand
    committed = wanted
    if tiers.commitment_months > 0:
        committed = tiers.reserved_share * run.billed_gpus * tiers.commitment_months * run.hours_per_month
    used = min(wanted, committed)
    on_demand_hours = (1 - tiers.spot_share) * demand - used
    spot_hours = tiers.spot_share * demand * (1 + tiers.spot_overhead)
    by_tier = on_demand_hours * on_demand, used * reserved, spot_hours * spot
    accelerators = sum(by_tier)
    compute = divide(accelerators, 1 + failed_runs)
    failed = compute * failed_runs
    unused = (committed - used) * reserved
    control_plane = run.elapsed_seconds / SECONDS_PER_HOUR * (1 + failed_runs) * lines.control_plane_price
    helped = (compute + failed + unused + control_plane) * support
    checkpoint_tb = run.parameters * lines.checkpoint_bytes / BYTES_PER_TB
    stored_tb = lines.dataset_tb + lines.checkpoints_kept * checkpoint_tb
    stored = stored_tb * lines.storage_price * lines.storage_months
    egress = lines.egress_tb * lines.egress_price
    storage, network = lines.storage + stored, lines.network + egress
    beside = lines.data + lines.staff + storage + network + lines.software + lines.setup
    before_contingency = compute + failed + unused + control_plane + helped + beside
    contingency_cost = before_contingency * contingency
    before_tax = before_contingency + contingency_cost
    tax_cost = before_tax * tax
    total = before_tax + tax_cost
    return Cost(
        price_age=price_age,
        exchange_age=exchange_age,
        on_demand_rate=on_demand,
        reserved_rate=reserved,
        spot_rate=spot,
        demand_gpu_hours=demand,
        committed_gpu_hours=committed,
        reserved_gpu_hours=used,
        unused_gpu_hours=committed - used,
        overflow_gpu_hours=wanted - used,
        on_demand_gpu_hours=on_demand_hours,
        spot_gpu_hours=spot_hours,
        on_demand_cost=by_tier[0],
        reserved_cost=by_tier[1],
        spot_cost=by_tier[2],
        accelerator_cost=accelerators,
        accelerator_bill=accelerators + unused,
        blended_rate=divide(accelerators, demand),
        checkpoint_tb=checkpoint_tb,
        stored_tb=stored_tb,
        stored_cost=stored,
        egress_cost=egress,
        compute_cost=compute,
        failed_runs_cost=failed,
        unused_commitment_cost=unused,
        control_plane_cost=control_plane,
        support_cost=helped,
        data_acquisition_cost=lines.data,
        staff_total_cost=lines.staff,
        storage_total_cost=storage,
        network_total_cost=network,
        software_total_cost=lines.software,
        setup_total_cost=lines.setup,
        other_cost=beside,
        cost_before_contingency=before_contingency,
        contingency_cost=contingency_cost,
        cost_before_tax=before_tax,
        tax_cost=tax_cost,
        total_cost=total,
        cost_per_million_tokens=divide(total, run.tokens / TOKENS_PER_MTOKEN),
        cost_per_gpu_hour=divide(total, run.gpu_hours),
        cost_per_exaflop=divide(total, run.training_flops / FLOPS_PER_EFLOP),
        cost_per_month=divide(total, run.calendar_months),
    )


def quoted_abroad(quote_currency: str, currency: str) -> bool:
    """Whether prices are quoted in another currency than the budget's."""
    return quote_currency not in {OWN_CURRENCY, currency}
