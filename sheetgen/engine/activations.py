"""Activations that a layer keeps for the backward pass, in bytes per token of a microbatch, by three named rules.

``fused`` is Megatron Core with Transformer Engine and FlashAttention, without dropout: the inputs of norms, linear
layers and the activation function, queries, keys, values, the output of attention and its softmax statistics.
``korthikanti`` is Korthikanti et al. 2022 (arXiv:2205.05198), table 2: unfused kernels with dropout, and the s×s
scores; its 34·h is 18·h + 4·f whatever heads and gates, as Megatron-LM's own report counts. ``hf`` and ``hf_eager`` are
the modules of transformers with PyTorch's fused or plain attention, counted with ``saved_tensors_hooks`` on Llama's
block: an unfused RMSNorm keeps a copy in fp32, plain attention repeats keys and values.

What tensor parallelism does not split is split t ways with sequence parallelism (the same paper, section 4.2.2).
Selective recomputation saves the scores, so nothing where FlashAttention keeps none; full recomputation keeps the
layer's input.
"""

from __future__ import annotations

from typing import Literal

from sheetgen.engine.architecture import Workload, YesNo
from sheetgen.engine.arithmetic import Number, quotient, whole
from sheetgen.engine.communication import ContextExchange
from sheetgen.engine.quantity import quantity

FUSED, KORTHIKANTI, HF_EAGER = "fused", "korthikanti", "hf_eager"
ActivationRule = Literal["fused", "korthikanti", "hf", "hf_eager"]


@quantity("byte/token", "korthikanti2022", helper=True)
def score_activations(
    activation_rule: ActivationRule,
    recomputation: str,
    n_heads: Number,
    sequence_length: Number,
    tensor_parallel: Number,
) -> Number:
    """Scores over the whole sequence, their softmax and its dropout in one layer: 5·a·s, plain attention of
    transformers 6·a·s; 0 where the kernel keeps none or they are computed again."""
    sizes = {KORTHIKANTI: 5, HF_EAGER: 6}
    if recomputation != "none" or activation_rule not in sizes:
        return 0
    return quotient(sizes[activation_rule] * n_heads * sequence_length, tensor_parallel)


@quantity("byte/token", "te-fused", helper=True)
def head_activations(
    attention: str,
    activation_rule: ActivationRule,
    d_model: Number,
    query_width: Number,
    key_value_width: Number,
    value_width: Number,
    n_heads: Number,
    tensor_parallel: Number,
    key_value_shards: Number,
) -> Number:
    """What the heads of one layer keep: queries, keys, values, output and softmax statistics."""
    if activation_rule == KORTHIKANTI:
        return quotient(8 * d_model, tensor_parallel)
    if attention == "mla":
        expanded = 4 * query_width + 4 * value_width + 4 * n_heads
        return quotient(expanded, tensor_parallel)
    if activation_rule == HF_EAGER:
        return quotient(8 * query_width, tensor_parallel)
    own = quotient(4 * query_width + 4 * n_heads, tensor_parallel)
    return own + quotient(4 * key_value_width, key_value_shards)


@quantity("byte/token", "te-fused")
def attention_activations(
    head_activations: Number,
    score_activations: Number,
    latent_activations: Number,
    input_activations: Number,
    exchanged_activations: Number,
) -> Number:
    """Kept by the attention of one layer."""
    return input_activations + latent_activations + head_activations + score_activations + exchanged_activations


@quantity("byte/token", "te-fused", helper=True)
def input_activations(
    activation_rule: ActivationRule, d_model: Number, sequence_shards: Number, hidden_dropout: YesNo
) -> Number:
    """Inputs of the norm and of the linear layer behind it, of attention or of a feed-forward block: 4·h; of unfused
    modules 8·h, a copy in fp32 among them, and 4 bytes a token of the norm; h for a mask of dropout, which is part of
    the 5·h of table 2."""
    masked = d_model if hidden_dropout == "yes" else 0
    kept = {FUSED: 4 * d_model + masked, KORTHIKANTI: 5 * d_model}
    return quotient(kept.get(activation_rule, 8 * d_model + 4 + masked), sequence_shards)


@quantity("byte/token", "te-fused", helper=True)
def latent_activations(
    attention: str, q_lora_rank: Number, kv_lora_rank: Number, qk_rope_dim: Number, sequence_shards: Number
) -> Number:
    """Compressed queries, keys and values of latent attention and of their norms: 4·r_q + 4·r_kv + 2·d_rope."""
    if attention != "mla":
        return 0
    return quotient(4 * q_lora_rank + 4 * kv_lora_rank + 2 * qk_rope_dim, sequence_shards)


