"""What ``verify`` compares, once a workbook's formulas are computed: formulas, values, and both with inputs moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from sheetgen.base.child import Limits, beside
from sheetgen.base.errors import InvalidInput, NotVerifiable, one_line
from sheetgen.base.inputs import Value
from sheetgen.base.resources import templates_digest
from sheetgen.scenario.model import Case, Scenario
from sheetgen.verification.alignment import Alignments
from sheetgen.verification.computed import File, Places, as_written, laid_out
from sheetgen.verification.differences import Difference
from sheetgen.verification.edits import edits
from sheetgen.verification.evaluate import Evaluation, evaluate
from sheetgen.verification.extended import recomputed_in
from sheetgen.verification.own_cells import foreign_figures
from sheetgen.verification.planned_cells import compare_cells, contents_beside
from sheetgen.verification.provenance import changed_notes, changed_sources, edits_since, provenance
from sheetgen.verification.rebuild import compare_looks
from sheetgen.verification.seal import content_digest
from sheetgen.verification.stored_results import compare_stored
from sheetgen.verification.tolerance import expected_values, mismatch
from sheetgen.verification.verdict import Asked, Verdict
from sheetgen.verification.view import View
from sheetgen.workbook.book import HEADER_ROW, Book, Sheet, Shown, address
from sheetgen.workbook.evaluator import CellError
from sheetgen.workbook.file.cells import ErrorText
from sheetgen.workbook.file.stored import POISON
from sheetgen.workbook.money import MONEY_UNIT
from sheetgen.workbook.read_tables import read_typed
from sheetgen.workbook.reader import InputCell, Reading, read_workbook

NOTHING_MORE = Asked()
INPUT_FORMULAS = frozenset({"input formula", "forbidden input formula"})
TOTAL = "total_cost"  # the amount whose size says in which unit amounts are shown
MOVES: tuple[Callable[[int], float], ...] = (
    lambda index: 1.05,  # noqa: ARG005 - every input by the same share
    lambda index: 1.0 - 0.05 * ((index * 7 % 11) / 10),  # every input by a share of its own
)


def judge(
    file: File, verdict: Verdict, scenario: Scenario | None, limits: Limits, asked: Asked = NOTHING_MORE
) -> Evaluation | None:
    """Fill in the verdict on a file, whose formulas are computed or are still being; what the engine makes of the
    file's inputs, None where it cannot compute with them.

    ``limits`` are those of what is compared in a process beside.
    Raises NotVerifiable when there is no verdict.
    """
    planned = _plan(file, verdict)
    if planned is None:
        verdict.stored = compare_stored(file.needed, file.view.evaluator)
        return None
    provenance(verdict, planned.reading, planned.found, file.view.names)
    looks = beside(_looks(planned, file, edited=verdict.edited is not False), limits, one_line(verdict.file))
    if asked.content:
        verdict.content = content_digest(planned.book, templates_digest())
    evaluation = _evaluate(planned.found, verdict)
    _compare_contents(planned, file, verdict)
    verdict.stored = compare_stored(file.needed, file.view.evaluator)
    _ask_another(file, verdict, asked)
    built = planned.found.built
    if scenario is not None:
        verdict.edits = edits_since(scenario, planned.found, planned.reading.provenance)
    elif built is not None:
        verdict.edits = edits(replace(built, actuals=planned.found.actuals), planned.found)
        if not verdict.edits and verdict.edited and not planned.found.actuals:
            verdict.notes.append("inputs were edited, and so was what stands beside them as built")
    verdict.edits += changed_sources(planned.reading, planned.found, file.view)
    if evaluation is not None:
        _compare_values(planned, evaluation, file.view, verdict)
    _add_looks(verdict, looks() if evaluation is not None else [])
    return evaluation


def _ask_another(file: File, verdict: Verdict, asked: Asked) -> None:
    """Have every formula computed by a second evaluator where that is asked for, or an input is a formula."""
    own_formulas = any(item.aspect in INPUT_FORMULAS for item in verdict.differences)
    if not asked.thorough and not own_formulas:
        return
    from sheetgen.verification.second import HOW_TO_GET_IT, is_there, second_opinion

    if not asked.thorough and not is_there():
        verdict.notes.append(f"an input is a formula, which one evaluator alone has computed; {HOW_TO_GET_IT}")
        return
    data, _ = file.opened.book.poisoned(file.needed)
    verdict.second = second_opinion(data, file.needed, file.view.evaluator)


class _Planned(NamedTuple):
    """What a file's inputs give: the plan of its workbook, and where the plan's cells stand in it."""

    reading: Reading
    found: Scenario
    book: Book
    alignments: Alignments
    places: Places


def _plan(file: File, verdict: Verdict) -> _Planned | None:
    """Read the inputs and lay the workbook out; None where the inputs do not allow it.

    Little of this asks for a computed cell, so that an evaluator may be at work meanwhile.
    """
    reading = read_workbook(file.view, verdict.file, file.definitions)
    verdict.problems = list(reading.problems)
    if verdict.poisoned == 0:
        raise NotVerifiable(f"{verdict.file}: has no formula to recompute")
    verdict.cases = reading.names
    if reading.scenario is None:
        return None
    written = as_written(file, reading)
    book, alignments, places = laid_out(file, written)
    verdict.differences += changed_notes(reading, written, file.view.names)
    found, problems = read_typed(file.view, book, places, written)
    reading.scenario = found
    verdict.problems += problems
    return _Planned(reading, found, book, alignments, places)


def _evaluate(found: Scenario, verdict: Verdict) -> Evaluation | None:
    """Every quantity of the inputs; None where the engine cannot compute with them."""
    try:
        return evaluate(found)
    except InvalidInput as error:
        verdict.problems += error.problems
        return None


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


def _compare_contents(planned: _Planned, file: File, verdict: Verdict) -> None:
    """Compare formulas, constants and texts, and list what cells hold beside those of the plan."""
    book, alignments = planned.book, planned.alignments
    compared = compare_cells(book, file.sheets, alignments)
    verdict.formulas, verdict.overwritten = compared.formulas, compared.overwritten
    verdict.differences += compared.differences + contents_beside(book, file.sheets.values(), alignments)
    verdict.foreign += foreign_figures(file.needed, book, alignments)


def _looks(planned: _Planned, file: File, *, edited: bool) -> Callable[[], list[Difference]]:
    """What is to be done beside the computing: to compare all that a file says beside the contents of cells.

    Where inputs cannot be computed with, nothing could have been built, and nobody asks for it.
    """
    book = planned.book
    missing = _fill(book, file, planned.alignments)
    for sheet, row, column in missing:
        value = file.view.value(sheet, planned.places[sheet][row], column)
        book.sheets[sheet].cells[row, column].value = None if isinstance(value, CellError) else value

    def compared() -> list[Difference]:
        if not edited:
            said = book.scale
            book.settle(TOTAL)
            if said.size != book.scale.size:
                place = book.names[MONEY_UNIT]
                found = planned.alignments[place.sheet]
                where = found.file_sheet, found.address(place.top, place.left), MONEY_UNIT
                return [Difference("unit of amounts", *where, book.scale.word or "in full", said.word or "in full")]
        return compare_looks(book, planned.found, file.opened, planned.alignments, edited=edited)

    return compared


def _fill(book: Book, file: File, alignments: Alignments) -> list[tuple[str, int, int]]:
    """Put what a file shows into the formulas and inputs of a plan, for number formats go by its size; where nothing is
    stored with a formula."""
    missing: list[tuple[str, int, int]] = []
    for sheet in book.ordered():
        found = alignments[sheet.name]
        stored = file.sheets[found.file_sheet].cells
        for at, cell in sheet.cells.items():
            if cell.formula is None and not cell.unlocked:
                continue
            place = found.place(*at)
            own = None if place is None else stored.get(place)
            cell.value = None if own is None or isinstance(own.value, ErrorText) else own.value
            if own is not None and own.formula is not None and own.value is None:
                missing.append((sheet.name, *at))
    return missing


def _add_looks(verdict: Verdict, differences: list[Difference]) -> None:
    """Say what differs; where something does, moved inputs say nothing that is not said already."""
    agreed = verdict.agrees
    verdict.differences += differences
    if agreed and not verdict.agrees:
        verdict.compared_moved, verdict.moved_mismatches = 0, []


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
        verdict.compared_moved += len(moving)
        for sheet, row, column, shows in moving:
            place = planned.places[sheet.name][row]
            value, wanted = view.value(sheet.name, place, column), expected(shows)
            if value == wanted and not isinstance(value, bool):
                continue  # most are
            item = mismatch(sheet, row, column, shows, value, wanted, evaluation.quantities[shows.case])
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
