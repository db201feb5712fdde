"""Days, months and fiscal years. Dates are serial numbers of days, of which 61 is 1900-03-01."""

from __future__ import annotations

import datetime

from sheetgen.engine.arithmetic import MONTHS_PER_YEAR, Number

LAST_DAY = 2958465
"""Serial number of 9999-12-31, the last day that Office Open XML knows (ISO/IEC 29500-1, 18.17.4)."""

_EPOCH = datetime.date(1899, 12, 30).toordinal()
_LAST = datetime.date(9999, 12, 31)


def date_of(serial: Number) -> datetime.date:
    """The date of a serial number; the last day that there is for a later one."""
    return datetime.date.fromordinal(_EPOCH + min(int(serial), LAST_DAY))


def month_start(year: int, month: int) -> int:
    """The first day of a month; the last day that there is where the calendar ends before it."""
    first = datetime.date(year, month, 1) if year <= _LAST.year else _LAST
    return first.toordinal() - _EPOCH


def add_months(first_day: Number, months: int) -> int:
    """The first day of the month that is ``months`` after the one that starts on ``first_day``."""
    start = date_of(first_day)
    count = start.year * MONTHS_PER_YEAR + start.month - 1 + months
    return month_start(count // MONTHS_PER_YEAR, count % MONTHS_PER_YEAR + 1)


def months_between(first_day: Number, day: Number) -> int:
    """How many months the month of ``day`` is behind that of ``first_day``."""
    first, now = date_of(first_day), date_of(day)
    return (now.year - first.year) * MONTHS_PER_YEAR + now.month - first.month
