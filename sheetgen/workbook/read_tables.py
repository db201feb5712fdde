"""What the tables of a workbook hold: the accelerators, where it comes from, and what was typed into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from sheetgen.base.errors import Problem, list_choices
from sheetgen.base.inputs import Field
from sheetgen.catalogue import Accelerator
from sheetgen.catalogue.accelerators import accelerator_of
from sheetgen.evidence.records import published_runs
from sheetgen.scenario.model import Actual, Scenario
from sheetgen.workbook.addresses import address
from sheetgen.workbook.book import Book
from sheetgen.workbook.definitions import Definitions
from sheetgen.workbook.evaluator import CellError, CellValue, Values
from sheetgen.workbook.sheet import KEY, LABEL

MAX_ROWS = 4000
EMPTY_RUN = 60
TEXTS = {"key", "name", "emulates"}  # columns of an accelerator that the workbook reads as text
Places = Mapping[str, Mapping[int, int]]


def key_rows(cells: Values, sheet: str) -> dict[str, int]:
    """The row of every key of a sheet; the first one where a key stands twice. What a formula shows is no key."""
    rows: dict[str, int] = {}
    empty = 0
    for row in range(MAX_ROWS):
        key = _constant(cells, sheet, row, KEY)
        if not isinstance(key, str) or not key:
            empty += 1
            if empty > EMPTY_RUN:
                break
            continue
        empty = 0
        rows.setdefault(key, row)
    return rows


def _constant(cells: Values, sheet: str, row: int, column: int) -> CellValue | CellError:
    """What was written into a cell; None for what a formula shows."""
    return None if cells.formula(sheet, row, column) is not None else cells.value(sheet, row, column)


def read_accelerators(
    cells: Values, definitions: Definitions, rows: Mapping[str, Mapping[str, int]]
) -> dict[str, Accelerator]:
    """The accelerator table as the look-ups of the workbook see it; rows without a key are passed over."""
    sheet, table = definitions.table_of("accelerators")
    places = table.places(definitions.plain_list)
    head = next(row for text, row in rows[sheet].items() if text == table.head_of("key"))
    found: dict[str, Accelerator] = {}
    empty = 0
    for row in range(head + 1, head + 1 + MAX_ROWS):
        key = cells.value(sheet, row, places["key"])
        if not isinstance(key, str) or not key:
            empty += 1
            if empty > EMPTY_RUN:
                break
            continue
        empty = 0
        values = {name: _value(name, cells.value(sheet, row, column)) for name, column in places.items()}
        found.setdefault(key, accelerator_of(values))
    return found


def _value(name: str, value: CellValue | CellError) -> str | float | None:
    """A figure as a float, None where there is none or 0; a text as it is."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if name == "release_year":
            return int(value)
        return float(value) if value and name not in TEXTS else None
    return value if isinstance(value, str) and name in TEXTS else None


def read_facts(cells: Values, definitions: Definitions) -> dict[str, str]:
    """Where a workbook says that it comes from, in constants."""
    sheet, table = definitions.table_of("facts")
    column = table.places(definitions.plain_list)["text"]
    found: dict[str, str] = {}
    empty = 0
    for row in range(MAX_ROWS):
        label, text = (_constant(cells, sheet, row, at) for at in (LABEL, column))
        empty = 0 if isinstance(label, str) and label else empty + 1
        if isinstance(label, str) and isinstance(text, str):
            found.setdefault(label, text)
        if empty > EMPTY_RUN:
            break
    return found


class TypedCell(NamedTuple):
    """A cell of a table that a user may type into: what it holds, where it stands, and what it may hold."""

    value: CellValue | CellError
    place: str
    spec: Field

    def problem(self, key: str, allowed: str) -> Problem:
        """What it holds cannot be computed with."""
        return Problem("cannot be used", self.place, key=key, given=str(self.value), allowed=allowed)


Record = Mapping[str, TypedCell]


def read_typed(cells: Values, book: Book, places: Places, scenario: Scenario) -> tuple[Scenario, list[Problem]]:
    """The scenario with what was typed into the tables of a planned workbook, and what of it cannot be used."""
    found: dict[str, dict[str, dict[str, TypedCell]]] = {}
    for sheet in book.ordered():
        for item in sheet.validations:
            if item.typed is not None:
                row = places[sheet.name][item.row]
                value, place = (
                    cells.value(sheet.name, row, item.column),
                    f"{sheet.name}!{address(row, item.column)}",
                )
                records = found.setdefault(item.typed.of, {})
                records.setdefault(item.typed.record, {})[item.typed.name] = TypedCell(value, place, item.field)
    problems: list[Problem] = []
    conventions = book.listed("evidence_convention")
    edits = _edits(found.get("published_runs", {}), conventions, problems)
    return replace(scenario, run_edits=edits, actuals=_actuals(found.get("months", {}), problems)), problems


def _edits(
    records: Mapping[str, Record], conventions: list[str], problems: list[Problem]
) -> dict[str, tuple[str, float]]:
    """Conventions and peaks that are not those of the published run."""
    edits: dict[str, tuple[str, float]] = {}
    for run in published_runs():
        if run.key not in records:
            continue
        convention, peak = records[run.key]["convention"], records[run.key]["peak_tflops"]
        if (convention.value, peak.value) == (run.convention, run.sizes.peak_tflops):
            continue
        number = peak.value if isinstance(peak.value, (int, float)) and not isinstance(peak.value, bool) else -1.0
        if convention.value not in conventions:
            problems.append(convention.problem(run.key, list_choices(conventions)))
        elif number > 0 or number == run.sizes.peak_tflops:
            edits[run.key] = (str(convention.value), float(number))
        else:
            problems.append(peak.problem(run.key, "a number above 0"))
    return edits


def _actuals(records: Mapping[str, Record], problems: list[Problem]) -> tuple[Actual | None, ...]:
    """The months typed, the first one first."""
    found: list[Actual | None] = []
    for number in sorted(records, key=int):
        values: dict[str, float | None] = {}
        for name, cell in records[number].items():
            value = cell.value
            good = (
                isinstance(value, (int, float)) and not isinstance(value, bool) and cell.spec.complaint(value) is None
            )
            if not good and value is not None and value != "":
                problems.append(cell.problem(cell.spec.key, cell.spec.allowed))
            values[name] = float(value) if good and isinstance(value, (int, float)) else None
        found.append(None if all(value is None for value in values.values()) else Actual(**values))
    while found and found[-1] is None:
        found.pop()
    return tuple(found)
