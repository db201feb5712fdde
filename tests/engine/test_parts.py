"""Parts that only some models have: biases, sinks, projections, prediction modules, images; worked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine import ENGINE
from sheetgen.engine.scaling import SHARES
from tests.support.engine_cases import LLAMA_3_8B, ORDINARY, Value, compute, figures

# L 3 of which 1 dense, h 4, a 2, f 5 gated, V 7, s 8, untied, RMSNorm; a query head 3 + 1 wide, a value head 2; ranks 6
# of queries and 5 of keys and values; 4 experts of width 2, of which a token meets 3, and a shared one of 3, gated.
LATENT: dict[str, Value] = LLAMA_3_8B | {
    "n_layers": 3,
    "d_model": 4,
    "n_heads": 2,
    "d_ff": 5,
    "vocab_size": 7,
    "context_length": 8,
    "attention": "mla",
    "q_lora_rank": 6,
    "kv_lora_rank": 5,
    "qk_nope_dim": 3,
    "qk_rope_dim": 1,
    "v_head_dim": 2,
    "n_experts": 4,
    "experts_per_token": 3,
    "expert_d_ff": 2,
    "shared_expert_d_ff": 3,
    "shared_expert_gate": "yes",
    "dense_layers": 1,
}
# L 2, h 8, a 2 heads of 4, f 10 plain, V 11, s 5, tied, no biases, no norms.
PLAIN: dict[str, Value] = LLAMA_3_8B | {
    "n_layers": 2,
    "d_model": 8,
    "n_heads": 2,
    "n_kv_heads": 2,
    "head_dim": 4,
    "d_ff": 10,
    "vocab_size": 11,
    "context_length": 5,
    "gated_ffn": "no",
    "tied_embeddings": "yes",
    "norm": "none",
}
# Images of 6 × 6 pixels with 2 channels in 4 patches of 3 × 3, a class token before them, 3 classes.
IMAGES: dict[str, Value] = PLAIN | {
    "workload": "vision",
    "attention_mask": "full",
    "vocab_size": 0,
    "image_size": 6,
    "patch_size": 3,
    "image_channels": 2,
    "class_token": "yes",
    "n_classes": 3,
    "images": 10,
    "epochs": 2,
    "global_batch_images": 4,
    "tokens": 0,
    "context_length": 0,
    "global_batch_tokens": 0,
}


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({"qkv_bias": "yes"}, 3 * (6 + 5 + 1)),  # on both projections down: r_q, and r_kv + d_rope
        ({"qkv_bias": "yes", "q_lora_rank": 0}, 3 * ((5 + 1) + 4 * 8 - 72 - 6)),  # queries 4·8, not 4·6 + 6·8 and norm
        ({"attention_output_bias": "yes"}, 3 * 4),
        ({"ffn_bias": "yes"}, (2 * 5 + 4) + 2 * (2 * 3 + 4)),  # the dense block and two shared experts
        ({"ffn_bias": "yes", "shared_expert_d_ff": 0}, (2 * 5 + 4) - 2 * (3 * 4 * 3 + 4)),
        ({"expert_bias": "yes"}, 2 * 4 * (2 * 2 + 4)),  # all four experts of two layers
        ({"router_bias": "yes"}, 2 * 4),
        ({"attention_sinks": "yes"}, 3 * 2),  # a number a head
        ({"token_types": 2}, 2 * 4),
        ({"embedding_norm": "yes"}, 4),
        ({"final_norm": "no"}, -4),
        ({"head_bias": "yes"}, 7),
        ({"head_transform": "yes"}, 4 * 4 + 4 + 4),  # matrix, bias, norm
        ({"learned_positions": 9}, 9 * 4),
        ({"learned_positions": 9, "position_embedding": "rotary"}, 0),
        ({"learned_positions": 9, "position_embedding": "alibi"}, 0),
        ({"learned_positions": 9, "position_embedding": "sinusoidal"}, 0),
        ({"learned_positions": 9, "position_embedding": "none"}, 0),
        ({"n_classes": 100, "image_size": 6, "patch_size": 3, "image_channels": 2, "class_token": "yes"}, 0),
    ],
    ids=str,
)
def test_parameters_of_a_part(changes: dict[str, Value], more: int) -> None:
    """What a part adds to all parameters, by hand; the parts still add up."""
    before, after = figures(LATENT), compute(LATENT | changes)

    assert after["counted_parameters"] == before["counted_parameters"] + more
    assert isinstance(after["counted_parameters"], int)
    assert after["check_parameters_add_up"] == "OK"


def test_biases_and_norms_cost_no_products() -> None:
    """Vectors are in no matrix product: FLOPs per token stay; a token does not meet the bias of an unmet expert."""
    vectors: dict[str, Value] = dict.fromkeys(
        (
            *("qkv_bias", "attention_output_bias", "ffn_bias", "expert_bias", "router_bias"),
            *("attention_sinks", "embedding_norm", "head_bias"),
        ),
        "yes",
    )
    before, after = figures(LATENT), figures(LATENT | vectors | {"token_types": 2})

    for key in ("forward_flops_per_token_exact", "forward_flops_per_token_chinchilla", "matmul_parameters"):
        assert after[key] == before[key]
    # Two layers with experts, one unmet expert in each: 3·4·2 weights, 2·2 + 4 biases.
    assert after["parameters"] - after["active_parameters"] == 2 * (24 + 8)
    assert after["expert_matmul_parameters"] == 24


def test_a_prediction_module_in_every_convention() -> None:
    """One module: a block with experts, a projection 2·4 → 4, three norms of 4, and the head once more.

    A token meets 162 weights of attention and 128 of the feed-forward part; with the norms of latents and block, and
    the expert that it does not meet, the block has 162 + 11 + 8 + 152. Cores of 8 tokens: 8·12 and 16·12.
    """
    before, after = figures(LATENT), figures(LATENT | {"mtp_layers": 1})
    block, own, unmet = 162 + 11 + 8 + (4 * 24 + 16 + 40), 2 * 16 + 3 * 4, 24
    products = 2 * (162 + 128 + 2 * 16 + 28)
    expected = {
        "6nd": 2 * (block + own - unmet),
        "kaplan": 2 * (block + own - unmet) + 96,
        "palm": 2 * (block + own - unmet) + 192,
        "megatron": products + 96,
        "exact": products + 192,
        "masked": products + 2 * 12 * 9 // 2,  # 36 pairs over 8 tokens
        "chinchilla": products + 192 + 48,  # softmax 3·2·8
    }

    assert after["parameters"] - before["parameters"] == block + own
    assert after["mtp_parameters"] == own
    assert (after["transformer_blocks"], after["moe_layers"], after["dense_ffn_layers"]) == (4, 3, 1)
    assert {
        name: after[f"forward_flops_per_token_{name}"] - before[f"forward_flops_per_token_{name}"] for name in expected
    } == expected


def test_a_prediction_module_of_a_dense_model() -> None:
    """Its block is dense: 4·8·8 of attention and 2·8·10; projection 2·8·8, no norms."""
    before, after = figures(PLAIN), figures(PLAIN | {"mtp_layers": 2})

    assert after["parameters"] - before["parameters"] == 2 * (256 + 160 + 128)
    assert after["head_passes"] == 3
    assert figures(PLAIN | {"mtp_layers": 2, "mtp_logits": "no"})["head_passes"] == 1
    assert after["inference_parameters"] == before["parameters"]


def test_an_embedding_of_another_width() -> None:
    """OPT-350M's form: 11·6 and 6·8 behind it, 8·6 before the tied head; both projections are products."""
    tied, untied = (figures(PLAIN | {"embedding_width": 6, "tied_embeddings": word}) for word in ("yes", "no"))

    assert tied["token_embedding_parameters"] == 66
    assert tied["embedding_parameters"] == 66 + 48
    assert (tied["lm_head_parameters"], untied["lm_head_parameters"]) == (48, 48 + 66)
    assert tied["forward_embedding_flops"] == 2 * 48
    assert tied["forward_lm_head_flops"] == untied["forward_lm_head_flops"] == 2 * (66 + 48)
    assert tied["chinchilla_embedding_flops"] == 2 * 5 * (66 + 48)


