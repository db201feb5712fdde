"""FLOPs per token of every convention, recomputation and run totals, against figures worked by hand.

The small model is worked in full: L 2, h 4, a 2, g 1, d 3 (so a·d = 6 is not h), f 5 gated, V 7, s 8, untied,
RMSNorm. Per layer: q 24, k and v 24, output 24, feed-forward 60, norms 8: 140. N = 28 + 2·140 + 4 + 28 = 340,
without embeddings and head 284; weights in matrix products 2·132 + 28 = 292.
"""

from __future__ import annotations

import pytest

from sheetgen.engine import CONVENTIONS
from tests.support.engine_cases import LLAMA_3_8B, Value, compute, figures, gpt, llama

SMALL: dict[str, Value] = LLAMA_3_8B | {
    "n_layers": 2,
    "d_model": 4,
    "n_heads": 2,
    "n_kv_heads": 1,
    "head_dim": 3,
    "d_ff": 5,
    "vocab_size": 7,
    "context_length": 8,
    "tokens": 1000,
    "published_training_flops": 1_000_000,
}

# forward, training, attention core, what full recomputation repeats
BY_HAND = {
    "6nd": (2 * 340, 6 * 340, 384, 680),
    "kaplan": (2 * 284 + 192, 3 * 760, 192, 760),
    "chinchilla": (1120, 3360, 480, 1008),
    "palm": (2 * 340 + 384, 6 * 340 + 12 * 2 * 6 * 8, 384, 1064),
    "megatron": (2 * 292 + 192, 3 * 776, 192, 2 * 264 + 192),
    "exact": (2 * 292 + 384, 3 * 968, 384, 2 * 264 + 384),
    "masked": (2 * 292 + 216, 3 * 800, 216, 2 * 264 + 216),  # 36 of 64 pairs: 2·2·(6 + 6)·36 / 8
    "8nt": (2 * 340, 8 * 340, 0, 0),
    "published": (1000 / 3, 1000, 384, 1000 / 3),
}


def test_every_convention_is_worked_by_hand() -> None:
    """The table above has every convention of the registry."""
    assert set(BY_HAND) == set(CONVENTIONS)


@pytest.mark.parametrize("name", BY_HAND)
def test_convention_on_the_small_model(name: str) -> None:
    """Each convention's four figures per token and its run total equal those worked by hand."""
    values = compute(SMALL | {"flops_convention": name})
    forward, training, core, layers = BY_HAND[name]

    assert values[f"forward_flops_per_token_{name}"] == values["forward_flops_per_token"] == forward
    assert values[f"training_flops_per_token_{name}"] == values["training_flops_per_token"] == training
    assert values[f"attention_core_flops_per_token_{name}"] == values["attention_core_flops_per_token"] == core
    assert values[f"layer_forward_flops_per_token_{name}"] == values["layer_forward_flops_per_token"] == layers
    assert values[f"training_flops_{name}"] == values["training_flops"] == training * 1000


@pytest.mark.parametrize("name", [name for name in BY_HAND if name != "published"])
def test_flops_per_token_are_integers(name: str) -> None:
    """Whole dimensions give integers, so that no digit is lost."""
    values = compute(SMALL)

    assert all(
        isinstance(values[f"{part}_flops_per_token_{name}"], int)
        for part in ("forward", "training", "attention_core", "layer_forward")
    )


def test_chinchilla_terms_on_the_small_model() -> None:
    """The eight terms of Hoffmann et al. 2022, appendix F, and their sum, by hand."""
    values = compute(SMALL)
    terms = ("embedding", "qkv", "scores", "softmax", "reduction", "projection", "ffn", "logits", "forward")

    # 2·8·7·4; 2·8·4·(6 + 2·3); 2·8²·6; 3·2·8²; 2·8²·6; 2·8·6·4; 2·3·8·4·5; 2·8·4·7; the sum over two layers
    expected = [448, 768, 768, 384, 768, 384, 960, 448, 448 + 2 * 4032 + 448]
    assert [values[f"chinchilla_{term}_flops"] for term in terms] == expected


def test_chinchilla_terms_reduce_to_the_published_ones() -> None:
    """With as many key-value heads as heads and two matrices: QKV 2·s·3·h·(d·a), feed-forward 4·s·h·f."""
    values = compute(gpt(2, 12, 3, 50, 8) | {"context_length": 8})

    assert values["chinchilla_qkv_flops"] == 2 * 8 * 3 * 12 * 12
    assert values["chinchilla_ffn_flops"] == 4 * 8 * 12 * 48


def test_components_on_the_small_model() -> None:
    """Forward FLOPs by component, by hand; they add up to the exact convention's forward pass."""
    values = figures(SMALL)
    parts = ("query", "key_value", "scores", "values", "output", "ffn", "lm_head", "embedding")
    components = [values[f"forward_{part}_flops"] for part in parts]

    assert components == [96, 96, 192, 192, 96, 240, 56, 0]
    assert sum(components) == values["forward_flops_per_token_exact"]


