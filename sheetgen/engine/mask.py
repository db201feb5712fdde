"""Query-key pairs of one sequence that mask, window and packing keep, in whole pairs and as an area.

A causal layer keeps the triangle with its diagonal, s·(s + 1)/2 pairs. A sliding window of w keys (Mistral 7B,
arXiv:2310.06825, section 2) gives the first w tokens a triangle and each later one w keys. Chunks (Llama 4's model
class, ``modeling_llama4.py``) are sequences of their own. The area counts a pair on the diagonal half: s²/2, s·w −
w²/2, as Megatron-LM and MaxText do (``maxtext_utils.py``, ``calculate_tflops_training_per_device``). Documents packed
into a sequence see themselves only, so squares of their lengths take the place of s² (Megatron-LM, ``training.py``,
``num_floating_point_operations``).

A kind of window is one function of length, size and mask, listed in :data:`WINDOWS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from sheetgen.engine.architecture import Mask
from sheetgen.engine.arithmetic import Number, half
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

PACKING_SLACK = 1e-9

WindowKind = Literal["sliding", "chunked"]


class Kept(NamedTuple):
    """What a layer keeps of one document: query-key pairs, and the area, in which the diagonal counts half."""

    pairs: Number
    area: Number


def unwindowed(length: Number, attention_mask: Mask) -> Kept:
    """A layer without a window: s·(s + 1)/2 pairs and s²/2 with a causal mask, else s² of both."""
    square = length * length
    if attention_mask == "causal":
        return Kept(half(length * (length + 1)), half(square))
    return Kept(square, square)


def sliding(length: Number, size: Number, attention_mask: Mask) -> Kept:
    """The last keys (Mistral, arXiv:2310.06825); without a mask on both sides, which share the diagonal."""
    one_side = half(size * (size + 1)) + (length - size) * size
    area = length * length - (length - size) * (length - size)
    return Kept(one_side, half(area)) if attention_mask == "causal" else Kept(2 * one_side - length, area)


def chunked(length: Number, size: Number, attention_mask: Mask) -> Kept:
    """A token's own chunk (Llama 4): full chunks, and what is left."""
    count, chunk, rest = (length // size, size, length % size) if size > 0 else (0, 0, 0)
    pairs = count * unwindowed(chunk, attention_mask).pairs + unwindowed(rest, attention_mask).pairs
    area = count * chunk * chunk + rest * rest
    return Kept(pairs, half(area) if attention_mask == "causal" else area)


WINDOWS: Mapping[WindowKind, Callable[[Number, Number, Mask], Kept]] = {"sliding": sliding, "chunked": chunked}
"""Kinds of window by the name that a model selects; a window reaches no further than the document."""


@quantity("layer", "mistral")
def windowed_layers_used(attention_window: Number, windowed_layers: Number, n_layers: Number) -> Number:
    """Layers that have a window; at most all, and none without a window's size."""
    return min(windowed_layers, n_layers) if attention_window > 0 else 0


@quantity("layer", "mistral")
def full_attention_layers(transformer_blocks: Number, windowed_layers_used: Number) -> Number:
    """Layers without a window, multi-token prediction modules among them."""
    return transformer_blocks - windowed_layers_used


@quantity("token/sequence", "mistral")
def window_used(attention_window: Number, windowed_layers: Number, sequence_length: Number) -> Number:
    """The window, at most the sequence; the sequence where there is none."""
    given = attention_window > 0 and windowed_layers > 0
    return min(attention_window, sequence_length) if given else sequence_length


@quantity("count", "megatron-code")
def sequence_square(packed_documents: Number, packed_mean_square: Number, sequence_length: Number) -> Number:
    """s², or the sum of the squares of packed documents."""
    return packed_documents * packed_mean_square if packed_documents > 0 else sequence_length * sequence_length


@quantity("count", "vaswani2017")
def pairs_full_layer(sequence_square: Number, sequence_length: Number, attention_mask: Mask) -> Number:
    """Pairs in a layer without a window."""
    return half(sequence_square + sequence_length) if attention_mask == "causal" else sequence_square


@quantity("record", "mistral", helper=True)
def window_kept(
    window_kind: WindowKind,
    attention_window: Number,
    windowed_layers: Number,
    sequence_length: Number,
    attention_mask: Mask,
) -> Kept:
    """What a layer with a window keeps of the whole sequence; without a window all that the mask does."""
    if attention_window <= 0 or windowed_layers <= 0:
        return unwindowed(sequence_length, attention_mask)
    return WINDOWS[window_kind](sequence_length, min(attention_window, sequence_length), attention_mask)


@quantity("count", "mistral")
def pairs_windowed_layer(window_kept: Kept, pairs_full_layer: Number) -> Number:
    """Pairs in a layer with a window.

    With packing the layers without a window see Σ L², those with one at most that: how many fewer depends on the
    lengths and not on their mean square, so the smaller of both is an upper bound.
    """
    return min(window_kept.pairs, pairs_full_layer)


@quantity("count")
def attention_pairs(
    full_attention_layers: Number, pairs_full_layer: Number, windowed_layers_used: Number, pairs_windowed_layer: Number
) -> Number:
    """Pairs of all layers."""
    return full_attention_layers * pairs_full_layer + windowed_layers_used * pairs_windowed_layer


@quantity("count", "megatron-code")
def area_full_layer(sequence_square: Number, attention_mask: Mask) -> Number:
    """Area of a layer without a window."""
    return half(sequence_square) if attention_mask == "causal" else sequence_square


@quantity("count", "maxtext")
def area_windowed_layer(window_kept: Kept, area_full_layer: Number) -> Number:
    """Area of a layer with a window; with packing an upper bound, as of the pairs."""
    return min(window_kept.area, area_full_layer)


@quantity("count", "maxtext")
def attention_area(
    full_attention_layers: Number, area_full_layer: Number, windowed_layers_used: Number, area_windowed_layer: Number
) -> Number:
    """Area of all layers."""
    return full_attention_layers * area_full_layer + windowed_layers_used * area_windowed_layer


@check(FAIL)
def check_window(windowed_layers: Number, attention_window: Number, n_layers: Number) -> bool:
    """Windows have a size and layers to be in, and no more layers than there are."""
    return windowed_layers <= n_layers and (windowed_layers > 0) == (attention_window > 0)


@check(FAIL)
def check_packing(packed_documents: Number, sequence_square: Number, sequence_length: Number) -> bool:
    """Documents that fill a sequence of s tokens have squares that sum to at most s², and to s²/n if all are alike."""
    if packed_documents == 0:
        return True
    whole = sequence_length * sequence_length
    most = sequence_square <= whole * (1 + PACKING_SLACK)
    return most and sequence_square * packed_documents >= whole * (1 - PACKING_SLACK)


@check(REVIEW)
def check_packing_with_window(
    packed_documents: Number, windowed_layers_used: Number, window_used: Number, sequence_length: Number
) -> bool:
    """Packing and a window shorter than the sequence do not meet: their pairs would be an upper bound."""
    return packed_documents == 0 or windowed_layers_used == 0 or window_used >= sequence_length
