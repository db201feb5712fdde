"""Checks on goodput, tiers, prices and the lines of the budget; see :mod:`sheetgen.engine.checks` for how they are
written."""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, close, divide
from sheetgen.engine.cost import quoted_abroad
from sheetgen.engine.goodput import LEAST_GOODPUT


def cost_lines(
    on_demand_cost: Number,
    reserved_cost: Number,
    spot_cost: Number,
    unused_commitment_cost: Number,
    control_plane_cost: Number,
    support: Number,
    other_cost: Number,
    contingency: Number,
    tax: Number,
    total_cost: Number,
    check_tolerance: Number,
) -> bool:
    """The total is (tiers + unused commitment + control plane) × (1 + support) + others, × (1 + contingency) × (1 +
    tax)."""
    computed = on_demand_cost + reserved_cost + spot_cost + unused_commitment_cost + control_plane_cost
    return close((computed * (1 + support) + other_cost) * (1 + contingency) * (1 + tax), total_cost, check_tolerance)


def tier_hours(
    on_demand_gpu_hours: Number,
    reserved_gpu_hours: Number,
    spot_gpu_hours: Number,
    spot_overhead: Number,
    demand_gpu_hours: Number,
    check_tolerance: Number,
) -> bool:
    """The hours of the tiers, without those that interruptions waste, are the hours needed."""
    counted = on_demand_gpu_hours + reserved_gpu_hours + divide(spot_gpu_hours, 1 + spot_overhead)
    return close(counted, demand_gpu_hours, check_tolerance)


def goodput(goodput_basis: str, effective_goodput: Number) -> bool:
    """A goodput that is modelled leaves time to train."""
    return goodput_basis != "modelled" or effective_goodput > LEAST_GOODPUT


def spares(goodput_basis: str, spare_nodes: Number, nodes_in_repair: Number) -> bool:
    """Where goodput is modelled, spare nodes stand in for those that are in repair on average."""
    return goodput_basis != "modelled" or spare_nodes >= nodes_in_repair


def tier_shares(reserved_share: Number, spot_share: Number) -> bool:
    """Reserved and spot together are not more than all."""
    return reserved_share + spot_share <= 1


def tier_prices(reserved_share: Number, reserved_price: Number, spot_share: Number, spot_price: Number) -> bool:
    """Every tier that is used has a price."""
    return not ((reserved_share > 0 and reserved_price == 0) or (spot_share > 0 and spot_price == 0))


def stored_priced(
    stored_tb: Number, storage_months: Number, storage_price: Number, egress_tb: Number, egress_price: Number
) -> bool:
    """What is stored, or leaves the provider, has a price."""
    stored = stored_tb > 0 and storage_months > 0
    return not ((stored and storage_price == 0) or (egress_tb > 0 and egress_price == 0))


def exchange(
    quote_currency: str,
    currency: str,
    exchange_rate: Number,
    exchange_date: Number,
    exchange_source: str,
    as_of: Number,
) -> bool:
    """A quote in another currency comes with a rate that is dated and sourced; one in the budget's own is not
    converted."""
    if not quoted_abroad(quote_currency, currency):
        return exchange_rate == 1
    return exchange_date <= as_of and exchange_source != "no conversion"


def exchange_age(exchange_age: Number, price_age_limit: Number) -> bool:
    """The exchange rate is not older than a price may be."""
    return exchange_age <= price_age_limit
