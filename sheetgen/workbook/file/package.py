"""A stranger's .xlsx as a package of parts: refused when it is not a sane one, and read within limits.

A part has one name and stands once; what leads from part to part are the relationships (ECMA-376 part 2).
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from sheetgen.base.errors import NotVerifiable, one_line
from sheetgen.base.files import read_file
from sheetgen.workbook.file.xml_part import OFFICE, STRICT, read_xml

MAX_FILE_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 300_000_000
MAX_RATIO = 300
SMALL_PART_BYTES = 2_000_000
MAX_PARTS = 2_000

_END = b"PK\x05\x06"
_END_BYTES = 22
_PART_NAME = re.compile(r"[^/\\\x00-\x1f\x7f:*?\"<>|]+(?:/[^/\\\x00-\x1f\x7f:*?\"<>|]+)*")
_KINDS = (f"{OFFICE}/", f"{STRICT}officeDocument/relationships/")
_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)
"""What zipfile raises where a package is not whole."""


class Relationship(NamedTuple):
    """From a part to another, or to the outside. ``kind`` is short for what Open XML defines, else the whole type."""

    kind: str
    target: str
    external: bool


class Package:
    """The parts of a file by name, whose case does not matter. ``file`` is the file's name in messages."""

    def __init__(self, data: bytes, file: str) -> None:
        """Raises NotVerifiable when this is no sane package."""
        self.file, self._data = file, data
        self.size, self.sha256 = len(data), hashlib.sha256(data).hexdigest()
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            entries = self._archive.infolist()
        except DAMAGE as error:
            raise NotVerifiable(f"{file}: is not an Excel workbook (.xlsx): {error}") from error
        self._refuse_bombs(entries)
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = entry.filename
            if entry.is_dir():
                continue
            if not _PART_NAME.fullmatch(name) or ".." in name.split("/"):
                raise NotVerifiable(f"{file}: {one_line(ascii(name))} is no name of a part; such a file is not read")
            if name.casefold() in self._entries:
                raise NotVerifiable(f"{file}: has two parts named {one_line(name)}; such a file is not read")
            self._entries[name.casefold()] = entry
        end = len(data) - _END_BYTES
        if data[:2] != b"PK" or data[end : end + 4] != _END:
            raise NotVerifiable(f"{file}: is not an Excel workbook (.xlsx) alone: other data stand around it")
        self._refuse_damage()

    def _refuse_damage(self) -> None:
        """Every part holds what its entry says, also one that nobody reads: its size may be a lie."""
        try:
            damaged = self._archive.testzip()
        except DAMAGE as error:
            raise NotVerifiable(f"{self.file}: the package is damaged: {error}") from error
        if damaged is not None:
            raise NotVerifiable(f"{self.file}: the package is damaged: {one_line(damaged)}")

    def _refuse_bombs(self, entries: list[zipfile.ZipInfo]) -> None:
        file = self.file
        if len(entries) > MAX_PARTS:
            raise NotVerifiable(f"{file}: {len(entries):,} parts, at most {MAX_PARTS:,} are read")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise NotVerifiable(f"{file}: unpacks to more than {MAX_UNPACKED_BYTES:,} bytes")
        for entry in entries:
            if entry.file_size > SMALL_PART_BYTES and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
                name = one_line(ascii(entry.filename))
                raise NotVerifiable(f"{file}: {name} is packed more than {MAX_RATIO} times: a bomb")

    def __getstate__(self) -> dict[str, Any]:
        """What another process is given: all but the open archive, of which it makes its own."""
        return {name: value for name, value in self.__dict__.items() if name != "_archive"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._archive = zipfile.ZipFile(io.BytesIO(self._data))

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self._entries

    @property
    def names(self) -> list[str]:
        """The names of the parts, in the order of the file."""
        return [entry.filename for entry in self._entries.values()]

    def read(self, name: str) -> bytes:
        """The content of a part. Raises NotVerifiable when there is none, or it is damaged."""
        try:
            return self._archive.read(self._entries[name.casefold()])
        except KeyError as error:
            raise NotVerifiable(f"{self.file}: has no part {one_line(name)}") from error
        except DAMAGE as error:
            raise NotVerifiable(f"{self.file}: the package is damaged: {one_line(name)}: {error}") from error

    def with_parts(self, parts: Mapping[str, bytes]) -> bytes:
        """The file with other content in some of its parts, in the same order with the same dates."""
        new = io.BytesIO()
        with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, entry in ((entry.filename, entry) for entry in self._entries.values()):
                copy = zipfile.ZipInfo(name, entry.date_time)
                copy.external_attr = entry.external_attr
                archive.writestr(copy, parts[name] if name in parts else self.read(name), entry.compress_type)
        return new.getvalue()

    def xml(self, name: str) -> Element:
        """A part as XML. Raises NotVerifiable for what is not read."""
        return read_xml(self.read(name), f"{self.file}: {one_line(name)}")

    def relationships(self, part: str) -> dict[str, Relationship]:
        """The relationships of a part (of the whole package: "") by their ids; none where it has none.

        Raises NotVerifiable where one id stands twice, or something else than a relationship stands among them.
        """
        folder, name = posixpath.split(part)
        home = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, Relationship] = {}
        if home not in self:
            return found
        for entry in self.xml(home):
            given = entry.get("Id", "")
            if entry.tag != f"{_RELATIONSHIPS}Relationship" or given in found or not given:
                raise NotVerifiable(f"{self.file}: {home} has something that is no relationship of its own")
            kind, target = entry.get("Type", ""), entry.get("Target", "")
            kind = next((kind.removeprefix(start) for start in _KINDS if kind.startswith(start)), kind)
            external = entry.get("TargetMode", "Internal") != "Internal"
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[given] = Relationship(kind, target, external)
        return found

    def main_part(self) -> str:
        """The name of the part that is the workbook. Raises NotVerifiable when there is not exactly one."""
        mains = [link for link in self.relationships("").values() if link.kind == "officeDocument"]
        if len(mains) != 1 or mains[0].external or mains[0].target not in self:
            raise NotVerifiable(f"{self.file}: is not an Excel workbook (.xlsx)")
        return mains[0].target


def source_of(name: str) -> str | None:
    """The part whose relationships a part holds ("" for the whole package's), or None for any other part."""
    found = re.fullmatch(r"(.*/)?_rels/([^/]*)\.rels", name, re.IGNORECASE)
    return None if found is None else (found[1] or "") + found[2]


def open_package(path: Path) -> Package:
    """A workbook file as a package. Raises NotVerifiable when it is missing, too large, or no sane package."""
    try:
        data = read_file(path, MAX_FILE_BYTES)
    except IsADirectoryError as error:
        raise NotVerifiable(f"{one_line(str(path))}: is a directory, not a workbook") from error
    except OSError as error:
        raise NotVerifiable(f"{one_line(str(path))}: cannot be read: {error.strerror or error}") from error
    package = Package(data, one_line(str(path)))
    package.main_part()
    return package
