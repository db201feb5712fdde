"""The report: what was verified by what, its figures, a word a section; as text, JSON, SARIF and a page."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from sheetgen import __version__, verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.verification.findings import NOT_COVERED, SECTIONS, sections
from sheetgen.workbook.book import Book
from tests.support.changes import at, edited
from tests.support.command import sheetgen
from tests.support.package import cached_values

FORBIDDEN = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "a"}


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_report_says_which_file_and_which_figures(llama_file: Path, llama_plan: Book) -> None:
    """The hash is the file's, the total that which the file stores for the case put forward."""
    done = sheetgen("verify", llama_file)
    total = cached_values(llama_file)[at(llama_plan, "Cost", "total_cost")].value
    assert isinstance(total, float)
    assert f"SHA-256: {hashlib.sha256(llama_file.read_bytes()).hexdigest()}" in done.stdout
    assert f"Verified by: sheetgen {__version__}, formualizer " in done.stdout
    assert re.search(r"When: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", done.stdout)
    assert f"Command: sheetgen verify {llama_file}" in done.stdout
    assert f"H100, MFU 41% (for approval), USD {total:,.0f}, " in done.stdout
    assert done.stdout.splitlines()[-2:] == ["Intact: yes; its own checks: pass", f"{llama_file}: agrees"]


def test_intact_and_its_own_checks_are_two_words(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """Heads that do not divide: nothing was tampered with, and a check of the workbook's own fails."""
    path = edited(llama_file, tmp_path, {at(llama_plan, "Inputs", "n_kv_heads"): 7})
    found = json.loads(sheetgen("verify", path, "--format", "json").stdout)
    assert (found["intact"], found["own_checks_pass"], found["agrees"]) == (True, False, False)
    words = {own["name"]: own["word"] for own in found["sections"]}
    assert words == {**dict.fromkeys(SECTIONS, "intact"), "inputs": "to be known", "checks": "fails"}
    assert [own["case"] for own in found["figures"] if own["for_approval"]] == ["H100, MFU 41%"]


def test_each_section_says_what_it_does_not_cover(llama_file: Path) -> None:
    """Every subject has its word, and but for the checks what nobody looked at."""
    found = sections(verify(llama_file))
    assert [own.name for own in found] == list(SECTIONS)
    assert all(own.word in {"intact", "passes"} for own in found)
    assert {own.name for own in found if not own.not_covered} == {"checks"}
    assert NOT_COVERED["provenance"]


def test_sarif_has_a_result_for_each_finding(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """A total typed over its formula: errors that name its cell, each of a rule that the tool lists."""
    sheet, cell = at(llama_plan, "Cost", "total_cost")
    path = edited(llama_file, tmp_path, {(sheet, cell): 1})
    done = sheetgen("verify", path, "--format", "sarif")
    run = json.loads(done.stdout)["runs"][0]
    errors = [item for item in run["results"] if item["level"] == "error"]
    places = [place for item in errors for place in item["locations"][0].get("logicalLocations", ())]
    assert f"{sheet}!{cell}" in {place["fullyQualifiedName"] for place in places}
    assert run["artifacts"][0]["hashes"]["sha-256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[item["ruleIndex"]] == item["ruleId"] for item in run["results"])
    assert (done.returncode, run["invocations"][0]["exitCode"]) == (1, 1)


def test_the_page_is_self_contained_and_obeys_nobody(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """A case that is named by markup is shown as text; there is no script, link or picture, and the hash is there."""
    path = edited(llama_file, tmp_path, {at(llama_plan, "Inputs", "case_name"): "<script>alert(1)</script>"})
    done = sheetgen("verify", path, "--report", tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert done.returncode in {0, 1}, done.stderr
    assert not page.tags & FORBIDDEN
    assert page.attributes <= {"lang", "charset", "class"}
    assert "url(" not in text
    assert any("<script>alert(1)</script>" in words for words in page.words)
    assert hashlib.sha256(path.read_bytes()).hexdigest() in text


def test_a_report_over_the_workbook_is_refused(llama_file: Path, tmp_path: Path) -> None:
    """The page has a name of its own."""
    done = sheetgen("verify", llama_file, "--report", tmp_path / "report.xlsx")
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("label", "text", "words"),
    [
        ("Generator", "sheetgen 0.3.0", "built by sheetgen 0.3.0, this is sheetgen"),
        ("Templates SHA-256", "0" * 64, "with other templates than are here"),
    ],
)
def test_another_generation_is_named_and_not_judged(
    llama_file: Path, llama_plan: Book, tmp_path: Path, label: str, text: str, words: str
) -> None:
    """Another version's workbook, or one of other templates: no verdict, exit 3, and by what to verify it."""
    cells = llama_plan.sheets["About"].cells
    row = next(row for (row, _), cell in cells.items() if cell.value == label)
    path = edited(llama_file, tmp_path, {("About", f"B{row + 1}"): text})
    with pytest.raises(NotVerifiable, match=words):
        verify(path)
    assert sheetgen("verify", path).returncode == 3


@pytest.mark.parametrize(("formula", "unread"), [("=Approval!B1*2", []), ('="Approval: "&B1', ["Approval"])])
def test_a_sheet_of_ones_own_that_nothing_reads_is_said(
    llama_file: Path, tmp_path: Path, formula: str, unread: list[str]
) -> None:
    """A sheet that a formula of the budget refers to is read; its name within a text is no reference, and it is said
    that nobody looked at the sheet."""
    book = openpyxl.load_workbook(llama_file)
    own = book.create_sheet("Approval")
    own["B1"] = 1
    book["Cost"]["A400"] = formula
    book.save(tmp_path / "own.xlsx")

    assert verify(tmp_path / "own.xlsx").unread == unread
