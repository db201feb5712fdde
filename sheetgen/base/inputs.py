"""The inputs of a budget: one :class:`Field` for each row of ``templates/inputs.yaml``.

The same row gives a key of the scenario file, its type and allowed range, the row of the Inputs sheet with its
validation, and what ``verify`` reads back. Dates are held as Excel serial numbers, percentages as fractions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.numbers import excel_serial, from_serial, parse_date, parse_number, parse_quantity
from sheetgen.base.resources import AFTER
from sheetgen.base.templates import TemplateError, Templates, packaged
from sheetgen.base.units import WRITTEN_UNITS

Value = float | int | str
Kind = Literal["number", "integer", "choice", "text", "date"]

MIN_DATE = "1990-01-01"
MAX_DATE = "2099-12-31"
CASE_NAME, ACCELERATORS, SAID_OF_MODEL = "case_name", "accelerator", "said of model"
RUNTIME_CHOICES = {CASE_NAME: "the name of a case", ACCELERATORS: "a key of `sheetgen gpus`"}
"""Lists of choices that the scenario and the catalogue give, and not ``choices.yaml``; and what they hold, in words."""
RENAMED = {"type": "kind", "min": "minimum", "max": "maximum"}
"""What a word of a row is called here."""


class Option(NamedTuple):
    """One choice of a dropdown: the value as typed, what it means, and the source of the definition.

    ``also`` are the other words by which a file may write it, in whatever case; ``input`` is the input that it makes
    the one that counts; ``exact`` says when counts by it are exact (see :mod:`sheetgen.workbook.cells`). ``sheet`` is
    the optional sheet without which it is not offered; ``decimals`` are those of a currency.
    """

    value: str
    meaning: str
    source: str | None = None
    also: tuple[str, ...] = ()
    input: str | None = None
    exact: str | None = None
    sheet: str | None = None
    decimals: int = 2

    def is_with(self, sheets: Collection[str]) -> bool:
        """Whether a workbook with these optional sheets offers it."""
        return self.sheet is None or self.sheet in sheets


class Whole(NamedTuple):
    """An input without which others say nothing: where it is 0 or not given, or where it is not the ``word``."""

    key: str
    word: str | None = None

    def is_in(self, values: Mapping[str, Value]) -> bool:
        """Whether a model of these values has it."""
        value = values.get(self.key)
        return bool(value) if self.word is None else value == self.word

    def __str__(self) -> str:
        """What a model needs to have, for a message."""
        return f"{self.key}: {self.word or '1 or more'}"


class Field(NamedTuple):
    """One input. ``scope`` is ``scenario`` (one value) or ``case`` (may differ in every case).

    ``sheet`` is the optional sheet (``offers``) that alone has it; ``of`` is ``model`` where it is a key of the model's
    architecture, ``said of model`` where it says something else of it, ``price`` where a named price gives it. What
    calculations read is ``in_cases``: in force in each case. ``workload`` (``text``, ``vision``) alone has it; one that
    is ``needed`` is never 0 in it. ``combine`` is ``first`` where, of several scenarios in one workbook, the first
    gives it. ``example`` is what a starter scenario writes; ``shape`` says what ``pattern`` asks for, in words;
    ``aliases`` are older keys that may still be used. ``part_of`` is what a model must have for it to say anything;
    ``short`` the letters that a line of several inputs calls it by; ``listed`` the choices of its dropdown; ``usual``
    the band beyond which somebody should look, for a slip; ``filled`` ones may be taken from published runs.
    """

    key: str
    label: str
    kind: Kind
    unit: str
    section: str
    scope: str = "case"
    minimum: float | None = None
    maximum: float | None = None
    choices: str | None = None
    pattern: str | None = None
    default: str | None = None
    source: str | None = None
    help: str = ""
    format: str | None = None
    sheet: str | None = None
    of: str | None = None
    in_cases: bool = True
    workload: str | None = None
    needed: float | None = None
    combine: str | None = None
    example: str | None = None
    shape: str | None = None
    aliases: tuple[str, ...] = ()
    part_of: Whole | None = None
    short: str = ""
    listed: tuple[Option, ...] = ()
    usual: tuple[float, float] | None = None
    filled: bool = False

    @property
    def is_of_model(self) -> bool:
        """Whether the input describes the model: a key of its architecture, or what is said of it beside that."""
        return self.of in {"model", SAID_OF_MODEL}

    @property
    def names_case(self) -> bool:
        """Whether the input names one of the scenario's cases."""
        return self.choices == CASE_NAME

    @property
    def is_number(self) -> bool:
        """Whether the cell holds a number: number, integer or date."""
        return self.kind in {"number", "integer", "date"}

    @property
    def as_needed(self) -> Field:
        """The same where there is something of it: with the least of ``needed`` as its minimum."""
        return self if self.needed is None else self._replace(minimum=self.needed)

    @property
    def absent(self) -> Value:
        """What an undisclosed architecture holds: no layers, no vectors, no biases."""
        if self.default is not None:
            return self.read(self.default)
        return 0 if self.is_number else "no" if self.choices == "yes_no" else "none"

    def is_unusual(self, value: Value) -> bool:
        """Whether a figure is beyond what is usual for it; 0 says that there is none of it."""
        if self.usual is None or isinstance(value, str) or value == 0:
            return False
        return not self.usual[0] <= value <= self.usual[1]

    def percent_hint(self, text: str, value: Value) -> str:
        """A question for who wrote 41 where 41% is meant, else an empty text."""
        fits = self.unit == "fraction" and not isinstance(value, str) and self.complaint(value / 100) is None
        return f"; did you mean {text.strip()}%?" if fits and "%" not in text else ""

    def read(self, text: str) -> Value:
        """The value of a scenario's text. Raises ValueError with a reason that says what is allowed."""
        if self.kind == "date":
            return excel_serial(parse_date(text))
        if self.kind == "choice" and self.choices is not None:
            return {word: option.value for option in self.listed for word in option.also}.get(text.lower(), text)
        if self.kind == "text":
            return text
        units = WRITTEN_UNITS.get(self.unit)
        return parse_quantity(text, units) if units else parse_number(text)

    def value(self, text: str, choices: Iterable[str] | None = None) -> Value:
        """The checked value of a text; ``choices`` are those of a list that ``choices.yaml`` does not have.

        Raises ValueError with what is wrong; :meth:`allowed_of` says what is allowed.
        """
        if not text.strip():
            raise ValueError("has no value")
        value = self.read(text)
        complaint = self.complaint(value)
        if complaint is not None:
            raise ValueError(complaint + self.percent_hint(text, value))
        words = self.choices_of(choices)
        if words and value not in words:
            raise ValueError(f"is not one of the choices{did_you_mean(str(value), words)}")
        return value

    def choices_of(self, choices: Iterable[str] | None = None) -> list[str]:
        """The words of a dropdown: those given, or of ``choices.yaml``; none where any text may stand."""
        if choices is not None:
            return list(choices)
        return [option.value for option in self.listed if self.complaint(option.value) is None]

    def allowed_of(self, choices: Iterable[str] | None = None) -> str:
        """What is allowed, in words: the choices if there are any, else the range."""
        words = self.choices_of(choices)
        if words or self.choices is not None:
            return list_choices(words) or RUNTIME_CHOICES[str(self.choices)]
        return f"{self.allowed}, {self.shape}" if self.shape else self.allowed

    def complaint(self, value: object) -> str | None:
        """Why the value is not allowed, or None. Membership in a dropdown is the caller's to decide."""
        if not self.is_number:
            if not isinstance(value, str):
                return "must be text"
            if self.maximum is not None and len(value) > self.maximum:
                return f"is longer than {self.maximum:.0f} characters"
            if self.kind == "text" and not value.strip():
                return "is empty"
            if not value.isprintable():
                return "holds control characters or line breaks"
            if self.pattern and not re.fullmatch(self.pattern, value):
                return f"does not match {self.pattern}"
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return "must be a number"
        if self.kind != "number" and value != int(value):
            return "must be a whole number" if self.kind == "integer" else "must be a whole day"
        if self.minimum is not None and value < self.minimum:
            return "is too small"
        if self.maximum is not None and value > self.maximum:
            return "is too large"
        return None

    def cut(self, value: Value) -> Value:
        """A text cut to the length that is allowed; another value as it is."""
        return value[: int(self.maximum)] if isinstance(value, str) and self.maximum is not None else value

    @property
    def allowed(self) -> str:
        """The allowed range in words, for messages and prompts."""
        if self.kind == "date":
            return f"a date from {MIN_DATE} to {MAX_DATE}, written YYYY-MM-DD"
        if not self.is_number:
            return "text" if self.maximum is None else f"text of at most {self.maximum:.0f} characters"
        low, high = (self.shown(bound) for bound in (self.minimum or 0, self.maximum or 0))
        return f"{'a whole number' if self.kind == 'integer' else 'a number'} from {low} to {high}"

    def shown(self, value: Value) -> str:
        """The value as a message shows it: a date as ISO, a fraction as a percentage."""
        if isinstance(value, str):
            return value
        if self.kind == "date":
            try:
                return from_serial(value).isoformat()
            except ValueError:
                return f"{value:g}"  # no day: what somebody typed into a workbook
        if self.unit == "fraction":
            return f"{round(value * 100, 10):g}%"
        return f"{int(value):,}" if value == int(value) and abs(value) < 1e15 else f"{value:g}"


