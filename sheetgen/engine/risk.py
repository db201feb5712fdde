"""Risk: percentiles of cost and days in closed form, and what moves the total most.

MFU, goodput, price, tokens and compute with failed runs are taken as independent lognormals whose P10 and P90 are the
low and the high figure. The cost of the accelerators is a product of them or their inverses, so it is lognormal, too:
centres add, spreads add in squares (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.6.9). What does not move
with them is added behind, which shifts every percentile alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from sheetgen.engine.arithmetic import Number, round_up
from sheetgen.engine.calendar import LAST_DAY
from sheetgen.engine.quantity import FAIL, REVIEW, Quantity, check, quantity
from sheetgen.engine.ranges import LEAST_SHARE
from sheetgen.engine.schedule import with_ramp

DRIVERS: Mapping[str, str] = {"mfu": "range", "goodput": "range", "price": "risk", "tokens": "risk", "runs": "risk"}
"""What is uncertain, and how the shares of its ends are called: ``range`` where they may be of published runs."""
TIE_BREAKER = 1e-9
Z80, Z90 = 0.8416212335729143, 1.2815515655446004
QUANTILES = {"p10": -Z90, "p50": 0.0, "p80": Z80, "p90": Z90}


def ranked(swings: Mapping[str, float]) -> dict[str, int]:
    """The place of each swing, a fraction of the total, the largest first; equal ones (to :data:`TIE_BREAKER`) in the
    order given."""
    worth = {key: swing - place * TIE_BREAKER for place, (key, swing) in enumerate(swings.items())}
    order = sorted(worth, key=lambda key: -worth[key])
    return {key: order.index(key) + 1 for key in swings}


@quantity("ratio", helper=True)
def run_multiple(failed_runs: Number) -> Number:
    """Compute with failed runs, in main runs."""
    return 1 + failed_runs


@quantity("count")
def tokens_count(flops_convention: str) -> int:
    """Whether tokens move the FLOPs: 1, or 0 with a published total."""
    return 0 if flops_convention == "published" else 1


def _share(driver: str, end: str) -> str:
    """The key of the share of a driver's low or high."""
    return f"{DRIVERS[driver]}_{driver}_{end}"


def _spread(low: Number, high: Number) -> float:
    """The standard deviation of the logarithm."""
    return math.log(max(high, LEAST_SHARE) / max(low, LEAST_SHARE)) / (2 * Z90)


def _centre(low: Number, high: Number) -> float:
    """The logarithm of the median over the likely figure."""
    return math.log(max(low, LEAST_SHARE) * max(high, LEAST_SHARE)) / 2


def _counted(measure: Callable[[Number, Number], float]) -> Callable[..., float]:
    """The same of the tokens, which move nothing where the total is published."""

    def counted(low: Number, high: Number, tokens_count: Number) -> float:
        return measure(low, high) * tokens_count

    counted.__doc__ = measure.__doc__
    return counted


def _of_drivers(name: str, measure: Callable[[Number, Number], float]) -> tuple[Quantity, ...]:
    """One measure of each driver's range."""
    return tuple(
        quantity("ratio", "lognormal", key=f"{name}_{driver}", low=_share(driver, "low"), high=_share(driver, "high"))(
            _counted(measure) if driver == "tokens" else measure
        )
        for driver in DRIVERS
    )


spreads = _of_drivers("spread", _spread)
centres = _of_drivers("centre", _centre)


@quantity("ratio", "lognormal")
def cost_centre(
    centre_mfu: Number, centre_goodput: Number, centre_price: Number, centre_tokens: Number, centre_runs: Number
) -> Number:
    """The centre of the cost that varies."""
    return -centre_mfu - centre_goodput + centre_price + centre_tokens + centre_runs


@quantity("ratio", "lognormal")
def cost_spread(
    spread_mfu: Number, spread_goodput: Number, spread_price: Number, spread_tokens: Number, spread_runs: Number
) -> float:
    """The spread of the cost that varies."""
    return math.sqrt(sum(x**2 for x in (spread_mfu, spread_goodput, spread_price, spread_tokens, spread_runs)))


@quantity("ratio", "lognormal")
def days_centre(centre_mfu: Number, centre_goodput: Number, centre_tokens: Number) -> Number:
    """The centre of the days."""
    return -centre_mfu - centre_goodput + centre_tokens


@quantity("ratio", "lognormal")
def days_spread(spread_mfu: Number, spread_goodput: Number, spread_tokens: Number) -> float:
    """The spread of the days."""
    return math.sqrt(sum(x**2 for x in (spread_mfu, spread_goodput, spread_tokens)))


@quantity("currency")
def varying_cost(compute_cost: Number, failed_runs_cost: Number, support: Number) -> Number:
    """What varies: accelerators and their support."""
    return (compute_cost + failed_runs_cost) * (1 + support)


