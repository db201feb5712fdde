"""Models: the architecture of a published dense decoder, from which its parameters and FLOPs are counted.

A model is in the catalogue only if the architecture keys express it exactly: counting them gives the
published number of parameters to the unit. What they cannot express (an extra norm behind the embedding, a
bias on the output matrix, experts) is left out rather than approximated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sheetgen.catalogue.records import FILE_BYTES, Record, key_problem, unknown_keys
from sheetgen.errors import InvalidInput, Problem

YES_NO = ("yes", "no")
SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "n_layers": (1, 100_000),
        "d_model": (1, 10_000_000),
        "n_heads": (1, 1_000_000),
        "n_kv_heads": (1, 1_000_000),
        "head_dim": (1, 1_000_000),
        "d_ff": (1, 100_000_000),
        "vocab_size": (1, 100_000_000),
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
ARCHITECTURE = (*SIZES, *CHOICES)
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
    """A dense decoder; sizes are counts.

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
    from sheetgen.yamlfile import Scalar, Table, load_yaml

    file = str(path)
    root = load_yaml(path, limit_bytes=FILE_BYTES)
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
    return _model(path.stem, Record(file, 1, texts, problems, root.key_lines))


def _model(key: str, record: Record) -> Model:
    """The model of a record. Raises :class:`InvalidInput` with the problems of the record, if any."""
    architecture: dict[str, Any] = {
        name: record.whole(name, low=low, high=high, required=True) for name, (low, high) in SIZES.items()
    }
    architecture |= {name: record.choice(name, words) for name, words in CHOICES.items()}
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
