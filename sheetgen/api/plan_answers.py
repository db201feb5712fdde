"""A plan asked the other way round: what a budget buys, when a number of accelerators ends, how many a date needs.

In closed form where there is one. Cost is a fixed part and one in proportion to the tokens: two evaluations give both,
a third says whether that is so; where a commitment or a tier bends the bill, the tokens are found by halving.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from sheetgen.api.plan import RESULTS, Choice, Plan, plain
from sheetgen.engine.resolver import Engine, Values
from sheetgen.scenario.model import Scenario
from sheetgen.verification.extended import extended

TOKENS_PER_PARAMETER = 20
"""Of a compute-optimal model: Hoffmann et al. 2022 (arXiv:2203.15556)."""
FLOPS_PER_PARAMETER_AND_TOKEN = 6
BISECTIONS = 60
MOST_TOKENS = 1e18
STRAIGHT = 1e-9
"""A bill is straight whose third point is off by less than this share."""


class Bought(NamedTuple):
    """What a budget buys with a choice: training tokens of the scenario's model; the parameters of a model of another
    size on the scenario's tokens, at equal FLOPs per parameter and token; and those of a model with 20 tokens to each,
    by 6·N·D. 0 where it does not even pay what is due without a token."""

    tokens: float
    parameters: float
    optimal_parameters: float

    @property
    def optimal_tokens(self) -> float:
        """The tokens of the last model."""
        return TOKENS_PER_PARAMETER * self.optimal_parameters


def bought(scenario: Scenario, choice: Choice, budget: float) -> Bought:
    """What a budget [currency] buys with a choice."""
    engine, values = _of(scenario, choice)
    tokens = _tokens(engine, values, choice, budget)
    share = tokens / float(values["training_tokens"])
    flops = float(engine.evaluate(values, ("training_flops",))["training_flops"]) * share
    parameters = float(engine.evaluate(values, ("parameters",))["parameters"]) * share
    return Bought(tokens, parameters, math.sqrt(flops / (FLOPS_PER_PARAMETER_AND_TOKEN * TOKENS_PER_PARAMETER)))


def _of(scenario: Scenario, choice: Choice) -> tuple[Engine, Values]:
    """The engine, and a scenario's base with a choice in place of its own accelerators."""
    own = {"accelerator": choice.accelerator, "gpus": choice.gpus, "price_per_gpu_hour": choice.price}
    engine = extended(scenario.templates).engine
    inputs = {**plain(scenario).inputs(0), **own, "accelerators": scenario.accelerators}
    return engine, engine.evaluate(inputs, (*RESULTS, "training_flops", "parameters", "gpus_for_deadline"))


def _tokens(engine: Engine, values: Values, choice: Choice, budget: float) -> float:
    """The training tokens at which the total is the budget."""
    start = float(values["training_tokens"])

    def cost(tokens: float) -> float:
        moved = engine.moved(values, {"training_tokens": tokens, "mfu": choice.mfu}, ("total_cost",))
        return float(moved["total_cost"])

    one, two = cost(start), cost(2 * start)
    fixed = 2 * one - two
    if two > one:
        found = max((budget - fixed) / (two - one), 0.0) * start
        if not found or abs(cost(found) - budget) <= STRAIGHT * budget:
            return found
    return _halved(cost, start, budget)


def _halved(cost: Any, high: float, budget: float) -> float:
    """The most tokens that cost no more than the budget, to a millionth; 0 where none are paid for."""
    low = 0.0
    while cost(high) < budget and high < MOST_TOKENS:
        low, high = high, 2 * high
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if cost(middle) <= budget else (low, middle)
    return low


def needed(scenario: Scenario, choice: Choice, by: float) -> int:
    """The fewest accelerators of a choice that end by a date (serial number), at its MFU; 0 where no day is left."""
    engine, values = _of(scenario, choice)
    moved = engine.moved(values, {"deadline": by, "mfu": choice.mfu}, ("gpus_for_deadline",))
    return int(moved["gpus_for_deadline"])


def dates(found: Plan) -> list[tuple[int, str, float]]:
    """Of each number and accelerator that fits: the day (serial number) on which it ends, by the best layout."""
    ends = {(choice.accelerator, choice.gpus): choice.finish for choice in found.choices}
    return [(gpus, key, ends[key, gpus]) for key, gpus in sorted(ends)]
