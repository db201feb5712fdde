"""The tensors of a checkpoint, listed as model classes name them: a count of parameters with no code of ours in it."""

from __future__ import annotations

from math import prod

from sheetgen.catalogue.models import Model


def block(width: int, inner: int, model: Model) -> list[tuple[int, ...]]:
    """The matrices of a feed-forward block or of an expert."""
    into: tuple[int, ...] = (inner, width)
    return [into] * (2 if model.gated_ffn == "yes" else 1) + [(width, inner)]


def latent_shapes(model: Model) -> list[tuple[int, ...]]:
    """The tensors of latent attention, as DeepSeek's model classes name them."""
    hidden, rank, heads = model.d_model, model.kv_lora_rank, model.n_heads
    queries = heads * (model.qk_nope_dim + model.qk_rope_dim)
    down = [(model.q_lora_rank, hidden), (model.q_lora_rank,)] if model.q_lora_rank else []  # q_a_proj, q_a_layernorm
    return [
        *down,
        (queries, model.q_lora_rank or hidden),  # q_b_proj or q_proj
        (rank + model.qk_rope_dim, hidden),  # kv_a_proj_with_mqa
        (rank,),  # kv_a_layernorm
        (heads * (model.qk_nope_dim + model.v_head_dim), rank),  # kv_b_proj
        (hidden, heads * model.v_head_dim),  # o_proj
    ]


def tensor_shapes(model: Model) -> list[tuple[int, ...]]:
    """The shapes of a checkpoint's tensors, as its state dictionary lists them (tied matrices once)."""
    hidden, inner, vocabulary = model.d_model, model.d_ff, model.vocab_size
    queries, keys = model.n_heads * model.head_dim, model.n_kv_heads * model.head_dim
    norm: dict[str, list[tuple[int, ...]]] = {
        "rmsnorm": [(hidden,)],
        "layernorm": [(hidden,), (hidden,)],
        "none": [],
    }
    layer: list[tuple[int, ...]] = [(queries, hidden), (keys, hidden), (keys, hidden), (hidden, queries)]
    layer += [(queries,), (keys,), (keys,)] if model.qkv_bias == "yes" else []
    layer += {"none": [], "head": [(model.head_dim,)] * 2, "width": [(queries,), (keys,)]}[model.qk_norm]
    layer = latent_shapes(model) if model.attention == "mla" else layer
    layer += [(hidden,)] if model.attention_output_bias == "yes" else []
    layer += norm[model.norm] * model.norms_per_layer
    dense = block(hidden, inner, model) + ([(inner,), (hidden,)] if model.ffn_bias == "yes" else [])
    experts = block(hidden, model.expert_d_ff, model) * model.n_experts + [(model.n_experts, hidden)]
    experts += block(hidden, model.shared_expert_d_ff, model)
    experts += [(1, hidden)] if model.shared_expert_gate == "yes" else []
    sparse_layers = model.n_layers - model.dense_layers if model.n_experts else 0
    shapes = layer * model.n_layers + dense * (model.n_layers - sparse_layers) + experts * sparse_layers
    shapes += norm[model.norm] + [(vocabulary, hidden)] * (1 if model.tied_embeddings == "yes" else 2)
    return [*shapes, (model.learned_positions, hidden)]


def further_shapes(model: Model) -> list[tuple[int, ...]]:
    """The tensors that few families have, as their model classes name them; some take the place of others."""
    hidden, wide = model.d_model, model.embedding_width
    norm = [(hidden,)] * {"rmsnorm": 1, "layernorm": 2, "none": 0}[model.norm]
    shapes = norm if model.embedding_norm == "yes" else []  # word_embeddings_layernorm
    shapes = [*shapes, (model.token_types, hidden)]  # token_type_embeddings
    shapes += [(hidden, hidden), (hidden,), *norm] if model.head_transform == "yes" else []  # cls.predictions.transform
    rows = model.n_classes if model.workload == "vision" else model.vocab_size
    shapes += [(rows,)] if model.head_bias == "yes" else []
    shapes += [(model.n_layers, model.n_heads)] if model.attention_sinks == "yes" else []
    moe_layers = model.n_layers - model.dense_layers if model.n_experts else 0
    if model.expert_bias == "yes":  # gate_up_proj_bias, down_proj_bias
        shapes += [(moe_layers, model.n_experts, 2 * model.expert_d_ff), (moe_layers, model.n_experts, hidden)]
    shapes += [(moe_layers, model.n_experts)] if model.router_bias == "yes" else []
    if wide:  # embed_tokens is narrower; project_in, project_out
        shapes += [(model.vocab_size, wide), (hidden, wide), (wide, hidden)]
    if model.workload == "vision":  # patch_embeddings, cls_token, position_embeddings, classifier
        patches = (model.image_size // model.patch_size) ** 2
        shapes += [(hidden, model.image_channels, model.patch_size, model.patch_size), (hidden,), (1, hidden)]
        shapes += [(patches + 1, hidden), (model.n_classes, hidden)]
    return shapes


def left_out(model: Model) -> int:
    """What :func:`tensor_shapes` lists and this model has not: a final norm, an embedding of the model's width."""
    norms = {"rmsnorm": 1, "layernorm": 2, "none": 0}[model.norm] * model.d_model
    wide = model.vocab_size * model.d_model if model.embedding_width else 0
    return wide + (norms if model.final_norm == "no" else 0)


def count(model: Model) -> int:
    """The number of elements of a checkpoint."""
    shapes = tensor_shapes(model) + further_shapes(model)
    return sum(prod(shape) for shape in shapes) - left_out(model)
