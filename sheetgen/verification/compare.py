"""What ``verify`` compares, once a workbook's formulas are computed: formulas, values, and both with inputs moved."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sheetgen import __version__
from sheetgen.base.errors import InvalidInput, NotVerifiable, Problem
from sheetgen.base.inputs import Value, fields
from sheetgen.catalogue import load_catalogue
from sheetgen.scenario.model import Actual, Case, Scenario
from sheetgen.verification.evaluate import Evaluation, evaluate
from sheetgen.verification.stated import StatedValues
from sheetgen.verification.stored_results import compare_stored
from sheetgen.verification.tolerance import expected_values, mismatch
from sheetgen.verification.verdict import Overwritten, Verdict
from sheetgen.workbook.book import HEADER_ROW, KEY, KIND_ROW, LABEL, Book, Sheet, Shown, address, letter
from sheetgen.workbook.definitions import packaged_definitions
from sheetgen.workbook.evaluator import CellError, CellValue, Evaluator
from sheetgen.workbook.file.stored import POISON, StoredSheet
from sheetgen.workbook.fingerprints import accelerators_fingerprint, inputs_fingerprint
from sheetgen.workbook.formula import FormulaError, parse, same
from sheetgen.workbook.plan import plan
from sheetgen.workbook.read_tables import read_typed
from sheetgen.workbook.reader import InputCell, Reading, read_workbook

MOVES: tuple[Callable[[int], float], ...] = (
    lambda index: 1.05,  # noqa: ARG005 - every input by the same share
    lambda index: 1.0 - 0.05 * ((index * 7 % 11) / 10),  # every input by a share of its own
)


class _Planned(NamedTuple):
    """What a file's inputs give: the plan of its workbook, where the plan's rows stand in it, and every quantity."""

    reading: Reading
    found: Scenario
    book: Book
    places: dict[str, dict[int, int]]
    evaluation: Evaluation


def judge(evaluator: Evaluator, sheets: Sequence[StoredSheet], verdict: Verdict, scenario: Scenario | None) -> Verdict:
    """Fill in the verdict on the sheets of a file, whose formulas an evaluator has computed, or is still computing.

    Raises NotVerifiable when there is none.
    """
    planned = _plan(StatedValues(sheets, evaluator), verdict)
    verdict.stored = compare_stored(sheets, evaluator)
    if planned is None:
        return verdict
    evaluation, places = planned.evaluation, planned.places
    expected, cells = expected_values(evaluation), _shown(planned.book)
    for sheet, row, column, shows in cells:
        value = evaluator.value(sheet.name, places[sheet.name][row], column)
        if value == POISON:
            raise NotVerifiable(f"{sheet.name}!{address(row, column)}: the evaluator read a cached value")
        item = mismatch(sheet, row, column, shows, value, expected(shows), evaluation.quantities[shows.case])
        verdict.compared += 1
        if item is not None:
            verdict.mismatches.append(item._replace(cell=address(places[sheet.name][row], column)))
    verdict.key_figures = [dict(values) for values in evaluation.quantities]
    verdict.checks = _statuses(evaluation)
    _provenance(verdict, planned.reading, planned.found, scenario)
    if verdict.agrees:
        _move_inputs(evaluator, cells, places, planned.reading, verdict)
    return verdict


def _plan(values: StatedValues, verdict: Verdict) -> _Planned | None:
    """Read the inputs, lay the workbook out, compare its formulas and compute; None where the inputs do not allow it.

    Little of this asks for a computed cell, so that an evaluator may be at work meanwhile.
    """
    reading = read_workbook(values, verdict.file, packaged_definitions())
    verdict.problems = list(reading.problems)
    if verdict.poisoned == 0:
        raise NotVerifiable(f"{verdict.file}: has no formula to recompute")
    if reading.scenario is None:
        return None
    verdict.cases = [case.name for case in reading.scenario.cases]
    book = plan(reading.scenario, shown=False)
    places = row_map(book, reading)
    found, problems = read_typed(values, book, places, reading.scenario)
    reading.scenario = found
    verdict.problems += problems
    _compare_formulas(values, book, places, verdict)
    try:
        return _Planned(reading, found, book, places, evaluate(found))
    except InvalidInput as error:
        verdict.problems += error.problems
        return None


def _shown(book: Book) -> list[tuple[Sheet, int, int, Shown]]:
    """Every cell that shows a quantity: its sheet, row and column in the plan, and what it shows."""
    return [
        (sheet, row, column, cell.shows)
        for sheet in book.ordered()
        for (row, column), cell in sheet.cells.items()
        if cell.shows is not None
    ]


def row_map(book: Book, reading: Reading) -> dict[str, dict[int, int]]:
    """For each sheet, the row in the file of every row of the plan: rows may have been inserted or moved as blocks."""
    places: dict[str, dict[int, int]] = {}
    for sheet in book.ordered():
        rows = reading.rows[sheet.name]
        anchors = {
            row: rows.get(str(sheet.cells[row, KEY].value), row)
            for row in (KIND_ROW, HEADER_ROW)
            if (row, KEY) in sheet.cells
        }
        for (row, column), cell in sheet.cells.items():
            if column == KEY and cell.style == "key":
                if str(cell.value) not in rows:
                    raise NotVerifiable(f"sheet {sheet.name} has no row {cell.value}")
                anchors[row] = rows[str(cell.value)]
        shift = 0
        places[sheet.name] = {}
        for row in range(sheet.last_row + 1):
            shift = anchors[row] - row if row in anchors else shift
            places[sheet.name][row] = row + shift
    return places


_ADDRESS = re.compile(r"(?:(\b[A-Za-z]+)!)?(\$?[A-Z]{1,3}\$?)(\d+)(?::(\$?[A-Z]{1,3}\$?)(\d+))?(?![\w(\"])")


def _moved_formula(formula: str, sheet: str, places: dict[str, dict[int, int]]) -> str:
    """A formula of the plan with its row numbers put where the rows stand in the file."""

    def move(match: re.Match[str]) -> str:
        home = match.group(1) or sheet
        rows = places[home]
        first = rows.get(int(match.group(3)) - 1, int(match.group(3)) - 1) + 1
        text = (f"{match.group(1)}!" if match.group(1) else "") + f"{match.group(2)}{first}"
        if match.group(4):
            last = rows.get(int(match.group(5)) - 1, int(match.group(5)) - 1) + 1
            text += f":{match.group(4)}{last}"
        return text

    parts = re.split(r'("(?:[^"]|"")*")', formula)
    return "".join(part if part.startswith('"') else _ADDRESS.sub(move, part) for part in parts)


def _compare_formulas(values: StatedValues, book: Book, places: dict[str, dict[int, int]], verdict: Verdict) -> None:
    """Report every cell whose formula, or whose locked number, is not what the templates give."""
    still = {name: all(row == place for row, place in rows.items()) for name, rows in places.items()}
    unmoved = all(still.values())
    for sheet in book.ordered():
        for (row, column), cell in sheet.cells.items():
            place = places[sheet.name][row]
            if cell.formula is not None:
                expected = cell.formula if unmoved else _moved_formula(cell.formula, sheet.name, places)
                verdict.formulas += 1
                found = values.formula(sheet.name, place, column)
                if found is not None and (found == expected or _same(found, expected)):
                    continue
                shown = f"={found}" if found is not None else _constant(values.value(sheet.name, place, column))
            elif isinstance(cell.value, (int, float)) and not cell.unlocked and not sheet.read_back:
                value = values.value(sheet.name, place, column)
                if value == cell.value:
                    continue
                expected, shown = str(cell.value), _constant(value)
            else:
                continue
            label, key = sheet.cells.get((row, LABEL)), sheet.cells.get((row, KEY))
            verdict.overwritten.append(
                Overwritten(
                    sheet.name,
                    f"{letter(column)}{place + 1}",
                    str(label.value) if label else "",
                    str(key.value) if key else "",
                    expected,
                    shown,
                )
            )


def _same(found: str, expected: str) -> bool:
    try:
        return same(parse(found), parse(expected))
    except FormulaError:
        return False


def _constant(value: CellValue | CellError) -> str:
    if value is None:
        return "empty"
    return f"error {value.kind}" if isinstance(value, CellError) else f"the constant {value!r}"


def _statuses(evaluation: Evaluation) -> dict[str, list[str]]:
    """The checks that do not hold, by word: ``check_memory in case H100``."""
    found: dict[str, list[str]] = {}
    for word in ("FAIL", "REVIEW"):
        lines = [f"{key} in case {name}" for key, names in evaluation.unmet(word).items() for name in names]
        found |= {word: lines} if lines else {}
    return found


def _provenance(verdict: Verdict, reading: Reading, found: Scenario, scenario: Scenario | None) -> None:
    built = reading.provenance.get("Inputs fingerprint")
    verdict.edited = None if built is None else built != inputs_fingerprint(found)
    table = reading.provenance.get("Accelerators fingerprint")
    if table is not None and table != accelerators_fingerprint(found):
        verdict.problems.append(
            Problem(
                "figures were changed since the build", f"sheet {packaged_definitions().table_of('accelerators')[0]}"
            )
        )
    generator = reading.provenance.get("Generator", "an unknown program")
    if generator != f"sheetgen {__version__}":
        verdict.notes.append(f"built by {generator}; this is sheetgen {__version__}, whose templates may differ")
    packaged = load_catalogue().accelerators
    for key, entry in found.accelerators.items():
        if key not in packaged:
            verdict.notes.append(f"accelerator {key} is not in the packaged catalogue")
        elif (dict(entry.dense), dict(entry.sparse), entry.memory_gb) != (
            dict(packaged[key].dense), dict(packaged[key].sparse), packaged[key].memory_gb,
        ):  # fmt: skip
            verdict.notes.append(f"accelerator {key} differs from the packaged catalogue")
    if scenario is not None:
        verdict.edits = _edits(scenario, found)


def _edits(scenario: Scenario, found: Scenario) -> list[str]:
    """Every typed input that is not the scenario's; an empty cell of a case means “as in the base”."""
    edits = []
    if len(scenario.cases) != len(found.cases):
        edits.append(f"{len(found.cases)} cases, the scenario has {len(scenario.cases)}")
    pairs = [("every case", scenario.values, found.values)]
    pairs += [
        (f"case {new.name}", old.values, new.values) for old, new in zip(scenario.cases, found.cases, strict=False)
    ]
    for where, before, after in pairs:
        for key, spec in fields().items():
            old, new = before.get(key), after.get(key)
            if old != new and key != "case_name":
                shown = ["as in the base" if value is None else spec.shown(value) for value in (old, new)]
                edits.append(f"{key} in {where}: {shown[0]} is now {shown[1]}")
    months = range(max(len(scenario.actuals), len(found.actuals)))
    for number in months:
        was, now = (side.actuals[number] if number < len(side.actuals) else None for side in (scenario, found))
        if was != now:
            edits.append(f"month {number + 1} of sheet Actuals: {_month_text(was)} is now {_month_text(now)}")
    return edits


