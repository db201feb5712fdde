"""Mixture of experts and latent attention: published models and runs. Sums and laws: ``test_engine_mixtures.py``.

Parameters are those of the real model classes (``data/checkpoints.json``); dimensions are those of the published
configurations. Mixtral: arXiv:2401.04088; DeepSeek-V3: arXiv:2412.19437; Qwen3: arXiv:2505.09388.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.engine_cases import Value, accelerator, compute, figures, llama

MODELS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "checkpoints.json").read_text())["models"]

MIXTRAL = llama(32, 4096, 32, 8, 14336, 32000) | {"n_experts": 8, "experts_per_token": 2, "expert_d_ff": 14336}
QWEN3_30B = llama(48, 2048, 32, 4, 6144, 151936) | {
    "head_dim": 128,
    "qk_norm": "head",
    "n_experts": 128,
    "experts_per_token": 8,
    "expert_d_ff": 768,
}
DEEPSEEK_V3 = llama(61, 7168, 128, 128, 18432, 129280) | {
    "attention": "mla",
    "q_lora_rank": 1536,
    "kv_lora_rank": 512,
    "qk_nope_dim": 128,
    "qk_rope_dim": 64,
    "v_head_dim": 128,
    "n_experts": 256,
    "experts_per_token": 8,
    "expert_d_ff": 2048,
    "shared_expert_d_ff": 2048,
    "dense_layers": 3,
}


def expert_case(config: dict[str, Any]) -> dict[str, Value]:
    """Engine inputs from a Hugging Face configuration of a model with experts."""
    heads, width = config["num_attention_heads"], config["hidden_size"]
    expert = config.get("moe_intermediate_size", config["intermediate_size"])
    inputs = llama(
        config["num_hidden_layers"],
        width,
        heads,
        config["num_key_value_heads"],
        config["intermediate_size"],
        config["vocab_size"],
    ) | {
        "head_dim": config.get("head_dim", width // heads),
        "qk_norm": "head" if config["model_type"] == "qwen3_moe" else "none",
        "n_experts": config.get("num_local_experts") or config.get("num_experts") or config["n_routed_experts"],
        "experts_per_token": config["num_experts_per_tok"],
        "expert_d_ff": expert,
        "shared_expert_d_ff": config.get("n_shared_experts", 0) * expert,
        "dense_layers": config.get("first_k_dense_replace", 0),
    }
    if "kv_lora_rank" not in config:
        return inputs
    latent = ("q_lora_rank", "kv_lora_rank", "v_head_dim")
    heads_of = {"qk_nope_dim": config["qk_nope_head_dim"], "qk_rope_dim": config["qk_rope_head_dim"]}
    return inputs | {"attention": "mla"} | {key: config[key] for key in latent} | heads_of


@pytest.mark.parametrize(
    ("name", "case", "total", "active"),
    [
        ("mixtral-8x7b", MIXTRAL, 46_702_792_704, 12_879_925_248),
        ("qwen3-30b-a3b", QWEN3_30B, 30_532_122_624, 3_353_032_704),
        ("deepseek-v3", DEEPSEEK_V3, 671_026_404_352, 37_552_282_624),
    ],
)
def test_parameters_equal_the_model_class(name: str, case: dict[str, Value], total: int, active: int) -> None:
    """All parameters equal the real model class's to the unit, and the active ones integer arithmetic by hand.

    Mixtral: 46,702,792,704 − 32·6·3·4096·14336 = 12,879,925,248, the published 12.9 billion.
    """
    values = compute(case)

    assert case == expert_case(MODELS[name]["config"])
    assert values["parameters"] == values["counted_parameters"] == MODELS[name]["parameters"] == total
    assert values["active_parameters"] == active
    assert isinstance(values["active_parameters"], int)
    assert values["check_parameters_add_up"] == "OK"


def test_active_is_not_the_total_times_the_share() -> None:
    """Mixtral's total times 2/8 would be 11.68 billion: attention and embeddings are met by every token."""
    values = figures(MIXTRAL)

    assert values["parameters"] * 2 // 8 == 11_675_698_176
    assert values["active_parameters"] - 11_675_698_176 == 1_204_227_072


def test_router_bias_of_deepseek() -> None:
    """With its router bias, 256 in each of 58 layers, DeepSeek-V3 has 671,026,419,200, and no other FLOPs."""
    values = figures(DEEPSEEK_V3 | {"router_bias": "yes"})

    assert values["parameters"] == 671_026_404_352 + 58 * 256 == 671_026_419_200
    assert values["active_parameters"] == 37_552_297_472
    assert values["forward_flops_per_token_exact"] == figures(DEEPSEEK_V3)["forward_flops_per_token_exact"]


@pytest.mark.parametrize(
    ("case", "length", "forward", "full", "causal"),
    [
        (MIXTRAL, 8192, 29_792_141_312, 89_376_423_936, 82_933_972_992),
        (QWEN3_30B, 8192, 12_525_764_608, 37_577_293_824, 27_913_617_408),
        (DEEPSEEK_V3, 4096, 93_717_397_504, 281_152_192_512, 250_449_887_232),
    ],
    ids=["mixtral-8x7b", "qwen3-30b-a3b", "deepseek-v3"],
)
def test_full_and_causal_flops(case: dict[str, Value], length: int, forward: int, full: int, causal: int) -> None:
    """Forward, training and causal training FLOPs per token equal integer arithmetic by hand.

    For Mixtral a layer has 2·4096·4096 + 2·4096·1024 of attention, 2·3·4096·14336 of experts and 4096·8 of router:
    394,297,344; with the head 32·394,297,344 + 131,072,000; twice that and 4·32·4096·8192 is 29,792,141,312.
    """
    values = compute(case | {"context_length": length})

    assert values["forward_flops_per_token_exact"] == forward
    assert values["training_flops_per_token_exact"] == full
    assert values["training_flops_per_token_megatron"] == causal
    assert isinstance(forward, int)


