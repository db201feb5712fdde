"""Parameters of attention in one layer: grouped heads of keys and values, or multi-head latent attention (MLA).

Grouped-query attention: Vaswani et al. 2017 (arXiv:1706.03762), Ainslie et al. 2023 (arXiv:2305.13245). MLA:
DeepSeek-V2 (arXiv:2405.04434), section 2.1 and appendix C: queries h → r_q → a·(d_nope + d_rope), or h → a·(d_nope +
d_rope) without a query rank; keys and values h → r_kv + d_rope, where the rotary key is shared by the heads, and r_kv →
a·(d_nope + d_v); output a·d_v → h; an RMSNorm on each of the two compressed vectors (section 3.1.2). Its products are
those of the ``multi_latent_attention`` branch of Megatron-LM, ``megatron/training/training.py``,
``num_floating_point_operations``.

A kind of attention is one function that gives :class:`Heads`; a further kind is one more function, named in
:data:`ATTENTIONS`.
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.architecture import QkNorm, YesNo
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import FAIL, check, look_up, part, quantity

ATTENTIONS = ("gqa", "mla")
"""Kinds of attention: heads of keys and values (multi-head, grouped, multi-query), or multi-head latent attention."""


class Heads(NamedTuple):
    """What a kind of attention has in one layer.

    Widths are of all heads together, ``*_vectors`` biases and norms beside the weights of the products, ``cached`` the
    numbers that generation keeps of a token, ``inner_products`` output elements of the products that make queries, keys
    and values of one token.
    """

    query_width: Number
    value_width: Number
    key_value_width: Number
    query_weights: Number
    key_value_weights: Number
    query_vectors: Number
    key_value_vectors: Number
    qk_norm: Number
    cached: Number
    inner_products: Number


@quantity("record", "ainslie2023", helper=True)
def heads_gqa(
    d_model: Number, n_heads: Number, n_kv_heads: Number, head_dim: Number, qkv_bias: YesNo, qk_norm: QkNorm
) -> Heads:
    """Heads of keys and values, each shared by a group of query heads.

    Queries h·a·d, keys and values 2·h·g·d; biases a·d and 2·g·d where there are any. Norms of queries and keys:
    ``head`` 2·d, one gain of a head's width for each (Qwen3, arXiv:2505.09388); ``width`` a·d + g·d, over all heads
    together (OLMo 2, arXiv:2501.00656).
    """
    queries, keys = n_heads * head_dim, n_kv_heads * head_dim
    return Heads(
        query_width=queries,
        value_width=queries,
        key_value_width=keys,
        query_weights=d_model * queries,
        key_value_weights=2 * d_model * keys,
        query_vectors=queries if qkv_bias == "yes" else 0,
        key_value_vectors=2 * keys if qkv_bias == "yes" else 0,
        qk_norm={"none": 0, "head": 2 * head_dim, "width": queries + keys}[qk_norm],
        cached=2 * keys,
        inner_products=queries + 2 * keys,
    )


@quantity("record", "deepseek-v2", helper=True)
def heads_mla(
    d_model: Number, n_heads: Number, q_lora_rank: Number, kv_lora_rank: Number, qk_nope_dim: Number,
    qk_rope_dim: Number, v_head_dim: Number, qkv_bias: YesNo,
) -> Heads:  # fmt: skip
    """Latent attention: keys and values of all heads are expanded from one compressed vector.

    Queries h·r_q + r_q·a·(d_nope + d_rope), or h·a·(d_nope + d_rope) without a query rank (DeepSeek-V2-Lite); keys and
    values h·(r_kv + d_rope) + r_kv·a·(d_nope + d_v). The norms of the two latents have r_q and r_kv gains, and the two
    projections down r_q and r_kv + d_rope biases where there are any, as in DeepSeek's model class.
    """
    queries, down = n_heads * (qk_nope_dim + qk_rope_dim), kv_lora_rank + qk_rope_dim
    expanded = n_heads * (qk_nope_dim + v_head_dim)
    biased = qkv_bias == "yes"
    return Heads(
        query_width=queries,
        value_width=n_heads * v_head_dim,
        key_value_width=0,
        query_weights=q_lora_rank * (d_model + queries) if q_lora_rank > 0 else d_model * queries,
        key_value_weights=d_model * down + kv_lora_rank * expanded,
        query_vectors=(q_lora_rank if biased else 0) + q_lora_rank,
        key_value_vectors=kv_lora_rank + (down if biased else 0),
        qk_norm=0,
        cached=down,
        inner_products=queries + q_lora_rank + (down + expanded),
    )


heads = look_up("heads", "attention", "heads_{}", ATTENTIONS, "record", "The attention of the model.", helper=True)

query_width = part(
    heads, "query_width", "query_width", "width",
    "Width of all query heads together: a·d, or a·(d_nope + d_rope) with latent attention.", "vaswani2017",
)  # fmt: skip
value_width = part(
    heads, "value_width", "value_width", "width",
    "Width of the values that all query heads weigh, together: a·d, or a·d_v with latent attention.", "vaswani2017",
)  # fmt: skip
key_value_width = part(
    heads, "key_value_width", "key_value_width", "width",
    "g·d, the width of all key heads together, and of the value heads; 0 with latent attention.", "ainslie2023",
)  # fmt: skip
query_matmul_parameters = part(
    heads, "query_weights", "query_matmul_parameters", "parameter",
    "Weights of the query projections of one layer.", "deepseek-v2",
)  # fmt: skip
key_value_matmul_parameters = part(
    heads, "key_value_weights", "key_value_matmul_parameters", "parameter",
    "Weights of the key and value projections of one layer.", "ainslie2023",
)  # fmt: skip


@quantity("parameter", "vaswani2017")
def output_matmul_parameters(value_width: Number, d_model: Number) -> Number:
    """Weights of the output projection of one layer: a·d·h, or a·d_v·h with latent attention."""
    return value_width * d_model


@quantity("parameter", "pytorch")
def attention_matmul_parameters(
    query_matmul_parameters: Number, key_value_matmul_parameters: Number, output_matmul_parameters: Number
) -> Number:
    """Weights of attention in matrix products, one layer."""
    return query_matmul_parameters + key_value_matmul_parameters + output_matmul_parameters


@quantity("parameter", "vaswani2017")
def attention_query_parameters(query_matmul_parameters: Number, heads: Heads) -> Number:
    """Queries of one layer: weights, biases, and the norm of their latent."""
    return query_matmul_parameters + heads.query_vectors


@quantity("parameter", "ainslie2023")
def attention_key_value_parameters(key_value_matmul_parameters: Number, heads: Heads) -> Number:
    """Keys and values of one layer: weights, biases, and the norm of their latent."""
    return key_value_matmul_parameters + heads.key_value_vectors


@quantity("parameter", "vaswani2017")
def attention_output_parameters(
    output_matmul_parameters: Number, attention_output_bias: YesNo, d_model: Number
) -> Number:
    """Output projection of one layer: the weights, and h biases where there are any."""
    return output_matmul_parameters + (d_model if attention_output_bias == "yes" else 0)


qk_norm_parameters = part(
    heads, "qk_norm", "qk_norm_parameters", "parameter",
    "Gains of the query and key norms of one layer; 0 with latent attention, whose norms are elsewhere.", "zhang2019",
)  # fmt: skip


@quantity("parameter", "gpt-oss")
def attention_sink_parameters(attention_sinks: YesNo, n_heads: Number) -> Number:
    """Attention sinks of one layer: a learned logit a head (gpt-oss, arXiv:2508.10925, section 2), or 0."""
    return n_heads if attention_sinks == "yes" else 0


@quantity("parameter", "vaswani2017")
def attention_parameters(
    attention_query_parameters: Number, attention_key_value_parameters: Number, attention_output_parameters: Number,
    qk_norm_parameters: Number, attention_sink_parameters: Number,
) -> Number:  # fmt: skip
    """All of attention, one layer."""
    projections = attention_query_parameters + attention_key_value_parameters + attention_output_parameters
    return projections + qk_norm_parameters + attention_sink_parameters


@quantity("count", "matrix-product", helper=True)
def attention_dot_products(heads: Heads, n_heads: Number, sequence_length: Number, d_model: Number) -> Number:
    """Output elements of the matrix products of one layer's attention, for one token: queries, keys and values, a·s
    scores, the weighed values and the output."""
    return heads.inner_products + n_heads * sequence_length + heads.value_width + d_model


@check(FAIL)
def check_head_groups(attention: str, n_heads: Number, n_kv_heads: Number) -> bool:
    """Every key-value head serves the same number of query heads; an architecture without heads passes, and so does
    latent attention, which does not group them."""
    return attention == "mla" or n_heads == 0 or (n_kv_heads != 0 and n_heads % n_kv_heads == 0)


@check(FAIL)
def check_latent_attention(
    attention: str, kv_lora_rank: Number, qk_nope_dim: Number, qk_rope_dim: Number, v_head_dim: Number
) -> bool:
    """Latent attention has a rank of keys and values, and heads of queries and of values that are not empty."""
    return attention != "mla" or 0 not in (kv_lora_rank, qk_nope_dim + qk_rope_dim, v_head_dim)
