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

    def __init__(self, workbook: formualizer.Workbook) -> None:
        self._workbook = workbook
        self._workbook.set_temporal_egress("serial")
        self._computing: Thread | None = None
        self._failure: BaseException | None = None

    @classmethod
    def from_bytes(cls, data: bytes) -> Evaluator:
        """The evaluator of an .xlsx file's content. Raises NotVerifiable when it cannot be read."""
        import formualizer  # not for those that only want to know what a CellError is

        try:
            return cls(formualizer.Workbook.from_bytes(data, config=_config()))
        except Exception as error:  # the loader raises many types; each means that there is no verdict
            raise NotVerifiable(f"the workbook cannot be read: {_said(error)}") from error

    @property
    def sheet_names(self) -> list[str]:
        """The names of the sheets, in order."""
        return list(self._workbook.sheet_names)

    def set_values(self, sheet: str, values: Mapping[tuple[int, int], CellValue]) -> None:
        """Put constants into cells; None empties one. Those below each other go in at once, faster than one by one."""
        self.wait()
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
            except BaseException as error:  # a panic of the engine, too: half a computation must not pass for a whole
                self._failure = error

        self.wait()
        self._computing = Thread(target=compute, name="recalculate")
        self._computing.start()

    def wait(self) -> None:
        """Wait for what is being computed. Raises what ended it."""
        thread, self._computing = self._computing, None
        if thread is None:
            return
        thread.join()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def value(self, sheet: str, row: int, column: int) -> CellValue | CellError:
        """The value of a cell as last computed."""
        if self._computing is not None:
            self.wait()
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
