"""Programs that a test needs and a machine may lack.

On a developer's machine the test is skipped with the reason; in CI (``CI=true``), where everything is
installed, the same absence is a failure: a check that silently did not run would look like one that passed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Whether the environment says that this is CI (``CI`` is true, yes or 1)."""
    return os.environ.get("CI", "").strip().lower() in {"1", "true", "yes"}


def lacking(reason: str) -> NoReturn:
    """End the running test because a tool is missing: failed in CI, skipped with the reason elsewhere."""
    if in_ci():
        pytest.fail(f"CI must run this check, but {reason}", pytrace=False)
    pytest.skip(reason)


def need(program: str, package: str) -> str:
    """The path of a program, or the end of the test, naming the Debian package that brings it."""
    found = shutil.which(program)
    if found is None:
        lacking(f"{program} is not installed (Debian package {package})")
    return found


def run(
    command: Sequence[str], *, timeout: float, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return its output; kill it and its children after ``timeout`` seconds.

    ``environment`` is added to the process's own. Raises subprocess.TimeoutExpired; a bad exit code is
    returned, not raised, because soffice ends with 0 whatever happened and the validator ends with 1 when
    it worked.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # soffice is a script: its child would live on with the profile locked
        process.communicate()
        raise
    return subprocess.CompletedProcess(list(command), process.returncode, stdout, stderr)


def require_file(path: Path) -> Path:
    """The absolute path of an existing file. Raises FileNotFoundError, since some tools say nothing at
    all.
    """
    if not path.is_file():
        raise FileNotFoundError(path)
    return path.resolve()
