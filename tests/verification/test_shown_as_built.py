"""What a workbook shows beside its figures, compared with the plan of its inputs: formats, charts, texts, looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sheetgen import build, load_scenario, verify
from tests.support.attack import Attack, told, with_format
from tests.support.package import Cell
from tests.support.paths import SAMPLES


@pytest.fixture
def attack(built_samples: Mapping[str, Path]) -> Attack:
    """A fresh attack on three quotes in dollars for a budget in euros, with the optional sheets."""
    return Attack(built_samples["procurement-70b"])


FALSE_FORMATS = ('"EUR 4,567,890"', "0.00,,", "0%", '"EUR "#,##0;"EUR "#,##0', ";;;", "yyyy-mm-dd", "[>1]0;0")


@pytest.mark.parametrize("code", FALSE_FORMATS)
def test_m_a_number_format_that_shows_another_figure(attack: Attack, tmp_path: Path, code: str) -> None:
    """M: words in the place of the total, another scale, no sign, nothing at all."""
    cell = f"D{attack.row('Cost', 'total_cost')}"
    verdict = with_format(attack, "Cost", cell, code).verdict(tmp_path)
    assert ("meaning of a format", "Cost") in told(verdict)
    assert verdict.exit_code == 1


def test_m_a_status_that_is_always_ok(attack: Attack, tmp_path: Path) -> None:
    """M: the master check formatted to say OK whatever it is."""
    verdict = with_format(attack, "Summary", "C2", ';;;"OK"').verdict(tmp_path)
    assert ("meaning of a format", "Summary") in told(verdict)
    assert verdict.exit_code == 1


LOOKS: Mapping[str, tuple[Callable[[Attack], Attack], str]] = {
    "more decimals": (
        lambda own: with_format(own, "Cost", f"D{own.row('Cost', 'total_cost')}", "0.0"), "format",
    ),
    "a text box": (
        lambda own: own.edit("xl/drawings/drawing1.xml", lambda text: text.replace(
            "</xdr:wsDr>",
            "<xdr:twoCellAnchor><xdr:from><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>46</xdr:row>"
            "<xdr:rowOff>0</xdr:rowOff></xdr:from><xdr:to><xdr:col>4</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>47"
            "</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to><xdr:sp><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>EUR 4,567,890"
            "</a:t></a:r></a:p></xdr:txBody></xdr:sp><xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>")),
        "drawing",
    ),
    "a white font": (
        lambda own: own.edit(
            "xl/styles.xml", lambda text: text.replace('<color theme="1"/>', '<color rgb="FFFFFFFF"/>')
        ),
        "look",
    ),
    "a smaller print area": (
        lambda own: own.edit(
            "xl/workbook.xml", lambda text: re.sub(r"Checks!\$A\$1:\$([A-Z]+)\$\d+", r"Checks!$A$1:$\1$20", text)
        ),
        "print area",
    ),
    "a hidden sheet": (
        lambda own: own.edit(
            "xl/workbook.xml", lambda text: text.replace('name="Checks"', 'name="Checks" state="veryHidden"')
        ),
        "hidden",
    ),
    "a hidden column": (
        lambda own: own.edit(own.part("Cost"), lambda text: text.replace("<col ", '<col hidden="1" ', 1)), "hidden",
    ),
    "no protection": (
        lambda own: own.edit(own.part("Cost"), lambda text: re.sub("<sheetProtection[^>]*>", "", text)), "protection",
    ),
    "no validation": (
        lambda own: own.edit(
            own.part("Inputs"), lambda text: re.sub("<dataValidations.*</dataValidations>", "", text)
        ), "validation",
    ),
    "a wider validation": (
        lambda own: own.edit(
            own.part("Inputs"), lambda text: text.replace("<formula2>1</formula2>", "<formula2>9</formula2>")
        ), "validation",
    ),
    "zeros not shown": (
        lambda own: own.edit(own.part("Cost"), lambda text: text.replace("<sheetView ", '<sheetView showZeros="0" ')),
        "zeros",
    ),
    "another foot": (
        lambda own: own.edit(own.part("Cost"), lambda text: text.replace("</oddFooter>", " approved</oddFooter>")),
        "header and footer",
    ),
    "a colour of checks": (
        lambda own: own.edit(
            own.part("Checks"), lambda text: text.replace('<formula>"FAIL"</formula>', '<formula>"BAD"</formula>')
        ), "condition",
    ),
    "another title": (
        lambda own: own.edit("docProps/core.xml", lambda text: re.sub("<dc:title>[^<]*", "<dc:title>Approved", text)),
        "property",
    ),
    "iteration": (
        lambda own: own.edit("xl/workbook.xml", lambda text: text.replace("<calcPr ", '<calcPr iterate="1" ')),
        "calculation",
    ),
    "cells merged": (
        lambda own: own.edit(
            own.part("Cost"), lambda text: text.replace("</sheetData>", "</sheetData>").replace(
                "<pageMargins", '<mergeCells count="1"><mergeCell ref="A20:D21"/></mergeCells><pageMargins', 1)
        ), "merge",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_m_what_looks_other_than_built_is_said(attack: Attack, tmp_path: Path, name: str) -> None:
    """Each of these leaves the figures as they are: it is said, and the verdict stays."""
    change, aspect = LOOKS[name]
    verdict = change(attack).verdict(tmp_path)
    assert aspect in [found for found, _ in told(verdict)]
    assert verdict.exit_code == 0, [str(item) for item in verdict.differences]


CHARTS: Mapping[str, Callable[[str], str]] = {
    "draws another row": lambda text: re.sub(r"(<c:val>.*?)\$D\$\d+:", r"\1$D$9:", text),
    "draws typed figures": lambda text: re.sub(
        r"<c:numRef>.*?</c:numRef>", '<c:numLit><c:ptCount val="1"/><c:pt idx="0"><c:v>1</c:v></c:pt></c:numLit>', text
    ),
    "another title": lambda text: text.replace("Total cost by case", "Total cost, all included"),
    "an axis cut": lambda text: text.replace('<c:min val="0"/>', '<c:min val="13000000"/>'),
    "figures in words": lambda text: text.replace("#,##0.00,,&quot;M&quot;", "&quot;4.5M&quot;"),
    "another kind": lambda text: text.replace("barChart", "areaChart"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_that_draws_or_says_otherwise(attack: Attack, tmp_path: Path, name: str) -> None:
    """A chart is what an approver looks at first; what it draws and says is compared."""
    charts = (part for part in attack.book.part_names if part.startswith("xl/charts/"))
    part = next(part for part in charts if b"Total cost by case" in attack.book.parts[part])
    verdict = attack.edit(part, CHARTS[name]).verdict(tmp_path)
    assert "chart" in [aspect for aspect, _ in told(verdict)]
    assert verdict.exit_code == 1


def test_a_chart_taken_away(attack: Attack, tmp_path: Path) -> None:
    """A sheet without its chart, as programs leave it that do not know charts: said, for it shows nothing wrong."""
    verdict = attack.edit(attack.part("Compare"), lambda text: re.sub("<drawing [^>]*>", "", text)).edit(
        attack.part("Compare").replace("worksheets/", "worksheets/_rels/") + ".rels",
        lambda text: re.sub("<Relationship [^>]*drawing[^>]*>", "", text),
    ).verdict(tmp_path)  # fmt: skip
    assert ("chart gone", "Compare") in told(verdict)
    assert "chart" not in [aspect for aspect, _ in told(verdict)]


def test_a_condition_that_writes_is_wrong(attack: Attack, tmp_path: Path) -> None:
    """A conditional format with a number format of words, over the total."""
    cell = f"D{attack.row('Cost', 'total_cost')}"
    rule = (
        f'<conditionalFormatting sqref="{cell}"><cfRule type="expression" dxfId="0" priority="99">'
        "<formula>TRUE</formula></cfRule></conditionalFormatting>"
    )
    attack.edit(attack.part("Cost"), lambda text: text.replace("<pageMargins", f"{rule}<pageMargins", 1))
    new = '<dxf><numFmt numFmtId="401" formatCode="&quot;EUR 4,567,890&quot;"/></dxf>'
    attack.edit("xl/styles.xml", lambda text: re.sub(r"(<dxfs[^>]*>)<dxf>.*?</dxf>", rf"\g<1>{new}", text, count=1))
    verdict = attack.verdict(tmp_path)
    assert ("condition that writes", "Cost") in told(verdict)
    assert verdict.exit_code == 1


def test_texts_of_all_kinds_are_compared(attack: Attack, tmp_path: Path) -> None:
    """A label, a unit, a head, a source, a choice's meaning, a figure's name on Evidence: each is told by its cell."""
    row = attack.row("Cost", "total_cost")
    unit = f"C{attack.row('Cost', 'price_age')}"  # in days; one with a currency in it is a formula
    cells = {"Cost": [f"A{row}", unit, "A5"], "Choices": ["C7"], "Inputs": [f"A{attack.row('Inputs', 'tokens')}"]}
    for sheet, addresses in cells.items():
        for address in addresses:
            attack.text(sheet, address, "otherwise")
    verdict = attack.verdict(tmp_path)
    found = {(item.sheet, item.cell) for item in verdict.differences if item.aspect == "text"}
    assert found == {(sheet, address) for sheet, addresses in cells.items() for address in addresses}


def test_a_source_changed_alone_is_told(attack: Attack, tmp_path: Path) -> None:
    """The source of a price as built is the scenario's own text; sheet Sources still says the old one."""
    source = _sources(attack)[-1]
    verdict = attack.text("Inputs", source.address, re.sub(r"(\[\d+\]).*", r"\1 CEO's word", str(source.text))).verdict(
        tmp_path
    )
    assert ("text", "Sources") in told(verdict)


