"""Reviewer's checklist, chapter B: structure. What is promised where the list leaves room: ``reviewer.b_structure``."""

from __future__ import annotations

import pytest

from tests.conftest import Breaker
from tests.support.package import Book
from tests.support.reviewer import b_structure
from tests.support.reviewer.controls import Check, Control, fired
from tests.support.reviewer.graph import cycle

BOOK = "xl/workbook.xml"
STRINGS = "xl/sharedStrings.xml"
CIRCULAR = frozenset({"no_cell_reads_itself"})
TYPED = frozenset({"sheets_are_typed_and_ordered"})

CONTROLS = [
    Control(b_structure.sheets_are_typed_and_ordered, "Cost", "A2", r"<v>\d+</v>", "<v>0</v>"),
    Control(b_structure.sheets_are_typed_and_ordered, BOOK, "", '(<sheet name="Model".*?/>)(<sheet .*?/>)', r"\2\1"),
    Control(b_structure.constants_stand_on_input_sheets, "Cost", "total_cost D", "<f>.*?</f>", ""),
    Control(b_structure.constants_stand_on_input_sheets, "Steps", "D29", "<v>-3</v>", "<v>-4</v>"),
    Control(b_structure.columns_have_one_role, "Time", "", r'(<col min="1" max="1" width=")\d+', r"\g<1>12"),
    Control(b_structure.columns_have_one_role, "Time", "C5", r"<v>\d+</v>", "<v>0</v>"),
    Control(b_structure.references_point_back, "Cost", "compute_cost D", "<f>", "<f>D66 + ", CIRCULAR),
    Control(b_structure.references_point_back, "Model", "query_width D", "<f>", "<f>Summary!D10 + "),
    Control(
        b_structure.sheets_form_no_cycle,
        "Model",
        "query_width D",
        "<f>",
        "<f>Cost!D5 + ",
        frozenset({"references_point_back"}),
    ),
    Control(
        b_structure.no_cell_reads_itself,
        "Cost",
        "compute_cost D",
        "<f>",
        "<f>D49 + ",
        frozenset({"references_point_back"}),
    ),
    Control(b_structure.nothing_is_hidden, BOOK, "", '<sheet name="Model"', '<sheet name="Model" state="veryHidden"'),
    Control(b_structure.nothing_is_hidden, "Cost", "", '<row r="43"', '<row r="43" hidden="1"'),
    Control(b_structure.nothing_is_hidden, "Cost", "", '<row r="43"', '<row r="43" ht="0" customHeight="1"'),
    Control(b_structure.nothing_is_hidden, "Cost", "", '<col min="3"', '<col hidden="1" min="3"'),
    Control(b_structure.nothing_is_hidden, "Cost", "", '(<col min="11" max="11" width=")[0-9.]+', r"\g<1>0"),
    Control(b_structure.nothing_is_hidden, "Cost", "", "<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" '),
    Control(
        b_structure.nothing_is_hidden, "xl/styles.xml", "", '(.*)<protection locked="0"', r'\1<protection hidden="1"'
    ),
    Control(b_structure.nothing_is_hidden, "xl/styles.xml", "", 'rgb="FF595959"', 'rgb="FFFFFFFF"'),
    Control(b_structure.contents_link_to_every_sheet, "About", "", "location=\"'?Cost'?!A1\"", 'location="Inputs!A1"'),
    Control(b_structure.about_tells_all, STRINGS, "", "What is not in these figures", "Remarks"),
    Control(b_structure.about_tells_all, STRINGS, "", "<t>Colours</t>", "<t>Styles</t>"),
    Control(b_structure.sheet_names_describe, BOOK, "", '<sheet name="Choices"', '<sheet name="Sheet1"', TYPED),
]


@pytest.mark.parametrize("check", b_structure.CHECKS, ids=lambda check: check.__name__)
def test_structure_holds(check: Check, book: Book) -> None:
    """Items 11 to 19: what each check of chapter B promises holds on every sample."""
    assert check(book) == []


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_broken_structure_is_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 11 to 19, negative control: the broken copy fires its check, and no other but those named."""
    if control.where == BOOK and "Sheet1" in control.new:
        assert control.check(break_copy(control)) != []  # renaming a sheet leaves its references dangling
        return
    assert fired(b_structure.CHECKS, llama, break_copy(control)) == {control.check.__name__} | control.also


def test_cycles_are_found() -> None:
    """Items 14, 15: a chain has no cycle; a loop of two, a loop of one, and what reads them are listed."""
    assert cycle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["a", "b", "c"]
    assert cycle({"a": {"a"}, "b": set()}) == ["a"]
