"""Files that ``verify`` cannot judge: exit code 3, one line, no traceback, whatever the file holds.

A finance department mails files about; what arrives may be cut off, another program's, or made to harm.
"""

from __future__ import annotations

import errno
import os
import random
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from sheetgen import verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.workbook.book import Book
from sheetgen.workbook.file.package import MAX_FILE_BYTES
from tests.support.changes import at, sheet_part, with_formula
from tests.support.command import sheetgen as command
from tests.support.edits import edit_parts

LLAMA = "llama405b"
Breakage = Callable[[Path, Path], None]

BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>'


def rewritten(path: Path, out: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """A copy with parts changed, or left out where ``change`` gives None."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            data = change(info.filename, source.read(info))
            if data is not None:
                target.writestr(info.filename, data)


def missing(_path: Path, _out: Path) -> None:
    """No file."""


def directory(_path: Path, out: Path) -> None:
    """A folder with the name of a workbook."""
    out.mkdir()


def empty(_path: Path, out: Path) -> None:
    """Nothing in the file."""
    out.write_bytes(b"")


def text(_path: Path, out: Path) -> None:
    """A table of another kind."""
    out.write_text("key,value\ngpus,16384\n", encoding="utf-8")


def noise(_path: Path, out: Path) -> None:
    """Bytes without meaning."""
    out.write_bytes(random.Random(1).randbytes(20_000))  # noqa: S311 - the same noise every time


def truncated(path: Path, out: Path) -> None:
    """A download that broke off."""
    data = path.read_bytes()
    out.write_bytes(data[: len(data) * 2 // 3])


def damaged(path: Path, out: Path) -> None:
    """The packed bytes of one sheet overwritten, the zip's directory whole."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(sheet_part(path, "FLOPs"))
    data = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len(info.filename)
    data[start + 20 : start + 220] = b"\xff" * 200
    out.write_bytes(data)


def encrypted(path: Path, out: Path) -> None:
    """The flag of an encrypted entry set on every entry."""
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for match in re.finditer(re.escape(signature), bytes(data)):
            flags = struct.unpack_from("<H", data, match.start() + offset)[0]
            struct.pack_into("<H", data, match.start() + offset, flags | 1)
    out.write_bytes(data)


def unknown_compression(path: Path, out: Path) -> None:
    """A compression method that no program has."""
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        for match in re.finditer(re.escape(signature), bytes(data)):
            struct.pack_into("<H", data, match.start() + offset, 77)
    out.write_bytes(data)


def zip_bomb(path: Path, out: Path) -> None:
    """A sheet of a gigabyte of spaces, packed a thousandfold."""
    rewritten(path, out, lambda _, data: data)
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet99.xml", "w") as part,
    ):
        for _ in range(1000):
            part.write(b" " * 1_000_000)


def lying_bomb(path: Path, out: Path) -> None:
    """A packed sheet whose directory entry says that it is small."""
    name = "xl/worksheets/sheet99.xml"
    rewritten(path, out, lambda _, data: data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b" " * 50_000_000)
    data = bytearray(out.read_bytes())
    central = data.rfind(b"PK\x01\x02")
    local = data.rfind(b"PK\x03\x04")
    struct.pack_into("<I", data, central + 24, 1000)
    struct.pack_into("<I", data, local + 22, 1000)
    out.write_bytes(data)


def many_parts(path: Path, out: Path) -> None:
    """Thousands of parts."""
    rewritten(path, out, lambda _, data: data)
    with zipfile.ZipFile(out, "a") as archive:
        for index in range(5000):
            archive.writestr(f"xl/media/image{index}.png", b"")


def huge(_path: Path, out: Path) -> None:
    """More bytes than any budget has, without using the disk."""
    with out.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)


def entity_bomb(path: Path, out: Path) -> None:
    """Entities that expand a hundredfold, in the workbook part."""
    rewritten(path, out, lambda name, data: after_declaration(data, BOMB) if name == "xl/workbook.xml" else data)


def external_entity(path: Path, out: Path) -> None:
    """An entity that names a file of the machine, in the texts."""
    rewritten(path, out, lambda name, data: after_declaration(data, EXTERNAL) if name.endswith("Strings.xml") else data)


