"""``export``: what was typed into a workbook comes back as a scenario, and nothing else moves."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from sheetgen import InvalidInput, NotVerifiable, build, load_scenario, verify
from sheetgen.api.build import build_bytes
from sheetgen.api.export import export, read_text, tree_of
from sheetgen.base.yaml_text import entry
from sheetgen.catalogue import load_catalogue
from sheetgen.scenario.model import Scenario
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.plan import plan
from tests.support.changes import at
from tests.support.command import sheetgen
from tests.support.paths import SAMPLES, TECHNICAL
from tests.support.strategies import scenarios

READ = ("procurement-70b", "gpt4-epoch", "vit-l16")
"""Samples with months, lines and tiers; of an undisclosed mixture; of images."""


def written_and_read(scenario: Scenario, folder: Path) -> Scenario:
    """A scenario made a text, and that read again."""
    catalogue, path = load_catalogue(), folder / "again.yaml"
    tree = tree_of(scenario, path, path, catalogue)
    return read_text("".join(entry(key, value) for key, value in tree.items()), path, scenario, catalogue, path)


def builds_alike(scenario: Scenario, other: Scenario) -> bool:
    """Whether a scenario gives another's workbook to the byte, but for the name and hash of its file."""
    return build_bytes(replace(scenario, file=other.file, sha256=other.sha256)) == build_bytes(other)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_written_anew_builds_the_same_workbook(
    name: str, built_samples: Mapping[str, Path], tmp_path: Path
) -> None:
    """Every byte of it, and what is written of that again is the same text."""
    scenario = load_scenario(SAMPLES[name], sheets=TECHNICAL)
    again = written_and_read(scenario, tmp_path)
    same = replace(again, file=scenario.file, sha256=scenario.sha256)
    assert build_bytes(same) == built_samples[name].read_bytes()


@pytest.mark.parametrize("name", READ)
def test_a_workbook_gives_the_scenario_that_builds_it(
    name: str, built_samples: Mapping[str, Path], tmp_path: Path
) -> None:
    """Read from the file: sources, sheets, tables, months; exported again it is the same text."""
    scenario = load_scenario(SAMPLES[name], sheets=TECHNICAL)
    out = tmp_path / "out.yaml"
    assert export(built_samples[name], out).left_out == ()
    same = replace(load_scenario(out), file=scenario.file, sha256=scenario.sha256)
    assert build_bytes(same) == built_samples[name].read_bytes()
    assert export(build(load_scenario(out), tmp_path / "b.xlsx"), tmp_path / "twice.yaml").left_out == ()
    assert (tmp_path / "twice.yaml").read_bytes() == out.read_bytes()


def test_put_onto_its_own_file_nothing_changes(tmp_path: Path) -> None:
    """A workbook that nobody edited gives the file that it was built from, so the same bytes again."""
    source = SAMPLES["procurement-70b"]
    workbook = build(load_scenario(source), tmp_path / "b.xlsx")
    out = tmp_path / source.name
    export(workbook, out, onto=source)
    assert out.read_bytes() == source.read_bytes()
    assert build_bytes(load_scenario(out)) == workbook.read_bytes()


