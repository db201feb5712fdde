"""Printed pages: what stands above the columns is whole, on sheets of one page across and on those that are cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from sheetgen.api.build import build_bytes
from sheetgen.scenario.model import PAPERS, Case, Scenario
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.book import KEY, LABEL, Sheet
from sheetgen.workbook.definitions import packaged_definitions
from sheetgen.workbook.paging import READABLE, cuts, scale
from sheetgen.workbook.plan import plan
from tests.support.probes import sample


def tender(count: int, paper: str) -> Scenario:
    """The tender, which has every sheet, with so many cases."""
    scenario = complete(sample("procurement-70b"))
    cases = [*scenario.cases[:2], *(Case(f"Further {number}", {}) for number in range(count - 2))]
    names = {"reference_case": cases[0].name, "offer_case": cases[1].name, "chosen_case": cases[0].name}
    return replace(scenario, cases=tuple(cases), paper=paper, values={**scenario.values, **names})


def introduction(sheet: Sheet) -> str:
    """What the sheet's introduction says, line behind line."""
    return " ".join(str(cell.value) for _, cell in sorted(sheet.cells.items()) if cell.style == "intro")


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("count", [2, 3, 4, 5, 7, 8, 20])
def test_every_introduction_is_whole(count: int, paper: str) -> None:
    """However many cases there are: no word of an introduction is lost, and where the sheet is cut it ends before the
    cut and keeps off the label column, which is repeated on every page."""
    book = plan(tender(count, paper))
    for sheet in book.ordered():
        expected = " ".join(packaged_definitions().sheet(sheet.name).intro.split())
        places = {place: cell for place, cell in sheet.cells.items() if cell.style == "intro"}
        assert introduction(sheet) == expected, sheet.name
        assert {column for _, column in places} <= {KEY if cuts(sheet, book) else LABEL}


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("count", [2, 5, 20])
def test_what_is_cut_can_be_read(count: int, paper: str) -> None:
    """A sheet of cases prints at 62 % or more, or is cut and then does; Summary is one page at any number of cases."""
    book = plan(tender(count, paper))
    assert cuts(book.sheets["Summary"], book) == []
    for name in ("Inputs", "Cases", "Model", "FLOPs", "Time", "Cost", "Phasing", "Offers", "Risk", "Checks"):
        assert scale(book.sheets[name], book) >= (55 if count > 7 else READABLE), name


@pytest.mark.parametrize("count", [2, 8])
def test_no_page_across_shows_part_of_a_chart(count: int, tmp_path: Path) -> None:
    """Every chart of a sheet that is cut stands right of the repeated label column and ends before the cut."""
    scenario = tender(count, "A4")
    book = plan(scenario)
    path = tmp_path / "budget.xlsx"
    path.write_bytes(build_bytes(scenario))
    seen = set()
    for page in openpyxl.load_workbook(path):
        breaks = cuts(book.sheets[page.title], book)
        for chart in page._charts if breaks else ():  # openpyxl has no other way to the charts of a file
            assert chart.anchor._from.col == KEY, page.title
            assert chart.anchor.to.col < breaks[0], page.title
            seen.add(page.title)
    assert seen == ({"Evidence"} if count == 2 else {"Evidence", "Phasing", "Offers"})
