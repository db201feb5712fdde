"""MosaicML's published benchmark: every row's parameters, MFU and HFU.

``data/llm_foundry.csv`` holds rows of mosaicml/llm-foundry, ``scripts/train/benchmarking/README.md``, with
layers, width and heads from that repository's ``scripts/train/yamls/pretrain/mpt-*.yaml``. The README defines
MFU as 3·(2·N + 4·L·h·s) per token over the peak and HFU as 4/3 of it with activation checkpointing; the peaks
are its ``collect_results.py``'s.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.support.engine_cases import Value, accelerator, figures, gpt

with (Path(__file__).parents[1] / "data" / "llm_foundry.csv").open(newline="") as file:
    ROWS = list(csv.DictReader(file))

PEAKS = {
    "a100_40gb": accelerator("a100_40gb", 40.0, {"bf16": 312.0}, {}),
    "a100_80gb": accelerator("a100_80gb", 80.0, {"bf16": 312.0}, {}),
    "h100_80gb": accelerator("h100_80gb", 80.0, {"bf16": 989.5, "fp8": 1979.0}, {}),
}
RELATIVE_TOLERANCE = 0.001


def mpt(row: dict[str, str]) -> dict[str, Value]:
    """Engine inputs of one row, with the tokens per second that it reports."""
    model = gpt(int(row["n_layers"]), int(row["d_model"]), int(row["n_heads"]), int(row["vocab"]), int(row["seq_len"]))
    return model | {
        "context_length": int(row["seq_len"]),
        "flops_convention": "palm",
        "mfu_convention": "palm",
        "recomputation": "full" if row["activation_checkpointing"] == "True" else "none",
        "gpus": int(row["n_gpus"]),
        "precision": row["precision"].removeprefix("amp_"),
        "efficiency_basis": "tokens_per_second",
        "observed_tokens_per_second": float(row["tokens_per_s"]),
    }


def printed_rounding(published: str) -> float:
    """Half a unit in the last printed digit, absolute."""
    return 0.5 * 10.0 ** -len(published.partition(".")[2])


def test_rows_are_all_there() -> None:
    """All 115 rows are read, on both generations and in FP8 too."""
    assert len(ROWS) == 115
    assert {row["gpu"] for row in ROWS} == set(PEAKS)
    assert "amp_fp8" in {row["precision"] for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['model']}-{row['seq_len']}-{row['gpu']}-{row['n_gpus']}")
def test_parameters_mfu_and_hfu(row: dict[str, str]) -> None:
    """Parameters to the unit; MFU and HFU within 0.1 % beyond the rounding of the printed percentage."""
    values = figures(mpt(row), PEAKS[row["gpu"]])

    assert values["parameters"] == int(row["n_params"])
    for key, column in (("mfu", "mfu_pct"), ("hfu", "hfu_pct")):
        published = float(row[column])
        allowed = RELATIVE_TOLERANCE * published + printed_rounding(row[column])
        assert abs(100 * values[key] - published) <= allowed


def test_mfu_deviates_by_rounding_alone() -> None:
    """Over all rows the mean deviation of MFU is below 0.02 %: no term is missing that a tolerance would
    hide."""
    deviations = [100 * figures(mpt(row), PEAKS[row["gpu"]])["mfu"] / float(row["mfu_pct"]) - 1 for row in ROWS]

    assert abs(sum(deviations) / len(deviations)) < 2e-4
