"""The report as a reviewer sees it: printed by a real browser, whole, no word broken, with no request to anywhere."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sheetgen.verification.findings import SECTIONS
from sheetgen.workbook.book import Book
from tests.support.browser import printed
from tests.support.changes import at, edited
from tests.support.command import sheetgen
from tests.support.package import CellKey

LONG = "x" * 4000  # a stranger's word that is wider than any page
HEADS = ("Section", "Verdict", "Compared", "Against it", "Harmless", "Not covered")


def test_a_browser_shows_the_whole_report(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """The words, the hash in one piece, the figures of each case, every section and its verdict, a total typed over:
    all are there beside a purpose of 4,000 letters, so the page is as wide as the paper."""
    changes: dict[CellKey, float | str | bool | None] = {
        at(llama_plan, "Cost", "total_cost"): 1,
        at(llama_plan, "Inputs", "purpose"): LONG,
    }
    path = edited(llama_file, tmp_path, changes)
    done = sheetgen("verify", path, "--report", tmp_path / "report.html")
    assert done.returncode == 1, done.stderr
    seen = printed(tmp_path / "report.html", tmp_path)
    words = set(seen.text.split())

    assert seen.requests == 0
    assert hashlib.sha256(path.read_bytes()).hexdigest() in words
    assert "Not intact" in seen.text
    assert "H100, MFU 41% (for approval)" in seen.text
    assert "41.00%" in words
    assert f"Cost!{at(llama_plan, 'Cost', 'total_cost')[1]}" in words
    assert {*SECTIONS, *" ".join(HEADS).split()} <= words


def test_a_page_that_reaches_out_would_be_seen(tmp_path: Path) -> None:
    """The control: a picture from outside is asked for, and a broken word is no word."""
    page = tmp_path / "page.html"
    page.write_text('<p style="width:2em;overflow-wrap:anywhere">Verdict</p><img src="http://example.org/x.png">')
    seen = printed(page, tmp_path)

    assert seen.requests > 0
    assert "Verdict" not in seen.text
