"""What ``verify`` compares, once a workbook's formulas are computed: formulas, values, and both with inputs moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from sheetgen.base.child import Limits, beside
from sheetgen.base.errors import InvalidInput, NotVerifiable, one_line
from sheetgen.base.inputs import Value
from sheetgen.scenario.model import Case, Scenario
from sheetgen.verification.alignment import Alignments
from sheetgen.verification.computed import File, Places, laid_out
from sheetgen.verification.differences import Difference
from sheetgen.verification.edits import edits
from sheetgen.verification.evaluate import Evaluation, evaluate
from sheetgen.verification.extended import recomputed_in
from sheetgen.verification.own_cells import foreign_figures
from sheetgen.verification.planned_cells import Compared, compare_cells, contents_beside
from sheetgen.verification.provenance import edits_since, provenance
from sheetgen.verification.rebuild import compare_looks
from sheetgen.verification.stored_results import compare_stored
from sheetgen.verification.tolerance import expected_values, mismatch
from sheetgen.verification.verdict import Verdict
from sheetgen.verification.view import View
from sheetgen.workbook.book import HEADER_ROW, Book, Sheet, Shown, address
from sheetgen.workbook.evaluator import CellError
from sheetgen.workbook.file.stored import POISON
from sheetgen.workbook.read_tables import read_typed
from sheetgen.workbook.reader import InputCell, Reading, read_workbook

TOTAL = "total_cost"  # the amount whose size says in which unit amounts are shown
MOVES: tuple[Callable[[int], float], ...] = (
    lambda index: 1.05,  # noqa: ARG005 - every input by the same share
    lambda index: 1.0 - 0.05 * ((index * 7 % 11) / 10),  # every input by a share of its own
)


def judge(file: File, verdict: Verdict, scenario: Scenario | None, limits: Limits) -> Evaluation | None:
    """Fill in the verdict on a file, whose formulas are computed or are still being; what the engine makes of the
    file's inputs, None where it cannot compute with them.

    ``limits`` are those of what is compared in a process beside. Raises NotVerifiable when there is no verdict.
    """
    planned = _plan(file, verdict)
    verdict.stored = compare_stored(file.needed, file.view.evaluator)
    if planned is None:
        return None
    provenance(verdict, planned.reading, planned.found, file.view.names)
    verdict.foreign += foreign_figures(file.needed, planned.book, planned.alignments)
    built = planned.found.built
    if scenario is not None:
        verdict.edits = edits_since(scenario, planned.found, planned.reading.provenance)
    elif built is not None:
        verdict.edits = edits(replace(built, actuals=planned.found.actuals), planned.found)
        if not verdict.edits and verdict.edited and not planned.found.actuals:
            verdict.notes.append("inputs were edited, and so was what stands beside them as built")
    _fill(planned, file.view)
    if verdict.edited is False:
        planned.book.settle(TOTAL)
    edited = verdict.edited is not False
    compared = beside(lambda: _all_but_values(planned, file, edited=edited), limits, one_line(verdict.file))
    if planned.evaluation is not None:
        _compare_values(planned, planned.evaluation, file.view, verdict)
    _add_differences(verdict, *compared())
    return planned.evaluation


class _Planned(NamedTuple):
    """What a file's inputs give: the plan of its workbook, where the plan's cells stand in it, and every quantity, as
    far as the engine can compute with them."""

    reading: Reading
    found: Scenario
    book: Book
    alignments: Alignments
    places: Places
    evaluation: Evaluation | None


def _plan(file: File, verdict: Verdict) -> _Planned | None:
    """Read the inputs, lay the workbook out, and compute; None where the inputs do not allow it.

    Little of this asks for a computed cell, so that an evaluator may be at work meanwhile.
    """
    reading = read_workbook(file.view, verdict.file, file.definitions)
    verdict.problems = list(reading.problems)
    if verdict.poisoned == 0:
        raise NotVerifiable(f"{verdict.file}: has no formula to recompute")
    verdict.cases = reading.names
    if reading.scenario is None:
        return None
    book, alignments, places = laid_out(file, reading)
    found, problems = read_typed(file.view, book, places, reading.scenario)
    reading.scenario = found
    verdict.problems += problems
    evaluation = None
    try:
        evaluation = evaluate(found)
    except InvalidInput as error:
        verdict.problems += error.problems
    return _Planned(reading, found, book, alignments, places, evaluation)


def _compare_values(planned: _Planned, evaluation: Evaluation, view: View, verdict: Verdict) -> None:
    """Compare every cell that shows a quantity with the engine's, then again with all inputs moved."""
    verdict.recomputed = list(recomputed_in(planned.found))
    expected, cells = expected_values(evaluation), _shown(planned.book, frozenset(verdict.recomputed))
    for sheet, row, column, shows in cells:
        value = view.value(sheet.name, planned.places[sheet.name][row], column)
        if value == POISON:
            raise NotVerifiable(f"{sheet.name}!{address(row, column)}: the evaluator read a cached value")
        item = mismatch(sheet, row, column, shows, value, expected(shows), evaluation.quantities[shows.case])
        verdict.compared += 1
        if item is not None:
            verdict.mismatches.append(item._replace(cell=planned.alignments[sheet.name].address(row, column)))
    verdict.key_figures = [dict(values) for values in evaluation.quantities]
    verdict.checks = _statuses(evaluation)
    if verdict.agrees:
        _move_inputs(view, cells, planned, verdict)


