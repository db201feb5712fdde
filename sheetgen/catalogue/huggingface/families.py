"""Families of decoders: how the fields of a configuration become an architecture.

Defaults of fields are those of the family's configuration class, shapes those of its model class, in transformers 5.23:
``configuration_<family>.py`` and ``modeling_<family>.py`` below
https://github.com/huggingface/transformers/tree/main/src/transformers/models/<family>. Sizes that every saved
configuration states (layers, widths, heads, vocabulary, experts) have no default here: where one is missing, that is an
error and no guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sheetgen.catalogue.huggingface.config import Config

Values = dict[str, Any]

MOST_LISTED_LAYERS = 2000


def yes(flag: bool) -> str:
    """``yes`` or ``no``."""
    return "yes" if flag else "no"


def _sizes(config: Config, *, key_value_heads: int | None = None, head_dim: int | None = None) -> Values:
    """What the Llama-like families share: sizes, heads of a width of their own, a gated block without biases, RMSNorm.

    ``key_value_heads`` and ``head_dim`` are the class's defaults: None for as many as query heads, and for the width
    divided by these.
    """
    width, heads = config.size("hidden_size"), config.size("num_attention_heads")
    groups = config.optional(
        "num_key_value_heads", default=heads if key_value_heads is None else key_value_heads, low=1
    )
    groups = heads if groups is None else groups
    if heads % groups and not config.problems:
        config.refuse("num_key_value_heads", "does not divide num_attention_heads", groups)
    return {
        "n_layers": config.size("num_hidden_layers"),
        "d_model": width,
        "n_heads": heads,
        "n_kv_heads": groups,
        "head_dim": _head_dim(config, width, heads, head_dim),
        "d_ff": config.size("intermediate_size"),
        "gated_ffn": "yes",
        "vocab_size": config.size("vocab_size"),
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=False)),
        "position_embedding": "rotary",
        "learned_positions": 0,
        "qkv_bias": "no",
        "attention_output_bias": "no",
        "ffn_bias": "no",
        "norm": "rmsnorm",
        "norms_per_layer": 2,
        "qk_norm": "none",
        "max_context_length": config.optional("max_position_embeddings", "n_positions", low=1),
    }


def _head_dim(config: Config, width: int, heads: int, default: int | None) -> int:
    """``head_dim``, or the width divided by the heads, which must be whole then."""
    if config.has("head_dim") or default is not None:
        return config.size("head_dim", default=default)
    if width % heads and not config.problems:
        config.refuse("num_attention_heads", "does not divide hidden_size, and head_dim is not given", heads)
    return max(width // heads, 1)


def _heads_divide(config: Config, values: Values, key: str = "num_attention_heads") -> None:
    """The model class asks that the heads divide the width, whatever their own width is."""
    if values["d_model"] % values["n_heads"] and not config.problems:
        config.refuse(key, "does not divide the width, as the model class requires", values["n_heads"])


def _window(values: Values, layers: int, size: int | None) -> None:
    """``layers`` of the model see the last ``size`` tokens; no window where either is missing."""
    if size and layers:
        values |= {"attention_window": size, "window_kind": "sliding", "windowed_layers": layers}


def _layer_types(config: Config, values: Values, default: list[bool], size: int | None) -> None:
    """Windows by ``layer_types``, else by the class's pattern (True for a layer with a window)."""
    named = config.words("layer_types")
    if named is None:
        _window(values, sum(default), size)
        return
    unknown = sorted(set(named) - {"full_attention", "sliding_attention"})
    if unknown:
        config.refuse(
            "layer_types", "names a kind that this family has not", unknown, "full_attention, sliding_attention"
        )
    if len(named) != values["n_layers"]:
        config.refuse("layer_types", "is not one word a layer", len(named), str(values["n_layers"]))
    cut = named.count("sliding_attention")
    if cut and not size:
        config.refuse("sliding_window", "is missing, for layer_types has windows", allowed="a whole number from 1")
    _window(values, cut, size)


def _sliding(config: Config, default: int | None) -> int | None:
    return config.optional("sliding_window", default=default, low=1)


def _causal(config: Config) -> None:
    config.must_be("use_bidirectional_attention", False, "changes the mask and the window, which is not supported")


def _listed(values: Values) -> range:
    return range(min(values["n_layers"], MOST_LISTED_LAYERS))


def llama(config: Config) -> Values:
    """Llama: biases on all of attention (``attention_bias``) or the feed-forward (``mlp_bias``) as the file says."""
    values = _sizes(config)
    _heads_divide(config, values)
    bias = yes(config.flag("attention_bias", default=False))
    return values | {
        "qkv_bias": bias,
        "attention_output_bias": bias,
        "ffn_bias": yes(config.flag("mlp_bias", default=False)),
    }


def mistral(config: Config) -> Values:
    """Mistral: a window in every layer; 4,096 where the file does not speak of one, none where it says null."""
    values = _sizes(config, key_value_heads=8)
    if "layer_types" in config.data:
        config.refuse("layer_types", "is not read by this family's model class")
    _window(values, values["n_layers"], _sliding(config, 4096))
    return values


