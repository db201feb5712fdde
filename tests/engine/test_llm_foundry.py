"""MosaicML's published benchmark through the whole engine: every row's parameters, MFU and HFU.

The rows are those of mosaicml/llm-foundry, ``scripts/train/benchmarking/README.md``, in the packaged table of published
MFUs, with layers and width from that repository's ``scripts/train/yamls/pretrain/mpt-*.yaml``. The README defines MFU
as 3·(2·N + 4·L·h·s) per token over the peak and HFU as 4/3 of it with activation checkpointing; the peaks are its
``collect_results.py``'s.
"""

from __future__ import annotations

from functools import cache

import pytest

from sheetgen.evidence.measurements import Measurement, read_measurements
from tests.support.engine_cases import Value, accelerator, figures, gpt

ROWS = [row for row in read_measurements() if row.key.startswith("llm-foundry-")]
PEAKS = {
    "a100-sxm4-40gb": accelerator("a100-sxm4-40gb", 40.0, {"bf16": 312.0}),
    "a100-sxm4-80gb": accelerator("a100-sxm4-80gb", 80.0, {"bf16": 312.0}),
    "h100-sxm5-80gb": accelerator("h100-sxm5-80gb", 80.0, {"bf16": 989.5, "fp8": 1979.0}),
}
RELATIVE_TOLERANCE = 0.001
PRINTED = 0.00005  # half a unit in the last printed digit of a percentage with two


@cache
def computed(row: Measurement) -> dict[str, float]:
    """Every figure of one row, with the tokens per second that it reports; heads matter only as their total width."""
    case: dict[str, Value] = gpt(row.layers, row.d_model, 1, row.vocab_size, row.context_length) | {
        "context_length": row.context_length,
        "flops_convention": "palm",
        "mfu_convention": "palm",
        "recomputation": row.recomputation,
        "gpus": row.gpus,
        "precision": row.precision,
        "efficiency_basis": "tokens_per_second",
        "observed_tokens_per_second": row.tokens_per_second or 0,
    }
    return figures(case, PEAKS[row.accelerator])


def test_rows_are_all_there() -> None:
    """All 115 rows are read, on both generations and in FP8 too."""
    assert len(ROWS) == 115
    assert {row.accelerator for row in ROWS} == set(PEAKS)
    assert "fp8" in {row.precision for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_parameters_mfu_and_hfu(row: Measurement) -> None:
    """Parameters to the unit; MFU and HFU within 0.1 % beyond the rounding of the printed percentage; HFU is 4/3."""
    found = computed(row)

    assert found["parameters"] == row.parameters
    assert found["mfu"] == pytest.approx(row.mfu, rel=RELATIVE_TOLERANCE, abs=PRINTED)
    assert found["hfu"] == pytest.approx(row.hfu, rel=RELATIVE_TOLERANCE, abs=PRINTED)
    assert row.hfu == pytest.approx(row.mfu * (4 / 3 if row.recomputation == "full" else 1), abs=0.00015)


def test_mfu_deviates_by_rounding_alone() -> None:
    """Over all rows the mean deviation of MFU is below 0.02 %: no term is missing that a tolerance would hide."""
    deviations = [computed(row)["mfu"] / row.mfu - 1 for row in ROWS]

    assert abs(sum(deviations) / len(deviations)) < 2e-4
