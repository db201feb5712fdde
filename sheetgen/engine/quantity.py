"""A quantity is a function: its name is its key, its parameters are the keys that it rests on.

Unit and source stand beside it, its docstring says what it is, and nothing else says it again::

    @quantity("GPU*h", source="identity")
    def gpu_hours(elapsed_seconds: Number, gpus: Number) -> Number:
        \"\"\"Accelerator-hours of the run, productive or not.\"\"\"
        return elapsed_seconds / SECONDS_PER_HOUR * gpus

A parameter that no function gives is an input, and its annotation says what it may hold: ``Number``, ``str``, or a
``Literal`` of choices that has a name in the module. Prefixes of a parameter reach over the cases of a scenario:
``across_x`` is the tuple of x in all cases, ``chosen_x`` and ``reference_x`` are x in the case whose number is
``chosen_case_number`` or ``reference_case_number``. A quantity ``over`` months or years is a tuple, one figure each.
:mod:`sheetgen.engine.resolver` collects, orders and computes; a family is the same function bound to other keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from types import CodeType, ModuleType
from typing import Any

OK, REVIEW, FAIL = "OK", "REVIEW", "FAIL"
NUMBER, TEXT = "number", "text"
Kind = str | tuple[str, ...] | None
"""What a parameter holds: a number, any text, one of some choices; None where it is a table or a tuple."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A function with its key, the keys that it rests on, unit and source; called, it computes.

    ``kinds`` say what each of ``needs`` may hold, ``function`` is where the definition stands. ``helper`` is a step
    without a row in the workbook; ``over`` is ``months`` or ``years`` where the value is a tuple with one figure for
    each.
    """

    key: str
    compute: Callable[..., Any]
    needs: tuple[str, ...]
    unit: str
    source: str
    doc: str
    helper: bool = False
    over: str | None = None
    kinds: tuple[Kind, ...] = ()
    function: Callable[..., Any] | None = None

    @property
    def text(self) -> str:
        """What it is: the docstring of its function, without indentation."""
        return "\n".join(line.strip() for line in self.doc.strip().splitlines())

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """What the function gives."""
        return self.compute(*arguments, **keywords)


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    code: CodeType = function.__code__
    return code.co_varnames[: code.co_argcount]


def _kinds(function: Callable[..., Any]) -> tuple[Kind, ...]:
    """What the annotations of a function's parameters say that they hold."""
    notes, names = function.__annotations__, function.__globals__

    def kind(note: object) -> Kind:
        if note in {"Number", "int", "float", int, float}:
            return NUMBER
        if note in {"str", str}:
            return TEXT
        words = getattr(names.get(note) if isinstance(note, str) else note, "__args__", ())
        return words if words and all(isinstance(word, str) for word in words) else None

    return tuple(kind(notes.get(name)) for name in _parameters(function))


def quantity(
    unit: str, source: str = "identity", *, key: str = "", helper: bool = False, over: str | None = None, **names: str
) -> Callable[[Callable[..., Any]], Quantity]:
    """Make a quantity of a function.

    Args:
        unit: of the value, as ``templates`` write it.
        source: the key of a source in ``templates/sources.yaml``, or ``identity``.
        key: of the quantity where it is not the function's name: a member of a family.
        helper: a step that has no row in the workbook.
        over: ``months`` or ``years`` where the value is a tuple with one figure for each.
        names: the key that a parameter stands for, where it is not the parameter's name.
    """

    def made(function: Callable[..., Any]) -> Quantity:
        needs = tuple(names.get(name, name) for name in _parameters(function))
        own, doc = key or function.__name__, function.__doc__ or ""
        return Quantity(own, function, needs, unit, source, doc, helper, over, _kinds(function), function)

    return made


def check(otherwise: str, source: str = "identity", **names: str) -> Callable[[Callable[..., bool]], Quantity]:
    """Make a check of a function, named ``check_`` and what it looks at, that says whether something holds.

    Its value is ``OK``, or ``otherwise`` where it does not hold: FAIL where figures contradict each other or are
    impossible, REVIEW where a person should look. ``names`` are as in :func:`quantity`.
    """

    def made(holds: Callable[..., bool]) -> Quantity:
        def status(*values: Any) -> str:
            return OK if holds(*values) else otherwise

        needs = tuple(names.get(name, name) for name in _parameters(holds))
        doc = holds.__doc__ or ""
        return Quantity(holds.__name__, status, needs, "status", source, doc, kinds=_kinds(holds), function=holds)

    return made


def part(record: Quantity, name: str, key: str, unit: str, text: str = "", source: str = "") -> Quantity:
    """The quantity ``key`` that is one field of a helper whose value is a record; text and source are the record's
    where none are given."""
    text = text or record.text.partition("\n")[0]
    return Quantity(key, attrgetter(name), (record.key,), unit, source or record.source, text)


def look_up(
    key: str, by: str, of: str, among: Iterable[str], unit: str, text: str, *, helper: bool = False
) -> Quantity:
    """The quantity that is one member of a family, chosen by an input: ``of`` holds ``{}`` for the choice."""
    choices = tuple(among)
    places = {choice: place for place, choice in enumerate(choices)}

    def chosen(choice: str, *members: Any) -> Any:
        return members[places[choice]]

    needs = (by, *(of.format(choice) for choice in choices))
    kinds = (choices, *(None for _ in choices))
    return Quantity(key, chosen, needs, unit, "identity", text, helper, kinds=kinds)


def collect(*modules: ModuleType) -> tuple[Quantity, ...]:
    """Every quantity that the modules define, in the order of their definition: as names of the module, or in tuples
    of quantities (families)."""
    found: list[Quantity] = []
    for module in modules:
        for name, value in vars(module).items():
            if name.startswith("__"):
                continue
            if isinstance(value, Quantity):
                found.append(value)
            elif isinstance(value, tuple):
                found += [item for item in value if isinstance(item, Quantity)]
    return tuple(dict.fromkeys(found))
