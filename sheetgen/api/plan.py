"""``plan``: of accelerators, counts and layouts that are enumerated, the cheapest or the earliest that fits.

A layout fits where it divides accelerators, model and batch and its peak fits the memory. Without a kernel efficiency
the scenario's MFU holds for every choice, and layouts are ranked by what they would take; with one, MFU, days and cost
follow from the layout. What is found is the best of the candidates enumerated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.engine.resolver import Engine, Values
from sheetgen.engine.search import Space, search
from sheetgen.scenario.model import MAX_CASES, Case, Scenario
from sheetgen.verification.evaluate import complete
from sheetgen.verification.extended import extended
from sheetgen.verification.layouts import KERNEL, SEARCHED, case_values, layout_defaults

MOST_CANDIDATES, USUAL_CANDIDATES = MAX_CASES, 24
"""Cases that a planned workbook has at most, and where no number is asked for."""
MFU = "mfu"
RANGE = 4
"""Where no numbers are given, those from a fourth of the scenario's to four times it are tried."""

WATTS_PER_KILOWATT = 1000


class Limits(NamedTuple):
    """What a plan must keep: a finish date (serial number), a budget [currency], power of accelerators [kW]."""

    by: float | None = None
    budget: float | None = None
    power: float | None = None


NO_LIMITS = Limits()


class Choice(NamedTuple):
    """One candidate with what it comes to: cost [currency], days, finish date (serial number), peak memory [byte]."""

    accelerator: str
    gpus: int
    price: float
    cost: float
    days: float
    finish: float
    mfu: float
    peak: float
    layout: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """The best choice and the next one, how many candidates were enumerated, and why others fell out, by reason;
    ``kernel`` is the kernel efficiency from which their MFU follows, 0 where it is the scenario's own. ``choices`` are
    the best of each accelerator and count that fits, in their order, behind them those that break a limit."""

    best: Choice | None
    runner_up: Choice | None
    enumerated: int
    fell_out: Mapping[str, int]
    kernel: float = 0
    choices: tuple[Choice, ...] = ()
    limits: Limits = NO_LIMITS


