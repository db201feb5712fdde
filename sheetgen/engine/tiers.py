"""Accelerator-hours by tier at their prices: on demand, reserved, spot.

Every GPU-hour of elapsed time is paid for, productive or not, on whole nodes and spares. Prices are in the currency of
the quote; rates are in that of the budget. A reserved share with a term is paid for whether used or not; without one it
is paid as used. What is needed beyond a commitment is on demand.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, close, divide
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

OWN_CURRENCY, NO_CONVERSION = "as the budget", "no conversion"
PRICES = {"on_demand": "price_per_gpu_hour", "reserved": "reserved_price", "spot": "spot_price"}
"""The tiers, each with the input that is its price."""


def quoted_abroad(quote_currency: str, currency: str) -> bool:
    """Whether prices are quoted in another currency than the budget's."""
    return quote_currency not in {OWN_CURRENCY, currency}


@quantity("day")
def price_age(as_of: Number, price_date: Number) -> Number:
    """Age of the price on the day of the budget."""
    return as_of - price_date


@quantity("day")
def exchange_age(quote_currency: str, currency: str, as_of: Number, exchange_date: Number) -> Number:
    """Age of the exchange rate on the day of the budget; 0 where nothing is converted."""
    return as_of - exchange_date if quoted_abroad(quote_currency, currency) else 0


def _rate(price: Number, exchange_rate: Number) -> Number:
    """The price of the tier in the budget's currency."""
    return price * exchange_rate


rates = tuple(quantity("currency/(GPU*h)", key=f"{tier}_rate", price=price)(_rate) for tier, price in PRICES.items())


@quantity("GPU*h")
def demand_gpu_hours(billed_gpu_hours: Number, failed_runs: Number) -> Number:
    """GPU-hours needed, failed and exploratory runs included: those are a multiple of the main run."""
    return billed_gpu_hours * (1 + failed_runs)


@quantity("GPU*h")
def committed_gpu_hours(
    reserved_share: Number,
    demand_gpu_hours: Number,
    billed_gpus: Number,
    commitment_months: Number,
    hours_per_month: Number,
) -> Number:
    """Reserved GPU-hours that are paid for: all hours of the term, or those needed where there is no term."""
    if commitment_months > 0:
        return reserved_share * billed_gpus * commitment_months * hours_per_month
    return reserved_share * demand_gpu_hours


@quantity("GPU*h")
def reserved_gpu_hours(reserved_share: Number, demand_gpu_hours: Number, committed_gpu_hours: Number) -> Number:
    """Reserved GPU-hours that are used."""
    return min(reserved_share * demand_gpu_hours, committed_gpu_hours)


@quantity("GPU*h")
def unused_gpu_hours(committed_gpu_hours: Number, reserved_gpu_hours: Number) -> Number:
    """Reserved GPU-hours that are paid for and not used."""
    return committed_gpu_hours - reserved_gpu_hours


@quantity("GPU*h")
def overflow_gpu_hours(reserved_share: Number, demand_gpu_hours: Number, reserved_gpu_hours: Number) -> Number:
    """GPU-hours of the reserved share that are needed beyond the commitment, on demand."""
    return reserved_share * demand_gpu_hours - reserved_gpu_hours


@quantity("GPU*h")
def on_demand_gpu_hours(spot_share: Number, demand_gpu_hours: Number, reserved_gpu_hours: Number) -> Number:
    """GPU-hours on demand, the overflow included."""
    return (1 - spot_share) * demand_gpu_hours - reserved_gpu_hours


@quantity("GPU*h")
def spot_gpu_hours(spot_share: Number, demand_gpu_hours: Number, spot_overhead: Number) -> Number:
    """GPU-hours on spot, those included that interruptions waste."""
    return spot_share * demand_gpu_hours * (1 + spot_overhead)


def _cost(hours: Number, rate: Number) -> Number:
    """The hours of the tier that are used, at its rate."""
    return hours * rate


costs = tuple(
    quantity("currency", key=f"{tier}_cost", hours=f"{tier}_gpu_hours", rate=f"{tier}_rate")(_cost) for tier in PRICES
)


@quantity("currency")
def accelerator_cost(on_demand_cost: Number, reserved_cost: Number, spot_cost: Number) -> Number:
    """Accelerators of all tiers, as used."""
    return on_demand_cost + reserved_cost + spot_cost


@quantity("currency")
def accelerator_bill(accelerator_cost: Number, unused_commitment_cost: Number) -> Number:
    """The same with what is committed and not used."""
    return accelerator_cost + unused_commitment_cost


@quantity("currency/(GPU*h)")
def blended_rate(accelerator_cost: Number, demand_gpu_hours: Number) -> float:
    """The price of a GPU-hour needed, over all tiers."""
    return divide(accelerator_cost, demand_gpu_hours)


@check(FAIL)
def check_tier_hours(
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


@check(FAIL)
def check_tier_shares(reserved_share: Number, spot_share: Number) -> bool:
    """Reserved and spot together are not more than all."""
    return reserved_share + spot_share <= 1


@check(FAIL)
def check_tier_prices(reserved_share: Number, reserved_price: Number, spot_share: Number, spot_price: Number) -> bool:
    """Every tier that is used has a price."""
    return not ((reserved_share > 0 and reserved_price == 0) or (spot_share > 0 and spot_price == 0))


@check(FAIL)
def check_exchange(
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
    return exchange_date <= as_of and exchange_source != NO_CONVERSION


@check(REVIEW)
def check_exchange_age(exchange_age: Number, price_age_limit: Number) -> bool:
    """The exchange rate is not older than a price may be."""
    return exchange_age <= price_age_limit


@check(REVIEW)
def check_price_age(price_age: Number, price_age_limit: Number) -> bool:
    """The price is not older than the limit."""
    return price_age <= price_age_limit


@check(REVIEW)
def check_price_dated(price_date: Number, as_of: Number) -> bool:
    """The price was quoted on or before the day of the budget."""
    return price_date <= as_of
