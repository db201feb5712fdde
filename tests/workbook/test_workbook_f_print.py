"""Reviewer's checklist, chapter F: presentation and print. LibreOffice prints every sample once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetgen import build, load_scenario, verify
from tests.conftest import Breaker
from tests.support.edits import edit_parts
from tests.support.office import PDF, convert, pdf_text
from tests.support.package import Book
from tests.support.paths import SAMPLES
from tests.support.reviewer import f_print, layout
from tests.support.reviewer.controls import Check, Control, fired
from tests.support.shared import made_once

CONTROLS = [
    Control(f_print.print_is_set_up, "Choices", "", ' fitToPage="1"', ""),
    Control(f_print.print_is_set_up, "Cost", "", ' paperSize="9"', ""),
    Control(f_print.print_is_set_up, "Cost", "", "Page &amp;P", "Page"),
    Control(f_print.print_is_set_up, "Summary", "", "<pageSetup ", '<pageSetup fitToHeight="0" '),
    Control(f_print.print_is_set_up, "xl/workbook.xml", "", r"Cost!\$A\$1:\$K", "Cost!$A$1:$H"),
    Control(f_print.print_is_set_up, "xl/workbook.xml", "", r"Sources!\$1:\$5", "Sources!$1:$4"),
    Control(f_print.view_is_alike, "Cost", "", 'zoomScale="90"', 'zoomScale="120"'),
    Control(f_print.view_is_alike, "Cost", "", 'topLeftCell="D6"', 'topLeftCell="D9"'),
    Control(f_print.view_is_alike, "xl/workbook.xml", "", "<workbookView ", '<workbookView activeTab="3" '),
    Control(
        f_print.fonts_are_the_named_ones,
        "xl/styles.xml",
        "",
        '(<font>)(.*?<name val=")Arial("/>.*?)(</font>)',
        r'\1\2Times\3<scheme val="major"/>\4',
    ),
    Control(f_print.currency_is_stated, "Cost", "total_cost C", "<v>USD</v>", "<v>0</v>"),
    Control(f_print.currency_is_stated, "Evidence", "e_cost C", r"<v>\d+</v>", "<v>0</v>"),
]


@pytest.fixture(scope="module")
def printed(built_samples: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """The text of each printed page of each sample, by the sample's name."""

    def make(room: Path) -> None:
        for name, pdf in zip(built_samples, convert(list(built_samples.values()), PDF, room), strict=True):
            (room / f"{name}.txt").write_text(pdf_text(pdf), encoding="utf-8")

    room = made_once(tmp_path_factory, "printed", make)
    return {name: (room / f"{name}.txt").read_text(encoding="utf-8").split("\f")[:-1] for name in built_samples}


def sheet_of(page: str) -> str:
    """The sheet of a printed page, from its footer: file name, comma, sheet."""
    found = re.search(r"\.xlsx, (\w+)", page)
    return found[1] if found else ""


def cut_numbers(pages: list[str]) -> list[str]:
    """The lines with a number that did not fit its column."""
    return [line.strip() for page in pages for line in page.splitlines() if "###" in line]


def cut_sections(book: Book, pages: list[str]) -> list[str]:
    """The sections of the long sheets whose rows stand on more than one printed page.

    Rows are found by their keys, on the pages that have the keys (a sheet that is cut has others behind them); those of
    one word, and those that are a label, too, as what may be chosen is, are left out: they are words of other rows.
    """
    found = []
    for name in ("Inputs", "Cases", "Model", "FLOPs", "Time", "Cost", "Inference", "Optimal", "Checks"):
        mine = [words for text in pages if sheet_of(text) == name and "Key" in (words := text.split())]
        page = layout.sheet(book, name)
        rows = layout.key_rows(page)
        labels = {layout.text(page, row, layout.LABEL) for row in rows.values()}
        last = None
        section: list[str] = []
        for key, row in [*rows.items(), ("", 0)]:
            if last is not None and row != last + 1:
                on = {
                    number
                    for number, words in enumerate(mine)
                    for member in section
                    if "_" in member and member in words and member not in labels
                }
                found += [f"{name}: {section[0]} to {section[-1]} on pages {sorted(on)}"] if len(on) > 1 else []
                section = []
            section.append(key)
            last = row
    return found


