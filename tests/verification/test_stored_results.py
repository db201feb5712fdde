"""Shown is computed: stored results that are not those of their formulas are told by cell; recalc stores the right."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from sheetgen import recalc, verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.verification.stored_results import compare_stored
from sheetgen.workbook.book import Book
from sheetgen.workbook.evaluator import Evaluator
from sheetgen.workbook.file.cells import ErrorText, Stored
from sheetgen.workbook.file.package import open_package
from sheetgen.workbook.file.results import with_results
from sheetgen.workbook.file.stored import StoredSheet, bare_file, read_stored
from tests.support.changes import at, sheet_part
from tests.support.command import sheetgen
from tests.support.edits import edit_parts, poison_caches, set_cells
from tests.support.package import CellKey, cached_values, formula_cells, read_book
from tests.support.sample_book import EXPECTED, FORMULAS, write_sample


def forged(path: Path, room: Path, cell: CellKey, value: str) -> Path:
    """A copy in which a cell stores another result."""
    copy = room / "forged.xlsx"
    pattern = re.compile(rf'(<c r="{cell[1]}"[^>]*><f>[^<]*</f>)<v>[^<]*</v>')
    edit_parts(path, copy, {sheet_part(path, cell[0]): lambda text: pattern.sub(rf"\g<1><v>{value}</v>", text)})
    return copy


def test_a_forged_total_is_told(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """Half of the total stored in its cell: exit 1, that cell named with both figures, and nothing else is wrong."""
    cell = at(llama_plan, "Cost", "total_cost")
    total = cached_values(llama_file)[cell].value
    assert isinstance(total, float)
    verdict = verify(forged(llama_file, tmp_path, cell, repr(total / 2)))

    assert (verdict.agrees, verdict.exit_code) == (False, 1)
    (stale,) = verdict.stored.stale
    assert (stale.sheet, stale.cell, stale.key) == (*cell, "total_cost")
    assert (stale.stored, stale.computed) == (total / 2, pytest.approx(total, rel=1e-12))
    assert (verdict.mismatches, verdict.overwritten) == ([], [])
    assert verdict.stored.right == verdict.formulas - 1


@pytest.mark.parametrize("factor", [1 + 2e-9, 1 - 1e-6, -1, 0])
def test_a_small_forgery_is_told(llama_file: Path, llama_plan: Book, tmp_path: Path, factor: float) -> None:
    """Two billionths are enough: of days, which a formula makes from FLOPs of 1e25."""
    cell = at(llama_plan, "Time", "run_days")
    days = cached_values(llama_file)[cell].value
    assert isinstance(days, float)
    verdict = verify(forged(llama_file, tmp_path, cell, repr(days * factor)))
    assert [item.cell for item in verdict.stored.stale] == [cell[1]]


def test_every_forged_result_is_told(llama_file: Path, tmp_path: Path) -> None:
    """A wrong number in the place of every result, texts and truths too: each formula is told, the engine agrees."""
    poison_caches(llama_file, tmp_path / "a.xlsx")
    verdict = verify(tmp_path / "a.xlsx")
    assert len(verdict.stored.stale) == verdict.formulas == len(formula_cells(llama_file))
    assert verdict.mismatches == verdict.moved_mismatches == []


def test_an_input_changed_without_computing_is_told(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """As SheetJS and exceljs leave a file: the new input, the old results. The old total is shown, so it is told."""
    copy = tmp_path / "a.xlsx"
    set_cells(llama_file, copy, {at(llama_plan, "Inputs", "tokens"): 1e12}, stale=True)
    done = sheetgen("verify", copy)

    total = "!".join(at(llama_plan, "Cost", "total_cost"))
    assert done.returncode == 1
    assert "Shows what it does not compute: Summary!" in done.stdout
    assert f"sheetgen recalc {copy} -o FILE" in done.stdout
    assert total in [f"{item.sheet}!{item.cell}" for item in verify(copy).stored.stale]


def test_no_results_are_fine_and_said(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """The same with no results stored: it agrees, and the report says what previews show."""
    copy = tmp_path / "a.xlsx"
    set_cells(llama_file, copy, {at(llama_plan, "Inputs", "tokens"): 1e12})
    done = sheetgen("verify", copy)

    assert done.returncode == 0, done.stdout
    assert f"Stored results: {len(formula_cells(llama_file)):,} absent" in done.stdout
    assert "show blanks" in done.stdout


IN_OTHER_PROGRAMS = [("Inputs", "price_per_gpu_hour", "D"), ("Accelerators", "h100-sxm5-80gb", "G")]


@pytest.mark.parametrize(("sheet", "key", "column"), IN_OTHER_PROGRAMS)
def test_what_another_program_would_compute_is_told(
    llama_file: Path, tmp_path: Path, sheet: str, key: str, column: str
) -> None:
    """A formula that our evaluator computes to the old value and others to half of it, saved by another: told."""
    page = read_book(llama_file).sheet_by_name[sheet.lower()]
    cell = f"{column}{next(found.row for found in page.cells if found.text == key)}"
    stored = page.by_address[cell].value
    assert isinstance(stored, float)
    text = f"IFERROR({stored / 2} * AREAS(A1), {stored})"
    pattern = re.compile(rf'(<c r="{cell}" s="\d+")[^>]*>.*?</c>')
    new = rf"\1><f>{text}</f><v>{stored / 2}</v></c>"
    edit_parts(llama_file, tmp_path / "a.xlsx", {sheet_part(llama_file, sheet): lambda old: pattern.sub(new, old)})
    verdict = verify(tmp_path / "a.xlsx")

    assert [(item.sheet, item.cell, item.stored, item.computed) for item in verdict.stored.stale] == [
        (sheet, cell, stored / 2, stored)
    ]
    assert not verdict.agrees


CELLS: Mapping[str, tuple[dict[str, str | float], str, Stored, str]] = {
    "rounding of a difference": ({"A1": 1e8, "A2": 1e8 - 1e-7}, "A1-A2", Stored(0.0), "right"),
    "difference too large for rounding": ({"A1": 1e8, "A2": 1e8 - 1}, "A1-A2", Stored(1.5), "stale"),
    "small quotient of large figures": ({"A1": 4e25, "A2": 5e23}, "A1/A2", Stored(81.0), "stale"),
    "small product of a large figure": ({"A1": 4e25, "A2": 2e-24}, "A1*A2", Stored(81.0), "stale"),
    "difference within a quotient": ({"A1": 1e8, "A2": 1e8}, "(A1-A2)/A1", Stored(1e-10), "right"),
    "difference within a sum": ({"A1": 3e7, "A2": -3e7}, "SUM(A1:A2)+0", Stored(1e-9), "right"),
    "number where a condition is large": ({"A1": 4e25}, "IF(A1>1,80,90)", Stored(81.0), "stale"),
    "fifteen digits": ({"A1": 1 / 3}, "A1", Stored(0.333333333333333), "right"),
    "ten digits": ({"A1": 1 / 3}, "A1", Stored(0.3333333333), "right"),
    "eight digits": ({"A1": 1 / 3}, "A1", Stored(0.33333333), "stale"),
    "truth as a number": ({"A1": 1}, "A1=1", Stored(1.0), "right"),
    "wrong truth": ({"A1": 1}, "A1=1", Stored(False), "stale"),
    "text": ({"A1": "a"}, 'A1&"b"', Stored("ab"), "right"),
    "other text": ({"A1": "a"}, 'A1&"b"', Stored("aB"), "stale"),
    "number as a text": ({"A1": 5}, "A1", Stored("5"), "stale"),
    "text as a number": ({"A1": "5"}, 'A1&""', Stored(5.0), "stale"),
    "empty text": ({"A1": 1}, 'IF(A1>2,1,"")', Stored(""), "right"),
    "nothing": ({"A1": 1}, "A1", Stored(None), "absent"),
    "error": ({"A1": 0}, "1/A1", Stored(ErrorText("#DIV/0!")), "right"),
    "other error": ({"A1": 0}, "1/A1", Stored(ErrorText("#VALUE!")), "right"),
    "number for an error": ({"A1": 0}, "1/A1", Stored(1e9), "stale"),
    "error for a number": ({"A1": 1}, "1/A1", Stored(ErrorText("#DIV/0!")), "stale"),
    "unknown function": ({"A1": 1}, "NEWFUNCTION(A1)", Stored(3.0), "unknown"),
}


@pytest.mark.parametrize("name", CELLS)
def test_when_a_stored_result_is_right(name: str) -> None:
    """Worked by hand: 1e-9 of the result, or of the figures that are added and subtracted to give it."""
    constants, formula, stored, expected = CELLS[name]
    cells = {(int(address[1]) - 1, 0): Stored(value) for address, value in constants.items()}
    sheet = StoredSheet("S", "visible", "", cells | {(8, 3): stored._replace(formula=formula)})
    evaluator = Evaluator.from_bytes(bare_file({"S": sheet.cells}, {})[0])
    evaluator.recalculate()
    found = compare_stored([sheet], evaluator)
    counts = {"right": found.right, "absent": found.absent, "stale": len(found.stale), "unknown": len(found.unknown)}
    assert [word for word, count in counts.items() if count] == [expected]


class TestRecalc:
    """``recalc`` writes a copy that stores what is computed."""

    def test_it_restores_every_result(self, llama_file: Path, tmp_path: Path) -> None:
        """Every result forged, then recalculated: what was built is stored again, and verify agrees."""
        poison_caches(llama_file, tmp_path / "a.xlsx")
        done = recalc(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
        verdict = verify(tmp_path / "b.xlsx")

        assert done.formulas == done.changed == verdict.stored.right == verdict.formulas
        assert verdict.agrees
        before, after = cached_values(llama_file), cached_values(tmp_path / "b.xlsx")
        assert {key: cell.value for key, cell in after.items()} == {key: cell.value for key, cell in before.items()}

    def test_it_changes_nothing_else(self, llama_file: Path, tmp_path: Path) -> None:
        """Of a file whose results are right nothing changes; else parts differ in values and types of formula cells."""
        assert recalc(llama_file, tmp_path / "same.xlsx").changed == 0
        assert (tmp_path / "same.xlsx").read_bytes() == llama_file.read_bytes()
        poison_caches(llama_file, tmp_path / "a.xlsx")
        recalc(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
        result = re.compile(rb"(?<=</f>)<v>[^<]*</v>")
        kind = re.compile(rb'( t="\w+")(?=><f>)')
        with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx") as new:
            assert old.namelist() == new.namelist()
            for name in old.namelist():
                pair = [kind.sub(b"", result.sub(b"", archive.read(name))) for archive in (old, new)]
                assert pair[0] == pair[1], name

    def test_a_library_sees_the_values(self, tmp_path: Path) -> None:
        """Saved by openpyxl, which stores none: afterwards it reads those worked by hand, of every type."""
        book = openpyxl.load_workbook(write_sample(tmp_path / "a.xlsx"))
        book.save(tmp_path / "b.xlsx")
        recalc(tmp_path / "b.xlsx", tmp_path / "c.xlsx")
        page = openpyxl.load_workbook(tmp_path / "c.xlsx", data_only=True)["Model"]
        assert {("Model", cell): page[cell].value for cell in FORMULAS} == EXPECTED

    def test_the_command(self, tmp_path: Path) -> None:
        """It says how many results are new; the output may not be the input."""
        path = write_sample(tmp_path / "a.xlsx")
        poison_caches(path, tmp_path / "b.xlsx")
        done = sheetgen("recalc", "b.xlsx", "-o", "c.xlsx", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "c.xlsx written: 5 formulas, 5 of them with new results.\n")
        again = sheetgen("recalc", "c.xlsx", "-o", "c.xlsx", cwd=tmp_path)
        assert again.returncode == 1
        assert "the output is the input" in again.stderr

    @pytest.mark.parametrize(
        ("part", "old", "new", "words"),
        [
            ("xl/workbook.xml", "<workbookPr", '<workbookPr date1904="1"', "dates count from 1904"),
            (
                "xl/worksheets/sheet2.xml",
                "SUM[(]",
                "NEWFUNCTION(",
                "not computed here, in Model!B1 and 3 more|Model!B1",
            ),
            ("xl/worksheets/sheet2.xml", "SUM[(]", "B1+SUM(", "not computed here"),
        ],
    )
    def test_refusals(self, tmp_path: Path, part: str, old: str, new: str, words: str) -> None:
        """What other programs would compute otherwise, or only they, is not stored: nothing is written."""
        path = write_sample(tmp_path / "a.xlsx")
        edit_parts(path, tmp_path / "b.xlsx", {part: lambda text: re.sub(old, new, text, count=1)})
        with pytest.raises(NotVerifiable, match=words):
            recalc(tmp_path / "b.xlsx", tmp_path / "c.xlsx")
        assert not (tmp_path / "c.xlsx").exists()


PART = (
    '<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
    "<x:row r='2'><x:c r='A2' t='s' s='1'><x:f>\"&lt;\"</x:f></x:c>\n<x:c t = \"e\" r='C2'><x:f t='shared' si='0'/>"
    "<x:v>#N/A</x:v></x:c><x:c r='D2'><x:v>9</x:v></x:c></x:row><x:row><x:c><x:f>TRUE</x:f><x:v/></x:c></x:row>"
    "</x:sheetData></x:worksheet>"
)


def test_results_are_put_in_place() -> None:
    """With a prefix, single quotation marks, no addresses, an empty formula: only value and type change."""
    results = {(1, 0): "a<&\x1b", (1, 2): 2.5, (2, 0): True}
    new = with_results(PART.encode(), results, "x").decode()
    expected = (
        PART.replace(" t='s' s='1'>", " s='1' t=\"str\">")
        .replace("</x:f></x:c>\n", "</x:f><x:v>a&lt;&amp;_x001B_</x:v></x:c>\n")
        .replace("<x:c t = \"e\" r='C2'>", "<x:c r='C2'>")
        .replace("<x:v>#N/A</x:v>", "<x:v>2.5</x:v>")
        .replace("<x:c><x:f>TRUE</x:f><x:v/>", '<x:c t="b"><x:f>TRUE</x:f><x:v>1</x:v>')
    )
    assert new == expected
    with pytest.raises(NotVerifiable, match="no formula"):
        with_results(PART.encode(), {(1, 3): 1.0}, "x")
    with pytest.raises(NotVerifiable, match="not UTF-8"):
        with_results(PART.encode("utf-16"), {(1, 0): 1.0}, "x")


def test_written_results_are_read_again(tmp_path: Path) -> None:
    """What is put in place is what the strict reader reads, for every type of result."""
    path = write_sample(tmp_path / "a.xlsx")
    package = open_package(path)
    results = {(0, 1): -1.5e-300, (1, 1): ErrorText("#N/A"), (2, 1): False, (3, 1): 1e15, (4, 1): "_x0041_ é\n"}
    part = with_results(package.read("xl/worksheets/sheet2.xml"), results, "x")
    (tmp_path / "b.xlsx").write_bytes(package.with_parts({"xl/worksheets/sheet2.xml": part}))
    sheet = read_stored(open_package(tmp_path / "b.xlsx")).sheet("Model")
    assert sheet is not None
    assert {place: sheet.cells[place].value for place in results} == results
