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

from sheetgen.engine.architecture import YesNo
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import FAIL, check, quantity


@quantity("matrix", "shazeer2020")
def ffn_matrices(gated_ffn: YesNo) -> int:
    """m, matrices of a feed-forward block or an expert: gate, up and down (gated), or up and down (plain)."""
    return 3 if gated_ffn == "yes" else 2


def block_outputs(matrices: int, width: Number, d_model: Number) -> Number:
    """Output elements of a block of a width f: (m − 1)·f + h, which is also how many biases it can have."""
    return (matrices - 1) * width + d_model


@quantity("parameter", "shazeer2020")
def ffn_matmul_parameters(ffn_matrices: int, d_model: Number, d_ff: Number) -> Number:
    """Weights of the dense feed-forward block of one layer: m·h·f."""
    return ffn_matrices * d_model * d_ff


@quantity("parameter", "vaswani2017")
def ffn_bias_parameters(ffn_bias: YesNo, ffn_matrices: int, d_ff: Number, d_model: Number) -> Number:
    """Biases of the dense feed-forward block of one layer: (m − 1)·f + h where there are any, else 0."""
    return block_outputs(ffn_matrices, d_ff, d_model) if ffn_bias == "yes" else 0


@quantity("parameter", "shazeer2020")
def ffn_parameters(ffn_matmul_parameters: Number, ffn_bias_parameters: Number) -> Number:
    """Dense feed-forward block of one layer: its weights and its biases."""
    return ffn_matmul_parameters + ffn_bias_parameters


@quantity("parameter", "mixtral")
def expert_matmul_parameters(ffn_matrices: int, d_model: Number, expert_d_ff: Number) -> Number:
    """Weights of one routed expert: m·h·f_e."""
    return ffn_matrices * d_model * expert_d_ff


@quantity("parameter", "mixtral")
def expert_parameters(
    expert_matmul_parameters: Number, expert_bias: YesNo, ffn_matrices: int, expert_d_ff: Number, d_model: Number
) -> Number:
    """One routed expert: its weights, and (m − 1)·f_e + h biases where experts have any (gpt-oss)."""
    biases = block_outputs(ffn_matrices, expert_d_ff, d_model) if expert_bias == "yes" else 0
    return expert_matmul_parameters + biases


@quantity("parameter", "mixtral")
def router_parameters(d_model: Number, n_experts: Number, router_bias: YesNo) -> Number:
    """Router of one layer with experts: h·E weights, and E biases where training moves them.

    DeepSeek-V3's bias is not such a one: a rule outside of the gradient steers it (arXiv:2412.19437, section 2.1.2),
    and the model class holds it as a buffer.
    """
    return d_model * n_experts + (n_experts if router_bias == "yes" else 0)


@quantity("count", "mixtral", helper=True)
def shared_gates(shared_expert_gate: YesNo, shared_expert_d_ff: Number) -> int:
    """1 where a gate weighs the shared experts (Qwen2, arXiv:2407.10671, section 2.2.2, and its model class), or 0."""
    return int(shared_expert_gate == "yes" and shared_expert_d_ff > 0)


@quantity("parameter", "deepseek-v2")
def shared_expert_matmul_parameters(
    ffn_matrices: int, d_model: Number, shared_expert_d_ff: Number, shared_gates: int
) -> Number:
    """Weights of the shared experts of one layer together: m·h·f_s, and h for their gate, if any."""
    return ffn_matrices * d_model * shared_expert_d_ff + (d_model if shared_gates else 0)


@quantity("parameter", "deepseek-v2")
def shared_expert_parameters(
    shared_expert_matmul_parameters: Number, ffn_bias: YesNo, ffn_matrices: int, shared_expert_d_ff: Number,
    d_model: Number,
) -> Number:  # fmt: skip
    """Shared experts of one layer together: their weights and gate, and the biases of one block of their width where
    the dense block has biases, too (DeepSeek-V2's model class)."""
    biased = ffn_bias == "yes" and shared_expert_d_ff > 0
    return shared_expert_matmul_parameters + (block_outputs(ffn_matrices, shared_expert_d_ff, d_model) if biased else 0)


@quantity("parameter", "mixtral")
def moe_ffn_parameters(
    n_experts: Number, expert_parameters: Number, router_parameters: Number, shared_expert_parameters: Number
) -> Number:
    """Feed-forward part of one layer with experts: E experts, router, shared experts; dense models 0."""
    return n_experts * expert_parameters + router_parameters + shared_expert_parameters if n_experts > 0 else 0


@quantity("parameter", "mixtral")
def moe_matmul_parameters(
    n_experts: Number, experts_per_token: Number, expert_matmul_parameters: Number, d_model: Number,
    shared_expert_matmul_parameters: Number,
) -> Number:  # fmt: skip
    """Matrix weights that a token meets in one layer with experts: k·m·h·f_e + h·E + shared experts; dense models 0.

    Megatron-LM's ``num_floating_point_operations`` counts routed and shared experts alike, and leaves the router out.
    """
    if n_experts <= 0:
        return 0
    return experts_per_token * expert_matmul_parameters + d_model * n_experts + shared_expert_matmul_parameters


@quantity("count", "matrix-product", helper=True)
def ffn_dot_products(ffn_matrices: int, d_ff: Number, d_model: Number) -> Number:
    """Output elements of the products of one dense block, for one token."""
    return block_outputs(ffn_matrices, d_ff, d_model)


@quantity("count", "matrix-product", helper=True)
def moe_dot_products(
    n_experts: Number, experts_per_token: Number, expert_d_ff: Number, shared_expert_d_ff: Number, shared_gates: int,
    ffn_matrices: int, d_model: Number,
) -> Number:  # fmt: skip
    """Output elements of the products of one layer with experts, for one token: k experts, E scores, shared experts."""
    if n_experts <= 0:
        return 0
    shared: Number = 0
    if shared_expert_d_ff > 0:
        shared = block_outputs(ffn_matrices, shared_expert_d_ff, d_model) + shared_gates
    return experts_per_token * block_outputs(ffn_matrices, expert_d_ff, d_model) + n_experts + shared


@quantity("parameter", "mixtral")
def inactive_parameters(
    moe_layers: Number, n_experts: Number, experts_per_token: Number, expert_parameters: Number
) -> Number:
    """Routed experts that a token does not meet, in all layers: (E − k)·m·h·f_e per layer with experts.

    Mixtral, section 2.1: the active parameters are those that process an individual token.
    """
    return moe_layers * (n_experts - experts_per_token) * expert_parameters


@check(FAIL)
def check_experts(
    n_experts: Number, experts_per_token: Number, expert_d_ff: Number, dense_layers: Number, n_layers: Number
) -> bool:
    """Where there are experts a token meets at least one and at most all of them, they have a width, and there are no
    more layers without experts than layers."""
    possible = 1 <= experts_per_token <= n_experts and dense_layers <= n_layers and expert_d_ff != 0
    return n_experts <= 0 or possible
