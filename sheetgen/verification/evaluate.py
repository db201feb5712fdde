"""The engine applied to a scenario: every quantity of every case, as the workbook must show it.

It adds to the engine what only a whole scenario knows: the inputs themselves, whether they lie inside their bounds, and
the count of failing checks. Formulas are unknown here; of the templates it knows labels, lists and choices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetgen.base.inputs import Value, fields
from sheetgen.base.resources import template_data
from sheetgen.engine import ENGINE
from sheetgen.engine import quantities as engine_quantities
from sheetgen.engine.actuals import actuals
from sheetgen.engine.arithmetic import divide
from sheetgen.engine.conventions import nearest_published
from sheetgen.engine.inputs import CaseInputs, read_inputs
from sheetgen.engine.offers import offers
from sheetgen.engine.phasing import (
    FEWEST_MONTHS,
    first_fiscal_year,
    first_month_of,
    months_needed,
    phasing,
    phasing_checks,
)
from sheetgen.engine.quantities import moved_run
from sheetgen.engine.rent_or_buy import ownership
from sheetgen.engine.risk import DRIVERS, ranked, risk
from sheetgen.engine.scaling import SHARES
from sheetgen.evidence.claims import gpt_shares
from sheetgen.evidence.results import CLAIMS, evidence_values
from sheetgen.scenario.model import Case, Scenario, efficiency_inputs, fiscal_years

STORED_DIGITS = 15  # what every spreadsheet program keeps of a typed number


def case_quantities(scenario: Scenario, index: int) -> dict[str, Value]:
    """Every input and quantity of one case by key.

    Raises InvalidInput when an input is not what the engine can compute with.
    """
    if "offers" in scenario.sheets:
        return _whole_cases(scenario)[index]
    return _whole_case(scenario, index, _of_the_run(scenario, index))


def _whole_cases(scenario: Scenario) -> list[dict[str, Value]]:
    """The quantities of every case, with what a case only has beside the others."""
    runs = [_of_the_run(scenario, index) for index in range(len(scenario.cases))]
    if "offers" in scenario.sheets:
        totals = [float(run["total_cost"]) for run in runs]
        compared = runs[scenario.named("reference_case")]
        runs = [run | offers(run, compared, totals) for run in runs]
    return [_whole_case(scenario, index, run) for index, run in enumerate(runs)]


def _whole_case(scenario: Scenario, index: int, run: dict[str, Value]) -> dict[str, Value]:
    """The quantities of a run with those of time, risk and ownership, and what its checks come to."""
    found = run | timeline(scenario, run)
    if "risk" in scenario.sheets:
        found |= risk(found)
    if "rent_or_buy" in scenario.sheets:
        accelerator = scenario.accelerator(index)
        found |= ownership(found, None if accelerator is None else accelerator.tdp_w)
    return found | _structure(found, scenario)


def timeline(scenario: Scenario, values: Mapping[str, Value]) -> dict[str, Value]:
    """When the money of a case flows, month by month, on the timeline that all cases share."""
    first = first_month_of(float(scenario.inputs(index)["start_date"]) for index in range(len(scenario.cases)))
    start = int(scenario.values["fiscal_year_start"])
    numbers = {key: value for key, value in values.items() if not isinstance(value, str)}
    months = scenario.months or FEWEST_MONTHS
    found: dict[str, Value] = {"first_month": first, "first_fiscal_year": first_fiscal_year(first, start)}
    years = fiscal_years(months)
    found |= phasing(numbers, first_month=first, months=months, years=years, fiscal_year_start=start)
    return found | phasing_checks({**values, **found}, float(scenario.values["check_tolerance"]))


def _of_the_run(scenario: Scenario, index: int) -> dict[str, Value]:
    """The inputs of a case, and what the engine computes of its model and its run."""
    inputs = scenario.inputs(index)
    result: dict[str, Value] = {**inputs, **engine_quantities(inputs, scenario.accelerators)}
    claims = CLAIMS.evaluate({key: result[key] for key in CLAIMS.inputs})
    result |= {key: claims[key] for key in CLAIMS.quantities}
    return result


def shares(scenario: Scenario, index: int, at: Mapping[str, float]) -> Mapping[str, Value]:
    """The shares of a forward pass at another sequence length: of a case, or of a GPT with dimensions of its own."""
    whole = {key: int(value) for key, value in at.items()}
    if len(whole) > 1:
        return {**gpt_shares(**whole)}
    case = read_case(scenario, index)
    found = ENGINE.evaluate({**case.numbers, **case.words, **whole}, SHARES)
    return {key: found[key] for key in SHARES}


def read_case(scenario: Scenario, index: int) -> CaseInputs:
    """The inputs of one case as the engine reads them, for :func:`moved_quantities`."""
    return read_inputs(scenario.inputs(index))


def moved_quantities(
    scenario: Scenario, index: int, moved: Mapping[str, float], case: CaseInputs | None = None
) -> dict[str, Value]:
    """What a sensitivity table may show of one case, FLOPs to cost, with inputs set otherwise, or the results ``mfu``,
    ``effective_goodput`` and ``training_flops`` themselves.

    ``case`` is what :func:`read_case` gave, so that many tables read a case once.
    """
    case = read_case(scenario, index) if case is None else case
    results = {key: value for key, value in moved.items() if key in ("mfu", "effective_goodput", "training_flops")}
    numbers = {key: value for key, value in moved.items() if key not in results}
    return {**moved_run(case, numbers, {}, scenario.accelerators, results)}


def all_quantities(scenario: Scenario) -> list[dict[str, Value]]:
    """The quantities of every case, with what speaks of the whole workbook in each."""
    cases = _whole_cases(scenario)
    names = [case.name.lower() for case in scenario.cases]
    chosen = names.count(str(scenario.values["chosen_case"]).lower())
    whole: dict[str, Value] = {f"check_{grid.key}": "OK" for grid in scenario.grids}
    found = evidence_values(tuple(sorted(scenario.run_edits.items())))
    whole |= {
        "check_chosen_case": "OK" if chosen == 1 else "FAIL",
        "check_no_errors_sensitivity": "OK",
        "check_currency": "OK" if scenario.headers in {"", scenario.values["currency"]} else "REVIEW",
        "check_evidence": "REVIEW" if found["evidence:outside"] else "OK",
    }
    whole |= swings(scenario, cases[scenario.chosen])
    if "risk" in scenario.sheets:
        whole |= tornado(cases[scenario.chosen])
    whole |= _actuals(scenario, cases[scenario.chosen])
    failures = sum(int(case["failures"]) for case in cases) + list(whole.values()).count("FAIL")
    reviews = sum(int(case["reviews"]) for case in cases) + list(whole.values()).count("REVIEW")
    whole |= {
        "total_failures": failures,
        "total_reviews": reviews,
        "master_check": _worst(failures, reviews),
        "chosen_case_number": scenario.chosen + 1,
    }
    for prefix in ("reference", "offer") if "offers" in scenario.sheets else ():
        whole[f"{prefix}_case_number"] = scenario.named(f"{prefix}_case") + 1
    return [{**cases[0], **whole, **found}, *({**case, **whole} for case in cases[1:])]


def check_labels() -> dict[str, str]:
    """What each check of a case says, by its key."""
    sections = template_data("checks")["sections"]
    return {row["key"]: row["label"] for section in sections for row in section["rows"] if "check_" in row["key"]}


def unmet(scenario: Scenario, quantities: Sequence[Mapping[str, Value]], word: str) -> dict[str, list[str]]:
    """The checks that show this word, FAIL or REVIEW, with the names of the cases in which they do."""
    found: dict[str, list[str]] = {}
    for case, values in zip(scenario.cases, quantities, strict=True):
        for key, value in values.items():
            if key.startswith("check_") and value == word:
                found.setdefault(key, []).append(case.name)
    return found


def complete(scenario: Scenario) -> Scenario:
    """The scenario with the two efficiency figures that it does not give filled in by those that follow from the third.

    They are equal to the given one, so choosing another basis in the workbook moves nothing until the figure is edited.
    Also the length of its timeline, where it has none.
    """
    scenario = _filled(scenario)
    if scenario.months:
        return scenario
    runs = [_of_the_run(scenario, index) for index in range(len(scenario.cases))]
    return replace(scenario, months=max(months_needed(runs), len(scenario.actuals)))


def _filled(scenario: Scenario) -> Scenario:
    base = dict(scenario.cases[0].values)
    missing = [key for key in efficiency_inputs().values() if key not in base]
    if not missing:
        return scenario
    for key in missing:
        base[key] = 1.0
    filled = replace(scenario, cases=(Case(scenario.cases[0].name, base), *scenario.cases[1:]))
    found = case_quantities(filled, 0)
    bridge = float(found["convention_bridge"]) or 1.0
    routes = {
        "stated_mfu": float(found["mfu"]) / bridge,
        "stated_flops_per_gpu": float(found["achieved_flops_per_gpu"]) / bridge,
        "observed_tokens_per_second": float(found["tokens_per_second"]),
    }
    sources = dict(scenario.sources)
    for key in missing:
        low, high = fields()[key].minimum or 0.0, fields()[key].maximum or routes[key]
        base[key] = float(f"{min(max(routes[key], low), high):.{STORED_DIGITS}g}")
        sources[key] = "equal to the figure given, at build"
    return replace(scenario, cases=(Case(scenario.cases[0].name, base), *scenario.cases[1:]), sources=sources)


def with_guidance(scenario: Scenario) -> Scenario:
    """The scenario with a note beside its MFU: what the nearest published runs reached, in its own convention."""
    found = case_quantities(scenario, 0)
    inputs = scenario.inputs(0)
    recomputation = str(inputs["recomputation"]).removesuffix("_published")
    convention = nearest_published(str(inputs["mfu_convention"]))
    size, length = float(found["active_parameters"]), float(found["sequence_length"])
    if not size or not length or inputs["workload"] != "text":
        return scenario
    from sheetgen.evidence.guidance import Setting, nearest  # slow to import, and only a build says it

    setting = Setting(size, str(inputs["accelerator"]), float(inputs["gpus"]), length, recomputation)
    accelerator = scenario.accelerator(0)
    generation = "" if accelerator is None else accelerator.generation
    near = nearest(setting._replace(precision=str(inputs["precision"]), generation=generation), convention)
    runs = ", ".join(dict.fromkeys(row.measurement.run for row in near.rows[:4]))
    note = (
        f"Published runs nearest in size, chip, scale, length and recomputation: {near.low:.1%} low, {near.middle:.1%} "
        f"middle, {near.high:.1%} high in {convention} ({runs}, …); see sheetgen mfu."
    )
    return replace(scenario, notes={**scenario.notes, "stated_mfu": note})


def after_steps(key: str, centre: float, count: int, step: float) -> float:
    """An axis of a sensitivity table so many steps from its centre; a step lifts no MFU or goodput above 1."""
    moved = centre * (1 + count * step)
    return min(moved, max(centre, 1.0)) if key in template_data("sensitivity")["at_most_one"] else moved


def swings(scenario: Scenario, base: Mapping[str, Value]) -> dict[str, Value]:
    """What one step of each driver by itself does to the total of the case put forward, and the rank of that."""
    data = template_data("sensitivity")["swings"]
    output, drivers = str(data["output"]), list(data["drivers"])
    step, case = float(scenario.values["sensitivity_step"]), read_case(scenario, scenario.chosen)
    ends: dict[str, tuple[float, float]] = {}
    for driver in drivers:
        low, high = (
            float(moved_quantities(scenario, scenario.chosen, {"mfu": float(base["mfu"]), driver: value}, case)[output])
            for value in (after_steps(driver, float(base[driver]), count, step) for count in (-1, 1))
        )
        ends[driver] = (low, high)
    total = float(base[output])
    shares = {driver: divide(abs(high - low), total) for driver, (low, high) in ends.items()}
    ranks = ranked(shares)
    found: dict[str, Value] = {}
    for driver, (low, high) in ends.items():
        found[f"swing:{driver}"], found[f"swing_share:{driver}"] = abs(high - low), shares[driver]
        found[f"swing_rank:{driver}"] = ranks[driver]
    for driver, rank in ranks.items():
        low, high = ends[driver]
        found |= {f"top_low:{rank}": low, f"top_high:{rank}": high, f"top_share:{rank}": shares[driver]}
    return found


def tornado(case: Mapping[str, Value]) -> dict[str, Value]:
    """The totals with each figure low and high, the largest swing first, and how far they are from the budget."""
    found: dict[str, Value] = {}
    total = float(case["total_cost"])
    for driver in DRIVERS:
        rank = case[f"rank_{driver}"]
        low, high = (float(case[f"total_at_{end}_{driver}"]) for end in ("low", "high"))
        found |= {f"tornado_below:{rank}": low - total, f"tornado_above:{rank}": high - total}
    return found


def _actuals(scenario: Scenario, case: Mapping[str, Value]) -> dict[str, Value]:
    """Plan against actual, of the case put forward."""
    if "actuals" not in scenario.sheets:
        return {}
    accrued = [float(case[f"accrued:{month}"]) for month in range(1, scenario.months + 1)]
    typed = [*scenario.actuals, *[None] * (scenario.months - len(scenario.actuals))]
    return actuals(case, accrued, typed, int(case["first_month"]))


def _structure(values: Mapping[str, Value], scenario: Scenario) -> dict[str, Value]:
    below = above = False
    for key, spec in scenario.fields.items():
        value = values.get(key)
        if spec.section in {"Request", "Cases"} or not spec.is_number or isinstance(value, str) or value is None:
            continue
        below = below or (spec.minimum is not None and value < spec.minimum)
        above = above or (spec.maximum is not None and value > spec.maximum)
    found: dict[str, Value] = {
        "check_inputs_not_below": "FAIL" if below else "OK",
        "check_inputs_not_above": "FAIL" if above else "OK",
        "check_no_errors": "OK",
    }
    found |= {f"check_no_errors_{slug}": "OK" for slug in scenario.sheets if slug != "actuals"}
    checks = [
        value for key, value in {**values, **found}.items() if key.startswith("check_") and isinstance(value, str)
    ]
    failures, reviews = checks.count("FAIL"), checks.count("REVIEW")
    return found | {"failures": failures, "reviews": reviews, "case_check": _worst(failures, reviews)}


def _worst(failures: int, reviews: int) -> str:
    return "FAIL" if failures else "REVIEW" if reviews else "OK"
