"""``compare``: the cases of several scenarios side by side in one workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.inputs import CASE_NAME, Value, fields
from sheetgen.scenario.model import MAX_CASES, MAX_SOURCE_CHARACTERS, Case, Scenario
from sheetgen.verification.evaluate import complete


def combine(scenarios: Sequence[Scenario]) -> Scenario:
    """One scenario with the cases of all, in order.

    The first gives the base, the request and the case put forward. A case of another scenario states every input, so
    that no edit of the first reaches it. Inputs of the whole budget (currency, as-of date, days per year, ...) must be
    the same in all. Raises InvalidInput with a problem for each that differs, and for too few or too many.
    """
    if len(scenarios) < 2:
        raise InvalidInput([Problem("one scenario is nothing to compare", allowed="two scenario files or more")])
    whole = [complete(scenario) for scenario in scenarios]
    first = whole[0]
    problems = [problem for other in whole[1:] for problem in _sheets_differ(first, other)]
    problems += [problem for other in whole[1:] for problem in _differences(first, other)] if not problems else []
    count = sum(len(scenario.cases) for scenario in whole)
    if count > MAX_CASES:
        problems.append(Problem("too many cases together", given=str(count), allowed=f"at most {MAX_CASES}"))
    if problems:
        raise InvalidInput(problems)
    names = iter(_names(whole))
    cases = [Case(next(names), case.values) for case in first.cases]
    for scenario in whole[1:]:
        cases += [Case(next(names), _every_input(scenario, index)) for index in range(len(scenario.cases))]
    files = [scenario.file for scenario in whole]
    values: dict[str, Value] = {**first.values, "chosen_case": cases[first.chosen].name}
    if "offers" in first.sheets:
        own_last = first.named("offer_case") == len(first.cases) - 1
        values["reference_case"] = cases[first.named("reference_case")].name
        values["offer_case"] = cases[-1 if own_last else first.named("offer_case")].name
    title = "; ".join(dict.fromkeys(str(scenario.values["scenario"]) for scenario in whole))
    values["scenario"] = _cut(f"Comparison: {title}", _room("scenario"))
    digest = hashlib.sha256("".join(scenario.sha256 for scenario in whole).encode()).hexdigest()
    combined = replace(first, values=values, cases=tuple(cases), months=0)
    return replace(
        complete(combined),
        sources=_sources(whole),
        file=" + ".join(files),
        sha256=digest,
        command=f"sheetgen compare {' '.join(files)}{first.sheets_option} -o budget.xlsx",
    )


def _sheets_differ(first: Scenario, other: Scenario) -> list[Problem]:
    """A problem where two scenarios do not ask for the same optional sheets."""
    if first.sheets == other.sheets:
        return []
    given, allowed = (", ".join(scenario.sheets) or "none" for scenario in (other, first))
    message = f"are not those of {first.file}, and one workbook has the same for all"
    return [Problem(message, other.file, key="sheets", given=given, allowed=f"{allowed}, or --sheets for all")]


def _differences(first: Scenario, other: Scenario) -> list[Problem]:
    """What of the whole budget is not as in the first scenario."""
    found = []
    for key, spec in first.fields.items():
        if spec.scope != "scenario" or spec.combine == "first" or first.values[key] == other.values[key]:
            continue
        message = f"differs from {first.file}, and one workbook has one"
        given, allowed = spec.shown(other.values[key]), spec.shown(first.values[key])
        found.append(Problem(message, other.file, key=key, given=given, allowed=allowed))
    return found


def _every_input(scenario: Scenario, index: int) -> dict[str, Value]:
    inputs = scenario.inputs(index)
    return {key: inputs[key] for key, spec in scenario.fields.items() if spec.scope == "case" and key != "case_name"}


def _names(scenarios: Sequence[Scenario]) -> list[str]:
    """A name for each case: its own, and where scenarios share one, with the file in front."""
    own = [(Path(scenario.file).stem, case.name) for scenario in scenarios for case in scenario.cases]
    short = [name.lower() for _, name in own]
    room = _room(CASE_NAME)
    found: list[str] = []
    for stem, name in own:
        text = name if short.count(name.lower()) == 1 else f"{stem}: {name}"
        text = _cut(text, room)
        number = 2
        while text.lower() in {known.lower() for known in found}:
            tail = f" ({number})"
            text, number = _cut(f"{stem}: {name}", room - len(tail)) + tail, number + 1
        found.append(text)
    return found


def _sources(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Where an input comes from: one text where the scenarios agree, else each with its file."""
    found: dict[str, str] = {}
    for key in fields():
        texts = [(scenario.file, scenario.sources[key]) for scenario in scenarios if key in scenario.sources]
        different = dict.fromkeys(text for _, text in texts)
        if len(different) == 1 and len(texts) == len(scenarios):
            found[key] = texts[0][1]
        elif texts:
            found[key] = _cut("; ".join(f"{file}: {text}" for file, text in texts), MAX_SOURCE_CHARACTERS)
    return found


def _room(key: str) -> int:
    """The characters that an input's text may have."""
    return int(fields()[key].maximum or 0)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"
