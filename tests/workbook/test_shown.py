"""What a reader sees is what the cell holds: every sample as LibreOffice shows it, cell by cell, on every sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from sheetgen import build, load_scenario
from tests.support.edits import edit_parts
from tests.support.package import Book, CellKey, read_book
from tests.support.paths import SAMPLES
from tests.support.shown import misread, shown_cells

STYLES = "xl/styles.xml"
CONDITION = re.compile(r"\[[<>=]")
MONEY = "&quot;EUR &quot;#,##0"
CONTROLS = {  # a format, and one that shows another number: what then reads wrong
    "sign": (MONEY, f"[&gt;=1000]{MONEY};{MONEY}", "Phasing!D240"),
    "size": ("0.00%", "0", "Evidence!E78"),
    "tiny": ("0.0####E+00", "#,##0.0#####", "Inputs!D241"),
    "half": ("#,##0.00", "#,##0", "Phasing!D59"),
}

Shown = Mapping[CellKey, str]


@pytest.fixture(scope="module")
def refund(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tender with a deposit that comes back in a month that costs less than it: negative money."""
    room = tmp_path_factory.mktemp("refund")
    text = SAMPLES["procurement-70b"].read_text(encoding="utf-8")
    scenario = room / "refund.yaml"
    scenario.write_text(text.replace("deposit: 400000", "deposit: 5000000"), encoding="utf-8")
    return build(load_scenario(scenario), room / "refund.xlsx")


@pytest.fixture(scope="module")
def shown(
    read_samples: Mapping[str, Book], refund: Path, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, tuple[Book, Shown]]:
    """Every sample, the refund, and the refund under each format that shows another number: read, and as shown."""
    room = tmp_path_factory.mktemp("shown")
    books = {**read_samples, "refund": read_book(refund)}
    for name, (right, wrong, _) in CONTROLS.items():
        out = room / f"{name}.xlsx"
        edit_parts(refund, out, {STYLES: partial(swap_format, right=right, wrong=wrong)})
        books[name] = read_book(out)
    texts = shown_cells([book.path for book in books.values()], room)
    return {name: (book, cells) for (name, book), cells in zip(books.items(), texts, strict=True)}


def test_every_number_of_every_sample_is_shown_as_it_is(
    shown: Mapping[str, tuple[Book, Shown]], read_samples: Mapping[str, Book]
) -> None:
    for name in (*read_samples, "refund"):
        book, cells = shown[name]
        assert len(cells) > 10_000, name
        assert misread(book, cells) == [], name


def test_money_that_comes_back_has_its_minus(shown: Mapping[str, tuple[Book, Shown]]) -> None:
    """The review of issue 11: payment 4 is -1,016,668.94, and fiscal year 2 is -237,753.14."""
    _, cells = shown["refund"]
    assert "-EUR 1,016,669" in row(cells, "Phasing", "payment:4")
    assert "-EUR 237,753" in row(cells, "Summary", "year:2")


@pytest.mark.parametrize("name", CONTROLS)
def test_a_format_that_shows_another_number_is_found(name: str, shown: Mapping[str, tuple[Book, Shown]]) -> None:
    book, cells = shown[name]
    assert any(line.startswith(f"{CONTROLS[name][2]} ") for line in misread(book, cells)), misread(book, cells)[:5]


def test_no_number_format_has_a_condition(
    shown: Mapping[str, tuple[Book, Shown]], read_samples: Mapping[str, Book]
) -> None:
    """Of cells, of conditional formats and of charts; what stands behind a condition loses its minus in LibreOffice."""
    for book in read_samples.values():
        codes = list(format_codes(book))
        assert len(codes) > 20
        assert not [code for code in codes if CONDITION.search(code)]
    assert [code for code in format_codes(shown["sign"][0]) if CONDITION.search(code)]


def swap_format(styles: str, right: str, wrong: str) -> str:
    """The part of styles with one number format in place of another."""
    return styles.replace(f'formatCode="{right}"', f'formatCode="{wrong}"')


def format_codes(book: Book) -> Iterator[str]:
    """Every number format that a workbook states, of cells and of charts."""
    for root in book.xml.values():
        for element in root.iter():
            code = element.get("formatCode")
            yield from (code,) if code is not None else ()
            if element.tag.endswith("}formatCode"):
                yield element.text or ""


def row(cells: Shown, sheet: str, key: str) -> list[str]:
    """What the row of a key shows."""
    rows = {place[1:] for (name, place), text in cells.items() if name == sheet and text == key and place[0] == "B"}
    return [text for (name, place), text in cells.items() if name == sheet and place.lstrip("ABCDEFGH") in rows]