@given(scenarios())
@settings(
    max_examples=25, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_any_scenario_is_written_and_read_as_it_is(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Inputs of the budget and of each case, sources and tables."""
    folder = tmp_path_factory.mktemp("drawn")
    path = folder / "drawn.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    scenario = complete(load_scenario(path))
    again = complete(written_and_read(scenario, folder))
    assert dict(again.values) == dict(scenario.values)
    assert [(case.name, dict(case.values)) for case in again.cases] == [
        (case.name, dict(case.values)) for case in scenario.cases
    ]
    assert {key: text for key, text in again.sources.items() if text != "assumption"} == {
        key: text for key, text in scenario.sources.items() if text != "assumption"
    }


def typed(workbook: Path, out: Path, cells: Mapping[tuple[str, int], Any], scenario: Scenario) -> Path:
    """A copy with inputs typed as openpyxl does, by key and case."""
    book, own = openpyxl.load_workbook(workbook), plan(complete(scenario))
    for (key, case), value in cells.items():
        sheet, cell = at(own, "Inputs", key, case)
        book[sheet][cell].value = value
    book.save(out)
    return out


@pytest.fixture(scope="module")
def tender(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Path]:
    """The tender of three quotes, and its workbook."""
    scenario = load_scenario(SAMPLES["procurement-70b"])
    return scenario, build(scenario, tmp_path_factory.mktemp("tender") / "budget.xlsx")


def changed_lines(before: Path, after: Path) -> list[str]:
    """Lines taken away and added, with a sign in front."""
    lines = difflib.unified_diff(*(path.read_text(encoding="utf-8").splitlines() for path in (before, after)), n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]


def test_what_was_typed_comes_back_in_its_place(tender: tuple[Scenario, Path], tmp_path: Path) -> None:
    """An MFU, an amount of a case, a case's name, a line of one's own, a text, a quote of another number of
    accelerators: each line where it stands, and the workbook built of it has the figures of the edited one."""
    scenario, workbook = tender
    source = SAMPLES["procurement-70b"]
    cells = {
        ("stated_mfu", 0): 0.38, ("gpus", 2): 1024, ("case_name", 1): "B, new", ("other_name_1", 0): "Insurance",
        ("other_amount_1", 0): 1200, ("other_amount_1", 1): 1300, ("risk_2", 0): "Rate: moves # here",
    }  # fmt: skip
    edited = typed(workbook, tmp_path / "edited.xlsx", cells, scenario)
    out = tmp_path / "out.yaml"
    assert export(edited, out, onto=source).left_out == ()
    assert changed_lines(source, out) == [
        "-stated_mfu: 40%",
        "+stated_mfu: 38%",
        "-risk_2: The exchange rate moves the compute cost one to one; no hedge is bought.",
        '+risk_2: "Rate: moves # here"',
        "+other_costs:",
        "+  - name: Insurance",
        "+    amount: 1200",
        "+    source: typed into the workbook",
        "-chosen_case: Vendor B, tiers",
        "+chosen_case: B, new",
        "-  - name: Vendor B, tiers",
        "+  - name: B, new",
        "+    other_costs:",
        "+      - name: Insurance",
        "+        amount: 1300",
        "-    gpus: 1536",
        "+    gpus: 1024",
        '-  stated_mfu: "Llama 3 paper, table 4: 38 to 43 % at 8K to 16K GPUs"',
        '+  stated_mfu: "typed into the workbook; before: Llama 3 paper, table 4: 38 to 43 % at 8K to 16K GPUs"',
    ]
    again = build(load_scenario(out), tmp_path / "again.xlsx")
    figures = [(own["case"], own["total_cost"], own["run_days"]) for own in verify(edited).figures()]
    assert [(own["case"], own["total_cost"], own["run_days"]) for own in verify(again).figures()] == figures


def test_a_case_that_the_other_file_lacks_is_added(tender: tuple[Scenario, Path], tmp_path: Path) -> None:
    """Onto a file without the last quote: the rest of it stays."""
    text = SAMPLES["procurement-70b"].read_text(encoding="utf-8")
    start, end = text.index("  - name: Vendor C, H200"), text.index("\nsources:")
    older = tmp_path / "older.yaml"
    older.write_text(text[:start] + text[end:], encoding="utf-8")
    out = tmp_path / "out.yaml"
    export(tender[1], out, onto=older)
    assert yaml.safe_load(out.read_text(encoding="utf-8")) == yaml.safe_load(text)
    assert all(line.startswith("+") for line in changed_lines(older, out))


def test_only_what_is_intact_comes_back(tender: tuple[Scenario, Path], tmp_path: Path) -> None:
    """A typed-in total, an input that is none, a figure that no scenario may give: said, and nothing is written."""
    scenario, workbook = tender
    book, own = openpyxl.load_workbook(workbook), plan(complete(scenario))
    sheet, cell = at(own, "Cost", "total_cost", 1)
    book[sheet][cell].value = 1_000_000
    book.save(tmp_path / "forged.xlsx")
    out = tmp_path / "out.yaml"
    with pytest.raises(NotVerifiable, match=rf"is not intact, and is not exported: {sheet}!{cell}"):
        export(tmp_path / "forged.xlsx", out)
    wrong = typed(workbook, tmp_path / "wrong.xlsx", {("gpus", 0): "many"}, scenario)
    done = sheetgen("export", wrong, "-o", out)
    assert (done.returncode, done.stdout) == (3, "")
    assert "gpus: cannot be used: text where a number is needed" in done.stderr
    contradiction = typed(workbook, tmp_path / "none.xlsx", {("n_kv_heads", 0): 7}, scenario)
    with pytest.raises(InvalidInput, match=r"as a scenario: n_kv_heads: "):
        export(contradiction, out)
    with pytest.raises(InvalidInput, match="the output is the input"):
        export(workbook, SAMPLES["llama405b"], onto=SAMPLES["llama405b"])
    assert not out.exists()


def test_what_nothing_reads_is_left_out_and_said(tender: tuple[Scenario, Path], tmp_path: Path) -> None:
    """A reserved price without a share of reserved capacity is no figure of a scenario."""
    scenario, workbook = tender
    shares = {("reserved_share", 1): 0, ("spot_share", 1): 0}
    edited = typed(workbook, tmp_path / "edited.xlsx", shares, scenario)
    done = sheetgen("export", edited, "-o", tmp_path / "out.yaml")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == "sheetgen: left out: reserved_price: has no effect, nothing reads it"
    assert "reserved_price" not in (tmp_path / "out.yaml").read_text(encoding="utf-8")
