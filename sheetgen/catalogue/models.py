"""Models: the architecture of a published transformer, from which its parameters and FLOPs are counted.

A model is in the catalogue only if the architecture keys express it exactly: counting them gives the published number
of parameters to the unit. What they cannot express is left out rather than approximated. The keys are the inputs of
``templates/inputs.yaml`` that describe a model, with their bounds, choices and defaults. One that has a default may be
absent: a model without experts is dense, one without those of latent attention has heads of keys and values, without a
window it attends to its whole context, and it is a causal decoder of text unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.inputs import Field, Value, architecture_keys, fields
from sheetgen.base.yamlfile import Scalar, Table, load_yaml
from sheetgen.catalogue.records import MAX_FILE_BYTES, Record, key_problem, unknown_keys
from sheetgen.catalogue.structure import structure

PUBLISHED = {"max_context_length": "context_length", "published_parameters": "undisclosed_parameters"}
"""Counts [tokens, parameters] that a file may give beside its architecture, and the input that bounds each."""

NEEDS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("q_lora_rank", "kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_head_dim"), ("attention", "mla")
        ),
        **dict.fromkeys(
            ("experts_per_token", "expert_d_ff", "shared_expert_d_ff", "dense_layers"), ("n_experts", None)
        ),
        **dict.fromkeys(("router_bias", "expert_bias"), ("n_experts", None)),
        "shared_expert_gate": ("shared_expert_d_ff", None),
        "window_kind": ("attention_window", None),
        "mtp_logits": ("mtp_layers", None),
        "mtp_layers": ("attention_mask", "causal"),
        "learned_positions": ("position_embedding", "learned"),
    }
)
"""Keys that say nothing without another one: which, and the word that it must have, or ``None`` for 1 or more."""


@dataclass(frozen=True, slots=True)
class Model:
    """A transformer: ``values`` by architecture key, sizes as counts, 0 where the model has no such part.

    The values are attributes, too (``model.n_layers``). ``max_context_length`` [tokens] and ``published_parameters``
    are ``None`` where nothing is published; the latter is the exact number of elements of the weights, tied matrices
    counted once.
    """

    key: str
    name: str
    values: Mapping[str, Value]
    max_context_length: int | None
    published_parameters: int | None
    source: str
    source_url: str
    notes: str

    def __getattr__(self, name: str) -> Any:
        """The value of an architecture key."""
        if name in architecture_keys():
            return self.values[name]
        raise AttributeError(name)

    def architecture(self) -> dict[str, Value]:
        """The values of the architecture keys, which a scenario may override one by one."""
        return dict(self.values)

    def row(self) -> dict[str, Value | None]:
        """The values by key of a model file, with the key of the model first."""
        return {key: getattr(self, key) for key in ("key", *model_keys())}


def model_keys() -> tuple[str, ...]:
    """The keys of a model file, in order."""
    return ("name", *architecture_keys(), *PUBLISHED, "source", "source_url", "notes")


def defaults() -> dict[str, Value]:
    """What a model has whose file does not give a key; keys without a default must be given."""
    specs = fields()
    return {
        key: specs[key].read(str(specs[key].default)) for key in architecture_keys() if specs[key].default is not None
    }


def read_model(path: Path) -> Model:
    """The model of a file ``<key>.yaml``. Raises :class:`InvalidInput` with a problem per mistake."""
    file = str(path)
    root = load_yaml(path, max_bytes=MAX_FILE_BYTES)
    assert isinstance(root, Table), "load_yaml returns a mapping or raises"
    problems = unknown_keys(root.key_lines, model_keys(), file)
    if problem := key_problem(path.stem, file, None):
        problems.append(problem)
    texts: dict[str, str] = {}
    for key, node in root.entries.items():
        if isinstance(node, Scalar):
            texts[key] = "" if node.is_null else node.text
        elif key in model_keys():
            problems.append(Problem("must be a single value", file, node.line, key=key))
    return model_of(path.stem, Record(file, 1, texts, problems, root.key_lines))


def model_of(key: str, record: Record) -> Model:
    """The model of a record. Raises :class:`InvalidInput` with the problems of the record, if any."""
    values = _architecture(record)
    if not record.problems:
        for misfit in structure(values):
            given = str(values[misfit.key]) if misfit.key in record.texts else None
            record.problem(misfit.key, misfit.message, given=given, allowed=misfit.allowed)
        _check_needs(record, values)
    specs = fields()
    parts: dict[str, Any] = {name: _count(record, name, specs[bounds]) for name, bounds in PUBLISHED.items()}
    parts |= {name: record.text(name, required=True) for name in ("name", "source")}
    parts |= {"source_url": record.url("source_url"), "notes": record.text("notes")}
    if (complaint := specs["model"].complaint(parts["name"])) and parts["name"]:
        record.problem("name", complaint, given=parts["name"], allowed=specs["model"].allowed)
    if record.problems:
        raise InvalidInput(record.problems)
    return Model(key=key, values=MappingProxyType(values), **parts)


def _architecture(record: Record) -> dict[str, Value]:
    """The value of each key, its default where it is absent; what is wrong goes to the record."""
    values, implied = dict[str, Value](), defaults()
    for key in architecture_keys():
        spec = fields()[key]
        given = key in record.texts or key not in implied
        value = record.value(spec if spec.workload else spec.as_needed) if given else implied[key]
        values[key] = spec.absent if value is None else value
    return values


def _count(record: Record, name: str, bounds: Field) -> int | None:
    value = record.value(bounds._replace(key=name, minimum=1)) if record.texts.get(name, "").strip() else None
    return None if value is None else int(value)


def _check_needs(record: Record, values: Mapping[str, Value]) -> None:
    """Adds a problem for each key that says something about a part that the model does not have."""
    absent = {key: fields()[key].absent for key in NEEDS}
    for key, (other, word) in NEEDS.items():
        if values[key] == absent[key] or (values[other] == word if word else values[other]):
            continue
        message = f"needs {other}: {word or '1 or more'}"
        record.problem(key, message, given=str(values[key]), allowed=f"{absent[key]} without it")
