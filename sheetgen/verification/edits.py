"""The inputs of a workbook that are not those of the scenario, or not those that it was built with, in words."""

from __future__ import annotations

from sheetgen.base.inputs import CASE_NAME, fields
from sheetgen.scenario.model import Actual, Scenario


def edits(scenario: Scenario, found: Scenario) -> list[str]:
    """Every typed input that is not that of a scenario, in words; an empty cell of a case means “as in the base”.

    A workbook may have optional sheets that the scenario does not ask for; their inputs are held to their defaults.
    """
    lines = []
    if len(scenario.cases) != len(found.cases):
        lines.append(f"{len(found.cases)} cases, the scenario has {len(scenario.cases)}")
    for was, is_now in zip(scenario.cases, found.cases, strict=False):
        if was.name != is_now.name:
            lines.append(f"case {was.name} is now called {is_now.name}")
    pairs = [("every case", scenario.values, found.values)]
    pairs += [
        (f"case {new.name}", old.values, new.values) for old, new in zip(scenario.cases, found.cases, strict=False)
    ]
    for number, (where, before, after) in enumerate(pairs):
        is_base = number <= 1  # what all cases share, and the first case, which leaves nothing to another
        for key, spec in fields().items():
            old, new = before.get(key), after.get(key)
            if old is None and new is not None and is_base and spec.sheet and spec.default is not None:
                old = spec.read(spec.default)
            if old != new and key != CASE_NAME:
                shown = ["as in the base" if value is None else spec.shown(value) for value in (old, new)]
                lines.append(f"{key} in {where}: {shown[0]} is now {shown[1]}")
    for number in range(max(len(scenario.actuals), len(found.actuals))):
        before_it, after_it = (
            side.actuals[number] if number < len(side.actuals) else None for side in (scenario, found)
        )
        if before_it != after_it:
            lines.append(
                f"month {number + 1} of sheet Actuals: {_month_text(before_it)} is now {_month_text(after_it)}"
            )
    return lines


def _month_text(month: Actual | None) -> str:
    """The typed figures of a month in words: ``gpu_hours 1,450,000, ...``."""
    if month is None:
        return "empty"
    figures = month._asdict().items()
    return ", ".join(f"{key} {'empty' if value is None else f'{value:,.15g}'}" for key, value in figures)
