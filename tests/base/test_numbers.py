"""Numbers, quantities and dates as people write them.

Figures are those of public papers: Llama 3 (arXiv:2407.21783: 405B parameters, 15.6T tokens, 3.8e25 FLOPs;
its table 4 has 400 TFLOPs per GPU and 41% MFU), GPT-3 (arXiv:2005.14165: 175B parameters). Serial numbers
are the examples of ISO/IEC 29500-1, section 18.17.4.1, and of Microsoft's page on DATE (2008-01-01 is
39448).
"""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sheetgen.base.numbers import (
    excel_serial,
    from_serial,
    parse_date,
    parse_number,
    parse_quantity,
)

FLOPS = {"TFLOPS": 1e12, "TFLOP/s": 1e12, "PFLOPS": 1e15, "GFLOPS": 1e9, "FLOPS": 1, "FLOP/s": 1}
RELAXED = settings(max_examples=400)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15.6T", 15_600_000_000_000),
        ("15.6e12", 15_600_000_000_000),
        ("15600000000000", 15_600_000_000_000),
        ("405B", 405_000_000_000),
        ("405G", 405_000_000_000),
        ("405853388800", 405_853_388_800),
        ("175B", 175_000_000_000),
        ("16M", 16_000_000),
        ("16.3M", 16_300_000),
        ("4.35M", 4_350_000),
        ("1.1k", 1_100),
        ("20k", 20_000),
        ("20K", 20_000),
        ("2.5P", 2_500_000_000_000_000),
        ("0.001E", 1_000_000_000_000_000),
        ("15_600", 15_600),
        ("1e3", 1_000),
        ("1E3", 1_000),
        ("-3", -3),
        ("+3", 3),
        ("5.", 5),
        ("1.000", 1),
        ("200%", 2),
        (" 8192 ", 8_192),
        ("9007199254740991", 9_007_199_254_740_991),
    ],
)
def test_whole_numbers_are_exact_ints(text: str, value: int) -> None:
    """A whole number below 2**53 is an int, to the last digit, whatever suffix or exponent it has."""
    assert parse_number(text) == value
    assert type(parse_number(text)) is int


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("41%", 0.41),
        ("7%", 0.07),
        ("29%", 0.29),
        ("57.5%", 0.575),
        ("-0.5%", -0.005),
        (".5", 0.5),
        ("1e-9", 1e-9),
        ("2.35", 2.35),
        ("3.8e25", 3.8e25),
        ("1E", 1e18),
        ("9007199254740992", 9_007_199_254_740_992.0),
        ("1e300", 1e300),
        ("0." + "3" * 38, 1 / 3),
        ("1e-300", 1e-300),
    ],
)
def test_other_numbers_are_the_nearest_double(text: str, value: float) -> None:
    """A fraction, a percentage and a number from 2**53 is the float of Python's literal, with no noise."""
    assert parse_number(text) == value
    assert type(parse_number(text)) is float