def mixtral(config: Config) -> Values:
    """Mixtral: every layer has routed experts and nothing else as feed-forward."""
    values = _sizes(config, key_value_heads=8)
    _window(values, values["n_layers"], _sliding(config, None))
    return values | _experts(config, ("num_local_experts", "num_experts"), "intermediate_size")


def _experts(config: Config, count: tuple[str, ...], width: str, **more: Any) -> Values:
    """Routed experts; more than there are cannot be met."""
    experts, met = config.size(*count), config.size("num_experts_per_tok")
    if met > experts:
        config.refuse("num_experts_per_tok", "exceeds the experts", met, f"at most {experts}")
    return {"n_experts": experts, "experts_per_token": met, "expert_d_ff": config.size(width), **more}


def _qwen(config: Config, *, head_dim: int | None = None) -> Values:
    """What Qwen 2 and 3 share: a window behind the first ``max_window_layers`` layers, only if it is switched on."""
    values = _sizes(config, key_value_heads=32, head_dim=head_dim)
    size = _sliding(config, 4096) if config.flag("use_sliding_window", default=False) else None
    first = config.size("max_window_layers", default=28, low=0)
    _layer_types(config, values, [layer >= first for layer in _listed(values)] if size else [], size)
    return values


def qwen2(config: Config) -> Values:
    """Qwen 2 and 2.5: biases on queries, keys and values and nowhere else."""
    return _qwen(config) | {"qkv_bias": "yes"}


def qwen3(config: Config) -> Values:
    """Qwen 3: heads 128 wide unless the file says otherwise, norms on queries and keys."""
    bias = yes(config.flag("attention_bias", default=False))
    return _qwen(config, head_dim=128) | {"qkv_bias": bias, "attention_output_bias": bias, "qk_norm": "head"}


def qwen3_moe(config: Config) -> Values:
    """Qwen 3 with experts in every ``decoder_sparse_step``-th layer but those of ``mlp_only_layers``."""
    values = _sizes(config, key_value_heads=4)
    if config.flag("use_sliding_window", default=False):
        _window(values, values["n_layers"], _sliding(config, 4096))
    step = config.size("decoder_sparse_step", default=1)
    only = set(config.numbers("mlp_only_layers"))
    if strange := sorted(only - set(range(values["n_layers"])))[:3]:
        config.refuse("mlp_only_layers", "names layers that are not there", strange)
    sparse = sum(layer not in only and (layer + 1) % step == 0 for layer in _listed(values))
    bias = yes(config.flag("attention_bias", default=False))
    values |= {"qkv_bias": bias, "attention_output_bias": bias, "qk_norm": "head"}
    if config.optional("num_experts", "num_local_experts", default=1) == 0 or sparse == 0:
        return values
    dense = values["n_layers"] - sparse
    experts = _experts(config, ("num_experts", "num_local_experts"), "moe_intermediate_size", dense_layers=dense)
    return values | experts


def gemma(config: Config) -> Values:
    """Gemma: heads 256 wide, tied, the feed-forward gated by GELU."""
    return _gemma(config, groups=16)


def _gemma(config: Config, *, groups: int) -> Values:
    _causal(config)
    values = _sizes(config, key_value_heads=groups, head_dim=256)
    bias = yes(config.flag("attention_bias", default=False))
    return values | {
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=True)),
        "qkv_bias": bias,
        "attention_output_bias": bias,
    }


def gemma2(config: Config) -> Values:
    """Gemma 2: four norms a layer, a window in every second layer, the first one included."""
    values = _gemma(config, groups=4) | {"norms_per_layer": 4}
    _heads_divide(config, values)
    _layer_types(config, values, [(layer + 1) % 2 == 1 for layer in _listed(values)], _sliding(config, 4096))
    return values


def gemma3_text(config: Config) -> Values:
    """Gemma 3, its text model: as Gemma 2 with norms on queries and keys; five layers with a window, one without."""
    values = _gemma(config, groups=4) | {"norms_per_layer": 4, "qk_norm": "head"}
    _heads_divide(config, values)
    pattern = config.size("sliding_window_pattern", "_sliding_window_pattern", default=6)
    windows = [(layer + 1) % pattern != 0 for layer in _listed(values)]
    _layer_types(config, values, windows, _sliding(config, 4096))
    return values


GEMMA3_UNSTATED = {"vocab_size": 262208, "num_attention_heads": 8, "num_key_value_heads": 4}
"""What Gemma 3's published files leave to the configuration class (``Gemma3TextConfig``)."""


def gemma3(config: Config) -> Values:
    """Gemma 3 with images: the text model inside it; the vision tower is not counted, and a note says so."""
    inner = config.data.get("text_config")
    if not isinstance(inner, Mapping):
        config.refuse("text_config", "is missing: the text model is inside it", allowed="an object")
        return {}
    tied = {"tie_word_embeddings": config.data["tie_word_embeddings"]} if "tie_word_embeddings" in config.data else {}
    text = Config({**GEMMA3_UNSTATED, **tied, **inner}, config.text, config.file, config.problems)
    config.notes.append("The text model alone: the vision tower and its projector are not counted.")
    return gemma3_text(text)


