"""What one sequence is, and how much is trained on: tokens of a context, or the patches of an image.

An image of side S is cut into (S // p)² patches; with a class token it is one token longer (Dosovitskiy et al. 2021,
arXiv:2010.11929, section 3.1).
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.architecture import Architecture
from sheetgen.engine.arithmetic import Number

UNITS = {
    "patches": "patch",
    "sequence_length": "token/sequence",
    "training_tokens": "token",
    "batch_tokens": "token/step",
}


class Sequence(NamedTuple):
    """Lengths and totals; units in :data:`UNITS`."""

    patches: Number
    sequence_length: Number
    training_tokens: Number
    batch_tokens: Number


def image_patches(architecture: Architecture) -> Number:
    """Patches of one image; 0 for text, and where no patch has a size."""
    if not architecture.vision or architecture.patch_size <= 0:
        return 0
    side = architecture.image_size // architecture.patch_size
    return side * side


def class_tokens(architecture: Architecture) -> int:
    """1 where an image has a class token, else 0."""
    return int(architecture.vision and architecture.class_token)


def sequence(
    architecture: Architecture,
    *,
    context_length: Number,
    tokens: Number,
    global_batch_tokens: Number,
    images: Number,
    epochs: Number,
    global_batch_images: Number,
) -> Sequence:
    """Length of a sequence [token], tokens of the run [token] and of a step [token/step].

    For text they are inputs; for images they follow from patches, images, epochs and the batch of images.
    """
    if not architecture.vision:
        return Sequence(
            patches=0,
            sequence_length=context_length,
            training_tokens=tokens,
            batch_tokens=global_batch_tokens,
        )
    patches = image_patches(architecture)
    length = patches + class_tokens(architecture)
    return Sequence(
        patches=patches,
        sequence_length=length,
        training_tokens=images * epochs * length,
        batch_tokens=global_batch_images * length,
    )