def test_mixtral_by_hand() -> None:
    """The sum in the docstring above, multiplied out here: it is not copied from a result."""
    layer = 2 * 4096 * 4096 + 2 * 4096 * 1024 + 2 * 3 * 4096 * 14336 + 4096 * 8

    assert layer == 394_297_344
    assert 2 * (32 * layer + 32000 * 4096) + 4 * 32 * 4096 * 8192 == 29_792_141_312
    assert figures(MIXTRAL)["layers_matmul_parameters"] == 32 * layer


def test_deepseek_by_hand() -> None:
    """Latent attention with queries of 192 and values of 128 per head, three dense layers, 8 + 1 experts of 256."""
    attention = 7168 * 1536 + 1536 * 128 * 192 + 7168 * (512 + 64) + 512 * 128 * (128 + 128) + 128 * 128 * 7168
    experts = (8 + 1) * 3 * 7168 * 2048 + 7168 * 256
    weights = 61 * attention + 3 * 3 * 7168 * 18432 + 58 * experts + 129280 * 7168
    core = 2 * 61 * 4096 * 128 * (192 + 128)

    assert figures(DEEPSEEK_V3)["attention_matmul_parameters"] == attention
    assert figures(DEEPSEEK_V3)["moe_matmul_parameters"] == experts
    assert figures(DEEPSEEK_V3)["matmul_parameters"] == weights
    assert 2 * weights + core == 93_717_397_504


def test_torchtitan_counts_the_norms_too() -> None:
    """torchtitan prints 37,578,559,488 for Qwen3-30B-A3B at 8,192: ours and six for each of 210,944 norm weights.

    github.com/pytorch/torchtitan, pull request 4300. A layer's norms are 2·2048 and 2·128, the last one 2048; so its
    count is the PaLM form without the input embedding.
    """
    values = figures(QWEN3_30B | {"context_length": 8192})
    norms = 48 * (2 * 2048 + 2 * 128) + 2048

    assert norms == 210_944
    assert values["training_flops_per_token_exact"] + 6 * norms == 37_578_559_488
    assert values["training_flops_per_token_palm"] - 6 * values["token_embedding_parameters"] == 37_578_559_488


# Zhao et al. 2025, Insights into DeepSeek-V3 (ISCA '25, arXiv:2505.09343), table 4: 2,048 H800 (989.4 TFLOPS in BF16,
# as H100), 19.926 s for a step of 15,360 sequences of 4,096 tokens.
H800 = accelerator("h800-sxm", 80.0, {"bf16": 989.4}, {})
STEP_TOKENS = 15_360 * 4_096
ISCA: dict[str, Value] = DEEPSEEK_V3 | {
    "context_length": 4096,
    "gpus": 2048,
    "tokens": 14.8e12,
    "global_batch_tokens": STEP_TOKENS,
    "goodput": 1.0,
    "efficiency_basis": "tokens_per_second",
    "observed_tokens_per_second": STEP_TOKENS / 19.926,
}


@pytest.mark.parametrize(
    ("name", "tflops", "mfu"), [("exact", 432, 43.73), ("megatron", 385, 38.94)], ids=["non-causal", "causal"]
)
def test_deepseek_published_throughput(name: str, tflops: float, mfu: float) -> None:
    """Table 4 prints 432 TFLOPS per GPU, 385 with causal attention, and MFU 43.73 % and 38.94 %: within 0.4 %."""
    values = figures(ISCA | {"flops_convention": name, "mfu_convention": name}, H800)

    assert values["achieved_flops_per_gpu"] / 1e12 == pytest.approx(tflops, rel=4e-3)
    assert 100 * values["mfu"] == pytest.approx(mfu, rel=4e-3)


def test_deepseek_published_flops_per_token() -> None:
    """Table 2 prints 250 GFLOPS per token in training, at 4,096 and causal: that rounds ours."""
    assert round(figures(ISCA)["training_flops_per_token_megatron"] / 1e9) == 250


def test_deepseek_published_tokens_per_day() -> None:
    """Table 4 prints 272.80 billion tokens a day, within its rounding: batch and step time are read right."""
    values = figures(ISCA, H800)

    assert values["tokens_per_second"] * 86400 / 1e9 == pytest.approx(272.80, abs=0.005)


def test_deepseek_gpu_hours_and_cost() -> None:
    """14.8 trillion tokens at that step time are 2.667 million GPU-hours; another paper prints 2.664 and $5.328M.

    arXiv:2412.19437, table 1, pre-training at $2 per GPU-hour: within 0.15 %.
    """
    money: dict[str, Value] = {"price_per_gpu_hour": 2, "contingency": 0, "tax": 0}
    values = figures(ISCA | money, H800)

    assert values["gpu_hours"] == pytest.approx(2_664_000, rel=1.5e-3)
    assert values["total_cost"] == pytest.approx(5_328_000, rel=1.5e-3)


def test_stated_parameters_are_active_ones_too() -> None:
    """A stated parameter count stands for total and active; what was counted stays visible beside it."""
    values = figures(MIXTRAL | {"undisclosed_parameters": 50e9})

    assert values["parameters"] == values["active_parameters"] == 50_000_000_000
    assert values["counted_parameters"] == 46_702_792_704


def test_memory_holds_every_expert() -> None:
    """The training state is of all parameters, met or not: 18 bytes for each of Mixtral's 46,702,792,704."""
    assert figures(MIXTRAL)["state_bytes"] == 18 * 46_702_792_704
