"""The second evaluator: unrelated code computes every formula again, and where the two differ, verify fails."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetgen import verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.verification import second
from tests.support.attack import Attack
from tests.support.command import sheetgen
from tests.support.package import formula_cells

SAMPLE = "procurement-70b"


@pytest.fixture
def attack(built_samples: Mapping[str, Path]) -> Attack:
    """A fresh attack on the sample."""
    return Attack(built_samples[SAMPLE])


def test_it_computes_every_formula(built_samples: Mapping[str, Path]) -> None:
    """All formulas of the file, by IronCalc as by formualizer; the report counts them."""
    done = sheetgen("verify", built_samples[SAMPLE], "--thorough")
    count = len(formula_cells(built_samples[SAMPLE]))
    assert done.returncode == 0, done.stdout
    assert count > 4_000
    assert f"Second evaluator, IronCalc: {count:,} agree" in done.stdout.splitlines()


def test_unasked_it_is_silent(built_samples: Mapping[str, Path]) -> None:
    """It costs as much as the first one."""
    assert verify(built_samples[SAMPLE]).second is None


def test_an_input_that_is_a_formula_is_computed_twice_unasked(attack: Attack, tmp_path: Path) -> None:
    """2.5 + 0.45 is 2.95 in both, and is told as an input that is a formula."""
    cell = f"E{attack.row('Inputs', 'price_per_gpu_hour')}"
    verdict = attack.formula("Inputs", cell, "2.5+0.45", 2.95).verdict(tmp_path)
    assert verdict.second is not None
    assert (verdict.second.stale, verdict.second.right > 4_000) == ([], True)


def test_a_function_that_one_of_them_does_not_know_is_a_disagreement(attack: Attack, tmp_path: Path) -> None:
    """AREAS is 1 in IronCalc and unknown in formualizer: half of the price, told by its cell with both figures."""
    cell = f"E{attack.row('Inputs', 'price_per_gpu_hour')}"
    verdict = attack.formula("Inputs", cell, "IFERROR(1.475*AREAS(A1), 2.95)", 2.95).verdict(tmp_path)
    assert verdict.second is not None
    told = {(item.sheet, item.cell): (item.computed, item.stored) for item in verdict.second.stale}
    assert told["Inputs", cell] == (2.95, 1.475)
    said = verdict.to_dict()["second_evaluator"]["disagrees"]
    assert f"Inputs!{cell}: 2.95, and 1.475 by the second evaluator" in said


def test_where_it_is_not_installed_that_is_said(
    attack: Attack, built_samples: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for, there is no verdict; unasked, a note on the input that is a formula."""
    monkeypatch.setattr(second, "is_there", lambda: False)
    with pytest.raises(NotVerifiable, match="pip install 'sheetgen\\[thorough\\]'"):
        verify(built_samples[SAMPLE], thorough=True)
    cell = f"E{attack.row('Inputs', 'price_per_gpu_hour')}"
    verdict = attack.formula("Inputs", cell, "2.5+0.45", 2.95).verdict(tmp_path)
    assert verdict.second is None
    assert any("one evaluator alone" in note for note in verdict.notes)
