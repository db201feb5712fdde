"""Configurations of every family that the importer knows: two that somebody chose, and further ones drawn at random.

They are small and odd: sizes that no formula gets right by accident, and each switch of a family thrown in one of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from sheetgen.catalogue.huggingface import packaged

Configuration = dict[str, Any]

_LLAMA: Configuration = {
    "hidden_size": 96,
    "intermediate_size": 200,
    "num_hidden_layers": 5,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "vocab_size": 301,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
_EXPERTS = {**_LLAMA, "moe_intermediate_size": 40, "num_experts": 8, "num_experts_per_tok": 3}
_LOCAL = {**_LLAMA, "num_local_experts": 8, "num_experts_per_tok": 3}
_ROUTED = {**_LLAMA, "moe_intermediate_size": 40, "n_routed_experts": 8, "num_experts_per_tok": 3}
_GROUPED = {**_ROUTED, "n_group": 2, "topk_group": 1}
_MLA = {
    "kv_lora_rank": 20, "qk_rope_head_dim": 8, "qk_nope_head_dim": 12, "v_head_dim": 10, "q_lora_rank": 28,
    "num_key_value_heads": 6,
}  # fmt: skip
_GPT = {"n_embd": 60, "n_layer": 4, "n_head": 5, "n_positions": 48, "vocab_size": 211}
_OLD: Configuration = {
    "hidden_size": 60, "num_hidden_layers": 3, "num_attention_heads": 5, "vocab_size": 211,
    "max_position_embeddings": 48, "pad_token_id": 0,
}  # fmt: skip
_ENCODER = {**_OLD, "intermediate_size": 100}
_WINDOW = {"sliding_window": 8}
_SECTIONS = {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]}}
_DENSE = ("dense", "sparse", "sparse", "dense", "sparse")

CHOSEN: Mapping[str, tuple[Configuration, Configuration]] = {
    # the first, and what the second has in addition to thrown switches
    "arcee": (_LLAMA, {"head_dim": 24}),
    "aria_text": ({**_LLAMA, "moe_num_experts": 8, "moe_topk": 3}, {"moe_num_shared_experts": 1, "head_dim": 24}),
    "bert": (_ENCODER, {"type_vocab_size": 3}),
    "biogpt": (_ENCODER, {}),
    "bloom": ({"hidden_size": 60, "n_layer": 3, "n_head": 5, "vocab_size": 211}, {"seq_length": 32}),
    "camembert": ({**_ENCODER, "max_position_embeddings": 66}, {"type_vocab_size": 1}),
    "codegen": ({**_GPT, "n_embd": 64, "n_head": 4, "rotary_dim": 4}, {"n_inner": 77}),
    "cohere": (_LLAMA, {}),
    "cohere2": ({**_LLAMA, **_WINDOW}, {"sliding_window_pattern": 3}),
    "cohere2_moe": (
        {**_EXPERTS, **_WINDOW, "head_dim": 24},
        {"first_k_dense_replace": 2, "num_shared_experts": 2, "prefix_dense_intermediate_size": 77},
    ),
    "ctrl": ({**_GPT, "dff": 77}, {}),
    "cwm": ({**_LLAMA, **_WINDOW, "head_dim": 24}, {}),
    "dbrx": (
        {
            "d_model": 96, "n_layers": 3, "n_heads": 6, "vocab_size": 211, "max_seq_len": 48,
            "attn_config": {"kv_n_heads": 2, "clip_qkv": 8, "rope_theta": 10000.0},
            "ffn_config": {"ffn_hidden_size": 100, "moe_num_experts": 6, "moe_top_k": 2},
        },
        {"attn_config": {"kv_n_heads": 3, "clip_qkv": 8, "rope_theta": 10000.0}},
    ),
    "deepseek_v2": ({**_GROUPED, **_MLA, "first_k_dense_replace": 1}, {"q_lora_rank": None, "n_shared_experts": 1}),
    "deepseek_v3": ({**_GROUPED, **_MLA, "first_k_dense_replace": 1}, {"first_k_dense_replace": 0}),
    "distilbert": ({"dim": 60, "n_layers": 3, "n_heads": 5, "hidden_dim": 77, "vocab_size": 211}, {}),
    "dots1": (
        {**_GROUPED, **_WINDOW, "n_shared_experts": 1},
        {"max_window_layers": 2, "first_k_dense_replace": 2, "n_shared_experts": 2},
    ),
    "ernie4_5": (_LLAMA, {"head_dim": None}),
    "ernie4_5_moe": (
        {**_LLAMA, "moe_intermediate_size": 40, "moe_k": 3, "moe_num_experts": 8},
        {"moe_layer_start_index": 2, "moe_layer_end_index": 3, "moe_num_shared_experts": 1},
    ),
    "exaone": (_LLAMA, {"head_dim": 24}),
    "exaone4": ({**_LLAMA, **_WINDOW}, {"sliding_window_pattern": 2}),
    "exaone_moe": (
        {**_EXPERTS, **_WINDOW, "n_group": 2, "topk_group": 1},
        {"mlp_layer_types": [*_DENSE], "num_shared_experts": 2},
    ),
    "falcon": (
        {**_OLD, "multi_query": True},
        {"num_attention_heads": 6, "num_kv_heads": 2, "new_decoder_architecture": True, "ffn_hidden_size": 100},
    ),
    "flex_olmo": (_EXPERTS, {}),
    "flint": ({**_EXPERTS, **_WINDOW, "num_hidden_layers": 6}, {"mlp_only_layers": [1], "decoder_sparse_step": 2}),
    "gemma": ({**_LLAMA, "head_dim": 24}, {"num_key_value_heads": 1}),
    "gemma2": ({**_LLAMA, **_WINDOW, "head_dim": 24}, {}),
    "gemma3_text": ({**_LLAMA, **_WINDOW, "head_dim": 24, "num_hidden_layers": 7}, {"sliding_window_pattern": 3}),
    "glm": (_LLAMA, {"head_dim": 16}),
    "glm4": (_LLAMA, {"head_dim": 16}),
    "glm4_moe": (_GROUPED, {"first_k_dense_replace": 2, "head_dim": 24}),
    "glm4_moe_lite": ({**_GROUPED, **_MLA}, {"mlp_layer_types": [*_DENSE]}),
    "gpt-sw3": (_GPT, {"n_inner": 77}),
    "gpt2": (_GPT, {"n_inner": 77}),
    "gpt_bigcode": (_GPT, {"n_inner": 77}),
    "gpt_neo": (
        {
            "hidden_size": 60, "num_layers": 4, "num_heads": 5, "vocab_size": 211, "max_position_embeddings": 48,
            "window_size": 8, "attention_types": [[["global", "local"], 2]],
        },
        {"attention_types": [[["local"], 3], [["global"], 1]], "intermediate_size": 77},
    ),
    "gpt_neox": ({**_ENCODER, "rotary_pct": 0.5}, {}),
    "gpt_oss": ({**_LOCAL, **_WINDOW}, {"num_experts_per_tok": 1, "head_dim": 20}),
    "gptj": ({**_GPT, "rotary_dim": 4}, {"n_inner": 77}),
    "granite": (_LLAMA, {"head_dim": 24}),
    "granite_swa": ({**_LLAMA, **_WINDOW}, {"head_dim": 24}),
    "granitemoe": (_LOCAL, {}),
    "granitemoe_swa": ({**_LOCAL, **_WINDOW}, {"shared_intermediate_size": 24}),
    "granitemoehybrid": (
        {
            **_LOCAL, "layer_types": ["attention"] * 5, "shared_intermediate_size": 24, "mamba_n_heads": 2,
        },
        {"num_local_experts": 0, "num_experts_per_tok": 0, "shared_intermediate_size": 77},
    ),
    "granitemoeshared": (_LOCAL, {"shared_intermediate_size": 24}),
    "helium": ({**_LLAMA, "head_dim": 16}, {}),
    "hunyuan_v1_dense": ({**_LLAMA, "head_dim": 16}, {"head_dim": 24}),
    "hunyuan_v1_moe": ({**_LLAMA, "head_dim": 16, "num_experts": 8, "moe_topk": 3}, {"moe_topk": [2] * 5}),
    "hy_v3": (_EXPERTS, {"mlp_layer_types": [*_DENSE], "num_shared_experts": 2}),
    "hyperclovax": (_LLAMA, {"head_dim": 24}),
    "internlm3": ({**_LLAMA, "head_dim": 16}, {"head_dim": 24}),
    "iquestcoder": ({**_LLAMA, "head_dim": 16}, {"head_dim": 24}),
    "jais2": (_LLAMA, {}),
    "kimi_k2": ({**_GROUPED, **_MLA, "first_k_dense_replace": 1}, {"n_shared_experts": 2}),
    "kolibri1": ({**_EXPERTS, **_WINDOW, "num_hidden_layers": 6}, {"shared_expert_intermediate_size": 24}),
    "llama": (_LLAMA, {"head_dim": 24}),
    "llama4_text": (
        {**_LOCAL, "intermediate_size_mlp": 130, "head_dim": 16, "attention_chunk_size": 8},
        {"interleave_moe_layer_step": 2, "attention_chunk_size": None},
    ),
    "mellum": ({**_EXPERTS, **_WINDOW}, {"layer_types": ["sliding_attention"] * 3 + ["full_attention"] * 2}),
    "minicpm3": ({**_LLAMA, **_MLA}, {"v_head_dim": None}),
    "minimax_m2": (_LOCAL, {"head_dim": 24}),
    "ministral": ({**_LLAMA, **_WINDOW, "head_dim": 16}, {"head_dim": 24}),
    "ministral3": ({**_LLAMA, "head_dim": 24}, _WINDOW),
    "mistral": ({**_LLAMA, **_WINDOW}, {"sliding_window": None, "head_dim": 20}),
    "mistral4": ({**_GROUPED, **_MLA}, {"first_k_dense_replace": 2, "q_lora_rank": None}),
    "mixtral": (_LOCAL, {**_WINDOW, "head_dim": 24}),
    "mpt": ({"d_model": 60, "n_layers": 3, "n_heads": 5, "vocab_size": 211, "max_seq_len": 48}, {}),
    "nanochat": (_LLAMA, {}),
    "nemotron": (_LLAMA, {"head_dim": 24}),
    "olmo": (_LLAMA, {}),
    "olmo2": (_LLAMA, {}),
    "olmo3": ({**_LLAMA, **_WINDOW}, {"layer_types": ["full_attention"] * 5}),
    "olmoe": (_EXPERTS, {"num_key_value_heads": 6}),
    "openai-gpt": (_GPT, {}),
    "opt": ({**_ENCODER, "ffn_dim": 100, "word_embed_proj_dim": 60}, {"word_embed_proj_dim": 30}),
    "persimmon": ({**_ENCODER, "qk_layernorm": False}, {}),
    "phi": (_LLAMA, {"num_key_value_heads": None}),
    "phi3": (_LLAMA, _WINDOW),
    "phimoe": ({**_LOCAL, "num_experts_per_tok": 2}, _WINDOW),
    "qwen2": (_LLAMA, {**_WINDOW, "max_window_layers": 2}),
    "qwen2_moe": (
        {**_EXPERTS, "shared_expert_intermediate_size": 24},
        {**_WINDOW, "max_window_layers": 3, "mlp_only_layers": [3], "decoder_sparse_step": 2},
    ),
    "qwen2_5_vl_text": ({**_LLAMA, **_SECTIONS}, {**_WINDOW, "max_window_layers": 2}),
    "qwen2_vl_text": ({**_LLAMA, **_SECTIONS}, {**_WINDOW, "max_window_layers": 2}),
    "qwen3": ({**_LLAMA, "head_dim": 32}, {"layer_types": ["full_attention"] * 5}),
    "qwen3_moe": ({**_EXPERTS, "head_dim": 32}, {**_WINDOW, "mlp_only_layers": [3], "decoder_sparse_step": 2}),
    "qwen3_vl_moe_text": ({**_EXPERTS, "head_dim": 32}, {"mlp_only_layers": [3], "decoder_sparse_step": 2}),
    "qwen3_vl_text": ({**_LLAMA, "head_dim": 32}, {"head_dim": 16}),
    "roberta": ({**_ENCODER, "max_position_embeddings": 66}, {"type_vocab_size": 1}),
    "sarvam_mla": ({**_GROUPED, **_MLA}, {"num_shared_experts": 2, "q_lora_rank": None}),
    "sarvam_moe": ({**_GROUPED, "head_dim": 16}, {"num_shared_experts": 2}),
    "seed_oss": (_LLAMA, {"head_dim": 24}),
    "smollm3": (_LLAMA, {**_WINDOW, "no_rope_layers": [1, 0, 1, 1, 0]}),
    "solar_open": (_GROUPED, {"n_shared_experts": 2}),
    "stablelm": (_LLAMA, {}),
    "starcoder2": (_LLAMA, _WINDOW),
    "vaultgemma": ({**_LLAMA, **_WINDOW, "head_dim": 24}, {}),
    "vit": (
        {
            "hidden_size": 60, "num_hidden_layers": 3, "num_attention_heads": 5, "intermediate_size": 100,
            "image_size": 32, "patch_size": 8, "num_channels": 3, "num_labels": 11,
        },
        {"image_size": 24, "patch_size": 4, "num_channels": 1, "num_labels": 7},
    ),
    "xglm": (
        {
            "d_model": 60, "num_layers": 4, "attention_heads": 5, "vocab_size": 211, "max_position_embeddings": 48,
            "ffn_dim": 77, "pad_token_id": 0,
        },
        {},
    ),
    "xlm-roberta": ({**_ENCODER, "max_position_embeddings": 66}, {"type_vocab_size": 1}),
    "youtu": ({**_LLAMA, **_MLA}, {"q_lora_rank": None}),
}  # fmt: skip

_NEVER = {"is_encoder_decoder", "add_cross_attention", "is_causal", "is_decoder", "use_bidirectional_attention"}
_NOT_OF: Mapping[str, set[str]] = {  # what the importer refuses, and what the class cannot run
    "bert": {"tie_word_embeddings"},
    "camembert": {"tie_word_embeddings"},
    "dbrx": {"tie_word_embeddings"},
    "distilbert": {"tie_word_embeddings", "sinusoidal_pos_embds"},
    "falcon": {"parallel_attn"},
    "iquestcoder": {"use_sliding_window"},
    "opt": {"do_layer_norm_before"},
    "persimmon": {"qk_layernorm"},
    "phi": {"qk_layernorm"},
    "roberta": {"tie_word_embeddings"},
    "xlm-roberta": {"tie_word_embeddings"},
}


def thrown(family: str, first: Configuration) -> Configuration:
    """Every switch of a family the other way round."""
    switches: Configuration = {}
    for name, field in packaged().family(family).reads.items():
        if field.kind == "flag" and name not in _NEVER | _NOT_OF.get(family, set()):
            switches[field.names[0]] = not first.get(field.names[0], field.default == "yes")
    return switches


def _both(family: str) -> list[Configuration]:
    first, more = CHOSEN[family]
    return [{**first, "model_type": family}, {**first, **thrown(family, first), **more, "model_type": family}]


CONFIGURATIONS: dict[str, list[Configuration]] = {family: _both(family) for family in CHOSEN}

_SIZES = (
    "intermediate_size", "num_hidden_layers", "vocab_size", "n_layer", "n_positions", "ffn_dim", "kv_lora_rank",
    "moe_intermediate_size", "max_position_embeddings",
)  # fmt: skip
_BY_LAYER = ("layer_types", "mlp_layer_types", "no_rope_layers", "moe_topk")


def drawn(family: str, count: int) -> Iterator[Configuration]:
    """Configurations of a family with sizes and switches drawn at random, the same ones every time."""
    chance = random.Random(family)  # noqa: S311 - not for secrets
    for _ in range(count):
        configuration = dict(chance.choice(CONFIGURATIONS[family]))
        by_layer = any(isinstance(configuration.get(key), list) for key in _BY_LAYER)
        for key in _SIZES:
            if configuration.get(key) and not (by_layer and key == "num_hidden_layers"):
                configuration[key] += chance.randrange(0, 9)
        if "num_key_value_heads" in configuration and configuration.get("num_key_value_heads"):
            heads = chance.choice([4, 6, 8])
            groups = heads if "kv_lora_rank" in configuration else chance.choice([1, 2, heads])
            configuration |= {"num_attention_heads": heads, "num_key_value_heads": groups}
            width = configuration["head_dim"] if family == "helium" else 2 * chance.randrange(4, 13)
            configuration["hidden_size"] = heads * width
        for switch in ("attention_bias", "mlp_bias", "tie_word_embeddings", "use_bias", "bias"):
            if switch in configuration and family != "internlm3":
                configuration[switch] = chance.random() < 0.5
        if family in {"bert", "roberta", "xlm-roberta", "camembert", "distilbert"}:
            configuration.pop("tie_word_embeddings", None)
        yield configuration
