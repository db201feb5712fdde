"""The resolver: which quantity rests on which, in what order they are computed, and what a change moves.

One :class:`Engine` serves a budget, a sensitivity cell, a swing, a verification with inputs moved and a sweep of a
million points: they differ in what is set and what is wanted. The idea is that of Apache Hamilton (a function is a
node, its parameters are the edges) and OpenFisca (unit, source and formula of a variable in one place).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from sheetgen.engine.quantity import TEXT, Kind, Quantity

Values = dict[str, Any]
OVER_CASES = ("across_", "chosen_", "reference_")
MAX_PLANS = 256


class GraphError(ValueError):
    """Quantities that cannot be put into an order; the message names the keys."""


class NoFigureError(ArithmeticError):
    """A quantity that has no figure, because its inputs lead beyond a double; ``key`` is its own."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{reason}: {key}")
        self.key = key
        self.reason = reason


class Step(NamedTuple):
    """One computation: where its value goes, the function, and how its arguments are taken from the values."""

    key: str
    compute: Callable[..., Any]
    arguments: Callable[[Mapping[str, Any]], Any]
    single: bool


class Explanation(NamedTuple):
    """What a key is, and what it rests on; an input has neither function nor unit here."""

    key: str
    quantity: Quantity | None
    needs: tuple[str, ...]


def plain(name: str) -> str:
    """``total_cost`` for ``across_total_cost``: the key whose values a parameter takes from other cases; else ''."""
    prefix, _, key = name.partition("_")
    return key if f"{prefix}_" in OVER_CASES else ""


