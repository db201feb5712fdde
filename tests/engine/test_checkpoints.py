"""The engine against real models: fifteen checkpoints to the unit, vision models in multiply-adds, published totals."""

from __future__ import annotations

import pytest

from sheetgen.catalogue import load_catalogue
from tests.support.counted import CHECKPOINTS
from tests.support.engine_cases import RUN, Value, compute

IMAGE: dict[str, Value] = {
    "tokens": 0,
    "context_length": 0,
    "global_batch_tokens": 0,
    "images": 1_281_167,
    "epochs": 1,
    "global_batch_images": 4096,
}


def counted(key: str, **changes: Value) -> dict[str, float | int | str]:
    """Every quantity of a model of the catalogue."""
    model = load_catalogue().model(key)
    inputs = {**RUN, **model.architecture(), **(IMAGE if model.workload == "vision" else {}), **changes}
    return compute(inputs)


@pytest.mark.parametrize("key", CHECKPOINTS)
def test_parameters_are_those_of_the_checkpoint(key: str) -> None:
    """All fifteen, to the unit."""
    assert counted(key)["parameters"] == CHECKPOINTS[key][0]


@pytest.mark.parametrize(
    ("key", "length"), [(key, length) for key, (_, found) in CHECKPOINTS.items() for length in found]
)
def test_flops_are_those_that_pytorch_counted(key: str, length: int) -> None:
    """Forward and backward FLOPs of one sequence or image, to the unit; no gradient flows into pixels."""
    values = counted(key) if length == 0 else counted(key, context_length=length)
    forward, backward = CHECKPOINTS[key][1][length]

    assert (values["forward_flops_per_sequence"], values["backward_flops_per_sequence"]) == (forward, backward)
    if length:
        assert values["forward_flops_per_token_exact"] == forward // length
        assert values["training_flops_per_token_exact"] == (forward + backward) // length


def test_a_wrong_dimension_would_be_seen() -> None:
    """Negative control: one layer less, and neither count is the checkpoint's."""
    values = counted("llama-2-7b", n_layers=31, context_length=2048)

    assert values["parameters"] != CHECKPOINTS["llama-2-7b"][0]
    assert values["forward_flops_per_sequence"] != CHECKPOINTS["llama-2-7b"][1][2048][0]


def test_the_router_bias_of_deepseek_v3_is_a_buffer() -> None:
    """256 numbers in each of 58 layers are not trained by gradient; counted with them it is 671,026,419,200."""
    assert 256 * 58 == 14_848
    assert counted("deepseek-v3", router_bias="yes")["parameters"] == 671_026_404_352 + 14_848 == 671_026_419_200


@pytest.mark.parametrize(("key", "active"), [("mixtral-8x7b", 12_879_925_248), ("qwen3-30b-a3b", 3_353_032_704)])
def test_active_parameters(key: str, active: int) -> None:
    """What a token meets: 2 of 8 experts, 8 of 128."""
    assert counted(key)["active_parameters"] == active


def test_torchtitan_counts_qwen3_the_same() -> None:
    """torchtitan publishes 37,578,559,488 FLOPs per token at 8,192; it adds 6 for each of 210,944 norm weights.

    48 layers with two norms of 2,048 and two of 128, and one of 2,048 at the end: 48·(2·2048 + 2·128) + 2048 = 210,944.
    """
    values = counted("qwen3-30b-a3b", context_length=8192)
    norms = 48 * (2 * 2048 + 2 * 128) + 2048

    assert norms == 210_944
    assert values["training_flops_per_token_exact"] == 37_578_559_488 - 6 * norms


@pytest.mark.parametrize(
    ("key", "gmacs"), [("vit-b-16", 17.56), ("vit-b-32", 4.41), ("vit-l-16", 61.55), ("vit-h-14", 167.3)]
)
def test_vision_models_are_published_in_macs(key: str, gmacs: float) -> None:
    """torchvision's weights list these as GFLOPS (``_ops`` in vision_transformer.py); they are multiply-adds."""
    values = counted(key)

    assert float(values["forward_macs_per_sequence"]) / 1e9 == pytest.approx(gmacs, abs=0.051)
    assert values["forward_flops_per_sequence"] == 2 * values["forward_macs_per_sequence"]


def test_vit_l_16_has_the_published_exaflops() -> None:
    """Dosovitskiy et al. 2021 (arXiv:2010.11929), table 6: 783 exaFLOPs for 7 epochs of 303M images, 1,567 for 14."""
    seven = counted("vit-l-16", images=303e6, epochs=7)["training_flops_exact"]
    fourteen = counted("vit-l-16", images=303e6, epochs=14)["training_flops_exact"]

    assert float(seven) / 1e18 == pytest.approx(783, abs=1)
    assert float(fourteen) / 1e18 == pytest.approx(1567, abs=2)


