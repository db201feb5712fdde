"""The table of families: what of a configuration is read, and how it becomes the architecture of a model.

``families.yaml`` explains its own columns. A family stands on another one (``like``), of which it takes what it does
not say itself. Only the families that are asked for are put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean
from sheetgen.base.inputs import architecture_keys, options
from sheetgen.base.inputs import fields as inputs
from sheetgen.base.yamlfile import Items, Node, Scalar, Table, load_yaml
from sheetgen.catalogue.huggingface.expressions import names
from sheetgen.catalogue.huggingface.kinds import KINDS

TABLE = Path(__file__).with_name("families.yaml")
FAMILY_KEYS = ("like", "class", "reads", "model", "refuse", "notes", "folder", "counted")
FIELD_KEYS = ("kind", "names", "default", "null", "words")
REQUIRED = "required"
"""The default of a field that a family has no default for, though the one that it stands on has."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a configuration: its kind, how files spell it, and what its absence and its null mean.

    ``default`` and ``null`` are expressions, ``null`` may be the word ``default``; without one the field must be given.
    ``stated``: a file of its own, which is no part of another, states it in any case. ``words`` are those that a layer
    may have.
    """

    kind: str
    names: tuple[str, ...]
    stated: bool = False
    default: str | None = None
    null: str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said where a condition holds: of a field, if it is a refusal."""

    when: str
    text: str
    key: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """One family, with all that it takes from those that it is like."""

    name: str
    classes: tuple[str, ...]
    reads: Mapping[str, Field]
    model: Mapping[str, str]
    refuse: tuple[Sentence, ...]
    notes: tuple[Sentence, ...]
    folder: str


class FamilyTable:
    """The families of one file, or of a user's file laid over it."""

    def __init__(self, files: Iterable[Path] = (TABLE,)) -> None:
        self._kinds: dict[str, Field] = {}
        self._rows: dict[str, tuple[str, Table]] = {}
        for path in files:
            self._add(str(path), _parsed(path))
        self._families: dict[str, Family] = {}

    def _add(self, file: str, root: Table) -> None:
        for key, node in root.entries.items():
            if key not in ("fields", "families") or not isinstance(node, Table):
                raise _invalid(file, root.key_lines[key], "unknown key", key, "fields and families, each a mapping")
        for name, kind in _entries(root, "fields", file).items():
            self._kinds[name] = _kind(Field("", (name,)), kind, file)
        for name, row in _entries(root, "families", file).items():
            if not isinstance(row, Table):
                raise _invalid(file, row.line, "must be a mapping", name)
            self._rows[name] = (file, row)

    def names(self) -> tuple[str, ...]:
        """The families that are counted, in alphabetical order; those that others stand on begin with a line."""
        return tuple(sorted(name for name in self._rows if not name.startswith("_")))

    def fields(self) -> frozenset[str]:
        """Every field that a family reads, by the names of the table."""
        return frozenset(self._kinds)

    def __contains__(self, name: object) -> bool:
        return name in self._rows and not str(name).startswith("_")

    def family(self, name: str) -> Family:
        """A family by name. Raises KeyError where there is none, InvalidInput where its row is wrong."""
        if name not in self._families:
            file, row = self._rows[name]
            self._families[name] = self._read(name, file, row)
        return self._families[name]

    def _read(self, name: str, file: str, row: Table) -> Family:
        for key, line in row.key_lines.items():
            if key not in FAMILY_KEYS:
                raise _invalid(file, line, f"unknown key{did_you_mean(key, FAMILY_KEYS)}", key, ", ".join(FAMILY_KEYS))
        parent = self._parent(name, file, row)
        reads = dict(parent.reads)
        for key, node in _entries(row, "reads", file).items():
            if key not in self._kinds:
                raise _invalid(file, node.line, f"unknown field{did_you_mean(key, self._kinds)}", key)
            reads[key] = _field(reads.get(key, self._kinds[key]), node, file)
        model = dict(parent.model)
        for key, node in _entries(row, "model", file).items():
            if key not in _model_keys():
                raise _invalid(file, node.line, f"unknown key{did_you_mean(key, _model_keys())}", key)
            model[key] = _text(node, file)
        family = Family(
            name,
            _list(row.entries.get("class"), file),
            reads,
            model,
            parent.refuse + _sentences(row, "refuse", file),
            parent.notes + _sentences(row, "notes", file),
            _text(row.entries["folder"], file) if "folder" in row.entries else name.replace("-", "_"),
        )
        _check_names(family, file, row)
        return family

    def _parent(self, name: str, file: str, row: Table) -> Family:
        if "like" not in row.entries:
            return Family(name, (), {}, {}, (), (), "")
        like = _text(row.entries["like"], file)
        earlier = list(self._rows)[: list(self._rows).index(name)]
        if like not in earlier:
            line = row.key_lines["like"]
            raise _invalid(file, line, f"is no family before this one{did_you_mean(like, earlier)}", like)
        return self.family(like)


