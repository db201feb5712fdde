"""What the checks of precision and utilisation let pass, and what trips each: one set of values, and changes to it."""

from __future__ import annotations

from typing import Any

from sheetgen.engine import FAIL, REVIEW

Values = dict[str, Any]
RANGE: Values = {"mfu": 0.4, "mfu_review_low": 0.1, "mfu_review_high": 0.65}

UTILISATION_CONTROLS: dict[str, tuple[str, Values, list[Values]]] = {
    "check_run_precision": (
        REVIEW,
        {"run_precision": "as the peak", "precision": "bf16"},
        [{"run_precision": "fp8"}, {"run_precision": "fp16"}],
    ),
    "check_mfu_precision": (
        FAIL,
        {"efficiency_basis": "mfu", "mfu_precision": "fp8", "precision": "fp8"},
        [{"precision": "bf16"}, {"mfu_precision": "bf16"}, {"efficiency_basis": "hfu", "precision": "bf16"}],
    ),
    "check_mfu_precision_said": (
        REVIEW,
        {"efficiency_basis": "mfu", "mfu_precision": "not said", "precision": "bf16"},
        [{"precision": "fp8"}, {"precision": "int8"}, {"precision": "fp4", "efficiency_basis": "kernel_efficiency"}],
    ),
    "check_spares_fewer": (REVIEW, {"spare_nodes": 8, "whole_nodes": 8}, [{"spare_nodes": 9}]),
    "check_deposit": (REVIEW, {"deposit": 600, "total_cost": 600}, [{"deposit": 601}]),
    "check_mfu_published": (
        REVIEW,
        {"mfu_palm": 0.505, "best_published_mfu": 0.5},
        [{"mfu_palm": 0.5051}, {"best_published_mfu": 0.4}],
    ),
    "check_mfu_possible": (FAIL, {"mfu": 1 + 2**-52, "check_tolerance": 1e-9}, [{"mfu": 1 + 1e-8}, {"mfu": 0.0}]),
    "check_mfu_usual": (REVIEW, RANGE, [{"mfu": 0.0999}, {"mfu": 0.6501}]),
    "check_hfu_possible": (FAIL, {"hfu": 1 + 2**-52, "check_tolerance": 1e-9}, [{"hfu": 1 + 1e-8}, {"hfu": 1.0001}]),
    "check_mfu_excludes_recomputation": (
        REVIEW,
        {"flops_convention": "6nd", "mfu_convention": "palm"},
        [{"flops_convention": "8nt"}, {"mfu_convention": "8nt"}],
    ),
}
