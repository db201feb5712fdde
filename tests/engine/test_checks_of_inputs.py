"""The checks of whole cases: none is tripped by an ordinary one, each by the inputs that it looks at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine import FAIL, OK, REVIEW
from tests.engine.test_checks import CHECKS, CONTROLS, EXPERTS, LATENT, Values, status
from tests.support.engine_cases import NO_ARCHITECTURE, compute
from tests.support.utilisation_controls import RANGE

EXACT: Values = {"flops_convention": "exact", "mfu_convention": "exact"}


FOUR_ALIKE: Values = {"packed_documents": 4, "packed_mean_square": 2048**2}  # that fill the 8,192 tokens


def test_ordinary_case_passes_every_check() -> None:
    """The ordinary case has nothing to review."""
    values = compute({})

    assert {values[key] for key in CHECKS} == {OK}


@pytest.mark.parametrize(
    ("changes", "tripped"),
    [
        ({"n_kv_heads": 5}, {"check_head_groups": FAIL}),
        ({"n_experts": 8, "experts_per_token": 9, "expert_d_ff": 1024}, {"check_experts": FAIL}),
        ({"attention": "mla", "qk_nope_dim": 128, "v_head_dim": 128}, {"check_latent_attention": FAIL}),
        ({"peak": "sparse"}, {"check_dense_peak": REVIEW}),
        (
            {"precision": "fp4"},
            {
                "check_peak_published": FAIL,
                "check_mfu_precision_said": REVIEW,
                "check_mfu_usual": OK,
                "check_mfu_possible": OK,
                "check_flops_delivered": FAIL,
                "check_tokens_delivered": FAIL,
            },
        ),
        (
            {"stated_mfu": 0},
            {
                "check_mfu_possible": FAIL,
                "check_mfu_usual": REVIEW,
                "check_flops_delivered": FAIL,
                "check_tokens_delivered": FAIL,
            },
        ),
        (
            {"stated_mfu": 1.2},
            {
                "check_mfu_possible": FAIL,
                "check_mfu_usual": REVIEW,
                "check_hfu_possible": FAIL,
                "check_risk_possible": REVIEW,
            },
        ),
        ({"stated_mfu": 0.7}, {"check_mfu_usual": REVIEW}),
        (
            {
                "stated_mfu": 0.64,
                "mfu_convention": "palm",
                "flops_convention": "palm",
                "recomputation": "full",
            },
            {},
        ),
        ({"stated_mfu": 0.8, "mfu_review_high": 0.9, "recomputation": "full"}, {"check_hfu_possible": FAIL}),
        ({"mfu_convention": "8nt"}, {"check_mfu_excludes_recomputation": REVIEW}),
        ({"flops_convention": "published"}, {"check_published_total": FAIL}),
        ({"gpus": 1}, {"check_memory": REVIEW, "check_horizon": REVIEW, "check_run_days": REVIEW}),  # for 69 years
        ({"global_batch_tokens": 4000000}, {"check_whole_sequences": REVIEW}),
        ({"attention_window": 4096}, {"check_window": FAIL}),
        ({"windowed_layers": 16}, {"check_window": FAIL}),
        ({"attention_window": 4096, "windowed_layers": 33}, {"check_window": FAIL}),
        ({"attention_window": 4096, "windowed_layers": 16}, {}),
        ({"attention_window": 4096, "windowed_layers": 1} | EXACT, {"check_window_counted": REVIEW}),
        ({"attention_window": 8192, "windowed_layers": 16} | EXACT, {}),
        (FOUR_ALIKE, {}),
        (FOUR_ALIKE | EXACT, {"check_window_counted": REVIEW}),
        (FOUR_ALIKE | {"packed_mean_square": 2047**2}, {"check_packing": FAIL}),
        (FOUR_ALIKE | {"packed_mean_square": 4097**2}, {"check_packing": FAIL}),
        (FOUR_ALIKE | {"attention_window": 1024, "windowed_layers": 16}, {"check_packing_with_window": REVIEW}),
        ({"n_classes": 10}, {"check_classes": FAIL}),
        ({"head": "classes"}, {"check_classes": FAIL}),
        ({"head": "classes", "n_classes": 10, "head_bias": "yes"}, {}),
        ({"head": "none", "head_bias": "yes"}, {"check_head": FAIL}),
        ({"head": "pooler", "embedding_width": 512}, {"check_head": FAIL}),
        ({"head": "none", "mtp_layers": 1}, {"check_head": FAIL}),
        ({"learned_positions": 8191, "position_embedding": "learned"}, {"check_positions": FAIL}),
        ({"learned_positions": 8191, "position_embedding": "rotary"}, {}),
        ({"max_context_length": 8191}, {"check_context": REVIEW}),
        ({"uncounted_part": "a vision tower"}, {"check_whole_model": REVIEW}),
        ({"price_date": 45951}, {"check_price_dated": REVIEW}),
        ({"start_date": 45949}, {"check_start_date": REVIEW}),
        (
            NO_ARCHITECTURE | {"stated_mfu": 0.4},
            {"check_convention_computable": FAIL, "check_tokens_delivered": FAIL},
        ),
    ],
    ids=lambda value: "-".join(value) if len(value) < 4 else f"{len(value)} keys",
)
def test_inputs_trip_the_check(changes: Values, tripped: dict[str, str]) -> None:
    """A case's inputs trip the checks that speak of them, and no other."""
    values = compute(changes)

    assert {key: values[key] for key in CHECKS if values[key] != OK} == {
        key: status for key, status in tripped.items() if status != OK
    }


