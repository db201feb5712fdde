"""Parameters and FLOPs of every family, counted by PyTorch on the real model class of transformers.

For parameters the model is built on the meta device, so no weight takes memory. For FLOPs it is small and really runs,
because masks and routers look at values; ``FlopCounterMode`` counts the matrix products of a forward pass, and for
images of a backward pass. Windows and masks do not move this count: PyTorch computes the square.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
WHY = "the oracle needs PyTorch and transformers: pip install -e '.[dev,oracle]'"
torch = pytest.importorskip("torch", reason=WHY)
transformers = pytest.importorskip("transformers", reason=WHY)

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402 - only where PyTorch is installed

from sheetgen.base.inputs import architecture_keys  # noqa: E402 - the same
from sheetgen.catalogue.huggingface import import_config, packaged  # noqa: E402 - the same
from tests.oracle.configurations import CONFIGURATIONS, Configuration, drawn  # noqa: E402 - the same
from tests.support.engine_cases import Value, compute  # noqa: E402 - the same

pytestmark = pytest.mark.filterwarnings("default")

LENGTHS = (7, 24)  # one shorter than the window of 8 in these configurations, one longer
RANDOM = 6

ALL = [(family, index) for family in CONFIGURATIONS for index in range(len(CONFIGURATIONS[family]))]


def model_of(configuration: Configuration, device: str = "meta") -> Any:
    """The real model, experts one after the other, attention without fused kernels."""
    settings = {key: value for key, value in configuration.items() if key != "model_type"}
    config = transformers.AutoConfig.for_model(configuration["model_type"], **settings)
    config._attn_implementation = "eager"
    kind = {"vit": transformers.AutoModelForImageClassification, "bert": transformers.AutoModelForMaskedLM}
    loader = kind.get(configuration["model_type"], transformers.AutoModelForCausalLM)
    with torch.device(device):
        return loader.from_config(config, attn_implementation="eager", experts_implementation="eager").eval()


def counted(configuration: Configuration, directory: Path, context: int = 16) -> dict[str, Any]:
    """Every quantity of the imported configuration."""
    path = directory / "config.json"
    path.write_text(json.dumps(configuration), encoding="utf-8")
    model = import_config(path).model
    inputs: dict[str, Value] = {key: getattr(model, key) for key in architecture_keys()}
    if model.workload == "vision":
        inputs |= {"tokens": 0, "context_length": 0, "global_batch_tokens": 0, "images": 1, "epochs": 1}
        inputs |= {"global_batch_images": 1}
    else:
        inputs["context_length"] = context
    return compute(inputs)


def parameters(model: Any) -> int:
    """Numbers in the weights, tied ones once."""
    return sum(weight.numel() for weight in {id(weight): weight for weight in model.parameters()}.values())


def test_every_family_is_here() -> None:
    """Each family that the importer knows has two configurations or more."""
    assert set(CONFIGURATIONS) <= set(packaged().names())
    assert all(len(listed) >= 2 for listed in CONFIGURATIONS.values())


@pytest.mark.parametrize(("family", "index"), ALL)
def test_parameters_are_those_of_the_class(family: str, index: int, tmp_path: Path) -> None:
    """The count equals the number of elements of the model's weights, to the unit."""
    configuration = CONFIGURATIONS[family][index]
    assert counted(configuration, tmp_path)["parameters"] == parameters(model_of(configuration))


@pytest.mark.parametrize("family", CONFIGURATIONS)
def test_parameters_of_random_configurations(family: str, tmp_path: Path) -> None:
    """The same for configurations that nobody chose."""
    for configuration in drawn(family, RANDOM):
        assert counted(configuration, tmp_path)["parameters"] == parameters(model_of(configuration)), configuration


@pytest.mark.parametrize(("family", "index"), ALL)
def test_flops_are_those_that_pytorch_counts(family: str, index: int, tmp_path: Path) -> None:
    """Forward FLOPs of a sequence or image equal the sum of all matrix products, to the unit."""
    configuration = CONFIGURATIONS[family][index]
    model = model_of(configuration, "cpu")
    if family == "vit":
        side, channels = configuration["image_size"], configuration["num_channels"]
        pixels = torch.rand(1, channels, side, side)
        with FlopCounterMode(display=False) as counter:
            out = model(pixel_values=pixels).logits
        found = counted(configuration, tmp_path)
        assert found["forward_flops_per_sequence"] == counter.get_total_flops()
        with FlopCounterMode(display=False) as backward:
            out.sum().backward()
        assert found["backward_flops_per_sequence"] == backward.get_total_flops()
        return
    for length in LENGTHS:
        tokens = torch.arange(2, 2 + length).unsqueeze(0)
        options = {} if family == "bert" else {"use_cache": False}
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(input_ids=tokens, **options)
        assert counted(configuration, tmp_path, length)["forward_flops_per_sequence"] == counter.get_total_flops()
