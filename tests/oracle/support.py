"""What the oracle's tests share: the real model of a configuration and its counts, and the importer's counts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
WHY = "the oracle needs PyTorch and transformers: pip install -e '.[dev,oracle]'"
torch = pytest.importorskip("torch", reason=WHY)
transformers = pytest.importorskip("transformers", reason=WHY)

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402 - only where PyTorch is installed

from sheetgen.catalogue.huggingface import import_config, packaged  # noqa: E402 - the same
from tests.oracle.configurations import Configuration  # noqa: E402 - the same
from tests.support.engine_cases import Value, compute  # noqa: E402 - the same

transformers.logging.set_verbosity_error()
torch.set_num_threads(1)

RUN_AS: dict[str, str] = {"kimi_k2": "deepseek_v3"}
"""A family that transformers has under another name."""
ALL_EXPERTS = {"llama4_text"}
"""Families whose class runs every expert over every token and weighs what comes out: k of E is what is meant."""


HEADLESS = "TextModel"
"""How a class ends that is the text model inside another one: the head that the whole puts on it is counted here."""


class Counts(NamedTuple):
    """Parameters, those that a token meets, and FLOPs of a forward pass."""

    parameters: int
    active: int
    forward: int | None


def model_of(configuration: Configuration, device: str = "meta") -> Any:
    """The real model, experts one after the other, attention without fused kernels."""
    family = configuration["model_type"]
    settings = {key: value for key, value in configuration.items() if key != "model_type"}
    config = transformers.AutoConfig.for_model(RUN_AS.get(family, family), **settings)
    config._attn_implementation = "eager"
    kind = getattr(transformers, packaged().family(family).classes[0])
    with torch.device(device):
        return kind._from_config(config, attn_implementation="eager", experts_implementation="eager").eval()


def head(model: Any) -> int:
    """Weights of the head that a text model has in the model around it, tied or not; 0 where it has its own."""
    inside = type(model).__name__.endswith(HEADLESS)
    return model.config.vocab_size * model.config.hidden_size if inside else 0


def parameters(model: Any) -> int:
    """Numbers in the weights, tied ones once."""
    own = sum(weight.numel() for weight in {id(weight): weight for weight in model.parameters()}.values())
    return own if getattr(model.config, "tie_word_embeddings", False) else own + head(model)


def experts_of(model: Any) -> tuple[int, int, int]:
    """Numbers in the weights of routed experts, how many experts a layer has, and how many a token meets: 0, 1, 1
    without any."""
    weights = [weight for name, weight in model.named_parameters() if ".experts." in name]
    if not weights:
        return 0, 1, 1
    experts = next(
        value for name, part in model.named_modules() if name.endswith(".experts")
        for value in (getattr(part, key, None) for key in ("num_experts", "moe_num_experts")) if value is not None
    )  # fmt: skip
    met = next(
        value for part in model.modules()
        for value in (getattr(part, key, None) for key in ("top_k", "moe_top_k")) if isinstance(value, int)
    )  # fmt: skip
    return sum(weight.numel() for weight in weights), experts, met


def forward_flops(model: Any, configuration: Configuration, length: int) -> int:
    """FLOPs of all matrix products of one sequence or image."""
    if configuration["model_type"] == "vit":
        side, channels = configuration["image_size"], configuration["num_channels"]
        inputs = {"pixel_values": torch.rand(1, channels, side, side)}
    else:
        inputs = {"input_ids": torch.arange(2, 2 + length).unsqueeze(0)}
    with FlopCounterMode(display=False) as counter:
        model(**inputs)
    return int(counter.get_total_flops()) + 2 * length * head(model)


def counted_by_class(configuration: Configuration, length: int) -> Counts:
    """The counts of the real class; FLOPs None where it cannot run. Raises where it cannot be built."""
    model = model_of(configuration, "cpu")
    total = parameters(model)
    routed, experts, met = experts_of(model)
    unmet = routed * (experts - met) // experts
    try:
        forward: int | None = forward_flops(model, configuration, length)
    except Exception:
        forward = None
    if forward is not None and configuration["model_type"] in ALL_EXPERTS:
        forward -= 2 * length * unmet
    return Counts(total, total - unmet, forward)


def imported(configuration: Configuration, directory: Path) -> Any:
    """The model that the importer makes of a configuration."""
    path = directory / "config.json"
    path.write_text(json.dumps(configuration), encoding="utf-8")
    return import_config(path).model


def counted_by_us(configuration: Configuration, directory: Path, context: int) -> dict[str, Any]:
    """Every quantity of the imported configuration."""
    model = imported(configuration, directory)
    inputs: dict[str, Value] = dict(model.architecture())
    if model.workload == "vision":
        inputs |= {"tokens": 0, "context_length": 0, "global_batch_tokens": 0, "images": 1, "epochs": 1}
        inputs |= {"global_batch_images": 1}
    else:
        inputs["context_length"] = context
    return compute(inputs)
