"""sheetgen compare: several scenarios in one workbook, each with the figures that it has alone."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from sheetgen.api.build import build
from sheetgen.api.combine import combine
from sheetgen.api.estimate import estimate
from sheetgen.base.errors import InvalidInput
from sheetgen.cli.main import main
from sheetgen.scenario.reader import load_scenario, load_scenarios
from sheetgen.verification.workbook import verify
from tests.support.paths import ROOT

GPT3, LLAMA, MIXTRAL = (ROOT / f"samples/{name}.yaml" for name in ("gpt3-175b", "llama405b", "mixtral-8x7b"))


def test_each_case_has_the_figures_that_it_has_alone() -> None:
    """Quantities of every case, and the published totals: 3.14E+23 for GPT-3, 3.8E+25 for Llama 3.1 405B."""
    alone = [estimate(load_scenario(path)) for path in (GPT3, LLAMA, MIXTRAL)]
    together = estimate(combine(load_scenarios([GPT3, LLAMA, MIXTRAL])))

    assert list(together.quantities) == [values for item in alone for values in item.quantities]
    flops = [values["training_flops"] for values in together.quantities]
    assert flops[0] == pytest.approx(4.3e23, rel=0.05)  # its base counts 8·N·D
    assert flops[-5] == pytest.approx(3.8e25, rel=1e-9)  # the case with the published total


def test_the_workbook_agrees_after_an_edit_of_the_base(tmp_path: Path) -> None:
    """An edit of the first scenario's base reaches its own cases and none of another scenario."""
    path = build(combine(load_scenarios([MIXTRAL, GPT3])), tmp_path / "compare.xlsx")
    before = verify(path)
    assert before.agrees
    book = openpyxl.load_workbook(path)
    page = book["Inputs"]
    row = next(cell.row for cell in page["B"] if cell.value == "price_per_gpu_hour")
    page.cell(row, 4).value = 9.5
    book.save(path)
    after = verify(path)
    assert after.agrees
    own = len(load_scenario(MIXTRAL).cases)
    changed = [
        old["total_cost"] != new["total_cost"] for old, new in zip(before.key_figures, after.key_figures, strict=True)
    ]
    assert changed[0]
    assert not any(changed[own:])


def test_equal_names_get_their_file(tmp_path: Path) -> None:
    twin = tmp_path / "twin.yaml"
    twin.write_text(GPT3.read_text(encoding="utf-8"), encoding="utf-8")
    found = combine(load_scenarios([GPT3, twin]))
    names = [case.name for case in found.cases]
    assert len({name.lower() for name in names}) == len(names)
    assert names[0].startswith("gpt3-175b: ")
    assert names[-1].startswith("twin: ")
    assert all(len(name) <= 40 for name in names)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("currency: USD", "currency: EUR", "currency"),
        ("as_of: ", "days_per_year: 364\nas_of: ", "days_per_year"),
        ("as_of: 2026-11-01", "as_of: 2026-11-02", "as_of"),
    ],
)
def test_what_is_one_for_the_workbook_must_be_the_same(tmp_path: Path, old: str, new: str, key: str) -> None:
    text = GPT3.read_text(encoding="utf-8")
    assert old in text
    other = tmp_path / "other.yaml"
    other.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        combine(load_scenarios([GPT3, other]))
    assert [problem.key for problem in raised.value.problems] == [key]


def test_one_scenario_is_nothing_to_compare() -> None:
    with pytest.raises(InvalidInput, match="two scenario files"):
        combine(load_scenarios([GPT3]))


def test_mistakes_of_all_files_are_told(tmp_path: Path) -> None:
    paths = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for path in paths:
        path.write_text("scenario: only\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        load_scenarios(paths)
    assert {str(problem.file) for problem in raised.value.problems} == {str(path) for path in paths}


def test_command(tmp_path: Path) -> None:
    output = tmp_path / "compare.xlsx"
    result = CliRunner().invoke(main, ["compare", str(GPT3), str(MIXTRAL), "-o", str(output)])
    assert result.exit_code == 0, result.output
    about = openpyxl.load_workbook(output)["About"]
    texts = [str(cell.value) for row in about.iter_rows() for cell in row if cell.value]
    assert "sheetgen compare gpt3-175b.yaml mixtral-8x7b.yaml -o budget.xlsx" in texts
    assert CliRunner().invoke(main, ["compare", str(GPT3), "-o", str(output)]).exit_code == 1
