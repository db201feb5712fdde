"""Reviewer's checklist, chapter I: the pack for approval, and money that cannot lie. LibreOffice prints two samples."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from sheetgen import build, load_scenario
from sheetgen.cli.main import main
from tests.conftest import Breaker
from tests.support.office import pdf_text
from tests.support.package import Book
from tests.support.paths import SAMPLES
from tests.support.reviewer import i_money, i_pack
from tests.support.reviewer.controls import Check, Control, fired
from tests.support.tools import need

CHECKS = (*i_pack.CHECKS, *i_money.CHECKS)
WIDE = '<col min="1" max="1" width="90"'
CONTROLS = [
    Control(i_pack.total_stands_high, "Summary", "headline A", "<v>[0-9.]+</v>", "<v>1</v>"),
    Control(i_pack.summary_can_be_read, "Summary", "", '<col min="1" max="1" width="[0-9.]+"', WIDE),
    Control(i_pack.front_stands_in_front, "Cost", "", '<tabColor rgb="FFA6A6A6"/>', ""),
    Control(
        i_pack.architecture_is_behind_the_money, "xl/workbook.xml", "", r"(Inputs!\$A\$1:\$[A-Z]+\$)[0-9]+", r"\g<1>190"
    ),
    Control(i_pack.prose_is_formulas, "Summary", "A4", r"<f>.*?</f>", ""),
    Control(i_money.total_is_the_sum_of_its_lines, "Cost", "total_cost E", "<f>SUM", "<f>0+SUM"),
    Control(i_money.price_belongs_to_chip_and_tier, "Checks", "check_price_chip E", "<f>.*?</f>", "<f>T(A1)</f>"),
    Control(i_money.price_belongs_to_chip_and_tier, "Checks", "check_price_term D", "<f>.*?</f>", "<f>T(A1)</f>"),
    Control(i_money.edits_are_marked, "Inputs", "gpus J", "<f>.*?</f>", "<f>T(A1)</f>"),
    Control(
        i_money.labels_state_no_figure,
        "Compare",
        "A6",
        ' t="s"><v>[0-9]+</v>',
        ' t="inlineStr"><is><t>On 16,384 GPUs</t></is>',
    ),
    Control(i_money.cases_may_be_renamed, "Cost", "tax_cost D", "<f>", '<f>LEN("B200")*0+'),
    Control(i_pack.inputs_and_results_have_names, "xl/workbook.xml", "", 'name="in_mfu_convention"', 'name="in_x"'),
]
PAGES = 10


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_pack_holds(check: Check, book: Book) -> None:
    """Items 67 to 76: what each check of chapter I promises holds on every sample."""
    assert check(book) == []


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_a_broken_pack_is_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 67 to 76, negative control: the broken copy fires its check, and no other."""
    assert fired(CHECKS, llama, break_copy(control)) == {control.check.__name__}


def printed(out: Path) -> Counter[str]:
    """How many pages of each sheet a PDF has, by its footers."""
    pages = pdf_text(out).split("\f")[:-1]
    return Counter(found[1] for page in pages if (found := re.search(r"\.xlsx, (\w+)", page)))


@pytest.mark.parametrize("name", ["llama405b", "mixtral-8x7b"])
def test_the_pack_prints_on_ten_pages(name: str, tmp_path: Path) -> None:
    """Item 73: sheetgen pdf prints the sheets in front on at most ten pages and says how many; --sheets a choice."""
    need("soffice", "libreoffice-calc-nogui")
    book, out = build(load_scenario(SAMPLES[name]), tmp_path / "budget.xlsx"), tmp_path / "pack.pdf"
    done = CliRunner().invoke(main, ["pdf", str(book), "-o", str(out)])
    sheets = printed(out)

    assert done.exit_code == 0, done.output
    assert f"{sheets.total()} pages" in done.output
    assert sheets.total() <= PAGES
    assert set(sheets) == set(i_pack.FRONT)
    assert sheets["Summary"] == 1

    done = CliRunner().invoke(main, ["pdf", str(book), "-o", str(out), "--sheets", "summary,cost"])
    assert done.exit_code == 0, done.output
    assert set(printed(out)) == {"Summary", "Cost"}
