"""Query-key pairs by mask, window and packing, against counting them one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.engine_cases import Value, compute, figures

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
