"""The engine applied to a scenario, once: every quantity of every case, as the workbook must show it.

It adds to the engine what only a whole scenario knows: the efficiency figures and the timeline that it does not give,
whether inputs lie inside their bounds, and the count of failing checks. Build, verify and estimate hand an
:class:`Evaluation` on; none of them computes a quantity again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sheetgen.base.inputs import Value, constants_of, fields
from sheetgen.base.templates import Templates
from sheetgen.engine import FAIL, OK, OPTIONAL, REVIEW, flat
from sheetgen.engine import evaluate as evaluate_cases
from sheetgen.engine.arithmetic import divide
from sheetgen.engine.layout import room_for
from sheetgen.engine.resolver import Values
from sheetgen.evidence.results import CLAIMS, evidence_values
from sheetgen.scenario.edits import changed_cells, model_shown
from sheetgen.scenario.model import EQUAL, Case, Scenario, efficiency_inputs
from sheetgen.verification.extended import engine_of, shown_of
from sheetgen.verification.layouts import with_layout
from sheetgen.verification.ranges import lacks_range, track_record, with_ranges
from sheetgen.verification.sensitivity import swings
from sheetgen.workbook.definitions import Definitions

STORED_DIGITS = 15  # what every spreadsheet program keeps of a typed number
OF_THE_CHOSEN = frozenset(item.key for item in OPTIONAL["actuals"])
"""Quantities that a workbook shows of the case put forward alone."""
ERROR_CHECK = "check_no_errors"
"""How the key of a check begins that looks for error values, of which the engine has none."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A scenario, completed, and what the engine makes of it.

    Attributes:
        scenario: with every efficiency figure and the length of its timeline.
        values: for each case what the engine read and computed, months as tuples: what ``ENGINE.moved`` starts from.
        quantities: for each case every input and quantity as a cell shows it (``accrued:3``), and what speaks of the
            whole workbook.
    """

    scenario: Scenario
    values: tuple[Values, ...]
    quantities: tuple[dict[str, Value], ...]

    def unmet(self, word: str) -> dict[str, list[str]]:
        """The checks that show this word, FAIL or REVIEW, in the order of sheet Checks, with the names of the cases in
        which they do."""
        found: dict[str, list[str]] = {key: [] for key in check_labels(self.scenario.templates)}
        for case, values in zip(self.scenario.cases, self.quantities, strict=True):
            for key, value in values.items():
                if key.startswith("check_") and value == word:
                    found.setdefault(key, []).append(case.name)
        return {key: names for key, names in found.items() if names}


def _checks(templates: Templates, *, of_cases: bool) -> Iterator[dict[str, Any]]:
    """The rows of the checks of a case, or of those of the whole workbook."""
    for section in templates.data("checks")["sections"]:
        if (section.get("scope") is None) == of_cases:
            yield from (row for row in section["rows"] if row["key"].startswith("check_"))


def _error_checks(scenario: Scenario, *, of_cases: bool) -> list[str]:
    """The checks for error values that a workbook with the scenario's sheets has."""
    there = {None, *scenario.sheets}
    rows = _checks(scenario.templates, of_cases=of_cases)
    return [row["key"] for row in rows if row["key"].startswith(ERROR_CHECK) and row.get("sheet") in there]


def check_labels(templates: Templates, *, of_cases: bool = True) -> dict[str, str]:
    """What each check of a case says, by its key; or each of the whole workbook."""
    return {row["key"]: row["label"] for row in _checks(templates, of_cases=of_cases)}


def evaluate(scenario: Scenario) -> Evaluation:
    """Every quantity of the scenario, completed where it has gaps.

    Raises InvalidInput when an input is not what the engine can compute with.
    """
    scenario, known = _completed(scenario)
    wanted = tuple(item.key for item in shown_of(scenario))
    rooms = {"months": scenario.months, "stage_rows": scenario.stages}
    given = [{**case, **found, **rooms} for case, found in zip(_inputs(scenario), known, strict=True)]
    values = evaluate_cases(given, wanted, engine_of(scenario))
    cases = _against_the_chosen(scenario, [_case(scenario, index, found) for index, found in enumerate(values)])
    asked = "evidence" in scenario.sheets
    evidence = evidence_values(tuple(sorted(scenario.run_edits.items()))) if asked else {}
    whole = _whole(scenario, cases, values[scenario.chosen], evidence)
    quantities = ({**cases[0], **whole, **evidence}, *({**case, **whole} for case in cases[1:]))
    return Evaluation(scenario, tuple(values), quantities)


