"""What a user lays over the package: directories of templates, and installed packages that say so by entry points.

Three groups of entry points are looked at, each with values of its own kind::

    [project.entry-points."sheetgen.templates"]
    acme = "acme_budget:templates"        # the folder templates in the package acme_budget
    [project.entry-points."sheetgen.quantities"]
    acme = "acme_budget.quantities"       # a module whose functions made by @quantity join the engine
    [project.entry-points."sheetgen.catalogue"]
    acme = "acme_budget:catalogue"        # a folder as --catalogue takes one

Looking for them costs a directory listing; nothing of a package runs before its functions are needed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.files import read_file

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

TEMPLATES, QUANTITIES, CATALOGUE = "sheetgen.templates", "sheetgen.quantities", "sheetgen.catalogue"
MAX_FILES = 100
MAX_BYTES = 1_000_000
DIGITS = 16  # of a hash, that a workbook names templates by


class Extension(NamedTuple):
    """One package, or one directory, that is laid over the templates of the package.

    ``version`` is empty for a directory; ``quantities`` are the names of modules.
    """

    name: str
    version: str = ""
    templates: tuple[Path, ...] = ()
    quantities: tuple[str, ...] = ()
    catalogues: tuple[Path, ...] = ()

    @property
    def title(self) -> str:
        """What messages call it."""
        return f"extension {self.name} {self.version}".rstrip()

    @property
    def files(self) -> tuple[Path, ...]:
        """Its template files. Raises InvalidInput where a directory is none, holds none, or leads elsewhere."""
        return tuple(path for directory in self.templates for path in template_files(directory))

    @property
    def digest(self) -> str:
        """The first digits of a SHA-256 over its template files, names and content."""
        import hashlib

        found = hashlib.sha256()
        for path in self.files:
            try:
                content = read_file(path, MAX_BYTES)
            except OSError as error:
                raise InvalidInput([Problem(f"cannot read the file: {error.strerror}", str(path))]) from error
            found.update(f"{path.name}\0{len(content)}\0".encode() + content)
        return found.hexdigest()[:DIGITS]


def template_files(directory: Path) -> list[Path]:
    """The files of a directory of templates, by name.

    Raises InvalidInput where it is no directory, holds no template or too many, or a link that leads out of it.
    """
    if not directory.is_dir():
        raise InvalidInput([Problem("is no directory of templates", str(directory))])
    paths = sorted(path for path in directory.glob("*.yaml") if not path.name.startswith("."))
    if not paths:
        raise InvalidInput([Problem("holds no template (*.yaml)", str(directory))])
    if len(paths) > MAX_FILES:
        raise InvalidInput([Problem("holds too many templates", str(directory), allowed=f"at most {MAX_FILES}")])
    home = directory.resolve()
    outside = [path for path in paths if path.resolve().parent != home]
    if outside:
        raise InvalidInput([Problem("leads out of the directory", str(path)) for path in outside])
    return paths


def of_directories(directories: Iterable[str | Path]) -> tuple[Extension, ...]:
    """The directories that a command names, each an extension called by its folder's name."""
    return tuple(Extension(Path(path).resolve().name, templates=(Path(path),)) for path in directories)


@cache
def installed() -> tuple[Extension, ...]:
    """The installed packages that extend the workbook, by name.

    Raises InvalidInput where an entry point is not as the heading of this module says.
    """
    if not _any_installed(tuple(sys.path)):
        return ()
    from importlib.metadata import distributions  # slow, and few have an extension

    found: dict[str, Extension] = {}
    for distribution in distributions():
        points = [point for point in distribution.entry_points if point.group.startswith("sheetgen.")]
        if points and distribution.name not in found:
            found[distribution.name] = _extension(distribution, points)
    return tuple(found[name] for name in sorted(found))


def _any_installed(places: tuple[str, ...]) -> bool:
    """Whether a package among them has an entry point of ours; 1 ms, where importing the reader of metadata takes
    50."""
    return any(b"[sheetgen." in text for place in places for text in _entry_points(Path(place)))


def _entry_points(place: Path) -> Iterator[bytes]:
    try:
        names = [path for path in place.iterdir() if path.suffix in {".dist-info", ".egg-info"}]
    except OSError:
        return
    for path in names:
        try:
            yield (path / "entry_points.txt").read_bytes()
        except OSError:
            continue


def _extension(distribution: Distribution, points: list[EntryPoint]) -> Extension:
    """What a package says of itself."""
    title = f"extension {distribution.name} {distribution.version}"
    unknown = [point for point in points if point.group not in {TEMPLATES, QUANTITIES, CATALOGUE}]
    if unknown:
        allowed = f"{TEMPLATES}, {QUANTITIES}, {CATALOGUE}"
        raise InvalidInput([Problem(f"{title}: no such group of entry points", key=unknown[0].group, allowed=allowed)])
    return Extension(
        distribution.name,
        distribution.version,
        tuple(_folder(point, title) for point in points if point.group == TEMPLATES),
        tuple(point.value for point in points if point.group == QUANTITIES),
        tuple(_folder(point, title) for point in points if point.group == CATALOGUE),
    )


def _folder(point: EntryPoint, title: str) -> Path:
    """The folder that an entry point names, found without running the package."""
    from importlib.util import find_spec

    package, _, folder = point.value.partition(":")
    problem = Problem(f"{title}: is no folder of a package", key=point.group, given=point.value,
                      allowed="PACKAGE:FOLDER, such as acme_budget:templates")  # fmt: skip
    if not package.isidentifier() or not folder.isidentifier():
        raise InvalidInput([problem])
    spec = find_spec(package)
    homes = [Path(place) / folder for place in (spec.submodule_search_locations or ())] if spec is not None else []
    found = next((home for home in homes if home.is_dir()), None)
    if found is None:
        raise InvalidInput([problem])
    return found
