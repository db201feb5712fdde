"""A command that is killed, or meets another at its output: the old file or the new, whole, and nothing beside it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.command import START
from tests.support.killing import Command, Killer, commands
from tests.support.paths import SAMPLES

MOST_STEPS = 20


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Command]:
    """The commands that write, and what they read."""
    return commands(tmp_path_factory.mktemp("killing"))


@pytest.mark.parametrize("name", ["export", "seal"])
def test_killed_near_its_end(known: dict[str, Command], tmp_path: Path, name: str) -> None:
    """One moment; ``tests.support.killing`` tries hundreds, and pdf."""
    killer = Killer(name, known[name], tmp_path)
    killed = killer.at(killer.seconds * 0.97)
    assert killed.wrong == "", killed


def test_killed_before_any_step_of_writing(known: dict[str, Command], tmp_path: Path) -> None:
    """Before each step on the output's folder; all commands write by the same."""
    killer = Killer("build", known["build"], tmp_path)
    steps = 0
    while True:
        killed, there = killer.before(steps)
        assert killed.wrong == "", killed
        if not there:
            break
        steps += 1
        assert steps < MOST_STEPS
    assert steps >= 2, "the folder is opened, and the file gets a name"


def test_two_builds_of_one_file(known: dict[str, Command], tmp_path: Path) -> None:
    """At once: one whole workbook, and whoever has the old one open goes on reading that."""
    output = tmp_path / "budget.xlsx"
    output.write_bytes(b"an older file")
    with output.open("rb") as reading:
        scenarios = [SAMPLES["gpt3-175b"], SAMPLES["gpt3-175b"]]
        both = [
            subprocess.Popen([*START, "build", "--scenario", scenario, "-o", output], stdout=subprocess.DEVNULL)
            for scenario in scenarios
        ]
        assert [process.wait(timeout=120) for process in both] == [0, 0]
        assert reading.read() == b"an older file"
    assert known["build"].whole(output.read_bytes())
    assert list(tmp_path.iterdir()) == [output]
