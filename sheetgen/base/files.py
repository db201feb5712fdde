"""Reading a stranger's file within limits; writing one so that it is whole or untouched, whatever interrupts."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

from sheetgen.base.errors import BuildError, InvalidInput, Problem


def check_target(path: Path, *suffixes: str) -> None:
    """Raise InvalidInput when a file of this name cannot be meant: a directory, another ending, no such folder."""
    try:
        directory, parent = path.is_dir(), path.parent.is_dir()
    except OSError as error:
        raise InvalidInput([Problem(f"cannot be a file name: {error.strerror}", str(path))]) from error
    if directory:
        allowed = f"a file name ending in {suffixes[0]}"
        raise InvalidInput([Problem("the output is a directory", str(path), allowed=allowed)])
    if path.suffix.lower() not in suffixes:
        raise InvalidInput([Problem(f"the output must end in {' or '.join(suffixes)}", str(path))])
    if not parent:
        raise InvalidInput([Problem("the directory of the output does not exist", str(path))])


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


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the target and move into place in one step.

    Raises BuildError when the disk refuses. Whatever happens, an interrupt included, an old file stays as it was and
    nothing is left beside it.
    """
    name: str | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".sheetgen-", suffix=".tmp", delete=False) as file:
            name = file.name
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        os.chmod(name, mode)  # noqa: PTH101 - a name, as the temporary file gives it
        os.replace(name, path)  # noqa: PTH105 - the same
        name = None
    except OSError as error:
        raise BuildError(f"{path}: cannot be written: {error.strerror or error}; nothing was changed") from error
    finally:
        if name is not None:
            Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
