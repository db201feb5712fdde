"""Numbers that stay exact while they are whole, and divisions that a spreadsheet can follow.

Parameters and FLOPs per token are counts: as Python integers they are exact at any size, where a double is
exact only up to 2^53. Inputs read back from a workbook are doubles, so whole ones are turned into integers
first.
"""

from __future__ import annotations

import math

Number = int | float

SECONDS_PER_HOUR, HOURS_PER_DAY, MONTHS_PER_YEAR = 3600, 24, 12
SECONDS_PER_DAY = SECONDS_PER_HOUR * HOURS_PER_DAY
WHOLE_DECIMALS = 9  # a count that misses a whole number by less than 10^-9 is that number

EXACT_LIMIT = 2**53  # every whole number up to here is a double of its own (IEEE 754 binary64)


def whole(value: Number) -> Number:
    """The value as an integer where it is whole and exactly known (below 2^53), else unchanged."""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_LIMIT:
        return int(value)
    return value


def divide(dividend: Number, divisor: Number) -> float:
    """``dividend / divisor``, and 0 where the divisor is 0: a check then says what is missing."""
    return 0.0 if divisor == 0 else dividend / divisor


def quotient(dividend: Number, divisor: Number) -> Number:
    """As :func:`divide`, but two integers that divide evenly give an integer, exact at any size."""
    if isinstance(dividend, int) and isinstance(divisor, int) and divisor != 0 and dividend % divisor == 0:
        return dividend // divisor
    return divide(dividend, divisor)


def half(value: Number) -> Number:
    """Half of a number, as an integer where it is whole."""
    if isinstance(value, int):
        return value // 2 if value % 2 == 0 else value / 2
    return whole(value / 2)


def round_up(value: Number) -> int:
    """The next whole number; what is above one by less than 10^-9 is that one."""
    return math.ceil(round(value, WHOLE_DECIMALS))


def close(x: Number, y: Number, tolerance: Number) -> bool:
    """Whether two figures agree: they differ by at most ``tolerance`` (a fraction) of the larger one."""
    return abs(x - y) <= tolerance * max(abs(x), abs(y))
