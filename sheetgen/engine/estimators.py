"""What other tools print of the same model and layout, so that a reader can tell why their figure is another one.

Megatron-LM's report (``megatron/training/theoretical_memory_usage.py``) gives the most loaded shard on average layers,
and activations by the rule of Korthikanti et al. without scores: full recomputation, gates, grouped and latent heads
and experts leave its activations as they are. DeepSpeed's estimators (``deepspeed/runtime/zero``,
``estimate_zero2_model_states_mem_needs`` and ``..zero3..``) count states alone, spread over all accelerators; stage 2
counts the weights twice.
"""

from __future__ import annotations

from sheetgen.engine.architecture import YesNo
from sheetgen.engine.arithmetic import Number, divide, quotient
from sheetgen.engine.quantity import quantity

REPORT_GRADIENTS_AND_WEIGHTS, REPORT_OPTIMIZER = 6, 12
DEEPSPEED_STATE, DEEPSPEED_WEIGHT, DEEPSPEED_LIVE = 18, 2, 4


@quantity("parameter", "megatron-memory")
def report_dense_parameters(
    n_layers: Number,
    attention_matmul_parameters: Number,
    dense_ffn_layers: Number,
    ffn_matmul_parameters: Number,
    moe_layers: Number,
    shared_expert_matmul_parameters: Number,
    router_parameters: Number,
    d_model: Number,
    vocab_size: Number,
    tied_embeddings: YesNo,
    norm_vectors: Number,
    pipeline_parallel: Number,
    tensor_parallel: Number,
) -> Number:
    """The most loaded shard by Megatron-LM's report, routed experts left out: a p-th of all blocks and an embedding,
    the head, too, where there is one stage and it is not tied; norms and routers whole."""
    blocks = n_layers * attention_matmul_parameters + dense_ffn_layers * ffn_matmul_parameters
    blocks += moe_layers * shared_expert_matmul_parameters
    whole = (2 * n_layers + 1) * norm_vectors * d_model + moe_layers * router_parameters
    embedding = vocab_size * d_model * (2 if pipeline_parallel == 1 and tied_embeddings != "yes" else 1)
    return quotient(quotient(blocks, pipeline_parallel) + embedding, tensor_parallel) + quotient(
        whole, pipeline_parallel
    )


@quantity("parameter", "megatron-memory")
def report_expert_parameters(
    moe_layers: Number,
    n_experts: Number,
    expert_matmul_parameters: Number,
    pipeline_parallel: Number,
    expert_parallel: Number,
    expert_tensor_parallel: Number,
) -> Number:
    """Routed experts of the most loaded shard by Megatron-LM's report."""
    shards = pipeline_parallel * expert_parallel * expert_tensor_parallel
    return quotient(moe_layers * n_experts * expert_matmul_parameters, shards)


@quantity("byte", "megatron-memory")
def report_states(
    report_dense_parameters: Number,
    report_expert_parameters: Number,
    zero_stage: Number,
    dense_shards: Number,
    expert_shards: Number,
) -> Number:
    """Weights and optimizer as Megatron-LM's report prints them: 18 bytes a parameter, 6 + 12/D with a distributed
    optimizer."""
    dense, routed = (dense_shards, expert_shards) if zero_stage >= 1 else (1, 1)
    own = report_dense_parameters * (REPORT_GRADIENTS_AND_WEIGHTS + divide(REPORT_OPTIMIZER, dense))
    return own + report_expert_parameters * (REPORT_GRADIENTS_AND_WEIGHTS + divide(REPORT_OPTIMIZER, routed))


