"""Reading a stranger's file within limits; writing one so that it is whole or untouched, whatever interrupts."""

from __future__ import annotations

import errno
import os
import signal
import stat
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from sheetgen.base.errors import BuildError, InvalidInput, Problem


def read_file(path: Path, most_bytes: int) -> bytes:
    """The content of a regular file, or of one that a link leads to.

    Raises OSError, whose ``strerror`` is for the user: beside the system's reasons, a directory, a pipe or a device
    (which would wait or never end), more than ``most_bytes``, or a name that no file can have.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, str(error)) from error
    with open(handle, "rb") as file:  # noqa: PTH123 - the handle, so that what was looked at is what is read
        status = os.fstat(handle)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "is a directory")
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "is not a regular file")
        data = b"" if status.st_size > most_bytes else file.read(most_bytes + 1)
        size = max(status.st_size, len(data))
        if size > most_bytes:
            raise OSError(errno.EFBIG, f"{size:,} bytes, at most {most_bytes:,} are read")
    return data


def check_target(path: Path, *suffixes: str, inputs: Sequence[Path] = ()) -> None:
    """Raise InvalidInput when a file of this name cannot be meant: no place for a file, another ending, an input."""
    try:
        directory, parent, there = path.is_dir(), path.parent.is_dir(), path.exists()
        regular = path.is_file() or not there
        same = next((str(given) for given in inputs if there and given.exists() and path.samefile(given)), None)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InvalidInput([Problem(f"cannot be a file name: {reason}", str(path))]) from error
    if directory:
        allowed = f"a file name ending in {suffixes[0]}"
        raise InvalidInput([Problem("the output is a directory", str(path), allowed=allowed)])
    if path.suffix.lower() not in suffixes:
        raise InvalidInput([Problem(f"the output must end in {' or '.join(suffixes)}", str(path))])
    if not parent:
        raise InvalidInput([Problem("the directory of the output does not exist", str(path))])
    if not regular:
        raise InvalidInput([Problem("the output is no regular file", str(path))])
    if same is not None:
        raise InvalidInput([Problem("the output is the input, which would be lost", str(path), given=same)])


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the target and move into place in one step; a symbolic link stays, and what it leads to is replaced.

    Raises BuildError when the disk refuses, or the target may not be written. Whatever happens, an interrupt included,
    an old file stays as it was and nothing is left beside it.
    """
    try:
        target = path.resolve()
        status = target.stat() if target.exists() else None
        if status is not None and not status.st_mode & 0o222:
            raise PermissionError(errno.EACCES, "it is read-only")
        _move_into_place(target, content, 0o666 & ~_umask() if status is None else status.st_mode & 0o777)
    except OSError as error:
        raise BuildError(f"{path}: cannot be written: {error.strerror or error}; nothing was changed") from error


def create_file(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file that is not there yet. Raises BuildError as :func:`replace_file`, and when it is there after all."""
    try:
        _move_into_place(path, content, mode & ~_umask(), new=True)
    except FileExistsError as error:
        raise BuildError(f"{path}: exists already") from error
    except OSError as error:
        raise BuildError(f"{path}: cannot be written: {error.strerror or error}; nothing was changed") from error


def _move_into_place(target: Path, content: bytes, mode: int, *, new: bool = False) -> None:
    """Write the content without a name where the system can (Linux), so that even a kill leaves nothing; then name it.

    ``new`` refuses a target that is there.
    """
    handle = _nameless(target.parent)
    if handle is None:
        _with_temporary_name(target, content, mode, new=new)
        return
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        _write(handle, content, mode)
        if new or not target.exists():
            try:
                _name(handle, target.name, folder)
                return
            except FileExistsError:
                if new:
                    raise
        _uninterrupted(lambda: _exchange(handle, target, folder))
    finally:
        os.close(folder)
        os.close(handle)


def _exchange(handle: int, target: Path, folder: int) -> None:
    """Put an open file without a name in the place of one that is there: it needs a name of its own in between."""
    temporary = target.parent / f".sheetgen-{os.getpid()}-{handle}.tmp"
    _name(handle, temporary.name, folder)
    try:
        os.replace(temporary, target)  # noqa: PTH105 - as os.link
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _uninterrupted(steps: Callable[[], None]) -> None:
    """Take steps between which nothing may end the work: in a child, which a kill of this process does not reach.

    Raises the OSError that they raise.
    """
    if getattr(os, "fork", None) is None:
        steps()
        return
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: the child makes two calls
            child = os.fork()
        if child == 0:
            code = errno.EIO
            try:
                steps()
                code = 0
            except OSError as error:
                code = error.errno or errno.EIO
            finally:
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if code:
        number = code if code > 0 else errno.EINTR
        raise OSError(number, os.strerror(number))


def _name(handle: int, name: str, folder: int) -> None:
    """Give an open file without a name one (open(2), O_TMPFILE)."""
    os.link(f"/proc/self/fd/{handle}", name, dst_dir_fd=folder, follow_symlinks=True)


def _nameless(folder: Path) -> int | None:
    """A new file in a folder that has no name yet, or None where the system has no such thing."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not Path("/proc/self/fd").is_dir():
        return None
    try:
        return os.open(folder, flag | os.O_RDWR, 0o600)
    except OSError as error:
        if error.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL}:
            return None  # this file system cannot
        raise


def _with_temporary_name(target: Path, content: bytes, mode: int, *, new: bool) -> None:
    import tempfile  # seldom needed, and takes much with it

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".sheetgen-", suffix=".tmp")
    try:
        try:
            _write(handle, content, mode)
        finally:
            os.close(handle)
        if new:
            os.link(name, target)
        else:
            os.replace(name, target)  # noqa: PTH105 - names, as mkstemp gives them
    finally:
        Path(name).unlink(missing_ok=True)


def _write(handle: int, content: bytes, mode: int) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]
    if hasattr(os, "fchmod"):
        os.fchmod(handle, mode)
    os.fsync(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
