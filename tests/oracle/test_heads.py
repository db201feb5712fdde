"""Base models, poolers and classifiers of every family: parameters and FLOPs of the real class, to the unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle import support
from tests.oracle.configurations import CONFIGURATIONS, Configuration

from sheetgen.catalogue.huggingface import packaged  # isort: skip - PyTorch first, or the module is skipped
from sheetgen.catalogue.huggingface.table import OF_A_CLASS  # isort: skip - the same

pytestmark = pytest.mark.filterwarnings("default")

LABELS = 7
ENDS = 2  # of an answer, which some classes demand


def _classes() -> list[tuple[str, str]]:
    """Every class of transformers that has the body of a family and another head."""
    found = []
    for name in packaged().names():
        family = packaged().family(name)
        stem = family.stem or OF_A_CLASS.sub("", family.classes[0])
        named = (f"{stem}{ending}" for ending in family.heads)
        found += [(name, kind) for kind in named if hasattr(support.transformers, kind)]
    return found


def test_most_families_have_other_heads() -> None:
    """A base model each, and classifiers of about two thirds."""
    found = _classes()
    assert {family for family, _ in found} == set(packaged().names())
    assert sum(kind.endswith("ForSequenceClassification") for _, kind in found) >= 55


@pytest.mark.parametrize(("family", "kind"), _classes())
def test_heads_are_those_of_the_class(family: str, kind: str, tmp_path: Path) -> None:
    """With labels where it scores any; over sequences of two lengths, or one image."""
    labels = ENDS if kind.endswith("ForQuestionAnswering") else LABELS
    configuration: Configuration = {**CONFIGURATIONS[family][0], "architectures": [kind], "num_labels": labels}
    for length in (0,) if family == "vit" else (7, 24):
        real = support.counted_by_class(configuration, length)
        found = support.counted_by_us(configuration, tmp_path, length)
        assert real.forward is not None
        counted = found["parameters"], found["active_parameters"], found["forward_flops_per_sequence"]
        assert counted == tuple(real)
