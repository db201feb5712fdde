"""The command line as processes: exit codes, terminals and pipes."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.command import START, sheetgen
from tests.support.paths import SAMPLES

LLAMA = SAMPLES["llama405b"]
ESCAPE = "\x1b"


class TestProcess:
    """The same commands as processes."""

    def test_session(self, tmp_path: Path) -> None:
        """new, build, verify and estimate work from another directory, by relative names, without a terminal."""
        for arguments in (
            ["new", "-o", "a.yaml"],
            ["build", "--scenario", "a.yaml", "-o", "a.xlsx"],
            ["verify", "a.xlsx"],
            ["estimate", "--scenario", "a.yaml"],
        ):
            done = sheetgen(*arguments, cwd=tmp_path)
            assert (done.returncode, done.stderr) == (0, "")
            assert ESCAPE not in done.stdout
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a.xlsx", "a.yaml"]

    def test_codes(self, tmp_path: Path) -> None:
        """A process ends with 1 for invalid input, 2 for wrong usage, 3 for no verdict; never with a traceback."""
        (tmp_path / "bad.yaml").write_text("scenario: x\n")
        for arguments, code in ((["estimate", "--scenario", "bad.yaml"], 1), (["estimate"], 2), (["verify", "."], 3)):
            done = sheetgen(*arguments, cwd=tmp_path)
            assert done.returncode == code
            assert done.stderr
            assert "Traceback" not in done.stderr

    def test_full_standard_output(self) -> None:
        """A standard output that takes nothing ends with 1 and one line, not with a traceback."""
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*START, "estimate", "--scenario", str(LLAMA), "--format", "json"],
                stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "No space left on device" in done.stderr

    def test_terminal(self) -> None:
        """On a terminal tables are drawn in colour; --quiet keeps them plain."""
        for option, rich in (([], True), (["--quiet"], False)):
            shown = on_terminal([*START, *option, "gpus", "h100"])
            assert (ESCAPE in shown) is rich
            assert ("┃" in shown) is rich
            assert "h100-sxm5-80gb" in shown

    def test_output_cut_off(self) -> None:
        """A reader that closes the pipe early, as ``head`` does, causes no traceback."""
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as closed:
            done = subprocess.run(
                [*START, "gpus", "--format", "json"],
                stdin=subprocess.DEVNULL, stdout=closed, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr


def on_terminal(command: Sequence[str]) -> str:
    """What a command prints on a pseudo-terminal 200 columns wide."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65536):
            shown += data
    except OSError:
        pass  # Linux reports the end of a pseudo-terminal as EIO
    os.close(ours)
    assert process.wait(30) == 0
    return shown.decode()
