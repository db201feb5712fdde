"""Reviewer's checklist, chapter G: accessibility."""

from __future__ import annotations

import pytest

from tests.conftest import Breaker
from tests.support.package import Book
from tests.support.reviewer import g_accessibility
from tests.support.reviewer.controls import Check, Control, fired

CONTROLS = [
    Control(
        g_accessibility.nothing_is_merged,
        "Cost",
        "",
        "</sheetData>(<sheetProtection.*?/>)",
        r'</sheetData>\1<mergeCells><mergeCell ref="A7:B7"/></mergeCells>',
    ),
    Control(g_accessibility.nothing_is_merged, "Cost", "", r'<row r="9".*?</row>', ""),
    Control(
        g_accessibility.drawings_are_described, "xl/drawings/drawing1.xml", "", ' descr="[^"]*"', ' descr="chart1.png"'
    ),
    Control(g_accessibility.blocks_have_heads, "Cost", "A5", "<v>.*?</v>", ""),
    Control(g_accessibility.contrast_is_enough, "xl/styles.xml", "", "FF595959", "FFAAAAAA"),
    Control(
        g_accessibility.title_and_links_speak,
        "docProps/core.xml",
        "",
        "<dc:title>.*?</dc:title>",
        "<dc:title>Book1</dc:title>",
    ),
    Control(g_accessibility.title_and_links_speak, "About", "", "location=\"'?Cost'?!A1\"", "location=\"'Time'!A1\""),
]


@pytest.mark.parametrize("check", g_accessibility.CHECKS, ids=lambda check: check.__name__)
def test_accessibility_holds(check: Check, book: Book) -> None:
    """Items 57 to 61: what each check of chapter G promises holds on every sample."""
    assert check(book) == []


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_broken_accessibility_is_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 57 to 61, negative control: the broken copy fires its check, and no other."""
    assert fired(g_accessibility.CHECKS, llama, break_copy(control)) == {control.check.__name__}