def complete(scenario: Scenario) -> Scenario:
    """The scenario with the two efficiency figures that it does not give filled in by those that follow from the third.

    They are equal to the given one, so choosing another basis in the workbook moves nothing until the figure is edited.
    Also the length of its timeline, where it has none.
    """
    return _completed(scenario)[0]


def _completed(scenario: Scenario) -> tuple[Scenario, list[Values]]:
    """The completed scenario, and what its cases' timeline rests on, by case."""
    if "memory" in scenario.sheets and not scenario.stages:
        scenario = with_layout(scenario, _inputs(scenario))
        most = max(int(case["pipeline_parallel"]) for case in _inputs(scenario))
        scenario = replace(scenario, stages=room_for(most))
    scenario = _with_routes(scenario)
    if lacks_range(scenario):
        scenario = with_ranges(scenario, engine_of(scenario), _inputs(scenario)[0])
    if scenario.months:
        return scenario, [{} for _ in scenario.cases]
    found = evaluate_cases(_inputs(scenario), ("months_needed",), engine_of(scenario))
    months = max(found[0]["months_needed"], len(scenario.actuals))
    return replace(scenario, months=months), found


def _inputs(scenario: Scenario) -> list[dict[str, Any]]:
    """What the engine is given of each case: its inputs in force, and what all cases share."""
    shared: dict[str, Any] = {"accelerators": scenario.accelerators, "actuals": scenario.actuals}
    for key in ("chosen_case", "reference_case", "offer_case"):
        if key in scenario.values:
            shared[f"{key}_number"] = scenario.named(key) + 1
    return [{**scenario.inputs(index), **shared} for index in range(len(scenario.cases))]


def _with_routes(scenario: Scenario) -> Scenario:
    """The scenario with every figure of efficiency."""
    base = dict(scenario.cases[0].values)
    missing = [key for key in efficiency_inputs().values() if key not in base and key in scenario.fields]
    if not missing:
        return scenario
    inputs = _inputs(scenario)[0] | dict.fromkeys(missing, 1.0)
    found = evaluate_cases([inputs], [f"equal_{key}" for key in missing], engine_of(scenario))[0]
    equal = {key: float(found[f"equal_{key}"]) for key in missing}
    sources = dict(scenario.sources)
    for key in missing:
        low, high = fields()[key].minimum or 0.0, fields()[key].maximum or equal[key]
        base[key] = float(f"{min(max(equal[key], low), high):.{STORED_DIGITS}g}")
        sources[key] = EQUAL
    return replace(scenario, cases=(Case(scenario.cases[0].name, base), *scenario.cases[1:]), sources=sources)


def _case(scenario: Scenario, index: int, values: Values) -> dict[str, Value]:
    """The inputs and quantities of one case as cells show them, and what its checks come to."""
    own = {key: value for key, value in values.items() if key not in OF_THE_CHOSEN}
    computed = flat(own, engine_of(scenario))
    found: dict[str, Value] = {**scenario.inputs(index), **computed}
    if "scaling" in scenario.sheets:
        claims = CLAIMS.evaluate({key: values[key] for key in CLAIMS.inputs})
        found |= {key: claims[key] for key in CLAIMS.quantities}
    below, above = _outside(scenario, found)
    found |= {
        "check_inputs_not_below": FAIL if below else OK,
        "check_inputs_not_above": FAIL if above else OK,
        "check_inputs_usual": REVIEW if unusual(scenario, found) else OK,
        "check_currency": _currencies(scenario, found),
        "check_lines_inserted": OK,
        "model_shown": model_shown(scenario, index),
    }
    found |= dict.fromkeys(_error_checks(scenario, of_cases=True), OK)
    statuses = [value for key, value in found.items() if key.startswith("check_")]
    failures, reviews = statuses.count(FAIL), statuses.count(REVIEW)
    return found | {"failures": failures, "reviews": reviews, "case_check": _worst(failures, reviews)}


