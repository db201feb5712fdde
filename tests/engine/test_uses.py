"""What is done with a trained model and with a budget: inference, the compute-optimal split, shares and claims."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.catalogue import load_catalogue
from sheetgen.engine.optimal import ScalingLaw
from sheetgen.evidence.claims import gpt_shares
from sheetgen.evidence.results import CLAIMS
from tests.support.engine_cases import ORDINARY, Value, compute, figures

CHINCHILLA = ScalingLaw(
    irreducible=1.69, parameter_scale=406.4, parameter_exponent=0.34, token_scale=410.7, token_exponent=0.28
)


def of(key: str, **changes: Value) -> dict[str, float | int | str]:
    """Every quantity of a model of the catalogue."""
    return compute({**load_catalogue().model(key).architecture(), **changes})


# Inference


def test_cache_of_grouped_heads() -> None:
    """Llama 3 8B in bf16: 2·32·8·128·2 = 131,072 bytes a token; 8,192 tokens are 1 GiB."""
    values = of("llama-3-8b", prompt_tokens=8000, output_tokens=192)

    assert values["kv_cache_bytes_per_token"] == 131_072
    assert values["kv_cache_bytes_per_request"] == 2**30


def test_cache_of_latent_attention() -> None:
    """DeepSeek-V3 in bf16: 61·(512 + 64)·2 = 70,272 bytes, the published "70 KB" (arXiv:2505.09343, table 1)."""
    assert of("deepseek-v3")["kv_cache_bytes_per_token"] == 70_272


def test_cache_of_all_heads_and_of_one() -> None:
    """MHA keeps as many heads as there are queries, MQA one: Llama 2 7B 524,288 bytes, Falcon 7B 8,192."""
    assert of("llama-2-7b")["kv_cache_bytes_per_token"] == 2 * 32 * 32 * 128 * 2
    assert of("falcon-7b")["kv_cache_bytes_per_token"] == 2 * 32 * 1 * 64 * 2


def test_a_window_caps_the_cache() -> None:
    """Gemma 2 9B: 21 layers keep 4,096 tokens of a longer request, 21 all of it."""
    values = of("gemma-2-9b", prompt_tokens=10_000, output_tokens=1)

    assert values["kv_cache_bytes_per_request"] == 2 * 8 * 256 * 2 * (21 * 10_001 + 21 * 4096)


def test_prefill_and_decode_are_2n_and_attention() -> None:
    """Llama 3 8B, 1,000 tokens in and 3 out: pairs 1000·1001/2, then 1001 + 1002 + 1003 more a layer."""
    values = of("llama-3-8b", prompt_tokens=1000, output_tokens=3)
    weights, pair = 2 * 8_030_261_248, 4 * 32 * 128 * 32  # scores and values of 32 heads of 128 in 32 layers

    assert values["prefill_flops"] == 1000 * weights + pair * 1000 * 1001 // 2
    assert values["decode_flops"] == 3 * weights + pair * (1001 + 1002 + 1003)
    # H100 at 989.4 TFLOPS, 30 % of it, at the case's price: seconds of one GPU, times a million tokens.
    seconds = float(values["decode_flops_per_token"]) / (989.4e12 * 0.3)
    price = float(ORDINARY["price_per_gpu_hour"])
    assert values["decode_cost_per_million_tokens"] == pytest.approx(seconds * price / 3600 * 1e6, rel=1e-12)


def test_an_encoder_generates_nothing() -> None:
    """BERT reads its prompt at once with every pair, decodes nothing and keeps no cache; an image is its patches."""
    bert = of("bert-base-uncased", prompt_tokens=128)
    image = of("vit-b-16", images=1, epochs=1, global_batch_images=1)

    assert (bert["prompt_pairs"], bert["decode_flops"], bert["kv_cache_bytes_per_token"]) == (12 * 128 * 128, 0, 0)
    assert image["prompt_pairs"] == 12 * 197 * 197


# The compute-optimal split


def test_optimum_grows_as_the_chinchilla_paper_says() -> None:
    """Hoffmann et al. 2022, table 2, approach 3: parameters grow as C^0.46, tokens as C^0.54 (constants rounded)."""
    (few, short), (many, long) = CHINCHILLA.split(1e21), CHINCHILLA.split(1e24)

    assert math.log10(many / few) / 3 == pytest.approx(0.46, abs=0.01)
    assert math.log10(long / short) / 3 == pytest.approx(0.54, abs=0.01)
    assert 6 * many * long == pytest.approx(1e24, rel=1e-12)


def test_predicted_loss_by_hand() -> None:
    """Chinchilla 70B on 1.4T tokens: 1.69 + 406.4/70e9^0.34 + 410.7/1.4e12^0.28 = 1.69 + 0.0835 + 0.1632."""
    assert CHINCHILLA.loss(70e9, 1.4e12) == pytest.approx(1.69 + 0.0835 + 0.1632, abs=1e-4)


def test_gophers_budget_within_the_rounding_of_the_exponents() -> None:
    """Hoffmann et al. 2022, section 3.3: 40 billion parameters for Gopher's 5.76e23 FLOPs.

    The exponents are printed to two digits, and the optimum hangs on them: as printed they give 32 billion, and the
    published figure lies between what exponents give that round to them. Besiroglu et al. 2024 (arXiv:2404.10102) find
    the same: the printed constants are rounded "in a way that results in substantial bias".
    """

    def best(alpha: float, beta: float) -> float:
        return CHINCHILLA._replace(parameter_exponent=alpha, token_exponent=beta).split(5.76e23)[0]

    assert best(0.345, 0.275) < 40e9 < best(0.335, 0.285)
    # G = (0.34·406.4 / (0.28·410.7))^(1/0.62) = 1.3447, (0.96e23)^(0.28/0.62) = 2.394e10
    assert best(0.34, 0.28) == pytest.approx(1.3447 * 2.394e10, rel=1e-3)


@given(st.floats(1e18, 1e26), st.floats(0.5, 2))
def test_no_other_split_has_a_lower_loss(flops: float, factor: float) -> None:
    """The optimum is one: any other size for the same FLOPs loses."""
    parameters, tokens = CHINCHILLA.split(flops)

    assert CHINCHILLA.loss(parameters * factor, tokens / factor) >= CHINCHILLA.loss(parameters, tokens) - 1e-12


def test_the_run_stands_beside_its_optimum() -> None:
    """The excess is the difference of the two losses; the constants are inputs."""
    values, other = figures({}), figures({"law_irreducible_loss": 1.8})

    assert values["loss_excess"] == pytest.approx(values["predicted_loss"] - values["optimal_loss"])
    assert other["predicted_loss"] - values["predicted_loss"] == pytest.approx(0.11)
    assert values["optimal_parameters"] * values["optimal_tokens"] * 6 == pytest.approx(values["training_flops_6nd"])


# Scaling


def test_shares_add_up_and_are_those_of_appendix_f() -> None:
    """GPT-3 175B at 2,048: each term of appendix F, worked by hand."""
    s, h, layers, heads, size, words = 2048, 12288, 96, 96, 128, 50257
    quadratic = layers * (4 * s * s * heads * size + 3 * heads * s * s)
    linear = layers * (2 * s * 3 * h * h + 2 * s * h * h + 16 * s * h * h) + 4 * s * words * h
    shares = gpt_shares(layers, h, heads, size, s)

    assert sum(shares.values()) == pytest.approx(1)
    assert shares["share_quadratic"] == pytest.approx(quadratic / (quadratic + linear))
    found = of("gpt3-175b", context_length=2048)
    assert {key: found[key] for key in shares} == pytest.approx(shares)


def test_claims_of_source_b() -> None:
    """GPT-3 Small passes 30 % between 2,048 and 4,096 tokens, 175B 10 % between 8,192 and 16,384; n_ctx/12 is loose."""
    found = CLAIMS.evaluate({"forward_flops_per_token_kaplan": 1.1, "attention_core_flops_per_token_kaplan": 0.1})

    assert (found["claim_small"], found["claim_large"], found["claim_fade"]) == ("holds", "holds", "holds")
    assert found["claim_small_context"] == 2048
    assert found["claim_large_at_8192"] == pytest.approx(0.0999, abs=1e-4)
    # At n_ctx = 12·d_model the term that "C ≈ 2N" leaves out, 2·L·n_ctx·d, is as large as 2·12·L·d² itself.
    assert (found["claim_bound_attention"], found["claim_bound"]) == (1.0, "too loose")
    assert found["claim_case_attention"] == pytest.approx(0.1)
