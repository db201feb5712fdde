"""The templates of a workbook: those of the package, and a user's own laid over them.

``templates/*.yaml`` says what a workbook holds. A :class:`Templates` is handed from the scenario to all that read them,
so that a workbook with a user's own rows and sheets can stand beside one without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sheetgen.base.resources import template_data, templates_directory

Made = TypeVar("Made")


class Templates:
    """The content of every template file by its name without ``.yaml``, and what is made of it, made once."""

    def __init__(self, data: Mapping[str, Any], files: Mapping[str, Path] | None = None) -> None:
        self._data = data
        self.files = files or {}
        self._made: dict[str, Any] = {}

    def data(self, name: str) -> Any:
        """The content of one file. Raises KeyError where there is none of this name."""
        return self._data[name]

    def lists(self, name: str) -> Mapping[str, Any]:
        """The lists that one file has."""
        found: Mapping[str, Any] = self._data[name]["lists"]
        return found

    def sheets(self) -> list[str]:
        """The names of the files that describe a sheet, in the order of the workbook."""
        found = [name for name, data in self._data.items() if isinstance(data, dict) and "sheet" in data]
        return sorted(found, key=lambda name: (self._data[name].get("order", 0), name))

    @property
    def optional_sheets(self) -> dict[str, str]:
        """The sheets that a workbook has only where a scenario asks for them: what it writes, and the sheet's name."""
        heads = (self._data[name] for name in self.sheets())
        return {head["optional"]: head["sheet"] for head in heads if "optional" in head}

    def made(self, name: str, make: Callable[[Templates], Made]) -> Made:
        """What ``make`` makes of these templates, kept under a name."""
        if name not in self._made:
            self._made[name] = make(self)
        return cast("Made", self._made[name])


@cache
def packaged() -> Templates:
    """The templates of the package."""
    files = {path.stem: path for path in sorted(templates_directory().glob("*.yaml"))}
    return Templates({name: template_data(name) for name in files}, files)
