"""The templates: rows that the engine has too, in one unit; what the checker refuses; formulas kept as they are."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from sheetgen.base.resources import template_data, templates_directory
from sheetgen.base.templates import TemplateError, Templates, packaged
from sheetgen.workbook.check import check as check_templates
from sheetgen.workbook.definitions import Definitions, all_series, calculated_rows
from sheetgen.workbook.evaluator import CellError, Evaluator
from sheetgen.workbook.formula import FormulaError, check_portable, parse, same, substitute, to_excel, to_words
from sheetgen.workbook.formula import names as names_of
from tests.support.engines import libreoffice_values
from tests.support.paths import DATA

FORMULAS = DATA / "formulas.txt"
Change = Callable[[dict[str, Any]], None]


# Rows and quantities


PREFIXES = ("across_", "chosen_", "reference_", "previous_", "series_")
CALLED_UP = {  # helpers that no formula reads: what a row of their sheet is shown for, and a row that is compared
    "peak_kind": "peak", "offer_days": "run_days", "offer_rate": "blended_rate", "offer_exaflop": "cost_per_exaflop",
    "offer_total": "total_cost", "peak_memory_gb": "peak_memory_per_gpu", "tier_shown": "price_tier",
    "quotes_in": "base_quoted_in", "money_unit": "currency", "base_quoted_in": "currency",
    "run_multiple": "failed_runs",
}  # fmt: skip


def test_a_helper_is_behind_a_row_that_is_compared() -> None:
    """What the comparison with the engine leaves out is a step of what it compares, or repeats a compared row."""
    rows = {**calculated_rows(), **all_series()}
    blocks = Definitions(packaged()).blocks
    reading: dict[str, set[str]] = {}
    for key, row in rows.items():
        read = names_of(row.formula)
        reading[key] = {name.removeprefix(prefix) for name in read for prefix in ("", *PREFIXES)}
        reading[key] |= {member for name in read for member in blocks.get(name, ())}
    behind = {key for key, row in rows.items() if not row.helper}
    assert len(behind) > 300
    waiting = list(behind)
    while waiting:
        new = (reading[waiting.pop()] & rows.keys()) - behind
        behind |= new
        waiting += new

    assert rows.keys() - behind == CALLED_UP.keys()
    for key, name in CALLED_UP.items():
        assert name in reading[key], key


def test_labels_and_sources_are_there() -> None:
    """Every row has a label without spaces around it, and a source that is listed."""
    sources = packaged().lists("sources")
    for key, row in calculated_rows().items():
        assert row.label.strip() == row.label != "", key
        assert row.source is None or row.source in sources, key


@pytest.mark.parametrize("path", sorted(templates_directory().glob("*.yaml")), ids=lambda path: path.stem)
def test_templates_are_read_as_yaml(path: Path) -> None:
    """A template means what PyYAML's safe loader says it means."""
    assert template_data(path.stem) == yaml.safe_load(path.read_text(encoding="utf-8"))


def bare_keys(data: Any) -> list[str]:
    """The keys, at any depth, that have nothing beside them."""
    if isinstance(data, dict):
        return [key for key, value in data.items() if value is None] + bare_keys(list(data.values()))
    return [key for item in data for key in bare_keys(item)] if isinstance(data, list) else []


@pytest.mark.parametrize("path", sorted(templates_directory().glob("*.yaml")), ids=lambda path: path.stem)
def test_no_text_ends_at_a_comma(path: Path) -> None:
    """In ``{help: a, b}`` the text is a, and b a key of its own: such a text needs quotes."""
    assert bare_keys(template_data(path.stem)) == []


def test_a_text_that_ends_at_a_comma_is_found() -> None:
    """Negative control."""
    assert bare_keys(yaml.safe_load("rows: [{key: x, help: Licences, collection}]")) == ["collection"]


# The checker


@pytest.fixture
def check() -> Callable[[str, Change], None]:
    """A function that changes a copy of one template and loads all of them as the product does."""

    def checked(name: str, change: Change) -> None:
        data = {file: packaged().data(file) for file in packaged().files}
        data[name] = copy.deepcopy(data[name])
        change(data[name])
        check_templates(Definitions(Templates(data)))

    return checked


def row_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    """The row of a key in a template's data."""
    found: dict[str, Any] = next(row for part in data["sections"] for row in part["rows"] if row["key"] == key)
    return found


def with_row(key: str, /, **values: str) -> Change:
    """A change that sets entries of a row."""
    return lambda data: row_of(data, key).update(values)


def section_of(data: dict[str, Any], block: str) -> dict[str, Any]:
    """The section that a look-up reads."""
    found: dict[str, Any] = next(part for part in data["sections"] if part.get("block") == block)
    return found


def test_checker_passes_the_templates(check: Callable[[str, Change], None]) -> None:
    """Control: without a change nothing is refused."""
    check("cost", lambda _: None)


