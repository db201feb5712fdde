"""What a reader sees is what the cell holds: every sample as LibreOffice shows it, cell by cell, on every sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase

import pytest

from sheetgen import build, load_scenario
from tests.support.edits import edit_parts
from tests.support.package import Book, CellKey, read_book
from tests.support.paths import SAMPLES, TECHNICAL
from tests.support.reviewer import layout
from tests.support.shared import made_once
from tests.support.shown import misread, sheets_as_shown, shown_cells

TENDER = "procurement-70b"
STYLES = "xl/styles.xml"
CONDITION = re.compile(r"\[[<>=]")
MONEY = "#,##0"
CONTROLS = {  # a format, and one that shows another number: what then reads wrong, by sheet, key and column
    "sign": (MONEY, f"[&gt;=1000]{MONEY};{MONEY}", "Phasing", "payment:4", "D"),
    "size": ("0.00%", "0", "Evidence", "palm-540b:mfu", "E"),
    "tiny": ("0.0####E+00", "#,##0.0#####", "Inputs", "observed_sequences_per_second", "K"),
    "half": ("#,##0.00", "#,##0", "Phasing", "full_days_since_start:1", "D"),
}

Shown = Mapping[CellKey, str]


@pytest.fixture(scope="module")
def shown(
    read_samples: Mapping[str, Book], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, tuple[Book, Shown]]:
    """Every sample; the tender with a deposit that comes back in a month that costs less than it, which is negative
    money; and that file with formats that show other numbers: each as parts and as shown."""

    def make(room: Path) -> None:
        text = SAMPLES[TENDER].read_text(encoding="utf-8").replace("deposit: 400000", "deposit: 5000000")
        (room / "refund.yaml").write_text(text, encoding="utf-8")
        refund = build(load_scenario(room / "refund.yaml", sheets=TECHNICAL), room / "refund.xlsx")
        edit_parts(refund, room / "wrong.xlsx", {STYLES: with_wrong_formats})
        paths = [*(book.path for book in read_samples.values()), refund, room / "wrong.xlsx"]
        for path, sheets in zip(paths, sheets_as_shown(paths, room), strict=True):
            for sheet, table in sheets.items():
                table.rename(room / f"{path.stem}-{sheet}.csv")

    room = made_once(tmp_path_factory, "shown", make)
    books = {**read_samples, "refund": read_book(room / "refund.xlsx"), "wrong": read_book(room / "wrong.xlsx")}
    return {
        name: (book, shown_cells({sheet.name: room / f"{name}-{sheet.name}.csv" for sheet in book.sheets}))
        for name, book in books.items()
    }


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
    assert "-1,016,669" in row(cells, "Phasing", "payment:4")
    assert "-237,753" in row(cells, "Budget", "year:2")


@pytest.mark.parametrize("name", CONTROLS)
def test_a_format_that_shows_another_number_is_found(name: str, shown: Mapping[str, tuple[Book, Shown]]) -> None:
    book, cells = shown["wrong"]
    _, _, sheet, key, column = CONTROLS[name]
    place = f"{sheet}!{column}{layout.key_rows(layout.sheet(book, sheet))[key]} "
    lines = misread(book, cells)
    assert any(line.startswith(place) for line in lines), (place, lines[:5])


def test_no_number_format_has_a_condition(
    shown: Mapping[str, tuple[Book, Shown]], read_samples: Mapping[str, Book]
) -> None:
    """Of cells, of conditional formats and of charts; what stands behind a condition loses its minus in LibreOffice."""
    for book in read_samples.values():
        codes = list(format_codes(book))
        assert len(codes) > 20
        assert not [code for code in codes if CONDITION.search(code)]
    assert [code for code in format_codes(shown["wrong"][0]) if CONDITION.search(code)]


def with_wrong_formats(styles: str) -> str:
    """The part of styles with each format of the controls for the right one."""
    for right, wrong, *_ in CONTROLS.values():
        assert f'formatCode="{right}"' in styles
        styles = styles.replace(f'formatCode="{right}"', f'formatCode="{wrong}"')
    return styles


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
    rows = {place.lstrip(ascii_uppercase) for (name, place), text in cells.items() if name == sheet and text == key}
    return [text for (name, place), text in cells.items() if name == sheet and place.lstrip(ascii_uppercase) in rows]
