"""``kill -9`` at many moments of a command that writes a file: the old file or the new, whole, and no litter.

``python -m tests.support.killing --count 200`` kills build, export, seal and pdf as often together, at random moments
and right before each step by which the output is written, and prints what was not as it must be.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import click

from sheetgen import build, load_scenario
from sheetgen.api.seal import keygen
from tests.support.command import START
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES["gpt3-175b"]
OLDER = b"an older file"
PATIENCE = 10.0
"""Seconds within which what a dead command had begun is to end, too."""
STEPS = """
import os, signal, sys
folder, left = sys.argv[1], int(sys.argv[2])
def step(event, arguments):
    global left
    name = arguments[0] if event == "open" else ""
    here = isinstance(name, (str, bytes, os.PathLike)) and os.path.abspath(os.fsdecode(name)).startswith(folder)
    if event in {"os.link", "os.rename"} or (event == "open" and here):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(step)
del sys.argv[1:3]
from sheetgen.cli.main import run
sys.argv[0] = "sheetgen"
run()
"""
"""A program that is killed right before a step on files of a folder, by its number."""


class Command(NamedTuple):
    """What is killed: its arguments, the ending of what it writes, and whether a content is whole."""

    arguments: tuple[str | Path, ...]
    ending: str
    whole: Callable[[bytes], bool]


class Killed(NamedTuple):
    """One kill: when, and what was wrong after it, in words."""

    command: str
    when: str
    wrong: str


def commands(room: Path) -> dict[str, Command]:
    """The commands that write, on a small budget; ``room`` is for what they read."""
    scenario = load_scenario(SAMPLE)
    workbook = build(scenario, room / "budget.xlsx")
    keygen(room / "key.pem", room / "public.pem")
    content = workbook.read_bytes()
    seal = ("seal", workbook, "--key", room / "key.pem", "--by", "J. Doe", "--for", "a test")
    return {
        "build": Command(("build", "--scenario", SAMPLE), ".xlsx", lambda data: data == content),
        "export": Command(("export", workbook, "--onto", SAMPLE), ".yaml", lambda data: data == SAMPLE.read_bytes()),
        "seal": Command(seal, ".json", lambda data: "signature" in json.loads(data)),
        "pdf": Command(
            ("pdf", workbook), ".pdf", lambda data: data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
        ),
    }


class Killer:
    """Kills one command again and again; each time the output is there already."""

    def __init__(self, name: str, command: Command, room: Path) -> None:
        self.name, self.command = name, command
        self.folder, self.temporary = room / f"{name}-out", room / f"{name}-tmp"
        for folder in (self.folder, self.temporary):
            folder.mkdir()
        self.output = self.folder / f"output{command.ending}"
        self.seconds = self._took()

    def at(self, seconds: float) -> Killed:
        """Kill after so many seconds."""
        process = self._started(START)
        time.sleep(seconds)
        process.kill()
        return self._looked_at(process, f"after {seconds:.3f} s")

    def before(self, step: int) -> tuple[Killed, bool]:
        """Kill before a step on files of the output's folder; whether there was one."""
        process = self._started((sys.executable, "-c", STEPS, str(self.folder), str(step)))
        process.wait()
        return self._looked_at(process, f"before step {step + 1}"), process.returncode == -signal.SIGKILL

    def _took(self) -> float:
        start = time.perf_counter()
        process = self._started(START)
        assert process.wait() == 0, self.name
        seconds = time.perf_counter() - start
        assert self.command.whole(self.output.read_bytes()), self.name
        wrong = self._looked_at(process, "not at all").wrong
        assert wrong == "", wrong
        return seconds

    def _started(self, program: tuple[str, ...]) -> subprocess.Popen[bytes]:
        self.output.write_bytes(OLDER)
        return subprocess.Popen(
            [*program, *map(str, self.command.arguments), "-o", str(self.output)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "TMPDIR": str(self.temporary)},
        )

    def _looked_at(self, process: subprocess.Popen[bytes], when: str) -> Killed:
        process.wait()
        deadline = time.monotonic() + PATIENCE
        while (_alive(process.pid) or any(self.temporary.iterdir())) and time.monotonic() < deadline:
            time.sleep(0.05)
        wrong = [f"{number} still runs" for number in _alive(process.pid)]
        wrong += [f"left in the temporary folder: {own.name}" for own in self.temporary.iterdir()]
        wrong += [f"left beside the output: {own.name}" for own in self.folder.iterdir() if own != self.output]
        data = self.output.read_bytes()
        if data != OLDER and not self.command.whole(data):
            wrong.append(f"{len(data)} bytes that are neither the old file nor the new")
        for own in self.folder.iterdir():
            own.unlink()
        return Killed(self.name, when, "; ".join(wrong))


def _alive(session: int) -> list[int]:
    """The processes of a session, but for those that are dead and not yet waited for."""
    found = []
    for own in Path("/proc").iterdir():
        if own.name.isdigit():
            try:
                state, _, _, its = (own / "stat").read_text().rpartition(")")[2].split()[:4]
            except OSError:
                continue
            if int(its) == session and state != "Z":
                found.append(int(own.name))
    return found


def kills(count: int, seed: int, room: Path, names: Mapping[str, Command], *, steps: bool = True) -> Iterator[Killed]:
    """So many kills of each command: before each step, the rest at random moments, half of them near the end."""
    chance = random.Random(seed)  # noqa: S311 - moments that can be repeated, no secret
    for name, command in names.items():
        killer, done = Killer(name, command, room), 0
        there = steps
        while there and done < count:
            killed, there = killer.before(done)
            done += 1
            yield killed
        for number in range(count - done):
            share = chance.random() if number % 2 else chance.uniform(0.85, 1.02)
            yield killer.at(killer.seconds * share)


@click.command()
@click.option("--count", default=200, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(count: int, seed: int) -> None:
    """Kill as often and print what was not as it must be."""
    total = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        known = commands(room)
        for killed in kills(-(-count // len(known)), seed, room, known):
            total += 1
            if killed.wrong:
                wrong += 1
                click.echo(f"{killed.command} {killed.when}: {killed.wrong}")
    click.echo(f"{total:,} kills, {wrong:,} with something wrong")


if __name__ == "__main__":
    main()