@lru_cache(maxsize=8)
def packaged() -> FamilyTable:
    """The table of the package."""
    return FamilyTable()


@lru_cache(maxsize=8)
def _parsed(path: Path) -> Table:
    root = load_yaml(path)
    assert isinstance(root, Table), "load_yaml returns a mapping or raises"
    return root


@cache
def _model_keys() -> tuple[str, ...]:
    """What a row may give: the architecture keys, and the context that the model was made for."""
    return (*architecture_keys(), "max_context_length")


@cache
def _words() -> frozenset[str]:
    """The words of the architecture's choices."""
    lists = {inputs()[key].choices for key in architecture_keys()} - {None}
    return frozenset(option.value for name in lists if name for option in options(name))


def _field(before: Field, node: Node, file: str) -> Field:
    """A field as a family has it: one text is its default, a mapping may say more."""
    if isinstance(node, Scalar):
        return replace(before, default=_default(node, file))
    if not isinstance(node, Table):
        raise _invalid(file, node.line, "must be a default, or a mapping", before.names[0])
    for key, line in node.key_lines.items():
        if key not in FIELD_KEYS:
            raise _invalid(file, line, f"unknown key{did_you_mean(key, FIELD_KEYS)}", key, ", ".join(FIELD_KEYS))
    found = _kind(before, node.entries["kind"], file) if "kind" in node.entries else before
    entries = node.entries
    return replace(
        found,
        names=_list(entries["names"], file) if "names" in entries else found.names,
        words=_list(entries["words"], file) if "words" in entries else found.words,
        default=_default(entries["default"], file) if "default" in entries else found.default,
        null=_text(entries["null"], file) if "null" in entries else found.null,
    )


def _default(node: Node, file: str) -> str | None:
    text = _text(node, file)
    return None if text == REQUIRED else text


def _kind(field: Field, node: Node, file: str) -> Field:
    """A field of another kind: the kind's name, and whether every file states it."""
    words = _text(node, file).replace(",", " ").split()
    if not words or words[0] not in KINDS or words[1:] not in ([], ["stated"]):
        raise _invalid(file, node.line, "is no kind of field", field.names[0], ", ".join(sorted(KINDS)))
    return replace(field, kind=words[0], stated="stated" in words[1:])


def _check_names(family: Family, file: str, row: Table) -> None:
    """A name in an expression is a field that the family reads, or a word of a key or of a field."""
    known = _words() | set(family.reads) | {word for field in family.reads.values() for word in field.words}
    texts = [*family.model.values(), *(sentence.when for sentence in family.refuse + family.notes)]
    texts += [
        text for field in family.reads.values() for text in (field.default, field.null) if text not in (None, "default")
    ]
    for text in texts:
        try:
            unknown = sorted(names(text) - known)
        except ValueError as error:
            raise _invalid(file, row.line, str(error), family.name) from error
        if unknown:
            message = f"names what is neither a field of this family nor a word: {text[:60]}"
            raise _invalid(file, row.line, message, unknown[0])
    for sentence in family.refuse:
        if sentence.key not in family.reads:
            raise _invalid(file, row.line, "refuses a field that the family does not read", sentence.key)


def _sentences(row: Table, key: str, file: str) -> tuple[Sentence, ...]:
    node = row.entries.get(key)
    if node is None:
        return ()
    found: list[Sentence] = []
    for item in node.items if isinstance(node, Items) else (node,):
        if not isinstance(item, Table) or not {"when", "why"} <= set(item.entries):
            raise _invalid(file, item.line, "must have when and why", key)
        texts = {name: _text(entry, file) for name, entry in item.entries.items()}
        found.append(Sentence(texts["when"], texts["why"], texts.get("key", ""), texts.get("allowed", "")))
    return tuple(found)


def _entries(row: Table, key: str, file: str) -> Mapping[str, Node]:
    node = row.entries.get(key)
    if node is None:
        return {}
    if not isinstance(node, Table):
        raise _invalid(file, node.line, "must be a mapping", key)
    return node.entries


def _list(node: Node | None, file: str) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(_text(item, file) for item in node.items) if isinstance(node, Items) else (_text(node, file),)


def _text(node: Node, file: str) -> str:
    if not isinstance(node, Scalar):
        raise _invalid(file, node.line, "must be one value", "")
    return node.text


def _invalid(file: str, line: int, message: str, key: str, allowed: str | None = None) -> InvalidInput:
    return InvalidInput([Problem(message, file, line, key or None, allowed=allowed)])
