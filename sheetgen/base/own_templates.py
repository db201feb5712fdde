"""A user's own template files: read as untrusted input with the line of every part, and added to those there are.

A file of a new name that has ``sheet:`` is a new sheet. A file of a name that there is has ``sections`` whose rows are
added to those of the same title, each at the end or ``after`` a key, or new sections, each at the end or ``after`` a
title; and ``lists`` with new entries of choices or sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean, list_choices
from sheetgen.base.resources import AFTER, scalar_value
from sheetgen.base.yamlfile import Items, Node, Scalar, Table, load_yaml

EXTENSIBLE = ("choices", "sources")  # files whose lists a user may lengthen
_RESOLVER = yaml.resolver.Resolver()


class OwnFile(NamedTuple):
    """One file: where it is, the name of the template that it is or adds to, its content, and the line of each part."""

    path: Path
    name: str
    data: Any
    lines: dict[int, int]

    def problem(self, message: str, part: object, key: str | None = None, allowed: str | None = None) -> Problem:
        """A mistake in a part of the file."""
        return Problem(message, str(self.path), self.lines.get(id(part)), key=key, allowed=allowed)


def read_own(directory: Path) -> Iterator[OwnFile]:
    """The files of a directory, by name. Raises InvalidInput where one cannot be read, or there is none."""
    if not directory.is_dir():
        raise InvalidInput([Problem("is no directory of templates", str(directory))])
    paths = sorted(directory.glob("*.yaml"))
    if not paths:
        raise InvalidInput([Problem("holds no template (*.yaml)", str(directory))])
    for path in paths:
        lines: dict[int, int] = {}
        yield OwnFile(path, path.stem, _plain(load_yaml(path), lines), lines)


def _plain(node: Node, lines: dict[int, int]) -> Any:
    """What a node stands for, as in a packaged template; ``lines`` gets the line of each mapping and list."""
    if isinstance(node, Scalar):
        return node.text if node.quoted else scalar_value(_tag(node.text), node.text)
    if isinstance(node, Table):
        found: Any = {key: _plain(value, lines) for key, value in node.entries.items()}
    else:
        assert isinstance(node, Items)
        found = [_plain(item, lines) for item in node.items]
    lines[id(found)] = node.line
    return found


def _tag(text: str) -> str:
    """The YAML tag that a plain text resolves to."""
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # PyYAML's
    return tag


def added(data: dict[str, Any], file: OwnFile) -> list[Problem]:
    """Add a file to the templates there are; what is wrong with it."""
    content = file.data
    if not isinstance(content, dict):
        return [file.problem("must be a mapping of entries", content)]
    there = data.get(file.name)
    if there is None:
        if "sheet" not in content:
            hint = did_you_mean(file.name, data)
            allowed = f"sheet:, or the name of a file that it adds to: {list_choices(data)}"
            return [file.problem(f"is no template{hint}", content, allowed=allowed)]
        taken = {
            head["sheet"].lower(): name for name, head in data.items() if isinstance(head, dict) and "sheet" in head
        }
        if str(content["sheet"]).lower() in taken:
            message = f"sheet {content['sheet']} is there already, in {taken[str(content['sheet']).lower()]}.yaml"
            return [file.problem(message, content)]
        data[file.name] = content
        return []
    unknown = set(content) - {"sections", "lists"}
    if unknown:
        message = f"adds to {file.name}.yaml of the package, so it may not set {', '.join(sorted(unknown))}"
        return [file.problem(message, content, allowed="sections, lists")]
    problems = _add_sections(there, file) if "sections" in content else []
    return problems + (_add_lists(there, file) if "lists" in content else [])


def _add_sections(there: dict[str, Any], file: OwnFile) -> list[Problem]:
    problems: list[Problem] = []
    sections: list[Any] = there.setdefault("sections", [])
    for section in file.data["sections"]:
        if not isinstance(section, dict) or not isinstance(section.get("title"), str):
            problems.append(file.problem("each section is a mapping with a title", section))
            continue
        known = next((part for part in sections if part.get("title") == section["title"]), None)
        if known is None:
            problems += _insert(sections, section, "title", file)
            continue
        for entry, items in section.items():
            if entry in {"title", AFTER}:
                continue
            if not isinstance(items, list) or not isinstance(known.get(entry), list):
                message = f"section {section['title']} is there, so only its lists can be added to"
                problems.append(file.problem(message, section, key=entry))
                continue
            for item in items:
                problems += _insert(known[entry], item, "key", file)
    return problems


def _insert(items: list[Any], item: Any, name: str, file: OwnFile) -> list[Problem]:
    """Put an item into a list: at its end, or after the one that it names by its ``name``."""
    after = item.get(AFTER) if isinstance(item, dict) else None
    if after is None:
        items.append(item)
        return []
    known = [part.get(name) if isinstance(part, dict) else part for part in items]
    if after not in known:
        return [
            file.problem(f"there is no {name} {after!r} to stand after{did_you_mean(after, filter(None, known))}", item)
        ]
    items.insert(known.index(after) + 1, item)
    return []


def _add_lists(there: dict[str, Any], file: OwnFile) -> list[Problem]:
    """New dropdowns and sources, or more options of a dropdown there is."""
    if file.name not in EXTENSIBLE:
        return [
            file.problem(
                f"the lists of {file.name}.yaml are the package's own", file.data, allowed=list_choices(EXTENSIBLE)
            )
        ]
    problems: list[Problem] = []
    for name, entry in file.data["lists"].items():
        known = there["lists"].get(name)
        if known is None:
            there["lists"][name] = entry
        elif isinstance(known.get("options"), list) and isinstance(entry, dict) and set(entry) == {"options"}:
            known["options"] += entry["options"]
        else:
            problems.append(file.problem(f"{name} is there already", entry, key=name))
    return problems
