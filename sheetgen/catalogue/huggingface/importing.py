"""From a ``config.json`` to a model of the catalogue.

The table of families says what is read; here it is applied: the family and the model class of a file, its fields, what
the class cannot build or the keys cannot express, and the architecture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.catalogue.huggingface.expressions import Uncountable, Value
from sheetgen.catalogue.huggingface.fields import Fields, Missing, Source
from sheetgen.catalogue.huggingface.files import read_json
from sheetgen.catalogue.huggingface.strangers import config_path, refuse_other_files, refuse_other_models, text_part
from sheetgen.catalogue.huggingface.table import Family, FamilyTable, Sentence, packaged
from sheetgen.catalogue.models import Model, model_of
from sheetgen.catalogue.records import MAX_TEXT_CHARACTERS, Record

_SOURCE = "https://github.com/huggingface/transformers/tree/main/src/transformers/models/"
_OF_EXPERTS = (
    *("n_experts", "experts_per_token", "expert_d_ff", "shared_expert_d_ff", "shared_expert_gate", "dense_layers"),
    *("router_bias", "expert_bias"),
)
_OF_LATENTS = ("q_lora_rank", "kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_head_dim")
_OF_WINDOWS = ("attention_window", "windowed_layers", "window_kind")


@dataclass(frozen=True, slots=True)
class Imported:
    """A configuration that was understood.

    ``model_class`` is the class of transformers whose parameters are counted, ``notes`` what a reader of the count must
    know, each a sentence.
    """

    model: Model
    family: str
    model_class: str
    notes: tuple[str, ...]


def import_config(
    path: str | Path, name: str | None = None, *, text: bool = False, table: FamilyTable | None = None
) -> Imported:
    """The model of a Hugging Face ``config.json``, or of a directory that has one.

    ``text``: only the text model inside a configuration that has other parts, too. Raises InvalidInput with every
    mistake found: another kind of file, an unknown family, fields that are missing, of the wrong type or contradictory,
    and what the architecture keys cannot express; each with file, line, key, given and allowed.
    """
    table = table or packaged()
    path = config_path(Path(path))
    data, written = read_json(path)
    refuse_other_files(data, str(path))
    problems: list[Problem] = []
    whole = Source(data, written, str(path), problems)
    inner = text_part(data) if text and data.get("model_type") not in table else {}
    source = Source(inner, written, str(path), problems) if inner else whole
    refuse_other_models(source, table)
    family = table.family(str(source.data["model_type"]))
    model_class = family.classes[0] if inner else _class(source, family)
    fields = Fields(source, family, part=bool(inner))
    fields.read_all()
    _refuse(fields)
    if problems:
        raise InvalidInput(problems)
    values = _architecture(fields)
    if problems:
        raise InvalidInput(problems)
    notes = [f"The text model alone: the other parts of {data['model_type']} are not counted."] if inner else []
    notes += [note.text for note in family.notes if _holds(fields, note)]
    notes += _quantised(data)
    return Imported(
        _model(path, data, name, family, model_class, values, notes), family.name, model_class, tuple(notes)
    )


def _class(source: Source, family: Family) -> str:
    """The model class of the file; a problem where it is one whose parameters are others than those counted."""
    named = source.data.get("architectures")
    if named is None or named == []:
        return family.classes[0]
    if not isinstance(named, list) or not all(isinstance(word, str) for word in named):
        source.refuse("architectures", "must be a list of words", named)
        return family.classes[0]
    counted = {name.casefold() for name in family.classes}  # authors' own code spells some otherwise: MPTForCausalLM
    if not any(word.casefold() in counted for word in named):
        message = "is another model class than the one that is counted"
        source.refuse("architectures", message, named, f"{' or '.join(family.classes)}, or no such key")
    return family.classes[0]


def _refuse(fields: Fields) -> None:
    """A problem for each sentence of the family that holds; what rests on a mistake is not asked."""
    for sentence in fields.family.refuse:
        try:
            if fields.evaluator.value(sentence.when):
                key = fields.spelled(sentence.key)
                value = fields.value(sentence.key) if fields.states(sentence.key) else None
                given = list(value) if isinstance(value, tuple) else value
                fields.source.refuse(key, sentence.text, given, sentence.allowed or None)
        except Missing:
            continue
        except Uncountable as error:
            fields.refuse_uncountable(error)


def _holds(fields: Fields, note: Sentence) -> bool:
    return bool(fields.evaluator.value(note.when))


def _architecture(fields: Fields) -> dict[str, Value]:
    """The values of the architecture keys; a problem where one cannot be computed, or where two contradict."""
    values: dict[str, Value] = {}
    for key, text in fields.family.model.items():
        try:
            value = fields.evaluator.value(text)
        except Uncountable as error:
            fields.refuse_uncountable(error)
            continue
        values[key] = ("yes" if value else "no") if isinstance(value, bool) else value
    if not fields.source.problems:
        _settle(fields, values)
    return values


def _settle(fields: Fields, values: dict[str, Value]) -> None:
    """Leave out what a model without experts or windows has not, and refuse heads and experts that do not fit."""
    if not values.get("n_experts") or values.get("dense_layers", 0) >= values["n_layers"]:
        for key in _OF_EXPERTS:
            values.pop(key, None)
    if not values.get("attention_window") or not values.get("windowed_layers"):
        for key in _OF_WINDOWS:
            values.pop(key, None)
    if values.get("attention") != "mla":
        for key in _OF_LATENTS:
            values.pop(key, None)
        if values["n_heads"] % values["n_kv_heads"]:
            key = fields.spelled("num_key_value_heads")
            fields.source.refuse(key, "does not divide num_attention_heads", values["n_kv_heads"])
    if not values.get("shared_expert_d_ff"):
        values.pop("shared_expert_gate", None)
    if values.get("experts_per_token", 0) > values.get("n_experts", 0):
        key, most = fields.spelled("num_experts_per_tok"), values["n_experts"]
        fields.source.refuse(key, "exceeds the experts", values["experts_per_token"], f"at most {most}")


def _quantised(data: Mapping[str, Any]) -> list[str]:
    how = data.get("quantization_config")
    if not isinstance(how, Mapping):
        return []
    method = how.get("quant_method")
    shown = f" ({method[:40]})" if isinstance(method, str) and method.isprintable() else ""
    return [f"The file is of quantised weights{shown}: counted are the weights of the model class, one number each."]


def _model(
    path: Path,
    data: Mapping[str, Any],
    name: str | None,
    family: Family,
    model_class: str,
    values: Mapping[str, Value],
    notes: list[str],
) -> Model:
    """The model, named after what the configuration says or else after its file."""
    stated = data.get("_name_or_path")
    origin = stated if isinstance(stated, str) and stated.strip() and stated.isprintable() else path.name
    texts = {key: str(value) for key, value in values.items() if value is not None}
    texts["name"] = (name or (origin if origin != path.name else _stem(path)))[:80]
    texts["source"] = f"config.json of {origin[:200]}, family {family.name}, counted as {model_class}"
    texts["source_url"] = _SOURCE + family.folder
    texts["notes"] = " ".join(notes)[:MAX_TEXT_CHARACTERS]
    return model_of(_stem(path), Record(str(path), 1, texts, [], dict.fromkeys(texts, 1)))


def _stem(path: Path) -> str:
    """A name for a file that has none: its own, or its directory's where it is just ``config.json``."""
    stem = path.stem if path.stem != "config" else path.resolve().parent.name
    return stem if stem.strip() and stem.isprintable() else "model"