class Engine:
    """Quantities in order. Raises GraphError when a key is given twice, and when it is first asked for a value where
    quantities rest on each other in a circle."""

    def __init__(self, quantities: Iterable[Quantity]) -> None:
        self.quantities: dict[str, Quantity] = {}
        for item in quantities:
            if item.key in self.quantities:
                raise GraphError(f"{item.key}: two functions give it")
            self.quantities[item.key] = item
        self._plans: dict[tuple[bool, frozenset[str], tuple[str, ...] | None], tuple[Step, ...]] = {}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The keys of all quantities, each behind what it rests on."""
        found: dict[str, None] = {}
        path: list[str] = []

        def visit(key: str) -> None:
            if key in found or key not in self.quantities:
                return
            if key in path:
                raise GraphError(f"rest on each other: {', '.join((*path[path.index(key) :], key))}")
            path.append(key)
            for need in self._needs[key]:
                visit(need)
            found[path.pop()] = None

        for key in self.quantities:
            visit(key)
        return tuple(found)

    @cached_property
    def inputs(self) -> frozenset[str]:
        """What quantities rest on and no function gives."""
        return frozenset(need for needs in self._needs.values() for need in needs) - self.quantities.keys()

    @cached_property
    def _needs(self) -> dict[str, tuple[str, ...]]:
        """What each quantity rests on: its parameters, and the number of the case that one of them looks at."""
        found = {}
        for key, item in self.quantities.items():
            reached = {need.partition("_")[0] for need in item.needs if self.own(need) != need} - {"across"}
            found[key] = (*map(self.own, item.needs), *(f"{prefix}_case_number" for prefix in sorted(reached)))
        return found

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(self.quantities) | {need for item in self.quantities.values() for need in item.needs}

    def own(self, name: str) -> str:
        """The key that a parameter rests on, in this case or in others."""
        if name in self.quantities or not name.startswith(OVER_CASES):
            return name
        key = plain(name)
        return key if key in self._named or name.startswith("across_") else name

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """What each input may hold, where one function takes any text and one a choice, the choice. Raises GraphError
        where two do not say the same."""
        found: dict[str, Kind] = {}
        for item in self.quantities.values():
            for need, kind in zip(map(self.own, item.needs), item.kinds, strict=False):
                known = found.get(need)
                if need not in self.inputs or kind is None or (kind == TEXT and isinstance(known, tuple)):
                    continue
                found[need] = kind
                if known not in {None, kind} and not (known == TEXT and isinstance(kind, tuple)):
                    raise GraphError(f"{need}: {item.key} takes {kind}, another takes {known}")
        return found

    def rests_on(self, wanted: Iterable[str], given: Iterable[str] = ()) -> frozenset[str]:
        """Every key, inputs included, that the wanted ones rest on, themselves included; what is given rests on
        nothing."""
        found: set[str] = set()
        known = set(given)
        open_keys = list(wanted)
        while open_keys:
            key = open_keys.pop()
            if key not in found:
                found.add(key)
                open_keys += () if key in known else self._needs.get(key, ())
        return frozenset(found)

    def moved_by(self, changes: Iterable[str]) -> frozenset[str]:
        """Every quantity that rests on a changed input or quantity; a changed quantity is set and not computed."""
        changed = set(changes)
        found = set(changed)
        for key in self.order:
            if key not in changed and not found.isdisjoint(self._needs[key]):
                found.add(key)
        return frozenset(found - changed)

    def steps(
        self, wanted: Sequence[str] | None = None, given: Iterable[str] = (), *, moved: bool = False
    ) -> tuple[Step, ...]:
        """The computations that lead to the wanted quantities (all where None) from what is given beside the inputs;
        where something is ``moved``, only those that rest on what is given."""
        place = moved, frozenset(given), None if wanted is None else tuple(wanted)
        known = self._plans.get(place)
        if known is None:
            given = place[1]
            keys = self.rests_on(self.order if wanted is None else wanted, given) - given
            if moved:
                keys &= self.moved_by(given)
            known = tuple(self._step(key) for key in self.order if key in keys)
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            self._plans[place] = known
        return known

    def _step(self, key: str) -> Step:
        item = self.quantities[key]
        if not item.needs:
            return Step(key, item.compute, lambda values: (), False)  # noqa: ARG005 - takes nothing from the values
        return Step(key, item.compute, itemgetter(*item.needs), len(item.needs) == 1)

    def evaluate(self, inputs: Mapping[str, Any], wanted: Sequence[str] | None = None) -> Values:
        """The inputs, and every quantity that the wanted ones rest on (all where None), of one case.

        A quantity that stands among the inputs is given and not computed. Raises KeyError for an input that is missing,
        NoFigureError for a quantity beyond a double.
        """
        return self.evaluate_cases([inputs], wanted)[0]

    def moved(self, values: Mapping[str, Any], changes: Mapping[str, Any], wanted: Sequence[str]) -> Values:
        """The wanted quantities with inputs or quantities set otherwise, all else as in ``values``."""
        found = {**values, **changes}
        run(self.steps(wanted, changes, moved=True), found)
        return {key: found[key] for key in wanted}

    def evaluate_cases(self, cases: Sequence[Mapping[str, Any]], wanted: Sequence[str] | None = None) -> list[Values]:
        """As :meth:`evaluate`, of all cases at once, quantity by quantity, so that one may look at the others."""
        found = [dict(inputs) for inputs in cases]
        given = self.quantities.keys() & (found[0].keys() if found else ())
        alone: list[Step] = []
        for step in self.steps(wanted, given):
            others = [name for name in self.quantities[step.key].needs if self.own(name) != name]
            if not others:
                alone.append(step)
                continue
            for values in found:
                run(alone, values)
            alone.clear()
            for values, seen in zip(found, [_seen(others, values, found) for values in found], strict=True):
                looking = {**values, **seen}
                run((step,), looking)
                values[step.key] = looking[step.key]
        for values in found:
            run(alone, values)
        return found

    def explain(self, key: str) -> Explanation:
        """What a key is and rests on. Raises KeyError for one that is neither quantity nor input."""
        if key not in self.quantities and key not in self.inputs:
            raise KeyError(key)
        return Explanation(key, self.quantities.get(key), self._needs.get(key, ()))


def run(steps: Iterable[Step], values: Values) -> None:
    """Compute steps in order into ``values``. Raises NoFigureError for one whose figure is beyond a double."""
    key = ""
    try:
        for key, compute, arguments, single in steps:
            values[key] = compute(arguments(values)) if single else compute(*arguments(values))
    except OverflowError as error:
        raise NoFigureError(key, "beyond a double") from error
    except ValueError as error:  # NaN, from infinite steps on the way, has no whole number of days
        raise NoFigureError(key, "no finite figure") from error


def _seen(names: Iterable[str], own: Values, cases: Sequence[Values]) -> Values:
    """What prefixed parameters stand for in one case."""
    found: Values = {}
    for name in names:
        prefix, _, key = name.partition("_")
        if prefix == "across":
            found[name] = tuple(values[key] for values in cases)
        else:
            found[name] = cases[int(own[f"{prefix}_case_number"]) - 1][key]
    return found