def test_naive_arithmetic_would_be_noisy() -> None:
    """The negative control of exactness: multiplying floats gives other numbers than those read here."""
    assert parse_number("41%") != 41 * 0.01
    assert parse_number("16.1M") != 16.1 * 1e6
    assert parse_number("2.01B") != 2.01 * 1e9


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a number is missing"),
        ("   ", "a number is missing"),
        ("15,600", "comma"),
        ("1,5", "comma"),
        ("15 600", "separators"),
        ("15'600", "separators"),
        ("15.6 T", "write 15.6T"),
        ("41 %", "write 41%"),
        ("nan", "not a finite number"),
        (".nan", "not a finite number"),
        ("inf", "not a finite number"),
        ("-Infinity", "not a finite number"),
        ("0x1F", "not decimal"),
        ("0o17", "not decimal"),
        ("0b1", "not decimal"),
        ("true", "yes/no"),
        ("No", "yes/no"),
        ("2024-07-23", "a date"),
        ("16m", "did you mean 16M"),
        ("15.6t", "did you mean 15.6T"),
        ("−3", "typographic minus"),
        ("1e301", "out of range"),
        ("-1e301", "out of range"),
        ("1e-301", "out of range"),
        ("1e1000", "three digits"),
        ("1e999999999", "three digits"),
        ("1e-0001", "three digits"),
        ("1" * 41, "longer than 40"),
        ("abc", "not a number"),
        ("1e3k", "not a number"),
        ("1e", "not a number"),
        ("--3", "not a number"),
        (".", "not a number"),
        ("1__0", "not a number"),
        ("1_", "not a number"),
        ("_1", "not a number"),
        ("1.2.3", "not a number"),
        ("1:30", "not a number"),
        ("=1+1", "not a number"),
        ("١٢", "not a number"),
        ("1\n2", "not a number"),
        ("\x00", "not a number"),
    ],
)
def test_refused_numbers_say_why(text: str, reason: str) -> None:
    """What is no number, or could be read in two ways, is refused with its reason in one line."""
    with pytest.raises(ValueError, match=reason) as caught:
        parse_number(text)
    assert str(caught.value).isprintable()


@RELAXED
@given(st.text(max_size=60) | st.text("0123456789.eE+-_%kKMBGTP ,xnaif", max_size=50))
@example("1e999")
@example("0e999")
@example("9" * 40)
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    """Whatever the text, the outcome is a finite int or float, or a one-line ValueError; quantities too."""
    for parse in (parse_number, lambda given: parse_quantity(given, FLOPS)):
        try:
            value = parse(text)
        except ValueError as error:
            reason = str(error)
        else:
            reason = "none"
            assert math.isfinite(value)
            assert type(value) is int or type(value) is float
        assert reason.isprintable()


@RELAXED
@given(st.decimals(min_value=-1000, max_value=1000, places=4), st.sampled_from("kMBTP"))
def test_suffix_is_the_same_as_its_exponent(mantissa: object, suffix: str) -> None:
    """A suffix means its power of ten: k 3, M 6, B 9, T 12, P 15 (SI Brochure, table 7; B for billion)."""
    power = {"k": 3, "M": 6, "B": 9, "T": 12, "P": 15}[suffix]
    assert parse_number(f"{mantissa}{suffix}") == float(f"{mantissa}e{power}")


@pytest.mark.parametrize(
    ("text", "units", "value"),
    [
        ("400 TFLOPS", FLOPS, 400_000_000_000_000),
        ("400TFLOPS", FLOPS, 400_000_000_000_000),
        ("400   TFLOP/s", FLOPS, 400_000_000_000_000),
        ("400T", FLOPS, 400_000_000_000_000),
        ("400e12 FLOPS", FLOPS, 400_000_000_000_000),
        ("1.1 PFLOPS", FLOPS, 1_100_000_000_000_000),
        ("312", FLOPS, 312),
        ("15.6T tokens", {"tokens": 1}, 15_600_000_000_000),
        ("41%", {"tokens": 1}, 0.41),
        ("80 B", {"B": 1, "GB": 1e9}, 80),
        ("80GB", {"B": 1, "GB": 1e9}, 80_000_000_000),
        ("3 dm", {"dm": 0.1}, 0.3),
    ],
)
def test_quantities(text: str, units: dict[str, float], value: float) -> None:
    """A number times its unit's factor is exact; the unit and the space before it may be left out."""
    assert parse_quantity(text, units) == value
    assert type(parse_quantity(text, units)) is type(value)


