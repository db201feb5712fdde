"""The command line as a user starts it: a process of its own, whose time and memory can be taken.

Peak memory is the ``ru_maxrss`` of the one process waited for (getrusage(2); KiB on Linux), so it holds the interpreter
and its imports too. A process that is spawned inherits the peak of its parent up to the exec, and pytest's is larger
than anything measured here; so a bare Python of some 10 MB stands between.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner, Result

from sheetgen.cli.main import main

START = (sys.executable, "-c", "import sys; from sheetgen.cli.main import run; sys.argv[0] = 'sheetgen'; run()")
TIMEOUT = 120.0
LAUNCHER = """
import os, sys, time
null = os.open(os.devnull, os.O_RDWR)
actions = [(os.POSIX_SPAWN_DUP2, null, stream) for stream in (0, 1)]
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - start
print(os.waitstatus_to_exitcode(status), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""


class Usage(NamedTuple):
    """What one run of a process took: wall-clock seconds, processor seconds, peak resident memory [KiB]."""

    seconds: float
    processor_seconds: float
    peak_kib: int


def sheetgen(
    *arguments: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``sheetgen`` to its end without a terminal. Raises subprocess.TimeoutExpired after two minutes."""
    return subprocess.run(
        [*START, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        check=False,
    )


def measure(command: Sequence[str | Path]) -> Usage:
    """Run a command once and return what it took. Raises RuntimeError when it ends with another code than 0."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LAUNCHER, *map(str, command)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=True,
    )
    code, seconds, processor, peak = done.stdout.split()
    if int(code):
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {code}: {done.stderr}")
    return Usage(float(seconds), float(processor), int(peak))


def invoked(*arguments: str | Path, code: int = 0) -> Result:
    """One command inside this process, without a terminal; it must end with the code and raise nothing else."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, result.output
    return result