@pytest.mark.parametrize("width", [0, 8])
def test_an_embedding_as_wide_as_the_model_has_no_projection(width: int) -> None:
    """Width 0 or h: 11·8 and nothing else."""
    values = figures(PLAIN | {"embedding_width": width})

    assert values["embedding_width_used"] == 8
    assert values["embedding_parameters"] == 88
    assert values["lm_head_parameters"] == values["forward_embedding_flops"] == 0


# Images


def test_parameters_of_a_vision_model() -> None:
    """Patches 9·2·8 + 8, a class token 8, five positions of 8; blocks of 256 + 160; three classes of 8."""
    values = figures(IMAGES)

    assert values["embedding_parameters"] == 152 + 8 + 40
    assert values["lm_head_parameters"] == 24
    assert values["counted_parameters"] == 200 + 2 * 416 + 24
    biased = figures(IMAGES | {"head_bias": "yes", "position_embedding": "rotary"})
    assert biased["counted_parameters"] == values["counted_parameters"] + 3 - 40


def test_flops_of_an_image() -> None:
    """5 tokens through 832 weights, 4 patches of 144 weights, one reading of 24; 25 pairs in two layers.

    Chinchilla's terms add the softmax, 3·2 heads·25 in each layer. The batch is 20 tokens, the run 100.
    """
    values = figures(IMAGES)
    layers, core, patches, head = 2 * 5 * 832, 2 * 2 * 25 * (8 + 8), 2 * 4 * 144, 2 * 24

    assert values["forward_flops_per_sequence"] == values["masked_forward_flops_per_sequence"]
    assert values["forward_flops_per_sequence"] == layers + core + patches + head
    assert values["backward_flops_per_sequence"] == 2 * (layers + core + head) + patches
    assert values["chinchilla_forward_flops"] == layers + core + patches + head + 2 * 3 * 2 * 25
    assert (values["batch_tokens"], values["training_tokens"]) == (20, 100)
    total = 20 * (values["forward_flops_per_sequence"] + values["backward_flops_per_sequence"])
    assert values["training_flops_exact"] == pytest.approx(total, rel=1e-12)
    assert values["training_flops_megatron"] == pytest.approx(total + 20 * patches, rel=1e-12)