@quantity("byte", "megatron-memory")
def report_activations(
    microbatch_tokens: Number,
    n_layers: Number,
    d_model: Number,
    d_ff: Number,
    vocab_size: Number,
    pipeline_parallel: Number,
    virtual_stages: Number,
    microbatches: Number,
    tensor_parallel: Number,
) -> Number:
    """Activations of the first stage as Megatron-LM's report prints them, whatever is recomputed: (18·h + 4·f)·L + (8 +
    h)·p a token, a head of 4·(h + V) where there is one stage, all split t ways."""
    stages = pipeline_parallel
    per_token = (18 * d_model + 4 * d_ff) * n_layers + (8 + d_model) * stages
    if virtual_stages > 1:
        per_token = per_token * (1 + divide(stages - 1, stages * virtual_stages))
    elif stages > 1:
        per_token = per_token * min(1, divide(microbatches, stages))
    head = 4 * (d_model + vocab_size) if stages == 1 else 0
    return quotient((per_token + head) * microbatch_tokens, tensor_parallel)


@quantity("parameter", "deepspeed-memory")
def largest_module_parameters(
    token_embedding_parameters: Number,
    d_model: Number,
    d_ff: Number,
    expert_d_ff: Number,
    query_width: Number,
    value_width: Number,
) -> Number:
    """The largest single module, which is the largest layer of DeepSpeed's estimator: most often the embedding."""
    return max(token_embedding_parameters, d_model * max(d_ff, expert_d_ff, query_width, value_width))


@quantity("byte", "deepspeed-memory")
def deepspeed_zero_2(parameters: Number, gpus: Number) -> Number:
    """DeepSpeed's estimate for stage 2: 2·N + 18·N/n."""
    return DEEPSPEED_WEIGHT * parameters + quotient(DEEPSPEED_STATE * parameters, gpus)


@quantity("byte", "deepspeed-memory")
def deepspeed_zero_2_offload(parameters: Number) -> Number:
    """DeepSpeed's estimate for stage 2 with the optimizer on the host: 2·N."""
    return DEEPSPEED_WEIGHT * parameters


@quantity("byte", "deepspeed-memory")
def deepspeed_zero_3(largest_module_parameters: Number, parameters: Number, gpus: Number) -> Number:
    """DeepSpeed's estimate for stage 3: 4 bytes of the largest layer + 18·N/n."""
    return DEEPSPEED_LIVE * largest_module_parameters + quotient(DEEPSPEED_STATE * parameters, gpus)


@quantity("byte", "deepspeed-memory")
def deepspeed_zero_3_offload(largest_module_parameters: Number, parameters: Number, gpus: Number) -> Number:
    """DeepSpeed's estimate for stage 3 with the optimizer on the host: 4 bytes of the largest layer + 2·N/n."""
    return DEEPSPEED_LIVE * largest_module_parameters + quotient(DEEPSPEED_WEIGHT * parameters, gpus)


@quantity("byte", "deepspeed-memory")
def deepspeed_zero_3_infinity(largest_module_parameters: Number) -> Number:
    """DeepSpeed's estimate for stage 3 with optimizer and weights on the host: 4 bytes of the largest layer."""
    return DEEPSPEED_LIVE * largest_module_parameters


@quantity("byte/parameter", "zero2020")
def state_bytes_per_parameter_kept(
    weight_bytes: Number, gradient_bytes: Number, optimizer_bytes: Number, zero_stage: Number, dense_shards: Number
) -> float:
    """States that a rank keeps of each parameter of its shard."""
    sizes = (weight_bytes, gradient_bytes, optimizer_bytes)
    return sum(divide(size, dense_shards if zero_stage >= 3 - place else 1) for place, size in enumerate(sizes))


@quantity("parameter", "zero2020")
def largest_parameters(
    memory_per_gpu: Number, tensor_parallel: Number, pipeline_parallel: Number, state_bytes_per_parameter_kept: float
) -> float:
    """The largest model whose states alone fit the accelerators, evenly split: memory·t·p over the bytes kept."""
    return divide(memory_per_gpu * tensor_parallel * pipeline_parallel, state_bytes_per_parameter_kept)


@quantity("byte", "megatron-memory")
def checkpoint_weights_bytes(parameters: Number, weight_bytes: Number) -> Number:
    """A checkpoint of the weights alone, in the precision of the compute."""
    return parameters * weight_bytes
