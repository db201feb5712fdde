"""Parameters of attention in one layer: grouped heads of keys and values, or multi-head latent attention (MLA).

Grouped-query attention: Vaswani et al. 2017 (arXiv:1706.03762), Ainslie et al. 2023 (arXiv:2305.13245). MLA:
DeepSeek-V2 (arXiv:2405.04434), section 2.1 and appendix C: queries h → r_q → a·(d_nope + d_rope), or h → a·(d_nope +
d_rope) without a query rank; keys and values h → r_kv + d_rope, where the rotary key is shared by the heads, and r_kv →
a·(d_nope + d_v); output a·d_v → h; an RMSNorm on each of the two compressed vectors (section 3.1.2). Its products are
those of the ``multi_latent_attention`` branch of Megatron-LM, ``megatron/training/training.py``,
``num_floating_point_operations``.
"""

from __future__ import annotations

from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number


def query_matmul_parameters(architecture: Architecture) -> Number:
    """Weights of the query projections of one layer [parameter]: h·a·d; MLA h·r_q + r_q·a·(d_nope + d_rope).

    Without a query rank MLA projects directly, as DeepSeek-V2-Lite does: h·a·(d_nope + d_rope).
    """
    if architecture.latent and architecture.q_lora_rank > 0:
        return architecture.q_lora_rank * (architecture.d_model + architecture.query_width)
    return architecture.d_model * architecture.query_width


def key_value_matmul_parameters(architecture: Architecture) -> Number:
    """Weights of the key and value projections of one layer [parameter]: 2·h·g·d; MLA h·(r_kv + d_rope) +
    r_kv·a·(d_nope + d_v)."""
    if not architecture.latent:
        return 2 * architecture.d_model * architecture.key_value_width
    down = architecture.d_model * (architecture.kv_lora_rank + architecture.qk_rope_dim)
    heads = architecture.n_heads * (architecture.qk_nope_dim + architecture.v_head_dim)
    return down + architecture.kv_lora_rank * heads


def output_matmul_parameters(architecture: Architecture) -> Number:
    """Weights of the output projection of one layer [parameter]: a·d·h, or a·d_v·h with latent attention."""
    return architecture.value_width * architecture.d_model


def query_parameters(architecture: Architecture) -> Number:
    """Queries of one layer [parameter]: the weights; a·d biases where there are any; MLA the norm's r_q gains, and r_q
    biases where there are any (on the projection down, as in DeepSeek's model class)."""
    width = architecture.q_lora_rank if architecture.latent else architecture.query_width
    extra = width if architecture.qkv_bias else 0
    if architecture.latent:
        extra += architecture.q_lora_rank
    return query_matmul_parameters(architecture) + extra


def key_value_parameters(architecture: Architecture) -> Number:
    """Keys and values of one layer [parameter]: the weights; 2·g·d biases where there are any; MLA the norm's r_kv
    gains, and r_kv + d_rope biases where there are any."""
    if architecture.latent:
        down = architecture.kv_lora_rank + architecture.qk_rope_dim
        extra = architecture.kv_lora_rank + (down if architecture.qkv_bias else 0)
    else:
        extra = 2 * architecture.key_value_width if architecture.qkv_bias else 0
    return key_value_matmul_parameters(architecture) + extra


def output_parameters(architecture: Architecture) -> Number:
    """Output projection of one layer [parameter]: the weights, and h biases where there are any."""
    bias = architecture.d_model if architecture.attention_output_bias else 0
    return output_matmul_parameters(architecture) + bias


def qk_norm_parameters(architecture: Architecture) -> Number:
    """Gains of the query and key norms of one layer [parameter]; 0 with latent attention, whose norms are elsewhere.

    ``head``: 2·d, one gain of a head's width for the queries and one for the keys (Qwen3, arXiv:2505.09388).
    ``width``: a·d + g·d, over all heads together (OLMo 2, arXiv:2501.00656).
    """
    if architecture.latent:
        return 0
    if architecture.qk_norm == "head":
        return 2 * architecture.head_dim
    if architecture.qk_norm == "width":
        return architecture.query_width + architecture.key_value_width
    return 0


def sink_parameters(architecture: Architecture) -> Number:
    """Attention sinks of one layer [parameter]: a learned logit a head (gpt-oss, arXiv:2508.10925, section 2), or 0."""
    return architecture.n_heads if architecture.attention_sinks else 0


def dot_products(architecture: Architecture, sequence_length: Number) -> Number:
    """Output elements of the matrix products of one layer's attention, for one token.

    Queries (with a query rank twice), keys and values (latent: r_kv + d_rope, then a·(d_nope + d_v)), a·s scores, the
    weighed values and the output.
    """
    queries = architecture.query_width
    if architecture.latent:
        queries += architecture.q_lora_rank
        down = architecture.kv_lora_rank + architecture.qk_rope_dim
        keys_and_values = down + architecture.n_heads * (architecture.qk_nope_dim + architecture.v_head_dim)
    else:
        keys_and_values = 2 * architecture.key_value_width
    scores = architecture.n_heads * sequence_length
    return queries + keys_and_values + scores + architecture.value_width + architecture.d_model
