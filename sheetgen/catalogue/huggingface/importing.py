"""From a ``config.json`` to a model of the catalogue, and to the text of its file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices
from sheetgen.catalogue.huggingface.config import Config, line_of, read_json
from sheetgen.catalogue.huggingface.families import DECODERS
from sheetgen.catalogue.huggingface.older import OTHERS
from sheetgen.catalogue.models import Model, defaults, model_of
from sheetgen.catalogue.records import Record

FAMILIES: Mapping[str, Callable[[Config], dict[str, Any]]] = {**DECODERS, **OTHERS}
"""Families by ``model_type``."""

CLASSES: Mapping[str, tuple[str, ...]] = {
    "llama": ("LlamaForCausalLM",),
    "mistral": ("MistralForCausalLM",),
    "mixtral": ("MixtralForCausalLM",),
    "qwen2": ("Qwen2ForCausalLM",),
    "qwen3": ("Qwen3ForCausalLM",),
    "qwen3_moe": ("Qwen3MoeForCausalLM",),
    "gemma": ("GemmaForCausalLM",),
    "gemma2": ("Gemma2ForCausalLM",),
    "gemma3": ("Gemma3ForConditionalGeneration", "Gemma3ForCausalLM"),
    "gemma3_text": ("Gemma3ForCausalLM",),
    "phi3": ("Phi3ForCausalLM",),
    "olmo2": ("Olmo2ForCausalLM",),
    "starcoder2": ("Starcoder2ForCausalLM",),
    "gpt_oss": ("GptOssForCausalLM",),
    "deepseek_v2": ("DeepseekV2ForCausalLM",),
    "deepseek_v3": ("DeepseekV3ForCausalLM",),
    "falcon": ("FalconForCausalLM",),
    "gpt2": ("GPT2LMHeadModel",),
    "gpt_neox": ("GPTNeoXForCausalLM",),
    "opt": ("OPTForCausalLM",),
    "bloom": ("BloomForCausalLM",),
    "gpt_bigcode": ("GPTBigCodeForCausalLM",),
    "vit": ("ViTForImageClassification",),
    "bert": ("BertForMaskedLM",),
}
"""The model classes that are counted, by family; the first is the one meant where a file names none."""

HEAD = """\
# A model file of sheetgen, written from a Hugging Face configuration. Name it in a scenario (model: THIS_FILE), or put
# it into DIR/models/ and pass --catalogue DIR. Every key may be edited; a key that is left out has its default.
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """A configuration that was understood: the model, its family, and the model class that was counted."""

    model: Model
    family: str
    model_class: str


def import_config(path: str | Path, name: str | None = None) -> Imported:
    """The model of a Hugging Face ``config.json``.

    Raises InvalidInput with every mistake found: an unknown family, fields that are missing, of the wrong type or
    contradictory, and what the architecture keys cannot express; each with file, line, key, given and allowed.
    """
    path = Path(path)
    data, text = read_json(path)
    config = Config(data, text, str(path))
    family = _family(config)
    model_class = _class(config, family)
    config.must_be("is_encoder_decoder", False, "has an encoder and a decoder, which cannot be counted")
    values = FAMILIES[family](config)
    if config.problems:
        raise InvalidInput(config.problems)
    stated = data.get("_name_or_path")
    origin = stated if isinstance(stated, str) and stated.strip() and stated.isprintable() else path.name
    texts = {key: str(value) for key, value in values.items() if value is not None}
    texts["name"] = (name or (origin if origin != path.name else _stem(path)))[:80]
    texts["source"] = f"config.json of {origin[:200]}, family {family}, counted as {model_class}"
    texts["source_url"] = (
        f"https://github.com/huggingface/transformers/tree/main/src/transformers/models/{_folder(family)}"
    )
    texts["notes"] = " ".join(config.notes)
    lines = dict.fromkeys(texts, 1)
    return Imported(model_of(_stem(path), Record(str(path), 1, texts, [], lines)), family, model_class)


def _stem(path: Path) -> str:
    """A name for a file that has none: its own, or its directory's where it is just ``config.json``."""
    stem = path.stem if path.stem != "config" else path.resolve().parent.name
    return stem if stem.strip() and stem.isprintable() else "model"


def _folder(family: str) -> str:
    return "gemma3" if family == "gemma3_text" else family


def _family(config: Config) -> str:
    given = config.data.get("model_type")
    if not isinstance(given, str) or given not in FAMILIES:
        known = sorted(FAMILIES)
        line = line_of(config.text, "model_type")
        message = "is missing" if given is None else "is not a family that can be counted"
        hint = did_you_mean(given, known) if isinstance(given, str) else ""
        shown = None if given is None else str(given)[:80]
        problem = Problem(f"{message}{hint}", config.file, line, "model_type", shown, list_choices(known))
        raise InvalidInput([problem])
    return given


def _class(config: Config, family: str) -> str:
    """The model class of the file; a problem where it is one whose parameters are others than those counted."""
    known = CLASSES[family]
    named = config.words("architectures")
    if not named:
        return known[0]
    found = [name for name in named if name in known]
    if not found:
        message = "is another model class than the one that is counted"
        config.refuse("architectures", message, named, f"{' or '.join(known)}, or no such key")
        return known[0]
    return found[0]


def model_file(model: Model) -> str:
    """The text of a model file: every required key, and the optional ones that are not at their defaults."""
    implied = defaults()
    lines = [HEAD, f"name: {_text(model.name)}\n"]
    lines += [f"{key}: {value}\n" for key, value in model.values.items() if value != implied.get(key)]
    if model.max_context_length is not None:
        lines.append(f"max_context_length: {model.max_context_length}\n")
    lines += [
        f"{key}: {_text(getattr(model, key))}\n" for key in ("source", "source_url", "notes") if getattr(model, key)
    ]
    return "".join(lines)


def _text(value: str) -> str:
    """A YAML double-quoted scalar: JSON strings are such."""
    return json.dumps(value, ensure_ascii=False)
