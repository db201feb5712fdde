"""Query-key pairs by mask, window and packing, against counting them one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.engine_cases import LLAMA_3_8B, Value, compute, figures

Sees = Callable[[int, int], bool]


def kept(length: int, mask: str, sees: Sees) -> int:
    """How many pairs of query i and key j a mask keeps where a window also lets i see j."""
    causal = mask == "causal"
    return sum(sees(i, j) for i in range(length) for j in range(length) if j <= i or not causal)


def rule(kind: str, window: int) -> Sees:
    """What a window lets a query see: the last keys, itself included (on both sides without a mask), or its chunk."""
    if kind == "chunked":
        return lambda i, j: i // window == j // window
    return lambda i, j: abs(i - j) < window


@given(
    st.integers(1, 40), st.integers(1, 50), st.sampled_from(["causal", "full"]), st.sampled_from(["sliding", "chunked"])
)
def test_pairs_are_those_counted_one_by_one(length: int, window: int, mask: str, kind: str) -> None:
    """Of each layer and of all: two of five layers have the window, which may reach beyond the sequence."""
    case: dict[str, Value] = {
        "n_layers": 5,
        "context_length": length,
        "attention_mask": mask,
        "attention_window": window,
        "window_kind": kind,
        "windowed_layers": 2,
    }
    values = figures(case)
    whole, cut = kept(length, mask, lambda _i, _j: True), kept(length, mask, rule(kind, window))

    assert values["pairs_full_layer"] == whole
    assert values["pairs_windowed_layer"] == cut
    assert values["attention_pairs"] == 3 * whole + 2 * cut
    per_pair = 2 * 2 * 32 * 128  # scores and values of 32 heads of 128
    linear = values["forward_linear_flops"] * length
    assert values["masked_forward_flops_per_sequence"] == linear + per_pair * values["attention_pairs"]


@given(st.lists(st.integers(1, 12), min_size=1, max_size=5), st.sampled_from(["causal", "full"]))
def test_packed_documents_see_themselves_only(lengths: Sequence[int], mask: str) -> None:
    """The mean of the squared lengths is all that the pairs depend on."""
    ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
    document = [next(n for n, end in enumerate(ends) if token < end) for token in range(sum(lengths))]
    case: dict[str, Value] = {
        "context_length": sum(lengths),
        "attention_mask": mask,
        "packed_documents": len(lengths),
        "packed_mean_square": sum(length**2 for length in lengths) / len(lengths),
    }
    values = compute(case)

    assert values["pairs_full_layer"] == pytest.approx(
        kept(sum(lengths), mask, lambda i, j: document[i] == document[j]), rel=1e-12
    )
    assert values["check_packing"] == "OK"


def test_windows_as_others_count_them_are_a_third_off() -> None:
    """At 8,192 tokens and a window of 4,096: s·w is a third too much, s·w/2 a third too little.

    The first stood in torchtitan (pull request 4300), the second in Megatron-Bridge; MaxText's s·w − w²/2 is right to
    0.01 %, and is what ``megatron`` counts here.
    """
    values = figures({"context_length": 8192, "attention_window": 4096, "windowed_layers": 32})
    right = values["pairs_windowed_layer"]

    assert right == 4096 * 4097 // 2 + 4096 * 4096
    assert 8192 * 4096 / right == pytest.approx(4 / 3, rel=2e-4)
    assert 8192 * 4096 / 2 / right == pytest.approx(2 / 3, rel=2e-4)
    assert values["area_windowed_layer"] == 8192 * 4096 - 4096**2 // 2
    assert values["area_windowed_layer"] / right == pytest.approx(1, rel=1e-4)


def test_a_window_beyond_the_context_changes_nothing() -> None:
    """Window 8,192 and more at 8,192 tokens: every figure of FLOPs, time and cost is that of full attention."""
    plain = figures({})
    for window in (8192, 8193, 10**6):
        wide = figures({"attention_window": window, "windowed_layers": 16})
        same = (
            "attention_pairs",
            "attention_area",
            "training_flops_per_token_masked",
            "training_flops_per_token_megatron",
        )
        assert [wide[key] for key in same] == [plain[key] for key in same]
        assert wide["total_cost"] == plain["total_cost"]


def test_only_two_conventions_know_windows() -> None:
    """Gemma-like alternation: megatron and masked follow it; the others are taken to the letter."""
    plain, cut = figures({}), figures({"attention_window": 1024, "windowed_layers": 16})
    names = ("6nd", "kaplan", "chinchilla", "palm", "megatron", "exact", "masked", "8nt")
    moved = {
        name for name in names if cut[f"training_flops_per_token_{name}"] != plain[f"training_flops_per_token_{name}"]
    }

    assert moved == {"megatron", "masked"}


def test_full_causal_attention_is_half_the_square_and_half_the_diagonal() -> None:
    """Llama 3 8B at 8,192: s(s + 1)/2 pairs; ``megatron`` keeps s²/2."""
    values = figures(LLAMA_3_8B)

    assert values["pairs_full_layer"] == 8192 * 8193 // 2
    assert values["area_full_layer"] == 8192 * 8192 // 2
    more = values["forward_flops_per_token_masked"] - values["forward_flops_per_token_megatron"]
    assert more == 32 * 2 * 32 * 128  # the other half of a token's own pair, in 32 layers
