"""Sheets Memory and Layout before a reviewer: the rules of structure and of formulas, and whole heads."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen.api.build import build
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.plan import plan
from tests.support.package import Book, read_book
from tests.support.paths import ROOT
from tests.support.reviewer import b_structure, d_formulas
from tests.workbook.test_heads import cut, gaps

SAMPLE = ROOT / "samples" / "layouts" / "dense-70b.yaml"
NOT_THERE = {"rows_have_one_formula", "sums_cover_their_blocks"}
"""Rules that speak of sheets that this workbook does not have."""
RULES = {rule.__name__: rule for rule in (*b_structure.CHECKS, *d_formulas.CHECKS) if rule.__name__ not in NOT_THERE}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A sample with both sheets."""
    path: Path = tmp_path_factory.mktemp("reviewed") / "layouts.xlsx"
    return read_book(build(load_scenario(SAMPLE), path))


@pytest.mark.parametrize("name", RULES)
def test_a_reviewer_finds_nothing(name: str, book: Book) -> None:
    """Of these two sheets, and of the way of the figures through all."""
    found = RULES[name](book)

    assert [line for line in found if any(word in line for word in ("Memory", "Layout", "circle", "circular"))] == []


def test_heads_are_whole() -> None:
    """No gap, and none is cut."""
    sheets = plan(complete(load_scenario(SAMPLE))).ordered()

    assert {sheet.name: (gaps(sheet), cut(sheet)) for sheet in sheets if gaps(sheet) or cut(sheet)} == {}
