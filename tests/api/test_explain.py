"""``explain``: keys, cells, values and trees as a reader asks for them, and what is refused."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from sheetgen.api.explain import Explanation, explain, explain_cell, known_keys
from sheetgen.base.errors import InvalidInput
from sheetgen.engine import ENGINE
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import Evaluation, evaluate
from tests.support.command import invoked as run
from tests.support.edits import set_cells
from tests.support.package import cached_values
from tests.support.paths import SAMPLES

LLAMA = SAMPLES["llama405b"]


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """The Llama sample, computed."""
    return evaluate(load_scenario(LLAMA))


def keys_below(explanation: Explanation) -> list[str]:
    """Every key of a tree, from the top."""
    return [explanation.key, *(key for part in explanation.rests_on for key in keys_below(part))]


def test_a_quantity_is_explained_by_both_sides() -> None:
    """GPU-hours: what they are, the row with its formula in keys and in words, and the function that is imported."""
    found = explain("gpu_hours")

    assert (found.kind, found.unit, found.sheet) == ("quantity", "GPU*h", "Time")
    assert found.formula == "elapsed_seconds / seconds_per_hour * gpus"
    assert found.words == "Elapsed time with goodput ÷ Seconds per hour × Accelerators in the run"
    module, _, place = found.function.partition(":")
    line, name = place.split()
    quantity = getattr(importlib.import_module(module), name)
    assert quantity.function.__code__.co_firstlineno == int(line)
    assert [part.key for part in found.rests_on] == ["elapsed_seconds", "gpus"]


def test_values_are_those_of_the_case(evaluation: Evaluation) -> None:
    """Of the case put forward unless one is named; dates, months and texts are there as well as numbers."""
    other = evaluation.scenario.cases[-1].name

    for case, values in ((None, evaluation.quantities[evaluation.scenario.chosen]), (other, evaluation.quantities[-1])):
        found = explain("total_cost", 3, evaluation, case)
        assert found.value == values["total_cost"]
        assert {part.key: part.value for part in found.rests_on} == {
            key: values[key] for key in ("cost_before_tax", "tax_cost")
        }
    assert explain("accrued:2", 1, evaluation).value == evaluation.quantities[evaluation.scenario.chosen]["accrued:2"]
    assert explain("flops_convention", 1, evaluation).value == "6nd"
    assert explain("seconds_per_hour").value == 3600


def test_a_tree_ends_at_its_depth_and_tells_nothing_twice() -> None:
    """Depth 0 is the key alone; however deep, each key has its parts once, and all that it rests on is there."""
    assert explain("total_cost", 0).rests_on == ()
    deep = explain("total_cost", 100)
    told: list[str] = []

    def tell(part: Explanation) -> None:
        if part.rests_on:
            told.append(part.key)
        for below in part.rests_on:
            tell(below)

    tell(deep)
    assert len(told) == len(set(told))
    assert set(keys_below(deep)) == ENGINE.rests_on(["total_cost"])


def test_every_key_can_be_explained(evaluation: Evaluation) -> None:
    """No key of either side is without a word of what it is, and none fails with values."""
    for key in sorted(known_keys()):
        found = explain(key, 1, evaluation)
        assert found.label or found.what, key
        assert found.kind == "table" or found.sheet or found.function or "of the engine" in found.kind, key


def test_an_unknown_key_is_refused_with_the_nearest() -> None:
    """A slip gets a suggestion; so does a case."""
    with pytest.raises(InvalidInput, match="did you mean 'gpu_hours'"):
        explain("gpu_hous")


def test_an_unknown_case_is_refused(evaluation: Evaluation) -> None:
    """With the names that there are."""
    with pytest.raises(InvalidInput, match=evaluation.scenario.cases[0].name):
        explain("mfu", 1, evaluation, "nobody's")


class TestCells:
    """A cell of a workbook, whatever was typed into it or where its row was moved."""

    def test_a_cell_has_key_case_formula_and_value(self, built_samples: dict[str, Path]) -> None:
        """The total of the second case of the Llama sample, as the file has it."""
        path = built_samples["llama405b"]
        row = next(row for (sheet, row), key in keys_of(path).items() if sheet == "Cost" and key == "total_cost")
        found = explain_cell(path, f"cost!$e${row}")

        assert found.cell == f"Cost!E{row}"
        assert found.row.key == "total_cost"
        assert found.value == pytest.approx(found.row.value)
        assert found.value == pytest.approx(cached_values(path)["Cost", f"E{row}"].value)
        assert found.formula
        assert found.row.rests_on

    def test_a_typed_figure_is_the_one_explained(self, built_samples: dict[str, Path], tmp_path: Path) -> None:
        """Other GPUs typed: the values below the cell are those of the file, not of the scenario."""
        path, edited = built_samples["gpt4-epoch"], tmp_path / "edited.xlsx"
        gpus = next(row for (sheet, row), key in keys_of(path).items() if sheet == "Inputs" and key == "gpus")
        hours = next(row for (sheet, row), key in keys_of(path).items() if sheet == "Time" and key == "gpu_hours")
        set_cells(path, edited, {("Inputs", f"D{gpus}"): 12345})
        parts = {part.key: part.value for part in explain_cell(edited, f"Time!D{hours}").row.rests_on}

        assert parts["gpus"] == 12345

    @pytest.mark.parametrize(
        ("cell", "message"),
        [
            ("Cost", "is no cell"),
            ("Costs!D9", "did you mean 'Cost'"),
            ("Cost!A1", "holds no figure"),
            ("About!A1", "holds no figure"),
        ],
    )
    def test_what_is_no_figure_is_refused(self, built_samples: dict[str, Path], cell: str, message: str) -> None:
        """No address, no such sheet, a title."""
        with pytest.raises(InvalidInput, match=message):
            explain_cell(built_samples["gpt4-epoch"], cell)


def keys_of(path: Path) -> dict[tuple[str, int], str]:
    """The key of each row (1-based) that has one, by sheet and row."""
    cells = cached_values(path)
    return {
        (sheet, int(cell[1:])): str(value.value)
        for (sheet, cell), value in cells.items()
        if cell[0] == "B" and cell[1:].isdigit()
    }


class TestCommand:
    """The command line: text with a tree, JSON, and its refusals."""

    def test_text(self) -> None:
        """The facts first, then the tree with values."""
        text = run("explain", "total_cost", "--scenario", LLAMA, "--depth", "2").stdout

        assert text.startswith("key ")
        assert "sheet Cost, “Total cost”" in text
        assert "├── cost_before_tax = " in text
        assert "    └── tax = 0.00%" in text

    def test_json(self) -> None:
        """The same as data."""
        data = json.loads(run("explain", "n_layers", "--scenario", LLAMA, "--format", "json").stdout)

        assert (data["kind"], data["value"], data["sheet"]) == ("input", 126, "Inputs")

    def test_a_cell(self, built_samples: dict[str, Path]) -> None:
        """Sheet, formula and value of the cell stand above what its row is; a cell of a sensitivity table says what is
        moved."""
        path = built_samples["procurement-70b"]
        row = next(row for (sheet, row), key in keys_of(path).items() if sheet == "Cost" and key == "tax_cost")
        assert f"Cost!D{row}, case Vendor A, H100: " in run("explain", path, f"Cost!D{row}").stdout
        data = json.loads(run("explain", path, "Sensitivity!E36", "--format", "json").stdout)
        assert data["moved"]

    def test_refusals(self, built_samples: dict[str, Path]) -> None:
        """A case without a scenario, and a scenario for a cell, are wrong usage; an unknown key is wrong input."""
        run("explain", "mfu", "--case", "Base", code=2)
        run("explain", built_samples["gpt4-epoch"], "Cost!D9", "--scenario", LLAMA, code=2)
        assert "did you mean 'mfu'" in run("explain", "mfuu", code=1).output
