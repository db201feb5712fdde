"""``build``: a scenario becomes a workbook, checked before it is written.

The plan's formulas are evaluated, every shown quantity is compared with the engine's, no cell may hold an error and no
check may fail; only then is the file moved into place, in one step. A failed build leaves an old file as it was.
"""

from __future__ import annotations

from pathlib import Path

from sheetgen.api.notes import with_guidance
from sheetgen.base.errors import BuildError, InvalidInput, Problem
from sheetgen.base.files import check_target, replace_file
from sheetgen.base.numbers import from_serial
from sheetgen.engine import FAIL
from sheetgen.scenario.model import Scenario
from sheetgen.verification.evaluate import Evaluation, check_labels, evaluate
from sheetgen.verification.extended import engine_of, recomputed_in
from sheetgen.verification.nearest_layout import nearest
from sheetgen.verification.tolerance import Mismatch, expected_values, mismatch
from sheetgen.workbook.book import Book, Sheet, address
from sheetgen.workbook.evaluator import CellError, Evaluator
from sheetgen.workbook.file.cells import Cells, Stored
from sheetgen.workbook.file.stored import bare_file
from sheetgen.workbook.plan import plan
from sheetgen.workbook.writer import workbook_bytes

SHOWN_MISMATCHES = 10
TOTAL = "total_cost"  # by whose size the unit of amounts is chosen


def build(scenario: Scenario, output: str | Path) -> Path:
    """Write the workbook of a scenario and return its path.

    Raises InvalidInput when a check fails on the scenario's figures or the output is no writable file name, and
    BuildError when formulas and engine disagree or the disk refuses.
    """
    path = Path(output)
    check_target(path, ".xlsx")
    write(evaluate(scenario), path)
    return path


def write(evaluation: Evaluation, path: Path) -> None:
    """Write the workbook of a scenario whose quantities are known. Raises as :func:`build`."""
    replace_file(path, content_of(evaluation))


def build_bytes(scenario: Scenario) -> bytes:
    """The workbook of a scenario as the content of an .xlsx file; the same scenario gives the same bytes."""
    return content_of(evaluate(scenario))


def content_of(evaluation: Evaluation) -> bytes:
    """The workbook of a scenario whose quantities are known, as the content of an .xlsx file."""
    _refuse_failures(evaluation)
    evaluation = with_guidance(evaluation)
    book = computed(evaluation.scenario)
    found = check_values(book, evaluation)
    if found:
        lines = [str(item) for item in found[:SHOWN_MISMATCHES]]
        raise BuildError(
            f"formulas and engine disagree in {len(found)} cells, nothing was written:\n" + "\n".join(lines)
        )
    values = evaluation.scenario.values
    as_of = from_serial(float(values["as_of"]))
    return workbook_bytes(book, str(values["scenario"]), str(values["requester"]), as_of)


def computed(scenario: Scenario) -> Book:
    """The workbook of a completed scenario with the values of its formulas, and its amounts in one unit.

    Raises BuildError for a formula that has no value.
    """
    book = plan(scenario)
    compute(book)
    book.settle(TOTAL)
    return book


def compute(book: Book) -> None:
    """Compute every formula of a plan and put the values into its cells. Raises BuildError on an error value."""
    sheets = {sheet.name: _cells(sheet) for sheet in book.ordered()}
    evaluator = Evaluator.from_bytes(bare_file(sheets, {})[0])
    evaluator.recalculate()
    for sheet in book.ordered():
        for (row, column), cell in sheet.cells.items():
            if cell.formula is None:
                continue
            value = evaluator.value(sheet.name, row, column)
            if isinstance(value, CellError) or value is None:
                place = f"{sheet.name}!{address(row, column)}"
                raise BuildError(f"{place} evaluates to {value}, nothing was written: ={cell.formula}")
            cell.value = value


def _cells(sheet: Sheet) -> Cells:
    """The cells of a sheet that hold something, row by row."""
    return {
        place: Stored(cell.value, cell.formula)
        for place, cell in sorted(sheet.cells.items())
        if cell.formula is not None or (cell.value is not None and cell.value != "")
    }


def check_values(book: Book, evaluation: Evaluation) -> list[Mismatch]:
    """Every cell of an evaluated plan that does not show what the engine computes."""
    expected = expected_values(evaluation)
    unknown = frozenset(recomputed_in(evaluation.scenario))
    found = []
    for sheet in book.ordered():
        for (row, column), cell in sheet.cells.items():
            if cell.shows is not None and cell.shows.key.partition(":")[0] not in unknown:
                shows = cell.shows
                case = evaluation.quantities[shows.case]
                item = mismatch(sheet, row, column, shows, cell.value, expected(shows), case)
                if item is not None:
                    found.append(item)
    return found


def _refuse_failures(evaluation: Evaluation) -> None:
    problems = []
    for key, names in evaluation.unmet(FAIL).items():
        mfus = {f"{float(values['mfu']):.1%}" for values in evaluation.quantities if values.get(key) == FAIL}
        given = f"MFU {', '.join(sorted(mfus))}" if "mfu" in key else None
        message = f"not so: {check_labels(evaluation.scenario.templates).get(key, key)}, in case {', '.join(names)}"
        case = next(index for index, values in enumerate(evaluation.quantities) if values.get(key) == FAIL)
        near = nearest(engine_of(evaluation.scenario), evaluation.values[case], key)
        allowed = f"the nearest that is possible: {near}" if near else None
        problems.append(Problem(message, evaluation.scenario.file or None, key=key, given=given, allowed=allowed))
    if problems:
        raise InvalidInput(problems)
