"""A computation beside other work: whoever asks for a value waits for it, and is told when it failed."""

from __future__ import annotations

import time
from threading import Event

import pytest

from sheetgen.base.errors import NotVerifiable
from sheetgen.workbook.evaluator import Evaluator
from sheetgen.workbook.file.cells import Stored
from sheetgen.workbook.file.stored import bare_file


def small() -> Evaluator:
    """One input and the formula that doubles it."""
    return Evaluator.from_bytes(bare_file({"A": {(0, 0): Stored(21.0), (0, 1): Stored(None, "A1*2")}}, {})[0])


def test_value_waits_for_the_computation() -> None:
    """The value is that of the inputs in force when the computation began."""
    evaluator = small()
    evaluator.recalculate_beside()
    assert evaluator.value("A", 0, 1) == 42
    evaluator.set_values("A", {(0, 0): 4})
    evaluator.recalculate_beside()
    assert evaluator.value("A", 0, 1) == 8


class Panic(BaseException):
    """What a compiled engine raises for a defect of its own: no Exception."""


@pytest.mark.parametrize("error", [NotVerifiable("the formulas cannot be evaluated: too many"), Panic("too many")])
def test_failure_reaches_who_asks(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """The control: a computation that gives up, or breaks, is no stale value, and is told once."""
    evaluator = small()

    def give_up(_: Evaluator) -> None:
        raise error

    monkeypatch.setattr(Evaluator, "recalculate", give_up)
    evaluator.recalculate_beside()
    with pytest.raises(type(error), match="too many"):
        evaluator.value("A", 0, 1)
    monkeypatch.undo()
    evaluator.recalculate()
    assert evaluator.value("A", 0, 1) == 42


def test_typing_waits_for_the_computation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A constant is put into a cell after what is being computed, not in its middle."""
    evaluator, done = small(), Event()

    def slow(_: Evaluator) -> None:
        time.sleep(0.1)
        done.set()

    monkeypatch.setattr(Evaluator, "recalculate", slow)
    evaluator.recalculate_beside()
    evaluator.set_values("A", {(0, 0): 4})
    assert done.is_set()
