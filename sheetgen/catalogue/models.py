"""Models: the architecture of a published transformer, from which its parameters and FLOPs are counted.

A model is in the catalogue only if the architecture keys express it exactly: counting them gives the published number
of parameters to the unit. What they cannot express is left out rather than approximated. Most keys may be absent: a
model without those of experts is dense, without those of latent attention it has heads of keys and values, without a
window it attends to its whole context, and it is a causal decoder of text unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.catalogue.records import MAX_FILE_BYTES, Record, key_problem, unknown_keys

YES_NO = ("yes", "no")
SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "n_layers": (1, 100_000),
        "d_model": (1, 10_000_000),
        "n_heads": (1, 1_000_000),
        "n_kv_heads": (1, 1_000_000),
        "head_dim": (1, 1_000_000),
        "d_ff": (1, 100_000_000),
        "vocab_size": (0, 100_000_000),
        "learned_positions": (0, 100_000_000),
        "norms_per_layer": (0, 16),
    }
)
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "gated_ffn": YES_NO,
        "tied_embeddings": YES_NO,
        "qkv_bias": YES_NO,
        "attention_output_bias": YES_NO,
        "ffn_bias": YES_NO,
        "norm": ("rmsnorm", "layernorm", "none"),
        "qk_norm": ("none", "head", "width"),
    }
)
EXPERT_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "n_experts": (0, 100_000),
        "experts_per_token": (0, 100_000),
        "expert_d_ff": (0, 10_000_000),
        "shared_expert_d_ff": (0, 10_000_000),
        "dense_layers": (0, 2_000),
    }
)
LATENT_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "q_lora_rank": (0, 1_000_000),
        "kv_lora_rank": (0, 1_000_000),
        "qk_nope_dim": (0, 100_000),
        "qk_rope_dim": (0, 100_000),
        "v_head_dim": (0, 100_000),
    }
)
WINDOW_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"attention_window": (0, 100_000_000), "windowed_layers": (0, 2_000)}
)
VISION_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "image_size": (0, 100_000),
        "patch_size": (0, 100_000),
        "image_channels": (0, 10_000),
        "n_classes": (0, 100_000_000),
    }
)
OTHER_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"token_types": (0, 100_000_000), "embedding_width": (0, 1_000_000), "mtp_layers": (0, 100)}
)
OPTIONAL_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {**LATENT_SIZES, **EXPERT_SIZES, **WINDOW_SIZES, **VISION_SIZES, **OTHER_SIZES}
)
NO_YES = ("no", "yes")
OPTIONAL_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "attention": ("gqa", "mla"),
        "shared_expert_gate": NO_YES,
        "router_bias": NO_YES,
        "workload": ("text", "vision"),
        "position_embedding": ("learned", "rotary", "alibi", "sinusoidal", "none"),
        "embedding_norm": NO_YES,
        "final_norm": YES_NO,
        "head_transform": NO_YES,
        "head_bias": NO_YES,
        "attention_mask": ("causal", "full"),
        "window_kind": ("sliding", "chunked"),
        "attention_sinks": NO_YES,
        "expert_bias": NO_YES,
        "mtp_logits": YES_NO,
        "class_token": NO_YES,
    }
)
"""The first word of each is what an absent key means; an absent size is 0."""
ARCHITECTURE = (*SIZES, *CHOICES, *OPTIONAL_SIZES, *OPTIONAL_CHOICES)
MODEL_KEYS = (
    "name",
    *ARCHITECTURE,
    "max_context_length",
    "published_parameters",
    "source",
    "source_url",
    "notes",
)
MOST_TOKENS = 1_000_000_000
MOST_PARAMETERS = 10**15


@dataclass(frozen=True, slots=True)
class Model:
    """A transformer; sizes are counts, and 0 where the model has no such part.

    ``max_context_length`` [tokens] and ``published_parameters`` are ``None`` where nothing is published; the
    latter is the exact number of elements of the weights, tied matrices counted once.
    """

    key: str
    name: str
    n_layers: int
    d_model: int
    n_heads: int
    n_kv_heads: int
    head_dim: int
    d_ff: int
    vocab_size: int
    learned_positions: int
    norms_per_layer: int
    gated_ffn: str
    tied_embeddings: str
    qkv_bias: str
    attention_output_bias: str
    ffn_bias: str
    norm: str
    qk_norm: str
    attention: str
    q_lora_rank: int
    kv_lora_rank: int
    qk_nope_dim: int
    qk_rope_dim: int
    v_head_dim: int
    n_experts: int
    experts_per_token: int
    expert_d_ff: int
    shared_expert_d_ff: int
    shared_expert_gate: str
    router_bias: str
    dense_layers: int
    workload: str
    position_embedding: str
    token_types: int
    embedding_width: int
    embedding_norm: str
    final_norm: str
    head_transform: str
    head_bias: str
    attention_mask: str
    attention_window: int
    window_kind: str
    windowed_layers: int
    attention_sinks: str
    expert_bias: str
    mtp_layers: int
    mtp_logits: str
    image_size: int
    patch_size: int
    image_channels: int
    class_token: str
    n_classes: int
    max_context_length: int | None
    published_parameters: int | None
    source: str
    source_url: str
    notes: str

    def architecture(self) -> dict[str, int | str]:
        """The values of the architecture keys, which a scenario may override one by one."""
        return {key: getattr(self, key) for key in ARCHITECTURE}

    def row(self) -> dict[str, str | int | None]:
        """The values by key of a model file, with the key of the model first."""
        return {key: getattr(self, key) for key in ("key", *MODEL_KEYS)}


def read_model(path: Path) -> Model:
    """The model of a file ``<key>.yaml``. Raises :class:`InvalidInput` with a problem per mistake."""
    # Imported on first use: the parser is not needed to list keys or to read accelerators.
    from sheetgen.base.yamlfile import Scalar, Table, load_yaml

    file = str(path)
    root = load_yaml(path, limit_bytes=MAX_FILE_BYTES)
    assert isinstance(root, Table), "load_yaml returns a mapping or raises"
    problems = unknown_keys(root.key_lines, MODEL_KEYS, file)
    if problem := key_problem(path.stem, file, None):
        problems.append(problem)
    texts: dict[str, str] = {}
    for key, node in root.entries.items():
        if isinstance(node, Scalar):
            texts[key] = "" if node.is_null else node.text
        elif key in MODEL_KEYS:
            problems.append(Problem("expected one value, not a list or a mapping", file, node.line, key=key))
            texts[key] = ""
    return model_of(path.stem, Record(file, 1, texts, problems, root.key_lines))


def model_of(key: str, record: Record) -> Model:
    """The model of a record. Raises :class:`InvalidInput` with the problems of the record, if any."""
    architecture: dict[str, Any] = {
        name: record.whole(name, low=low, high=high, required=True) for name, (low, high) in SIZES.items()
    }
    architecture |= {name: record.choice(name, words) for name, words in CHOICES.items()}
    architecture |= _optional(record)
    if not record.problems:
        _check_attention(record, architecture)
        _check_experts(record, architecture)
        _check_window(record, architecture)
        _check_vision(record, architecture)
        _check_parts(record, architecture)
    model = Model(
        key=key,
        name=record.text("name", required=True),
        **architecture,
        max_context_length=record.whole("max_context_length", low=1, high=MOST_TOKENS),
        published_parameters=record.whole("published_parameters", low=1, high=MOST_PARAMETERS),
        source=record.text("source", required=True),
        source_url=record.url("source_url"),
        notes=record.text("notes"),
    )
    if record.problems:
        raise InvalidInput(record.problems)
    return model


def _optional(record: Record) -> dict[str, Any]:
    """The keys of experts and of latent attention, with what their absence means; an empty value is refused."""
    values: dict[str, Any] = {}
    for name, (low, high) in OPTIONAL_SIZES.items():
        values[name] = record.whole(name, low=low, high=high, required=True) if name in record.texts else 0
    for name, words in OPTIONAL_CHOICES.items():
        values[name] = record.choice(name, words) if name in record.texts else words[0]
    return values


def _check_attention(record: Record, architecture: Mapping[str, Any]) -> None:
    """Adds a problem where latent attention lacks a width, or where there are widths and no latent attention."""
    if architecture["attention"] != "mla":
        for key in LATENT_SIZES:
            if architecture[key]:
                record.problem(key, "needs latent attention", given=str(architecture[key]), allowed="attention: mla")
        return
    for key in ("kv_lora_rank", "v_head_dim"):
        if not architecture[key]:
            record.problem(key, "missing, for attention is mla", allowed="a whole number from 1")
    if not architecture["qk_nope_dim"] + architecture["qk_rope_dim"]:
        record.problem("qk_nope_dim", "missing, as is qk_rope_dim, for attention is mla", allowed="a sum of 1 or more")


def _check_experts(record: Record, architecture: Mapping[str, Any]) -> None:
    """Adds a problem where figures of experts do not fit each other, or where there are some and no experts."""
    experts, layers = architecture["n_experts"], architecture["n_layers"]
    if not experts:
        for key in (*EXPERT_SIZES, "shared_expert_gate", "router_bias", "expert_bias"):
            if architecture[key] not in (0, "no"):
                record.problem(key, "needs n_experts", given=str(architecture[key]), allowed="n_experts: 1 or more")
        return
    for key, most in (("experts_per_token", experts), ("expert_d_ff", EXPERT_SIZES["expert_d_ff"][1])):
        if not architecture[key]:
            record.problem(key, "missing, for n_experts is given", allowed=f"a whole number from 1 to {most:,}")
    for key, most, of in (("experts_per_token", experts, "n_experts"), ("dense_layers", layers, "n_layers")):
        if architecture[key] > most:
            record.problem(key, f"exceeds {of}", given=str(architecture[key]), allowed=f"at most {most:,}")
    if architecture["shared_expert_gate"] == "yes" and not architecture["shared_expert_d_ff"]:
        record.problem("shared_expert_gate", "needs shared_expert_d_ff", given="yes", allowed="no")


def _check_window(record: Record, architecture: Mapping[str, Any]) -> None:
    """Adds a problem where a window lacks its size or its layers, or has more layers than there are."""
    size, layers = architecture["attention_window"], architecture["windowed_layers"]
    if size and not layers:
        record.problem("windowed_layers", "missing, for attention_window is given", allowed="a whole number from 1")
    if layers and not size:
        record.problem("attention_window", "missing, for windowed_layers is given", allowed="a whole number from 1")
    if layers > architecture["n_layers"]:
        most = architecture["n_layers"]
        record.problem("windowed_layers", "exceeds n_layers", given=str(layers), allowed=f"at most {most:,}")
    if architecture["window_kind"] == "chunked" and not size and not layers:
        record.problem("window_kind", "needs attention_window", given="chunked", allowed="sliding")


def _check_vision(record: Record, architecture: Mapping[str, Any]) -> None:
    """Adds a problem where a vision transformer lacks a size or is no encoder, or where a text model has an image."""
    if architecture["workload"] != "vision":
        for key in (*VISION_SIZES, "class_token"):
            if architecture[key] not in (0, "no"):
                record.problem(key, "needs workload vision", given=str(architecture[key]), allowed="workload: vision")
        if not architecture["vocab_size"]:
            record.problem("vocab_size", "must not be 0 for text", given="0", allowed="a whole number from 1")
        return
    for key in VISION_SIZES:
        if not architecture[key]:
            record.problem(key, "missing, for workload is vision", allowed="a whole number from 1")
    for key in ("vocab_size", "token_types", "embedding_width"):
        if architecture[key]:
            record.problem(key, "must be 0 for images", given=str(architecture[key]), allowed="0")
    if architecture["attention_mask"] != "full":
        record.problem("attention_mask", "must be full for images", given="causal", allowed="full")
    if architecture["patch_size"] and architecture["image_size"] % architecture["patch_size"]:
        record.problem("image_size", "is not a multiple of patch_size", given=str(architecture["image_size"]))


def _check_parts(record: Record, architecture: Mapping[str, Any]) -> None:
    """Adds a problem where learned positions or predicted tokens are given to a model that has none."""
    positions, kind = architecture["learned_positions"], architecture["position_embedding"]
    if positions and kind != "learned":
        message = f"must be 0, for position_embedding is {kind}"
        record.problem("learned_positions", message, given=str(positions), allowed="0")
    if architecture["mtp_layers"] and architecture["attention_mask"] != "causal":
        message = "needs a causal mask"
        record.problem("mtp_layers", message, given=str(architecture["mtp_layers"]), allowed="0")
    if architecture["mtp_logits"] == "no" and not architecture["mtp_layers"]:
        record.problem("mtp_logits", "needs mtp_layers", given="no", allowed="mtp_layers: 1 or more")
