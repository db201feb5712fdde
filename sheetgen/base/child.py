"""Work on a stranger's file in a process of its own, with limits of time and memory.

A spreadsheet can ask for any amount of either, and a library that runs out of memory may end its whole process. So what
reads and evaluates such a file is a child, forked before anything large is imported (about a millisecond); when it does
not come back with a result, that is an answer too, and a message.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import pickle
import select
import signal
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn, TypeVar, cast

from sheetgen.base.errors import NotVerifiable, SheetgenError

T = TypeVar("T")
MEGABYTE = 1_000_000
PATIENCE = 30
"""Seconds on the clock for each second of processor time, for other programs may have the machine: the first limit is
for what computes, this one for what waits, which nothing in a file can make it do."""


class Limits(NamedTuple):
    """What a child may use: processor time [s], and memory of its own [MB] beside what it was born with."""

    seconds: float
    megabytes: int


def in_child(function: Callable[[], T], limits: Limits, subject: str) -> T:
    """What ``function`` returns, computed in a child process; what it raises is raised here.

    Raises NotVerifiable, which begins with ``subject``, when the child reaches a limit or dies. Where a system cannot
    fork (Windows), the function is simply called.
    """
    return begun(function, limits, subject)()


def beside(function: Callable[[], T], limits: Limits, subject: str) -> Callable[[], T]:
    """As :func:`begun` where there is a processor for it; on a single one the function is called when asked for."""
    return begun(function, limits, subject) if processors() > 1 else function


def processors() -> int:
    """How many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def begun(function: Callable[[], T], limits: Limits, subject: str) -> Callable[[], T]:
    """Begin to compute ``function`` in a child process; what comes back waits for it, once, and is as :func:`in_child`
    says."""
    if getattr(os, "fork", None) is None:
        return function
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # Python warns of forking beside threads; this child computes, writes to its pipe, and leaves by os._exit.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reader)
        _work(function, limits, writer)
    os.close(writer)
    deadline = time.monotonic() + PATIENCE * limits.seconds

    def collected() -> T:
        try:
            answer = _read(reader, deadline)
        finally:
            os.close(reader)
            os.kill(child, signal.SIGKILL)  # it has answered, or must stop
            status = os.waitpid(child, 0)[1]
        return cast("T", _result(answer, status, limits, subject))

    return collected


def _result(answer: bytes | None, status: int, limits: Limits, subject: str) -> Any:
    """What a child that ended with this status computed; what it raised is raised."""
    if answer is None:
        raise NotVerifiable(f"{subject}: gave no result within {PATIENCE * limits.seconds:.0f} seconds and was ended")
    if not answer:
        raise NotVerifiable(f"{subject}: {_death(status, limits)}")
    kind, value = pickle.loads(answer)  # noqa: S301 - written by our own child
    if kind == "memory":
        raise NotVerifiable(f"{subject}: needs more than {limits.megabytes} MB of memory to be read and computed")
    if kind == "raised":
        raise value
    return value


def _work(function: Callable[[], Any], limits: Limits, writer: int) -> NoReturn:
    """The child's whole life."""
    code = 1
    gc.disable()  # over before it pays, and what the caller holds would be looked through: a quarter of a verify's time
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):  # a dying library speaks to the terminal; and nothing of ours is said twice
            os.dup2(null, stream)
        faulthandler.disable()
        _limit(limits)
        answer = _answer(function)
        with open(writer, "wb") as pipe:
            pipe.write(answer)
        code = 0
    finally:
        os._exit(code)


def _answer(function: Callable[[], Any]) -> bytes:
    try:
        return pickle.dumps(("returned", function()), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps(("memory", None))
    except SheetgenError as error:
        return pickle.dumps(("raised", error))
    except Exception as error:  # a defect of ours: it is to be seen as one, with its place
        import traceback

        told = RuntimeError(f"{type(error).__name__}: {error}\n{traceback.format_exc()}")
        return pickle.dumps(("raised", told))


def _limit(limits: Limits) -> None:
    import resource

    def lower(which: int, wanted: int) -> None:
        hard = resource.getrlimit(which)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(which, (most, most))

    seconds = int(limits.seconds) + 1
    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_CPU, seconds)
    # Private memory that can be written to, which Linux counts in RLIMIT_DATA since 4.7; libraries that are mapped but
    # not used do not count. macOS knows neither limit, and the time limit remains.
    lower(resource.RLIMIT_DATA, _data_bytes() + limits.megabytes * MEGABYTE)


def _data_bytes() -> int:
    """The private writable memory that the process has already (Linux; elsewhere nothing is known)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - pathlib is an import more
            pages = int(file.read().split()[5])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _read(reader: int, deadline: float) -> bytes | None:
    """Everything that the child writes; None when it takes until the deadline [monotonic seconds]."""
    pieces: list[bytes] = []
    waiting = select.poll()
    waiting.register(reader, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not waiting.poll(left * 1000):
            return None
        piece = os.read(reader, 1 << 20)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _death(status: int, limits: Limits) -> str:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number in (signal.SIGXCPU, signal.SIGKILL):
        return f"takes more than {limits.seconds:.0f} seconds to be read and computed"
    if number == signal.SIGABRT:
        return f"needs more than {limits.megabytes} MB of memory to be read and computed"
    return f"could not be read and computed: the process ended with {f'signal {number}' if number else 'no result'}"