@pytest.mark.parametrize("check", f_print.CHECKS, ids=lambda check: check.__name__)
def test_print_holds(check: Check, book: Book) -> None:
    """Items 51, 53, 56: what each check of chapter F promises holds on every sample."""
    assert check(book) == []


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: f"{control}-{control.old[:12]}")
def test_broken_print_is_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 51, 53, 56, negative control: the broken copy fires its check, and no other."""
    assert fired(f_print.CHECKS, llama, break_copy(control)) == {control.check.__name__}


def test_no_page_cuts_a_section(book: Book, printed: Mapping[str, list[str]]) -> None:
    """Item 51: on paper every section of the long sheets stands whole on one page."""
    assert cut_sections(book, printed[book.path.stem]) == []


def test_a_cut_section_is_found(llama: Book, tmp_path: Path) -> None:
    """Item 51, negative control: without the page breaks a section is cut."""
    out = tmp_path / "unbroken.xlsx"
    parts = [layout.sheet(llama, name).part for name in ("Model", "FLOPs")]
    edit_parts(llama.path, out, {part: lambda text: re.sub("<rowBreaks.*?</rowBreaks>", "", text) for part in parts})
    (pdf,) = convert([out], PDF, tmp_path)
    assert cut_sections(llama, pdf_text(pdf).split("\f")) != []


def test_summary_is_one_page_with_all_that_is_decided(book: Book, printed: Mapping[str, list[str]]) -> None:
    """Item 52: Summary prints on one page, with total, rate, days, dates, assumptions, checks and signatures, each with
    its figure."""
    pages = [page for page in printed[book.path.stem] if sheet_of(page) == "Summary"]
    assert len(pages) == 1
    (page,) = pages
    heads, figures = tiles(page)
    assert re.match(r"Total, \w{3}( thousand| million)? +P80 +Per GPU-hour +Start +End +Days +Checks$", heads)
    amount, date = r"[0-9][0-9.,]*", r"\d{4}-\d\d-\d\d"
    assert re.match(rf"{amount} +{amount} +{amount} +{date} +{date} +{amount} +(OK|REVIEW|FAIL)$", figures), figures
    assert re.search(r"Master check +(OK|REVIEW|FAIL)\b", page)
    assert re.search(r"with [0-9.]+ % contingency, [0-9.]+ % tax", page)
    (hours,) = re.findall(r"([0-9.]+)M? GPU-h\b", page)
    assert float(hours) > 0
    assert re.search(r"[0-9]+ × \S+ at [0-9.]+ % MFU and [0-9.]+ % goodput train .* in [0-9]+ days\.", page)
    assert re.search(r"Approval +Name +Date +Signature", page)
    for label in ("Prepared by", "Reviewed by", "Approved by"):
        assert label in page


def tiles(page: str) -> tuple[str, str]:
    """The line of the headline's heads, and the line of its figures below."""
    lines = [line.strip() for line in page.splitlines() if line.strip()]
    at = next(number for number, line in enumerate(lines) if re.search(r"P80 +Per GPU-hour", line))
    return lines[at], lines[at + 1]


def test_many_cases_leave_summary_readable(tmp_path: Path) -> None:
    """Item 52: of twelve cases the first eight stand on Summary, which says where the others are; one page, none of its
    figures cut."""
    text = SAMPLES["llama405b"].read_text(encoding="utf-8")
    more = "".join(f"  - name: Further {number}\n    stated_mfu: {30 + number}%\n" for number in range(6))
    scenario = tmp_path / "many.yaml"
    scenario.write_text(text.replace("\ncases:\n", f"\ncases:\n{more}"), encoding="utf-8")
    path = build(load_scenario(scenario), tmp_path / "many.xlsx")
    printed = pdf_text(path, tmp_path).split("\f")

    (page,) = [page for page in printed if sheet_of(page) == "Summary"]
    alternatives = page.partition("Alternatives,")[2].partition("What moves the total most")[0].splitlines()
    assert sum(line.rstrip().endswith(("OK", "REVIEW", "FAIL")) for line in alternatives) == 8
    assert any(line.startswith("H100, MFU 38%") for line in alternatives)  # behind the base and the six the eighth
    assert not any("H100, MFU 43%" in line for line in alternatives)
    assert "Further cases stand on sheet Compare." in page
    assert any("H100, MFU 43%" in page for page in printed if sheet_of(page) == "Compare")
    assert "#" not in page
    assert verify(path).agrees


def test_every_sheet_is_printed(book: Book, printed: Mapping[str, list[str]]) -> None:
    """Item 51: the sheets appear in the PDF in the order of the workbook, each page with sheet and page number."""
    pages = printed[book.path.stem]
    assert list(dict.fromkeys(sheet_of(page) for page in pages)) == list(layout.sheet_types(book))
    assert all(f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, start=1))


def test_no_number_is_cut(book: Book, printed: Mapping[str, list[str]]) -> None:
    """Item 54: no cell of the PDF shows ####."""
    assert cut_numbers(printed[book.path.stem]) == []


def test_a_cut_number_would_be_seen(break_copy: Breaker, tmp_path: Path) -> None:
    """Item 54, negative control: with the case columns of Cost two characters wide, #### is found."""
    control = Control(f_print.print_is_set_up, "Cost", "", r'(<col min="4" max="\d+" width=")[0-9.]+', r"\g<1>2")
    broken = break_copy(control)
    assert cut_numbers(pdf_text(broken.path, tmp_path).split("\f")) != []
