"""The linter of workbooks: silent on a clean file, and each rule fires, alone, when its defect is put in."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.edits import edit_parts
from tests.support.ooxml_lint import CHECKS, RULES, Finding, lint
from tests.support.rules.colours import contrast
from tests.support.rules.references import looks_like_cell
from tests.support.sample_book import write_sample

BOOK, STYLES, STRINGS = "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"
INPUTS, MODEL, NOTES = (f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3))
TABLE, DRAWING, CHART = "xl/tables/table1.xml", "xl/drawings/drawing1.xml", "xl/charts/chart1.xml"

TOTAL = "SUM(Inputs!$B$2:$B$3) * in_price"
NEW_NAME = "<definedNames>", '<definedNames><definedName name="{}">{}</definedName>'
PROTECTED = '<sheetProtection sheet="1" objects="1" scenarios="1"/>'

# rule, part, text to replace, replacement
REPLACEMENTS = [
    ("array-formula", MODEL, f"<f>{TOTAL}", f'<f t="array" ref="B1">{TOTAL}'),
    ("array-formula", MODEL, '<c r="B1"', '<c r="B1" cm="1"'),
    ("beyond-grid", MODEL, "</row>", '<c r="XFE1"><v>1</v></c></row>'),
    ("beyond-grid", MODEL, "Inputs!A2", "Inputs!A1048577"),
    ("broken-reference", MODEL, "Inputs!A2", "#REF!"),
    ("broken-reference", MODEL, "Inputs!A2", "Inputs!#REF!"),
    ("calculation-settings", BOOK, ' fullCalcOnLoad="1"', ""),
    ("calculation-settings", BOOK, "<calcPr ", '<calcPr calcMode="manual" '),
    ("calculation-settings", BOOK, "<calcPr ", '<calcPr iterate="1" '),
    ("calculation-settings", BOOK, "<calcPr ", '<calcPr fullPrecision="0" '),
    ("chart-alt-text", DRAWING, ' descr="Price of each item in dollars per hour"', ""),
    ("chart-alt-text", DRAWING, "Price of each item in dollars per hour", "chart1.png"),
    ("chart-cache", CHART, "<c:v>2.5</c:v>", "<c:v>2.6</c:v>"),
    ("chart-cache", CHART, "<c:v>4.0</c:v>", "<c:v>0</c:v>"),
    ("chart-cache", CHART, "<c:v>GPU</c:v>", "<c:v>CPU</c:v>"),
    ("chart-cache", CHART, '<c:pt idx="0"><c:v>4.0</c:v></c:pt>', ""),
    ("chart-cache", CHART, '<c:pt idx="1"><c:v>0.5</c:v></c:pt>', ""),
    ("contrast", STYLES, '<color rgb="FF0000FF"/>', '<color rgb="FFA0A0FF"/>'),
    ("contrast", STYLES, '<color rgb="FF0000FF"/>', '<color theme="0" tint="-0.25"/>'),
    ("contrast", STYLES, '<color rgb="FF9C0006"/>', '<color rgb="FFFF9999"/>'),
    ("contrast", STYLES, '<bgColor rgb="FFDDEBF7"/>', '<bgColor rgb="FF203040"/>'),
    ("error-value", MODEL, "<v>high</v>", "<v>#N/A</v>"),
    ("external-content", MODEL, "Inputs!A2", "[1]Inputs!A2"),
    ("external-content", "xl/worksheets/_rels/sheet2.xml.rels", "https://example.org", "ftp://example.org"),
    ("formula-length", MODEL, TOTAL, f"{TOTAL} + SUM({'1,' * 4096}1)"),
    ("formula-nesting", MODEL, TOTAL, f"{'ABS(' * 64}{TOTAL}{')' * 64}"),
    ("formula-syntax", MODEL, TOTAL, f"{TOTAL} *"),
    ("formula-syntax", MODEL, TOTAL, f"({TOTAL}"),
    ("formula-syntax", MODEL, "in_price &gt; 2", "in_price &gt;"),
    ("formula-without-value", MODEL, "<v>7.5</v>", ""),
    ("formula-without-value", MODEL, "<v>7.5</v>", "<v></v>"),
    ("formula-without-value", MODEL, "<v>high</v>", ""),
    ("function-not-allowed", MODEL, "ROUNDUP(B1 / 2, 0)", "_xlfn.CEILING.MATH(B1 / 2)"),
    ("function-not-allowed", MODEL, "ROUNDUP(B1 / 2, 0)", "OFFSET(B1, 0, 0)"),
    ("function-not-allowed", MODEL, "ROUNDUP(B1 / 2, 0)", "IFERROR(B1, 0)"),
    ("function-not-allowed", MODEL, "in_price &gt; 2", "TODAY() &gt; 2"),
    ("hidden", BOOK, 'sheetId="3"', 'sheetId="3" state="hidden"'),
    ("hidden", BOOK, 'sheetId="3"', 'sheetId="3" state="veryHidden"'),
    ("hidden", NOTES, '<row r="2"', '<row r="2" hidden="1"'),
    ("hidden", NOTES, '<row r="2"', '<row r="2" ht="0" customHeight="1"'),
    ("hidden", NOTES, "<sheetData>", '<cols><col min="2" max="2" width="9" hidden="1"/></cols><sheetData>'),
    ("hidden", NOTES, "<sheetData>", '<cols><col min="2" max="2" width="0"/></cols><sheetData>'),
    ("hidden", NOTES, "<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" '),
    ("hidden", STYLES, "#,##0.00;(#,##0.00)", ";;;"),
    ("hidden", STYLES, '<protection locked="0"/></xf><xf', '<protection locked="0" hidden="1"/></xf><xf'),
    ("leading-equals", MODEL, f"<f>{TOTAL}", f"<f>={TOTAL}"),
    ("list-length", INPUTS, '"0.5,1"', f'"{"0.5,1," * 43}"'),
    ("local-path", "docProps/core.xml", "<dc:creator>", "<dc:creator>/home/ada/budget.yaml"),
    ("local-path", STRINGS, "Read me", "C:\\Users\\ada\\budget.yaml"),
    ("merged-cells", MODEL, PROTECTED, f'{PROTECTED}<mergeCells><mergeCell ref="D1:E1"/></mergeCells>'),
    ("missing-prefix", MODEL, "ROUNDUP(B1 / 2, 0)", "CEILING.MATH(B1 / 2)"),
    ("missing-prefix", MODEL, 'IF(B1 &gt; 5, "high", "low")', 'IFS(B1 &gt; 5, "high")'),
    ("name-duplicate", BOOK, NEW_NAME[0], NEW_NAME[1].format("IN_PRICE", "Inputs!$B$3")),
    ("name-like-cell", BOOK, NEW_NAME[0], NEW_NAME[1].format("H100", "Inputs!$B$3")),
    ("name-like-cell", BOOK, NEW_NAME[0], NEW_NAME[1].format("R1C1", "Inputs!$B$3")),
    ("name-like-cell", BOOK, NEW_NAME[0], NEW_NAME[1].format("c", "Inputs!$B$3")),
    ("name-syntax", BOOK, NEW_NAME[0], NEW_NAME[1].format("2nd_price", "Inputs!$B$3")),
    ("name-syntax", BOOK, NEW_NAME[0], NEW_NAME[1].format("in price", "Inputs!$B$3")),
    ("name-syntax", BOOK, NEW_NAME[0], NEW_NAME[1].format("x" * 256, "Inputs!$B$3")),
    ("name-target", BOOK, "Inputs!$B$2", "Lost!$B$2"),
    ("name-target", BOOK, "Inputs!$B$2", "Inputs!$Z$99"),
    ("name-target", BOOK, "Inputs!$B$2", "Inputs!#REF!"),
    ("name-target", BOOK, "Inputs!$B$2", "86400"),
    ("name-target", BOOK, "Inputs!$B$2", "SUM(Inputs!$B$2)"),
    ("prompt-length", INPUTS, 'promptTitle="Price"', f'promptTitle="{"P" * 33}"'),
    ("prompt-length", INPUTS, 'prompt="$ per hour"', f'prompt="{"$" * 256}"'),
    ("prompt-length", INPUTS, 'promptTitle="Price"', f'errorTitle="{"E" * 33}" promptTitle="Price"'),
    ("protection-password", NOTES, "<sheetProtection ", '<sheetProtection password="CC1A" '),
    ("protection-password", NOTES, "<sheetProtection ", '<sheetProtection hashValue="eA==" '),
    ("protection-password", BOOK, "<bookViews>", '<workbookProtection lockStructure="1"/><bookViews>'),
    ("row-order", NOTES, "</sheetData>", '<row r="1"/></sheetData>'),
    ("sheet-name", BOOK, 'name="Notes"', f'name="{"N" * 32}"'),
    ("sheet-name", BOOK, 'name="Notes"', 'name="Notes [old]"'),
    ("sheet-name", BOOK, 'name="Notes"', 'name="Ada\'s notes"'),
    ("sheet-name", BOOK, 'name="Notes"', 'name="History"'),
    ("sheet-name-duplicate", BOOK, 'name="Notes"', 'name="INPUTS"'),
    ("sheet-name-like-cell", BOOK, 'name="Notes"', 'name="H100"'),
    ("sheet-not-protected", NOTES, PROTECTED, ""),
    ("sheet-not-protected", NOTES, PROTECTED, '<sheetProtection objects="1"/>'),
    ("structured-reference", MODEL, "Inputs!$B$2:$B$3", "Prices[Price]"),
    ("table-header", TABLE, 'id="2" name="Price"', 'id="2" name="Cost"'),
    ("table-header", TABLE, "totalsRowShown=", 'headerRowCount="0" totalsRowShown='),
    ("table-name", TABLE, 'displayName="Prices"', 'displayName="A100"'),
    ("table-name", TABLE, 'displayName="Prices"', 'displayName="IN_PRICE"'),
    ("table-name", TABLE, 'displayName="Prices"', 'displayName="All prices"'),
    ("text-length", STRINGS, "Read me", "R" * 32_768),
    ("unknown-name", MODEL, f"<f>{TOTAL}", f"<f>{TOTAL}s"),
    ("unknown-name", MODEL, f"<f>{TOTAL}", f"<f>{TOTAL.replace('in_', 'In_')}"),
    ("unknown-name", MODEL, 'location="Inputs!A1"', 'location="Inputs"'),
    ("unknown-sheet", MODEL, "Inputs!A2", "Lost!A2"),
    ("unknown-sheet", MODEL, 'location="Inputs!A1"', 'location="Lost!A1"'),
    ("unknown-sheet", INPUTS, "Inputs!$A$2:$A$3", "'Old notes'!$A$2:$A$3"),
    ("unknown-sheet", CHART, "Inputs!$A$2:$A$3", "Lost!$A$2:$A$3"),
    ("value-not-a-number", MODEL, "<v>7.5</v>", "<v>None</v>"),
    ("value-not-a-number", MODEL, "<v>7.5</v>", "<v>nan</v>"),
    ("value-not-a-number", MODEL, "<v>7.5</v>", "<v>inf</v>"),
    ("value-not-a-number", MODEL, "<v>7.5</v>", "<v>1E999</v>"),
    ("value-not-a-number", MODEL, "<v>7.5</v>", "<v>2026-01-31</v>"),
    ("value-not-a-number", MODEL, "<v>1</v>", "<v>TRUE</v>"),
]

# rule, part, pattern to replace, replacement
PATTERNS = [
    ("cell-order", MODEL, r'(<c r="A1".*?</c>)(<c r="B1".*?</c>)', r"\2\1"),
    ("cell-order", MODEL, r'(<c r="A1".*?</c>)(.*?)(<row r="2".*?>)', r"\2\3\1"),
    ("duplicate-cell", MODEL, r'(<c r="B1".*?</c>)', r"\1\1"),
    ("error-value", MODEL, r'<c r="B1"(.*?)<v>7.5</v>', r'<c r="B1" t="e"\1<v>#DIV/0!</v>'),
    ("text-without-type", MODEL, r'(<c r="B2"[^>]*?) t="str"', r"\1"),
    ("chart-cache", CHART, r"<c:numCache>.*?</c:numCache>", ""),
    ("chart-cache", CHART, r"<c:numRef>.*?</c:numRef>", "<c:numLit/>"),
]

PARTS = [
    ("external-content", "xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
    ("external-content", "xl/vbaProject.bin", b""),
    ("external-content", "xl/connections.xml", b"<connections/>"),
    ("external-content", "xl/embeddings/oleObject1.bin", b""),
    ("malformed-part", "xl/custom.xml", b"<open>"),
    ("malformed-part", "xl/custom.xml", b'<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'),
    ("duplicate-part", "XL/Workbook.xml", b"<workbook/>"),
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clean workbook."""
    return write_sample(tmp_path_factory.mktemp("lint") / "sample.xlsx")


