"""The published runs of tests/data/published_runs.csv: their rows, architectures and units."""

from __future__ import annotations

import csv

from tests.support.engine_cases import Value, gpt
from tests.support.paths import DATA

with (DATA / "published_runs.csv").open(newline="") as file:
    RUNS = {row["id"]: row for row in csv.DictReader(file)}
Row = dict[str, str]


def runs(prefix: str) -> list[str]:
    """Identifiers that start with the prefix, so that every row of a paper is tested."""
    return [name for name in RUNS if name.startswith(prefix)]


def integer(row: Row, column: str, default: int = 0) -> int:
    """A whole number of the table, or the default where the cell is empty."""
    return int(float(row[column])) if row[column] else default


def architecture(row: Row) -> dict[str, Value]:
    """The row's dimensions, as a GPT (two matrices) or a Llama (three); heads matter only as their total
    width."""
    heads = integer(row, "n_heads", 1)
    gated = row["ffn_mats"] == "3"
    length = integer(row, "context_len")
    base = gpt(integer(row, "n_layers"), integer(row, "d_model"), heads, integer(row, "vocab"), length)
    dimensions: dict[str, Value] = {
        "n_kv_heads": integer(row, "n_kv_heads", heads),
        "head_dim": integer(row, "head_dim", integer(row, "d_model") // heads),
        "d_ff": integer(row, "d_ff"),
        "tied_embeddings": "no" if row["tied"] == "N" else "yes",
        "context_length": length,
        "tokens": integer(row, "tokens", 10**12),
        "gpus": integer(row, "n_accel", 1),
        "goodput": 1.0,
    }
    llama: dict[str, Value] = {
        "learned_positions": 0,
        "gated_ffn": "yes",
        "qkv_bias": "no",
        "attention_output_bias": "no",
        "ffn_bias": "no",
        "norm": "rmsnorm",
    }
    return base | dimensions | (llama if gated else {})


def convention(name: str, recomputation: str = "none") -> dict[str, Value]:
    """FLOPs and MFU both counted by one convention."""
    return {"flops_convention": name, "mfu_convention": name, "recomputation": recomputation}


def seen(tokens_per_second: float) -> dict[str, Value]:
    """The efficiency of a cluster that was seen to train so many tokens per second."""
    return {"efficiency_basis": "tokens_per_second", "observed_tokens_per_second": tokens_per_second}


def stated(row: Row) -> dict[str, Value]:
    """The parameter count as the publication states it."""
    return {"undisclosed_parameters": integer(row, "params_total")}


def published(row: Row, column: str) -> float:
    """A published figure."""
    return float(row[f"published_{column}"])
