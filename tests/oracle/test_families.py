"""Parameters and FLOPs of every family, counted by PyTorch on the real model class of transformers.

For parameters the model is built on the meta device, so no weight takes memory. For FLOPs it is small and really runs,
because masks and routers look at values; ``FlopCounterMode`` counts the matrix products of a forward pass, and for
images of a backward pass. Windows and masks do not move this count: PyTorch computes the square.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import support
from tests.oracle.configurations import CONFIGURATIONS, drawn

from sheetgen.catalogue.huggingface import packaged  # isort: skip - PyTorch first, or the module is skipped
from sheetgen.catalogue.huggingface.fields import Fields, Source  # isort: skip - the same

pytestmark = pytest.mark.filterwarnings("default")

LENGTHS = (7, 24)  # one shorter than the window of 8 in these configurations, one longer
RANDOM = 6
ALL = [(family, index) for family in CONFIGURATIONS for index in range(len(CONFIGURATIONS[family]))]


def test_every_family_is_here() -> None:
    """Each family that the importer knows has two configurations."""
    assert set(CONFIGURATIONS) == set(packaged().names())


def test_most_decoders_of_transformers_are_counted() -> None:
    """At least 75 of the families that transformers builds as decoders of text alone."""
    names = support.transformers.models.auto.modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    assert len(set(names) & set(packaged().names())) >= 75


@pytest.mark.parametrize("family", CONFIGURATIONS)
def test_defaults_are_those_of_the_class(family: str) -> None:
    """What the table says of a field that a file does not have is what the configuration class says."""
    kind = support.transformers.CONFIG_MAPPING[support.RUN_AS.get(family, family)]
    row = packaged().family(family)
    fields = Fields(Source({}, "{}", "config.json", []), row, part=True)
    own: dict[str, Any] = {field.name: field.default for field in dataclasses.fields(kind)}
    built = kind()
    for name, field in row.reads.items():
        spelled = next((name for name in field.names if name in own), None)
        if spelled in (None, "id2label") or field.default in (None, "nothing") or getattr(built, spelled) is None:
            continue  # read with getattr, required, or computed by the model class: the mutations hold these
        stated = fields.value(name)
        of_class = [own[spelled], getattr(built, spelled)]  # as written, and as it is after the class has looked at it
        if field.kind == "repeated":
            assert stated == tuple(built.attention_layers)
        else:
            assert stated in [tuple(value) if isinstance(value, list) else value for value in of_class], name


@pytest.mark.parametrize(("family", "index"), ALL)
def test_parameters_are_those_of_the_class(family: str, index: int, tmp_path: Path) -> None:
    """The count equals the number of elements of the model's weights, to the unit."""
    configuration = CONFIGURATIONS[family][index]
    model = support.model_of(configuration)
    assert support.counted_by_us(configuration, tmp_path, 16)["parameters"] == support.parameters(model)


@pytest.mark.parametrize("family", CONFIGURATIONS)
def test_parameters_of_random_configurations(family: str, tmp_path: Path) -> None:
    """The same for configurations that nobody chose."""
    for configuration in drawn(family, RANDOM):
        model = support.model_of(configuration)
        found = support.counted_by_us(configuration, tmp_path, 16)["parameters"]
        assert found == support.parameters(model), configuration


@pytest.mark.parametrize(("family", "index"), ALL)
def test_active_parameters_and_flops(family: str, index: int, tmp_path: Path) -> None:
    """Active parameters, and forward FLOPs of a sequence or image as the sum of all matrix products, to the unit."""
    configuration = CONFIGURATIONS[family][index]
    for length in LENGTHS if family != "vit" else (0,):
        counted = support.counted_by_class(configuration, length)
        found = support.counted_by_us(configuration, tmp_path, length)
        assert found["active_parameters"] == counted.active
        assert found["forward_flops_per_sequence"] == counted.forward


@pytest.mark.parametrize("index", [0, 1])
def test_backward_flops_of_an_image(index: int, tmp_path: Path) -> None:
    """No gradient flows into the pixels."""
    configuration = CONFIGURATIONS["vit"][index]
    side, channels = configuration["image_size"], configuration["num_channels"]
    model = support.model_of(configuration, "cpu")
    out = model(pixel_values=support.torch.rand(1, channels, side, side)).logits
    with support.FlopCounterMode(display=False) as counter:
        out.sum().backward()
    found = support.counted_by_us(configuration, tmp_path, 0)
    assert found["backward_flops_per_sequence"] == counter.get_total_flops()
