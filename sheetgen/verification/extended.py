"""The engine with what extensions add: functions of their packages, and rows of theirs that have none.

A row with a function is compared with it. One without is recomputed by the evaluator alone, and said to be so; in the
engine its formula stands for it, so that totals that take it in are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices
from sheetgen.base.extensions import Extension
from sheetgen.base.templates import Templates
from sheetgen.engine import ENGINE, by_layout, shown
from sheetgen.engine.quantity import Quantity, collect
from sheetgen.engine.resolver import Engine, GraphError
from sheetgen.scenario.model import Scenario
from sheetgen.verification.formula_value import computable, value_of
from sheetgen.workbook.blocks.table import Table
from sheetgen.workbook.definitions import Definitions, SheetTemplate
from sheetgen.workbook.formula import Expr, names
from sheetgen.workbook.template import Row


class Extended(NamedTuple):
    """An engine, the quantities that extensions add to it, and the keys of rows of theirs that it does not compute."""

    engine: Engine
    own: tuple[Quantity, ...] = ()
    recomputed: tuple[str, ...] = ()


def extended(templates: Templates) -> Extended:
    """The engine for some templates.

    Raises InvalidInput for a module that cannot be imported, a function whose key another has, or that does not fit its
    row.
    """
    if not templates.extensions:
        return Extended(ENGINE)
    return templates.made("engine", _extended)


def engine_of(scenario: Scenario) -> Engine:
    """The engine for the workbook of a scenario."""
    engine = extended(scenario.templates).engine
    return by_layout(engine) if "layout" in scenario.sheets else engine


def shown_of(scenario: Scenario) -> tuple[Quantity, ...]:
    """The quantities that have a row of their own in the workbook of a scenario; checks come last."""
    found = extended(scenario.templates)
    if not found.own:
        return shown(scenario.sheets)
    rows = _rows_shown(scenario)
    items = (*shown(scenario.sheets), *(item for item in found.own if item.key in rows))
    return tuple(sorted(items, key=lambda item: item.unit == "status"))


def recomputed_in(scenario: Scenario) -> tuple[str, ...]:
    """The keys of the rows in the workbook of a scenario that are recomputed and compared with nothing; and the tables
    of extensions with such formulas, each by its sheet and title."""
    templates = scenario.templates
    if not templates.own:
        return ()
    rows = _rows_shown(scenario)
    tables = (
        block.entries.where
        for sheet in _sheets_shown(scenario)
        for block in sheet.blocks_for(scenario)
        if isinstance(block, Table) and not block.is_compared and templates.is_own(block.entries.origin)
    )
    return (*(key for key in extended(templates).recomputed if key in rows), *tables)


def _sheets_shown(scenario: Scenario) -> Iterator[SheetTemplate]:
    asked = {None, *scenario.sheets}
    return (sheet for sheet in Definitions.of(scenario.templates).sheets if sheet.optional in asked)


def _rows_shown(scenario: Scenario) -> set[str]:
    """The keys of the rows that extensions add to the workbook of a scenario, helpers left out."""
    asked = {None, *scenario.sheets}
    return {
        row.key
        for sheet in _sheets_shown(scenario)
        for block in sheet.blocks_for(scenario)
        for row in (*block.rows(), *block.series())
        if row.sheet in asked and not row.helper and scenario.templates.is_own(row.origin)
    }


def _extended(templates: Templates) -> Extended:
    from sheetgen.workbook.own_check import checked  # reads YAML: a twentieth of a verify without extensions

    definitions = Definitions.of(checked(templates))
    rows = {**definitions.rows, **definitions.series}
    own = {key: row for key, row in rows.items() if templates.is_own(row.origin)}
    functions = _functions(templates.extensions)
    for item, title in functions.values():
        _check_fit(item, title, own, rows)
    standing = _standing_in(definitions, own, functions)
    known = {*ENGINE.quantities, *ENGINE.inputs, *definitions.inputs, *own, *functions}
    for item, title in functions.values():
        _check_needs(item, title, known)
    needed = {need for item, _ in functions.values() for need in map(ENGINE.own, item.needs)}
    needed |= {key for key, row in own.items() if row.counted_with}
    lost = [key for key in own if key in needed and key not in functions and key not in standing]
    if lost:
        message = (
            "a figure of the budget rests on it, so that it needs a function of the same key: its formula looks up"
        )
        raise InvalidInput([_at(templates, own[key], f"row {key}: {message} more than single values") for key in lost])
    added = (*(item for item, _ in functions.values()), *standing.values())
    try:
        engine = ENGINE.extended(added)
        assert engine.order
    except GraphError as error:
        titles = list_choices(extension.title for extension in templates.extensions)
        raise InvalidInput([Problem(f"{titles}: {error}")]) from error
    recomputed = tuple(key for key, row in own.items() if key not in functions and not row.helper)
    return Extended(engine, tuple(item for item in added if not item.helper), recomputed)


def _at(templates: Templates, row: Row, message: str) -> Problem:
    file = next(file for file in templates.own if id(row.origin) in file.lines)
    return file.problem(message, row.origin)


def _functions(extensions: Iterable[Extension]) -> dict[str, tuple[Quantity, str]]:
    """The quantities that packages give, by key, each with the title of its package."""
    found: dict[str, tuple[Quantity, str]] = {}
    problems: list[Problem] = []
    for extension in extensions:
        for name in extension.quantities:
            try:
                items = collect(import_module(name))
            except Exception as error:  # a stranger's module may raise anything
                said = f"{type(error).__name__}: {error}"
                problems.append(Problem(f"{extension.title}: its module cannot be imported: {said}", key=name))
                continue
            for item in items:
                if item.function is not None and item.function.__module__.startswith("sheetgen."):
                    continue  # imported there, for its own ends
                taken = "sheetgen" if item.key in ENGINE.quantities else found.get(item.key, (None, ""))[1]
                if taken:
                    message = f"{extension.title}: gives a quantity that {taken} has already"
                    problems.append(Problem(message, name, key=item.key))
                else:
                    found[item.key] = (item, extension.title)
    if problems:
        raise InvalidInput(problems)
    return found


def _check_fit(item: Quantity, title: str, own: Mapping[str, Row], rows: Mapping[str, Row]) -> None:
    """Raise InvalidInput where function and row do not say the same of a quantity."""
    row = own.get(item.key)
    where = "" if item.function is None else item.function.__module__
    if row is None:
        if item.helper and item.key not in rows:
            return
        message = f"{title}: gives a quantity that has no row in its templates, and is no helper"
    elif row.unit != item.unit:
        message = f"{title}: the unit is {item.unit}, the row says {row.unit}"
    elif row.counted_with != item.counted_with:
        message = (
            f"{title}: counted with {item.counted_with or 'nothing'}, the row says {row.counted_with or 'nothing'}"
        )
    else:
        return
    raise InvalidInput([Problem(message, where, key=item.key)])


def _check_needs(item: Quantity, title: str, known: Collection[str]) -> None:
    """Raise InvalidInput where a function has a parameter that is no key."""
    lost = [need for need in map(ENGINE.own, item.needs) if need not in known]
    if lost:
        where = "" if item.function is None else item.function.__module__
        hint = did_you_mean(lost[0], known)
        raise InvalidInput([Problem(f"{title}: rests on {lost[0]!r}, which is no key{hint}", where, key=item.key)])


def _standing_in(
    definitions: Definitions, own: Mapping[str, Row], functions: Mapping[str, object]
) -> dict[str, Quantity]:
    """For each row that no function gives, a quantity by its formula, as far as it is one of single values."""
    constants = {key: constant.value for key, constant in definitions.constants.items()}
    known = {*ENGINE.quantities, *ENGINE.inputs, *definitions.inputs, *functions, *constants}
    found: dict[str, Quantity] = {}
    for key, row in own.items():
        if key in functions or key in definitions.series or not computable(row.formula):
            continue
        if not set(names(row.formula)) <= known | found.keys():
            continue
        needs = tuple(name for name in names(row.formula) if name not in constants)
        found[key] = Quantity(
            key, _by_formula(row.formula, needs, constants), needs, row.unit, row.source or "identity", row.label,
            row.helper, counted_with=row.counted_with,
        )  # fmt: skip
    return found


def _by_formula(formula: Expr, needs: tuple[str, ...], constants: Mapping[str, float]) -> Callable[..., Any]:
    """A formula as a function of the keys that it names."""

    def compute(*values: Any) -> Any:
        return value_of(formula, {**constants, **dict(zip(needs, values, strict=True))})

    return compute
