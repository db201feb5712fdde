"""The comparison of two builds finds every kind of difference; and the golden figures of two samples have not moved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from tests.support.edits import edit_parts
from tests.support.golden import NAMES, figures, golden, moved
from tests.support.package import Book, read_book
from tests.support.same_build import Difference, Named, of_books

EDITS = {  # part or sheet, pattern, what stands there instead, and what the difference is then called
    "a formula": ("Cost", r"(<f>[^<]*)", r"\1+0", "formula"),
    "a value": ("Cost", r"(<f>[^<]*</f><v>[0-9]+)", r"\g<1>7", "value"),
    "a number format": ("xl/styles.xml", r'formatCode="0\.00%"', 'formatCode="0%"', "number format"),
    "a fill": ("xl/styles.xml", r'<fgColor rgb="FFFFF8DC"', '<fgColor rgb="FFFFF8DD"', "fill"),
    "a text": ("xl/sharedStrings.xml", r"<t>Inputs</t>", "<t>Input</t>", "value"),
    "a row height": ("Inputs", r'ht="[0-9.]+"', 'ht="99"', "xml"),
    "a validation": ("Inputs", r'errorStyle="\w+"|allowBlank="1"', 'allowBlank="0"', "xml"),
    "a chart": ("xl/charts/chart1.xml", r"<a:t>", "<a:t>No ", "xml"),
    "the author": ("docProps/core.xml", r"<dc:creator>", "<dc:creator>A. ", "xml"),
}


@pytest.fixture(scope="module")
def vit(read_samples: Mapping[str, Book]) -> Book:
    return read_samples["vit-l16"]


def test_a_build_is_the_same_as_itself(vit: Book) -> None:
    assert list(of_books("vit", vit, read_book(vit.path))) == []


@pytest.mark.parametrize("edit", EDITS)
def test_a_difference_is_found(edit: str, vit: Book, tmp_path: Path) -> None:
    part, pattern, instead, what = EDITS[edit]
    sheet = vit.sheet_by_name.get(part.lower())
    part = part if sheet is None else sheet.part
    out = tmp_path / "edited.xlsx"
    edit_parts(vit.path, out, {part: partial(re.sub, pattern, instead, count=1)})
    found = list(of_books("vit", vit, read_book(out)))
    assert found
    assert {difference.what for difference in found} == {what}


def test_a_named_difference_is_of_that_kind_only() -> None:
    named = Named("cents", "Cost!.*", "number format", r"#,##0", r"#,##0\.00")
    meant = Difference("vit", "Cost!D5", "number format", "#,##0", "#,##0.00")
    assert named.covers(meant)
    assert not named.covers(meant._replace(where="Time!D5"))
    assert not named.covers(meant._replace(what="value"))
    assert not named.covers(meant._replace(new="0%"))


@pytest.mark.parametrize("name", NAMES)
def test_no_figure_has_moved(name: str) -> None:
    """Else: is it meant? Then ``python -m tests.support.golden`` writes the figures anew."""
    was = golden(name)
    assert len(was) > 200
    assert moved(was, figures(name)) == []


def test_a_figure_that_moves_is_found() -> None:
    was = golden(NAMES[0])
    unit, *values = was["total_cost"]
    assert moved(was, was) == []
    assert moved(was, {**was, "total_cost": [unit, str(float(values[0]) * (1 + 1e-9)), *values[1:]]})
    assert moved(was, {**was, "total_cost": ["EUR", *values]})
    assert moved(was, {key: figure for key, figure in was.items() if key != "total_cost"})