class Constant(NamedTuple):
    """One fixed number of the Inputs sheet, with its unit and source."""

    key: str
    label: str
    unit: str
    value: float
    source: str
    sheet: str | None = None


def inputs_of(templates: Templates) -> Mapping[str, Field]:
    """Every input of some templates by key, in the order in which they are typed."""
    return templates.made("inputs", _read_fields)


def _read_fields(templates: Templates) -> dict[str, Field]:
    sections = templates.data("inputs")["sections"]
    rows = ((row, section) for section in sections for row in section.get("inputs", ()))
    return {row["key"]: read_field(row, section, templates) for row, section in rows}


def read_field(row: Mapping[str, Any], section: Mapping[str, Any], templates: Templates) -> Field:
    """The input of a row in a section. Raises TemplateError for an entry that a row does not have, or lacks."""
    values = {RENAMED.get(name, name): value for name, value in row.items() if name != AFTER}
    for name in {"default", "example"} & set(values):
        values[name] = str(values[name])
    if row.get("type") == "date":
        values |= {"minimum": excel_serial(parse_date(MIN_DATE)), "maximum": excel_serial(parse_date(MAX_DATE))}
    values.setdefault("unit", "date" if row.get("type") == "date" else "text")
    values["aliases"] = tuple(values.get("aliases", ()))
    if "usual" in values:
        values["usual"] = usual = tuple(values["usual"])
        if len(usual) != 2 or not all(isinstance(bound, (int, float)) for bound in usual) or usual[0] > usual[1]:
            raise TemplateError(f"Inputs, row {row.get('key', row)}: usual is [low, high]", row)
    if "part_of" in values:
        whole = values["part_of"]
        values["part_of"] = Whole(*next(iter(whole.items()))) if isinstance(whole, dict) else Whole(whole)
    values = {name: section[name] for name in ("sheet", "of", "in_cases") if name in section} | values
    if "choices" in values and values["choices"] not in RUNTIME_CHOICES:
        if values["choices"] not in templates.lists("choices"):
            raise TemplateError(f"Inputs, row {row.get('key', row)}: choices names no list of choices.yaml", row)
        values["listed"] = options_of(templates, values["choices"])
    unknown, missing = values.keys() - set(Field._fields), {"key", "label", "kind"} - values.keys()
    if unknown or missing:
        where = f"Inputs, row {row.get('key', row)}"
        raise TemplateError(f"{where}: unknown {sorted(unknown)}, missing {sorted(missing)}", row)
    return Field(**values, section=section["title"])