@quantity("currency")
def steady_cost(
    unused_commitment_cost: Number, control_plane_cost: Number, support: Number, other_cost: Number
) -> Number:
    """What is held."""
    return (unused_commitment_cost + control_plane_cost) * (1 + support) + other_cost


@quantity("currency")
def cost_likely(cost_before_contingency: Number, tax: Number) -> Number:
    """The cost as budgeted, with tax and without contingency."""
    return cost_before_contingency * (1 + tax)


def _cost_at(z: float) -> Callable[..., Number]:
    def cost_at(
        varying_cost: Number, cost_centre: Number, cost_spread: Number, steady_cost: Number, tax: Number
    ) -> Number:
        """The cost that is not exceeded with the chance of its name, with tax and without contingency."""
        return (varying_cost * math.exp(cost_centre + z * cost_spread) + steady_cost) * (1 + tax)

    return cost_at


costs = tuple(quantity("currency", "lognormal", key=f"cost_{name}")(_cost_at(z)) for name, z in QUANTILES.items())


@quantity("fraction", "lognormal")
def contingency_p80(cost_p80: Number, cost_likely: Number) -> Number:
    """The contingency with which a budget is enough in four of five cases."""
    return cost_p80 / cost_likely - 1 if cost_likely > 0 else 0


@quantity("fraction", "lognormal")
def budget_confidence(
    varying_cost: Number, steady_cost: Number, cost_before_tax: Number, cost_centre: Number, cost_spread: Number
) -> float:
    """The chance that the budget is enough."""
    if varying_cost <= 0:
        return 1.0
    if cost_before_tax <= steady_cost:
        return 0.0
    distance = math.log((cost_before_tax - steady_cost) / varying_cost) - cost_centre
    if cost_spread <= 0:
        return 1.0 if distance >= 0 else 0.0
    return math.erfc(-distance / cost_spread / math.sqrt(2)) / 2


def _days_at(z: float) -> Callable[..., float]:
    def days_at(calendar_days: Number, days_centre: Number, days_spread: Number, ramp_days: Number) -> float:
        """The days that are not exceeded with the chance of the name, the ramp included."""
        return with_ramp(calendar_days * math.exp(days_centre + z * days_spread), ramp_days)

    return days_at


days = tuple(quantity("day", "lognormal", key=f"days_{name}")(_days_at(z)) for name, z in QUANTILES.items())


@quantity("date", "lognormal")
def finish_p80(start_date: Number, days_p80: Number, buffer_days: Number) -> Number:
    """The day on which the run and its buffer have ended in four of five cases."""
    return min(start_date + round_up(days_p80) + buffer_days, LAST_DAY)


@quantity("fraction", helper=True)
def risk_lows(
    range_mfu_low: Number,
    range_goodput_low: Number,
    risk_price_low: Number,
    risk_tokens_low: Number,
    risk_runs_low: Number,
) -> Number:
    """The largest of the lows."""
    return max(range_mfu_low, range_goodput_low, risk_price_low, risk_tokens_low, risk_runs_low)


@quantity("fraction", helper=True)
def risk_highs(
    range_mfu_high: Number,
    range_goodput_high: Number,
    risk_price_high: Number,
    risk_tokens_high: Number,
    risk_runs_high: Number,
) -> Number:
    """The smallest of the highs."""
    return min(range_mfu_high, range_goodput_high, risk_price_high, risk_tokens_high, risk_runs_high)


@check(FAIL)
def check_risk_order(risk_lows: Number, risk_highs: Number) -> bool:
    """Low, likely and high rise."""
    return risk_lows <= 1 <= risk_highs


@check(REVIEW)
def check_risk_possible(
    mfu: Number, effective_goodput: Number, range_mfu_high: Number, range_goodput_high: Number, check_tolerance: Number
) -> bool:
    """High MFU and goodput are possible, but for the rounding of a share that comes to 1."""
    return max(mfu * range_mfu_high, effective_goodput * range_goodput_high) <= 1 + check_tolerance


@check(REVIEW)
def check_confidence(budget_confidence: Number, confidence_wanted: Number) -> bool:
    """The budget is enough with the chance that is asked for."""
    return budget_confidence >= confidence_wanted


@check(REVIEW)
def check_above_p10(cost_likely: Number, cost_p10: Number, confidence_wanted: Number, check_tolerance: Number) -> bool:
    """The cost before contingency is not below P10, which nine in ten outcomes exceed, where a chance is asked for."""
    return confidence_wanted <= 0 or cost_likely >= cost_p10 * (1 - check_tolerance)


@check(FAIL)
def check_risk_quantiles(
    cost_p10: Number, cost_p50: Number, cost_p80: Number, cost_p90: Number, check_tolerance: Number
) -> bool:
    """P10, P50, P80 and P90 rise."""
    slack = check_tolerance * cost_p90
    return all(low <= high + slack for low, high in ((cost_p10, cost_p50), (cost_p50, cost_p80), (cost_p80, cost_p90)))
