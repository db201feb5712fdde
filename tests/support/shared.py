"""What a run of the tests makes once, also where two processes (``pytest -n 2``) share the work."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

DONE = ".done"


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process to ask for it fills; the others wait for that, and read it.

    Where making it fails, the next to ask tries again from an empty folder.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder of its own in the run's
    room = base / "shared" / name
    room.parent.mkdir(exist_ok=True)
    with (room.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (room / DONE).exists():
            shutil.rmtree(room, ignore_errors=True)
            room.mkdir()
            make(room)
            (room / DONE).touch()
    return room
