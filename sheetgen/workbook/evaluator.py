"""A workbook's formulas computed without Excel: one small interface over one engine, formualizer.

Rows and columns are 0-based here, as everywhere in sheetgen. An error value comes back as a :class:`CellError`; nothing
in a workbook is fetched, run or followed. To change the engine, write another class with these methods.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from sheetgen.base.errors import NotVerifiable, one_line

if TYPE_CHECKING:
    import formualizer

CellValue = float | int | str | bool | None
MAX_EVALUATION_MS = 60_000
SMALL_GAP = 12  # empty cells between two runs of constants that are set as one


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value such as #DIV/0!; ``kind`` is the engine's name for it."""

    kind: str


class Values(Protocol):
    """What tells the values of a workbook's cells and the names of its sheets."""

    @property
    def sheet_names(self) -> list[str]:
        """The names of the sheets, in order."""

    def value(self, sheet: str, row: int, column: int) -> CellValue | CellError:
        """The value of a cell."""

    def formula(self, sheet: str, row: int, column: int) -> str | None:
        """The formula of a cell without its leading ``=``, or None for a constant or an empty cell."""


class Evaluator:
    """Holds cells, computes formulas, and tells values, formulas and sheet names."""

    def __init__(self, workbook: formualizer.Workbook | None = None) -> None:
        import formualizer  # not for those that only want to know what a CellError is

        self._workbook = workbook if workbook is not None else formualizer.Workbook(config=_config())
        self._workbook.set_temporal_egress("serial")
        self._computing: Thread | None = None
        self._failure: NotVerifiable | None = None

    @classmethod
    def from_bytes(cls, data: bytes) -> Evaluator:
        """The evaluator of an .xlsx file's content. Raises NotVerifiable when it cannot be read."""
        import formualizer

        try:
            return cls(formualizer.Workbook.from_bytes(data, config=_config()))
        except Exception as error:  # the loader raises many types; each means that there is no verdict
            raise NotVerifiable(f"the workbook cannot be read: {_said(error)}") from error

    @property
    def sheet_names(self) -> list[str]:
        """The names of the sheets, in order."""
        return list(self._workbook.sheet_names)

    def add_sheet(self, name: str) -> None:
        """Add an empty sheet."""
        self._workbook.add_sheet(name)

    def set_value(self, sheet: str, row: int, column: int, value: CellValue) -> None:
        """Put a constant into a cell; None empties it."""
        self._workbook.set_value(sheet, row + 1, column + 1, value)

    def set_values(self, sheet: str, values: Mapping[tuple[int, int], CellValue]) -> None:
        """Put constants into many cells, those below each other at once, which is faster than one by one."""
        start: tuple[int, int] | None = None
        run: list[list[CellValue]] = []
        for row, column in sorted(values, key=lambda place: place[::-1]):
            if start is not None and column == start[1]:
                gap = range(start[0] + len(run), row)
                if len(gap) <= SMALL_GAP and all(self.value(sheet, empty, column) is None for empty in gap):
                    run += [[None] for _ in gap]
            if start is None or (row, column) != (start[0] + len(run), start[1]):
                if start is not None:
                    self._workbook.set_values_batch(sheet, start[0] + 1, start[1] + 1, run)
                start, run = (row, column), []
            run.append([values[row, column]])
        if start is not None:
            self._workbook.set_values_batch(sheet, start[0] + 1, start[1] + 1, run)

    def set_formula(self, sheet: str, row: int, column: int, formula: str) -> None:
        """Put a formula, without its leading ``=``, into a cell."""
        self._workbook.set_formula(sheet, row + 1, column + 1, f"={formula}")

    def recalculate(self) -> None:
        """Compute every formula that is not up to date. Raises NotVerifiable when the engine gives up."""
        try:
            self._workbook.evaluate_all()
        except Exception as error:  # work limits and unsupported constructs of a hostile file
            raise NotVerifiable(f"the formulas cannot be evaluated: {_said(error)}") from error

    def recalculate_beside(self) -> None:
        """As :meth:`recalculate`, in a thread; who asks for a value next waits for it, and gets what it raises.

        The engine computes without Python's lock. A ``verify`` of the largest sample lays the workbook out meanwhile,
        which saves a seventh of its time on two processors and costs nothing on one.
        """

        def compute() -> None:
            try:
                self.recalculate()
            except NotVerifiable as error:
                self._failure = error

        thread = Thread(target=compute, name="recalculate")
        thread.start()
        self._computing = thread

    def wait(self) -> None:
        """Wait for what is being computed. Raises NotVerifiable where it failed."""
        if self._computing is not None:
            self._wait(self._computing)

    def _wait(self, thread: Thread) -> None:
        thread.join()
        self._computing, failure, self._failure = None, self._failure, None
        if failure is not None:
            raise failure

    def value(self, sheet: str, row: int, column: int) -> CellValue | CellError:
        """The value of a cell as last computed."""
        if self._computing is not None:
            self._wait(self._computing)
        value: Any = self._workbook.get_value(sheet, row + 1, column + 1)
        if isinstance(value, dict):
            return CellError(str(value.get("kind", "error")))
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        return CellError(type(value).__name__)

    def formula(self, sheet: str, row: int, column: int) -> str | None:
        """The formula of a cell without its leading ``=``, or None for a constant or an empty cell."""
        text = self._workbook.get_formula(sheet, row + 1, column + 1)
        return None if text is None else text.removeprefix("=")


def _config() -> formualizer.WorkbookConfig:
    import formualizer

    evaluation = formualizer.EvaluationConfig()
    evaluation.max_eval_time_ms = MAX_EVALUATION_MS
    evaluation.enable_parallel = False
    return formualizer.WorkbookConfig(eval_config=evaluation)


def _said(error: Exception) -> str:
    """The first line of a message of the engine, which may quote the file."""
    return one_line((str(error).splitlines() or [""])[0])[:200]
