"""Parameters and exact FLOPs against real model classes, and the parts against counts made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.engine_cases import A100, LLAMA_3_8B, Value, compute, figures, gpt, llama

MODELS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "checkpoints.json").read_text())["models"]
EXPERTS = ("mixtral-8x7b", "deepseek-v3", "qwen3-30b-a3b")  # in test_engine_experts.py
CHECKPOINTS = {name: model for name, model in MODELS.items() if name not in EXPERTS}


def architecture(config: dict[str, Any]) -> dict[str, Value]:
    """Engine inputs from a Hugging Face configuration, with the defaults of its model class."""
    if config["model_type"] == "gpt2":
        return gpt(config["n_layer"], config["n_embd"], config["n_head"], config["vocab_size"], config["n_positions"])
    inputs = llama(
        config["num_hidden_layers"],
        config["hidden_size"],
        config["num_attention_heads"],
        config["num_key_value_heads"],
        config["intermediate_size"],
        config["vocab_size"],
    )
    return inputs | {
        "head_dim": config.get("head_dim", config["hidden_size"] // config["num_attention_heads"]),
        "tied_embeddings": "yes" if config["tie_word_embeddings"] else "no",
        "norms_per_layer": 4 if config["model_type"] == "gemma2" else 2,
    }


def test_checkpoints_are_all_there() -> None:
    """The ten dense models are in the data file, so that the tests below cannot run on nothing."""
    assert len(CHECKPOINTS) == 10


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_parameters_equal_the_model_class(name: str) -> None:
    """Counted parameters equal the real model class's, to the unit and as an integer."""
    counted = compute(architecture(CHECKPOINTS[name]["config"]))

    assert counted["counted_parameters"] == CHECKPOINTS[name]["parameters"]
    assert isinstance(counted["counted_parameters"], int)
    assert counted["parameters"] == counted["active_parameters"] == counted["counted_parameters"]


@pytest.mark.parametrize(
    ("name", "length"),
    [(name, length) for name, model in CHECKPOINTS.items() for length in model["flops_by_sequence_length"]],
)
def test_exact_flops_equal_the_counter(name: str, length: str) -> None:
    """Exact forward and training FLOPs times the sequence length equal PyTorch's counter, to the unit."""
    counted = CHECKPOINTS[name]["flops_by_sequence_length"][length]
    values = figures(architecture(CHECKPOINTS[name]["config"]) | {"context_length": int(length)})

    assert values["forward_flops_per_token_exact"] * int(length) == counted["forward"]
    assert values["training_flops_per_token_exact"] * int(length) == counted["forward"] + counted["backward"]
    assert isinstance(values["training_flops_per_token_exact"], int)


def test_whole_floats_stay_exact() -> None:
    """Inputs read back from a workbook as doubles give the same integers as integers do."""
    doubles = {key: float(value) if isinstance(value, int) else value for key, value in LLAMA_3_8B.items()}

    assert compute(doubles)["counted_parameters"] == 8030261248
    assert isinstance(compute(doubles)["counted_parameters"], int)
    assert isinstance(compute(doubles)["training_flops_per_token_chinchilla"], int)


def test_fractional_dimensions_are_computed() -> None:
    """A dimension moved by 5 % still gives figures: layers scale with the number of layers."""
    moved = figures({"n_layers": 32 * 1.05})

    assert moved["layers_parameters"] == pytest.approx(1.05 * figures({})["layers_parameters"], rel=1e-12)
    assert moved["layer_parameters"] == figures({})["layer_parameters"]


def test_biases_are_counted_where_they_are() -> None:
    """By hand for Llama 3 8B: q 4096, k and v 1024 each, output 4096, feed-forward 2·14336 + 4096."""
    plain = figures({})
    biased = figures({"qkv_bias": "yes", "attention_output_bias": "yes", "ffn_bias": "yes"})

    assert biased["attention_query_parameters"] - plain["attention_query_parameters"] == 4096
    assert biased["attention_key_value_parameters"] - plain["attention_key_value_parameters"] == 2 * 1024
    assert biased["attention_output_parameters"] - plain["attention_output_parameters"] == 4096
    assert biased["ffn_parameters"] - plain["ffn_parameters"] == 2 * 14336 + 4096
    assert biased["layer_matmul_parameters"] == plain["layer_matmul_parameters"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("none", 0), ("head", 2 * 128), ("width", 32 * 128 + 8 * 128)],
)
def test_qk_norms(kind: str, expected: int) -> None:
    """Norms of queries and keys: none, a gain of 128 for each, or gains of widths 4096 and 1024."""
    assert compute({"qk_norm": kind})["qk_norm_parameters"] == expected


@pytest.mark.parametrize(("kind", "vectors"), [("none", 0), ("rmsnorm", 1), ("layernorm", 2)])
def test_norm_vectors(kind: str, vectors: int) -> None:
    """A norm of width 4096 learns no, one or two vectors; a layer has two norms, the model one more."""
    values = compute({"norm": kind})

    assert values["norm_parameters"] == 2 * vectors * 4096
    assert values["final_norm_parameters"] == vectors * 4096


def test_embeddings_and_head() -> None:
    """By hand: V·h = 525,336,576; learned positions add to the embedding; a tied head is still a matrix
    product."""
    untied = compute({})
    tied = compute({"tied_embeddings": "yes", "learned_positions": 8192})

    assert untied["embedding_parameters"] == untied["lm_head_parameters"] == 128256 * 4096 == 525336576
    assert untied["non_embedding_parameters"] == 8030261248 - 2 * 525336576
    assert tied["position_embedding_parameters"] == 8192 * 4096
    assert tied["lm_head_parameters"] == 0
    assert tied["lm_head_matmul_parameters"] == 525336576


def test_undisclosed_parameters_replace_the_count() -> None:
    """A stated parameter count is N; what was counted stays visible beside it."""
    values = compute({"undisclosed_parameters": 1.8e12})

    assert values["parameters"] == values["active_parameters"] == 1_800_000_000_000
    assert values["counted_parameters"] == 8030261248


def test_state_memory() -> None:
    """By hand: 70,553,706,496 parameters at 18 bytes are 1,269,966,716,928 bytes, shared by 64 GPUs."""
    values = figures(llama(80, 8192, 64, 8, 28672, 128256) | {"gpus": 64}, A100)

    assert values["state_bytes"] == 1269966716928
    assert values["state_bytes_per_gpu"] == 1269966716928 / 64
    assert values["memory_per_gpu"] == 80e9