def test_another_source_is_an_edit(attack: Attack, tmp_path: Path) -> None:
    """The source of a price is typed anew, as it should be with a new price: said from what to what, and all else is as
    built but the cell that shows it, which nobody computed again."""
    source = _sources(attack)[0]
    verdict = attack.text("Inputs", source.address, "CEO's word").verdict(tmp_path)
    assert verdict.edits == [f"source of price_per_gpu_hour: {source.text} is now CEO's word"]
    assert (verdict.differences, [item.key for item in verdict.stored.stale]) == ([], ["swing:price_per_gpu_hour"])


def _sources(attack: Attack) -> list[Cell]:
    """The source of the price as typed, and as built."""
    row = attack.row("Inputs", "price_per_gpu_hour")
    cells = attack.book.sheet_by_name["inputs"].cells
    return [cell for cell in cells if cell.row == row and str(cell.text).startswith("[")]


def test_a_scenario_built_twice_is_compared_with_itself(tmp_path: Path) -> None:
    """A source equal to a listed one, and Letter paper: whatever a scenario says, nothing is told."""
    scenario = replace(load_scenario(SAMPLES["gpt3-175b"]), paper="Letter")
    build(scenario, tmp_path / "a.xlsx")
    assert verify(tmp_path / "a.xlsx").differences == []
