"""Parameters that one rank of a stage holds, and those of a whole stage.

A rank holds a t-th of every matrix that tensor parallelism splits (queries, keys, values and output by heads, the
feed-forward block by its width, embedding and head by the vocabulary), and whole what it does not: norms, biases
behind a sum, routers, latent projections down and their norms (Shoeybi et al. 2019, arXiv:1909.08053, section 3;
Megatron Core). Of the routed experts it holds E/e, each cut x ways. Embeddings are on the first stage, final norm and
head on the last, and so are the modules of multi-token prediction; a tied head is a second copy of the embedding where
there is more than one stage (Megatron-LM, ``language_module.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from sheetgen.engine.architecture import Workload, YesNo
from sheetgen.engine.arithmetic import Number, quotient
from sheetgen.engine.pipeline import PipelineSchedule
from sheetgen.engine.quantity import quantity
from sheetgen.engine.stages import Stages


@quantity("parameter", "deepseek-v2", helper=True)
def latent_up_parameters(
    attention: str,
    n_heads: Number,
    query_width: Number,
    d_model: Number,
    q_lora_rank: Number,
    kv_lora_rank: Number,
    qk_nope_dim: Number,
    v_head_dim: Number,
) -> Number:
    """Projections of latent attention from the ranks to the heads, of one layer; 0 with heads of keys and values."""
    if attention != "mla":
        return 0
    queries = (q_lora_rank if q_lora_rank > 0 else d_model) * query_width
    return queries + kv_lora_rank * n_heads * (qk_nope_dim + v_head_dim)


@quantity("parameter", "megatron-parallel", helper=True)
def head_split_parameters(
    attention: str,
    latent_up_parameters: Number,
    attention_query_parameters: Number,
    output_matmul_parameters: Number,
    attention_sink_parameters: Number,
) -> Number:
    """What of one layer's attention is split by query heads."""
    first = latent_up_parameters if attention == "mla" else attention_query_parameters
    return first + output_matmul_parameters + attention_sink_parameters


@quantity("count", "megatron-parallel", helper=True)
def key_value_shards(tensor_parallel: Number, n_kv_heads: Number) -> Number:
    """Ways that key-value heads are split: t, but not more than there are; the ranks beyond hold copies."""
    return min(tensor_parallel, n_kv_heads) if n_kv_heads > 0 else tensor_parallel


@quantity("parameter", "megatron-parallel")
def rank_attention_parameters(
    attention: str,
    attention_parameters: Number,
    attention_key_value_parameters: Number,
    head_split_parameters: Number,
    key_value_shards: Number,
    tensor_parallel: Number,
) -> Number:
    """Attention of one layer on a rank."""
    keys = 0 if attention == "mla" else attention_key_value_parameters
    replicated = attention_parameters - head_split_parameters - keys
    return replicated + quotient(head_split_parameters, tensor_parallel) + quotient(keys, key_value_shards)


@quantity("parameter", "megatron-parallel")
def rank_ffn_parameters(
    ffn_parameters: Number, ffn_bias_parameters: Number, d_model: Number, tensor_parallel: Number
) -> Number:
    """The dense feed-forward block of one layer on a rank; the bias behind its sum is whole."""
    replicated = d_model if ffn_bias_parameters > 0 else 0
    return replicated + quotient(ffn_parameters - replicated, tensor_parallel)


@quantity("parameter", "megatron-parallel")
def rank_shared_parameters(
    n_experts: Number,
    router_parameters: Number,
    shared_expert_parameters: Number,
    ffn_matrices: Number,
    d_model: Number,
    shared_expert_d_ff: Number,
    tensor_parallel: Number,
) -> Number:
    """What a rank holds of one layer with experts beside these: the router, and a t-th of the shared experts."""
    if n_experts <= 0:
        return 0
    split = ffn_matrices * d_model * shared_expert_d_ff
    return router_parameters + shared_expert_parameters - split + quotient(split, tensor_parallel)


@quantity("parameter", "megatron-parallel")
def rank_expert_parameters(
    n_experts: Number,
    expert_parallel: Number,
    expert_tensor_parallel: Number,
    expert_parameters: Number,
    expert_matmul_parameters: Number,
) -> Number:
    """Routed experts of one layer on a rank: E/e of them, the matrices of each cut x ways."""
    each = expert_parameters - expert_matmul_parameters + quotient(expert_matmul_parameters, expert_tensor_parallel)
    return quotient(n_experts * each, expert_parallel) if n_experts > 0 else 0


@quantity("parameter", "megatron-parallel")
def rank_embedding_parameters(
    embedding_parameters: Number, token_embedding_parameters: Number, tensor_parallel: Number
) -> Number:
    """Embeddings on a rank of the first stage: the token embedding split by the vocabulary, the rest whole."""
    return embedding_parameters - token_embedding_parameters + quotient(token_embedding_parameters, tensor_parallel)


