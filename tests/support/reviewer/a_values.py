"""Chapter A: the file opens and shows the right numbers before anyone recalculates.

Items 4 at the bounds and 10 in LibreOffice need a changed or a converted file: :mod:`tests.test_workbook_a_values`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest

from tests.support.engines import compare, ironcalc_values
from tests.support.package import MAIN, Book, ErrorValue, cached_values
from tests.support.rules import cells, formulas, names, parts
from tests.support.rules.findings import Finding
from tests.support.rules.references import CHART, read_formula, read_reference
from tests.support.rules.references import formulas as all_formulas

_FUNCTIONS = """
ABS AND COUNT COUNTIF DATE EDATE EXP IF INDEX ISERROR LEFT LEN LN MATCH MAX MIN MOD MONTH NORMSDIST OR ROUND ROUNDUP
SQRT SUM SUMPRODUCT YEAR
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""What the workbook uses today: Excel 2007 and older, alike in every spreadsheet program."""

CONTENT_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"


def formulas_have_values(book: Book) -> list[str]:
    """Item 1: every formula cell stores a value."""
    return [
        f"{sheet.name}!{cell.address} stores no value"
        for sheet in book.sheets
        for cell in sheet.cells
        if cell.formula is not None and cell.value in {None, ""}
    ]


def stored_values_are_computed(book: Book) -> list[str]:
    """Item 2: every stored value is what IronCalc computes, numbers within 1e-9."""
    stored = cached_values(book.path)
    computed = ironcalc_values(book.path)
    expected = {key: stored[key].value for key in computed}
    return compare({key: value for key, value in expected.items() if value is not None}, computed, rel=1e-9)


def stored_values_are_typed(book: Book) -> list[str]:
    """Item 3: no None, nan or inf; text results are ``str``, booleans ``b``."""
    return _lint(book, cells.check_stored_values, "value-not-a-number", "text-without-type")


def no_error_is_stored(book: Book) -> list[str]:
    """Item 4: no cell stores an error value."""
    return [
        f"{sheet.name}!{cell.address} stores {cell.value.kind}"
        for sheet in book.sheets
        for cell in sheet.cells
        if isinstance(cell.value, ErrorValue)
    ]


def excel_recalculates(book: Book) -> list[str]:
    """Item 5: ``calcPr`` asks for a full calculation on load, automatic, without iteration."""
    settings = book.workbook.find(f"{MAIN}calcPr")
    if settings is None:
        return ["no calcPr"]
    found = []
    if settings.get("fullCalcOnLoad") not in {"1", "true"}:
        found.append("fullCalcOnLoad is not set")
    if settings.get("calcMode", "auto") != "auto":
        found.append(f"calculation mode is {settings.get('calcMode')}")
    if settings.get("iterate", "0") not in {"0", "false"}:
        found.append("iteration is on")
    return found


def chart_caches_are_the_cells(book: Book) -> list[str]:
    """Item 6: every cached point of a chart is the value of its cell."""
    found = []
    for part, root in book.xml.items():
        for reference in (*root.iter(f"{CHART}numRef"), *root.iter(f"{CHART}strRef")):
            target = read_reference(reference.findtext(f"{CHART}f") or "")
            area = target.area
            if area is None or len(target.sheets) != 1:
                found.append(f"{part}: {target.target} is no range")
                continue
            page = book.sheet_by_name[target.sheets[0].lower()]
            want = [cell.value for cell in page.cells if area.holds(cell.row, cell.column)]
            have = [point.findtext(f"{CHART}v") for point in reference.iter(f"{CHART}pt")]
            for cell, point in zip_longest(want, have):
                same = point == cell if isinstance(cell, str) else point is not None and float(point) == cell
                if not same:
                    found.append(f"{part}: {target.target} caches {point!r}, the cell holds {cell!r}")
    return found


def functions_are_declared(book: Book) -> list[str]:
    """Item 7: only declared functions of Excel 2007, no ``_xlfn.``, no array."""
    found = _lint(book, formulas.check_arrays, "array-formula")
    for sheet, place, text in all_formulas(book):
        for token in read_formula(text).tokens:
            name = token.text.rstrip("( ")
            if token.kind == "Func" and token.subkind == "Open" and name not in FUNCTIONS:
                found.append(f"{sheet}!{place} uses {name}")
    return found


def names_resolve(book: Book) -> list[str]:
    """Item 8: every name in a formula is defined once, resolves, and reads as no cell."""
    return [
        *_lint(book, names.check_defined_names),
        *_lint(book, names.check_name_targets),
        *_lint(book, formulas.check_references, "unknown-name", "unknown-sheet", "broken-reference", "beyond-grid"),
    ]


def nothing_external(book: Book) -> list[str]:
    """Item 9: no links to other workbooks, connections, macros or OLE objects; volatile functions are item 7's."""
    return _lint(book, parts.check_external_content)


def package_is_complete(book: Book) -> list[str]:
    """Item 10: every part has a content type, every target of a relationship exists, no part stands twice."""
    types = book.xml["[Content_Types].xml"]
    overrides = {entry.get("PartName", "").lstrip("/") for entry in types.iter(f"{CONTENT_TYPES}Override")}
    defaults = {entry.get("Extension", "").lower() for entry in types.iter(f"{CONTENT_TYPES}Default")}
    found = [
        f"{name} has no content type"
        for name in book.part_names
        if name not in overrides and name.rpartition(".")[2].lower() not in defaults
    ]
    found += [
        f"{name} has only the content type of any XML"
        for name in book.part_names
        if name.startswith(("xl/", "docProps/")) and name.endswith(".xml") and name not in overrides
    ]
    found += [f"content type of a part that is not there: {name}" for name in overrides - set(book.part_names)]
    return [*found, *_lint(book, parts.check_duplicate_parts), *_lint(book, parts.check_missing_parts)]


def chart_count(book: Book) -> int:
    """How many charts the package holds: a check of caches over none would prove nothing."""
    return sum(1 for root in book.xml.values() if root.tag == f"{CHART}chartSpace")


def _lint(book: Book, check: Callable[[Book], list[Finding]], *rules: str) -> list[str]:
    return [str(finding) for finding in check(book) if not rules or finding.rule in rules]


CHECKS = (
    formulas_have_values,
    stored_values_are_computed,
    stored_values_are_typed,
    no_error_is_stored,
    excel_recalculates,
    chart_caches_are_the_cells,
    functions_are_declared,
    names_resolve,
    nothing_external,
    package_is_complete,
)
