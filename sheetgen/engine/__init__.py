"""The reference engine: plain functions on plain numbers that know nothing of spreadsheets.

:func:`quantities` takes one case's inputs and returns every quantity by key; :data:`UNITS` gives each its
unit. The workbook's formulas are written separately and compared with these figures key by key, so nothing
here is shared with them.
"""

from sheetgen.engine import actuals, offers, phasing, rent_or_buy, risk
from sheetgen.engine.conventions import CONVENTIONS
from sheetgen.engine.flops import RECOMPUTATIONS
from sheetgen.engine.graph import ENGINE, count_parameters
from sheetgen.engine.inputs import CHOICES, NUMBERS, WORDS
from sheetgen.engine.quantities import CHECKS, UNITS, quantities, run_quantities
from sheetgen.engine.quantity import FAIL, OK, REVIEW

SHEET_UNITS = {
    "offers": offers.UNITS,
    "rent_or_buy": rent_or_buy.UNITS,
    "risk": risk.UNITS,
    "actuals": actuals.UNITS,
}
"""Units of what only an optional sheet shows, by the name that a scenario asks for it with."""

ALL_UNITS = {**UNITS, **phasing.UNITS, **offers.UNITS, **rent_or_buy.UNITS, **risk.UNITS}
"""Unit of every quantity that a case may have, in the order of the sheets."""

__all__ = [
    "ALL_UNITS",
    "CHECKS",
    "CHOICES",
    "CONVENTIONS",
    "ENGINE",
    "FAIL",
    "NUMBERS",
    "OK",
    "RECOMPUTATIONS",
    "REVIEW",
    "SHEET_UNITS",
    "UNITS",
    "WORDS",
    "count_parameters",
    "quantities",
    "run_quantities",
]
