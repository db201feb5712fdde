"""Laws of scale that hold for any case: what doubles with what, and what the choice of convention leaves
alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgen.engine import CONVENTIONS, RECOMPUTATIONS
from tests.support.engine_cases import LLAMA_3_8B, Value, figures

CLOSE = 1e-9


conventions = st.sampled_from(list(CONVENTIONS))


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Value]:
    """An ordinary dense decoder, run, cluster and price."""
    kv_heads = draw(st.integers(1, 16))
    yes_no = st.sampled_from(["yes", "no"])
    return LLAMA_3_8B | {
        "n_layers": draw(st.integers(1, 128)),
        "d_model": 64 * draw(st.integers(1, 256)),
        "n_heads": kv_heads * draw(st.integers(1, 8)),
        "n_kv_heads": kv_heads,
        "head_dim": 32 * draw(st.integers(1, 8)),
        "d_ff": 64 * draw(st.integers(1, 1024)),
        "vocab_size": draw(st.integers(256, 300_000)),
        "gated_ffn": draw(yes_no),
        "tied_embeddings": draw(yes_no),
        "qkv_bias": draw(yes_no),
        "tokens": draw(st.integers(10**9, 10**14)),
        "context_length": draw(st.integers(128, 131_072)),
        "published_training_flops": draw(st.floats(1e18, 1e27)),
        "flops_convention": draw(conventions),
        "mfu_convention": draw(conventions),
        "recomputation": draw(st.sampled_from(list(RECOMPUTATIONS))),
        "gpus": draw(st.integers(1, 100_000)),
        "stated_mfu": draw(st.floats(0.05, 0.9)),
        "goodput": draw(st.floats(0.3, 1.0)),
        "price_per_gpu_hour": draw(st.floats(0.1, 100.0)),
        "contingency": draw(st.floats(0.0, 1.0)),
        "tax": draw(st.floats(0.0, 0.5)),
    }


def number(case: dict[str, Value], key: str) -> float:
    """A numeric input of the case."""
    value = case[key]
    assert not isinstance(value, str)
    return value


@given(cases(), st.floats(0.1, 10.0))
def test_cost_is_proportional_to_price(case: dict[str, Value], factor: float) -> None:
    """A price times k costs k times as much, in the same time."""
    before = figures(case)
    after = figures(case | {"price_per_gpu_hour": factor * number(case, "price_per_gpu_hour")})

    assert after["total_cost"] == pytest.approx(factor * before["total_cost"], rel=CLOSE)
    assert after["cost_per_million_tokens"] == pytest.approx(factor * before["cost_per_million_tokens"], rel=CLOSE)
    assert after["gpu_hours"] == before["gpu_hours"]


@given(cases(), st.integers(2, 50))
def test_time_is_proportional_to_tokens(case: dict[str, Value], factor: int) -> None:
    """Tokens times k take k times as long and cost k times as much; a stated total grows with them."""
    total = factor * number(case, "published_training_flops")
    before = figures(case)
    after = figures(case | {"tokens": factor * number(case, "tokens"), "published_training_flops": total})

    assert after["training_seconds"] == pytest.approx(factor * before["training_seconds"], rel=CLOSE)
    assert after["total_cost"] == pytest.approx(factor * before["total_cost"], rel=CLOSE)
    assert after["cost_per_million_tokens"] == pytest.approx(before["cost_per_million_tokens"], rel=CLOSE)


@given(cases(), st.integers(2, 50))
def test_time_is_inverse_to_gpus(case: dict[str, Value], factor: int) -> None:
    """k times the GPUs take a k-th of the time, in as many GPU-hours and for the same money."""
    before = figures(case)
    after = figures(case | {"gpus": factor * number(case, "gpus")})

    assert after["training_seconds"] * factor == pytest.approx(before["training_seconds"], rel=CLOSE)
    assert after["gpu_hours"] == pytest.approx(before["gpu_hours"], rel=CLOSE)
    assert after["total_cost"] == pytest.approx(before["total_cost"], rel=CLOSE)


@given(cases(), st.floats(0.1, 1.0))
def test_time_is_inverse_to_mfu_and_goodput(case: dict[str, Value], factor: float) -> None:
    """A k-fold MFU or goodput takes a k-th of the elapsed time; goodput leaves training time alone."""
    before = figures(case)
    slower = figures(case | {"stated_mfu": factor * number(case, "stated_mfu")})
    interrupted = figures(case | {"goodput": factor * number(case, "goodput")})

    assert slower["elapsed_seconds"] * factor == pytest.approx(before["elapsed_seconds"], rel=CLOSE)
    assert interrupted["elapsed_seconds"] * factor == pytest.approx(before["elapsed_seconds"], rel=CLOSE)
    assert interrupted["training_seconds"] == before["training_seconds"]


@pytest.mark.parametrize("mfu_convention", CONVENTIONS)
@pytest.mark.parametrize("flops_convention", CONVENTIONS)
@given(case=cases(), basis=st.sampled_from(["mfu", "achieved_flops", "tokens_per_second"]))
@settings(max_examples=10)
def test_bridge_leaves_time_and_cost_alone(
    flops_convention: str, mfu_convention: str, case: dict[str, Value], basis: str
) -> None:
    """By every route and for every pair of conventions: recounting FLOPs changes MFU, never time or money."""
    stated = case | {"efficiency_basis": basis, "mfu_convention": mfu_convention}
    own = figures(stated | {"flops_convention": mfu_convention})
    bridged = figures(stated | {"flops_convention": flops_convention})
    ratio = bridged["training_flops_per_token"] / own["training_flops_per_token"]

    for key in ("training_seconds", "tokens_per_second", "gpu_hours", "total_cost"):
        assert bridged[key] == pytest.approx(own[key], rel=CLOSE)
    assert bridged["mfu"] == pytest.approx(own["mfu"] * ratio, rel=CLOSE)


@given(cases())
def test_hardware_flops_are_at_least_training_flops(case: dict[str, Value]) -> None:
    """Recomputation adds work and removes none, in every convention; so HFU is at least MFU."""
    values = figures(case)

    assert values["recomputed_flops_per_token"] >= 0
    assert values["hardware_flops_per_token"] >= values["training_flops_per_token"]
    assert values["hardware_flops"] >= values["training_flops"] * (1 - CLOSE)
    assert values["hfu"] >= values["mfu"] * (1 - CLOSE)


@given(cases())
def test_full_recomputation_exceeds_strict_selective(case: dict[str, Value]) -> None:
    """Repeating the layers costs at least as much as repeating their attention core alone.

    Where a convention has no attention term of its own (6nd, published) the borrowed core can exceed the
    layers.
    """
    for name in ("kaplan", "chinchilla", "palm", "megatron", "exact"):
        values = figures(case | {"flops_convention": name})

        assert values["layer_forward_flops_per_token"] >= values["attention_core_flops_per_token"]


@given(cases())
def test_causal_attention_is_half_the_square(case: dict[str, Value]) -> None:
    """The exact count exceeds the causal one by half the attention core, and never by more."""
    values = figures(case)
    difference = values["forward_flops_per_token_exact"] - values["forward_flops_per_token_megatron"]

    assert 2 * difference == values["attention_core_flops_per_token_exact"]


@given(cases())
def test_parts_add_up(case: dict[str, Value]) -> None:
    """Parameters are the sum of their parts, and training is three forward passes except with 8·N."""
    values = figures(case)
    layer = values["attention_parameters"] + values["ffn_parameters"] + values["norm_parameters"]
    ends = values["embedding_parameters"] + values["final_norm_parameters"] + values["lm_head_parameters"]

    assert values["counted_parameters"] == number(case, "n_layers") * layer + ends
    for name in set(CONVENTIONS) - {"8nt", "published"}:
        assert values[f"training_flops_per_token_{name}"] == 3 * values[f"forward_flops_per_token_{name}"]
