"""Mixture of experts and latent attention: a small model worked by hand, and laws that hold for any mixture."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from sheetgen.engine import CONVENTIONS
from tests.support.engine_cases import DENSE, LLAMA_3_8B, Value, compute, figures

# L 3 of which 1 dense, h 4, a 2, f 5 gated, V 7, s 8, untied, RMSNorm; a query head 3 + 1 wide, a value head 2; ranks 6
# of queries and 5 of keys and values; 4 experts of width 2, of which a token meets 3, and a shared one of 3, gated.
# Weights: queries 4·6 + 6·2·4 = 72; keys and values 4·(5 + 1) + 5·2·(3 + 2) = 74; output 2·2·4 = 16: 162 in all.
# Dense block 3·4·5 = 60. An expert 3·4·2 = 24, router 4·4 = 16, shared 3·4·3 + 4 = 40; a token meets 72 + 16 + 40.
SMALL: dict[str, Value] = LLAMA_3_8B | {
    "n_layers": 3,
    "d_model": 4,
    "n_heads": 2,
    "n_kv_heads": 2,
    "head_dim": 100,
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
    "router_bias": "yes",
    "dense_layers": 1,
}
# Attention with the norms of both latents 162 + 6 + 5 = 173, norms 8; with experts 4·24 + 16 + 4 + 40 = 156.
LAYERS = 3 * (173 + 8) + 60 + 2 * 156  # 915
TOTAL = 28 + LAYERS + 4 + 28  # 975
ACTIVE = TOTAL - 2 * 1 * 24  # 927: of two layers one expert each is not met
LAYERS_MATMUL = 3 * 162 + 60 + 2 * 128  # 802


# Figures that show a width as it stands, whether the model uses it or not.
SHOWN = {
    "expert_parameters",
    "expert_matmul_parameters",
    "shared_expert_parameters",
    "shared_expert_matmul_parameters",
}


widths = st.integers(1, 4096)


def number(case: dict[str, Value], key: str) -> float:
    """A numeric input of the case."""
    value = case[key]
    assert not isinstance(value, str)
    return value


@st.composite
def mixtures(draw: st.DrawFn) -> dict[str, Value]:
    """A model with experts, with latent or grouped attention."""
    layers, experts = draw(st.integers(1, 64)), draw(st.integers(1, 256))
    return LLAMA_3_8B | {
        "n_layers": layers,
        "d_model": draw(widths),
        "gated_ffn": draw(st.sampled_from(["yes", "no"])),
        "ffn_bias": draw(st.sampled_from(["yes", "no"])),
        "attention": draw(st.sampled_from(["gqa", "mla"])),
        "q_lora_rank": draw(st.integers(0, 2048)),
        "kv_lora_rank": draw(widths),
        "qk_nope_dim": draw(widths),
        "qk_rope_dim": draw(widths),
        "v_head_dim": draw(widths),
        "n_experts": experts,
        "experts_per_token": draw(st.integers(1, experts)),
        "expert_d_ff": draw(widths),
        "shared_expert_d_ff": draw(st.integers(0, 4096)),
        "shared_expert_gate": draw(st.sampled_from(["yes", "no"])),
        "router_bias": draw(st.sampled_from(["yes", "no"])),
        "dense_layers": draw(st.integers(0, layers)),
    }


@given(mixtures())
def test_dense_models_do_not_see_the_new_keys(case: dict[str, Value]) -> None:
    """Without experts and with grouped attention, widths of experts and of latents change no figure."""
    dense = compute(case | {"n_experts": 0, "attention": "gqa"})
    plain = compute(case | DENSE)

    assert {key for key, value in dense.items() if value != plain[key]} <= SHOWN
    assert dense["active_parameters"] == dense["parameters"]


@given(mixtures())
def test_active_parameters_are_at_most_all(case: dict[str, Value]) -> None:
    """A token meets no more parameters than there are, and the matrix weights it meets are among them."""
    values = figures(case)

    assert values["active_parameters"] <= values["parameters"]
    assert values["layers_matmul_parameters"] <= values["active_parameters"]
    assert compute(case)["check_experts"] == "OK"


@given(mixtures())
def test_all_experts_are_all_parameters(case: dict[str, Value]) -> None:
    """With every expert met (k = E) active parameters are all of them; with one less they are fewer."""
    every = figures(case | {"experts_per_token": case["n_experts"]})

    assert every["active_parameters"] == every["parameters"]
    experts = case["n_experts"]
    assert isinstance(experts, int)
    assume(experts > 1 and every["moe_layers"] > 0)
    assert figures(case | {"experts_per_token": experts - 1})["active_parameters"] < every["active_parameters"]


@given(mixtures())
def test_one_expert_of_one_is_a_dense_block_with_a_router(case: dict[str, Value]) -> None:
    """One expert as wide as the dense block costs what that does, and its router of width h besides."""
    alone: dict[str, Value] = {"n_experts": 1, "experts_per_token": 1, "shared_expert_d_ff": 0, "router_bias": "no"}
    case = case | alone | {"d_ff": case["expert_d_ff"], "ffn_bias": "no"}
    mixture, dense = figures(case), figures(case | {"n_experts": 0})
    routers = mixture["moe_layers"] * number(case, "d_model")

    assert mixture["parameters"] - dense["parameters"] == routers
    for name in set(CONVENTIONS) - {"8nt", "published", "chinchilla"}:
        key = f"forward_flops_per_token_{name}"
        assert mixture[key] - dense[key] == 2 * routers


@given(mixtures())
def test_components_add_up(case: dict[str, Value]) -> None:
    """The components add up to the exact forward pass, whatever the mixture and the attention."""
    values = figures(case)
    parts = ("query", "key_value", "scores", "values", "output", "ffn", "moe", "lm_head", "embedding")

    assert sum(values[f"forward_{part}_flops"] for part in parts) == values["forward_flops_per_token_exact"]
