"""A stranger's .xlsx as bytes: refused when it is not a sane package, and poisoned before it is evaluated.

``verify`` must prove that it does not read cached values. So every cached value of a formula cell is replaced by a
poison number before the evaluator sees the file; a cell that evaluates to the poison was never computed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from sheetgen.base.errors import NotVerifiable

MAX_FILE_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 300_000_000
MAX_RATIO = 300
SMALL_PART_BYTES = 2_000_000
MAX_PARTS = 2_000

POISON = 987654321.125

# A formula cell, whoever wrote the file: its tag with the prefix and its <f> element, and its cached <v>. Cells that
# hold a boolean, an error or a shared string have no place for a number.
_FORMULA_CELL = (
    rb"(<(PREFIX)c\b(?![^>]*\st=\"[bes]\")[^>]*>\s*<PREFIXf\b(?:[^>]*/>|[^>]*>[^<]*</PREFIXf>)\s*)"
    rb"(?:<PREFIXv\b[^>]*/>|<PREFIXv\b[^>]*>[^<]*</PREFIXv>)?"
)
_ANY = re.compile(_FORMULA_CELL.replace(b"PREFIX", rb"(?:\w+:)?"))
_BARE = re.compile(_FORMULA_CELL.replace(b"PREFIX", b""))  # twice as fast, and most programs write no prefix
_VALUE = b"v>%r</" % POISON


def read_package(path: Path) -> bytes:
    """The content of a workbook file. Raises NotVerifiable when it is missing, too large, or no sane package."""
    try:
        if path.is_dir():
            raise NotVerifiable(f"{path}: is a directory, not a workbook")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise NotVerifiable(f"{path}: {size:,} bytes, at most {MAX_FILE_BYTES:,} are read")
        data = path.read_bytes()
    except OSError as error:
        raise NotVerifiable(f"{path}: cannot be read: {error.strerror or error}") from error
    _check_package(data, str(path))
    return data


def _check_package(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise NotVerifiable(f"{name}: {len(parts):,} parts, at most {MAX_PARTS:,} are read")
            if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise NotVerifiable(f"{name}: unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
            for part in parts:
                if part.file_size > SMALL_PART_BYTES and part.file_size > MAX_RATIO * max(part.compress_size, 1):
                    raise NotVerifiable(f"{name}: {part.filename!r} is packed more than {MAX_RATIO} times: a bomb")
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                raise NotVerifiable(f"{name}: is not an Excel workbook (.xlsx)")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise NotVerifiable(f"{name}: is not an Excel workbook (.xlsx): {error}") from error


def _poison(match: re.Match[bytes]) -> bytes:
    start, prefix = match.groups()
    return start + b"<" + prefix + _VALUE + prefix + b"v>"


def poisoned(data: bytes) -> tuple[bytes, int]:
    """The package with the cached value of every formula cell replaced by the poison, and how many were.

    Raises NotVerifiable for a part that declares a DTD: entities are how XML bombs are made.
    """
    target = io.BytesIO()
    count = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as out:
            for part in source.infolist():
                content = source.read(part)
                if part.filename.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in content or b"<!ENTITY" in content):
                    raise NotVerifiable(f"{part.filename} declares entities; such a file is not read")
                if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml"):
                    content, found = (_ANY if b":c" in content else _BARE).subn(_poison, content)
                    count += found
                out.writestr(part.filename, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise NotVerifiable(f"the package is damaged: {error}") from error
    return target.getvalue(), count