@pytest.mark.parametrize(
    ("sheet", "key", "entries", "message"),
    [
        ("cost", "compute_cost", {"formula": "gpu_hours * gpus"}, r"Cost, row compute_cost: the unit is currency"),
        ("cost", "compute_cost", {"unit": "currency/(GPU*h)"}, r"Cost, row compute_cost: the unit is currency/\(GPU"),
        ("cost", "cost_before_tax", {"formula": "compute_cost + gpu_hours"}, r"\+ joins"),
        ("cost", "tax_cost", {"formula": "IF(tax > 0, compute_cost, tokens)"}, r"IF joins"),
        ("time", "mfu", {"formula": "training_seconds + gpus"}, r"'training_seconds' is not a key of an earlier row"),
        ("time", "training_seconds", {"formula": "training_flops * cluster_flops"}, r"the unit is s, the formula"),
        ("time", "end_date", {"formula": "start_date + gpus"}, r"\+ joins"),
        ("cost", "tax_cost", {"formula": "cost_before_taxes * tax"}, r"'cost_before_taxes' is not a key"),
        ("cost", "tax_cost", {"key": "compute_cost"}, r"Cost, row compute_cost: the key is used twice"),
        ("cost", "tax_cost", {"key": "gpus"}, r"Cost, row gpus: the key is used twice"),
        ("cost", "tax_cost", {"source": "hearsay"}, r"Cost, row tax_cost: unknown source 'hearsay'"),
        ("cost", "tax_cost", {"unit": "furlong"}, r"Cost, row tax_cost: .*furlong"),
        ("cost", "tax_cost", {"formulas": "1"}, r"Cost, row tax_cost: unknown \['formulas'\]"),
        ("cost", "tax_cost", {"formula": "cost_before_tax *"}, r"Cost, row tax_cost: cannot be parsed"),
        ("time", "mfu", {"formula": "INDEX(block_speeds, 1)"}, r"Time, row mfu: .*speeds"),
        ("time", "mfu", {"formula": "INDEX(table_prices, 1)"}, r"Time, row mfu: .*table_prices"),
        ("time", "precision_column", {"formula": "MATCH(precision, list_bits, 0)"}, r"precision_column: .*list_bits"),
    ],
)  # fmt: skip
def test_checker_refuses(
    check: Callable[[str, Change], None], sheet: str, key: str, entries: dict[str, str], message: str
) -> None:
    """A unit that does not follow, an unknown or later key, a key used twice: refused with sheet, key and reason."""
    with pytest.raises(TemplateError, match=message):
        check(sheet, with_row(key, **entries))


@pytest.mark.parametrize(
    "function",
    [
        "XLOOKUP",
        "LET",
        "TEXT",
        "OFFSET",
        "INDIRECT",
        "IFERROR",
        "NOW",
        "TODAY",
        "RAND",
        "CEILING",
        "NPV",
        "VLOOKUP",
        "FOO",
    ],
)
def test_checker_names_the_function(check: Callable[[str, Change], None], function: str) -> None:
    """A function that spreadsheet programs do not share is refused by its name."""
    with pytest.raises(TemplateError, match=rf"Cost, row tax_cost: function {function} is outside the portable subset"):
        check("cost", with_row("tax_cost", formula=f"cost_before_tax * {function}(tax, 1)"))


@pytest.mark.parametrize("formula", ["-tax^2", "tax^2", "tax & currency", "tax%", "{1, 2}", "TRUE", "#REF!"])
def test_checker_refuses_constructs(check: Callable[[str, Change], None], formula: str) -> None:
    """Operators and literals that programs read differently are refused."""
    with pytest.raises(TemplateError, match="Cost, row tax_cost"):
        check("cost", with_row("tax_cost", formula=formula))


@pytest.mark.parametrize("missing", ["key", "label", "unit", "formula", "source"])
def test_checker_wants_every_entry(check: Callable[[str, Change], None], missing: str) -> None:
    """A row without one of its five entries is refused."""

    def change(data: dict[str, Any]) -> None:
        del row_of(data, "tax_cost")[missing]

    with pytest.raises(TemplateError, match=rf"missing \['{missing}'\]"):
        check("cost", change)


@pytest.mark.parametrize("block", ["forward_flops", "training_flops", "attention_core", "layer_forward"])
def test_checker_wants_the_order_of_the_choices(check: Callable[[str, Change], None], block: str) -> None:
    """Rows that a choice looks up stand in the order of the choices: two exchanged, or one too few, are refused."""

    def exchange(data: dict[str, Any]) -> None:
        rows = section_of(data, block)["rows"]
        rows[1], rows[2] = rows[2], rows[1]

    def shorten(data: dict[str, Any]) -> None:
        del section_of(data, block)["rows"][-1]

    for change in (exchange, shorten):
        with pytest.raises(
            TemplateError, match=r"not labelled with flops_convention, in order|not a key of an earlier"
        ):
            check("flops", change)


