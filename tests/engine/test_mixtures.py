"""Mixture of experts and latent attention: a small model worked by hand, and laws that hold for any mixture."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
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


def test_parameters_of_the_small_model() -> None:
    """Every part of the small model with experts and latents, as worked out beside it."""
    values = compute(SMALL)
    expected = {
        "query_width": 8,
        "value_width": 4,
        "key_value_width": 0,
        "query_matmul_parameters": 72,
        "key_value_matmul_parameters": 74,
        "output_matmul_parameters": 16,
        "attention_matmul_parameters": 162,
        "attention_query_parameters": 72 + 6,
        "attention_key_value_parameters": 74 + 5,
        "attention_output_parameters": 16,
        "attention_parameters": 173,
        "ffn_matmul_parameters": 60,
        "moe_layers": 2,
        "dense_ffn_layers": 1,
        "expert_parameters": 24,
        "router_parameters": 16 + 4,
        "shared_expert_parameters": 40,
        "moe_ffn_parameters": 156,
        "moe_matmul_parameters": 128,
        "layer_parameters": 173 + 60 + 8,
        "layers_parameters": LAYERS,
        "parameters": TOTAL,
        "inactive_parameters": 48,
        "active_parameters": ACTIVE,
        "non_embedding_parameters": TOTAL - 56,
        "active_non_embedding_parameters": ACTIVE - 56,
        "layer_matmul_parameters": 162 + 60,
        "layers_matmul_parameters": LAYERS_MATMUL,
        "matmul_parameters": LAYERS_MATMUL + 28,
    }

    assert {key: values[key] for key in expected} == expected


# Core of a token: half the square 3·8·(8 + 4) = 288, the full square 576.
@pytest.mark.parametrize(
    ("name", "forward", "core", "layers"),
    [
        ("6nd", 2 * ACTIVE, 576, 2 * ACTIVE),
        ("kaplan", 2 * (ACTIVE - 56) + 288, 288, 2 * (ACTIVE - 56) + 288),
        ("palm", 2 * ACTIVE + 576, 576, 2 * ACTIVE + 576),
        ("megatron", 2 * (LAYERS_MATMUL + 28) + 288, 288, 2 * LAYERS_MATMUL + 288),
        ("exact", 2 * (LAYERS_MATMUL + 28) + 576, 576, 2 * LAYERS_MATMUL + 576),
        # softmax 3·2·8 a token and layer beside the core; embeddings 2·7·4 beside the logits
        ("chinchilla", 2 * LAYERS_MATMUL + 576 + 144 + 112, 576 + 144, 2 * LAYERS_MATMUL + 576 + 144),
    ],
)
def test_conventions_on_the_small_model(name: str, forward: int, core: int, layers: int) -> None:
    """Forward and training FLOPs, attention core and recomputed layers of each convention, by hand."""
    values = compute(SMALL)

    assert values[f"forward_flops_per_token_{name}"] == forward
    assert values[f"training_flops_per_token_{name}"] == 3 * forward
    assert values[f"attention_core_flops_per_token_{name}"] == core
    assert values[f"layer_forward_flops_per_token_{name}"] == layers


def test_components_on_the_small_model() -> None:
    """Forward FLOPs by component, by hand; they add up to the exact convention's forward pass."""
    values = figures(SMALL)
    parts = ("query", "key_value", "scores", "values", "output", "ffn", "moe", "lm_head", "embedding")
    components = [values[f"forward_{part}_flops"] for part in parts]

    # 2·3·72, 2·3·74, 2·3·8·8, 2·3·8·4, 2·3·16, 2·60, 2·2·128, 2·7·4
    assert components == [432, 444, 384, 192, 96, 120, 512, 56, 0]
    assert sum(components) == values["forward_flops_per_token_exact"]


