"""Older decoders, and encoders of text and images; defaults and shapes as in ``families``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sheetgen.catalogue.huggingface.config import Config
from sheetgen.catalogue.huggingface.families import Values, yes

CLASSIC: Mapping[str, Any] = {  # LayerNorm, a plain feed-forward, biases everywhere
    "gated_ffn": "no",
    "qkv_bias": "yes",
    "attention_output_bias": "yes",
    "ffn_bias": "yes",
    "norm": "layernorm",
    "norms_per_layer": 2,
    "qk_norm": "none",
}


def _attention(config: Config, layers: tuple[str, ...], width: tuple[str, ...], heads: tuple[str, ...]) -> Values:
    """Layers, width and heads that divide it; as many heads of keys and values."""
    wide, count = config.size(*width), config.size(*heads)
    if wide % count:
        config.refuse(heads[0], f"does not divide {width[0]}", count)
    head = max(wide // count, 1)
    return {
        "n_layers": config.size(*layers),
        "d_model": wide,
        "n_heads": count,
        "n_kv_heads": count,
        "head_dim": head,
    }


def _no_cross_attention(config: Config) -> None:
    config.must_be("add_cross_attention", False, "adds parameters that are not counted")


def _gpt(config: Config) -> Values:
    """GPT-2 and GPT-BigCode: learned positions, tied, feed-forward four times as wide unless ``n_inner`` is given."""
    _no_cross_attention(config)
    values = _attention(
        config, ("n_layer", "num_hidden_layers"), ("n_embd", "hidden_size"), ("n_head", "num_attention_heads")
    )
    positions = config.size("n_positions", "max_position_embeddings", default=1024)
    return {
        **CLASSIC,
        **values,
        "d_ff": config.optional("n_inner", low=1) or 4 * values["d_model"],
        "vocab_size": config.size("vocab_size"),
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=True)),
        "position_embedding": "learned",
        "learned_positions": positions,
        "max_context_length": positions,
    }


def gpt2(config: Config) -> Values:
    """GPT-2, and GPT-3 as it is built with this class."""
    return _gpt(config)


def gpt_bigcode(config: Config) -> Values:
    """StarCoder: GPT-2 with one head of keys and values (``multi_query``)."""
    values = _gpt(config)
    return values | {"n_kv_heads": 1} if config.flag("multi_query", default=True) else values


def gpt_neox(config: Config) -> Values:
    """GPT-NeoX and Pythia: rotary positions, untied; two norms, also where attention and feed-forward are parallel."""
    bias = yes(config.flag("attention_bias", default=True))
    return {
        **CLASSIC,
        **_attention(config, ("num_hidden_layers",), ("hidden_size",), ("num_attention_heads",)),
        "d_ff": config.size("intermediate_size"),
        "vocab_size": config.size("vocab_size"),
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=False)),
        "position_embedding": "rotary",
        "learned_positions": 0,
        "qkv_bias": bias,
        "attention_output_bias": bias,
        "max_context_length": config.optional("max_position_embeddings", low=1),
    }


def opt(config: Config) -> Values:
    """OPT: learned positions and two more; the 350M model has a narrower embedding and norms behind its layers."""
    values = _attention(config, ("num_hidden_layers",), ("hidden_size",), ("num_attention_heads",))
    bias = yes(config.flag("enable_bias", default=True))
    norms = config.flag("layer_norm_elementwise_affine", default=True)
    before = config.flag("do_layer_norm_before", default=True)
    positions = config.size("max_position_embeddings", default=2048)
    narrow = config.optional("word_embed_proj_dim", low=1)
    return {
        **CLASSIC,
        **values,
        "d_ff": config.size("ffn_dim"),
        "vocab_size": config.size("vocab_size"),
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=True)),
        "position_embedding": "learned",
        "learned_positions": positions + 2,
        "qkv_bias": bias,
        "attention_output_bias": bias,
        "ffn_bias": bias,
        "norm": "layernorm" if norms else "none",
        "final_norm": yes(before and not config.flag("_remove_final_layer_norm", default=False)),
        "embedding_width": narrow if narrow not in (None, values["d_model"]) else 0,
        "max_context_length": positions,
    }


def bloom(config: Config) -> Values:
    """BLOOM: ALiBi, a norm behind the embedding, feed-forward four times as wide."""
    values = _attention(
        config, ("n_layer", "num_hidden_layers"), ("n_embed", "hidden_size"), ("n_head", "num_attention_heads")
    )
    return {
        **CLASSIC,
        **values,
        "d_ff": 4 * values["d_model"],
        "vocab_size": config.size("vocab_size"),
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=True)),
        "position_embedding": "alibi",
        "learned_positions": 0,
        "embedding_norm": "yes",
        "max_context_length": config.optional("seq_length", low=1),
    }


def falcon(config: Config) -> Values:
    """Falcon: one head of keys and values (7B), groups of them (40B), or all; one norm or two; biases or none."""
    heads = ("num_attention_heads", "n_head")
    values = _attention(config, ("num_hidden_layers", "n_layer"), ("n_embed", "hidden_size"), heads)
    new = config.flag("new_decoder_architecture", default=False)
    groups = config.optional("num_kv_heads", "n_head_kv", low=1) or values["n_heads"]
    if not new:
        groups = 1 if config.flag("multi_query", default=True) else values["n_heads"]
    elif values["n_heads"] % groups:
        config.refuse("num_kv_heads", "does not divide the query heads", groups)
    parallel = config.flag("parallel_attn", default=True)
    norms = config.optional("num_ln_in_parallel_attn", low=1) or (2 if new else 1)
    bias = yes(config.flag("bias", default=False))
    return {
        **CLASSIC,
        **values,
        "n_kv_heads": groups,
        "d_ff": config.optional("ffn_hidden_size", low=1) or 4 * values["d_model"],
        "vocab_size": config.size("vocab_size"),
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=True)),
        "position_embedding": "alibi" if config.flag("alibi", default=False) else "rotary",
        "learned_positions": 0,
        "qkv_bias": bias,
        "attention_output_bias": bias,
        "ffn_bias": bias,
        "norms_per_layer": 2 if not parallel or norms == 2 else 1,
        "max_context_length": config.optional("max_position_embeddings", low=1),
    }


def bert(config: Config) -> Values:
    """BERT with its masked-language-model head: a dense layer, a norm, the tied embedding and a bias."""
    _no_cross_attention(config)
    config.must_be("is_decoder", False, "makes another model of it, which is not counted")
    config.must_be("position_embedding_type", "absolute", "has parameters that are not counted")
    config.notes.append("With the head for masked words: dense layer, norm, tied matrix and bias; no pooler.")
    positions = config.size("max_position_embeddings", default=512)
    return {
        **CLASSIC,
        **_attention(config, ("num_hidden_layers",), ("hidden_size",), ("num_attention_heads",)),
        "d_ff": config.size("intermediate_size"),
        "vocab_size": config.size("vocab_size"),
        "tied_embeddings": yes(config.flag("tie_word_embeddings", default=True)),
        "position_embedding": "learned",
        "learned_positions": positions,
        "token_types": config.size("type_vocab_size", default=2, low=0),
        "embedding_norm": "yes",
        "final_norm": "no",
        "head_transform": "yes",
        "head_bias": "yes",
        "attention_mask": "full",
        "max_context_length": positions,
    }


def vit(config: Config) -> Values:
    """ViT with its classification head: patches, a class token, learned positions; two labels unless there are more."""
    labels = config.data.get("id2label")
    classes = len(labels) if isinstance(labels, Mapping) and labels else None
    stated = config.optional("num_labels", default=classes, low=1)
    if classes is not None and stated != classes:
        config.refuse("num_labels", "contradicts id2label", stated, str(classes))
    if stated is None:
        config.notes.append("The file names no labels: two, as in the configuration class.")
    image, patch = config.sizes("image_size", 224), config.sizes("patch_size", 16)
    if image % patch:
        config.refuse("patch_size", "does not divide image_size", patch)
    return {
        **CLASSIC,
        **_attention(config, ("num_hidden_layers",), ("hidden_size",), ("num_attention_heads",)),
        "d_ff": config.size("intermediate_size"),
        "vocab_size": 0,
        "tied_embeddings": "no",
        "position_embedding": "learned",
        "learned_positions": 0,
        "qkv_bias": yes(config.flag("qkv_bias", default=True)),
        "head_bias": "yes",
        "attention_mask": "full",
        "workload": "vision",
        "image_size": image,
        "patch_size": patch,
        "image_channels": config.size("num_channels", default=3),
        "class_token": "yes",
        "n_classes": stated or 2,
        "max_context_length": None,
    }


OTHERS: Mapping[str, Callable[[Config], Values]] = {
    "falcon": falcon,
    "gpt2": gpt2,
    "gpt_neox": gpt_neox,
    "opt": opt,
    "bloom": bloom,
    "gpt_bigcode": gpt_bigcode,
    "vit": vit,
    "bert": bert,
}
"""Families by ``model_type``; adding one is adding its function here."""