@given(st.floats(0.5, 1e8), st.floats(0.5, 2000), st.sampled_from(["causal", "full"]))
def test_nothing_cut_is_never_reviewed(length: float, layers: float, mask: str) -> None:
    """Rounding of lengths and layers that are not whole is no window, however large they are."""
    values = compute(EXACT | {"context_length": length, "n_layers": layers, "attention_mask": mask})

    assert values["check_window_counted"] == OK


def test_unit_cost_agrees_at_any_size() -> None:
    """The arithmetic checks hold on a budget of pennies and on one of billions: the tolerance is relative."""
    for tokens, gpus in ((1e6, 1), (1e15, 200_000)):
        values = compute({"tokens": tokens, "gpus": gpus})

        arithmetic = ("flops_delivered", "tokens_delivered", "gpu_hours", "cost_lines", "unit_cost")
        assert {values[f"check_{name}"] for name in arithmetic} == {OK}


@pytest.mark.parametrize("mfu", [0.1, 0.65])
def test_usual_mfu_includes_its_bounds(mfu: float) -> None:
    """An MFU on either bound of the usual range is still usual."""
    assert status("check_mfu_usual", RANGE | {"mfu": mfu}) == OK


@pytest.mark.parametrize(("attention", "heads"), [("gqa", 0), ("mla", 16)])
def test_what_has_no_head_groups_passes(attention: str, heads: int) -> None:
    """An undisclosed architecture has no heads, and latent attention no groups, that may not fit."""
    groups = 5 if heads else 0
    assert status("check_head_groups", {"attention": attention, "n_heads": heads, "n_kv_heads": groups}) == OK


def test_models_without_experts_or_latents_pass() -> None:
    """What a dense model with grouped attention says of experts and latents is no mistake."""
    assert status("check_experts", dict.fromkeys(EXPERTS, 0) | {"dense_layers": 3}) == OK
    assert status("check_latent_attention", dict.fromkeys(LATENT, 0) | {"attention": "gqa"}) == OK


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("check_goodput", {"goodput_basis": "typed", "effective_goodput": 0.01}),
        ("check_spares", {"goodput_basis": "typed", "spare_nodes": 0}),
        ("check_tier_prices", dict.fromkeys(("reserved_share", "reserved_price", "spot_share", "spot_price"), 0)),
        ("check_stored_priced", {"stored_tb": 0, "storage_price": 0}),
        ("check_stored_priced", {"storage_months": 0, "storage_price": 0}),
        ("check_stored_priced", {"egress_tb": 0, "egress_price": 0}),
        ("check_exchange", {"quote_currency": "EUR", "exchange_rate": 1, "exchange_source": "no conversion"}),
    ],
)
def test_what_is_not_used_is_not_checked(key: str, change: Values) -> None:
    """A goodput that is typed, a tier, a size or a conversion that is not there has nothing to be complained of."""
    assert status(key, CONTROLS[key][1] | change) == OK
