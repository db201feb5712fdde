"""The reference engine: plain functions on plain numbers that know nothing of spreadsheets.

A quantity is a function named after its key (:mod:`sheetgen.engine.quantity`); :data:`ENGINE` knows all of them.
:func:`evaluate` takes the inputs of cases and returns their quantities by key. The workbook's formulas are written
separately and compared with these figures key by key, so nothing here is shared with them.
"""

from sheetgen.engine.cases import evaluate, flat
from sheetgen.engine.conventions import CONVENTIONS
from sheetgen.engine.flops import RECOMPUTATIONS
from sheetgen.engine.graph import ENGINE, OPTIONAL, by_layout, count_parameters, shown
from sheetgen.engine.quantity import FAIL, OK, REVIEW

__all__ = [
    "CONVENTIONS",
    "ENGINE",
    "FAIL",
    "OK",
    "OPTIONAL",
    "RECOMPUTATIONS",
    "REVIEW",
    "by_layout",
    "count_parameters",
    "evaluate",
    "flat",
    "shown",
]