def constants_of(templates: Templates) -> Mapping[str, Constant]:
    """Every constant of some templates by key, in the order in which they stand."""
    return templates.made("constants", _read_constants)


def _read_constants(templates: Templates) -> dict[str, Constant]:
    sections = templates.data("inputs")["sections"]
    return {row["key"]: _constant(row) for section in sections for row in section.get("constants", ())}


def _constant(row: Mapping[str, Any]) -> Constant:
    """The constant of a row. Raises TemplateError for an entry that a row does not have, or lacks."""
    try:
        return Constant(**{name: value for name, value in row.items() if name != AFTER})
    except TypeError as error:
        raise TemplateError(f"Inputs, constant {row.get('key', row)}: {error}", row) from error


def options_of(templates: Templates, name: str) -> tuple[Option, ...]:
    """The choices of a dropdown of some templates. Raises KeyError where there is none of this name."""
    rows = templates.lists("choices")[name]["options"]
    return tuple(Option(**(row | {"value": str(row["value"]), "also": tuple(row.get("also", ()))})) for row in rows)


def fields_with(templates: Templates, sheets: Collection[str]) -> Mapping[str, Field]:
    """The inputs that a workbook with these optional sheets has, by key, each with the choices that it then offers."""
    found = {key: spec for key, spec in inputs_of(templates).items() if spec.sheet is None or spec.sheet in sheets}
    for key, spec in found.items():
        if not all(option.is_with(sheets) for option in spec.listed):
            found[key] = spec._replace(listed=tuple(option for option in spec.listed if option.is_with(sheets)))
    return found


def fields() -> Mapping[str, Field]:
    """Every input of the package by key, in the order of the Inputs sheet."""
    return inputs_of(packaged())


def constants() -> Mapping[str, Constant]:
    """Every constant of the package by key, in the order of the Inputs sheet."""
    return constants_of(packaged())


@cache
def options(name: str) -> tuple[Option, ...]:
    """The choices of a dropdown of the package."""
    return options_of(packaged(), name)


@cache
def architecture_keys() -> tuple[str, ...]:
    """The inputs that describe a model, in order: what a catalogue file or an inline model gives."""
    return tuple(field.key for field in fields().values() if field.of == "model")


@cache
def said_keys() -> tuple[str, ...]:
    """The inputs that say something of a model beside its architecture: its name, sizes stated, what is not counted."""
    return tuple(field.key for field in fields().values() if field.of == SAID_OF_MODEL)
