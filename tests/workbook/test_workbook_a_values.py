"""Reviewer's checklist, chapter A: the workbook opens and shows the right numbers before anyone recalculates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Breaker
from tests.support.differences import SizesOfParts
from tests.support.edits import edit_parts
from tests.support.engines import compare, ironcalc_values
from tests.support.ooxml_lint import lint
from tests.support.package import Book, cached_values, formula_cells, read_book
from tests.support.reviewer import a_values, layout
from tests.support.reviewer.controls import Check, Control, fired
from tests.support.reviewer.recalculation import opened
from tests.support.validators import openxml_audit_errors, sdk_errors

VALUES = frozenset({"stored_values_are_computed"})
UNREAD = frozenset({"formulas_have_values"})  # what is not of its type is no value
CHART = "xl/charts/chart1.xml"
BOOK = "xl/workbook.xml"
NEW_NAME = '<definedNames><definedName name="{}">{}!$D$7</definedName>'

CONTROLS = [
    Control(a_values.formulas_have_values, "Cost", "cost_per_month D", "<v>.*?</v>", ""),
    Control(a_values.stored_values_are_computed, "Cost", "cost_per_month D", r"<v>(\d)", r"<v>1\1"),
    Control(a_values.stored_values_are_computed, "Checks", "check_memory D", "<v>OK</v>", "<v>FAIL</v>"),
    Control(a_values.stored_values_are_typed, "Cost", "cost_per_month D", "<v>.*?</v>", "<v>nan</v>", UNREAD),
    Control(a_values.stored_values_are_typed, "Checks", "check_memory D", ' t="str"', "", UNREAD),
    Control(
        a_values.no_error_is_stored,
        "Cost",
        "cost_per_month D",
        '( s="[0-9]*")>(.*?)<v>.*?</v>',
        r'\1 t="e">\2<v>#DIV/0!</v>',
        VALUES,
    ),
    Control(a_values.excel_recalculates, BOOK, "", ' fullCalcOnLoad="1"', ""),
    Control(a_values.excel_recalculates, BOOK, "", "<calcPr ", '<calcPr calcMode="manual" '),
    Control(a_values.excel_recalculates, BOOK, "", "<calcPr ", '<calcPr iterate="1" '),
    Control(a_values.chart_caches_are_the_cells, CHART, "", r"(<c:numCache>.*?<c:v>)\d", r"\g<1>9"),
    Control(a_values.chart_caches_are_the_cells, CHART, "", "<c:strCache>.*?</c:strCache>", ""),
    Control(a_values.functions_are_declared, "Cost", "total_cost D", "<f>.*?</f>", "<f>OFFSET(D7, 0, 0)</f>", VALUES),
    Control(
        a_values.functions_are_declared, "Cost", "total_cost D", "<f>.*?</f>", "<f>_xlfn.IFS(D7 &gt; 0, D7)</f>", VALUES
    ),
    Control(a_values.functions_are_declared, "Cost", "total_cost D", "<f>", '<f t="array" ref="D11">'),
    Control(a_values.names_resolve, BOOK, "", "<definedNames>", NEW_NAME.format("H100", "Cost")),
    Control(a_values.names_resolve, BOOK, "", "<definedNames>", NEW_NAME.format("rate", "Lost")),
]


@pytest.mark.parametrize("check", a_values.CHECKS, ids=lambda check: check.__name__)
def test_values_hold(check: Check, book: Book) -> None:
    """Items 1, 2, 3, 4, 5, 6, 7, 8, 9, 10: what each check of chapter A promises holds on every sample."""
    assert check(book) == []


def test_samples_have_formulas_and_a_chart(book: Book) -> None:
    """Items 1, 6: over a thousand formulas to check, and the charts of Summary, Compare, Budget, Sensitivity, Phasing,
    Scaling, Evidence (two) and, where it is, Offers."""
    assert len(formula_cells(book.path)) > 1000
    there = {sheet.name for sheet in book.sheets}
    assert a_values.chart_count(book) == 13 + len({"Offers"} & there)


@pytest.mark.parametrize("control", CONTROLS, ids=str)
def test_broken_values_are_found(control: Control, llama: Book, break_copy: Breaker) -> None:
    """Items 1 to 8, negative control: the broken copy fires its check, and no other but those named."""
    cheap = [check for check in a_values.CHECKS if check is not a_values.stored_values_are_computed]
    checks = (
        [*cheap, a_values.stored_values_are_computed] if VALUES & (control.also | {control.check.__name__}) else cheap
    )
    assert fired(checks, llama, break_copy(control)) == {control.check.__name__} | control.also


@pytest.mark.parametrize(
    ("check", "name"),
    [
        (a_values.nothing_external, "xl/externalLinks/externalLink1.xml"),
        (a_values.nothing_external, "xl/connections.xml"),
        (a_values.package_is_complete, "xl/worksheets/sheet99.xml"),
    ],
)
def test_added_parts_are_found(check: Check, name: str, llama: Book, tmp_path: Path) -> None:
    """Items 9, 10, negative control: an external link, a connection and an undeclared sheet are found."""
    out = tmp_path / "added.xlsx"
    edit_parts(llama.path, out, {}, add={name: b"<a/>"})
    assert check(read_book(out)) != []


def test_other_peoples_tools_accept_the_package(book: Book) -> None:
    """Item 10: the linter and the Open XML SDK find nothing, nor openxml-audit, which is slow, in the files with every
    sheet and with sparse peaks: all are written alike."""
    assert lint(book.path) == []
    assert sdk_errors(book.path) == []
    if book.path.stem in {"procurement-70b", "gpt4-epoch"}:
        assert openxml_audit_errors(book.path) == []


def losses(path: Path, saved: Path) -> list[str]:
    """The sheets, formula cells and stored values of a file that another program's copy has not, or has otherwise."""
    before, after = read_book(path), read_book(saved)
    sheets = [sheet.name for sheet in before.sheets], [sheet.name for sheet in after.sheets]
    found = [] if sheets[0] == sheets[1] else [f"sheets {sheets[1]}, were {sheets[0]}"]
    formulas, kept = formula_cells(path), formula_cells(saved)
    found += [f"{sheet}!{address} is no formula in both" for sheet, address in sorted(formulas.keys() ^ kept.keys())]
    stored, values = cached_values(path), cached_values(saved)
    want = {key: value for key in formulas if (value := stored[key].value) is not None}
    have = {key: value for key in want if key in values and (value := values[key].value) is not None}
    return found + compare(want, have, abs_scale=SizesOfParts(before, want))


