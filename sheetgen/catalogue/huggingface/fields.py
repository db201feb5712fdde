"""The fields of one configuration as its family reads them: aliases, kinds, defaults and nulls.

What is missing, of the wrong kind or contradictory is collected as problems; what rests on such a field is not looked
at, so that one mistake is one message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sheetgen.base.errors import Problem
from sheetgen.catalogue.huggingface.expressions import Evaluator, Uncountable, Value
from sheetgen.catalogue.huggingface.files import line_of
from sheetgen.catalogue.huggingface.kinds import A_WORD_A_LAYER, KINDS, Misfit
from sheetgen.catalogue.huggingface.table import Family, Field

_ABSENT = object()
LAYERS = "num_hidden_layers"


class Missing(Exception):  # noqa: N818 - says that something cannot be computed, and why was said already
    """A field has no value; the problem is already known."""


class Source:
    """The content of a file, with its text, where lines are found, and the problems found in it."""

    def __init__(self, data: Mapping[str, Any], text: str, file: str, problems: list[Problem]) -> None:
        self.data = data
        self.text = text
        self.file = file
        self.problems = problems

    def refuse(self, key: str, message: str, given: object = _ABSENT, allowed: str | None = None) -> None:
        """Add a problem at the line of a key."""
        shown = None if given is _ABSENT or given is None else json.dumps(given)[:80]
        self.problems.append(Problem(message, self.file, line_of(self.text, key), key, shown, allowed))

    def at(self, path: str) -> object:
        """The value of a key, or of ``a.b`` that of b in a; a marker where there is none."""
        found: object = self.data
        for part in path.split("."):
            if not isinstance(found, Mapping) or part not in found:
                return _ABSENT
            found = found[part]
        return found

    def given(self, names: tuple[str, ...]) -> tuple[str, object]:
        """The first name that is given, and its value; two that differ are a problem."""
        found = [(name, value) for name in names if (value := self.at(name)) is not _ABSENT]
        if not found:
            return names[0], _ABSENT
        for name, value in found[1:]:
            if value is not None and found[0][1] is not None and value != found[0][1]:
                self.refuse(name, f"contradicts {found[0][0]}", value, json.dumps(found[0][1])[:80])
        return next(((name, value) for name, value in found if value is not None), found[0])


class Fields:
    """The values of a family's fields in a file; ``part`` says that it is a part of another file, which states less."""

    def __init__(self, source: Source, family: Family, *, part: bool = False) -> None:
        self.source = source
        self.family = family
        self.part = part
        self._values: dict[str, Value] = {}
        self._spelled: dict[str, str] = {}
        self._under_way: set[str] = set()
        self.evaluator = Evaluator(self.value, lambda: int(self.value(LAYERS)))

    def read_all(self) -> None:
        """Look at every field, so that all mistakes are found."""
        for name in self.family.reads:
            try:
                self.value(name)
            except Missing:
                continue
            except Uncountable as error:
                self.refuse_uncountable(error, default_of=name)

    def value(self, name: str) -> Value:
        """The value of a field; a name that is none is itself, a word. Raises Missing where it has a mistake."""
        field = self.family.reads.get(name)
        if field is None:
            return name
        if name not in self._values:
            if name in self._under_way:
                raise Uncountable(name)
            self._under_way.add(name)
            try:
                self._values[name] = self._read(name, field)
            finally:
                self._under_way.discard(name)
        if self._values[name] is _ABSENT:
            raise Missing(name)
        return self._values[name]

    def spelled(self, name: str) -> str:
        """How the file writes a field."""
        field = self.family.reads.get(name)
        return self._spelled.get(name, field.names[0] if field else name)

    def states(self, name: str) -> bool:
        """Whether the file has the field."""
        return self.source.at(self.spelled(name)) is not _ABSENT

    def refuse_uncountable(self, error: Uncountable, default_of: str = "") -> None:
        """Say which field an expression cannot compute with."""
        if error.of:
            otherwise = f", and {default_of} is not given" if default_of in self.family.reads else ""
            message = f"does not divide {self.spelled(error.of)}{otherwise}"
        else:
            message = "cannot be computed with"
        key = self.spelled(error.name)
        value = self.source.at(key)
        self.source.refuse(key, message, self._values.get(error.name) if value is _ABSENT else value)

    def _read(self, name: str, field: Field) -> Value:
        spelled, value = self.source.given(field.names)
        self._spelled[name] = spelled
        if value is _ABSENT:
            if field.default is None or (field.stated and not self.part):
                self.source.refuse(spelled, "is missing", allowed=_allowed(field))
                return _ABSENT
            return self._default(field, field.default)
        if value is None:
            if field.null is None:
                self.source.refuse(spelled, "is null", allowed=_allowed(field))
                return _ABSENT
            same = field.null == "default" and field.default is not None
            return self._default(field, field.default if same and field.default else field.null)
        try:
            found = KINDS[field.kind](value)
        except Misfit as misfit:
            self.source.refuse(spelled, misfit.message, value, misfit.allowed)
            return _ABSENT
        if field.kind in A_WORD_A_LAYER:
            return self._checked_words(spelled, field, found)
        return self._checked_indices(spelled, found) if field.kind == "indices" else found

    def _default(self, field: Field, text: str) -> Value:
        """The value of a default; of a field with a word a layer it is computed for each layer."""
        if field.kind not in A_WORD_A_LAYER or text == "nothing":
            return self.evaluator.value(text)
        return tuple(self.evaluator.of_layer(text, layer) for layer in range(int(self.value(LAYERS))))

    def _checked_words(self, spelled: str, field: Field, found: tuple[str, ...]) -> Value:
        unknown = sorted(set(found) - set(field.words))
        if unknown:
            self.source.refuse(spelled, "names a kind that this family has not", unknown, ", ".join(field.words))
            return _ABSENT
        if len(found) != self.value(LAYERS):
            self.source.refuse(spelled, "is not one word a layer", len(found), str(self.value(LAYERS)))
            return _ABSENT
        return found

    def _checked_indices(self, spelled: str, found: tuple[int, ...]) -> Value:
        if strange := sorted(set(found) - set(range(int(self.value(LAYERS)))))[:3]:
            self.source.refuse(spelled, "names layers that are not there", strange)
            return _ABSENT
        return found


def _allowed(field: Field) -> str | None:
    return {"size": "a whole number from 1", "layers": "a whole number from 1", "count": "a whole number from 0"}.get(
        field.kind, "true, false" if field.kind == "flag" else None
    )
