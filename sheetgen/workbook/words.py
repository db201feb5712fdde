"""What the names of a formula are called in words."""

from __future__ import annotations

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
