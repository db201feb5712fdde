"""What one sequence is, and how much is trained on: tokens of a context, or the patches of an image.

An image of side S is cut into (S // p)² patches; with a class token it is one token longer (Dosovitskiy et al. 2021,
arXiv:2010.11929, section 3.1).
"""

from __future__ import annotations

from sheetgen.engine.architecture import Workload, YesNo
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity


@quantity("patch", "dosovitskiy2021")
def patches(workload: Workload, image_size: Number, patch_size: Number) -> Number:
    """Patches of one image; 0 for text, and where no patch has a size."""
    if workload != "vision" or patch_size <= 0:
        return 0
    side = image_size // patch_size
    return side * side


@quantity("count", "dosovitskiy2021", helper=True)
def class_tokens(workload: Workload, class_token: YesNo) -> int:
    """1 where an image has a class token, else 0."""
    return int(workload == "vision" and class_token == "yes")  # noqa: S105 - a token of an image


@quantity("token/sequence", "dosovitskiy2021")
def sequence_length(workload: Workload, context_length: Number, patches: Number, class_tokens: int) -> Number:
    """Length of a sequence: the context of text, patches and class token of an image."""
    return patches + class_tokens if workload == "vision" else context_length


@quantity("token")
def training_tokens(
    workload: Workload, tokens: Number, images: Number, epochs: Number, sequence_length: Number
) -> Number:
    """Tokens of the run: as given for text, images × epochs × length for images."""
    return images * epochs * sequence_length if workload == "vision" else tokens


@quantity("token/step")
def batch_tokens(
    workload: Workload, global_batch_tokens: Number, global_batch_images: Number, sequence_length: Number
) -> Number:
    """Tokens of one step: as given for text, images × length for images."""
    return global_batch_images * sequence_length if workload == "vision" else global_batch_tokens


@check(REVIEW)
def check_whole_sequences(batch_tokens: Number, sequence_length: Number) -> bool:
    """A batch holds a whole number of sequences; without a length another check speaks."""
    return sequence_length == 0 or batch_tokens % sequence_length == 0


@check(FAIL)
def check_tokens_given(training_tokens: Number) -> bool:
    """There is something to train on."""
    return training_tokens > 0
