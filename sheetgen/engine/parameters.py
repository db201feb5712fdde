"""Parameters of a transformer, counted from its dimensions, and the memory that they take.

Symbols are those of :mod:`sheetgen.engine.architecture`. Weight shapes are those of the published model classes; beside
the sources of attention and experts: Radford et al. 2019 (GPT-2: biases, learned positions, tied head), Devlin et al.
2019 (BERT: token types, norm behind the embedding, dense layer and bias at the head), Zhang et al. 2022 (OPT: embedding
of another width), Dosovitskiy et al. 2021 (ViT), DeepSeek-V3 (multi-token prediction).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from sheetgen.engine import attention, experts
from sheetgen.engine.architecture import NORM_VECTORS, Architecture
from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.sequence import class_tokens, image_patches

BYTES_PER_GB = 1e9


class ParameterCounts(NamedTuple):
    """Parameters by part [parameter].

    ``attention_*``, ``*_matmul_parameters`` of a projection, ``ffn_*``, ``norm_*`` and ``moe_*`` are of one layer of
    their kind, ``layer_*`` of one dense layer. ``matmul`` are weights in matrix products that a token meets.
    ``moe_layers``, ``dense_ffn_layers`` and ``transformer_blocks`` are numbers of layers, ``*_width`` widths in
    elements; ``head_passes`` is how often the head runs over a token.
    """

    embedding_width_used: Number
    token_embedding_parameters: Number
    embedding_projection_parameters: Number
    patch_embedding_parameters: Number
    class_token_parameters: Number
    position_embedding_parameters: Number
    token_type_parameters: Number
    embedding_norm_parameters: Number
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
    attention_sink_parameters: Number
    attention_parameters: Number
    ffn_matrices: int
    ffn_matmul_parameters: Number
    ffn_bias_parameters: Number
    ffn_parameters: Number
    norm_vectors: int
    norm_parameters: Number
    transformer_blocks: Number
    moe_layers: Number
    dense_ffn_layers: Number
    expert_matmul_parameters: Number
    expert_parameters: Number
    router_parameters: Number
    shared_expert_matmul_parameters: Number
    shared_expert_parameters: Number
    moe_ffn_parameters: Number
    moe_matmul_parameters: Number
    layer_parameters: Number
    layers_parameters: Number
    mtp_parameters: Number
    final_norm_parameters: Number
    head_transform_parameters: Number
    head_projection_parameters: Number
    head_bias_parameters: Number
    lm_head_parameters: Number
    counted_parameters: Number
    parameters: Number
    inactive_parameters: Number
    active_parameters: Number
    non_embedding_parameters: Number
    active_non_embedding_parameters: Number
    layer_matmul_parameters: Number
    layers_matmul_parameters: Number
    mtp_matmul_parameters: Number
    embedding_matmul_parameters: Number
    lm_head_matmul_parameters: Number
    head_passes: Number
    matmul_parameters: Number


class StateMemory(NamedTuple):
    """Memory of weights, gradients and optimizer state against the memory of a GPU [byte]."""

    state_bytes: Number
    state_bytes_per_gpu: Number
    memory_per_gpu: Number


UNITS = (
    dict.fromkeys(ParameterCounts._fields, "parameter")
    | {"ffn_matrices": "matrix", "norm_vectors": "count", "moe_layers": "layer", "dense_ffn_layers": "layer"}
    | {"transformer_blocks": "layer", "embedding_width_used": "width", "head_passes": "count"}
    | {"query_width": "width", "value_width": "width", "key_value_width": "width"}
    | dict.fromkeys(StateMemory._fields, "byte/GPU")
    | {"state_bytes": "byte"}
)


def embedding_parts(architecture: Architecture) -> dict[str, Number]:
    """Parameters of the input side by part [parameter], by the keys of :class:`ParameterCounts`.

    Tokens V·e and, where e ≠ h, a projection e·h; patches p²·C·h weights and h biases; a class token, learned positions
    (of an image one a token of its sequence) and token types, h each; a norm.
    """
    width = architecture.d_model
    positions: Number = 0
    if architecture.position_embedding == "learned":
        image = image_patches(architecture) + class_tokens(architecture)
        positions = image if architecture.vision else architecture.learned_positions
    return {
        "token_embedding_parameters": architecture.vocab_size * architecture.token_width,
        "embedding_projection_parameters": architecture.token_width * width if architecture.projected else 0,
        "patch_embedding_parameters": patch_weights(architecture) + (width if architecture.vision else 0),
        "class_token_parameters": class_tokens(architecture) * width,
        "position_embedding_parameters": positions * width,
        "token_type_parameters": architecture.token_types * width,
        "embedding_norm_parameters": architecture.norm_width if architecture.embedding_norm else 0,
    }


def patch_weights(architecture: Architecture) -> Number:
    """Weights of the patch embedding [parameter]: p²·C·h; 0 for text."""
    if not architecture.vision:
        return 0
    return architecture.patch_size**2 * architecture.image_channels * architecture.d_model


def head_parts(architecture: Architecture) -> dict[str, Number]:
    """Parameters of the head by part [parameter]: matrix (0 where tied), dense layer before it, projection, bias.

    The dense layer is BERT's: h² weights, h biases and a norm. Classes of images have a matrix of their own, K·h.
    """
    width, vision = architecture.d_model, architecture.vision
    rows = architecture.n_classes if vision else architecture.vocab_size
    matrix = rows * (width if vision else architecture.token_width)
    transform = width * width + width + architecture.norm_width
    return {
        "matrix": matrix if vision or not architecture.tied_embeddings else 0,
        "head_transform_parameters": transform if architecture.head_transform else 0,
        "head_projection_parameters": architecture.token_width * width if architecture.projected else 0,
        "head_bias_parameters": rows if architecture.head_bias else 0,
    }


def head_matmul_parameters(architecture: Architecture) -> Number:
    """Weights that one pass of the head multiplies [parameter], the tied matrix included."""
    width = architecture.d_model
    transform = width * width if architecture.head_transform else 0
    if architecture.vision:
        return architecture.n_classes * width + transform
    projection = architecture.token_width * width if architecture.projected else 0
    return architecture.vocab_size * architecture.token_width + projection + transform


@lru_cache(maxsize=64)
def count_parameters(architecture: Architecture, undisclosed_parameters: Number = 0) -> ParameterCounts:
    """All parameter counts of an architecture [parameter].

    A tied head shares the embedding's matrix: it counts once as parameters, but is still a matrix product.
    ``undisclosed_parameters`` above 0 replaces the total and the active parameters where the architecture is not
    published. Active parameters are the total without the routed experts that a token does not meet (Mixtral,
    arXiv:2401.04088, section 2.1). Non-embedding parameters are the N of Kaplan et al. 2020 (arXiv:2001.08361, section
    2.1): without embeddings and head. An image's learned positions follow from its patches.
    """
    blocks, dense_layers, moe_layers = architecture.blocks, architecture.dense_ffn_layers, architecture.moe_layers
    embeddings = embedding_parts(architecture)
    embedding = sum(embeddings.values())
    query_matmul = attention.query_matmul_parameters(architecture)
    key_value_matmul = attention.key_value_matmul_parameters(architecture)
    output_matmul = attention.output_matmul_parameters(architecture)
    attention_matmul = query_matmul + key_value_matmul + output_matmul
    query = attention.query_parameters(architecture)
    key_value = attention.key_value_parameters(architecture)
    output = attention.output_parameters(architecture)
    qk_norm = attention.qk_norm_parameters(architecture)
    sinks = attention.sink_parameters(architecture)
    attention_all = query + key_value + output + qk_norm + sinks
    ffn_matmul = experts.ffn_matmul_parameters(architecture)
    ffn = experts.ffn_parameters(architecture)
    moe_ffn = experts.moe_ffn_parameters(architecture)
    moe_matmul = experts.moe_matmul_parameters(architecture)
    norms = architecture.norms_per_layer * architecture.norm_width
    layers = blocks * (attention_all + norms) + dense_layers * ffn + moe_layers * moe_ffn
    width, modules = architecture.d_model, architecture.mtp_layers
    prediction = modules * (2 * width * width + 3 * architecture.norm_width)
    final_norm = architecture.norm_width if architecture.final_norm else 0
    head = head_parts(architecture)
    lm_head = sum(head.values())
    counted = embedding + layers + prediction + final_norm + lm_head
    inactive = experts.inactive_parameters(architecture)
    disclosed = undisclosed_parameters <= 0
    parameters = counted if disclosed else undisclosed_parameters
    active = counted - inactive if disclosed else undisclosed_parameters
    layers_matmul = blocks * attention_matmul + dense_layers * ffn_matmul + moe_layers * moe_matmul
    prediction_matmul = modules * 2 * width * width
    embedding_matmul = embeddings["embedding_projection_parameters"]
    if architecture.vision:
        embedding_matmul = patch_weights(architecture)
    head_matmul = head_matmul_parameters(architecture)
    return ParameterCounts(
        **embeddings,
        embedding_width_used=architecture.token_width,
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
        attention_sink_parameters=sinks,
        attention_parameters=attention_all,
        ffn_matrices=architecture.ffn_matrices,
        ffn_matmul_parameters=ffn_matmul,
        ffn_bias_parameters=experts.ffn_bias_parameters(architecture),
        ffn_parameters=ffn,
        norm_vectors=NORM_VECTORS[architecture.norm],
        norm_parameters=norms,
        transformer_blocks=blocks,
        moe_layers=moe_layers,
        dense_ffn_layers=dense_layers,
        expert_matmul_parameters=experts.expert_matmul_parameters(architecture),
        expert_parameters=experts.expert_parameters(architecture),
        router_parameters=experts.router_parameters(architecture),
        shared_expert_matmul_parameters=experts.shared_expert_matmul_parameters(architecture),
        shared_expert_parameters=experts.shared_expert_parameters(architecture),
        moe_ffn_parameters=moe_ffn,
        moe_matmul_parameters=moe_matmul,
        layer_parameters=attention_all + ffn + norms,
        layers_parameters=layers,
        mtp_parameters=prediction,
        final_norm_parameters=final_norm,
        head_transform_parameters=head["head_transform_parameters"],
        head_projection_parameters=head["head_projection_parameters"],
        head_bias_parameters=head["head_bias_parameters"],
        lm_head_parameters=lm_head,
        counted_parameters=counted,
        parameters=parameters,
        inactive_parameters=inactive,
        active_parameters=active,
        non_embedding_parameters=parameters - embedding - lm_head,
        active_non_embedding_parameters=active - embedding - lm_head,
        layer_matmul_parameters=attention_matmul + ffn_matmul,
        layers_matmul_parameters=layers_matmul,
        mtp_matmul_parameters=prediction_matmul,
        embedding_matmul_parameters=embedding_matmul,
        lm_head_matmul_parameters=head_matmul,
        head_passes=1 + modules if architecture.mtp_logits else 1,
        matmul_parameters=layers_matmul + prediction_matmul + embedding_matmul + head_matmul,
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
