"""Parameters of a dense decoder, counted from its dimensions, and the memory that they take.

Symbols: L layers, h model width, a query heads, g key-value heads, d head dimension (a·d need not equal h), f
width of the feed-forward block, V vocabulary. Weight shapes are those of the published model classes: Vaswani
et al. 2017 (attention, arXiv:1706.03762), Radford et al. 2019 (GPT-2: biases, learned positions, tied head),
Shazeer 2020 (gated feed-forward, arXiv:2002.05202), Ainslie et al. 2023 (grouped-query attention,
arXiv:2305.13245).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from sheetgen.engine.arithmetic import Number, divide

NORM_VECTORS = {"none": 0, "rmsnorm": 1, "layernorm": 2}
"""Vectors of the norm's width that a norm learns: RMSNorm a gain, LayerNorm a gain and a bias."""

QK_NORMS = ("none", "head", "width")
"""Norms of queries and keys: none, one head wide, shared by the heads (Qwen3), or full width (OLMo 2)."""

BYTES_PER_GB = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Dimensions of a dense decoder-only transformer. All counts; widths in elements."""

    n_layers: Number
    d_model: Number
    n_heads: Number
    n_kv_heads: Number
    head_dim: Number
    d_ff: Number
    vocab_size: Number
    learned_positions: Number
    norms_per_layer: Number
    gated_ffn: bool
    tied_embeddings: bool
    qkv_bias: bool
    attention_output_bias: bool
    ffn_bias: bool
    norm: str
    qk_norm: str

    @property
    def query_width(self) -> Number:
        """a·d, the width of all query heads together."""
        return self.n_heads * self.head_dim

    @property
    def key_value_width(self) -> Number:
        """g·d, the width of all key heads together; the value heads have the same."""
        return self.n_kv_heads * self.head_dim

    @property
    def ffn_matrices(self) -> int:
        """Matrices of a feed-forward block: gate, up and down (gated), or up and down (plain)."""
        return 3 if self.gated_ffn else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterCounts:
    """Parameters by part [parameter]; ``attention_*``, ``ffn_*``, ``norm_*`` and ``layer_*`` are of one
    layer."""

    token_embedding_parameters: Number
    position_embedding_parameters: Number
    embedding_parameters: Number
    query_width: Number
    key_value_width: Number
    attention_query_parameters: Number
    attention_key_value_parameters: Number
    attention_output_parameters: Number
    qk_norm_parameters: Number
    attention_parameters: Number
    ffn_matrices: int
    ffn_bias_parameters: Number
    ffn_parameters: Number
    norm_vectors: int
    norm_parameters: Number
    layer_parameters: Number
    layers_parameters: Number
    final_norm_parameters: Number
    lm_head_parameters: Number
    counted_parameters: Number
    parameters: Number
    active_parameters: Number
    non_embedding_parameters: Number
    layer_matmul_parameters: Number
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
    | {"ffn_matrices": "matrix", "norm_vectors": "count", "query_width": "width", "key_value_width": "width"}
    | {field.name: "byte/GPU" for field in fields(StateMemory)}
    | {"state_bytes": "byte"}
)


def query_parameters(architecture: Architecture) -> Number:
    """Query projection of one layer [parameter]: h·a·d weights, and a·d biases where there are any."""
    bias = architecture.query_width if architecture.qkv_bias else 0
    return architecture.d_model * architecture.query_width + bias


def key_value_parameters(architecture: Architecture) -> Number:
    """Key and value projections of one layer [parameter]: 2·(h·g·d), and 2·g·d biases where there are any."""
    bias = architecture.key_value_width if architecture.qkv_bias else 0
    return 2 * (architecture.d_model * architecture.key_value_width + bias)


def output_parameters(architecture: Architecture) -> Number:
    """Output projection of one layer [parameter]: a·d·h weights, and h biases where there are any."""
    bias = architecture.d_model if architecture.attention_output_bias else 0
    return architecture.query_width * architecture.d_model + bias


def qk_norm_parameters(architecture: Architecture) -> Number:
    """Gains of the query and key norms of one layer [parameter].

    ``head``: 2·d, one gain of a head's width for the queries and one for the keys (Qwen3, arXiv:2505.09388).
    ``width``: a·d + g·d, over all heads together (OLMo 2, arXiv:2501.00656).
    """
    if architecture.qk_norm == "head":
        return 2 * architecture.head_dim
    if architecture.qk_norm == "width":
        return architecture.query_width + architecture.key_value_width
    return 0


def ffn_bias_parameters(architecture: Architecture) -> Number:
    """Biases of the feed-forward block of one layer [parameter]: (m − 1)·f + h where there are any, else 0."""
    inner = (architecture.ffn_matrices - 1) * architecture.d_ff
    return inner + architecture.d_model if architecture.ffn_bias else 0


def ffn_parameters(architecture: Architecture) -> Number:
    """Feed-forward block of one layer [parameter]: m·h·f weights and its biases.

    m is 2 (up, down) or, gated, 3 (gate, up, down).
    """
    weights = architecture.ffn_matrices * architecture.d_model * architecture.d_ff
    return weights + ffn_bias_parameters(architecture)


def norm_parameters(architecture: Architecture) -> Number:
    """One norm of width h [parameter]: h (RMSNorm), 2·h (LayerNorm) or 0."""
    return NORM_VECTORS[architecture.norm] * architecture.d_model


def matmul_parameters(architecture: Architecture) -> Number:
    """Weights of one layer that stand in matrix products [parameter]: h·a·d + 2·h·g·d + a·d·h + m·h·f."""
    width = architecture.d_model
    attention = 2 * width * architecture.query_width + 2 * width * architecture.key_value_width
    return attention + architecture.ffn_matrices * width * architecture.d_ff


@lru_cache(maxsize=64)
def count_parameters(architecture: Architecture, undisclosed_parameters: Number = 0) -> ParameterCounts:
    """All parameter counts of an architecture [parameter].

    A tied head shares the embedding's matrix: it counts once as parameters, but is still a matrix product.
    ``undisclosed_parameters`` above 0 replaces the total where the architecture is not published.
    Non-embedding parameters are the N of Kaplan et al. 2020 (arXiv:2001.08361, section 2.1): without
    embeddings and head.
    """
    token_embedding = architecture.vocab_size * architecture.d_model
    position_embedding = architecture.learned_positions * architecture.d_model
    embedding = token_embedding + position_embedding
    query = query_parameters(architecture)
    key_value = key_value_parameters(architecture)
    output = output_parameters(architecture)
    qk_norm = qk_norm_parameters(architecture)
    attention = query + key_value + output + qk_norm
    ffn = ffn_parameters(architecture)
    norm = norm_parameters(architecture)
    layer = attention + ffn + architecture.norms_per_layer * norm
    layers = architecture.n_layers * layer
    lm_head = 0 if architecture.tied_embeddings else token_embedding
    counted = embedding + layers + norm + lm_head
    parameters = undisclosed_parameters if undisclosed_parameters > 0 else counted
    layer_matmul = matmul_parameters(architecture)
    return ParameterCounts(
        token_embedding_parameters=token_embedding,
        position_embedding_parameters=position_embedding,
        embedding_parameters=embedding,
        query_width=architecture.query_width,
        key_value_width=architecture.key_value_width,
        attention_query_parameters=query,
        attention_key_value_parameters=key_value,
        attention_output_parameters=output,
        qk_norm_parameters=qk_norm,
        attention_parameters=attention,
        ffn_matrices=architecture.ffn_matrices,
        ffn_bias_parameters=ffn_bias_parameters(architecture),
        ffn_parameters=ffn,
        norm_vectors=NORM_VECTORS[architecture.norm],
        norm_parameters=architecture.norms_per_layer * norm,
        layer_parameters=layer,
        layers_parameters=layers,
        final_norm_parameters=norm,
        lm_head_parameters=lm_head,
        counted_parameters=counted,
        parameters=parameters,
        active_parameters=parameters,
        non_embedding_parameters=parameters - embedding - lm_head,
        layer_matmul_parameters=layer_matmul,
        lm_head_matmul_parameters=token_embedding,
        matmul_parameters=architecture.n_layers * layer_matmul + token_embedding,
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