@quantity("parameter", "megatron-pipeline", helper=True)
def head_copy_parameters(
    tied_embeddings: YesNo, token_embedding_parameters: Number, pipeline_parallel: Number
) -> Number:
    """The second copy of a tied embedding, for the head, where it stands on another stage."""
    return token_embedding_parameters if tied_embeddings == "yes" and pipeline_parallel > 1 else 0


@quantity("parameter", "megatron-parallel", helper=True)
def head_matrix_parameters(tied_embeddings: YesNo, workload: Workload, token_embedding_parameters: Number) -> Number:
    """The head's own matrix that is split by the vocabulary; 0 where it is tied, and for classes of images."""
    return 0 if tied_embeddings == "yes" or workload == "vision" else token_embedding_parameters


@quantity("parameter", "megatron-parallel")
def rank_head_parameters(
    lm_head_parameters: Number,
    final_norm_parameters: Number,
    head_matrix_parameters: Number,
    head_copy_parameters: Number,
    tensor_parallel: Number,
) -> Number:
    """Final norm and head on a rank of the last stage: its matrix split by the vocabulary, the rest whole."""
    split = head_matrix_parameters + head_copy_parameters
    return lm_head_parameters - head_matrix_parameters + final_norm_parameters + quotient(split, tensor_parallel)


@quantity("parameter", "deepseek-v3")
def rank_mtp_parameters(mtp_parameters: Number, mtp_matmul_parameters: Number, tensor_parallel: Number) -> Number:
    """Projections and norms of the modules for multi-token prediction on a rank of the last stage."""
    return mtp_parameters - mtp_matmul_parameters + quotient(mtp_matmul_parameters, tensor_parallel)


@quantity("parameter", helper=True)
def undisclosed_share(parameters: Number, counted_parameters: Number, pipeline_parallel: Number) -> Number:
    """A stage's part of parameters that no published dimension explains, spread evenly; 0 where all are counted."""
    return quotient(parameters - counted_parameters, pipeline_parallel)


def both_ways(held: Sequence[Number], pipeline_schedule: PipelineSchedule) -> Stages:
    """What a rank of each stage holds; with DualPipe, which fills the pipeline from both ends, also the opposite
    stage's (DeepSeek-V3, arXiv:2412.19437, section 3.2.1)."""
    if pipeline_schedule != "dualpipe" or len(held) == 1:
        return tuple(held)
    return tuple(own + opposite for own, opposite in zip(held, reversed(held), strict=True))


@quantity("parameter", "megatron-parallel", over="stages")
def stage_dense_parameters(
    stage_dense_blocks: Stages,
    stage_moe_layers: Stages,
    rank_attention_parameters: Number,
    norm_parameters: Number,
    rank_ffn_parameters: Number,
    rank_shared_parameters: Number,
    rank_embedding_parameters: Number,
    rank_head_parameters: Number,
    rank_mtp_parameters: Number,
    undisclosed_share: Number,
    tensor_parallel: Number,
    pipeline_schedule: PipelineSchedule,
) -> Stages:
    """Parameters of a rank of each stage, all but the routed experts."""
    block = rank_attention_parameters + norm_parameters
    spread = quotient(undisclosed_share, tensor_parallel)
    held = [
        dense * (block + rank_ffn_parameters) + moe * (block + rank_shared_parameters) + spread
        for dense, moe in zip(stage_dense_blocks, stage_moe_layers, strict=True)
    ]
    held[0] += rank_embedding_parameters
    held[-1] += rank_head_parameters + rank_mtp_parameters
    return both_ways(held, pipeline_schedule)


@quantity("parameter", "megatron-parallel", over="stages")
def stage_expert_parameters(
    stage_moe_layers: Stages, rank_expert_parameters: Number, pipeline_schedule: PipelineSchedule
) -> Stages:
    """Routed experts of a rank of each stage."""
    return both_ways([layers * rank_expert_parameters for layers in stage_moe_layers], pipeline_schedule)


@quantity("parameter", "megatron-pipeline", over="stages")
def stage_parameters(
    stage_dense_blocks: Stages,
    stage_moe_layers: Stages,
    layer_parameters: Number,
    ffn_parameters: Number,
    moe_ffn_parameters: Number,
    embedding_parameters: Number,
    final_norm_parameters: Number,
    lm_head_parameters: Number,
    head_copy_parameters: Number,
    mtp_parameters: Number,
    undisclosed_share: Number,
) -> Stages:
    """Parameters of each whole stage; their sum is the model, and the copy of a tied embedding."""
    held = [
        dense * layer_parameters + moe * (layer_parameters - ffn_parameters + moe_ffn_parameters) + undisclosed_share
        for dense, moe in zip(stage_dense_blocks, stage_moe_layers, strict=True)
    ]
    held[0] += embedding_parameters
    held[-1] += final_norm_parameters + lm_head_parameters + head_copy_parameters + mtp_parameters
    return tuple(held)