def broken(sample: Path, tmp_path: Path, part: str, edit: Callable[[str], str]) -> list[Finding]:
    """The findings of the clean workbook after one edit of one part."""
    out = tmp_path / "broken.xlsx"
    edit_parts(sample, out, {part: edit})
    return lint(out)


def test_clean_workbook_has_no_finding(sample: Path) -> None:
    """Charts, tables, validations, protection, links and formats of XlsxWriter raise no finding."""

    assert lint(sample) == []


@pytest.mark.parametrize(("rule", "part", "old", "new"), REPLACEMENTS)
def test_defect_fires_its_rule_alone(sample: Path, tmp_path: Path, rule: str, part: str, old: str, new: str) -> None:
    """A defect written into one part is found, and no other rule speaks."""
    findings = broken(sample, tmp_path, part, lambda text: text.replace(old, new, 1))

    assert {finding.rule for finding in findings} == {rule}


@pytest.mark.parametrize(("rule", "part", "pattern", "new"), PATTERNS)
def test_structural_defect_fires_its_rule_alone(
    sample: Path, tmp_path: Path, rule: str, part: str, pattern: str, new: str
) -> None:
    """A defect that moves or removes elements is found, and no other rule speaks."""
    findings = broken(sample, tmp_path, part, lambda text: re.sub(pattern, new, text, count=1, flags=re.DOTALL))

    assert {finding.rule for finding in findings} == {rule}


