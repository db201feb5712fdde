"""Parameters of a decoder, counted from its dimensions, and the memory that they take.

Symbols are those of :mod:`sheetgen.engine.architecture`. Weight shapes are those of the published model classes; beside
the sources of attention and experts: Radford et al. 2019 (GPT-2: biases, learned positions, tied head).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from sheetgen.engine import attention, experts
from sheetgen.engine.architecture import NORM_VECTORS, Architecture
from sheetgen.engine.arithmetic import Number, divide

BYTES_PER_GB = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCounts:
    """Parameters by part [parameter].

    ``attention_*``, ``*_matmul_parameters`` of a projection, ``ffn_*``, ``norm_*`` and ``moe_*`` are of one layer of
    their kind, ``layer_*`` of one dense layer. ``matmul`` are weights in matrix products that a token meets.
    ``moe_layers`` and ``dense_ffn_layers`` are numbers of layers, ``*_width`` widths in elements.
    """

    token_embedding_parameters: Number
    position_embedding_parameters: Number
    embedding_parameters: Number
    query_width: Number
    value_width: Number
    key_value_width: Number
    query_matmul_parameters: Number
    key_value_matmul_parameters: Number
    output_matmul_parameters: Number
    attention_matmul_parameters: Number
    attention_query_parameters: Number
    attention_key_value_parameters: Number
    attention_output_parameters: Number
    qk_norm_parameters: Number
    attention_parameters: Number
    ffn_matrices: int
    ffn_matmul_parameters: Number
    ffn_bias_parameters: Number
    ffn_parameters: Number
    norm_vectors: int
    norm_parameters: Number
    moe_layers: Number
    dense_ffn_layers: Number
    expert_parameters: Number
    router_parameters: Number
    shared_expert_parameters: Number
    moe_ffn_parameters: Number
    moe_matmul_parameters: Number
    layer_parameters: Number
    layers_parameters: Number
    final_norm_parameters: Number
    lm_head_parameters: Number
    counted_parameters: Number
    parameters: Number
    inactive_parameters: Number
    active_parameters: Number
    non_embedding_parameters: Number
    active_non_embedding_parameters: Number
    layer_matmul_parameters: Number
    layers_matmul_parameters: Number
    lm_head_matmul_parameters: Number
    matmul_parameters: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMemory:
    """Memory of weights, gradients and optimizer state against the memory of a GPU [byte]."""

    state_bytes: Number
    state_bytes_per_gpu: Number
    memory_per_gpu: Number


UNITS = (
    {field.name: "parameter" for field in fields(ParameterCounts)}
    | {"ffn_matrices": "matrix", "norm_vectors": "count", "moe_layers": "layer", "dense_ffn_layers": "layer"}
    | {"query_width": "width", "value_width": "width", "key_value_width": "width"}
    | {field.name: "byte/GPU" for field in fields(StateMemory)}
    | {"state_bytes": "byte"}
)


def norm_parameters(architecture: Architecture) -> Number:
    """One norm of width h [parameter]: h (RMSNorm), 2·h (LayerNorm) or 0."""
    return NORM_VECTORS[architecture.norm] * architecture.d_model


@lru_cache(maxsize=64)
def count_parameters(architecture: Architecture, undisclosed_parameters: Number = 0) -> ParameterCounts:
    """All parameter counts of an architecture [parameter].

    A tied head shares the embedding's matrix: it counts once as parameters, but is still a matrix product.
    ``undisclosed_parameters`` above 0 replaces the total and the active parameters where the architecture is not
    published. Active parameters are the total without the routed experts that a token does not meet (Mixtral,
    arXiv:2401.04088, section 2.1). Non-embedding parameters are the N of Kaplan et al. 2020 (arXiv:2001.08361, section
    2.1): without embeddings and head.
    """
    n_layers, dense_layers, moe_layers = architecture.n_layers, architecture.dense_ffn_layers, architecture.moe_layers
    token_embedding = architecture.vocab_size * architecture.d_model
    position_embedding = architecture.learned_positions * architecture.d_model
    embedding = token_embedding + position_embedding
    query_matmul = attention.query_matmul_parameters(architecture)
    key_value_matmul = attention.key_value_matmul_parameters(architecture)
    output_matmul = attention.output_matmul_parameters(architecture)
    attention_matmul = query_matmul + key_value_matmul + output_matmul
    query = attention.query_parameters(architecture)
    key_value = attention.key_value_parameters(architecture)
    output = attention.output_parameters(architecture)
    qk_norm = attention.qk_norm_parameters(architecture)
    attention_all = query + key_value + output + qk_norm
    ffn_matmul = experts.ffn_matmul_parameters(architecture)
    ffn = experts.ffn_parameters(architecture)
    moe_ffn = experts.moe_ffn_parameters(architecture)
    moe_matmul = experts.moe_matmul_parameters(architecture)
    norm = norm_parameters(architecture)
    norms = architecture.norms_per_layer * norm
    layers = n_layers * (attention_all + norms) + dense_layers * ffn + moe_layers * moe_ffn
    lm_head = 0 if architecture.tied_embeddings else token_embedding
    counted = embedding + layers + norm + lm_head
    inactive = experts.inactive_parameters(architecture)
    disclosed = undisclosed_parameters <= 0
    parameters = counted if disclosed else undisclosed_parameters
    active = counted - inactive if disclosed else undisclosed_parameters
    layers_matmul = n_layers * attention_matmul + dense_layers * ffn_matmul + moe_layers * moe_matmul
    return ParameterCounts(
        token_embedding_parameters=token_embedding,
        position_embedding_parameters=position_embedding,
        embedding_parameters=embedding,
        query_width=architecture.query_width,
        value_width=architecture.value_width,
        key_value_width=architecture.key_value_width,
        query_matmul_parameters=query_matmul,
        key_value_matmul_parameters=key_value_matmul,
        output_matmul_parameters=output_matmul,
        attention_matmul_parameters=attention_matmul,
        attention_query_parameters=query,
        attention_key_value_parameters=key_value,
        attention_output_parameters=output,
        qk_norm_parameters=qk_norm,
        attention_parameters=attention_all,
        ffn_matrices=architecture.ffn_matrices,
        ffn_matmul_parameters=ffn_matmul,
        ffn_bias_parameters=experts.ffn_bias_parameters(architecture),
        ffn_parameters=ffn,
        norm_vectors=NORM_VECTORS[architecture.norm],
        norm_parameters=norms,
        moe_layers=moe_layers,
        dense_ffn_layers=dense_layers,
        expert_parameters=experts.expert_parameters(architecture),
        router_parameters=experts.router_parameters(architecture),
        shared_expert_parameters=experts.shared_expert_parameters(architecture),
        moe_ffn_parameters=moe_ffn,
        moe_matmul_parameters=moe_matmul,
        layer_parameters=attention_all + ffn + norms,
        layers_parameters=layers,
        final_norm_parameters=norm,
        lm_head_parameters=lm_head,
        counted_parameters=counted,
        parameters=parameters,
        inactive_parameters=inactive,
        active_parameters=active,
        non_embedding_parameters=parameters - embedding - lm_head,
        active_non_embedding_parameters=active - embedding - lm_head,
        layer_matmul_parameters=attention_matmul + ffn_matmul,
        layers_matmul_parameters=layers_matmul,
        lm_head_matmul_parameters=token_embedding,
        matmul_parameters=layers_matmul + token_embedding,
    )


def state_memory(
    parameters: Number, state_bytes_per_parameter: Number, gpus: Number, memory_gb: Number | None
) -> StateMemory:
    """Memory of the training state, spread evenly over the GPUs, and of one GPU [byte].

    The usual 18 bytes a parameter are bf16 weights 2, fp32 gradients 4, and the fp32 master weights, first
    and second moment of Adam 12 (Megatron-LM, ``theoretical_memory_usage.py``). ``memory_gb`` is in 10^9
    bytes; None gives 0.
    """
    state = parameters * state_bytes_per_parameter
    return StateMemory(
        state_bytes=state,
        state_bytes_per_gpu=divide(state, gpus),
        memory_per_gpu=0 if memory_gb is None else memory_gb * BYTES_PER_GB,
    )
