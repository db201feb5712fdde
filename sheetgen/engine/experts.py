"""Parameters of the feed-forward part of a layer: a dense block, or a mixture of experts (MoE).

A router scores E experts for each token, the best k of them process it, and so do the shared experts. Router and
experts: Mixtral (arXiv:2401.04088), section 2.1; shared experts: DeepSeek-V2 (arXiv:2405.04434), section 2.2, and
DeepSeek-V3 (arXiv:2412.19437), section 2.1.2; fine-grained experts without shared ones: Qwen3 (arXiv:2505.09388),
section 2. The blocks are those of Shazeer 2020 (gated, arXiv:2002.05202) or Vaswani et al. 2017 (plain); experts have
biases in gpt-oss (arXiv:2508.10925).

What a token does not meet is E − k experts in each layer with experts, and nothing else: attention, embeddings, router,
shared experts and dense layers process every token. Scaling the total by k/E is therefore wrong.
"""

from __future__ import annotations

from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number


def ffn_matmul_parameters(architecture: Architecture) -> Number:
    """Weights of the dense feed-forward block of one layer [parameter]: m·h·f.

    m is 2 (up, down) or, gated, 3 (gate, up, down).
    """
    return architecture.ffn_matrices * architecture.d_model * architecture.d_ff


def ffn_bias_parameters(architecture: Architecture) -> Number:
    """Biases of the dense feed-forward block of one layer [parameter]: (m − 1)·f + h where there are any, else 0."""
    return outputs(architecture, architecture.d_ff) if architecture.ffn_bias else 0


def outputs(architecture: Architecture, width: Number) -> Number:
    """Output elements of a block of a width f: (m − 1)·f + h, which is also how many biases it can have."""
    return (architecture.ffn_matrices - 1) * width + architecture.d_model


def ffn_parameters(architecture: Architecture) -> Number:
    """Dense feed-forward block of one layer [parameter]: its weights and its biases."""
    return ffn_matmul_parameters(architecture) + ffn_bias_parameters(architecture)


def expert_matmul_parameters(architecture: Architecture) -> Number:
    """Weights of one routed expert [parameter]: m·h·f_e."""
    return architecture.ffn_matrices * architecture.d_model * architecture.expert_d_ff


def expert_parameters(architecture: Architecture) -> Number:
    """One routed expert [parameter]: its weights, and (m − 1)·f_e + h biases where experts have any (gpt-oss)."""
    biases = outputs(architecture, architecture.expert_d_ff) if architecture.expert_bias else 0
    return expert_matmul_parameters(architecture) + biases


def router_parameters(architecture: Architecture) -> Number:
    """Router of one layer with experts [parameter]: h·E weights, and E biases where training moves them.

    DeepSeek-V3's bias is not such a one: a rule outside of the gradient steers it (arXiv:2412.19437, section 2.1.2),
    and the model class holds it as a buffer.
    """
    bias = architecture.n_experts if architecture.router_bias else 0
    return architecture.d_model * architecture.n_experts + bias


def shared_gate(architecture: Architecture) -> bool:
    """Whether a gate weighs the shared experts (Qwen2, arXiv:2407.10671, section 2.2.2, and its model class)."""
    return architecture.shared_expert_gate and architecture.shared_expert_d_ff > 0


def shared_expert_matmul_parameters(architecture: Architecture) -> Number:
    """Weights of the shared experts of one layer together [parameter]: m·h·f_s, and h for their gate, if any."""
    weights = architecture.ffn_matrices * architecture.d_model * architecture.shared_expert_d_ff
    return weights + (architecture.d_model if shared_gate(architecture) else 0)


def shared_expert_parameters(architecture: Architecture) -> Number:
    """Shared experts of one layer together [parameter]: their weights and gate, and the biases of one block of their
    width where the dense block has biases, too (DeepSeek-V2's model class)."""
    biased = architecture.ffn_bias and architecture.shared_expert_d_ff > 0
    biases = outputs(architecture, architecture.shared_expert_d_ff) if biased else 0
    return shared_expert_matmul_parameters(architecture) + biases


def moe_ffn_parameters(architecture: Architecture) -> Number:
    """Feed-forward part of one layer with experts [parameter]: E experts, router, shared experts; dense models 0."""
    if architecture.n_experts <= 0:
        return 0
    routed = architecture.n_experts * expert_parameters(architecture)
    return routed + router_parameters(architecture) + shared_expert_parameters(architecture)


def moe_matmul_parameters(architecture: Architecture) -> Number:
    """Matrix weights that a token meets in one layer with experts [parameter]: k·m·h·f_e + h·E + shared experts.

    Dense models have 0. Megatron-LM's ``num_floating_point_operations`` counts routed and shared experts alike, and
    leaves the router out.
    """
    if architecture.n_experts <= 0:
        return 0
    routed = architecture.experts_per_token * expert_matmul_parameters(architecture)
    router = architecture.d_model * architecture.n_experts
    return routed + router + shared_expert_matmul_parameters(architecture)


def moe_dot_products(architecture: Architecture) -> Number:
    """Output elements of the products of one layer with experts, for one token: k experts, E scores, shared experts."""
    if architecture.n_experts <= 0:
        return 0
    shared: Number = 0
    if architecture.shared_expert_d_ff > 0:
        shared = outputs(architecture, architecture.shared_expert_d_ff) + int(shared_gate(architecture))
    routed = architecture.experts_per_token * outputs(architecture, architecture.expert_d_ff)
    return routed + architecture.n_experts + shared


def inactive_parameters(architecture: Architecture) -> Number:
    """Routed experts that a token does not meet, in all layers [parameter]: (E − k)·m·h·f_e per layer with experts.

    Mixtral, section 2.1: the active parameters are those that process an individual token.
    """
    unmet = architecture.n_experts - architecture.experts_per_token
    return architecture.moe_layers * unmet * expert_parameters(architecture)
