"""Numbers, quantities and dates as people write them, read exactly: ``15.6T``, ``41%``, ``400 TFLOPS``.

All arithmetic is in fractions and rounded once, so that ``15.6T`` is the integer 15600000000000 and ``41%``
the same float as the literal 0.41. What could be read in two ways (a decimal comma, ``16m``) is refused,
never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sheetgen.base.errors import did_you_mean, list_choices, one_line, shorten

MAX_CHARACTERS = 40
MAX_SIZE = Fraction(10) ** 300
MAX_EXACT_INT = 2**53  # below it every integer is a double too, hence a cell of a workbook
SUFFIXES: Mapping[str, int] = {
    "k": 10**3, "K": 10**3, "M": 10**6, "B": 10**9, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18,
}  # fmt: skip
EXAMPLES = "15600, 15_600, 15.6e12, 15.6T or 41%"

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_MANTISSA = rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})"
NUMBER = re.compile(rf"({_MANTISSA})(?:[eE]([+-]?[0-9]+)|([kKMBGTPE%]))?")
NUMBER_AND_WORD = re.compile(rf"({_MANTISSA}(?:[eE][+-]?[0-9]+|[kKMBGTPE%])?) ?([^\W\d_].*)")
SPACED_SUFFIX = re.compile(rf"({_MANTISSA})\s+([kKMBGTPE%])")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}([ '\u00a0\u2009\u202f][0-9]{3})+")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WORDS = frozenset({"yes", "no", "true", "false", "on", "off", "y", "n"})
NOT_FINITE = re.compile(r"[+-]?\.?(nan|inf|infinity)", re.IGNORECASE)
BASED = re.compile(r"[+-]?0[xob][0-9a-f_]*", re.IGNORECASE)

# ISO/IEC 29500-1, section 18.17.4.1: serial numbers count days from 1899-12-30, or from 1899-12-31 with a
# 29 February 1900 that never was, as Excel keeps it from Lotus 1-2-3. The two agree from 1900-03-01 onwards.
EPOCH = date(1899, 12, 30)
FIRST_DATE = date(1900, 3, 1)
LAST_DATE = date(9999, 12, 31)


def parse_number(text: str) -> float | int:
    """The number that a text writes, rounded once to a double; an int if it is whole and below 2**53.

    Accepted: decimal digits with ``_`` between them, a sign, a point, and then an exponent of at most three
    digits, one of the suffixes k K M B G T P E (G and B are 1e9) or ``%``. Raises ValueError, with a reason
    in one line, for all else: commas, spaces, hexadecimal, nan, inf, yes/no, dates, more than 40 characters,
    sizes outside 1e-300..1e300.
    """
    return _rounded(_exact(text.strip()), text)


def parse_quantity(text: str, units: Mapping[str, float]) -> float | int:
    """A number (see :func:`parse_number`), times the factor of the unit that follows it, if one does.

    ``units`` maps each allowed unit word to its factor. A space before the unit may be left out where that
    leaves one meaning only. Raises ValueError, with a reason in one line, for an unknown unit, for two
    possible meanings, for a percentage with a unit, and for what :func:`parse_number` refuses.
    """
    text = " ".join(text.split())
    head, space, unit = text.rpartition(" ")
    if space and unit in units:
        return _rounded(_scaled(head, units[unit]), text)
    readings = {
        _scaled(text.removesuffix(word), factor)
        for word, factor in units.items()
        if NUMBER.fullmatch(text.removesuffix(word)) and text.endswith(word)
    }
    if NUMBER.fullmatch(text):
        readings.add(_exact(text))
    if len(readings) > 1:
        raise ValueError(f"{_shown(text)} has two meanings; put a space between the number and its unit")
    if readings:
        return _rounded(readings.pop(), text)
    found = NUMBER_AND_WORD.fullmatch(text)
    if found and not BASED.fullmatch(text) and found[2] not in SUFFIXES:
        hint = did_you_mean(found[2], units)
        raise ValueError(f"unknown unit {_shown(found[2])}; allowed: {list_choices(units)}{hint}")
    return _rounded(_exact(text), text)


def parse_date(text: str) -> date:
    """The date that YYYY-MM-DD writes, from 1900-03-01 (before it Excel's serials are wrong) to 9999-12-31.

    Raises ValueError, with a reason in one line, for any other form, for days that do not exist and outside
    the range.
    """
    text = text.strip()
    if not DATE.fullmatch(text):
        raise ValueError(f"not a date: {_shown(text)}; write it as YYYY-MM-DD, e.g. 2024-07-23")
    try:
        value = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no such day: {text}") from None
    return _dated(value)


def excel_serial(value: date) -> int:
    """The day's serial number in Excel's 1900 date system [days]. Raises ValueError before 1900-03-01."""
    return (_dated(value) - EPOCH).days


def from_serial(serial: float) -> date:
    """The day of a serial number [days] of Excel's 1900 date system; its fraction (the time) is dropped.

    Raises ValueError for what is not a day from 1900-03-01 (61) to 9999-12-31 (2958465).
    """
    first, last = excel_serial(FIRST_DATE), excel_serial(LAST_DATE)
    if not first <= serial < last + 1:
        raise ValueError(f"not the serial number of a date: {serial}; allowed: {first} to {last}")
    return EPOCH + timedelta(days=int(serial))


def _exact(text: str) -> Fraction:
    """The value of a number's text. Raises ValueError with the reason if it is not one."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"not a number: {_shown(text)} is longer than {MAX_CHARACTERS} characters")
    found = NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(_reason(text))
    mantissa, exponent, suffix = found.groups()
    if exponent is not None and len(exponent.lstrip("+-")) > 3:
        raise ValueError(f"{text} is out of range: an exponent has at most three digits")
    value = Fraction(Decimal(mantissa.replace("_", "")))
    if suffix == "%":
        return value / 100
    return value * SUFFIXES.get(suffix, 1) * Fraction(10) ** int(exponent or 0)


def _scaled(text: str, factor: float) -> Fraction:
    """The value of a number's text times a unit's factor, the factor as its decimal digits show it."""
    if text.endswith("%"):
        raise ValueError(f"{_shown(text)} is a percentage and takes no unit")
    return _exact(text) * Fraction(repr(float(factor)))


def _rounded(value: Fraction, text: str) -> float | int:
    """The value as an int if whole and below 2**53, else as the nearest double."""
    if abs(value) > MAX_SIZE or 0 < abs(value) < 1 / MAX_SIZE:
        raise ValueError(f"{_shown(text)} is out of range: sizes from 1e-300 to 1e300 can be computed with")
    if value.denominator == 1 and abs(value) < MAX_EXACT_INT:
        return int(value)
    return float(value)


def _reason(text: str) -> str:
    """Why a text is not a number, by what it looks like."""
    shown = _shown(text)
    if not text:
        return f"a number is missing; write e.g. {EXAMPLES}"
    if "," in text:
        return f"{shown} has a comma, which means thousands to some and decimals to others; write 15_600 or 15.6"
    if text.lower() in WORDS:
        return f"{shown} is a yes/no word, not a number"
    if NOT_FINITE.fullmatch(text):
        return f"{shown} is not a finite number"
    if BASED.fullmatch(text):
        return f"{shown} is not decimal; write it with decimal digits"
    if DATE.match(text):
        return f"{shown} is a date, not a number"
    if GROUPED.fullmatch(text):
        return f"{shown} has separators inside; group digits with _ as in 15_600"
    if (spaced := SPACED_SUFFIX.fullmatch(text)) is not None:
        return f"{shown} has a space inside; write {spaced[1]}{spaced[2]}"
    raised = text[:-1] + text[-1].upper()
    if text[-1] in "mbgtp" and NUMBER.fullmatch(raised):
        return f"{shown} ends in a suffix that is not known; did you mean {raised}?"
    if "\u2212" in text:
        return f"{shown} has a typographic minus; write -"
    return f"not a number: {shown}; write e.g. {EXAMPLES}"


def _dated(value: date) -> date:
    """The date, if Excel's serial numbers are right for it."""
    if value < FIRST_DATE:
        raise ValueError(f"{value} is out of range: dates from {FIRST_DATE} to {LAST_DATE} have a serial number")
    return value


def _shown(text: str) -> str:
    """The text in quotes, on one line, cut where it is too long to show."""
    return f"'{one_line(shorten(text, MAX_CHARACTERS))}'"
