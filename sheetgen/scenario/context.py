"""What every part of the reader shares: the file's list of mistakes, and what the scenario is read against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.inputs import Field, Value, fields_with, inputs_of
from sheetgen.base.templates import Templates
from sheetgen.catalogue import Catalogue


@dataclass(slots=True)
class Problems:
    """The mistakes of one file, in the order in which they are found."""

    file: str
    found: list[Problem] = field(default_factory=list)

    def problem(self, message: str, line: int, key: str, given: str | None = None, allowed: str | None = None) -> None:
        """Add a mistake."""
        self.found.append(Problem(message, self.file, line, key, given, allowed))

    def stop(self) -> None:
        """Raise InvalidInput with all mistakes if there is one."""
        if self.found:
            raise InvalidInput(self.found)


class Context(NamedTuple):
    """What a scenario is read against: the catalogue, the templates and the optional sheets asked for."""

    path: Path
    catalogue: Catalogue
    templates: Templates
    sheets: tuple[str, ...]
    problems: Problems

    @property
    def inputs(self) -> Mapping[str, Field]:
        """Every input that there is."""
        return inputs_of(self.templates)

    @property
    def fields(self) -> Mapping[str, Field]:
        """The inputs that a scenario with these sheets has."""
        return fields_with(self.templates, self.sheets)

    def keys(self, scope: str) -> list[str]:
        """The inputs that a scenario (``scenario``) or a case (``case``) gives by their keys."""
        named = {"model", "case_name"}  # of which the mappings of models and cases have keys of their own
        return [spec.key for spec in self.fields.values() if spec.scope == scope and spec.key not in named]


class Given(NamedTuple):
    """Values that a part of the file gives, and where each comes from."""

    values: dict[str, Value]
    sources: dict[str, str]
