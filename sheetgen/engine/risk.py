"""Risk: percentiles of cost and days in closed form, and what moves the total most.

MFU, goodput, price, tokens and compute with failed runs are taken as independent lognormals whose P10 and P90 are the
low and the high figure. The cost of the accelerators is a product of them or their inverses, so it is lognormal, too:
centres add, spreads add in squares (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.6.9). What does not move
with them is added behind, which shifts every percentile alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sheetgen.engine.arithmetic import Number, divide, round_up
from sheetgen.engine.calendar import LAST_DAY
from sheetgen.engine.schedule import with_ramp

DRIVERS = ("mfu", "goodput", "price", "tokens", "runs")
LIKELY = {
    "mfu": "mfu", "goodput": "effective_goodput", "price": "blended_rate", "tokens": "training_tokens",
    "runs": "run_multiple",
}  # fmt: skip
"""By driver: the quantity that is its likely figure."""

DIVIDES = frozenset({"mfu", "goodput"})
"""Drivers that cost and days fall with."""

OF_THE_DAYS = ("mfu", "goodput", "tokens")
INPUTS = tuple(f"risk_{driver}_{end}" for driver in DRIVERS for end in ("low", "high"))
"""Shares of the likely figure."""

TIE_BREAKER = 1e-9
Z80, Z90 = 0.8416212335729143, 1.2815515655446004
QUANTILES = {"p10": -Z90, "p50": 0.0, "p80": Z80, "p90": Z90}

UNITS = {
    "tokens_count": "count",
    "risk_mfu_low_value": "fraction", "risk_mfu_high_value": "fraction",
    "risk_goodput_low_value": "fraction", "risk_goodput_high_value": "fraction",
    "risk_price_low_value": "currency/(GPU*h)", "risk_price_high_value": "currency/(GPU*h)",
    "risk_tokens_low_value": "token", "risk_tokens_high_value": "token",
    "risk_runs_low_value": "ratio", "risk_runs_high_value": "ratio",
    **{f"{name}_{driver}": "ratio" for name in ("spread", "centre") for driver in DRIVERS},
    **dict.fromkeys(("cost_centre", "cost_spread", "days_centre", "days_spread"), "ratio"),
    **dict.fromkeys(("varying_cost", "steady_cost", "cost_likely"), "currency"),
    **{f"cost_{name}": "currency" for name in QUANTILES},
    "contingency_p80": "fraction", "budget_confidence": "fraction",
    **{f"days_{name}": "day" for name in QUANTILES},
    "finish_p80": "date",
    **{f"total_at_{end}_{driver}": "currency" for end in ("low", "high") for driver in DRIVERS},
    **{f"swing_{driver}": "fraction" for driver in DRIVERS},
    **{f"rank_{driver}": "count" for driver in DRIVERS},
    **dict.fromkeys(("check_risk_order", "check_risk_possible"), "status"),
    **dict.fromkeys(("check_risk_commitment", "check_risk_quantiles"), "status"),
}  # fmt: skip
"""Unit of every quantity by key."""


def risk(values: Mapping[str, Number | str]) -> dict[str, Number | str]:
    """Every quantity of :data:`UNITS` for a case, from its inputs (:data:`INPUTS` among them) and quantities by key."""
    numbers = {key: value for key, value in values.items() if not isinstance(value, str)}
    numbers["run_multiple"] = 1 + numbers["failed_runs"]
    moves = 0 if values["flops_convention"] == "published" else 1
    found: dict[str, Number | str] = {"tokens_count": moves}
    spreads, centres = {}, {}
    for driver in DRIVERS:
        low, high = (numbers[f"risk_{driver}_{end}"] for end in ("low", "high"))
        counts = moves if driver == "tokens" else 1
        spreads[driver] = math.log(high / low) / (2 * Z90) * counts
        centres[driver] = math.log(low * high) / 2 * counts
        for end, share in (("low", low), ("high", high)):
            found[f"risk_{driver}_{end}_value"] = numbers[LIKELY[driver]] * share
    found |= {f"spread_{driver}": spread for driver, spread in spreads.items()}
    found |= {f"centre_{driver}": centre for driver, centre in centres.items()}
    cost, days = _product(DRIVERS, centres, spreads), _product(OF_THE_DAYS, centres, spreads)
    found |= {"cost_centre": cost[0], "cost_spread": cost[1], "days_centre": days[0], "days_spread": days[1]}
    varying, steady = _varying(numbers), _steady(numbers)
    taxed = 1 + numbers["tax"]
    likely = numbers["cost_before_contingency"] * taxed
    found |= {"varying_cost": varying, "steady_cost": steady, "cost_likely": likely}
    costs = {name: (varying * math.exp(cost[0] + z * cost[1]) + steady) * taxed for name, z in QUANTILES.items()}
    found |= {f"cost_{name}": amount for name, amount in costs.items()}
    found["contingency_p80"] = costs["p80"] / likely - 1 if likely > 0 else 0
    found["budget_confidence"] = _confidence(varying, steady, numbers["cost_before_tax"], cost)
    full = {name: numbers["calendar_days"] * math.exp(days[0] + z * days[1]) for name, z in QUANTILES.items()}
    spans = {name: with_ramp(count, numbers["ramp_days"]) for name, count in full.items()}
    found |= {f"days_{name}": count for name, count in spans.items()}
    finish = numbers["start_date"] + round_up(spans["p80"]) + numbers["buffer_days"]
    found["finish_p80"] = min(finish, LAST_DAY)
    found |= _tornado(numbers, varying, steady, moves)
    found |= _checks(numbers, costs)
    return {key: found[key] for key in UNITS}


def ranked(swings: Mapping[str, float]) -> dict[str, int]:
    """The place of each swing, a fraction of the total, the largest first; equal ones (to :data:`TIE_BREAKER`) in the
    order given."""
    worth = {key: swing - place * TIE_BREAKER for place, (key, swing) in enumerate(swings.items())}
    order = sorted(worth, key=lambda key: -worth[key])
    return {key: order.index(key) + 1 for key in swings}


def _product(
    drivers: tuple[str, ...], centres: Mapping[str, float], spreads: Mapping[str, float]
) -> tuple[float, float]:
    """Centre and spread of a product of drivers, those of :data:`DIVIDES` inverted."""
    centre = sum(-centres[driver] if driver in DIVIDES else centres[driver] for driver in drivers)
    return centre, math.sqrt(sum(spreads[driver] ** 2 for driver in drivers))


def _varying(numbers: Mapping[str, Number]) -> Number:
    return (numbers["compute_cost"] + numbers["failed_runs_cost"]) * (1 + numbers["support"])


def _steady(numbers: Mapping[str, Number]) -> Number:
    held = numbers["unused_commitment_cost"] + numbers["control_plane_cost"]
    return held * (1 + numbers["support"]) + numbers["other_cost"]


def _confidence(varying: Number, steady: Number, budget: Number, product: tuple[float, float]) -> float:
    """The chance that a budget before tax is enough."""
    if varying <= 0:
        return 1.0
    if budget <= steady:
        return 0.0
    distance = math.log((budget - steady) / varying) - product[0]
    if product[1] <= 0:
        return 1.0 if distance >= 0 else 0.0
    from statistics import NormalDist  # slow to import, and few scenarios ask for risk

    return NormalDist().cdf(distance / product[1])


def _tornado(numbers: Mapping[str, Number], varying: Number, steady: Number, moves: int) -> dict[str, Number]:
    uplift = (1 + numbers["contingency"]) * (1 + numbers["tax"])
    found: dict[str, Number] = {}
    swings: dict[str, float] = {}
    for driver in DRIVERS:
        ends = []
        for end in ("low", "high"):
            share = numbers[f"risk_{driver}_{end}"] if driver != "tokens" or moves else 1
            factor = 1 / share if driver in DIVIDES else share
            found[f"total_at_{end}_{driver}"] = (varying * factor + steady) * uplift
            ends.append(found[f"total_at_{end}_{driver}"])
        swings[driver] = divide(abs(ends[1] - ends[0]), numbers["total_cost"])
    ranks = ranked(swings)
    found |= {f"swing_{driver}": swing for driver, swing in swings.items()}
    return found | {f"rank_{driver}": rank for driver, rank in ranks.items()}


def _checks(numbers: Mapping[str, Number], costs: Mapping[str, Number]) -> dict[str, str]:
    lows, highs = ([numbers[f"risk_{driver}_{end}"] for driver in DRIVERS] for end in ("low", "high"))
    possible = all(numbers[LIKELY[name]] * numbers[f"risk_{name}_high"] <= 1 for name in ("mfu", "goodput"))
    slack = numbers["check_tolerance"] * costs["p90"]
    rising = all(costs[a] <= costs[b] + slack for a, b in (("p10", "p50"), ("p50", "p80"), ("p80", "p90")))
    return {
        "check_risk_order": "OK" if max(lows) <= 1 <= min(highs) else "FAIL",
        "check_risk_possible": "OK" if possible else "REVIEW",
        "check_risk_commitment": "REVIEW" if numbers["commitment_months"] > 0 else "OK",
        "check_risk_quantiles": "OK" if rising else "FAIL",
    }
