"""sheetgen pdf: through LibreOffice where there is one, and what it says and leaves alone where there is none."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import openpyxl
import pytest
from click.testing import CliRunner

from sheetgen.api import pdf as rendering
from sheetgen.api.build import build
from sheetgen.api.pdf import pdf
from sheetgen.base.errors import BuildError, InvalidInput, NotVerifiable
from sheetgen.cli.main import main
from sheetgen.scenario.reader import load_scenario
from sheetgen.workbook.file.foot import stamp_foot
from sheetgen.workbook.file.xml_part import MAIN
from tests.support.columns import key_letter
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built workbook."""
    return build(load_scenario(ROOT / "samples/gpt3-175b.yaml"), tmp_path_factory.mktemp("pdf") / "budget.xlsx")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs soffice")
def test_edited_file_is_rendered_recalculated(workbook: Path, tmp_path: Path) -> None:
    """A price edited by a program that computes nothing: the PDF shows the cost that follows, by hand from the old."""
    book = openpyxl.load_workbook(workbook, data_only=True)
    page = book["Cost"]
    row = next(cell.row for cell in page[key_letter(page)] if cell.value == "total_cost")
    before = float(page.cell(row, 4).value)
    edited = openpyxl.load_workbook(workbook)
    inputs = edited["Inputs"]
    at = next(cell.row for cell in inputs[key_letter(inputs)] if cell.value == "price_per_gpu_hour")
    inputs.cell(at, 4).value = float(inputs.cell(at, 4).value) * 3
    edited.save(tmp_path / "edited.xlsx")

    result = CliRunner().invoke(main, ["pdf", str(tmp_path / "edited.xlsx"), "-o", str(tmp_path / "out.pdf")])

    assert result.exit_code == 0, result.output
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-")
    assert f"{before * 3:,.0f}" in pdf_of(tmp_path / "out.pdf")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs soffice")
@pytest.mark.parametrize(("typed", "word"), [(False, "agrees"), (True, "DOES NOT AGREE")])
def test_every_page_says_what_verify_says_of_the_file(workbook: Path, tmp_path: Path, typed: bool, word: str) -> None:
    """Below each page the verdict and the SHA-256 of the file; of one whose total is typed over, that it does not
    agree, which the terminal says, too."""
    source = workbook
    if typed:
        book = openpyxl.load_workbook(workbook)
        page = book["Cost"]
        row = next(cell.row for cell in page[key_letter(page)] if cell.value == "total_cost")
        page.cell(row, 4).value = 1
        source = tmp_path / "typed.xlsx"
        book.save(source)
    result = CliRunner().invoke(main, ["pdf", str(source), "-o", str(tmp_path / "out.pdf")])
    stamp = f"{word}. SHA-256 {hashlib.sha256(source.read_bytes()).hexdigest()}"
    pages = pdf_of(tmp_path / "out.pdf").split("\f")[:-1]

    assert result.exit_code == 0, result.output
    assert len(pages) > 5
    assert [stamp in " ".join(page.split()) for page in pages] == [True] * len(pages)
    assert (stamp in result.stderr) is typed


@pytest.mark.parametrize(
    ("foot", "stamped"),
    [
        ("&LR&&D&C&8&F&RPage &P", "&LR&&D\n&6 &C&8&F\n&6 &RPage &P\n&6A&&B"),
        ("alone", "&L\n&6 &Calone\n&6 &R\n&6A&&B"),
        (None, "&L\n&6 &C\n&6 &R\n&6A&&B"),
    ],
)
def test_a_stamp_leaves_the_rest_of_a_foot_in_its_place(foot: str | None, stamped: str) -> None:
    """A second line everywhere, ours on the right; an ampersand is one (ECMA-376 part 1, 18.3.1.46)."""
    sheet = Element(f"{{{MAIN}}}worksheet")
    SubElement(sheet, f"{{{MAIN}}}pageSetup")
    if foot is not None:
        SubElement(SubElement(sheet, f"{{{MAIN}}}headerFooter"), f"{{{MAIN}}}oddFooter").text = foot
    SubElement(sheet, f"{{{MAIN}}}rowBreaks")
    stamp_foot(sheet, "A&B")
    assert [child.tag.rpartition("}")[2] for child in sheet] == ["pageSetup", "headerFooter", "rowBreaks"]
    assert sheet.findtext(f"{{{MAIN}}}headerFooter/{{{MAIN}}}oddFooter") == stamped


def pdf_of(path: Path) -> str:
    """The text of a PDF."""
    import subprocess

    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("needs pdftotext")
    done = subprocess.run([program, "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def test_without_libreoffice_it_says_how_to_get_it(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering.shutil, "which", lambda _name: None)
    (tmp_path / "old.pdf").write_bytes(b"old")
    with pytest.raises(BuildError, match="apt-get install libreoffice-calc"):
        pdf(workbook, tmp_path / "old.pdf")
    assert (tmp_path / "old.pdf").read_bytes() == b"old"


def test_a_program_that_writes_nothing_is_reported(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering.shutil, "which", lambda _name: "/bin/true")
    with pytest.raises(BuildError, match="wrote no PDF"):
        pdf(workbook, tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()


def test_a_program_that_hangs_is_ended(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "slow"
    script.write_text("#!/bin/sh\nsleep 60\n", encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setattr(rendering.shutil, "which", lambda _name: str(script))
    monkeypatch.setattr(rendering, "SECONDS", 0.2)
    with pytest.raises(BuildError, match="was ended"):
        pdf(workbook, tmp_path / "out.pdf")


def test_wrong_names_are_refused(workbook: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"must end in \.pdf"):
        pdf(workbook, tmp_path / "out.xlsx")
    with pytest.raises(NotVerifiable, match="cannot be read"):
        pdf(tmp_path / "missing.xlsx", tmp_path / "out.pdf")