@pytest.mark.parametrize(
    ("model", "length", "forward", "full", "causal"),
    [
        (gpt(96, 12288, 96, 50257, 2048), 2048, 358791143424, 1076373430272, 1061877915648),
        (llama(32, 4096, 32, 32, 11008, 32000), 4096, 15361638400, 46084915200, 42863689728),
        (llama(32, 4096, 32, 8, 14336, 128256), 8192, 19304284160, 57912852480, 51470401536),
        (llama(80, 8192, 64, 8, 28672, 128256), 8192, 160478265344, 481434796032, 449222541312),
        (llama(126, 16384, 128, 8, 53248, 128256), 8192, 875141529600, 2625424588800, 2523955986432),
    ],
    ids=["gpt-3", "llama-2-7b", "llama-3-8b", "llama-3-70b", "llama-3.1-405b"],
)
def test_full_and_causal_flops_of_known_models(
    model: dict[str, Value], length: int, forward: int, full: int, causal: int
) -> None:
    """Forward, training and causal training FLOPs per token equal integer arithmetic by hand.

    For Llama 3 8B: a layer's weights 2·4096·4096 + 2·4096·1024 + 3·4096·14336 = 218,103,808; with the head
    32·218,103,808 + 525,336,576 = 7,504,658,432; twice that plus 4·32·4096·8192 is 19,304,284,160.
    """
    values = compute(model | {"context_length": length})

    assert values["forward_flops_per_token_exact"] == forward
    assert values["training_flops_per_token_exact"] == full
    assert values["training_flops_per_token_megatron"] == causal


@pytest.mark.parametrize(
    ("model", "length", "ratio"),
    [
        (gpt(96, 12288, 96, 50257, 2048), 2048, 1.027),
        (llama(32, 4096, 32, 32, 11008, 32000), 4096, 1.140),
        (llama(32, 4096, 32, 8, 14336, 128256), 8192, 1.202),
        (llama(80, 8192, 64, 8, 28672, 128256), 8192, 1.137),
        (llama(126, 16384, 128, 8, 53248, 128256), 8192, 1.078),
    ],
    ids=["gpt-3", "llama-2-7b", "llama-3-8b", "llama-3-70b", "llama-3.1-405b"],
)
def test_six_n_falls_short_of_the_exact_count(model: dict[str, Value], length: int, ratio: float) -> None:
    """The exact count exceeds 6·N by 3 to 20 %: more for longer contexts and smaller models."""
    values = figures(model | {"context_length": length, "flops_convention": "6nd"})

    assert 1 / values["convention_ratio_exact"] == pytest.approx(ratio, abs=0.0005)


def test_exact_is_the_closed_form_of_narayanan() -> None:
    """72·L·h²·(1 + s/6h + V/12Lh) per token, and 96·L·h²·(1 + s/6h + V/16Lh) with full recomputation.

    Narayanan et al. 2021, arXiv:2104.04473, equation 3, whose first three terms are multiplied out here for
    L 96, h 12288, s 2048, V 51200.
    """
    layers, width, length, vocab = 96, 12288, 2048, 51200
    values = compute(
        gpt(layers, width, 96, vocab, length)
        | {"context_length": length, "flops_convention": "exact", "recomputation": "full"}
    )

    assert values["training_flops_per_token"] == (
        72 * layers * width**2 + 12 * layers * width * length + 6 * vocab * width
    )
    assert values["hardware_flops_per_token"] == (
        96 * layers * width**2 + 16 * layers * width * length + 6 * vocab * width
    )


@pytest.mark.parametrize(
    ("recomputation", "added"),
    [("none", 0), ("selective", 384), ("selective_published", 3 * 384), ("full", 912)],
)
def test_recomputation_adds_to_hardware_flops(recomputation: str, added: int) -> None:
    """On the small model, exact: nothing, the core 384 once or three times, or the layers' 912."""
    values = figures(SMALL | {"flops_convention": "exact", "recomputation": recomputation})

    assert values["recomputed_flops_per_token"] == added
    assert values["hardware_flops_per_token"] == 2904 + added
    assert values["hardware_flops"] == (2904 + added) * 1000
    assert values["training_flops"] == 2904 * 1000


def test_no_published_total_stands_for_six_nd() -> None:
    """Without a published total the published convention shows 6·N·D, and its check fails."""
    values = compute(SMALL | {"flops_convention": "published", "published_training_flops": 0})

    assert values["training_flops_published"] == 6 * 340 * 1000
    assert values["training_flops_per_token_published"] == 6 * 340
    assert values["check_published_total"] == "FAIL"


def test_tokens_per_parameter() -> None:
    """Chinchilla's 1.4 trillion tokens for 70 billion parameters are 20 (arXiv:2203.15556, table 3)."""
    assert compute({"tokens": 1.4e12, "undisclosed_parameters": 70e9})["tokens_per_parameter"] == 20
