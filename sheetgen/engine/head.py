"""The head: what stands behind the last layer, its parameters and its weights in matrix products.

Symbols are those of :mod:`sheetgen.engine.architecture`. A model is trained to score the words of its vocabulary (or
the classes of images), or it has no such head: a base model, which embeds; one with a pooler, a dense layer that reads
the first token (Devlin et al. 2019, arXiv:1810.04805, BERT); or one that scores classes of its own, at every token as
reward models and classifiers on decoders do (``GenericForSequenceClassification`` of transformers), or once a sequence
behind a pooler (``BertForSequenceClassification``). Beside them: dense layer, norm and bias before the words of BERT;
a head of another width (Zhang et al. 2022, arXiv:2205.01068, OPT); passes for multi-token prediction (Megatron-LM).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from sheetgen.engine.architecture import Workload, YesNo
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import FAIL, check, quantity

Head = Literal["scores", "none", "pooler", "classes", "pooled_classes"]
"""What stands behind the last layer: scores of what the workload trains, nothing, a pooler, classes, or both."""


class Kind(NamedTuple):
    """What a head has: a matrix with a row a word, or one with a row a class, and a pooler."""

    words: bool = False
    classes: bool = False
    pooler: bool = False


HEADS: Mapping[Head, Kind] = {
    "scores": Kind(words=True),
    "none": Kind(),
    "pooler": Kind(pooler=True),
    "classes": Kind(classes=True),
    "pooled_classes": Kind(classes=True, pooler=True),
}


@quantity("count", "vaswani2017", helper=True)
def head_scores_words(head: Head, workload: Workload) -> int:
    """1 where the head scores words, else 0: images have none."""
    return int(HEADS[head].words and workload != "vision")


@quantity("count", "devlin2019", helper=True)
def head_scores_classes(head: Head, workload: Workload) -> int:
    """1 where the head scores classes, else 0: as it says, or because it scores what a model of images has."""
    return int(HEADS[head].classes or (HEADS[head].words and workload == "vision"))


@quantity("count", "devlin2019", helper=True)
def head_poolers(head: Head) -> int:
    """1 where a dense layer reads the first token, else 0."""
    return int(HEADS[head].pooler)


@quantity("count", "devlin2019", helper=True)
def head_read_once(head_poolers: int, workload: Workload) -> int:
    """1 where the head is read once a sequence, behind a pooler or of an image, and 0 where at every token."""
    return 1 if workload == "vision" else head_poolers


@quantity("count", "press2017", helper=True)
def own_matrix_of_words(head_scores_words: int, tied_embeddings: YesNo) -> int:
    """1 where the head scores words with a matrix of its own, 0 where it shares the embedding's or scores none."""
    return head_scores_words if tied_embeddings == "no" else 0


@quantity("parameter", "devlin2019")
def head_transform_parameters(head_transform: YesNo, d_model: Number, norm_width: Number) -> Number:
    """The dense layer before the head (BERT): h² weights, h biases and a norm; 0 where there is none."""
    return d_model * d_model + d_model + norm_width if head_transform == "yes" else 0


@quantity("parameter", "devlin2019")
def pooler_parameters(head_poolers: int, d_model: Number) -> Number:
    """The dense layer that reads the first token: h² weights and h biases; 0 where there is none."""
    return head_poolers * (d_model * d_model + d_model)


@quantity("parameter", "opt-model")
def head_projection_parameters(embedding_projection_parameters: Number) -> Number:
    """The projection h → e before the head, as large as the one behind the embedding (OPT-350M); the model has it
    without a head, too."""
    return embedding_projection_parameters


@quantity("vector", "vaswani2017", helper=True)
def head_rows(head_scores_words: int, vocab_size: Number, head_scores_classes: int, n_classes: Number) -> Number:
    """Words of the vocabulary, or classes, that the head scores."""
    return head_scores_words * vocab_size + head_scores_classes * n_classes


@quantity("parameter", "vaswani2017", helper=True)
def head_weights(workload: Workload, head_rows: Number, d_model: Number, embedding_width_used: Number) -> Number:
    """The head's matrix, tied or not: V·e, or K·e for K classes; images have no embedding of another width, K·h."""
    return head_rows * (d_model if workload == "vision" else embedding_width_used)


@quantity("parameter", "devlin2019")
def head_bias_parameters(head_bias: YesNo, head_rows: Number) -> Number:
    """Biases of the head: one a word or class, where there are any."""
    return head_rows if head_bias == "yes" else 0


@quantity("parameter", "press2017")
def lm_head_parameters(
    own_matrix_of_words: int, head_scores_classes: int, head_weights: Number, head_transform_parameters: Number,
    pooler_parameters: Number, head_projection_parameters: Number, head_bias_parameters: Number,
) -> Number:  # fmt: skip
    """The head: dense layer, pooler, projection, bias, and a matrix of its own where it does not share the embedding's.
    Classes always have one."""
    own = head_weights if own_matrix_of_words or head_scores_classes else 0
    before = head_transform_parameters + pooler_parameters + head_projection_parameters
    return own + before + head_bias_parameters


@quantity("parameter", "pytorch")
def lm_head_matmul_parameters(
    workload: Workload, head_weights: Number, head_projection_parameters: Number, head_transform: YesNo,
    head_poolers: int, d_model: Number,
) -> Number:  # fmt: skip
    """Weights that one pass of the head multiplies, the tied matrix included."""
    dense = int(head_transform == "yes") + head_poolers
    projection = 0 if workload == "vision" else head_projection_parameters
    return head_weights + projection + dense * d_model * d_model


@quantity("count", "megatron-code")
def head_passes(mtp_logits: YesNo, mtp_layers: Number) -> Number:
    """How often the head runs over a token: once, and once for each multi-token prediction module that reads logits."""
    return 1 + mtp_layers if mtp_logits == "yes" else 1


@check(FAIL)
def check_classes(n_classes: Number, head_scores_classes: int) -> bool:
    """A head that scores classes has some, and no other states a number of them."""
    return (n_classes > 0) == bool(head_scores_classes)


@check(FAIL)
def check_head(
    head: Head, head_transform: YesNo, head_bias: YesNo, embedding_width: Number, mtp_layers: Number
) -> bool:
    """The head has what its kind can have: a dense layer and norm before words, biases where it scores something, an
    embedding of another width not with a pooler, multi-token prediction with words alone."""
    kind = HEADS[head]
    dense = head_transform == "no" or kind.words
    biased = head_bias == "no" or kind.words or kind.classes
    narrow = embedding_width == 0 or not kind.pooler
    return dense and biased and narrow and (mtp_layers == 0 or kind.words)
