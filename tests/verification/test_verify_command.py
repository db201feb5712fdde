"""``verify`` at the command line: verdicts as text and JSON, exit codes, edits against a scenario; and the canary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from sheetgen import load_scenario, verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.cli.main import main
from sheetgen.verification import computed
from sheetgen.workbook import evaluator
from sheetgen.workbook.book import Book, address
from sheetgen.workbook.evaluator import CellError, CellValue, Evaluator
from tests.support.changes import at, edited, with_formula
from tests.support.command import sheetgen as command
from tests.support.package import CellKey, cached_values, formula_cells
from tests.support.paths import SAMPLES

LLAMA = "llama405b"


# The canary


class Echo(Evaluator):
    """An evaluator that hands back what the file stores for its formulas, as LibreOffice does by default."""

    stored: dict[CellKey, CellValue]

    @classmethod
    def from_bytes(cls, data: bytes) -> Echo:
        """Read the formulas' stored values beside the cells."""
        echo = super().from_bytes(data)
        assert isinstance(echo, Echo)
        path = Path(cls.room) / "echo.xlsx"
        path.write_bytes(data)
        formulas = formula_cells(path)
        values = {key: cached.value for key, cached in cached_values(path).items() if key in formulas}
        echo.stored = {key: value for key, value in values.items() if isinstance(value, (float, int, str))}
        return echo

    room: str = ""

    def value(self, sheet: str, row: int, column: int) -> CellValue | CellError:
        """The stored value where there is one."""
        if (sheet, address(row, column)) in self.stored:
            return self.stored[sheet, address(row, column)]
        return super().value(sheet, row, column)


def test_an_evaluator_that_echoes_is_caught(llama_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary: with an evaluator that reads cached values, verify reaches no verdict and exits with 3."""
    monkeypatch.setattr(Echo, "room", str(tmp_path))
    monkeypatch.setattr(evaluator, "Evaluator", Echo)
    monkeypatch.setattr(computed, "Evaluator", Echo)

    with pytest.raises(NotVerifiable, match="the evaluator read a cached value"):
        verify(llama_file)
    result = CliRunner().invoke(main, ["verify", str(llama_file)])
    assert result.exit_code == 3
    assert "the evaluator read a cached value" in result.stderr


class GivesUp(Evaluator):
    """An evaluator that cannot compute the formulas."""

    def recalculate(self) -> None:
        """Fail as the engine does at its work limit."""
        raise NotVerifiable("the formulas cannot be evaluated: too much work")


def test_an_evaluator_that_gives_up_is_heard(llama_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The formulas are computed beside other work; a failure there ends verify without a verdict all the same."""
    monkeypatch.setattr(evaluator, "Evaluator", GivesUp)
    monkeypatch.setattr(computed, "Evaluator", GivesUp)

    with pytest.raises(NotVerifiable, match="cannot be evaluated: too much work"):
        verify(llama_file)
    assert CliRunner().invoke(main, ["verify", str(llama_file)]).exit_code == 3


# The command line


def test_command_prints_a_verdict_as_json(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """The JSON verdict has these fields, whatever was found; the exit code says the same as ``agrees``."""
    path = with_formula(llama_file, tmp_path, at(llama_plan, "Cost", "tax_cost"), "5")
    fields: dict[str, type | tuple[type, ...]] = {
        "file": str, "agrees": bool, "cases": list, "cells_compared": int, "cells_compared_with_inputs_moved": int,
        "formulas_compared": int, "canary": dict, "mismatches": list, "mismatches_with_inputs_moved": list,
        "overwritten_formulas": list, "input_problems": list, "inputs_edited_since_build": (bool, type(None)),
        "edits": list, "checks": dict, "notes": list, "foreign_contents": list,
        "stored_results": dict, "recomputed_only": list, "intact": bool, "own_checks_pass": bool, "verified": dict,
        "figures": list, "sections": list, "differences": list, "seal": type(None), "second_evaluator": type(None),
    }  # fmt: skip
    for file, code in ((llama_file, 0), (path, 1)):
        done = command("verify", file, "--format", "json")
        verdict = json.loads(done.stdout)

        assert (done.returncode, done.stderr) == (code, "")
        assert verdict.keys() == fields.keys()
        assert {name: type(verdict[name]) for name in fields if not isinstance(verdict[name], fields[name])} == {}
        assert verdict["agrees"] is (code == 0)
    (overwritten,) = verdict["overwritten_formulas"]
    assert overwritten.keys() == {"sheet", "cell", "label", "key", "expected", "found"}
    (mismatch,) = [item for item in verdict["mismatches"] if item["sheet"] == "Cost" and item["key"] == "tax_cost"]
    assert mismatch["case"] == "H100, MFU 41%"
    assert (mismatch["workbook"], mismatch["reference"], mismatch["relative_difference"]) == (5, 0, None)


def test_command_exits_by_its_verdict(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """0 agrees, 1 for a wrong input or a failing check, 2 wrong usage, 3 nothing to judge; text names the cell."""
    (one := tmp_path / "one").mkdir()
    wrong = edited(llama_file, one, {at(llama_plan, "Inputs", "goodput"): 7})
    failing = edited(llama_file, tmp_path, {at(llama_plan, "Inputs", "n_kv_heads"): 7})

    assert command("verify", llama_file).returncode == 0
    done = command("verify", wrong)
    assert done.returncode == 1
    assert f"Inputs!{at(llama_plan, 'Inputs', 'goodput')[1]}: goodput: is too large" in done.stdout
    assert command("verify", failing).returncode == 1
    assert command("verify").returncode == 2
    assert command("verify", llama_file, "--format", "xml").returncode == 2
    assert command("verify", tmp_path / "missing.xlsx").returncode == 3


def test_command_lists_edits_against_the_scenario(
    built_samples: Mapping[str, Path], llama_plan: Book, tmp_path: Path
) -> None:
    """With ``--scenario``, each input that differs from it is listed, by key and case, and nothing else is."""
    scenario, built = SAMPLES[LLAMA], built_samples[LLAMA]
    changes: dict[CellKey, float | str | bool | None] = {
        at(llama_plan, "Inputs", "gpus"): 8192,
        at(llama_plan, "Inputs", "price_per_gpu_hour", 4): 3.9,
    }
    path = edited(built, tmp_path, changes)
    clean = json.loads(command("verify", built, "--scenario", scenario, "--format", "json").stdout)
    done = command("verify", path, "--scenario", scenario, "--format", "json")

    assert clean["edits"] == []
    assert done.returncode == 0
    assert [line.replace(",", "") for line in json.loads(done.stdout)["edits"]] == [
        "gpus in case H100 MFU 41%: 16384 is now 8192",
        "price_per_gpu_hour in case B200: 4.2 is now 3.9",
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_built_sample_has_no_edits(built_samples: Mapping[str, Path], name: str) -> None:
    """Every sample's file holds the very numbers of its scenario, to the last bit."""
    from sheetgen.verification.evaluate import complete

    scenario = complete(load_scenario(SAMPLES[name]))

    assert verify(built_samples[name], scenario).edits == []
