"""What the names of a formula are called in words."""

from __future__ import annotations

from sheetgen.workbook.template import label_of

RANGE_WORDS = {
    "table_accelerators_key": "keys of sheet Accelerators",
    "table_accelerators_dense": "dense peaks of sheet Accelerators",
    "table_accelerators_sparse": "sparse peaks of sheet Accelerators",
    "table_accelerators_memory": "memory of sheet Accelerators",
    "table_accelerators_accumulate": "FP16 accumulation of sheet Accelerators",
    "table_accelerators_best_mfu": "best MFU of sheet Accelerators",
    "table_accelerators_emulates": "emulated precisions of sheet Accelerators",
    "sheet_cases": "inputs in force",
    "bounds_minimum": "minimum",
    "bounds_maximum": "maximum",
    "list_status": "OK, REVIEW, FAIL",
    "table_accelerators_precision": "heads of sheet Accelerators",
    "list_square_convention": "conventions over the whole square",
    "table_accelerators_power": "power of sheet Accelerators",
    "case_names": "names of the cases",
    "month": "first day of this month",
    "months": "first days of the months",
    "year": "first day of this fiscal year",
}


PREFIX_WORDS = {
    "across": "{} of all cases",
    "chosen": "{} of the case put forward",
    "previous": "{} in the month before",
    "reference": "{} of the offer compared with",
    "series": "all of “{}”",
}


def in_words(name: str) -> str:
    """What a name of a formula is called in words: its label, or what its range holds."""
    if name in RANGE_WORDS:
        return RANGE_WORDS[name]
    if name.startswith("list_"):
        return "its choices"
    try:
        return label_of(name)
    except KeyError:
        prefix, _, key = name.partition("_")
        return PREFIX_WORDS[prefix].format(label_of(key))
