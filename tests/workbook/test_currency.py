"""The currency is an input: switched in the workbook, all heads, units and pages follow, and no format names one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetgen import verify
from sheetgen.base.inputs import options
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.book import UNIT, Book, address
from sheetgen.workbook.plan import plan
from sheetgen.workbook.styles import number_format
from tests.support.changes import at, edited
from tests.support.engines import ironcalc_values
from tests.support.package import CellKey, cached_values, read_book
from tests.support.probes import sample

OFFERS = "procurement-70b"  # a budget in EUR with quotes in USD
Typed = dict[CellKey, float | str | bool | None]


@pytest.fixture(scope="module")
def offers() -> Book:
    return plan(complete(sample(OFFERS)))


def test_the_currencies_are_those_of_the_list() -> None:
    """List one of SIX, published on 2026-01-01, has 178 codes, 13 of them without a minor unit: metals, units of
    account, codes for tests and for no currency. 17 have no decimals."""
    codes = {option.value: option for option in options("currency") if option.value != "as the budget"}

    assert len(codes) == 178 - 13
    assert all(re.fullmatch("[A-Z]{3}", code) for code in codes)
    assert {code for code, option in codes.items() if not option.decimals} == {
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
        "XPF",
    }  # fmt: skip
    assert {code: codes[code].meaning for code in ("XCG", "ZWG", "SLE")} == {  # the newest three
        "XCG": "Caribbean Guilder", "ZWG": "Zimbabwe Gold", "SLE": "Leone",
    }  # fmt: skip
    assert not codes.keys() & {"ZZZ", "HRK", "BGN", "ANG", "SLL", "ZWL", "DEM", "XAU", "XXX", "XTS"}


def test_no_number_format_names_a_currency(built_samples: Mapping[str, Path]) -> None:
    """A format cannot follow an input: letters in quotes are words such as “sparse”, never a code."""
    for path in built_samples.values():
        formats = re.findall(r'formatCode="([^"]*)"', read_book(path).parts["xl/styles.xml"].decode())
        assert formats
        assert [code for code in formats if re.search(r"[A-Z]{3}|[€$£¥¤]", code)] == []


def test_switching_the_currency_switches_all_that_names_it(
    built_samples: Mapping[str, Path], offers: Book, tmp_path: Path
) -> None:
    """EUR to JPY in one cell: no result says EUR, heads of all pages say JPY, quotes stay in USD, no amount moves."""
    before = {key: item.value for key, item in cached_values(built_samples[OFFERS]).items()}
    typed: Typed = {at(offers, "Inputs", "currency"): "JPY"}
    file = edited(built_samples[OFFERS], tmp_path, typed)
    after = ironcalc_values(file)

    named = {key for key, value in before.items() if key in after and isinstance(value, str) and "EUR" in value}
    assert len(named) > 300
    assert [key for key, value in after.items() if isinstance(value, str) and "EUR" in value] == []
    assert {key: str(before[key]).replace("EUR", "JPY") for key in named} == {key: after[key] for key in named}
    for sheet in ("Summary", "Budget", "Sensitivity", "Compare"):
        assert any(name == sheet and "JPY" in str(after[name, cell]) for name, cell in named)
    price = address(offers.sheets["Cost"].key_rows["known_price_low"], UNIT)
    assert after["Cost", price] == "USD/GPU-hour"
    assert after[at(offers, "Cost", "total_cost", 1)] == pytest.approx(before[at(offers, "Cost", "total_cost", 1)])
    verdict = verify(file)
    assert verdict.agrees, str(verdict.differences)
    assert [edit for edit in verdict.edits if "currency" in edit] == verdict.edits


def test_quotes_in_several_currencies_are_called_so(
    built_samples: Mapping[str, Path], offers: Book, tmp_path: Path
) -> None:
    """One case quoted in EUR among others in USD: units of prices say neither."""
    typed: Typed = {at(offers, "Inputs", "quote_currency", 2): "EUR", at(offers, "Inputs", "exchange_rate", 2): 1}
    after = ironcalc_values(edited(built_samples[OFFERS], tmp_path, typed))
    price = address(offers.sheets["Cost"].key_rows["known_price_low"], UNIT)

    assert after["Cost", price] == "quoted money/GPU-hour"


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"currency": "ZZZ"}, "FAIL"),
        ({"currency": "E*"}, "FAIL"),  # no pattern
        ({"currency": "as the budget"}, "FAIL"),
        ({"quote_currency": "ZZZ"}, "FAIL"),
        ({"currency": "JPY"}, "OK"),
        ({"quote_currency": "as the budget"}, "OK"),
    ],
)
def test_a_currency_that_there_is_not_fails(
    built_samples: Mapping[str, Path], offers: Book, tmp_path: Path, typed: Mapping[str, str], status: str
) -> None:
    """In the workbook too, where anything can be pasted over a dropdown; and `verify` refuses it."""
    changes: Typed = {at(offers, "Inputs", key): value for key, value in typed.items()}
    file = edited(built_samples[OFFERS], tmp_path, changes)

    assert ironcalc_values(file)[at(offers, "Checks", "check_currency")] == status
    if status == "FAIL":
        assert {problem.key for problem in verify(file).problems} == set(typed)


def test_a_head_that_states_another_unit_is_told(
    built_samples: Mapping[str, Path], offers: Book, tmp_path: Path
) -> None:
    """Heads are formulas, and the unit of amounts is a locked figure: 63.6 million cannot be made 63.6."""
    size = at(offers, "Inputs", "amounts_shown_in")
    assert cached_values(built_samples[OFFERS])[size].value == 1e6
    for cell, value in ((size, 1), (size, 1000), (("Summary", "A6"), "Total, EUR")):
        changes: Typed = {cell: value}
        assert verify(edited(built_samples[OFFERS], tmp_path, changes)).exit_code == 1, (cell, value)


def test_amounts_have_no_decimals_where_the_currency_has_none() -> None:
    """JPY: 1,234 and 0, but 312.50 an hour; EUR has two."""
    assert number_format("calc:money", 1234.5, whole=True) == "#,##0"
    assert number_format("calc:money", 0.4, whole=True) == "#,##0"
    assert number_format("calc:unit_money", 312.5, whole=True) == "#,##0.00####"
    assert number_format("calc:money", 1234.5) == "#,##0.00"