def test_an_image_is_196_patches_and_a_class_token() -> None:
    """224 / 16 = 14 patches a side; tokens of a run follow from images and epochs, those of a step from the batch."""
    values = counted("vit-b-16")

    assert values["patches"] == 14 * 14
    assert values["sequence_length"] == 197
    assert values["training_tokens"] == 1_281_167 * 197
    assert values["batch_tokens"] == 4096 * 197
    assert values["training_steps"] == pytest.approx(1_281_167 / 4096)


def test_bert_is_an_encoder_with_a_head_of_its_own() -> None:
    """BERT base with its masked-word head: 109,514,298 elements; no causal half in any convention that knows masks."""
    values = counted("bert-base-uncased", context_length=512)

    assert values["parameters"] == 109_514_298
    assert values["pairs_full_layer"] == 512 * 512
    assert values["forward_flops_per_token_megatron"] == values["forward_flops_per_token_exact"]
    assert values["forward_flops_per_token_masked"] == values["forward_flops_per_token_exact"]


def test_a_multi_token_prediction_module_by_hand() -> None:
    """DeepSeek-V3's module: a block with experts, a projection of twice the width, three norms: 11.5 billion.

    README_WEIGHTS.md of the checkpoint: "11.5B unique parameters, excluding the shared 0.9B Embedding and 0.9B output
    Head". Attention: queries 7168·1536 + 1536 + 1536·24576, keys and values 7168·576 + 512 + 512·32768, output
    16384·7168; experts 257·3·7168·2048 with 7168·256 for the router; norms 2·7168.
    """
    attention = 7168 * 1536 + 1536 + 1536 * 24576 + 7168 * 576 + 512 + 512 * 32768 + 16384 * 7168
    experts = 257 * 3 * 7168 * 2048 + 7168 * 256
    module = attention + experts + 2 * 7168 + 2 * 7168 * 7168 + 3 * 7168
    base, more = counted("deepseek-v3"), counted("deepseek-v3", mtp_layers=1)

    assert int(more["parameters"]) - int(base["parameters"]) == module
    assert module == pytest.approx(11.5e9, rel=0.015)
    # A token meets 8 + 1 of its experts, the projection, and the head once more.
    met = attention - 1536 - 512 + 9 * 3 * 7168 * 2048 + 7168 * 256
    core = 8192 * 128 * (192 + 128)
    again = 2 * (met + 2 * 7168 * 7168 + core + 129280 * 7168)
    assert int(more["forward_flops_per_token_exact"]) - int(base["forward_flops_per_token_exact"]) == again
    once = counted("deepseek-v3", mtp_layers=1, mtp_logits="no")
    assert int(more["forward_flops_per_token_exact"]) - int(once["forward_flops_per_token_exact"]) == 2 * 129280 * 7168
    assert more["inference_parameters"] == base["inference_parameters"] == base["active_parameters"]


def test_the_look_up_is_counted_three_ways() -> None:
    """0 in exact, 4·d_model in Kaplan's table 1 (and source C's), 2·V·d_model a token in Chinchilla's appendix F."""
    values = counted("gpt3-175b", context_length=2048)

    assert values["forward_embedding_flops"] == 0
    assert values["embedding_flops_kaplan"] == 4 * 12288
    assert values["chinchilla_embedding_flops"] == 2 * 2048 * 50257 * 12288


def test_a_product_has_one_flop_less_for_each_dot_product() -> None:
    """H·W·(2·D − 1): every product of a small model listed with its inner length, summed both ways."""
    width, heads, groups, size, inner, words, length = 8, 2, 1, 3, 10, 11, 5
    layer = [
        (width, heads * size), (width, groups * size), (width, groups * size), (heads * size, width),
        *[(size, length)] * heads, *[(length, size)] * heads, (width, inner), (width, inner), (inner, width),
    ]  # fmt: skip
    products = layer * 3 + [(width, words)]
    values = compute(
        {
            "n_layers": 3, "d_model": width, "n_heads": heads, "n_kv_heads": groups, "head_dim": size,
            "d_ff": inner, "vocab_size": words, "context_length": length,
        }
    )  # fmt: skip

    assert values["forward_flops_per_token_exact"] == sum(2 * inner * outer for inner, outer in products)
    assert values["forward_flops_per_token_2d_minus_1"] == sum((2 * inner - 1) * outer for inner, outer in products)
    assert float(counted("llama-3.1-405b")["dot_product_share"]) < 0.0002  # how little it matters
