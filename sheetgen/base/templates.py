"""The templates of a workbook: those of the package, and a user's own laid over them.

``templates/*.yaml`` says what a workbook holds. A :class:`Templates` is handed from the scenario to all that read them,
so that a workbook with a user's own rows and sheets can stand beside one without.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.extensions import Extension, installed, of_directories
from sheetgen.base.resources import ADDS, template_data, templates_directory

if TYPE_CHECKING:
    from sheetgen.base.own_templates import OwnFile

Made = TypeVar("Made")
EVERY = "all"  # the optional sheets that a scenario gives enough for


class TemplateError(ValueError):
    """A template is wrong; the message names the sheet and the row. ``origin`` is the part of a file that is meant."""

    def __init__(self, message: str, origin: object = None) -> None:
        super().__init__(message)
        self.origin = origin


class Templates:
    """The content of every template file by its name without ``.yaml``, and what is made of it, made once.

    ``extensions`` are what was laid over those of the package, and ``own`` their files.
    """

    def __init__(
        self, data: Mapping[str, Any], own: tuple[OwnFile, ...] = (), extensions: tuple[Extension, ...] = ()
    ) -> None:
        self._data = data
        self.own = own
        self.extensions = extensions
        self._made: dict[str, Any] = {}

    @classmethod
    def load(cls, *directories: str | Path, extensions: tuple[Extension, ...] | None = None) -> Templates:
        """The packaged templates with those of installed packages (or of ``extensions``) and directories added.

        Raises InvalidInput with every mistake found in reading and adding; what rows say is checked by
        :func:`sheetgen.workbook.own_check.checked`.
        """
        laid = (*(installed() if extensions is None else extensions), *of_directories(directories))
        return cls.of(laid) if laid else packaged()

    @classmethod
    def of(cls, extensions: tuple[Extension, ...]) -> Templates:
        """The packaged templates with those of extensions added. Raises as :meth:`load`."""
        from sheetgen.base.own_templates import added, read_own  # reads YAML: 10 ms that no packaged template needs

        own, problems = read_own(extensions)
        whole = packaged()
        touched = {name for file in own for name in (file.name, *_adds(file.data))}
        data = {name: copy.deepcopy(whole.data(name)) if name in touched else whole.data(name) for name in whole.files}
        for file in own:
            problems += added(data, file)
        if problems:
            raise InvalidInput(problems)
        return cls(data, tuple(own), extensions)

    @property
    def catalogues(self) -> tuple[Path, ...]:
        """The catalogues that extensions lay over the packaged one."""
        return tuple(path for extension in self.extensions for path in extension.catalogues)

    def data(self, name: str) -> Any:
        """The content of one file. Raises KeyError where there is none of this name."""
        return self._data[name]

    def lists(self, name: str) -> Mapping[str, Any]:
        """The lists that one file has."""
        found: Mapping[str, Any] = self._data[name]["lists"]
        return found

    @property
    def files(self) -> tuple[str, ...]:
        """The name of every file."""
        return tuple(self._data)

    def sheets(self) -> list[str]:
        """The names of the files that describe a sheet, in the order of the workbook."""
        found = [name for name, data in self._data.items() if isinstance(data, dict) and "sheet" in data]
        return sorted(found, key=lambda name: (self._data[name].get("order", 0), name))

    @property
    def optional_sheets(self) -> dict[str, str]:
        """The sheets that a workbook has only where a scenario asks for them: what it writes, and the sheet's name (of
        several the last)."""
        heads = (self._data[name] for name in self.sheets())
        return {head["optional"]: head["sheet"] for head in heads if "optional" in head}

    def with_needed(self, names: Collection[str]) -> set[str]:
        """Optional sheets, and those whose rows theirs rest on (``rests_on``), by what a scenario calls them."""
        rests_on = {
            head["optional"]: head.get("rests_on", ()) for head in map(self.data, self.sheets()) if "optional" in head
        }
        found, open_names = set(names), list(names)
        while open_names:
            further = [name for name in rests_on.get(open_names.pop(), ()) if name not in found]
            found |= set(further)
            open_names += further
        return found

    @property
    def sheet_groups(self) -> dict[str, tuple[str, ...]]:
        """Optional sheets that may be asked for together: by the name of the group, and under ``all`` every one.

        A sheet that asks more of a scenario than a group may is there ``by_name_only``.
        """
        heads = [self._data[name] for name in self.sheets() if "optional" in self._data[name]]
        heads = [head for head in heads if not head.get("by_name_only", False)]
        found: dict[str, tuple[str, ...]] = {}
        for head in heads:
            if "group" in head:
                found[head["group"]] = (*found.get(head["group"], ()), head["optional"])
        return {**found, EVERY: tuple(head["optional"] for head in heads)}

    def is_own(self, origin: object) -> bool:
        """Whether a part of a template comes from a user's directory."""
        return any(id(origin) in file.lines for file in self.own)

    def problem(self, error: TemplateError) -> Problem | None:
        """A mistake in a user's own file, with its line; None where it is in none of them."""
        for file in self.own:
            line = file.lines.get(id(error.origin))
            if line is not None:
                return Problem(str(error), str(file.path), line)
        return None

    def made(self, name: str, make: Callable[[Templates], Made]) -> Made:
        """What ``make`` makes of these templates, kept under a name."""
        if name not in self._made:
            self._made[name] = make(self)
        return cast("Made", self._made[name])


def _adds(content: Any) -> tuple[Any, ...]:
    """The files that a sheet's own file adds to."""
    adds = content.get(ADDS) if isinstance(content, dict) else None
    return tuple(adds) if isinstance(adds, dict) else ()


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in templates_directory().glob("*.yaml")))


@cache
def packaged() -> Templates:
    """The templates of the package."""
    return Templates(_with_additions({name: template_data(name) for name in _names()}))


def _with_additions(data: dict[str, Any]) -> dict[str, Any]:
    """The content of the files, with what a sheet's own file adds to others in its place."""
    adding = [name for name in sorted(data) if isinstance(data[name], dict) and ADDS in data[name]]
    if not adding:
        return data
    from sheetgen.base.own_templates import OwnFile, added

    targets = {target for name in adding for target in data[name][ADDS]}
    found = {name: copy.deepcopy(content) if name in targets else content for name, content in data.items()}
    for name in adding:
        parts = found[name][ADDS]
        found[name] = {entry: value for entry, value in found[name].items() if entry != ADDS}
        for target, addition in parts.items():
            for problem in added(found, OwnFile(Path(f"{name}.yaml"), target, addition, {})):
                raise TemplateError(str(problem))
    return found
