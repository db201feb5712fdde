"""``explain``: what a key is, how both sides compute it, and the values that it rests on, as a tree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetgen.base.child import in_child
from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, one_line
from sheetgen.base.inputs import Value
from sheetgen.base.templates import Templates, packaged
from sheetgen.engine.quantity import Quantity
from sheetgen.engine.resolver import Engine
from sheetgen.verification.extended import extended
from sheetgen.workbook.definitions import Definitions
from sheetgen.workbook.formula import names, to_excel, to_words
from sheetgen.workbook.names import WORDS
from sheetgen.workbook.template import Row

if TYPE_CHECKING:
    from sheetgen.verification.evaluate import Evaluation

CELL = re.compile(r"([A-Za-z]+)!\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
NO_SUCH_KEY = "is neither a key of a scenario nor a row of the workbook"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A key in words. What there is not is empty: an input has no function, a step of one side no other.

    Attributes:
        key: of a scenario, of the engine or of a row.
        kind: ``input``, ``constant``, ``quantity`` (a row and a function), ``step of the engine`` or ``step of the
            workbook``.
        label: of its row.
        unit: of its value.
        what: what it is: the docstring of its function, or the help of the input.
        source: where its definition comes from, as the workbook cites it.
        sheet: where its row stands.
        formula: that of its row, in keys.
        words: the same in words.
        function: that of the engine: module, line and name.
        value: in the case that was asked for, a tuple by month; None where no scenario was given.
        rests_on: the keys that it rests on, as far as the tree goes.
    """

    key: str
    kind: str
    label: str = ""
    unit: str = ""
    what: str = ""
    source: str = ""
    sheet: str = ""
    formula: str = ""
    words: str = ""
    function: str = ""
    value: Any = None
    rests_on: tuple[Explanation, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data, without what is empty."""
        found = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name) not in ("", None, ())}
        if self.rests_on:
            found["rests_on"] = [part.to_dict() for part in self.rests_on]
        return found


@dataclass(frozen=True, slots=True)
class CellExplanation:
    """A cell of a workbook: its formula and value in the file, and what its row and case are.

    ``moved`` are the inputs and quantities that a sensitivity table sets otherwise than the case, by key, and ``units``
    theirs.
    """

    cell: str
    case: str
    formula: str
    value: Value | None
    row: Explanation
    moved: Mapping[str, float]
    units: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The explanation as plain data."""
        return {"cell": self.cell, "case": self.case, "formula": self.formula, "value": self.value,
                "moved": dict(self.moved), "row": self.row.to_dict()}  # fmt: skip


def explain(
    key: str,
    depth: int = 1,
    evaluation: Evaluation | None = None,
    case: str | None = None,
    templates: Templates | None = None,
) -> Explanation:
    """What a key is, with what it rests on to a depth, and with the values of a case where a scenario is evaluated (the
    case put forward unless one is named).

    ``templates`` are those of the scenario, or else of the package. Raises InvalidInput for a key or a case that there
    is not.
    """
    values: Mapping[str, Any] = {}
    if evaluation is not None:
        scenario = evaluation.scenario
        templates = scenario.templates
        found = {item.name: index for index, item in enumerate(scenario.cases)}
        if case is not None and case not in found:
            hint, allowed = did_you_mean(case, found), ", ".join(found)
            raise InvalidInput([Problem(f"no such case{hint}", key="--case", given=case, allowed=allowed)])
        index = scenario.chosen if case is None else found[case]
        values = {**evaluation.quantities[index], **evaluation.values[index]}
    known = _Known.of(templates or packaged())
    if key.partition(":")[0] not in known.keys:
        raise InvalidInput([Problem(f"{NO_SUCH_KEY}{did_you_mean(key, known.keys)}", key=key)])
    return known.explained(key, depth, values, set())


def known_keys(templates: Templates | None = None) -> frozenset[str]:
    """Every key that can be explained."""
    return _Known.of(templates or packaged()).keys


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of keys: the templates, the engine, and the rows that it does not compute."""

    definitions: Definitions
    engine: Engine
    recomputed: frozenset[str]
    keys: frozenset[str]

    @classmethod
    def of(cls, templates: Templates) -> _Known:
        definitions, (engine, _, recomputed) = Definitions.of(templates), extended(templates)
        rows = (*definitions.rows, *definitions.series)
        keys = frozenset((*engine.quantities, *definitions.inputs, *definitions.constants, *rows))
        return cls(definitions, engine, frozenset(recomputed), keys)

    def explained(self, key: str, depth: int, values: Mapping[str, Any], told: set[str]) -> Explanation:
        """A key and what it rests on; what was told in full once is not told again."""
        plain = key.partition(":")[0]
        known = self.described(plain)
        unit = known.unit.replace("currency", str(values.get("currency", "currency")))
        known = replace(known, key=key, unit=unit, value=self.value(key, values) if values else known.value)
        if depth <= 0 or plain in told:
            return known
        told.add(plain)
        parts = (self.explained(need, depth - 1, values, told) for need in self.needs(plain))
        return replace(known, rests_on=tuple(parts))

    def value(self, key: str, values: Mapping[str, Any]) -> Any:
        """The value of a key: a number, a text, or one a month; None for a table."""
        plain, _, number = key.partition(":")
        constants = self.definitions.constants
        value = values.get(key, constants[key].value if key in constants else values.get(plain))
        if isinstance(value, tuple):
            if not all(isinstance(amount, (int, float)) for amount in value):
                return None
            return value[int(number) - 1] if number.isdigit() and 0 < int(number) <= len(value) else value
        return value if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None

    def needs(self, key: str) -> tuple[str, ...]:
        """What a key rests on: by its function, or by the formula of its row where it has none."""
        if key in self.engine.quantities:
            return tuple(dict.fromkeys(self.engine.explain(key).needs))
        row = self.row(key)
        if row is None:
            return ()
        plain = (name if name in self.keys else name.partition("_")[2] for name in names(row.formula))
        return tuple(dict.fromkeys(name for name in plain if name in self.keys and name != key))

    def row(self, key: str) -> Row | None:
        """The row of a key, a series included."""
        return self.definitions.rows.get(key) or self.definitions.series.get(key)

    def described(self, key: str) -> Explanation:
        """A key by itself."""
        inputs, constants = self.definitions.inputs, self.definitions.constants
        if key in inputs:
            spec = inputs[key]
            return Explanation(key, "input", spec.label, spec.unit, spec.help, sheet="Inputs")
        if key in constants:
            constant = constants[key]
            return Explanation(
                key, "constant", constant.label, constant.unit, source=self.cited(constant.source), sheet="Inputs",
                value=constant.value,
            )  # fmt: skip
        row = self.row(key)
        item = None if key in self.recomputed else self.engine.quantities.get(key)
        if item is None and row is None:
            return Explanation(key, "table")
        of_engine = item is not None and (row is None or row.helper)
        of_workbook = "recomputed only" if key in self.recomputed else "step of the workbook"
        found = Explanation(key, "step of the engine" if of_engine else "quantity" if item is not None else of_workbook)
        if item is not None:
            what, source = " ".join(item.text.split()), self.cited(item.source)
            found = replace(found, unit=item.unit, what=what, source=source, function=_place(item))
        if row is not None:
            words = row.words or to_words(row.formula, self.in_words)
            found = replace(
                found, label=row.label, unit=row.unit, source=self.cited(row.source or "") or found.source,
                sheet=self.definitions.sheet_of(key), formula=to_excel(row.formula), words=words,
            )  # fmt: skip
        return found

    def cited(self, source: str) -> str:
        """A source as the workbook cites it."""
        entry = self.definitions.sources.get(source)
        return "" if entry is None else entry["short"]

    def in_words(self, name: str) -> str:
        """What a name of a formula is called: its label, with what its prefix means; a list or a block by its name."""
        rows, label = self.definitions.rows, self.definitions.label
        try:
            return label(name)
        except KeyError:
            prefix, _, key = name.partition("_")
            prefixes = {row.prefix.word: row.prefix.words for row in rows.values() if row.prefix is not None}
            words = {**WORDS, "chosen": "{} of the case for approval", **prefixes}.get(prefix)
            try:
                return name.replace("_", " ") if words is None else words.format(label(key))
            except KeyError:
                return name.replace("_", " ")


def _place(item: Quantity) -> str:
    """Module, line and name of a function."""
    if item.function is None:
        return ""
    code = item.function.__code__
    return f"{item.function.__module__}:{code.co_firstlineno} {item.function.__name__}"


def explain_cell(
    file: str | Path, cell: str, depth: int = 1, directories: Sequence[str | Path] = ()
) -> CellExplanation:
    """What a cell of a workbook is: ``Cost!D66``, wherever its row was moved; with the directories of templates that it
    was built with.

    Raises InvalidInput for a cell that holds no figure of a row, NotVerifiable for a file that is no workbook of ours.
    """
    from sheetgen.verification.workbook import limits_of

    path = Path(file)
    return in_child(lambda: _explain_cell(path, cell, depth, directories), limits_of(path), one_line(str(path)))


def _explain_cell(file: Path, cell: str, depth: int, directories: Sequence[str | Path]) -> CellExplanation:
    from sheetgen.verification.computed import as_written, computed, laid_out
    from sheetgen.verification.evaluate import evaluate
    from sheetgen.verification.sensitivity import stepped
    from sheetgen.workbook.evaluator import CellError
    from sheetgen.workbook.names import FIRST_CASE
    from sheetgen.workbook.read_tables import read_typed
    from sheetgen.workbook.reader import read_workbook

    asked = CELL.fullmatch(cell)
    if asked is None:
        raise InvalidInput([Problem("is no cell", key="CELL", given=cell, allowed="Sheet!A1, such as Cost!D66")])
    read = computed(file, directories)
    evaluator, definitions = read.view, read.definitions
    reading = read_workbook(evaluator, str(file), definitions)
    if reading.scenario is None:
        raise InvalidInput(reading.problems)
    book, alignments, places = laid_out(read, as_written(read, reading))
    scenario, problems = read_typed(evaluator, book, places, reading.scenario)
    if problems:
        raise InvalidInput(problems)
    sheets = {sheet.name.lower(): sheet for sheet in book.ordered()}
    if asked.group(1).lower() not in sheets:
        hint = did_you_mean(asked.group(1), [sheet.name for sheet in sheets.values()])
        raise InvalidInput([Problem(f"no such sheet{hint}", str(file), key="CELL", given=asked.group(1))])
    sheet = sheets[asked.group(1).lower()]
    row, column = int(asked.group(3)) - 1, _column(asked.group(2))
    found = alignments[sheet.name]
    planned = next((before for before, now in found.rows.items() if now == row), row)
    column = next((before for before, now in found.columns.items() if now == column), column)
    shows = None if (planned, column) not in sheet.cells else sheet.cells[planned, column].shows
    label = sheet.cells.get((planned, sheet.key_column))
    key = shows.key if shows is not None else str(label.value) if label is not None and label.style == "key" else ""
    if key.partition(":")[0] not in known_keys(definitions.templates):
        raise InvalidInput([Problem("holds no figure that has a key", str(file), key="CELL", given=cell)])
    index = shows.case if shows is not None else min(max(column - FIRST_CASE, 0), len(scenario.cases) - 1)
    value = evaluator.value(sheet.name, row, column)
    evaluation = evaluate(scenario)
    step, base = float(scenario.values["sensitivity_step"]), evaluation.quantities[index]
    moved = {
        axis: stepped(definitions, axis, float(base[axis]), count, step)
        for axis, count in (shows.steps if shows else ())
    }
    return CellExplanation(
        f"{sheet.name}!{asked.group(2).upper()}{row + 1}",
        scenario.cases[index].name,
        evaluator.formula(sheet.name, row, column) or "",
        value.kind if isinstance(value, CellError) else value,
        explain(key, depth, evaluation, scenario.cases[index].name),
        moved,
        {axis: definitions.unit(axis) for axis in moved},
    )


def _column(letters: str) -> int:
    """The place of a column, counted from 0."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
