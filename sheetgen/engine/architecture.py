"""Dimensions of a transformer: decoder, encoder or of images, dense or with experts, with heads or with a latent.

Symbols, here and in the modules that count: L layers, h model width, a query heads, g key-value heads, d head
dimension (a·d need not equal h), f width of the dense feed-forward block, V vocabulary; with latent attention r_q and
r_kv ranks of queries and of keys and values, d_nope and d_rope the two parts of a query head, d_v a value head; with
experts E routed experts, k of them per token, f_e and f_s widths of one expert and of the shared experts together; e
width of the embedding, h but in a few models; with images p side of a patch, C channels, K classes.
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.arithmetic import Number

NORM_VECTORS = {"none": 0, "rmsnorm": 1, "layernorm": 2}
"""Vectors of the norm's width that a norm learns: RMSNorm a gain, LayerNorm a gain and a bias."""

QK_NORMS = ("none", "head", "width")
"""Norms of queries and keys: none, one head wide, shared by the heads (Qwen3), or full width (OLMo 2)."""

ATTENTIONS = ("gqa", "mla")
"""Kinds of attention: heads of keys and values (multi-head, grouped, multi-query), or multi-head latent attention."""

WORKLOADS = ("text", "vision")
"""What a sequence is: tokens of a context, or the patches of an image (Dosovitskiy et al. 2021, arXiv:2010.11929)."""

POSITION_EMBEDDINGS = ("learned", "rotary", "alibi", "sinusoidal", "none")
"""Position embeddings; only learned ones have parameters."""

MASKS = ("causal", "full")
"""What a token sees: itself and those before it (decoders), or every token (encoders)."""

WINDOWS = ("sliding", "chunked")
"""Kinds of window: the last tokens (Mistral, arXiv:2310.06825), or a token's own chunk (Llama 4)."""


class Architecture(NamedTuple):
    """Dimensions of a transformer. All counts; widths in elements; sides of images and patches in pixels.

    Latent attention (``mla``) does not look at ``n_kv_heads``, ``head_dim``, ``qkv_bias`` and ``qk_norm``, grouped
    attention (``gqa``) not at the ranks and the three widths of a latent head. With ``n_experts`` 0 the model is dense.
    ``dense_layers`` are the layers of a model with experts that have none: the first ones, or all but every n-th.
    ``mtp_layers`` are multi-token prediction modules behind the last layer (DeepSeek-V3, arXiv:2412.19437, section
    2.2): each a further block with full attention, a projection 2·h → h and three norms; head and embedding are shared.
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
    workload: str
    position_embedding: str
    token_types: Number
    embedding_width: Number
    embedding_norm: bool
    final_norm: bool
    head_transform: bool
    head_bias: bool
    attention_mask: str
    attention_window: Number
    window_kind: str
    windowed_layers: Number
    attention_sinks: bool
    expert_bias: bool
    mtp_layers: Number
    mtp_logits: bool
    image_size: Number
    patch_size: Number
    image_channels: Number
    class_token: bool
    n_classes: Number

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
    def blocks(self) -> Number:
        """Transformer blocks: the layers, and one in each multi-token prediction module."""
        return self.n_layers + self.mtp_layers

    @property
    def moe_layers(self) -> Number:
        """Blocks with experts: all but the dense ones, prediction modules included; 0 in a dense model."""
        return max(self.n_layers - self.dense_layers, 0) + self.mtp_layers if self.n_experts > 0 else 0

    @property
    def dense_ffn_layers(self) -> Number:
        """Blocks with a dense feed-forward part: all in a dense model."""
        return self.blocks - self.moe_layers

    @property
    def vision(self) -> bool:
        """Whether a sequence is an image."""
        return self.workload == "vision"

    @property
    def causal(self) -> bool:
        """Whether a token sees itself and those before it only."""
        return self.attention_mask == "causal"

    @property
    def token_width(self) -> Number:
        """e, the width of the token embedding: h where none is given."""
        return self.embedding_width if self.embedding_width > 0 else self.d_model

    @property
    def projected(self) -> bool:
        """Whether projections e → h and h → e stand behind the embedding and before the head (OPT-350M)."""
        return self.token_width != self.d_model

    @property
    def norm_width(self) -> Number:
        """Parameters of one norm of width h: h (RMSNorm), 2·h (LayerNorm) or 0."""
        return NORM_VECTORS[self.norm] * self.d_model