def _month_text(month: Actual | None) -> str:
    """The typed figures of a month in words: ``gpu_hours 1,450,000, ...``."""
    if month is None:
        return "empty"
    figures = month._asdict().items()
    return ", ".join(f"{key} {'empty' if value is None else f'{value:,.15g}'}" for key, value in figures)


def _move_inputs(
    evaluator: Evaluator,
    cells: list[tuple[Sheet, int, int, Shown]],
    places: dict[str, dict[int, int]],
    reading: Reading,
    verdict: Verdict,
) -> None:
    """Move every numeric input at once, recalculate, and compare every cell again.

    Of a sensitivity table the row and the column of its centre are compared; its cells are copies of one formula. Sheet
    Evidence rests on no input, and its formulas were compared.
    """
    moving = [item for item in cells if _moves(*item)]
    for move in MOVES:
        scenario = reading.scenario
        assert scenario is not None
        values, cases = dict(scenario.values), [dict(case.values) for case in scenario.cases]
        shown: dict[tuple[int, int], Value] = {}
        for index, typed in enumerate(reading.cells):
            moved = shown[typed.row, typed.column] = _moved(typed, move(index))
            target = values if typed.spec.scope == "scenario" else cases[typed.case]
            target[typed.spec.key] = moved
        evaluator.set_values(reading.sheet, shown)
        shifted = replace(
            scenario,
            values=values,
            cases=tuple(Case(old.name, new) for old, new in zip(scenario.cases, cases, strict=True)),
        )
        evaluator.recalculate_beside()
        evaluation = evaluate(shifted)
        expected = expected_values(evaluation)
        for sheet, row, column, shows in moving:
            place = places[sheet.name][row]
            value = evaluator.value(sheet.name, place, column)
            item = mismatch(sheet, row, column, shows, value, expected(shows), evaluation.quantities[shows.case])
            verdict.compared_moved += 1
            if item is not None:
                verdict.moved_mismatches.append(item._replace(cell=address(place, column)))


def _moves(sheet: Sheet, row: int, column: int, shows: Shown) -> bool:  # noqa: ARG001 - the place of a cell
    """Whether a cell is compared with the inputs moved."""
    corner = len(shows.steps) > 1 and all(count for _, count in shows.steps)
    return not corner and not (sheet.rests_on_nothing and row > HEADER_ROW)


def _moved(cell: InputCell, factor: float) -> Value:
    """The value moved by the factor; as it is where that leaves its bounds, and for text, choices and 0."""
    if not cell.spec.is_number or isinstance(cell.value, str) or cell.value == 0:
        return cell.value
    value = float(cell.value) * factor
    if cell.spec.kind != "number":
        value = round(value) if round(value) != cell.value else cell.value + (1 if factor >= 1 else -1)
    low, high = cell.spec.minimum, cell.spec.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return cell.value
    return value
