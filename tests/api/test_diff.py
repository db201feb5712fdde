"""``diff``: what was approved against what came back; shares that add up, worked by hand where a product is split."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path

import pytest

from sheetgen import build, load_scenario
from sheetgen.api.diff import diff
from sheetgen.verification.shares import MOST_PLAYERS, grouped, shapley
from sheetgen.workbook.book import Book
from tests.support.changes import at, edited
from tests.support.command import sheetgen
from tests.support.paths import SAMPLES

LLAMA = SAMPLES["llama405b"]


def test_a_product_of_two_is_split_by_hand() -> None:
    """2 times 10 becomes 3 times 20. The price adds 10 first or 20 last, the hours 20 or 30: 15 and 25 of the 40."""
    new, old = {"price": 3.0, "hours": 20.0}, {"price": 2.0, "hours": 10.0}

    def figures(changed: frozenset[str]) -> tuple[float, ...]:
        return (prod(new[key] if key in changed else old[key] for key in old),)

    assert shapley(["price", "hours"], figures) == {"price": (15.0,), "hours": (25.0,)}
    assert shapley(["hours", "price"], figures) == {"price": (15.0,), "hours": (25.0,)}


def test_what_moves_nothing_has_no_share_and_alike_inputs_have_alike_ones() -> None:
    """A sum of three of which one stays 0: 1 and 1, and nothing."""
    found = shapley(["a", "b", "c"], lambda changed: (float(len(changed - {"c"})),))
    assert found == {"a": (1.0,), "b": (1.0,), "c": (0.0,)}


def test_many_inputs_are_taken_by_groups() -> None:
    """Fourteen by themselves, fifteen by the sections that they stand in."""
    keys = [f"key{number}" for number in range(MOST_PLAYERS + 1)]
    assert list(grouped(keys[:-1], {})) == keys[:-1]
    assert grouped(keys, dict.fromkeys(keys[:9], "Model")) == {
        "Model": tuple(keys[:9]), "other inputs": tuple(keys[9:]),
    }  # fmt: skip


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The sample with fewer accelerators, a higher price and less contingency."""
    text = LLAMA.read_text(encoding="utf-8")
    changes = {"gpus: 16384": "gpus: 12288", "hour: 2.00": "hour: 2.50", "contingency: 10%": "contingency: 5%"}
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "other.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shares_of_a_budget_add_up(other: Path) -> None:
    """Cost is hours times price times 1 + contingency, which the count of accelerators does not move; days are its own.

    With B the cost at a price of 1 and without contingency, the price explains 0.5 · (1.10 + 1.05) / 2 of B and the
    contingency -0.05 · (2 + 2.5) / 2 of it.
    """
    found = diff(LLAMA, other)
    move = found.moves[0]
    own = {share.what: share for share in move.shares}
    bare = move.before["total_cost"] / (2.00 * 1.10)
    assert own["price_per_gpu_hour"].total_cost == pytest.approx(0.5 * (1.10 + 1.05) / 2 * bare)
    assert own["contingency"].total_cost == pytest.approx(-0.05 * (2.0 + 2.5) / 2 * bare)
    assert own["gpus"].run_days == pytest.approx(move.before["run_days"] / 3)  # 16,384 / 12,288 is 4 / 3
    for key in ("total_cost", "run_days"):
        parts = sum(getattr(share, key) for share in move.shares)
        assert parts == pytest.approx(move.after[key] - move.before[key], rel=1e-9)
    assert {item.key for item in found.inputs} == {"gpus", "price_per_gpu_hour", "contingency"}


def test_a_workbook_is_the_same_as_its_scenario(built_samples: Mapping[str, Path]) -> None:
    """Exit 0, and nothing but the last line."""
    done = sheetgen("diff", LLAMA, built_samples["llama405b"])
    assert done.returncode == 0, done.stdout
    assert done.stdout.rstrip().endswith(": the same")


def test_what_came_back_is_held_against_what_was_approved(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """A total typed over its formula: told as a finding of the second file alone; exit 1."""
    cell = at(llama_plan, "Cost", "total_cost")
    second = edited(llama_file, tmp_path, {cell: 1})
    done = sheetgen("diff", llama_file, second, "--format", "json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["findings"]["first_alone"] == []
    assert f"Cost!{cell[1]}" in {text.split(" ")[0].rstrip(":") for text in found["findings"]["second_alone"]}
    assert found["inputs"] == []


def test_cases_are_paired_by_name(tmp_path: Path) -> None:
    """Two cases change places: nothing is another one. One renamed: it is said, and its inputs are the same."""
    scenario = load_scenario(LLAMA)
    first, second, *rest = scenario.cases[1:]
    build(scenario, tmp_path / "a.xlsx")
    build(replace(scenario, cases=(scenario.cases[0], second, first, *rest)), tmp_path / "b.xlsx")
    last = replace(scenario.cases[-1], name="Else")
    build(replace(scenario, cases=(*scenario.cases[:-1], last)), tmp_path / "c.xlsx")
    assert diff(tmp_path / "a.xlsx", tmp_path / "b.xlsx").inputs == ()
    renamed = diff(tmp_path / "a.xlsx", tmp_path / "c.xlsx")
    assert renamed.cases == (f"case {scenario.cases[-1].name!r} is now 'Else'",)
    assert not any(move.shares for move in renamed.moves)