def bomb_in_utf16(path: Path, out: Path) -> None:
    """The same bomb in another encoding, which XML allows and a search for ASCII does not see."""

    def change(name: str, data: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return data
        bomb = after_declaration(data, BOMB).decode("utf-8").replace("UTF-8", "UTF-16")
        return bomb.encode("utf-16")

    rewritten(path, out, change)


def after_declaration(data: bytes, doctype: str) -> bytes:
    """XML with a document type behind its declaration."""
    return data.replace(b"?>", b"?>" + doctype.encode(), 1)


def no_workbook_part(path: Path, out: Path) -> None:
    """A zip without ``xl/workbook.xml``: any other zip, or a Word document."""
    rewritten(path, out, lambda name, data: None if name == "xl/workbook.xml" else data)


def no_sheet_part(path: Path, out: Path) -> None:
    """A workbook that names a sheet which is not there."""
    lost = sheet_part(path, "Inputs")
    rewritten(path, out, lambda name, data: None if name == lost else data)


def broken_xml(path: Path, out: Path) -> None:
    """A sheet whose XML ends in the middle."""
    part = sheet_part(path, "Inputs")
    rewritten(path, out, lambda name, data: data[: len(data) // 2] if name == part else data)


def foreign(_path: Path, out: Path) -> None:
    """Somebody else's workbook, with formulas."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "=1+1"
    book.save(out)


def lost_key(path: Path, out: Path) -> None:
    """The key of an input overtyped."""
    edit_parts(path, out, {"xl/sharedStrings.xml": lambda text: text.replace(">global_batch_tokens<", ">batch<")})


BREAKAGES: tuple[tuple[Breakage, str], ...] = (
    (missing, "No such file"),
    (directory, "is a directory"),
    (empty, "is not an Excel workbook"),
    (text, "is not an Excel workbook"),
    (noise, "is not an Excel workbook"),
    (truncated, "is not an Excel workbook"),
    (damaged, "damaged"),
    (encrypted, "damaged|encrypted"),
    (unknown_compression, "damaged|not an Excel workbook"),
    (zip_bomb, "unpacks to more than|a bomb"),
    (lying_bomb, ""),
    (many_parts, "parts, at most"),
    (huge, "at most"),
    (entity_bomb, "declares entities"),
    (external_entity, "declares entities"),
    (bomb_in_utf16, ""),
    (no_workbook_part, "is not an Excel workbook"),
    (no_sheet_part, ""),
    (broken_xml, "cannot be read"),
    (foreign, "is not a sheetgen workbook: no sheet About"),
    (lost_key, "no row global_batch_tokens"),
)


@pytest.mark.parametrize(("breakage", "words"), BREAKAGES, ids=[breakage.__name__ for breakage, _ in BREAKAGES])
def test_file_without_a_verdict(llama_file: Path, tmp_path: Path, breakage: Breakage, words: str) -> None:
    """The command ends with 3 and one line that says why; nothing on the output, no traceback."""
    path = tmp_path / "budget.xlsx"
    breakage(llama_file, path)
    done = command("verify", path)

    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("sheetgen: ")
    assert re.search(words, done.stderr)


def test_file_that_may_not_be_read(llama_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without permission to read it is refused with the system's reason."""

    real = os.open

    def refuse(path: str | Path, *rest: int) -> int:
        if Path(path) == llama_file:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *rest)

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(NotVerifiable, match=r"llama\.xlsx: cannot be read: Permission denied"):
        verify(llama_file)


@pytest.mark.parametrize("seed", range(8))
def test_damaged_bytes_never_end_in_a_traceback(llama_file: Path, tmp_path: Path, seed: int) -> None:
    """Bytes overwritten anywhere in the file: a verdict or NotVerifiable, never another exception."""
    chance = random.Random(seed)  # noqa: S311 - the same damage every time
    path = tmp_path / "budget.xlsx"
    original = llama_file.read_bytes()
    refused = 0
    for _ in range(12):
        data = bytearray(original)
        for _ in range(chance.randint(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            verify(path)
        except NotVerifiable:
            refused += 1

    assert refused > 0


HOSTILE: Mapping[str, str] = {
    "division by zero": "1 / 0",
    "circular": "{cell} + 1",
    "deep parentheses": "(" * 20_000 + "1" + ")" * 20_000,
    "long": " + ".join(["1"] * 200_000),
    "huge array": "SUM(SEQUENCE(1048576, 16384))",
    "whole sheet": "SUMPRODUCT(Inputs!A1:XFD1048576 * 1)",
    "unknown function": "FOO(1)",
    "external link": "[other.xlsx]Sheet1!A1",
    "web": "WEBSERVICE(&quot;http://127.0.0.1:9/&quot;)",
    "no formula": "1 +",
    "missing sheet": "Nowhere!A1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_formula_is_survived(llama_file: Path, llama_plan: Book, tmp_path: Path, name: str) -> None:
    """A formula that errs, loops or swells is reported as overwritten (1) or refused (3) within the minute."""
    cell = at(llama_plan, "Cost", "tax_cost")
    path = with_formula(llama_file, tmp_path, cell, HOSTILE[name].format(cell=cell[1]))
    done = command("verify", path)

    assert done.returncode in {1, 3}, done.stderr
    assert "Traceback" not in done.stderr
    if done.returncode == 1:
        assert f"Overwritten formula: Cost!{cell[1]}" in done.stdout
    else:
        assert len(done.stderr.splitlines()) == 1
