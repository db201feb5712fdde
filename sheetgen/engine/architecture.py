"""Dimensions of a transformer: decoder, encoder or of images, dense or with experts, with heads or with a latent.

Symbols, here and in the modules that count: L layers, h model width, a query heads, g key-value heads, d head
dimension (a·d need not equal h), f width of the dense feed-forward block, V vocabulary; with latent attention r_q and
r_kv ranks of queries and of keys and values, d_nope and d_rope the two parts of a query head, d_v a value head; with
experts E routed experts, k of them per token, f_e and f_s widths of one expert and of the shared experts together; e
width of the embedding, h but in a few models; with images p side of a patch, C channels, K classes.

Latent attention (``mla``) does not look at ``n_kv_heads``, ``head_dim`` and ``qk_norm``, grouped attention (``gqa``)
not at the ranks and the three widths of a latent head. With ``n_experts`` 0 the model is dense. ``dense_layers`` are
the layers of a model with experts that have none: the first ones, or all but every n-th. ``mtp_layers`` are multi-token
prediction modules behind the last layer (DeepSeek-V3, arXiv:2412.19437, section 2.2): each a further block with full
attention, a projection 2·h → h and three norms; head and embedding are shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import quantity

YesNo = Literal["yes", "no"]

Norm = Literal["none", "rmsnorm", "layernorm"]
NORM_VECTORS: Mapping[Norm, int] = {"none": 0, "rmsnorm": 1, "layernorm": 2}
"""Vectors of the norm's width that a norm learns: RMSNorm a gain, LayerNorm a gain and a bias."""

QkNorm = Literal["none", "head", "width"]
"""Norms of queries and keys: none, one head wide, shared by the heads (Qwen3), or full width (OLMo 2)."""

Workload = Literal["text", "vision"]
"""What a sequence is: tokens of a context, or the patches of an image (Dosovitskiy et al. 2021, arXiv:2010.11929)."""

PositionEmbedding = Literal["learned", "rotary", "alibi", "sinusoidal", "none"]
"""Position embeddings; only learned ones have parameters."""

Mask = Literal["causal", "full"]
"""What a token sees: itself and those before it (decoders), or every token (encoders)."""


@quantity("count", "ba2016")
def norm_vectors(norm: Norm) -> int:
    """Vectors that one norm learns."""
    return NORM_VECTORS[norm]


@quantity("parameter", "ba2016", helper=True)
def norm_width(norm_vectors: int, d_model: Number) -> Number:
    """Parameters of one norm of width h: h (RMSNorm), 2·h (LayerNorm) or 0."""
    return norm_vectors * d_model


@quantity("layer", "deepseek-v3")
def transformer_blocks(n_layers: Number, mtp_layers: Number) -> Number:
    """Transformer blocks: the layers, and one in each multi-token prediction module."""
    return n_layers + mtp_layers


@quantity("layer", "mixtral")
def moe_layers(n_experts: Number, n_layers: Number, dense_layers: Number, mtp_layers: Number) -> Number:
    """Blocks with experts: all but the dense ones, prediction modules included; 0 in a dense model."""
    return max(n_layers - dense_layers, 0) + mtp_layers if n_experts > 0 else 0


@quantity("layer", "mixtral")
def dense_ffn_layers(transformer_blocks: Number, moe_layers: Number) -> Number:
    """Blocks with a dense feed-forward part: all in a dense model."""
    return transformer_blocks - moe_layers