# Formulas


def fixtures() -> list[tuple[str, str | None]]:
    """The lines of formulas.txt: formula, and value where one is given."""
    found: list[tuple[str, str | None]] = []
    for line in FORMULAS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            formula, given, value = line.partition(" ; ")
            found.append((formula, value if given else None))
    return found


@pytest.mark.parametrize("formula", [formula for formula, _ in fixtures()])
def test_formula_is_kept(formula: str) -> None:
    """A formula parsed and written is the same text, and says the same when parsed again."""
    tree = parse(formula)

    assert to_excel(tree) == formula
    assert same(parse(f"={to_excel(tree)}"), tree)
    check_portable(tree, formula)


@pytest.fixture(scope="module")
def formula_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str]]]:
    """One file with the formulas that have a value in column A of sheet Formulas; the data stand on sheet Data."""
    path = tmp_path_factory.mktemp("formulas") / "formulas.xlsx"
    pairs = [(formula, value) for formula, value in fixtures() if value is not None]
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Data"
    for row in ((2, 10, "a", "OK"), (3, 20, "b", "FAIL"), (5, 30, "c", "OK")):
        book.active.append(row)
    sheet = book.create_sheet("Formulas")
    for row_number, (formula, _) in enumerate(pairs, start=1):
        sheet.cell(row_number, 1, f"={to_excel(parse(formula))}")
    book.save(path)
    return path, pairs


def expected(value: str) -> object:
    """A number where the text is one, to 1e-12."""
    try:
        return pytest.approx(float(value), rel=1e-12)
    except ValueError:
        return value


def test_formulas_have_their_values_by_the_evaluator(formula_file: tuple[Path, list[tuple[str, str]]]) -> None:
    """The product's evaluator gives each formula the value worked by hand."""
    path, pairs = formula_file
    evaluator = Evaluator.from_bytes(path.read_bytes())
    evaluator.recalculate()

    assert len(pairs) >= 40
    for row, (formula, value) in enumerate(pairs):
        found = evaluator.value("Formulas", row, 0)
        assert not isinstance(found, CellError), formula
        assert found == expected(value), formula


def test_formulas_have_their_values_by_libreoffice(
    formula_file: tuple[Path, list[tuple[str, str]]], tmp_path: Path
) -> None:
    """LibreOffice gives each formula the same value."""
    path, pairs = formula_file
    (values,) = libreoffice_values([path], tmp_path)

    for row, (formula, value) in enumerate(pairs, start=1):
        assert values["Formulas", f"A{row}"] == expected(value), formula


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("1+2*3", "1 + 2 * 3", True),
        ("(1 + 2)", "1 + 2", True),
        ("1 + (2 + 3)", "1 + 2 + 3", False),
        ("SUM( $a$1:$A$3 )", "SUM($A$1:$A$3)", True),
        ("sum(A1)", "SUM(A1)", True),
        ("'Data'!A1", "Data!A1", True),
        ("1000000", "1E+06", True),
        ("A1", "$A$1", False),
        ("A1", "A2", False),
        ('IF(A1 = "a", 1, 2)', 'IF(A1 = "A", 1, 2)', False),
        ("A1 - A2", "A2 - A1", False),
        ("MAX(A1, A2)", "MIN(A1, A2)", False),
    ],
)
def test_same_compares_meaning_and_not_spelling(one: str, other: str, equal: bool) -> None:
    """Spaces, case of names, quotes and number spelling do not count; operands, order and anchors do."""
    assert same(parse(one), parse(other)) is equal


@pytest.mark.parametrize("text", ["", "1 +", "(1", "SUM(1", '"open', "1 2", "=", "A1:", "* 2"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    """Text that is no formula is a FormulaError that shows it."""
    with pytest.raises(FormulaError):
        parse(text)


def test_names_and_substitution() -> None:
    """Names come once, in order; a name replaced by a sum keeps the meaning through parentheses."""
    tree = parse("price * hours * (1 + share) + price")

    assert names_of(tree) == ["price", "hours", "share"]
    put = substitute(tree, {"hours": parse("days * 24 + rest")}.get)
    assert to_excel(put) == "price * (days * 24 + rest) * (1 + share) + price"


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("gpu_hours * price", "GPU-hours × price"),
        ("a - b / c", "a − b ÷ c"),
        ('IF(peak = "sparse", a, b)', "if peak = “sparse” then a else b"),
        ("ABS(a - b) <= c", "|a − b| ≤ c"),
    ],
)
def test_formula_in_words(formula: str, words: str) -> None:
    """The reader's form has labels, ×, ÷ and − and no function names where a word does."""
    assert to_words(parse(formula), lambda name: {"gpu_hours": "GPU-hours"}.get(name, name)) == words