@pytest.mark.parametrize(("rule", "name", "data"), PARTS)
def test_added_part_fires_its_rule_alone(sample: Path, tmp_path: Path, rule: str, name: str, data: bytes) -> None:
    """A part that has no business in the package is found, and no other rule speaks."""
    out = tmp_path / "broken.xlsx"
    edit_parts(sample, out, {}, add={name: data})

    assert {finding.rule for finding in lint(out)} == {rule}


def test_part_written_twice_is_found(sample: Path, tmp_path: Path) -> None:
    """Two zip entries of the same name are one duplicate-part."""
    out = tmp_path / "broken.xlsx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns of what this test needs
        with zipfile.ZipFile(sample) as archive:
            edit_parts(sample, out, {}, add={NOTES: archive.read(NOTES)})

    assert [finding.rule for finding in lint(out)] == ["duplicate-part"]


def test_missing_part_and_truncated_file_are_findings(sample: Path, tmp_path: Path) -> None:
    """A dangling relationship and a file that is no zip are reported, not raised."""
    findings = broken(sample, tmp_path, "xl/worksheets/_rels/sheet1.xml.rels", lambda t: t.replace("table1", "table9"))
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(sample.read_bytes()[:2000])

    assert [finding.rule for finding in findings] == ["malformed-part"]
    assert [finding.rule for finding in lint(cut)] == ["malformed-part"]