@pytest.mark.parametrize(
    ("text", "units", "reason"),
    [
        ("400 TOPS", FLOPS, "unknown unit 'TOPS'; allowed: TFLOPS, TFLOP/s, PFLOPS, GFLOPS, FLOPS, FLOP/s"),
        ("400tflops", FLOPS, "unknown unit"),
        ("400 TFLOPS per GPU", FLOPS, "unknown unit 'TFLOPS per GPU'"),
        ("15.6T token", {"tokens": 1}, "did you mean 'tokens'"),
        ("41% TFLOPS", FLOPS, "percentage"),
        ("41%TFLOPS", FLOPS, "percentage"),
        ("15,600 TFLOPS", FLOPS, "comma"),
        ("15.6 T TFLOPS", FLOPS, "write 15.6T"),
        ("15.6 T", FLOPS, "write 15.6T"),
        ("80B", {"B": 1, "GB": 1e9}, "two meanings"),
        ("TFLOPS", FLOPS, "not a number"),
        ("", FLOPS, "missing"),
        ("0x10", FLOPS, "not decimal"),
        ("1 2 TFLOPS", FLOPS, "not a number"),
        ("1e299 TFLOPS", FLOPS, "out of range"),
    ],
)
def test_refused_quantities_say_why(text: str, units: dict[str, float], reason: str) -> None:
    """An unknown unit, two meanings, a percentage with a unit and no number are each refused by name."""
    with pytest.raises(ValueError, match=reason) as caught:
        parse_quantity(text, units)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("1900-03-01", 61),  # by hand: 31 days, 29 days as Excel counts them, and this one
        ("1910-02-03", 3_687),
        ("2006-02-01", 38_749),
        ("2008-01-01", 39_448),
        ("9999-12-31", 2_958_465),
    ],
)
def test_dates_have_the_serial_numbers_that_excel_gives(text: str, serial: int) -> None:
    """A date and its serial number are those of Excel's 1900 date system, both ways, with a time or not."""
    assert excel_serial(parse_date(text)) == serial
    assert from_serial(serial).isoformat() == text
    assert from_serial(serial + 0.75).isoformat() == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1900-02-28", "out of range"),
        ("0001-01-01", "out of range"),
        ("2023-02-29", "no such day"),
        ("1900-02-29", "no such day"),
        ("2024-13-01", "no such day"),
        ("0000-01-01", "no such day"),
        ("23/07/2024", "YYYY-MM-DD"),
        ("07-23-2024", "YYYY-MM-DD"),
        ("2024-7-23", "YYYY-MM-DD"),
        ("20240723", "YYYY-MM-DD"),
        ("2024-W30-2", "YYYY-MM-DD"),
        ("2024-07-23T00:00:00", "YYYY-MM-DD"),
        ("٢٠٢٤-٠٧-٢٣", "YYYY-MM-DD"),
        ("tomorrow", "YYYY-MM-DD"),
        ("", "YYYY-MM-DD"),
    ],
)
def test_refused_dates_say_why(text: str, reason: str) -> None:
    """Any form but YYYY-MM-DD, a day that does not exist and a day before March 1900 are refused."""
    with pytest.raises(ValueError, match=reason):
        parse_date(text)


@pytest.mark.parametrize("serial", [60, 0, -1, 2_958_466, math.nan, math.inf, 60.999])
def test_refused_serial_numbers(serial: float) -> None:
    """A serial number outside March 1900 to 9999, where Excel and the calendar disagree, is refused."""
    with pytest.raises(ValueError, match="not the serial number of a date"):
        from_serial(serial)


def test_a_date_before_march_1900_has_no_serial_number() -> None:
    """Excel's number for February 1900 is wrong by a day, so none is given."""
    with pytest.raises(ValueError, match="out of range"):
        excel_serial(date(1900, 2, 28))


@RELAXED
@given(st.dates(min_value=date(1900, 3, 1), max_value=date(9999, 12, 30)))
def test_serial_numbers_step_by_a_day(day: date) -> None:
    """Serial numbers round-trip and rise by one a day, leap days included."""
    assert from_serial(excel_serial(day)) == parse_date(day.isoformat()) == day
    assert excel_serial(day + timedelta(days=1)) == excel_serial(day) + 1
