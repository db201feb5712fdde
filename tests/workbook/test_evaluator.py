"""A computation beside other work: whoever asks for a value waits for it, and is told when it failed."""

from __future__ import annotations

import pytest

from sheetgen.base.errors import NotVerifiable
from sheetgen.workbook.evaluator import Evaluator


def small() -> Evaluator:
    """One input and the formula that doubles it."""
    evaluator = Evaluator()
    evaluator.add_sheet("A")
    evaluator.set_value("A", 0, 0, 21)
    evaluator.set_formula("A", 0, 1, "A1*2")
    return evaluator


def test_value_waits_for_the_computation() -> None:
    """The value is that of the inputs in force when the computation began."""
    evaluator = small()
    evaluator.recalculate_beside()
    assert evaluator.value("A", 0, 1) == 42
    evaluator.set_value("A", 0, 0, 4)
    evaluator.recalculate_beside()
    assert evaluator.value("A", 0, 1) == 8


def test_failure_reaches_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a computation that gives up is no stale value, and is told once."""
    evaluator = small()

    def give_up(_: Evaluator) -> None:
        raise NotVerifiable("the formulas cannot be evaluated: too many")

    monkeypatch.setattr(Evaluator, "recalculate", give_up)
    evaluator.recalculate_beside()
    with pytest.raises(NotVerifiable, match="too many"):
        evaluator.value("A", 0, 1)
    monkeypatch.undo()
    evaluator.recalculate()
    assert evaluator.value("A", 0, 1) == 42
