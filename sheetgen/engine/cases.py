"""The cases of a budget: their inputs read without ever assuming one, and every quantity that is wanted of them.

Keys and units are those of a scenario: counts and tokens as numbers, fractions as 0 to 1, dates as serial numbers of
days, FLOP/s and money as they are, choices as words. All mistakes are collected and reported together.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices
from sheetgen.engine.arithmetic import whole
from sheetgen.engine.graph import ENGINE
from sheetgen.engine.quantity import NUMBER, Kind
from sheetgen.engine.resolver import NoFigureError, Values


def evaluate(cases: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[Values]:
    """The wanted quantities of every case with all that they rest on, whole numbers as integers.

    A quantity that stands among the inputs of the cases is given and not computed; inputs that the wanted ones do not
    rest on are left alone. A division by 0 gives 0, and a check says what is missing.

    Raises:
        InvalidInput: inputs are missing or not what they should be, or a result is beyond the range of a double.
    """
    needed = _needed(cases[0].keys(), wanted)
    problems: list[Problem] = []
    read = [_read_case(case, needed, problems) for case in cases]
    if problems:
        raise InvalidInput(list(dict.fromkeys(problems)))
    try:
        found = ENGINE.evaluate_cases(read, wanted)
    except NoFigureError as error:
        raise InvalidInput([Problem(f"the inputs give a figure that is {error.reason}", key=error.key)]) from error
    beyond = dict.fromkeys(key for values in found for key in _beyond(values))
    if beyond:
        raise InvalidInput([Problem("the inputs give a figure that is beyond a double", key=key) for key in beyond])
    return found


def _needed(given: Collection[str], wanted: Sequence[str]) -> list[str]:
    """The inputs that the wanted quantities rest on, and all that is given of what lies on the way: a move may start
    from any of it."""
    required = ENGINE.rests_on(wanted, given) & ENGINE.inputs
    needed = required | (ENGINE.rests_on(wanted) & set(given))
    return [*(key for key in ENGINE.kinds if key in needed), *sorted(needed - ENGINE.kinds.keys())]


def _read_case(inputs: Mapping[str, Any], needed: Iterable[str], problems: list[Problem]) -> Values:
    """The inputs that are needed; a problem for each that is missing, no finite number, or not among the choices."""
    values: Values = {}
    for key in needed:
        if key not in inputs:
            problems.append(Problem("the input is missing", key=key))
            continue
        values[key], problem = _read(key, inputs[key], ENGINE.kinds.get(key))
        problems += [problem] if problem else []
    return values


def _read(key: str, value: Any, kind: Kind) -> tuple[Any, Problem | None]:
    """The value as the engine computes with it, and what is wrong with it."""
    if kind is None:
        return value, None
    if kind == NUMBER:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return value, Problem("not a finite number", key=key, given=str(value))
        return whole(value), None
    if not isinstance(value, str):
        return value, Problem("not a word", key=key, given=str(value))
    if isinstance(kind, tuple) and value not in kind:
        hint, allowed = did_you_mean(value, kind), list_choices(kind)
        return value, Problem(f"not a known choice{hint}", key=key, given=value, allowed=allowed)
    return value, None


def _finite(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _beyond(values: Values) -> Iterator[str]:
    """The quantities that are beyond a double where nothing that they rest on is."""
    beyond = {key for key, value in values.items() if not _finite(value)}
    for key in ENGINE.order if beyond else ():
        if key in beyond and beyond.isdisjoint(ENGINE.explain(key).needs):
            yield key


def flat(values: Values) -> dict[str, float | int | str]:
    """The quantities that have a row of their own, by key: of a month, year, rank or stage ``accrued:3``; a stage that
    there is room for and that is not used has 0."""
    found: dict[str, float | int | str] = {}
    for key, value in values.items():
        item = ENGINE.quantities.get(key)
        if item is None or item.helper:
            continue
        if item.over is None:
            found[key] = value
        else:
            unused = (0,) * (int(values["stage_rows"]) - len(value)) if item.over == "stages" else ()
            found |= {f"{key}:{number}": amount for number, amount in enumerate((*value, *unused), start=1)}
    return found
