"""What is no configuration of a counted family: which kind of file or model it is, and what can be done instead.

A configuration file is one of many JSON files beside a model; people give the others, too, or a directory, or a name
of the Hub. Each is recognised by keys that only it has. A model type that transformers knows is no mistyped name of
another family, however alike the two are: taking it for one would count another model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.yamlfile import Items, Node, Scalar, Table, load_yaml
from sheetgen.catalogue.huggingface.fields import Source
from sheetgen.catalogue.huggingface.table import FamilyTable

KNOWN = Path(__file__).with_name("known.yaml")
LISTED = "sheetgen import --families lists what can be counted"
HUB = re.compile(r"(?:https?://huggingface\.co/|hf:)?([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})/?")
TEXT_KEYS = ("text_config", "llm_config", "language_config")
DRAWN = 1  # letters that a mistyped name may differ by


def config_path(path: Path) -> Path:
    """The configuration that is meant: the file, or ``config.json`` in a directory.

    Raises InvalidInput where there is neither; a name of the Hub is answered with the address of its file.
    """
    if path.is_dir():
        if (path / "config.json").is_file():
            return path / "config.json"
        raise InvalidInput([Problem("is a directory without a config.json", str(path), allowed="a config.json")])
    hub = HUB.fullmatch(path.as_posix().replace(":/", "://", 1) if path.as_posix().startswith("http") else str(path))
    if hub and not path.exists() and not path.name.endswith(".json"):
        message = (
            "there is no such file. If it is a model of the Hugging Face Hub: nothing is fetched here; save "
            f"https://huggingface.co/{hub.group(1)}/raw/main/config.json and give that file"
        )
        raise InvalidInput([Problem(message, str(path))])
    return path


def refuse_other_files(data: Any, file: str) -> None:
    """Raises InvalidInput for JSON that is no configuration of a model, saying what it is and what to give."""
    if isinstance(data, list) and data and isinstance(data[0], Mapping) and "sentence_transformers" in str(data[0]):
        raise _no_configuration(file, "is the list of modules of sentence-transformers", "the config.json beside it")
    if not isinstance(data, dict):
        raise InvalidInput([Problem("must be a JSON object", file, 1)])
    if "model_type" in data and not data.keys() & {"peft_type", "_class_name"}:
        return
    for kind in _known().files:
        if any(set(keys.split()) <= data.keys() for keys in kind["has"].split("|")):
            raise _no_configuration(file, _filled(kind["what"], data), _filled(kind["give"], data))


def _no_configuration(file: str, what: str, give: str) -> InvalidInput:
    return InvalidInput([Problem(f"{what}, no configuration of a model", file, 1, allowed=give)])


def _filled(text: str, data: Mapping[str, Any]) -> str:
    """A text with the file's own values at the names in braces."""

    def value(found: re.Match[str]) -> str:
        given = data.get(found.group(1))
        known = isinstance(given, str | int) and str(given).isprintable()
        return str(given)[:80] if known else "not stated"

    return re.sub(r"\{(\w+)\}", value, text)


def refuse_other_models(source: Source, table: FamilyTable) -> None:
    """Raises InvalidInput where the model type is not a family of the table: known and not counted, or unknown."""
    given = source.data.get("model_type")
    if isinstance(given, str) and given in table:
        return
    if given is None:
        source.refuse("model_type", f"is missing{_by_class(source, table)}", allowed=LISTED)
    elif not isinstance(given, str):
        source.refuse("model_type", "must be a word", given, LISTED)
    else:
        source.refuse("model_type", f"{_answer(given, source, table)}; {LISTED}", given[:80])
    raise InvalidInput(source.problems)


def _answer(given: str, source: Source, table: FamilyTable) -> str:
    """Why a model type is not counted, and what can be done instead."""
    reason = known_types().get(given)
    if reason is None and "auto_map" in source.data:
        reason = known_types()["chatglm"]  # a model with code of its own, as this one is
    if reason is None:
        hint = mistyped(given, table.names())
        return "is not a family that can be counted" + (f": did you mean '{hint}'?" if hint else "")
    why, instead = reason
    if text_part(source.data).get("model_type") in table:
        instead = "--text counts its text model alone and says what is left out"
    return f"{why}. Instead {instead}"


def text_part(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The text model inside a configuration, with its model type if that is known; empty where there is none.

    Older files have it flat, beside the configuration of the other parts. Tied embeddings are stated inside or
    outside, and hold if one of the two says so.
    """
    outer = str(data.get("model_type"))
    family = _known().texts.get(outer)
    inner = next((data[key] for key in TEXT_KEYS if isinstance(data.get(key), Mapping)), None)
    if inner is None:
        return {**data, "model_type": family} if family is not None else {}
    found = {"model_type": family, **inner} if family is not None else dict(inner)
    tied = [part["tie_word_embeddings"] for part in (inner, data) if "tie_word_embeddings" in part]
    if tied:
        found["tie_word_embeddings"] = True if True in tied else tied[0]
    return found


def _by_class(source: Source, table: FamilyTable) -> str:
    """The family whose class the file names, where just one has it."""
    named = source.data.get("architectures")
    if not isinstance(named, list):
        return ""
    families = [name for name in table.names() if set(table.family(name).classes) & {str(word) for word in named}]
    return f"; architectures are those of {families[0]}" if len(families) == 1 else ""


def mistyped(given: str, families: tuple[str, ...]) -> str | None:
    """The family that a name is meant for if it is a mistyped one: another spelling, or a letter more, less or other.

    Figures must be alike: a further version of a family is another family.
    """
    plain = _plain(given)
    for family in families:
        other = _plain(family)
        if plain == other:
            return family
    for family in families:
        other = _plain(family)
        alike = re.sub(r"\D", "", plain) == re.sub(r"\D", "", other)
        if alike and min(len(plain), len(other)) >= 4 and _within_one(plain, other):
            return family
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())[:80]


def _within_one(one: str, other: str) -> bool:
    """Whether a letter put in, taken out or changed makes one of the other."""
    if abs(len(one) - len(other)) > DRAWN:
        return False
    short, long = sorted((one, other), key=len)
    start = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest = short[start + (len(short) == len(long)) :]
    return rest == long[start + 1 :]


class _Known(NamedTuple):
    """The content of known.yaml: why a type is not counted and what can be done, families of text models inside
    others, and other files as texts."""

    types: Mapping[str, tuple[str, str]]
    texts: Mapping[str, str]
    files: tuple[Mapping[str, str], ...]


@lru_cache(maxsize=1)
def _known() -> _Known:
    root = _mapping(load_yaml(KNOWN))
    instead = _texts(root["instead"])
    types: dict[str, tuple[str, str]] = {}
    for reason in _mapping(root["reasons"]).values():
        row = _texts(reason)
        types |= dict.fromkeys(row["types"].split(), (row["why"], instead[row["instead"]]))
    files = root["files"]
    assert isinstance(files, Items), "known.yaml is ours"
    return _Known(types, _texts(root["texts"]), tuple(_texts(row) for row in files.items))


def known_types() -> Mapping[str, tuple[str, str]]:
    """Model types that are known and not counted: why, and what can be done instead."""
    return _known().types


def _mapping(node: Node) -> Mapping[str, Node]:
    assert isinstance(node, Table), "known.yaml is ours"
    return node.entries


def _texts(node: Node) -> Mapping[str, str]:
    return {key: value.text for key, value in _mapping(node).items() if isinstance(value, Scalar)}
