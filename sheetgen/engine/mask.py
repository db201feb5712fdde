"""Query-key pairs of one sequence that mask, window and packing keep, in whole pairs and as an area.

A causal layer keeps the triangle with its diagonal, s·(s + 1)/2 pairs. A sliding window of w keys (Mistral 7B,
arXiv:2310.06825, section 2) gives the first w tokens a triangle and each later one w keys. Chunks (Llama 4's model
class, ``modeling_llama4.py``) are sequences of their own. The area counts a pair on the diagonal half: s²/2, s·w −
w²/2, as Megatron-LM and MaxText do (``maxtext_utils.py``, ``calculate_tflops_training_per_device``). Documents packed
into a sequence see themselves only, so squares of their lengths take the place of s² (Megatron-LM, ``training.py``,
``num_floating_point_operations``).
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number, half

UNITS = {
    "windowed_layers_used": "layer",
    "full_attention_layers": "layer",
    "window_used": "token/sequence",
    "sequence_square": "count",
    "pairs_full_layer": "count",
    "pairs_windowed_layer": "count",
    "attention_pairs": "count",
    "area_full_layer": "count",
    "area_windowed_layer": "count",
    "attention_area": "count",
}


class Mask(NamedTuple):
    """Pairs of one sequence, of a layer of each kind and of all layers; units in :data:`UNITS`."""

    windowed_layers_used: Number
    full_attention_layers: Number
    window_used: Number
    sequence_square: Number
    pairs_full_layer: Number
    pairs_windowed_layer: Number
    attention_pairs: Number
    area_full_layer: Number
    area_windowed_layer: Number
    attention_area: Number


def windowed_layers(architecture: Architecture) -> Number:
    """Layers that have a window; at most all, and none without a window's size."""
    return min(architecture.windowed_layers, architecture.n_layers) if architecture.attention_window > 0 else 0


def triangle(length: Number) -> Number:
    """Pairs of a causal mask over one sequence, the diagonal included: s·(s + 1)/2."""
    return half(length * (length + 1))


def chunk_lengths(length: Number, size: Number) -> tuple[Number, Number, Number]:
    """Full chunks, their size, and the length of what is left."""
    if size <= 0:
        return 0, 0, 0
    return length // size, size, length % size


def full_pairs(architecture: Architecture, length: Number) -> Number:
    """Pairs of one layer without a window over one document of this length."""
    return triangle(length) if architecture.causal else length * length


def window_pairs(architecture: Architecture, length: Number) -> Number:
    """Pairs of one layer with a window over one document of this length; a window reaches no further than it."""
    size = min(architecture.attention_window, length)
    if architecture.window_kind == "chunked":
        count, chunk, rest = chunk_lengths(length, size)
        return count * full_pairs(architecture, chunk) + full_pairs(architecture, rest)
    one_side = triangle(size) + (length - size) * size
    return one_side if architecture.causal else 2 * one_side - length  # the diagonal belongs to both sides


def window_area(architecture: Architecture, length: Number) -> Number:
    """The area of one layer with a window, full mask; a causal one keeps half."""
    size = min(architecture.attention_window, length)
    if architecture.window_kind == "chunked":
        count, chunk, rest = chunk_lengths(length, size)
        return count * chunk * chunk + rest * rest
    return length * length - (length - size) * (length - size)


def pairs_of(architecture: Architecture, length: Number) -> Number:
    """Pairs of one document of this length over the layers of the model, prediction modules left out."""
    cut = windowed_layers(architecture)
    kept = cut * window_pairs(architecture, length) if cut else 0
    return kept + (architecture.n_layers - cut) * full_pairs(architecture, length)


def mask(
    architecture: Architecture, sequence_length: Number, packed_documents: Number, packed_mean_square: Number
) -> Mask:
    """Pairs and area of one sequence.

    With packing the layers without a window see Σ L², the layers with one at most that: how many fewer depends on the
    lengths and not on their mean square, so the smaller of both is an upper bound.
    """
    causal = architecture.causal
    cut = windowed_layers(architecture)
    given = architecture.attention_window > 0 and architecture.windowed_layers > 0
    square = packed_documents * packed_mean_square if packed_documents > 0 else sequence_length * sequence_length
    pairs = half(square + sequence_length) if causal else square
    area = half(square) if causal else square
    if given:
        banded = window_area(architecture, sequence_length)
        windowed_pairs = min(window_pairs(architecture, sequence_length), pairs)
        windowed_area = min(half(banded) if causal else banded, area)
    else:
        windowed_pairs, windowed_area = _without_window(architecture, sequence_length, pairs, area)
    return Mask(
        windowed_layers_used=cut,
        full_attention_layers=architecture.blocks - cut,
        window_used=min(architecture.attention_window, sequence_length) if given else sequence_length,
        sequence_square=square,
        pairs_full_layer=pairs,
        pairs_windowed_layer=windowed_pairs,
        attention_pairs=(architecture.blocks - cut) * pairs + cut * windowed_pairs,
        area_full_layer=area,
        area_windowed_layer=windowed_area,
        attention_area=(architecture.blocks - cut) * area + cut * windowed_area,
    )


def _without_window(architecture: Architecture, length: Number, pairs: Number, area: Number) -> tuple[Number, Number]:
    """What a layer with a window would keep if the window were the sequence: all that it can."""
    square = length * length
    whole_area = half(square) if architecture.causal else square
    return min(full_pairs(architecture, length), pairs), min(whole_area, area)