@quantity("byte/token", "megatron-context", helper=True)
def exchanged_activations(
    context_parallel: Number,
    context_exchange: ContextExchange,
    query_width: Number,
    tensor_parallel: Number,
    sequence_shards: Number,
    fp8_activations: YesNo,
    d_model: Number,
) -> Number:
    """What an exchange of heads among context-parallel ranks adds, 2·q, less what inputs in FP8 save: h + q."""
    added = 2 * query_width if context_parallel > 1 and context_exchange == "all_to_all" else 0
    if fp8_activations == "yes":
        return quotient(added - query_width, tensor_parallel) - quotient(d_model, sequence_shards)
    return quotient(added, tensor_parallel)


@quantity("byte/token", "te-fused")
def ffn_activations(
    activation_rule: ActivationRule,
    input_activations: Number,
    ffn_matrices: Number,
    d_model: Number,
    d_ff: Number,
    fp8_activations: YesNo,
    tensor_parallel: Number,
    sequence_shards: Number,
) -> Number:
    """Kept by a dense feed-forward block: its inputs, and 6·f gated, 4·f plain; unfused 8·f gated."""
    inner = width_bytes(activation_rule, ffn_matrices) * d_ff
    if fp8_activations == "yes":
        return input_activations - quotient(d_model, sequence_shards) + quotient(inner - d_ff, tensor_parallel)
    return input_activations + quotient(inner, tensor_parallel)


def width_bytes(activation_rule: ActivationRule, ffn_matrices: Number) -> Number:
    """Bytes kept for an element of a feed-forward block's width: inputs of the activation function, of the product and
    of the last matrix; of unfused modules the function's result, too, where the block is gated."""
    if activation_rule == KORTHIKANTI:
        return 4
    return 2 * ffn_matrices if activation_rule == FUSED else 4 * (ffn_matrices - 1)


@quantity("byte/token", "te-fused")
def moe_activations(
    activation_rule: ActivationRule,
    input_activations: Number,
    ffn_matrices: Number,
    d_model: Number,
    experts_per_token: Number,
    expert_d_ff: Number,
    shared_expert_d_ff: Number,
    expert_load: Number,
    expert_outputs_kept: YesNo,
    fp8_activations: YesNo,
    tensor_parallel: Number,
    sequence_shards: Number,
) -> Number:
    """Kept by a layer's experts: the block's inputs, for each expert chosen a copy of the token and the inside of the
    expert, times the load of the busiest rank, the inside of the shared experts, and optionally the experts' outputs.
    """
    narrow = int(fp8_activations == "yes")
    inner = width_bytes(activation_rule, ffn_matrices) - narrow
    copies = 2 * d_model * (2 if expert_outputs_kept == "yes" else 1) - narrow * d_model
    routed = whole(experts_per_token * (copies + inner * expert_d_ff) * expert_load)
    return input_activations + quotient(routed, sequence_shards) + quotient(inner * shared_expert_d_ff, tensor_parallel)


@quantity("byte/token", "te-fused")
def dense_layer_activations(attention_activations: Number, ffn_activations: Number) -> Number:
    """Kept by a layer with a dense feed-forward block, nothing recomputed but scores."""
    return attention_activations + ffn_activations


@quantity("byte/token", "te-fused")
def moe_layer_activations(attention_activations: Number, moe_activations: Number, n_experts: Number) -> Number:
    """Kept by a layer with experts, nothing recomputed but scores; 0 in a dense model."""
    return attention_activations + moe_activations if n_experts > 0 else 0


@quantity("byte/token", "korthikanti2022")
def checkpoint_activations(d_model: Number, sequence_shards: Number) -> Number:
    """Kept of a layer that is computed again: its input, 2·h."""
    return quotient(2 * d_model, sequence_shards)


@quantity("count", helper=True)
def logit_rows(
    workload: Workload, vocab_size: Number, head_passes: Number, n_classes: Number, patches: Number
) -> Number:
    """Logits of a token: the vocabulary, once more for each prediction with logits of its own; of an image its classes,
    spread over its patches."""
    return quotient(n_classes, max(patches, 1)) if workload == "vision" else vocab_size * head_passes


@quantity("byte", "te-fused")
def logits_memory(
    logits_bytes: Number,
    logit_rows: Number,
    d_model: Number,
    tensor_parallel: Number,
    sequence_shards: Number,
    microbatch_tokens: Number,
) -> Number:
    """Head and loss of one microbatch on a rank of the last stage: logits, and the inputs of final norm and head, 4·h.

    2 bytes a logit with a fused cross entropy, 6 in Megatron-LM without, 10 to 12 at PyTorch's peak (16-bit logits, a
    copy in fp32 and its gradient), 0 with a loss in chunks."""
    logits = quotient(whole(logits_bytes * logit_rows), tensor_parallel)
    return (logits + quotient(4 * d_model, sequence_shards)) * microbatch_tokens
