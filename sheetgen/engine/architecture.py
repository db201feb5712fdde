"""Dimensions of a decoder-only transformer: dense or with experts, with heads of keys and values or with a latent.

Symbols, here and in the modules that count: L layers, h model width, a query heads, g key-value heads, d head
dimension (a·d need not equal h), f width of the dense feed-forward block, V vocabulary; with latent attention r_q and
r_kv ranks of queries and of keys and values, d_nope and d_rope the two parts of a query head, d_v a value head; with
experts E routed experts, k of them per token, f_e and f_s widths of one expert and of the shared experts together.
"""

from __future__ import annotations

from dataclasses import dataclass

from sheetgen.engine.arithmetic import Number

NORM_VECTORS = {"none": 0, "rmsnorm": 1, "layernorm": 2}
"""Vectors of the norm's width that a norm learns: RMSNorm a gain, LayerNorm a gain and a bias."""

QK_NORMS = ("none", "head", "width")
"""Norms of queries and keys: none, one head wide, shared by the heads (Qwen3), or full width (OLMo 2)."""

ATTENTIONS = ("gqa", "mla")
"""Kinds of attention: heads of keys and values (multi-head, grouped, multi-query), or multi-head latent attention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Dimensions of a decoder-only transformer. All counts; widths in elements.

    Latent attention (``mla``) does not look at ``n_kv_heads``, ``head_dim``, ``qkv_bias`` and ``qk_norm``, grouped
    attention (``gqa``) not at the ranks and the three widths of a latent head. With ``n_experts`` 0 the model is dense.
    ``dense_layers`` are the layers of a model with experts that have none: the first ones, or all but every n-th.
    """

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
    attention: str
    q_lora_rank: Number
    kv_lora_rank: Number
    qk_nope_dim: Number
    qk_rope_dim: Number
    v_head_dim: Number
    n_experts: Number
    experts_per_token: Number
    expert_d_ff: Number
    shared_expert_d_ff: Number
    shared_expert_gate: bool
    router_bias: bool
    dense_layers: Number

    @property
    def latent(self) -> bool:
        """Whether attention is multi-head latent attention."""
        return self.attention == "mla"

    @property
    def query_width(self) -> Number:
        """Width of all query heads together: a·d, or a·(d_nope + d_rope) with latent attention."""
        return self.n_heads * (self.qk_nope_dim + self.qk_rope_dim if self.latent else self.head_dim)

    @property
    def value_width(self) -> Number:
        """Width of the values that all query heads weigh, together: a·d, or a·d_v with latent attention."""
        return self.n_heads * (self.v_head_dim if self.latent else self.head_dim)

    @property
    def key_value_width(self) -> Number:
        """g·d, the width of all key heads together, and of the value heads; 0 with latent attention."""
        return 0 if self.latent else self.n_kv_heads * self.head_dim

    @property
    def ffn_matrices(self) -> int:
        """Matrices of a feed-forward block or an expert: gate, up and down (gated), or up and down (plain)."""
        return 3 if self.gated_ffn else 2

    @property
    def moe_layers(self) -> Number:
        """Layers with experts: all but the dense ones; 0 in a dense model."""
        return max(self.n_layers - self.dense_layers, 0) if self.n_experts > 0 else 0

    @property
    def dense_ffn_layers(self) -> Number:
        """Layers with a dense feed-forward block: all in a dense model."""
        return self.n_layers - self.moe_layers
