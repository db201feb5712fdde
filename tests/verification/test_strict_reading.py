"""The strict reader before the evaluator: what programs read in two ways is refused, what they all write is read.

Each edit is of the small sample book, whose cell Model!B1 is ``=SUM(Inputs!$B$2:$B$3) * in_price``, 7.5.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetgen import verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.workbook.evaluator import Evaluator
from sheetgen.workbook.file.cells import ErrorText, escaped, unescaped
from sheetgen.workbook.file.shared import copied
from sheetgen.workbook.file.stored import POISON
from tests.support.edits import edit_parts
from tests.support.reaching import OFFICE
from tests.support.sample_book import EXPECTED
from tests.support.strict import BOOK, BOOK_LINKS, SHEET, TEXTS, WHERE, Edit, b1, read, sub

ALTERNATE = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    "<mc:Choice Requires='x'>{0}</mc:Choice><mc:Fallback>{0}</mc:Fallback></mc:AlternateContent>"
)

REFUSED: Mapping[str, tuple[str, Edit, str]] = {
    "value twice": (SHEET, b1(r'<c r="B1"><f>\1</f><v>7.5</v><v>8</v></c>'), WHERE),
    "formula twice": (SHEET, b1(r'<c r="B1"><f>\1</f><f>1</f><v>8</v></c>'), WHERE),
    "formula behind the value": (SHEET, b1(r'<c r="B1"><v>8</v><f>\1</f></c>'), WHERE),
    "value of two types": (SHEET, b1('<c r="B1" t="inlineStr"><is><t>x</t></is><v>8</v></c>'), WHERE),
    "text where a number is said": (SHEET, b1('<c r="B1"><is><t>x</t></is></c>'), WHERE),
    "CDATA": (SHEET, b1(r'<c r="B1"><f>\1</f><v><![CDATA[8]]></v></c>'), "a CDATA section"),
    "comment in a value": (SHEET, b1(r'<c r="B1"><f>\1</f><v>7<!-- -->.5</v></c>'), "a comment"),
    "comment in a formula": (SHEET, b1(r'<c r="B1"><f>1+<!-- -->1</f><v>2</v></c>'), "a comment"),
    "instruction in a value": (SHEET, b1(r'<c r="B1"><f>\1</f><v>7<?x?>.5</v></c>'), "an instruction"),
    "element in a value": (SHEET, b1(r'<c r="B1"><f>\1</f><v>7<x/>.5</v></c>'), WHERE),
    "element in a formula": (SHEET, b1(r'<c r="B1"><f>1<x xmlns="y"/>+1</f><v>2</v></c>'), WHERE),
    "foreign element in a cell": (SHEET, b1(r'<c r="B1"><x xmlns="y"/><f>\1</f><v>2</v></c>'), WHERE),
    "text in a cell": (SHEET, b1(r'<c r="B1">8<f>\1</f><v>2</v></c>'), WHERE),
    "text behind a value": (SHEET, b1(r'<c r="B1"><f>\1</f><v>2</v>8</c>'), WHERE),
    "foreign attribute": (SHEET, b1(r'<c r="B1" value="8"><f>\1</f><v>2</v></c>'), WHERE),
    "number that is none": (SHEET, b1(r'<c r="B1"><f>\1</f><v>nan</v></c>'), "no number"),
    "number with underscores": (SHEET, b1('<c r="B1"><v>1_000</v></c>'), "no number"),
    "number with spaces": (SHEET, b1('<c r="B1"><v> 1</v></c>'), "no number"),
    "number in other digits": (SHEET, b1('<c r="B1"><v>٧</v></c>'), "no number"),
    "number too large": (SHEET, b1('<c r="B1"><v>1e999</v></c>'), "no number"),
    "unknown type": (SHEET, b1('<c r="B1" t="x"><v>1</v></c>'), WHERE),
    "unknown error": (SHEET, b1('<c r="B1" t="e"><v>#OOPS!</v></c>'), WHERE),
    "truth that is none": (SHEET, b1('<c r="B1" t="b"><v>yes</v></c>'), WHERE),
    "text that is not there": (SHEET, b1('<c r="B1" t="s"><v>999</v></c>'), "not in the table"),
    "text by a negative number": (SHEET, b1('<c r="B1" t="s"><v>-1</v></c>'), "not in the table"),
    "cell twice": (SHEET, b1(r'<c r="B1"><v>8</v></c><c r="B1"><f>\1</f><v>8</v></c>'), "row 1"),
    "cells out of order": (SHEET, sub(r'(<c r="A1".*?</c>)(<c r="B1".*?</c>)', r"\2\1"), "row 1"),
    "cell of another row": (SHEET, b1(r'<c r="B9"><f>\1</f></c>'), "row 1"),
    "cell behind the last column": (SHEET, b1('<c r="XFE1"><v>8</v></c>'), "row 1"),
    "cell without a column": (SHEET, b1('<c r="1"><v>8</v></c>'), "row 1"),
    "cell in lower case": (SHEET, b1('<c r="b1"><v>8</v></c>'), "row 1"),
    "row twice": (SHEET, sub("</row>", '</row><row r="1"><c r="B1"><v>8</v></c></row>'), "after row 1"),
    "row behind the last": (SHEET, sub("</sheetData>", '<row r="1048577"/></sheetData>'), "no row below"),
    "foreign element among rows": (SHEET, sub("<row", '<x xmlns="y"/><row'), "no row below"),
    "foreign element among cells": (SHEET, sub('<c r="A1"', '<x xmlns="y"/><c r="A1"'), "row 1"),
    "cells of another namespace": (SHEET, b1(r'<c xmlns="y" r="B1"><f>\1</f></c>'), "row 1"),
    "cells twice": (SHEET, sub("</sheetData>", "</sheetData><sheetData/>"), "more than once"),
    "no cells": (SHEET, sub("<sheetData>.*</sheetData>", ""), "has no cells"),
    "alternative cells": (SHEET, b1(ALTERNATE.format('<c r="B1"><v>8</v></c>')), "alternatives for c"),
    "alternative sheets": (BOOK, sub("(<sheets>.*</sheets>)", ALTERNATE.format(r"\1")), "alternatives for sheets"),
    "alternative settings": (
        BOOK,
        sub("<calcPr", ALTERNATE.format("<calcPr/>") + "<calcPr"),
        "alternatives for calcPr",
    ),
    "settings twice": (BOOK, sub("<calcPr", "<calcPr/><calcPr"), "more than once"),
    "sheet twice": (BOOK, sub('name="Notes"', 'name="MODEL"'), "stands twice"),
    "part of two sheets": (BOOK_LINKS, sub("sheet3.xml", "sheet2.xml"), "no part of its own"),
    "sheet without a part": (BOOK_LINKS, sub('Id="rId3"', 'Id="rId33"'), "no part of its own"),
    "part that is not there": (BOOK_LINKS, sub("sheet3.xml", "sheet4.xml"), "has no part"),
    "link twice": (BOOK_LINKS, sub('Id="rId3"', 'Id="rId2"'), "no relationship of its own"),
    "comment in a text": (TEXTS, sub("Read me", "Read <!-- -->me"), "a comment"),
    "element in a text": (TEXTS, sub("Read me", "Read <b/>me"), "no text"),
    "texts beside runs": (TEXTS, sub("<t>Read me</t>", "<t>Read</t><r><t> me</t></r>"), "no text"),
    "shared formula of nobody": (SHEET, b1('<c r="B1"><f t="shared" si="5"/><v>8</v></c>'), "is not there"),
    "shared formula out of the sheet": (
        SHEET,
        b1('<c r="B1"><f t="shared" si="1" ref="A1:B1">XFD1</f><v>8</v></c><c r="C1"><f t="shared" si="1"/></c>'),
        "leads out",
    ),
    "another encoding": (SHEET, sub("UTF-8", "ISO-8859-1"), "neither UTF-8"),
    "entities": (SHEET, sub("<worksheet", '<!DOCTYPE x [<!ENTITY e "8">]><worksheet'), "declares entities"),
    "broken": (SHEET, sub("</sheetData>", ""), "no well-formed XML"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_read_in_two_ways_is_refused(sample: Path, tmp_path: Path, name: str) -> None:
    """One line that names the place."""
    part, edit, words = REFUSED[name]
    path = tmp_path / "edited.xlsx"
    edit_parts(sample, path, {part: edit})
    with pytest.raises(NotVerifiable, match=re.escape(words)) as refusal:
        read(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert str(refusal.value).isprintable()


READ: Mapping[str, tuple[str, Edit]] = {
    "nothing changed": (SHEET, str),
    "no cached value": (SHEET, b1(r'<c r="B1"><f>\1</f></c>')),
    "empty cached value": (SHEET, b1(r'<c r="B1"><f>\1</f><v/></c>')),
    "no addresses": (SHEET, lambda text: re.sub('<row r="[1-5]"', "<row", text).replace(' r="B1"', "")),
    "space between elements": (SHEET, sub("(<row[^>]*>)(<c )", r"\1\n  \2")),
    "formula attributes of LibreOffice": (SHEET, b1(r'<c r="B1" s="1"><f aca="false">\1</f><v>7.5</v></c>')),
    "array formula": (SHEET, b1(r'<c r="B1"><f t="array" ref="B1">\1</f><v>7.5</v></c>')),
    "rich text": (TEXTS, sub("<t>Read me</t>", '<r><t xml:space="preserve">Read </t></r><r><rPr><b/></rPr><t>me</t></r><rPh sb="0" eb="1"><t>x</t></rPh>')),
    "comment before the root": (SHEET, sub("<worksheet", "<!-- by hand --><worksheet")),
    "comment behind the root": (SHEET, sub("</worksheet>", "</worksheet><!-- end -->")),
    "path of Excel": (BOOK, sub("<bookViews>", ALTERNATE.format('<x15ac:absPath xmlns:x15ac="y" url="z"/>') + "<bookViews>")),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_programs_write_is_read(sample: Path, tmp_path: Path, name: str) -> None:
    """The control: the same cells come out, and they compute what they should."""
    part, edit = READ[name]
    path = tmp_path / "edited.xlsx"
    edit_parts(sample, path, {part: edit}, must_change=name != "nothing changed")
    book = read(path)
    evaluator = Evaluator.from_bytes(book.poisoned(book.sheets)[0])
    evaluator.recalculate()

    assert book.foreign == ()
    assert [sheet.name for sheet in book.sheets] == ["Inputs", "Model", "Notes"]
    assert [cell.value for cell in book.sheets[2].cells.values()] == [
        "Read me",
        "=1+1 is text here",
        "9 tokens/s, see /docs",
    ]
    for row in range(5):
        assert evaluator.value("Model", row, 1) == EXPECTED["Model", f"B{row + 1}"]


def with_prefix(text: str) -> str:
    """A sheet whose elements carry a namespace prefix, as some programs write them."""
    return re.sub(r"<(/?)(\w+)(?=[\s/>])", r"<\1x:\2", text).replace(' xmlns="', ' xmlns:x="', 1)


def in_utf16(path: Path, out: Path) -> None:
    """A copy whose first sheet is UTF-16."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == SHEET:
                data = data.decode().replace("UTF-8", "UTF-16").encode("utf-16")
            target.writestr(name, data)


