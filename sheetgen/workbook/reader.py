"""From a workbook back to a scenario: the inputs found by their keys, wherever rows were inserted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sheetgen.base.errors import NotVerifiable, Problem, list_choices
from sheetgen.base.inputs import ACCELERATORS, CASE_NAME, Field, Value, fields
from sheetgen.scenario.model import MAX_CASES, Case, Grid, Scenario, default_grids
from sheetgen.workbook.addresses import address
from sheetgen.workbook.blocks.differing import Differing
from sheetgen.workbook.blocks.grid import GridBlock
from sheetgen.workbook.blocks.inputs import Inputs
from sheetgen.workbook.columns import column_of
from sheetgen.workbook.definitions import Definitions, SheetTemplate
from sheetgen.workbook.evaluator import CellError, CellValue, Values
from sheetgen.workbook.names import FIRST_CASE
from sheetgen.workbook.read_tables import key_rows, read_accelerators, read_facts

WHOLE = 2**53  # below it a whole number is one


class InputCell(NamedTuple):
    """One typed input: where it stands and what it holds."""

    spec: Field
    case: int
    row: int
    column: int
    value: Value


@dataclass(slots=True)
class Reading:
    """What a workbook holds: the row of every key on every sheet, the inputs, and what is wrong with them.

    ``sheet`` is the one on which the inputs stand, ``names`` are those of the cases.
    """

    rows: Mapping[str, Mapping[str, int]]
    sheet: str
    scenario: Scenario | None = None
    cells: list[InputCell] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    provenance: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


def read_workbook(cells: Values, file: str, definitions: Definitions) -> Reading:
    """The inputs of a recalculated workbook as a scenario; what tables hold is left to who has planned them.

    Values that are not allowed are listed in ``problems``; ``scenario`` is None when the engine cannot compute with
    them. Raises NotVerifiable when the file is no workbook of ours.
    """
    there = set(cells.sheet_names)
    present = [sheet for sheet in definitions.sheets if sheet.name in there or sheet.optional is None]
    missing = [sheet.name for sheet in present if sheet.name not in there]
    if missing:
        raise NotVerifiable(f"{file}: is not a sheetgen workbook: no sheet {', '.join(missing)}")
    rows = {sheet.name: key_rows(cells, sheet.name, sheet.key_column(cells)) for sheet in present}
    sheets = tuple(dict.fromkeys(sheet.optional for sheet in present if sheet.optional is not None))
    inputs = definitions.sheet_with(Inputs)
    reading = Reading(rows, inputs.name)
    known = {key: spec for key, spec in definitions.inputs.items() if spec.sheet is None or spec.sheet in sheets}
    lost = [key for key in known if key not in rows[inputs.name]]
    if lost:
        raise NotVerifiable(f"{file}: sheet {inputs.name} has no row {', '.join(lost[:5])}")
    reading.provenance = read_facts(cells, definitions)
    accelerators = read_accelerators(cells, definitions, rows)
    names = reading.names = _case_names(cells, reading, inputs.after_cases(cells))
    for name in names:
        complaint = fields()[CASE_NAME].complaint(name) or ("stands twice" if names.count(name) > 1 else None)
        if complaint is not None:
            reading.problems.append(Problem(complaint, file, key=CASE_NAME, given=name))
    choices = {ACCELERATORS: list(accelerators), CASE_NAME: [*names, *_built_names(cells, reading, inputs, len(names))]}
    values, cases = _values(cells, reading, known, choices, names)
    if values is not None:
        named = tuple(Case(name, case) for name, case in zip(names, cases, strict=True))
        typed = Scenario(values, named, {}, accelerators, file, templates=definitions.templates)
        reading.scenario = replace(
            typed,
            grids=_grids(definitions, rows),
            sheets=sheets,
            differing=_differing(definitions, rows),
            months=_room(definitions, rows, "months"),
            stages=_room(definitions, rows, "stages"),
        )
        reading.scenario = replace(reading.scenario, built=_built(cells, reading, inputs, known))
    return reading


def _built_names(cells: Values, reading: Reading, inputs: SheetTemplate, count: int) -> list[str]:
    """What the cases were called when the workbook was built; an input may still name one so."""
    first, row = column_of(inputs.columns, "built", count), reading.rows[inputs.name][CASE_NAME]
    names = (cells.value(inputs.name, row, first + index) for index in range(count))
    return [name for name in names if isinstance(name, str) and name]


def _built(cells: Values, reading: Reading, inputs: SheetTemplate, known: Mapping[str, Field]) -> Scenario:
    """The inputs that the workbook was built with, as it says beside them."""
    scenario = reading.scenario
    assert scenario is not None
    count, rows = len(scenario.cases), reading.rows[inputs.name]
    first = column_of(inputs.columns, "built", count)

    def cell(key: str, index: int) -> Value | None:
        value = cells.value(inputs.name, rows[key], first + index)
        if value is None or value == "" or isinstance(value, (bool, CellError)):
            return None
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE else value

    def found(scope: str, index: int) -> dict[str, Value]:
        values = {key: cell(key, index) for key, spec in known.items() if spec.scope == scope and key != CASE_NAME}
        return {key: value for key, value in values.items() if value is not None}

    cases = tuple(Case(str(cell(CASE_NAME, index) or ""), found("case", index)) for index in range(count))
    return replace(scenario, values=found("scenario", 0), cases=cases)


def _values(
    cells: Values,
    reading: Reading,
    known: Mapping[str, Field],
    choices: Mapping[str, list[str]],
    names: list[str],
) -> tuple[dict[str, Value] | None, list[dict[str, Value]]]:
    """The inputs of the budget and of each case; None where they are not enough to compute with.

    ``choices`` are those of lists that the workbook itself gives.
    """
    values: dict[str, Value] = {}
    cases: list[dict[str, Value]] = [{} for _ in names]
    for key, spec in known.items():
        if key == CASE_NAME:
            continue
        row, once = reading.rows[reading.sheet][key], spec.scope == "scenario"
        allowed = choices.get(str(spec.choices)) or (spec.choices_of() if spec.choices else None)
        for index in range(1 if once else len(names)):
            found = _input(cells, spec, row, FIRST_CASE + index, reading, allowed)
            if found is not None:
                (values if once else cases[index])[key] = found
                reading.cells.append(InputCell(spec, index, row, FIRST_CASE + index, found))
    whole = {key for key, spec in known.items() if spec.scope == "scenario"}
    base = {key for key, spec in known.items() if spec.scope == "case"} - {CASE_NAME}
    unusable = any(problem.message.startswith("cannot") for problem in reading.problems)
    complete = whole <= set(values) and base <= set(cases[0]) and not unusable
    return values if complete else None, cases


def _room(definitions: Definitions, rows: Mapping[str, Mapping[str, int]], kind: str) -> int:
    """How many months (stages) there is room for: the rows of the first series of them; 0 without its sheet."""
    sheet, key = definitions.first_series(kind)
    return sum(name.startswith(f"{key}:") for name in rows.get(sheet, ()))


def _differing(definitions: Definitions, rows: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    """The inputs that a workbook shows as differing among its cases, from the top."""
    own = rows.get(definitions.sheet_with(Differing).name, {})
    return tuple(sorted((key for key in own if key in definitions.inputs), key=own.__getitem__))


def _grids(definitions: Definitions, rows: Mapping[str, Mapping[str, int]]) -> tuple[Grid, ...]:
    """The sensitivity tables that a workbook has, by the keys of their axes.

    Raises NotVerifiable for a table that no scenario can ask for.
    """
    defaults = {grid.key: grid for grid in default_grids()}
    sheet = definitions.sheet_with(GridBlock)
    outputs, own = sheet.lists["outputs"], rows[sheet.name]
    found = []
    for name in sorted((key for key in own if key.endswith(":axis")), key=lambda name: own[name]):
        key = name.removesuffix(":axis")
        if key not in defaults:
            output, _, axes = key.partition("__")
            down, _, across = axes.partition("__")
            if down == across or not {down, across} <= set(outputs.get(output, ())):
                raise NotVerifiable(f"sheet {sheet.name} has an unknown table {key}")
            found.append(Grid(key, output, down, across))
        else:
            found.append(defaults[key])
    return tuple(found)


def _case_names(cells: Values, reading: Reading, after: int) -> list[str]:
    names: list[str] = []
    row = reading.rows[reading.sheet][CASE_NAME]
    while len(names) < min(MAX_CASES, after - FIRST_CASE):
        value = cells.value(reading.sheet, row, FIRST_CASE + len(names))
        if value is None or value == "" or isinstance(value, CellError):
            break
        names.append(str(value))
    if not names:
        raise NotVerifiable(f"sheet {reading.sheet} names no case")
    return names


def _input(
    cells: Values, spec: Field, row: int, column: int, reading: Reading, choices: list[str] | None
) -> Value | None:
    """The value of an input cell; None, with a problem where one is needed, when there is none to compute with."""
    value: CellValue | CellError = cells.value(reading.sheet, row, column)
    place = f"{reading.sheet}!{address(row, column)}"
    if value is None or value == "":
        if column == FIRST_CASE:
            reading.problems.append(Problem("cannot be empty", place, key=spec.key, allowed=spec.allowed))
        return None
    if isinstance(value, CellError):
        reading.problems.append(Problem(f"cannot be used: error {value.kind}", place, key=spec.key))
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE:
        value = int(value)
    if spec.is_number and (isinstance(value, (str, bool))):
        message = "cannot be used: text where a number is needed"
        reading.problems.append(Problem(message, place, key=spec.key, given=str(value), allowed=spec.allowed))
        return None
    if not spec.is_number and not isinstance(value, str):
        value = str(value)
    unlisted = choices is not None and value not in choices
    serious = spec.choices != ACCELERATORS and not spec.names_case
    complaint = None if unlisted and serious else spec.complaint(value)  # one mistake, one message
    if complaint is not None:
        given = str(value) if spec.kind == "date" else spec.shown(value)
        reading.problems.append(Problem(complaint, place, key=spec.key, given=given, allowed=spec.allowed))
    if choices is not None and unlisted:
        message = f"{'cannot be used: ' if serious else ''}is not one of the choices"
        reading.problems.append(Problem(message, place, key=spec.key, given=str(value), allowed=list_choices(choices)))
        if serious:
            return None
    return value