def test_repeated_table_column_is_found(sample: Path, tmp_path: Path) -> None:
    """Two columns of one text, in the table and in its header cells, are a duplicate."""
    out = tmp_path / "broken.xlsx"
    edit_parts(
        sample,
        out,
        {
            TABLE: lambda text: text.replace('id="2" name="Price"', 'id="2" name="ITEM"'),
            STRINGS: lambda text: text.replace("<t>Price</t>", "<t>ITEM</t>"),
        },
    )

    assert [finding.rule for finding in lint(out)] == ["table-column-duplicate"]


def test_every_rule_has_a_negative_control() -> None:
    """No rule is listed that is not shown to fire in this file."""
    shown = {case[0] for case in (*REPLACEMENTS, *PATTERNS, *PARTS)} | {"table-column-duplicate"}

    assert shown == set(RULES)
    assert len(CHECKS) >= 25


def test_finding_names_place_rule_and_fact(sample: Path, tmp_path: Path) -> None:
    """A finding reads as place, rule, fact."""
    findings = broken(sample, tmp_path, MODEL, lambda text: text.replace("Inputs!A2", "Lost!A2"))

    assert [str(finding) for finding in findings] == ["Model!B5: unknown-sheet: there is no sheet 'Lost'"]


def test_rule_that_does_not_exist_is_refused() -> None:
    """A check cannot report under a rule that is not listed."""
    with pytest.raises(ValueError, match="no such rule: tpyo"):
        Finding("", "", "tpyo", "")


@pytest.mark.parametrize("name", ["H100", "a1", "XFD1048576", "R", "c", "R1C1", "r5", "C10"])
def test_words_that_read_as_cells(name: str) -> None:
    """A1 and R1C1 addresses inside the grid are recognised in any case (Microsoft, "Names in formulas")."""

    assert looks_like_cell(name)


@pytest.mark.parametrize("name", ["XFE1", "A1048577", "GPU", "in_price", "H100_price", "RC_rate", "A0", "ROI"])
def test_words_that_do_not_read_as_cells(name: str) -> None:
    """Addresses beyond the grid and ordinary words are free for names."""

    assert not looks_like_cell(name)


def test_contrast_follows_wcag() -> None:
    """Black on white is 21:1; #767676 is the lightest grey that passes 4.5:1 on white (WebAIM, contrast)."""

    assert contrast("000000", "FFFFFF") == pytest.approx(21)
    assert contrast("767676", "FFFFFF") >= 4.5
    assert contrast("777777", "FFFFFF") < 4.5