def counts(gpus: int) -> tuple[int, ...]:
    """Numbers of accelerators that are tried where none is given: the scenario's, powers of two around it, and half as
    many again."""
    powers = [1 << place for place in range((RANGE * gpus).bit_length())]
    tried = {gpus, *powers, *(power * 3 // 2 for power in powers)}
    return tuple(sorted(n for n in tried if gpus <= RANGE * n and n <= RANGE * gpus))


def plan(
    scenario: Scenario,
    prices: Mapping[str, float],
    gpus: Sequence[int] = (),
    limits: Limits | None = None,
    *,
    kernel: float = 0,
    earliest: bool = False,
) -> Plan:
    """The cheapest (``earliest``: soonest) choice within the limits for the base case of a scenario.

    ``prices`` are accelerators with their price of a GPU-hour in the scenario's currency of quotes. Raises InvalidInput
    for an accelerator that the catalogue does not have.
    """
    limits = NO_LIMITS if limits is None else limits
    unknown = [key for key in prices if key not in scenario.accelerators]
    if unknown:
        raise InvalidInput([Problem("is not in the catalogue", key="accelerator", given=key) for key in unknown])
    kernel = kernel or _kernel(scenario)
    base = plain(scenario).inputs(0)
    fell_out: Counter[str] = Counter()
    choices: list[Choice] = []
    beyond: list[Choice] = []
    enumerated = 0
    for key, price in prices.items():
        own = {**base, "accelerator": key, "price_per_gpu_hour": price, "kernel_efficiency": kernel}
        for count in gpus or counts(int(base["gpus"])):
            tried, choice = _choice({**own, "gpus": count}, scenario, fell_out)
            enumerated += tried
            if choice is not None:
                broken = _out(choice, limits, scenario.accelerators[key].tdp_w)
                fell_out.update(broken)
                (beyond if broken else choices).append(choice)
    first, rest = (sorted(found, key=lambda item: _rank(item, earliest=earliest)) for found in (choices, beyond))
    best, runner_up = (*first, None, None)[:2]
    return Plan(best, runner_up, enumerated, dict(fell_out), kernel, (*first, *rest), limits)


def _kernel(scenario: Scenario) -> float:
    """The kernel efficiency by which a scenario gives its efficiency; 0 where it gives another figure."""
    base = scenario.inputs(0)
    return float(base[KERNEL]) if base["efficiency_basis"] == KERNEL else 0


def plain(scenario: Scenario) -> Scenario:
    """A scenario's base without its optional sheets, completed, at its MFU: what is observed of its own accelerators,
    such as their tokens per second, is none of others'. A kernel efficiency stands in for an MFU."""
    base, kernel = scenario.cases[0], _kernel(scenario)
    if kernel:
        base = Case(base.name, {**base.values, "efficiency_basis": MFU, "stated_mfu": kernel})
    found = complete(replace(scenario, sheets=(), cases=(base,)))
    return replace(found, cases=(Case(base.name, {**found.cases[0].values, "efficiency_basis": MFU}),))


def _rank(choice: Choice, *, earliest: bool) -> tuple[float, float, int]:
    """By cost, or by days; of equals (costs to nine digits) the fewest accelerators."""
    cost = float(f"{choice.cost:.9g}")
    return (choice.days, cost, choice.gpus) if earliest else (cost, choice.gpus, choice.gpus)


def _choice(inputs: dict[str, Any], scenario: Scenario, fell_out: Counter[str]) -> tuple[int, Choice | None]:
    """How many layouts of an accelerator and count were enumerated, and the best that fits, if any."""
    chip, gpus = scenario.accelerators[inputs["accelerator"]], int(inputs["gpus"])
    if chip.dense.get(str(inputs["precision"])) is None:
        fell_out[f"{chip.key}: no published peak in {inputs['precision']}"] += 1
        return 0, None
    values = case_values({**layout_defaults(), **inputs, "accelerators": scenario.accelerators})
    found = search(values, Space(recomputation=(str(inputs["recomputation"]),)))
    fell_out["memory: does not fit"] += found.enumerated - found.fitting
    if not found.enumerated:
        fell_out["divisibility: no layout divides the count"] += 1
    if found.best is None:
        return found.enumerated, None
    results = outcome(extended(scenario.templates).engine, values, found.best.layout)
    figures = (results[key] for key in RESULTS)
    price, best = float(inputs["price_per_gpu_hour"]), found.best
    return found.enumerated, Choice._make((chip.key, gpus, price, *figures, best.peak, best.layout))


def outcome(engine: Engine, values: Values, layout: Mapping[str, Any]) -> dict[str, float]:
    """Cost, days and finish of a case with a layout, at its MFU or at the one that a kernel efficiency gives."""
    changes = dict(layout)
    if values["kernel_efficiency"]:
        changes["mfu"] = engine.moved(values, layout, ("predicted_mfu",))["predicted_mfu"]
    return engine.moved(engine.evaluate(values, RESULTS), changes, RESULTS)


RESULTS = ("total_cost", "run_days", "finish_date", "mfu")


def _out(choice: Choice, limits: Limits, watts: float | None) -> list[str]:
    """The limits that a choice breaks."""
    draw = choice.gpus * (watts or 0) / WATTS_PER_KILOWATT
    broken = {
        "deadline: finishes too late": limits.by is not None and choice.finish > limits.by,
        "budget: costs too much": limits.budget is not None and choice.cost > limits.budget,
        "power: draws too much": limits.power is not None and draw > limits.power,
    }
    return [reason for reason, out in broken.items() if out]


def planned(scenario: Scenario, found: Plan, most: int = USUAL_CANDIDATES) -> Scenario:
    """The scenario with the best choice as its base and up to ``most`` candidates as cases, ranked on sheet Candidates.

    A latest finish is its deadline; a candidate has a price of its own where it is not the best one's.
    """
    choices = found.choices[:most]
    base = {**scenario.cases[0].values, **_inputs_of(choices[0])}
    if found.kernel:
        base |= {"efficiency_basis": KERNEL, KERNEL: found.kernel}
    else:
        base |= {key: plain(scenario).cases[0].values[key] for key in ("efficiency_basis", "stated_mfu")}
    if found.limits.by is not None:
        base["deadline"] = found.limits.by
    base = {**layout_defaults(*sheets_of(found)), **base}
    absent = [key for key in layout_defaults(*sheets_of(found)) if key not in scenario.cases[0].values]
    cases = [Case(_name(choices[0]), base)]
    for choice in choices[1:]:
        own = {key: value for key, value in _inputs_of(choice).items() if value != base[key]}
        cases.append(Case(_name(choice), own))
    note = f"sheetgen plan: best of {found.enumerated:,} candidates enumerated"
    sources = dict.fromkeys(absent, "default") | dict.fromkeys((*SEARCHED, "accelerator", "gpus"), note)
    sheets = tuple(dict.fromkeys((*scenario.sheets, *sheets_of(found), "candidates")))
    values = {**scenario.values, "chosen_case": cases[0].name}
    named = {"reference_case": cases[0].name, "offer_case": cases[min(1, len(cases) - 1)].name}
    values |= {key: name for key, name in named.items() if key in values}
    return replace(
        scenario, values=values, cases=tuple(cases), sources={**scenario.sources, **sources}, sheets=sheets, months=0,
        stages=0,
    )  # fmt: skip


def _name(choice: Choice) -> str:
    """The name of a case."""
    return f"{choice.gpus:,} × {choice.accelerator}"


def sheets_of(found: Plan) -> tuple[str, ...]:
    """The optional sheets that a plan is shown on."""
    return ("memory", "layout") if found.kernel else ("memory",)


def _inputs_of(choice: Choice) -> dict[str, Any]:
    """The inputs that a choice sets."""
    own: dict[str, Any] = {key: choice.layout[key] for key in SEARCHED}
    own |= {"accelerator": choice.accelerator, "gpus": choice.gpus, "price_per_gpu_hour": choice.price}
    return own | {"quoted_for": choice.accelerator}