def _currencies(scenario: Scenario, values: Mapping[str, Value]) -> str:
    """Whether the currencies of budget and quote are on the list of those that there are."""
    listed = (scenario.fields[key].choices_of() for key in ("currency", "quote_currency"))
    own, quoted = ({code.lower() for code in codes} for codes in listed)
    return OK if str(values["currency"]).lower() in own and str(values["quote_currency"]).lower() in quoted else FAIL


def _against_the_chosen(scenario: Scenario, cases: list[dict[str, Value]]) -> list[dict[str, Value]]:
    """The cases, each with its total against that of the case for approval, and its rank by total."""
    totals = [float(case["total_cost"]) for case in cases]
    chosen = totals[scenario.chosen]
    for case, total in zip(cases, totals, strict=True):
        limit = total * (1 - float(constants_of(scenario.templates)["tie_breaker"].value))
        rank = 1 + sum(other < limit for other in totals)
        case |= {"delta_cost": total - chosen, "delta_share": divide(total - chosen, chosen), "cost_rank": rank}
    return cases


def _outside(scenario: Scenario, values: Mapping[str, Value]) -> tuple[bool, bool]:
    """Whether an input of the case is below its minimum, and whether one is above its maximum."""
    below = above = False
    for key, spec in scenario.fields.items():
        value = values.get(key)
        if not spec.in_cases or not spec.is_number or isinstance(value, str) or value is None:
            continue
        below = below or (spec.minimum is not None and value < spec.minimum)
        above = above or (spec.maximum is not None and value > spec.maximum)
    return below, above


def unusual(scenario: Scenario, values: Mapping[str, Value]) -> list[str]:
    """The inputs of a case that are beyond what is usual for them."""
    return [key for key, spec in scenario.fields.items() if spec.in_cases and spec.is_unusual(values.get(key, 0))]


def _whole(
    scenario: Scenario, cases: Sequence[Mapping[str, Value]], chosen: Values, evidence: Mapping[str, Value]
) -> dict[str, Value]:
    """What speaks of the whole workbook, and of the case put forward alone; ``evidence`` are the figures of sheet
    Evidence, where it is there."""
    chosen_name = str(scenario.values["chosen_case"]).lower()
    named, named_built = (
        [case.name.lower() for case in side.cases].count(chosen_name) for side in (scenario, scenario.built or scenario)
    )
    found: dict[str, Value] = {f"check_{grid.key}": OK for grid in scenario.grids}
    found |= {
        "check_chosen_case": OK if named == 1 or (not named and named_built == 1) else FAIL,
        "chosen_name": scenario.cases[scenario.chosen].name,
        "inputs_changed": changed_cells(scenario),
    }
    found |= dict.fromkeys(_error_checks(scenario, of_cases=False), OK)
    if evidence:
        found["check_evidence"] = REVIEW if evidence["evidence:outside"] else OK
    definitions, step = Definitions.of(scenario.templates), float(scenario.values["sensitivity_step"])
    found |= swings(engine_of(scenario), definitions, chosen, step)
    found |= flat({key: value for key, value in chosen.items() if key in OF_THE_CHOSEN})
    found |= track_record(float(chosen["active_parameters"]))
    failures = sum(int(case["failures"]) for case in cases) + list(found.values()).count(FAIL)
    reviews = sum(int(case["reviews"]) for case in cases) + list(found.values()).count(REVIEW)
    own = cases[scenario.chosen]
    of_request = int(own["failures"]) + list(found.values()).count(FAIL)
    reviewed = int(own["reviews"])
    found |= {"total_failures": failures, "total_reviews": reviews, "master_check": _worst(failures, reviews)}
    found |= {"request_failures": of_request, "request_reviews": reviewed}
    found |= {"request_check": _worst(of_request, reviewed)}
    numbers = {key: value for key, value in _inputs(scenario)[0].items() if key.endswith("_case_number")}
    return found | numbers


def _worst(failures: int, reviews: int) -> str:
    return FAIL if failures else REVIEW if reviews else OK