def test_libreoffice_opens_and_saves_without_loss(book: Book, saved_samples: Mapping[str, Path]) -> None:
    """Item 10: after LibreOffice has opened and saved a sample, its sheets, formulas and values are all there."""
    assert losses(book.path, saved_samples[book.path.stem]) == []


@pytest.mark.parametrize(
    ("where", "key", "old", "new", "said"),
    [
        (BOOK, "", '<sheet name="Choices"', '<sheet name="Lists"', "Lists"),
        ("Cost", "total_cost D", "<f>.*?</f>", "", "Cost!D67 is no formula"),
        ("Cost", "total_cost D", r"<v>\d", "<v>9", "Cost!D67"),
        ("Cost", "total_cost D", "<v>.*?</v>", "", "Cost!D67"),
    ],
)
def test_losses_are_found(
    where: str, key: str, old: str, new: str, said: str, llama: Book, break_copy: Breaker
) -> None:
    """Item 10, negative control: a renamed sheet, a formula turned value, another value and no value are reported."""
    assert losses(llama.path, llama.path) == []
    broken = break_copy(Control(a_values.no_error_is_stored, where, key, old, new))
    assert any(said in line for line in losses(llama.path, broken.path))


def test_pandas_reads_the_total_without_recalculation(book: Book) -> None:
    """Items 1, 2: pandas.read_excel, which never computes, gives the total cost that IronCalc computes."""
    table = pd.read_excel(book.path, sheet_name="Summary", header=None)
    row = layout.key_rows(layout.sheet(book, "Summary"))["total_cost@chosen"]
    total = table.iloc[row - 1, layout.FIRST_CASE - 1]
    assert total == pytest.approx(ironcalc_values(book.path)["Summary", f"D{row}"], rel=1e-12)
    assert float(str(total)) > 0


def hand_worked_total(contingency: float) -> float:
    """The Llama run's cost in USD: 6·N·D ÷ (MFU × peak) in GPU-hours ÷ goodput × price × (1 + contingency).

    N = 405,853,388,800 elements of the published checkpoint, D = 15.6e12 (arXiv:2407.21783, 3.4), peak 989.4 TFLOPS
    (NVIDIA H100 datasheet); MFU 41 %, goodput 90 % and 2.00 USD an hour as in the scenario.
    """
    gpu_hours = 6 * 405_853_388_800 * 15.6e12 / (0.41 * 989.4e12) / 3600 / 0.9
    return gpu_hours * 2.00 * (1 + contingency)


def test_llama_total_is_the_hand_worked_one(llama: Book) -> None:
    """Item 2: the stored total of the Llama sample is the hand-worked one with the scenario's 10 % contingency."""
    row = layout.key_rows(layout.sheet(llama, "Summary"))["total_cost@chosen"]
    cell = layout.cell(layout.sheet(llama, "Summary"), row, layout.FIRST_CASE)
    assert cell is not None
    assert cell.value == pytest.approx(hand_worked_total(0.10), rel=1e-12)


def test_another_total_is_not_the_hand_worked_one(llama: Book) -> None:
    """Item 2, negative control: with 11 % contingency the total leaves the hand-worked one, for that of 11 %."""
    row = layout.key_rows(layout.sheet(llama, "Summary"))["total_cost@chosen"]
    contingency = layout.key_rows(layout.sheet(llama, "Inputs"))["contingency"]
    book = opened(llama.path)
    with book.trial({("Inputs", f"D{contingency}"): 0.11}):
        total = book.value("Summary", f"D{row}")
    assert total != pytest.approx(hand_worked_total(0.10), rel=1e-3)
    assert total == pytest.approx(hand_worked_total(0.11), rel=1e-12)
