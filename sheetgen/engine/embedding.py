"""Parameters of the input side: tokens, positions and types of text, patches of an image.

Symbols are those of :mod:`sheetgen.engine.architecture`. Learned positions and token types: Devlin et al. 2019 (BERT:
also a norm behind the embedding); an embedding of another width: Zhang et al. 2022 (OPT); images: Dosovitskiy et al.
2021 (ViT).
"""

from __future__ import annotations

from sheetgen.engine.architecture import PositionEmbedding, Workload, YesNo
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import FAIL, check, quantity


@quantity("width", "opt-model")
def embedding_width_used(embedding_width: Number, d_model: Number) -> Number:
    """e, the width of the token embedding: h where none is given."""
    return embedding_width if embedding_width > 0 else d_model


@quantity("parameter", "vaswani2017")
def token_embedding_parameters(vocab_size: Number, embedding_width_used: Number) -> Number:
    """Token embedding: V·e."""
    return vocab_size * embedding_width_used


@quantity("parameter", "opt-model")
def embedding_projection_parameters(embedding_width_used: Number, d_model: Number) -> Number:
    """The projection e → h behind the embedding, where e ≠ h (OPT-350M): e·h."""
    return embedding_width_used * d_model if embedding_width_used != d_model else 0


@quantity("parameter", "dosovitskiy2021", helper=True)
def patch_weights(workload: Workload, patch_size: Number, image_channels: Number, d_model: Number) -> Number:
    """Weights of the patch embedding: p²·C·h; 0 for text."""
    return patch_size**2 * image_channels * d_model if workload == "vision" else 0


@quantity("parameter", "dosovitskiy2021")
def patch_embedding_parameters(workload: Workload, patch_weights: Number, d_model: Number) -> Number:
    """Patch embedding: its weights and h biases; 0 for text."""
    return patch_weights + (d_model if workload == "vision" else 0)


@quantity("parameter", "dosovitskiy2021")
def class_token_parameters(class_tokens: int, d_model: Number) -> Number:
    """Class token: h."""
    return class_tokens * d_model


@quantity("parameter", "vaswani2017")
def position_embedding_parameters(
    position_embedding: PositionEmbedding, workload: Workload, patches: Number, class_tokens: int,
    learned_positions: Number, d_model: Number,
) -> Number:  # fmt: skip
    """Learned positions, h each; an image has one for each token of its sequence."""
    if position_embedding != "learned":
        return 0
    return (patches + class_tokens if workload == "vision" else learned_positions) * d_model


@quantity("parameter", "devlin2019")
def token_type_parameters(token_types: Number, d_model: Number) -> Number:
    """Token types: h each."""
    return token_types * d_model


@quantity("parameter", "ba2016")
def embedding_norm_parameters(embedding_norm: YesNo, norm_width: Number) -> Number:
    """The norm behind the embedding, where there is one."""
    return norm_width if embedding_norm == "yes" else 0


@quantity("parameter", "vaswani2017")
def embedding_parameters(
    token_embedding_parameters: Number, embedding_projection_parameters: Number, patch_embedding_parameters: Number,
    class_token_parameters: Number, position_embedding_parameters: Number, token_type_parameters: Number,
    embedding_norm_parameters: Number,
) -> Number:  # fmt: skip
    """The whole input side."""
    tokens = token_embedding_parameters + embedding_projection_parameters
    image = tokens + patch_embedding_parameters + class_token_parameters
    return image + position_embedding_parameters + token_type_parameters + embedding_norm_parameters


@check(FAIL)
def check_vision(
    workload: str,
    attention_mask: str,
    vocab_size: Number,
    image_size: Number,
    patch_size: Number,
    image_channels: Number,
    n_classes: Number,
) -> bool:
    """A vision transformer has whole patches, channels, classes, a full mask and no vocabulary; text has none of it."""
    sizes = (image_size, patch_size, image_channels, n_classes)
    if workload != "vision":
        return not any(sizes)
    return all(sizes) and image_size % patch_size == 0 and attention_mask == "full" and vocab_size == 0
