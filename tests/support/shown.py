"""What a reader sees: every cell as LibreOffice prints it with its number format, and where that is another number.

A format can hide what a cell holds: a sign, an order of magnitude, a fraction. So each number that is shown is read
back and held to the cell's value in sign and in size: within 2 %, or, where a formula's result is shown with at least
two decimals, within half of the last digit printed.
"""

from __future__ import annotations

import csv
import datetime
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.grid import column_letters
from tests.support.office import convert_all
from tests.support.package import Book, Cell, CellKey

AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"
"""LibreOffice's tokens: comma, double quote, UTF-8, line 1, cells as shown, a file a sheet (from 7.2 on)."""
WITHIN = 0.02
FEWEST_DECIMALS = 2
EPOCH = datetime.date(1899, 12, 30)  # day 0 of Excel's calendar, in use from 1900-03-01

_NUMBER = re.compile(
    r"(?P<minus>-?)(?:[A-Z]{3} )?(?P<digits>[0-9][0-9,]*\.?[0-9]*|\.[0-9]+)(?P<power>E[+-][0-9]+)?(?P<percent>%?)"
)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?$")
WORDS_FOR_ZERO = {"–", "centre"}
"""What formats say for a figure of 0: not given, and the middle of a sensitivity table."""


class Printed(NamedTuple):
    """A number as printed: whether it has a minus, what it says, and half of its last digit."""

    minus: bool
    value: float
    half_digit: float
    decimals: int


def sheets_as_shown(paths: Sequence[Path], workdir: Path) -> list[dict[str, Path]]:
    """The CSV file of each sheet by its name, file by file, all in one run of soffice. Raises ConversionError."""
    results = convert_all(paths, AS_SHOWN, workdir)
    return [{path.stem.split("-", 1)[1]: path for path in files} for files in results]


def shown_cells(sheets: Mapping[str, Path]) -> dict[CellKey, str]:
    """Every cell that shows something, by the CSV files of the sheets."""
    return {
        (sheet, f"{column_letters(column)}{row}"): text
        for sheet, path in sheets.items()
        for row, line in enumerate(csv.reader(path.read_text(encoding="utf-8").splitlines(keepends=True)), start=1)
        for column, text in enumerate(line, start=1)
        if text
    }


def misread(book: Book, shown: Mapping[CellKey, str]) -> list[str]:
    """Every number of a workbook that is shown as another one, in words."""
    return [
        f"{sheet.name}!{cell.address} holds {cell.value!r} and shows {text!r}"
        for sheet in book.sheets
        for cell in sheet.cells
        if isinstance(cell.value, float) and cell.kind == "n"
        for text in (shown.get((sheet.name, cell.address), ""),)
        if not says(text, cell)
    ]


def says(text: str, cell: Cell) -> bool:
    """Whether a text shows the number of a cell."""
    value = float(cell.raw or "nan")
    if text in WORDS_FOR_ZERO:
        return value == 0
    if found := _DATE.search(text):
        return _date(value, day=found[3] is not None) == found[0]
    number = printed(text)
    if number is None:
        return False
    if number.minus != (value < 0) and (number.minus or number.value):
        return False
    if math.isclose(number.value, value, rel_tol=WITHIN):
        return True
    rounded = cell.formula is not None and number.decimals >= FEWEST_DECIMALS
    return rounded and abs(number.value - value) <= number.half_digit * (1 + 1e-9)


def printed(text: str) -> Printed | None:
    """The one number in a text; None where there is none, or more than one."""
    found = list(_NUMBER.finditer(text))
    if len(found) != 1:
        return None
    match = found[0]
    digits = match["digits"].replace(",", "")
    decimals = len(digits.partition(".")[2])
    scale = 10.0 ** int((match["power"] or "E0")[1:]) / (100 if match["percent"] else 1)
    minus = match["minus"] == "-"
    return Printed(minus, (-1 if minus else 1) * float(digits) * scale, 0.5 * 10.0**-decimals * scale, decimals)


def _date(value: float, *, day: bool) -> str:
    date = EPOCH + datetime.timedelta(days=int(value))
    return date.isoformat() if day else date.isoformat()[:7]
