"""Work in a child process: results and errors come back; time, memory and death of the child are an answer each."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetgen.base.child import Limits, beside, in_child, processors
from sheetgen.base.errors import InvalidInput, NotVerifiable, Problem
from sheetgen.base.files import read_file

ROOMY = Limits(20, 500)


def test_a_result_comes_back_from_another_process() -> None:
    """What the function returns, computed elsewhere: the process is not this one, and nothing of it changes here."""
    seen: list[int] = []

    def work() -> tuple[int, list[float]]:
        seen.append(1)
        return os.getpid(), [0.1, 2.0]

    child, values = in_child(work, ROOMY, "x")
    assert child != os.getpid()
    assert values == [0.1, 2.0]
    assert seen == []


def test_an_error_of_ours_comes_back_whole() -> None:
    """Problems keep their places."""
    problem = Problem("no number", "a.yaml", 3, "gpus", "x", "a number")

    def work() -> None:
        raise InvalidInput([problem])

    with pytest.raises(InvalidInput) as caught:
        in_child(work, ROOMY, "x")
    assert caught.value.problems == (problem,)


def test_a_defect_is_seen_as_one() -> None:
    """Another exception is no verdict: it comes with its own name and place."""

    def work() -> None:
        raise KeyError("Key")

    with pytest.raises(RuntimeError, match=r"KeyError: 'Key'\n(?s:.*)test_child"):
        in_child(work, ROOMY, "x")


def spin() -> None:
    """Use the processor for ever."""
    while True:
        pass


def swell() -> int:
    """Ask for more memory again and again."""
    held = []
    while True:
        held.append(bytearray(1 << 22))


def native() -> None:
    """End as a library does that runs out of memory."""
    os.abort()


def fall() -> None:
    """End as a library does that runs out of stack."""
    os.kill(os.getpid(), signal.SIGSEGV)


def leave() -> None:
    """End without a word."""
    os._exit(0)


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (spin, "takes more than 1 seconds"),
        (swell, "needs more than 200 MB of memory"),
        (native, "needs more than 200 MB of memory"),
        (fall, "ended with signal 11"),
        (leave, "no result"),
    ],
)
def test_a_child_that_dies_is_an_answer(
    work: Callable[[], object], words: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that names the subject, exit code 3, nothing on the terminal, no process left."""
    monkeypatch.setattr("sheetgen.base.child.PATIENCE", 90)  # the machine may be busy
    with pytest.raises(NotVerifiable, match=f"^budget.xlsx: .*{words}") as caught:
        in_child(work, Limits(1, 200), "budget.xlsx")
    assert caught.value.exit_code == 3
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_a_child_that_sleeps_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of processor time does not end what waits; the clock does."""
    monkeypatch.setattr("sheetgen.base.child.PATIENCE", 1)
    start = time.monotonic()
    with pytest.raises(NotVerifiable, match="no result within 1 seconds"):
        in_child(lambda: time.sleep(60), Limits(1, 200), "x")
    assert time.monotonic() - start < 20


def test_a_large_result_does_not_block() -> None:
    """More than a pipe holds comes back, too."""
    assert len(in_child(lambda: bytes(5_000_000), ROOMY, "x")) == 5_000_000


def test_without_fork_it_is_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system cannot fork, the function is called here."""
    monkeypatch.delattr(os, "fork")
    assert in_child(os.getpid, ROOMY, "x") == os.getpid()


class TestReading:
    """Files that are none neither hang nor flood."""

    def test_regular(self, tmp_path: Path) -> None:
        """The control: a file and a link to one are read, up to the limit."""
        (tmp_path / "a").write_bytes(b"12345")
        (tmp_path / "b").symlink_to(tmp_path / "a")
        assert read_file(tmp_path / "a", 5) == read_file(tmp_path / "b", 5) == b"12345"
        with pytest.raises(OSError, match="5 bytes, at most 4 are read"):
            read_file(tmp_path / "a", 4)

    def test_pipe(self, tmp_path: Path) -> None:
        """A pipe that nobody writes to is refused at once."""
        os.mkfifo(tmp_path / "a")
        with pytest.raises(OSError, match="not a regular file"):
            read_file(tmp_path / "a", 5)

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/full", "/dev/null"])
    def test_device(self, tmp_path: Path, device: str) -> None:
        """A link to an endless device is refused."""
        (tmp_path / "a").symlink_to(device)
        with pytest.raises(OSError, match="not a regular file"):
            read_file(tmp_path / "a", 5)

    def test_nothing_to_read(self, tmp_path: Path) -> None:
        """A directory, a loop of links, a name with a NUL and a missing file have the system's words."""
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        for name, words in ((".", "directory"), ("loop", "symbolic links"), ("a\0b", "null"), ("none", "No such file")):
            with pytest.raises(OSError, match=words):
                read_file(tmp_path / name, 5)


def test_work_beside_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is begun goes on in another process, and comes back when it is asked for; an error of ours as itself."""
    monkeypatch.setattr("sheetgen.base.child.processors", lambda: 2)
    first, second = beside(os.getpid, ROOMY, "x"), beside(os.getpid, ROOMY, "x")
    assert len({first(), second(), os.getpid()}) == 3

    def refuse() -> None:
        raise NotVerifiable("file: is no workbook")

    with pytest.raises(NotVerifiable, match="is no workbook"):
        beside(refuse, ROOMY, "x")()


def test_nothing_is_beside_on_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a second process would only cost: the function is called when it is asked for."""
    monkeypatch.setattr("sheetgen.base.child.processors", lambda: 1)
    assert beside(os.getpid, ROOMY, "x")() == os.getpid()


def test_death_beside_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a process that dies, or takes too long, is told as one that was waited for, and is no answer."""
    monkeypatch.setattr("sheetgen.base.child.processors", lambda: 2)
    with pytest.raises(NotVerifiable, match="x: could not be read and computed"):
        beside(lambda: os._exit(0), ROOMY, "x")()
    with pytest.raises(NotVerifiable, match="x: takes more than 1 seconds"):
        beside(spin, Limits(1, 200), "x")()


def test_processors_are_those_that_may_be_used() -> None:
    """A process that was bound to one processor has one, however many the machine has."""
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert processors() == len(allowed)
