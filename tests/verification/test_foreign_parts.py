"""Parts of a package that are not ours: what changes figures or reaches out is named, and names that hide a part."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetgen import verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.workbook.file.package import open_package
from tests.support.edits import edit_parts
from tests.support.reaching import OFFICE
from tests.support.strict import BOOK, BOOK_LINKS, Edit, read, sub

FOREIGN: Mapping[str, tuple[str, Edit, str]] = {
    "dates from 1904": (BOOK, sub("<workbookPr", '<workbookPr date1904="1"'), "dates count from 1904"),
    "dates from 1904 in a word": (BOOK, sub("<workbookPr", '<workbookPr date1904="true"'), "dates count from 1904"),
    "precision as displayed": (BOOK, sub("<calcPr", '<calcPr fullPrecision="0"'), "precision as displayed"),
    "manual": (BOOK, sub("<calcPr", '<calcPr calcMode="manual"'), "calculation is set to manual"),
    **{
        kind: (BOOK_LINKS, sub("</Relationships>", f'<Relationship Id="rX" Type="{OFFICE}/{kind}" Target="x.bin"/></Relationships>'), words)
        for kind, words in {
            "connections": "a connection to data outside", "queryTable": "a query", "xlMacrosheet": "a macro sheet",
            "externalLink": "a link to another workbook", "volatileDependencies": "a real-time feed",
            "control": "a control", "oleObject": "an embedded or linked object", "xmlMaps": "a map of XML data",
            "unheardOf": "unknown kind (unheardOf)",
        }.items()
    },
    "macro": (
        BOOK_LINKS,
        sub("</Relationships>", '<Relationship Id="rX" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/></Relationships>'),
        "a macro project",
    ),
    "theme elsewhere": (BOOK_LINKS, sub('(Target="theme[^"]*")', r'\1 TargetMode="External"'), "theme outside of the file"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_what_changes_the_figures_or_reaches_out_is_named(llama_file: Path, tmp_path: Path, name: str) -> None:
    """Settings that show other figures, macros, queries, links: named, and the budget does not agree."""
    part, edit, words = FOREIGN[name]
    path = tmp_path / "edited.xlsx"
    edit_parts(llama_file, path, {part: edit})
    verdict = verify(path)

    assert [words in line for line in verdict.foreign] == [True]
    assert not verdict.agrees
    assert verdict.exit_code == 1
    assert verdict.mismatches == []


def test_a_macro_without_a_relationship_is_named(sample: Path, tmp_path: Path) -> None:
    """A macro project that nothing leads to is named too, once."""
    edit_parts(sample, tmp_path / "a.xlsx", {}, add={"xl/vbaProject.bin": b"x"})
    assert read(tmp_path / "a.xlsx").foreign == ("a macro project",)


def test_links_to_web_pages_are_harmless(sample: Path) -> None:
    """The control: the sample has a hyperlink to a page outside, as a reviewer adds one."""
    with zipfile.ZipFile(sample) as archive:
        assert b'TargetMode="External"' in archive.read("xl/worksheets/_rels/sheet2.xml.rels")
    assert read(sample).foreign == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("xl/worksheets/sheet1.xml", "two parts named"),
        ("XL/Worksheets/SHEET1.XML", "two parts named"),
        ("../evil.xml", "no name of a part"),
        ("xl\\\\sheet.xml", "no name of a part"),
        ("/xl/sheet.xml", "no name of a part"),
        ("xl/\x1b[2J.xml", "no name of a part"),
    ],
)
def test_names_of_parts(sample: Path, tmp_path: Path, name: str, words: str) -> None:
    """A part twice, in whatever case, and names that lead elsewhere or speak to a terminal."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(sample.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.NameToInfo.pop(name, None)  # so that it does not warn
        archive.writestr(name, b"<x/>")
    with pytest.raises(NotVerifiable, match=words) as refusal:
        open_package(path)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(("before", "behind"), [(b"#!/bin/sh\n", b""), (b"", b"<html>")])
def test_a_file_of_two_kinds(sample: Path, tmp_path: Path, before: bytes, behind: bytes) -> None:
    """Bytes before the package or behind it make a file that others read as something else."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(before + sample.read_bytes() + behind)
    with pytest.raises(NotVerifiable, match="not an Excel workbook"):
        open_package(path)


def test_links_in_another_case(sample: Path, tmp_path: Path) -> None:
    """A relationships part whose name is spelled otherwise is found: parts are compared without regard to case."""
    with zipfile.ZipFile(sample) as source, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == BOOK_LINKS:
                name = "XL/_Rels/Workbook.XML.rels"
                data = data.replace(b"</Relationships>", f'<Relationship Id="rX" Type="{OFFICE}/connections" Target="c.xml"/></Relationships>'.encode())  # fmt: skip
            target.writestr(name, data)
    assert read(tmp_path / "a.xlsx").foreign == ("a connection to data outside",)
