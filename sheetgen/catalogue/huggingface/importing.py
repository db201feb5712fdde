"""From a ``config.json`` to a model of the catalogue.

The table of families says what is read; here it is applied: the family and the model class of a file, its fields, what
the class cannot build or the keys cannot express, and the architecture.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.inputs import fields as inputs
from sheetgen.catalogue.huggingface.expressions import Uncountable, Value
from sheetgen.catalogue.huggingface.fields import Fields, Missing, Source
from sheetgen.catalogue.huggingface.files import read_json
from sheetgen.catalogue.huggingface.strangers import (
    TEXT_KEYS,
    config_path,
    refuse_other_files,
    refuse_other_models,
    text_part,
)
from sheetgen.catalogue.huggingface.table import Family, FamilyTable, Sentence, packaged
from sheetgen.catalogue.models import Model, defaults, model_of
from sheetgen.catalogue.records import MAX_TEXT_CHARACTERS, Record

_SOURCE = "https://github.com/huggingface/transformers/tree/main/src/transformers/models/"
PARTS = {"vision_config": "vision tower", "audio_config": "audio tower"}
"""What keys of a file hold, in words."""
MOST_OF_A_PART = 120  # characters, as the input has


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
    model_class, instead = (family.classes[0], {}) if inner else _class(source, family)
    fields = Fields(source, family, part=bool(inner), head=instead.get("head", "scores"))
    fields.read_all()
    _refuse(fields)
    if problems:
        raise InvalidInput(problems)
    values = _architecture(fields, instead)
    if problems:
        raise InvalidInput(problems)
    parts = [part.text for part in family.said.parts if _holds(fields, part)]
    notes = [f"The text model alone: the other parts of {data['model_type']} are not counted."] if inner else []
    parts += [_other_parts(data)] if inner else []
    notes += [note.text for note in family.said.notes if _holds(fields, note)]
    notes += _quantised(data) + _own_code(data)
    said = {"uncounted_part": "; ".join(parts)[:MOST_OF_A_PART], "notes": " ".join(notes)[:MAX_TEXT_CHARACTERS]}
    model = _model(path, data, name, family, {**_texts(values), **said}, model_class)
    return Imported(model, family.name, model_class, tuple(notes))


def _class(source: Source, family: Family) -> tuple[str, Mapping[str, str]]:
    """The model class of the file, and what it has in place of the family's first class's architecture; a problem
    where it is one whose parameters are others than those that can be counted."""
    named = source.data.get("architectures")
    if named is None or named == []:
        return family.classes[0], {}
    if not isinstance(named, list) or not all(isinstance(word, str) for word in named):
        source.refuse("architectures", "must be a list of words", named)
        return family.classes[0], {}
    for word in named:
        instead = family.head(word)
        if instead is not None:
            return (word if instead else family.classes[0]), instead
    message = "is another model class than those that are counted"
    others = f"the same with {', '.join(family.heads)}" if family.heads else ""
    allowed = ", ".join(filter(None, (" or ".join(family.classes), others, "or no such key")))
    source.refuse("architectures", message, named, allowed)
    return family.classes[0], {}


def _other_parts(data: Mapping[str, Any]) -> str:
    """What a file has beside its text model: its own names of the parts."""
    names = [key for key, value in data.items() if key.endswith("_config") and isinstance(value, Mapping) and value]
    beside = [PARTS.get(name, name) for name in names if name not in {*TEXT_KEYS, "quantization_config"}]
    return f"{', '.join(beside) or 'parts beside the text model'} of {data['model_type']}"


def _refuse(fields: Fields) -> None:
    """A problem for each sentence of the family that holds; what rests on a mistake is not asked."""
    for sentence in fields.family.said.refuse:
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


def _architecture(fields: Fields, instead: Mapping[str, str]) -> dict[str, Value]:
    """The values of the architecture keys, of which a class may have others ``instead``; a problem where one cannot be
    computed, or where two contradict."""
    values: dict[str, Value] = {}
    for key, text in {**fields.family.model, **instead}.items():
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
    """Leave out what says nothing of this model, and refuse heads and experts that do not fit."""
    if values.get("dense_layers", 0) >= values["n_layers"]:
        values.pop("n_experts", None)
    if not values.get("attention_window") or not values.get("windowed_layers"):
        values.pop("attention_window", None)
        values.pop("windowed_layers", None)
    implied = defaults()
    there = ChainMap(values, implied)
    for key in implied:
        whole = inputs()[key].part_of
        if whole is not None and not whole.is_in(there):
            values.pop(key, None)
    if values.get("attention") != "mla" and values["n_heads"] % values["n_kv_heads"]:
        key = fields.spelled("num_key_value_heads")
        fields.source.refuse(key, "does not divide num_attention_heads", values["n_kv_heads"])
    if values.get("experts_per_token", 0) > values.get("n_experts", 0):
        key, most = fields.spelled("num_experts_per_tok"), values["n_experts"]
        fields.source.refuse(key, "exceeds the experts", values["experts_per_token"], f"at most {most}")


def _quantised(data: Mapping[str, Any]) -> list[str]:
    how = data.get("quantization_config")
    if not isinstance(how, Mapping):
        return []
    method = how.get("quant_method")
    shown = f" ({method[:40]})" if isinstance(method, str) and method.isprintable() else ""
    return [f"Weights are quantised{shown}: counted is one number each, as the model class has them."]


def _own_code(data: Mapping[str, Any]) -> list[str]:
    """That a file comes with code of its own is said: the class of transformers is counted, not that code."""
    if not data.get("auto_map"):
        return []
    return ["The file's own code (auto_map) is not looked at: counted is the class of transformers."]


def _texts(values: Mapping[str, Value]) -> dict[str, str]:
    return {key: str(value) for key, value in values.items() if value is not None}


def _model(
    path: Path, data: Mapping[str, Any], name: str | None, family: Family, texts: dict[str, str], model_class: str
) -> Model:
    """The model, named after what the configuration says or else after its file."""
    stated = data.get("_name_or_path")
    origin = stated if isinstance(stated, str) and stated.strip() and stated.isprintable() else path.name
    texts["name"] = (name or (origin if origin != path.name else _stem(path)))[:80]
    texts["source"] = f"config.json of {origin[:200]}, family {family.name}, counted as {model_class}"
    texts["source_url"] = _SOURCE + family.folder
    return model_of(_stem(path), Record(str(path), 1, texts, [], dict.fromkeys(texts, 1)))


def _stem(path: Path) -> str:
    """A name for a file that has none: its own, or its directory's where it is just ``config.json``."""
    stem = path.stem if path.stem != "config" else path.resolve().parent.name
    return stem if stem.strip() and stem.isprintable() else "model"