def phi3(config: Config) -> Values:
    """Phi 3: as Llama without biases; fused matrices do not change the count."""
    values = _sizes(config)
    _window(values, values["n_layers"], _sliding(config, None))
    return values


def olmo2(config: Config) -> Values:
    """OLMo 2: norms behind attention and feed-forward, and of full width on queries and keys."""
    values = _sizes(config)
    bias = yes(config.flag("attention_bias", default=False))
    return values | {"qkv_bias": bias, "attention_output_bias": bias, "qk_norm": "width"}


def starcoder2(config: Config) -> Values:
    """StarCoder 2: a plain feed-forward, LayerNorm, and biases everywhere or nowhere (``use_bias``)."""
    values = _sizes(config, key_value_heads=2)
    _window(values, values["n_layers"], _sliding(config, None))
    bias = yes(config.flag("use_bias", default=True))
    return values | {
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=True)),
        "gated_ffn": "no",
        "norm": "layernorm",
        "qkv_bias": bias,
        "attention_output_bias": bias,
        "ffn_bias": bias,
    }


def gpt_oss(config: Config) -> Values:
    """gpt-oss: experts with biases in every layer, a trained router bias, attention sinks, a window in every second."""
    values = _sizes(config, key_value_heads=8, head_dim=64)
    _layer_types(config, values, [(layer + 1) % 2 == 1 for layer in _listed(values)], _sliding(config, 128))
    bias = yes(config.flag("attention_bias", default=True))
    more = {"router_bias": "yes", "expert_bias": "yes"}
    experts = _experts(config, ("num_local_experts", "num_experts"), "intermediate_size", **more)
    return values | experts | {"qkv_bias": bias, "attention_output_bias": bias, "attention_sinks": "yes"}


def _deepseek(config: Config) -> Values:
    """Multi-head latent attention, dense layers first, then routed and shared experts of one width."""
    values = _sizes(config, head_dim=64)
    config.must_be("moe_layer_freq", 1, "is not read by this family's model class: experts are in every later layer")
    bias = yes(config.flag("attention_bias", default=False))
    nope, rope = config.size("qk_nope_head_dim", default=128, low=0), config.size("qk_rope_head_dim", default=64)
    query_rank = config.optional("q_lora_rank", default=1536, low=1)
    return values | {
        "n_kv_heads": values["n_heads"],
        "head_dim": nope + rope,
        "qkv_bias": bias,
        "attention_output_bias": bias,
        "attention": "mla",
        "q_lora_rank": query_rank or 0,
        "kv_lora_rank": config.size("kv_lora_rank", default=512),
        "qk_nope_dim": nope,
        "qk_rope_dim": rope,
        "v_head_dim": config.size("v_head_dim", default=128),
    }


def _deepseek_experts(config: Config, values: Values, *, shared: int, first: int) -> Values:
    if config.data.get("n_routed_experts", 0) is None:
        config.refuse("n_routed_experts", "is null: the model class has experts", allowed="a whole number from 1")
        return values
    dense = min(config.size("first_k_dense_replace", default=first, low=0), values["n_layers"])
    if dense == values["n_layers"]:
        return values
    experts = _experts(config, ("n_routed_experts", "num_experts", "num_local_experts"), "moe_intermediate_size")
    together = (config.optional("n_shared_experts", default=shared) or 0) * experts["expert_d_ff"]
    return values | experts | {"shared_expert_d_ff": together, "dense_layers": dense}


def deepseek_v2(config: Config) -> Values:
    """DeepSeek-V2: two shared experts and no dense layer unless the file says otherwise."""
    values = _deepseek(config) | {"ffn_bias": yes(config.flag("mlp_bias", default=False))}
    _heads_divide(config, values)
    return _deepseek_experts(config, values, shared=2, first=0)


def deepseek_v3(config: Config) -> Values:
    """DeepSeek-V3: one shared expert, three dense layers; the router's bias is a buffer that no gradient trains."""
    values = _deepseek_experts(config, _deepseek(config), shared=1, first=3)
    config.notes.append("The bias of the router is a buffer of the model class, not trained by gradient: not counted.")
    if config.optional("num_nextn_predict_layers", "num_mtp_layers", default=1):
        config.notes.append("Multi-token prediction layers are not in the model class: mtp_layers adds them.")
    return values


DECODERS: Mapping[str, Callable[[Config], Values]] = {
    "llama": llama,
    "mistral": mistral,
    "mixtral": mixtral,
    "qwen2": qwen2,
    "qwen3": qwen3,
    "qwen3_moe": qwen3_moe,
    "gemma": gemma,
    "gemma2": gemma2,
    "gemma3": gemma3,
    "gemma3_text": gemma3_text,
    "phi3": phi3,
    "olmo2": olmo2,
    "starcoder2": starcoder2,
    "gpt_oss": gpt_oss,
    "deepseek_v2": deepseek_v2,
    "deepseek_v3": deepseek_v3,
}
"""Families by ``model_type``; adding one is adding its function here."""
