"""The inputs of a workbook that are not those of the scenario, or not those that it was built with, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sheetgen.base.inputs import CASE_NAME
from sheetgen.scenario.model import Actual, Scenario


class Change(NamedTuple):
    """An input that is another one: its key, whose it is, and both values as a reader writes them."""

    key: str
    where: str
    before: str
    after: str


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
    pairs = [(index, index) for index in range(min(len(scenario.cases), len(found.cases)))]
    lines += [
        f"{item.key} in {item.where}: {item.before} is now {item.after}" for item in changes(scenario, found, pairs)
    ]
    for number in range(max(len(scenario.actuals), len(found.actuals))):
        before_it, after_it = (
            side.actuals[number] if number < len(side.actuals) else None for side in (scenario, found)
        )
        if before_it != after_it:
            lines.append(
                f"month {number + 1} of sheet Actuals: {_month_text(before_it)} is now {_month_text(after_it)}"
            )
    return lines


def changes(before: Scenario, after: Scenario, pairs: Iterable[tuple[int, int]]) -> Iterator[Change]:
    """Every input that is another one in two scenarios whose cases are paired by number."""
    sides = [("every case", before.values, after.values, True)]
    sides += [
        (f"case {after.cases[new].name}", before.cases[old].values, after.cases[new].values, old == new == 0)
        for old, new in pairs
    ]
    for where, one, other, whole in sides:
        for key, spec in after.fields.items():
            old, new = one.get(key), other.get(key)
            if whole and spec.sheet is not None and spec.default is not None:
                default = spec.read(spec.default)
                old, new = default if old is None else old, default if new is None else new
            if old != new and key != CASE_NAME:
                shown = ["as in the base" if value is None else spec.shown(value) for value in (old, new)]
                yield Change(key, where, *shown)


def _month_text(month: Actual | None) -> str:
    """The typed figures of a month in words: ``gpu_hours 1,450,000, ...``."""
    if month is None:
        return "empty"
    figures = month._asdict().items()
    return ", ".join(f"{key} {'empty' if value is None else f'{value:,.15g}'}" for key, value in figures)
