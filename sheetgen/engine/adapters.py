"""States of training with adapters: LoRA on frozen 16-bit weights, QLoRA on 4-bit ones.

Each linear matrix of the layers gets two of rank r, r·(inputs + outputs) parameters; only these have gradients and an
optimizer (Hu et al. 2022, LoRA, arXiv:2106.09685, section 4). QLoRA keeps the frozen matrices of the layers in
NormalFloat 4 with double quantisation, 4.127 bits a weight, and embedding, head and norms in 16 bits (Dettmers et al.
2023, arXiv:2305.14314, section 3). Activations mostly remain: a frozen layer still passes gradients on.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import quantity

NF4_BITS = 4 + 8 / 64 + 32 / (64 * 256)
"""Bits of a weight: 4, an 8-bit constant for 64 weights, and an fp32 constant for 256 of those."""

SINGLE_QUANTISATION_BITS = 4 + 32 / 64
"""Bits of a weight without double quantisation: an fp32 constant for 64 weights."""

BITS_PER_BYTE = 8
FROZEN_BYTES = 2


@quantity("width", "lora2022", helper=True)
def attention_widths(
    attention: str,
    d_model: Number,
    query_width: Number,
    key_value_width: Number,
    value_width: Number,
    q_lora_rank: Number,
    kv_lora_rank: Number,
    qk_nope_dim: Number,
    qk_rope_dim: Number,
    v_head_dim: Number,
    n_heads: Number,
) -> Number:
    """Inputs and outputs of the linear matrices of one layer's attention, summed."""
    output = value_width + d_model
    if attention != "mla":
        return 3 * d_model + query_width + 2 * key_value_width + output
    queries = d_model + query_width + 2 * q_lora_rank
    down = d_model + kv_lora_rank + qk_rope_dim
    return queries + down + kv_lora_rank + n_heads * (qk_nope_dim + v_head_dim) + output


@quantity("parameter", "lora2022")
def adapter_parameters(
    lora_rank: Number,
    transformer_blocks: Number,
    dense_ffn_layers: Number,
    moe_layers: Number,
    attention_widths: Number,
    ffn_matrices: Number,
    d_model: Number,
    d_ff: Number,
    n_experts: Number,
    expert_d_ff: Number,
    shared_expert_d_ff: Number,
) -> Number:
    """Adapters on every linear matrix of the layers: r·Σ(inputs + outputs)."""
    dense = ffn_matrices * (d_model + d_ff)
    routed = n_experts * ffn_matrices * (d_model + expert_d_ff)
    shared = ffn_matrices * (d_model + shared_expert_d_ff) if shared_expert_d_ff > 0 else 0
    blocks = transformer_blocks * attention_widths + dense_ffn_layers * dense + moe_layers * (routed + shared)
    return lora_rank * blocks


@quantity("parameter", "qlora2023", helper=True)
def linear_parameters(
    transformer_blocks: Number,
    attention_matmul_parameters: Number,
    dense_ffn_layers: Number,
    ffn_matmul_parameters: Number,
    moe_layers: Number,
    n_experts: Number,
    expert_matmul_parameters: Number,
    shared_expert_matmul_parameters: Number,
) -> Number:
    """Weights of the linear matrices of all layers, every expert included."""
    experts = n_experts * expert_matmul_parameters + shared_expert_matmul_parameters
    dense = dense_ffn_layers * ffn_matmul_parameters
    return transformer_blocks * attention_matmul_parameters + dense + moe_layers * experts


@quantity("byte", "lora2022")
def adapter_states(adapter_parameters: Number, adapter_bytes: Number) -> Number:
    """Weights, gradients and optimizer of the adapters."""
    return adapter_parameters * adapter_bytes


@quantity("byte", "lora2022")
def lora_states(parameters: Number, adapter_states: Number) -> Number:
    """States of LoRA on one accelerator: frozen weights in 16 bits, and the adapters'."""
    return FROZEN_BYTES * parameters + adapter_states


@quantity("byte", "qlora2023")
def quantised_weights(parameters: Number, linear_parameters: Number) -> Number:
    """Frozen weights of QLoRA: linear matrices of the layers in 4.127 bits, the rest in 16."""
    return linear_parameters * NF4_BITS / BITS_PER_BYTE + FROZEN_BYTES * (parameters - linear_parameters)


@quantity("byte", "qlora2023")
def qlora_states(quantised_weights: Number, adapter_states: Number) -> Number:
    """States of QLoRA on one accelerator: the quantised frozen weights, and the adapters'."""
    return quantised_weights + adapter_states


@quantity("byte", "qlora2023")
def double_quantisation_saves(parameters: Number) -> Number:
    """What quantising the constants, too, saves: 0.373 bits a parameter."""
    return (SINGLE_QUANTISATION_BITS - NF4_BITS) * parameters / BITS_PER_BYTE