def test_no_classes_of_text_are_read() -> None:
    """Sizes of images change no FLOPs of text."""
    pixels: dict[str, Value] = {"image_size": 6, "patch_size": 3, "image_channels": 2, "n_classes": 3, "images": 5}
    before, after = figures(PLAIN), figures(PLAIN | pixels)

    assert after == before


# Products of H·W·(2·D − 1)

Products = list[tuple[int, int]]  # inner length, output elements


def both_ways(products: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Multiplications and additions of dot products: twice the inner length, and one less each."""
    twice = less = 0
    for inner, outer in products:
        for _ in range(outer):
            twice += inner + inner
            less += inner + (inner - 1)
    return twice, less


def test_dot_products_of_latents_experts_and_prediction() -> None:
    """Every product of one token, listed: four blocks, three with experts, a projection, the head twice."""
    attention: Products = [(4, 6), (6, 8), (4, 5 + 1), (5, 2 * (3 + 2)), *[(4, 8)] * 2, *[(8, 2)] * 2, (4, 4)]
    dense: Products = [(4, 5), (4, 5), (5, 4)]
    experts: Products = [(4, 4), *[(4, 2), (4, 2), (2, 4)] * 3, (4, 3), (4, 3), (3, 4), (4, 1)]
    products = attention * 4 + dense + experts * 3 + [(8, 4)] + [(4, 7)] * 2
    values = figures(LATENT | {"mtp_layers": 1})

    exact, less = values["forward_flops_per_token_exact"], values["forward_flops_per_token_2d_minus_1"]
    assert (exact, less) == both_ways(products)


def test_dot_products_of_an_embedding_of_another_width() -> None:
    """The projections of width 6 and the transform before the head are products, too."""
    layer: Products = [*[(8, 8)] * 3, *[(4, 5)] * 2, *[(5, 4)] * 2, (8, 8), (8, 10), (10, 8)]
    products = [(6, 8), *layer * 2, (8, 8), (8, 6), (6, 11)]
    values = figures(PLAIN | {"embedding_width": 6, "head_transform": "yes"})

    exact, less = values["forward_flops_per_token_exact"], values["forward_flops_per_token_2d_minus_1"]
    assert (exact, less) == both_ways(products)


def test_dot_products_of_an_image() -> None:
    """Of an image: five tokens through two layers, four patches, one class."""
    layer: Products = [*[(8, 8)] * 3, *[(4, 5)] * 2, *[(5, 4)] * 2, (8, 8), (8, 10), (10, 8)]
    exact, less = both_ways([*layer * 2 * 5, *[(18, 8)] * 4, (8, 3)])
    values = figures(IMAGES)

    assert values["forward_flops_per_sequence"] == exact
    assert 5 * values["forward_flops_per_token_2d_minus_1"] == pytest.approx(less, rel=1e-12)


# Shares


def shares_at(case: Mapping[str, Value], length: int) -> dict[str, float]:
    """The shares of a case with sequences of another length."""
    return ENGINE.moved(ENGINE.evaluate(case, SHARES), {"sequence_length": length}, SHARES)


@given(st.integers(1, 10**6))
def test_shares_at_another_length(length: int) -> None:
    """They are those of the case with that context, and add up to one."""
    shares = shares_at(ORDINARY, length)
    moved = figures({"context_length": length})

    assert shares == {key: moved[key] for key in shares}
    assert sum(shares.values()) == pytest.approx(1)


def test_shares_of_an_image_at_another_length() -> None:
    """An image of 10 tokens has 9 patches beside its class token: 2·9·144 of 2·9·144 + layers + 2·24."""
    layers = 2 * 10 * 832 + 2 * 2 * 100 * 16 + 2 * 3 * 2 * 100
    share = shares_at(ORDINARY | IMAGES, 10)["share_embedding"]

    assert share == pytest.approx(2592 / (2592 + layers + 48), rel=1e-12)


# Nothing to train on


@pytest.mark.parametrize(
    "case",
    [{"tokens": 0}, IMAGES | {"images": 0}, IMAGES | {"patch_size": 0, "class_token": "no"}],
    ids=["text", "no images", "no patches"],
)
def test_without_tokens_nothing_is_trained(case: dict[str, Value]) -> None:
    """No FLOPs, time or cost, no optimum, no exception; a check fails."""
    values = compute(case)
    keys = ("training_flops", "training_seconds", "total_cost", "cost_per_million_tokens", "predicted_loss")

    assert [values[key] for key in keys] == [0] * len(keys)
    assert values["check_tokens_given"] == "FAIL"


@pytest.mark.parametrize("constant", ["parameter_scale", "parameter_exponent", "token_scale", "token_exponent"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_law_without_an_optimum_shows_zeros(constant: str, value: int) -> None:
    """Scales and exponents are above 0, or there is nothing to minimise; that is no exception."""
    values = figures({f"law_{constant}": value})

    assert values["optimal_parameters"] == values["predicted_loss"] == values["loss_excess"] == 0