def test_chinchilla_terms_on_the_small_model() -> None:
    """The terms of one sequence of 8 tokens, by hand: scores as wide as queries, the reduction as values."""
    values = figures(SMALL)
    terms = ("qkv", "scores", "softmax", "reduction", "projection", "ffn", "moe", "attention", "layer", "layers")
    attention = 2336 + 1024 + 384 + 512 + 256

    # 2·8·(72 + 74), 2·8²·8, 3·2·8², 2·8²·4, 2·8·16, 2·8·60, 2·8·128
    assert [values[f"chinchilla_{term}_flops"] for term in terms] == [
        *(2336, 1024, 384, 512, 256, 960, 2048),
        *(attention, attention + 960, 3 * attention + 960 + 2 * 2048),
    ]


def test_queries_without_a_rank() -> None:
    """A query rank of 0 projects directly, h·a·(d_nope + d_rope) = 4·2·4, and has no norm (DeepSeek-V2-Lite)."""
    values = figures(SMALL | {"q_lora_rank": 0})

    assert values["query_matmul_parameters"] == values["attention_query_parameters"] == 32


def test_latent_attention_ignores_what_it_does_not_use() -> None:
    """Key-value heads, head dimension, and norms on queries and keys do not matter to it."""
    changes: dict[str, Value] = {"n_kv_heads": 3, "head_dim": 7, "qk_norm": "width"}

    assert compute(SMALL | changes) == compute(SMALL)


def test_output_bias_of_latent_attention() -> None:
    """The output projection of latent attention may have a bias of model width as any other."""
    biased = figures(SMALL | {"attention_output_bias": "yes"})

    assert biased["attention_output_parameters"] == 16 + 4


def test_gate_needs_a_shared_expert() -> None:
    """The gate of 4 weights is there with shared experts alone: without them nothing is left to weigh."""
    assert figures(SMALL | {"shared_expert_gate": "no"})["shared_expert_parameters"] == 36
    assert figures(SMALL | {"shared_expert_d_ff": 0})["shared_expert_parameters"] == 0


# Figures that show a width as it stands, whether the model uses it or not.
SHOWN = {
    "expert_parameters",
    "expert_matmul_parameters",
    "shared_expert_parameters",
    "shared_expert_matmul_parameters",
}

unhurried = settings(deadline=None)  # a busy machine is not a broken law

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


@unhurried
@given(mixtures())
def test_dense_models_do_not_see_the_new_keys(case: dict[str, Value]) -> None:
    """Without experts and with grouped attention, widths of experts and of latents change no figure."""
    dense = compute(case | {"n_experts": 0, "attention": "gqa"})
    plain = compute(case | DENSE)

    assert {key for key, value in dense.items() if value != plain[key]} <= SHOWN
    assert dense["active_parameters"] == dense["parameters"]


@unhurried
@given(mixtures())
def test_active_parameters_are_at_most_all(case: dict[str, Value]) -> None:
    """A token meets no more parameters than there are, and the matrix weights it meets are among them."""
    values = figures(case)

    assert values["active_parameters"] <= values["parameters"]
    assert values["layers_matmul_parameters"] <= values["active_parameters"]
    assert compute(case)["check_experts"] == "OK"


@unhurried
@given(mixtures())
def test_all_experts_are_all_parameters(case: dict[str, Value]) -> None:
    """With every expert met (k = E) active parameters are all of them; with one less they are fewer."""
    every = figures(case | {"experts_per_token": case["n_experts"]})

    assert every["active_parameters"] == every["parameters"]
    experts = case["n_experts"]
    assert isinstance(experts, int)
    assume(experts > 1 and every["moe_layers"] > 0)
    assert figures(case | {"experts_per_token": experts - 1})["active_parameters"] < every["active_parameters"]


@unhurried
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


@unhurried
@given(mixtures())
def test_components_add_up(case: dict[str, Value]) -> None:
    """The components add up to the exact forward pass, whatever the mixture and the attention."""
    values = figures(case)
    parts = ("query", "key_value", "scores", "values", "output", "ffn", "moe", "lm_head", "embedding")

    assert sum(values[f"forward_{part}_flops"] for part in parts) == values["forward_flops_per_token_exact"]
