"""What Excel would compute and show, by an engine that follows its rules of arithmetic and of number formats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.differences import SizesOfParts
from tests.support.edits import edit_parts
from tests.support.engines import compare
from tests.support.excel_rules import formulon_values, shown_by_excel
from tests.support.package import CellKey, cached_values, formula_cells, read_book
from tests.support.shown import misread

STYLES = "xl/styles.xml"
BARE_POINT = re.compile(r"\d\.(?!\d)")
"""A number that ends on its decimal point: what Excel, and no other program, makes of the format ``#,##0.##``."""


@pytest.fixture(scope="module")
def shown(llama_file: Path) -> Mapping[CellKey, str]:
    """Three cases with the technical sheets, as Excel displays them."""
    return shown_by_excel(llama_file)


def bare(book: Path, cells: Mapping[CellKey, str]) -> list[str]:
    """The numbers that are shown with a decimal point and nothing behind it."""
    stored = cached_values(book)
    return [
        f"{sheet}!{address}: {text}"
        for (sheet, address), text in cells.items()
        if isinstance(stored[sheet, address].value, float) and BARE_POINT.search(text)
    ]


def test_every_formula_comes_to_the_same(llama_file: Path) -> None:
    """Each formula's value, from poisoned caches, is the stored one, which build has held against the engine."""
    values, stored = formulon_values(llama_file), cached_values(llama_file)
    expected = {key: stored[key].value for key in formula_cells(llama_file)}
    given = {key: value for key, value in expected.items() if value is not None}

    assert values.keys() == expected.keys()
    assert compare(given, values, abs_scale=SizesOfParts(read_book(llama_file), given)) == []


def test_every_number_is_shown_as_it_is(llama_file: Path, shown: Mapping[CellKey, str]) -> None:
    """In sign and in size, without ``###``, and none ends on its decimal point."""
    assert len(shown) > 10_000
    assert misread(read_book(llama_file), shown) == []
    assert [key for key, text in shown.items() if text.startswith("##")] == []
    assert bare(llama_file, shown) == []


def test_a_wrong_formula_and_wrong_formats_would_be_seen(llama_file: Path, tmp_path: Path) -> None:
    """Negative control: a formula that adds one, money without its thousands, whole numbers that end on a point."""
    formula = formula_cells(llama_file)["Time", "D20"]
    book = read_book(llama_file)
    part = next(sheet.part for sheet in book.sheets if sheet.name == "Time")
    edits = {
        part: lambda text: text.replace(f"<f>{formula}</f>", f"<f>{formula}+1</f>", 1),
        STYLES: lambda text: text.replace('formatCode="#,##0"', 'formatCode="#,##0.##"').replace(
            'formatCode="0.0%"', 'formatCode="0"'
        ),
    }
    wrong = tmp_path / "wrong.xlsx"
    edit_parts(llama_file, wrong, edits)
    before, after, cells = formulon_values(llama_file), formulon_values(wrong), shown_by_excel(wrong)

    assert any(line.startswith("Time!D20:") for line in compare(before, after))
    assert misread(read_book(wrong), cells) != []
    assert bare(wrong, cells) != []