def strict(path: Path, out: Path) -> None:
    """A copy in the namespaces of Strict Open XML."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name).replace(
                OFFICE.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships"
            )
            old = b"http://schemas.openxmlformats.org/spreadsheetml/2006/"
            target.writestr(name, data.replace(old, b"http://purl.oclc.org/ooxml/spreadsheetml/"))


def test_every_spelling_gives_the_same_cells(sample: Path, tmp_path: Path) -> None:
    """With a prefix, in UTF-16 and in Strict Open XML the book is the same one."""
    expected = read(sample)
    edit_parts(sample, tmp_path / "prefix.xlsx", {SHEET: with_prefix})
    in_utf16(sample, tmp_path / "utf16.xlsx")
    strict(sample, tmp_path / "strict.xlsx")
    for name in ("prefix", "utf16", "strict"):
        book = read(tmp_path / f"{name}.xlsx")
        assert (book.sheets, book.names, book.foreign) == (expected.sheets, expected.names, ())


def test_strict_open_xml_is_verified(llama_file: Path, tmp_path: Path) -> None:
    """A budget saved as Strict Open XML agrees; every formula is poisoned and compared."""
    strict(llama_file, tmp_path / "strict.xlsx")
    verdict = verify(tmp_path / "strict.xlsx")
    assert verdict.agrees
    assert verdict.poisoned == verdict.formulas == verify(llama_file).formulas


def test_dates_of_strict_open_xml(sample: Path, tmp_path: Path) -> None:
    """2026-11-27 at noon is day 46,353.5 since the end of 1899 (46,353 by Excel's DATE(2026,11,27))."""
    edit_parts(sample, tmp_path / "date.xlsx", {SHEET: b1('<c r="B1" t="d"><v>2026-11-27T12:00:00</v></c>')})
    model = read(tmp_path / "date.xlsx").sheet("Model")
    assert model is not None
    assert model.cells[0, 1].value == 46_353.5


def test_every_cached_value_is_poisoned(sample: Path) -> None:
    """The evaluator is given a poison number for each formula and none of the stored results."""
    book = read(sample)
    data, count = book.poisoned(book.sheets)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read("xl/worksheets/sheet2.xml").decode()
    assert count == len(EXPECTED) == text.count(f"<v>{POISON!r}</v>")
    assert "<v>7.5</v>" not in text


COPIES = {
    ("A1 + $B2 * C$3 - $D$4", 1, 2): "C2 + $B3 * E$3 - $D$4",
    ('IF(A1 > 5, "A1", LOG10(A1))', 2, 0): 'IF(A3 > 5, "A1", LOG10(A3))',
    ("'A1 B2'!A1:B2 & Q1!B$7", 1, 1): "'A1 B2'!B2:C3 & Q1!C$7",
    ("SUM(A:A, 3:3, $C:D, $2:5)", 1, 1): "SUM(B:B, 4:4, $C:E, $2:6)",
    ("rate_A1 + TAX2020X", 5, 5): "rate_A1 + TAX2020X",
    ("Z1 + AZ10", 0, 1): "AA1 + BA10",
    ("A1", 0, 0): "A1",
}  # fmt: skip


@pytest.mark.parametrize("case", COPIES, ids=lambda case: case[0])
def test_shared_formulas_are_copied_as_a_program_copies(case: tuple[str, int, int]) -> None:
    """By hand: relative parts follow, fixed ones, texts, names and functions stay."""
    assert copied(*case) == COPIES[case]


TEXT = {"_x001B_[2J": "\x1b[2J", "_x005F_x0041_": "_x0041_", "plain": "plain", "a_xb": "a_xb", "_x000d_": "\r"}


def test_escapes_of_the_format() -> None:
    """ECMA-376 part 1, 22.9.2.19 (ST_Xstring): ``_xHHHH_`` is a character, ``_x005F_`` an underscore before one."""
    assert {stored: unescaped(stored) for stored in TEXT} == TEXT
    for text in ("\x1b", "_x0041_", "a\rb", "\ud800", "\ufffe", "ä\n\t"):
        assert unescaped(escaped(text)) == text
    assert escaped("ä\n\t") == "ä\n\t"


def test_error_values_are_no_texts(sample: Path, tmp_path: Path) -> None:
    """A stored error is told from a text that looks like one."""
    edits = {SHEET: b1('<c r="B1" t="e"><v>#DIV/0!</v></c><c r="C1" t="str"><v>#DIV/0!</v></c>')}
    edit_parts(sample, tmp_path / "a.xlsx", edits)
    model = read(tmp_path / "a.xlsx").sheet("Model")
    assert model is not None
    assert [isinstance(model.cells[0, column].value, ErrorText) for column in (1, 2)] == [True, False]


def test_sheets_of_others_are_computed_where_they_are_asked_for(sample: Path, tmp_path: Path) -> None:
    """Model speaks of Inputs, Notes of none: what nothing asks for is not handed to the evaluator."""
    book = read(sample)
    assert [sheet.name for sheet in book.needed({"Model"})] == ["Inputs", "Model"]
    assert [sheet.name for sheet in book.needed({"Notes"})] == ["Inputs", "Notes"]  # by the name in_price
    edit_parts(sample, tmp_path / "a.xlsx", {SHEET: b1('<c r="B1"><f>notes!A1</f></c>')})
    assert [sheet.name for sheet in read(tmp_path / "a.xlsx").needed({"Model"})] == ["Inputs", "Model", "Notes"]