def _all_but_values(planned: _Planned, file: File, *, edited: bool) -> tuple[Compared, list[Difference]]:
    """The cells of a file beside those of its plan, and all that it says beside their values.

    Where inputs cannot be computed with, nothing could have been built, and how it looks is not compared.
    """
    book, alignments = planned.book, planned.alignments
    compared = compare_cells(book, file.sheets, alignments)
    differences = contents_beside(book, file.sheets.values(), alignments)
    if planned.evaluation is None:
        return compared, differences
    return compared, differences + compare_looks(book, planned.found, file.opened, alignments, edited=edited)


def _add_differences(verdict: Verdict, compared: Compared, beside_them: list[Difference]) -> None:
    """Say what differs; where something does, moved inputs say nothing that is not said already."""
    agreed = verdict.agrees
    verdict.formulas, verdict.overwritten = compared.formulas, compared.overwritten
    verdict.differences += compared.differences + beside_them
    if agreed and not verdict.agrees:
        verdict.compared_moved, verdict.moved_mismatches = 0, []


def _fill(planned: _Planned, view: View) -> None:
    """Put the computed values into the formulas and inputs of a plan: number formats go by their size."""
    for sheet in planned.book.ordered():
        for (row, column), cell in sheet.cells.items():
            if cell.formula is not None or cell.unlocked:
                value = view.value(sheet.name, planned.places[sheet.name][row], column)
                cell.value = None if isinstance(value, CellError) else value


def _shown(book: Book, recomputed: frozenset[str]) -> list[tuple[Sheet, int, int, Shown]]:
    """Every cell that shows a quantity of the engine: its sheet, row and column in the plan, and what it shows."""
    return [
        (sheet, row, column, cell.shows)
        for sheet in book.ordered()
        for (row, column), cell in sheet.cells.items()
        if cell.shows is not None and cell.shows.key.partition(":")[0] not in recomputed
    ]


def _statuses(evaluation: Evaluation) -> dict[str, list[str]]:
    """The checks that do not hold, by word: ``check_memory in case H100``."""
    found: dict[str, list[str]] = {}
    for word in ("FAIL", "REVIEW"):
        lines = [f"{key} in case {name}" for key, names in evaluation.unmet(word).items() for name in names]
        found |= {word: lines} if lines else {}
    return found


def _move_inputs(view: View, cells: list[tuple[Sheet, int, int, Shown]], planned: _Planned, verdict: Verdict) -> None:
    """Move every numeric input at once, recalculate, and compare every cell again.

    Of a sensitivity table the row and the column of its centre are compared; its cells are copies of one formula. Sheet
    Evidence rests on no input, and its formulas were compared.
    """
    reading, alignments = planned.reading, planned.alignments
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
        view.set_values(reading.sheet, shown)
        shifted = replace(
            scenario,
            values=values,
            cases=tuple(Case(old.name, new) for old, new in zip(scenario.cases, cases, strict=True)),
        )
        view.evaluator.recalculate_beside()
        evaluation = evaluate(shifted)
        expected = expected_values(evaluation)
        for sheet, row, column, shows in moving:
            place = planned.places[sheet.name][row]
            value = view.value(sheet.name, place, column)
            item = mismatch(sheet, row, column, shows, value, expected(shows), evaluation.quantities[shows.case])
            verdict.compared_moved += 1
            if item is not None:
                verdict.moved_mismatches.append(item._replace(cell=alignments[sheet.name].address(row, column)))


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
