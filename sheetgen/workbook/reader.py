"""From a workbook back to a scenario: the inputs found by their keys, wherever rows were inserted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sheetgen.base.errors import NotVerifiable, Problem, list_choices
from sheetgen.base.inputs import Field, Value, fields, fields_for, options
from sheetgen.base.resources import template_data
from sheetgen.catalogue import PRECISIONS, Accelerator
from sheetgen.evidence.records import published_runs
from sheetgen.scenario.model import MAX_CASES, OPTIONAL_SHEETS, Case, Grid, Scenario, default_grids
from sheetgen.workbook.book import FIRST_CASE, KEY, LABEL, SHEET_ORDER, address
from sheetgen.workbook.evaluator import CellError, CellValue, Evaluator
from sheetgen.workbook.sheets_actuals import read_actuals
from sheetgen.workbook.sheets_evidence import CONVENTION, PEAK
from sheetgen.workbook.sheets_inputs import CURRENCY_OF_HEADS

MAX_ROWS = 600
EMPTY_RUN = 60
HEADER, MASTER = "Key", "Master check"


class InputCell(NamedTuple):
    """One typed input: where it stands and what it holds."""

    spec: Field
    case: int
    row: int
    column: int
    value: Value


@dataclass(slots=True)
class Reading:
    """What a workbook holds: the row of every key on every sheet, the inputs, and what is wrong with them."""

    rows: Mapping[str, Mapping[str, int]]
    scenario: Scenario | None = None
    cells: list[InputCell] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    provenance: dict[str, str] = field(default_factory=dict)


def read_workbook(evaluator: Evaluator, file: str) -> Reading:
    """The inputs of a recalculated workbook as a scenario.

    Values that are not allowed are listed in ``problems``; ``scenario`` is None when the engine cannot compute with
    them. Raises NotVerifiable when the file is no workbook of ours.
    """
    there = set(evaluator.sheet_names)
    sheets = tuple(slug for slug, name in OPTIONAL_SHEETS.items() if name in there)
    present = [name for name in SHEET_ORDER if name in there or name not in OPTIONAL_SHEETS.values()]
    missing = [name for name in present if name not in there]
    if missing:
        raise NotVerifiable(f"{file}: is not a sheetgen workbook: no sheet {', '.join(missing)}")
    rows = {name: _key_rows(evaluator, name) for name in present}
    reading = Reading(rows)
    known = fields_for(sheets)
    lost = [key for key in known if key not in rows["Inputs"]]
    if lost:
        raise NotVerifiable(f"{file}: sheet Inputs has no row {', '.join(lost[:5])}")
    reading.provenance = _provenance(evaluator)
    accelerators = read_accelerators(evaluator, rows["Accelerators"][HEADER])
    names = _case_names(evaluator, rows["Inputs"]["case_name"])
    for name in names:
        complaint = fields()["case_name"].complaint(name) or ("stands twice" if names.count(name) > 1 else None)
        if complaint is not None:
            reading.problems.append(Problem(complaint, file, key="case_name", given=name))
    values: dict[str, Value] = {}
    cases: list[dict[str, Value]] = [{} for _ in names]
    for key, spec in known.items():
        row = rows["Inputs"][key]
        if key == "case_name":
            continue
        for index in range(1 if spec.scope == "scenario" else len(names)):
            found = _input(evaluator, spec, row, FIRST_CASE + index, reading, accelerators, names)
            if found is None:
                continue
            target = values if spec.scope == "scenario" else cases[index]
            target[key] = found
            reading.cells.append(InputCell(spec, index, row, FIRST_CASE + index, found))
    complete = {key for key, spec in known.items() if spec.scope == "scenario"} <= set(values)
    base = {key for key, spec in known.items() if spec.scope == "case" and key != "case_name"}
    if (
        complete
        and base <= set(cases[0])
        and not any(problem.message.startswith("cannot") for problem in reading.problems)
    ):
        reading.scenario = Scenario(
            values,
            tuple(Case(name, case) for name, case in zip(names, cases, strict=True)),
            {},
            accelerators,
            file,
            run_edits=_run_edits(evaluator, rows["Evidence"], reading),
            grids=_grids(rows["Sensitivity"]),
            sheets=sheets,
            headers=_text(evaluator, rows["Inputs"].get(CURRENCY_OF_HEADS)),
            months=sum(key.startswith("accrued:") for key in rows["Phasing"]),
            actuals=read_actuals(evaluator, rows["Actuals"], reading.problems) if "Actuals" in rows else (),
        )
    return reading


def _text(evaluator: Evaluator, row: int | None) -> str:
    """The text of a constant of sheet Inputs; empty where the row is gone."""
    value = None if row is None else evaluator.value("Inputs", row, FIRST_CASE)
    return value if isinstance(value, str) else ""


def _grids(rows: Mapping[str, int]) -> tuple[Grid, ...]:
    """The sensitivity tables that a workbook has, by the keys of their axes.

    Raises NotVerifiable for a table that no scenario can ask for.
    """
    defaults = {grid.key: grid for grid in default_grids()}
    outputs = template_data("sensitivity")["outputs"]
    found = []
    for name in sorted((key for key in rows if key.endswith(":axis")), key=lambda name: rows[name]):
        key = name.removesuffix(":axis")
        if key not in defaults:
            output, _, axes = key.partition("__")
            down, _, across = axes.partition("__")
            if down == across or not {down, across} <= set(outputs.get(output, ())):
                raise NotVerifiable(f"sheet Sensitivity has an unknown table {key}")
            found.append(Grid(key, output, down, across))
        else:
            found.append(defaults[key])
    return tuple(found)


def _run_edits(evaluator: Evaluator, rows: Mapping[str, int], reading: Reading) -> dict[str, tuple[str, float]]:
    """Conventions and peaks of sheet Evidence that are not those of the published run."""
    edits: dict[str, tuple[str, float]] = {}
    conventions = [row["key"] for row in template_data("evidence")["conventions"]["rows"]]
    for run in published_runs():
        if run.key not in rows:
            continue  # the plan finds the lost row
        row = rows[run.key]
        convention = evaluator.value("Evidence", row, CONVENTION)
        peak = evaluator.value("Evidence", row, PEAK)
        if (convention, peak) == (run.convention, run.sizes.peak_tflops):
            continue
        known = convention in conventions
        number = peak if isinstance(peak, (int, float)) and not isinstance(peak, bool) else -1.0
        if known and (number > 0 or number == run.sizes.peak_tflops):
            edits[run.key] = (str(convention), float(number))
            continue
        column, given, allowed = (
            (PEAK, peak, "a number above 0") if known else (CONVENTION, convention, list_choices(conventions))
        )
        place = f"Evidence!{address(row, column)}"
        reading.problems.append(Problem("cannot be used", place, key=run.key, given=str(given), allowed=allowed))
    return edits


def _key_rows(evaluator: Evaluator, sheet: str) -> dict[str, int]:
    """The row of every key of a sheet; the first one where a key stands twice."""
    rows: dict[str, int] = {}
    empty = 0
    for row in range(MAX_ROWS):
        key = evaluator.value(sheet, row, KEY)
        if not isinstance(key, str) or not key:
            empty += 1
            if empty > EMPTY_RUN:
                break
            continue
        empty = 0
        rows.setdefault(key, row)
    return rows


def _case_names(evaluator: Evaluator, row: int) -> list[str]:
    names: list[str] = []
    while len(names) < MAX_CASES:
        value = evaluator.value("Inputs", row, FIRST_CASE + len(names))
        if value is None or value == "" or isinstance(value, CellError):
            break
        names.append(str(value))
    if not names:
        raise NotVerifiable("sheet Inputs names no case")
    return names


def _input(
    evaluator: Evaluator,
    spec: Field,
    row: int,
    column: int,
    reading: Reading,
    accelerators: Mapping[str, Accelerator],
    names: list[str],
) -> Value | None:
    """The value of an input cell; None, with a problem where one is needed, when there is none to compute with."""
    value: CellValue | CellError = evaluator.value("Inputs", row, column)
    place = f"Inputs!{address(row, column)}"
    if value is None or value == "":
        if column == FIRST_CASE:
            reading.problems.append(Problem("cannot be empty", place, key=spec.key, allowed=spec.allowed))
        return None
    if isinstance(value, CellError):
        reading.problems.append(Problem(f"cannot be used: error {value.kind}", place, key=spec.key))
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if spec.is_number and (isinstance(value, (str, bool))):
        message = "cannot be used: text where a number is needed"
        reading.problems.append(Problem(message, place, key=spec.key, given=str(value), allowed=spec.allowed))
        return None
    if not spec.is_number and not isinstance(value, str):
        value = str(value)
    complaint = spec.complaint(value)
    if complaint is not None:
        reading.problems.append(
            Problem(
                complaint,
                place,
                key=spec.key,
                given=spec.shown(value) if _plain(spec) else str(value),
                allowed=spec.allowed,
            )
        )
    if spec.choices:
        choices = _choices(spec, accelerators, names)
        if value not in choices:
            serious = "" if spec.choices in {"accelerator", "case_name"} else "cannot be used: "
            message = f"{serious}is not one of the choices"
            reading.problems.append(
                Problem(message, place, key=spec.key, given=str(value), allowed=list_choices(choices))
            )
            if serious:
                return None
    return value


def _plain(spec: Field) -> bool:
    return spec.kind != "date"


def _choices(spec: Field, accelerators: Mapping[str, Accelerator], names: list[str]) -> list[str]:
    if spec.choices == "accelerator":
        return list(accelerators)
    if spec.choices == "case_name":
        return names
    return [option.value for option in options(spec.choices or "")]


def read_accelerators(evaluator: Evaluator, header: int) -> dict[str, Accelerator]:
    """The accelerator table as the look-ups of the workbook see it; rows without a key are passed over."""
    found: dict[str, Accelerator] = {}
    count, empty = len(PRECISIONS), 0
    for row in range(header + 1, header + 1 + MAX_ROWS):
        key = evaluator.value("Accelerators", row, KEY)
        if not isinstance(key, str) or not key:
            empty += 1
            if empty > EMPTY_RUN:
                break
            continue
        empty = 0
        numbers = [
            evaluator.value("Accelerators", row, column) for column in range(KEY + 1, FIRST_CASE + 2 * count + 2)
        ]
        figures = [float(n) if isinstance(n, (int, float)) and not isinstance(n, bool) and n else None for n in numbers]
        dense = {
            name: value for name, value in zip(PRECISIONS, figures[1 : 1 + count], strict=True) if value is not None
        }
        sparse = {
            name: value
            for name, value in zip(PRECISIONS, figures[1 + count : 1 + 2 * count], strict=True)
            if value is not None
        }
        tail = FIRST_CASE + 2 * count
        accumulate, emulates, best = (evaluator.value("Accelerators", row, tail + place) for place in (3, 4, 5))
        name = evaluator.value("Accelerators", row, LABEL)
        year = evaluator.value("Accelerators", row, FIRST_CASE + 2 * count + 2)
        found.setdefault(
            key,
            Accelerator(
                key=key, name=str(name or ""), vendor="", form_factor="",
                release_year=int(year) if isinstance(year, (int, float)) else None,
                memory_gb=figures[0], bandwidth_gb_s=figures[-2], tdp_w=figures[-1],
                dense=dense, sparse=sparse, source="", source_url="", notes="",
                fp16_accumulate=float(accumulate) if isinstance(accumulate, (int, float)) and accumulate else None,
                emulates=emulates if isinstance(emulates, str) else "",
                best_mfu=float(best) if isinstance(best, (int, float)) and best else None,
            ),
        )  # fmt: skip
    return found


def _provenance(evaluator: Evaluator) -> dict[str, str]:
    wanted = {
        "Scenario file",
        "Scenario SHA-256",
        "Inputs fingerprint",
        "Accelerators fingerprint",
        "Generator",
        "Command",
    }
    found: dict[str, str] = {}
    empty = 0
    for row in range(MAX_ROWS):
        label, text = evaluator.value("About", row, LABEL), evaluator.value("About", row, KEY)
        empty = 0 if isinstance(label, str) and label else empty + 1
        if isinstance(label, str) and label in wanted and isinstance(text, str):
            found.setdefault(label, text)
        if empty > EMPTY_RUN:
            break
    return found
