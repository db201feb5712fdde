"""A user's own template files: read as untrusted input with the line of every part, and added to those there are.

A file of a new name that has ``sheet:`` is a new sheet. A file of a name that there is has ``sections`` whose rows are
added to those of the same title, each at the end or ``after`` a key, or new sections, each at the end or ``after`` a
title; and ``lists`` with new entries of choices or sources, or records of a list that a
sheet has. A new sheet's file says the same of other files in
``adds``, so that all of an addition may stand in one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from sheetgen.base.errors import InvalidInput, Problem, closest, did_you_mean, list_choices
from sheetgen.base.extensions import Extension
from sheetgen.base.resources import ADDS, AFTER, scalar_value
from sheetgen.base.yamlfile import Items, Node, Scalar, Table, load_yaml

EXTENSIBLE = ("choices", "sources")  # files whose lists a user may lengthen
FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
SHEET_NAME = re.compile(r"[A-Z][A-Za-z]{2,30}")
RESERVED = frozenset({"history", "true", "false"})  # that Excel keeps for itself
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


def read_own(extensions: Iterable[Extension]) -> tuple[list[OwnFile], list[Problem]]:
    """The files of extensions, and what keeps files from being read."""
    found: list[OwnFile] = []
    problems: list[Problem] = []
    for extension in extensions:
        try:
            paths = extension.files
        except InvalidInput as error:
            problems += error.problems
            continue
        for path in paths:
            try:
                lines: dict[int, int] = {}
                found.append(OwnFile(path, path.stem, _plain(load_yaml(path), lines), lines))
            except InvalidInput as error:
                problems += error.problems
    return found, problems


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
    """Add a file to the templates there are, and what it adds to others; what is wrong with it."""
    content = file.data
    if not isinstance(content, dict):
        return [file.problem("must be a mapping of entries", content)]
    if file.name in data:
        return _added_to(data[file.name], file)
    adds = content.get(ADDS, {})
    plain = {entry: value for entry, value in content.items() if entry != ADDS}
    file.lines[id(plain)] = file.lines.get(id(content), 1)
    problems = [] if not plain and adds else _new_sheet(data, file._replace(data=plain))
    if not isinstance(adds, dict):
        return [*problems, file.problem("must be a mapping of files", adds, ADDS)]
    for name, addition in adds.items():
        part = file._replace(name=name, data=addition)
        if name not in data or name == file.name:
            problems.append(_no_such_file(data, part, adds))
        elif not isinstance(addition, dict):
            problems.append(file.problem("must be a mapping of sections or lists", adds, name))
        else:
            problems += _added_to(data[name], part)
    return problems


def _no_such_file(data: Iterable[str], file: OwnFile, part: object) -> Problem:
    close = closest(file.name, data)
    hint = f"; did you mean '{close}'?" if close else ""
    return file.problem(
        f"{ADDS} {file.name}: there is no template of this name{hint}", part, allowed=list_choices(data)
    )


def _new_sheet(data: dict[str, Any], file: OwnFile) -> list[Problem]:
    content = file.data
    if "sheet" not in content:
        hint = did_you_mean(file.name, data)
        allowed = f"sheet:, or the name of a file that it adds to: {list_choices(data)}"
        return [file.problem(f"is no template{hint}", content, allowed=allowed)]
    if not FILE_NAME.fullmatch(file.name):
        return [file.problem("cannot be the name of a template", content, allowed="small letters, digits and _")]
    name = content["sheet"]
    if not isinstance(name, str) or not SHEET_NAME.fullmatch(name) or name.lower() in RESERVED:
        return [file.problem("cannot be the name of a sheet", content, "sheet", "3 to 31 letters, the first a capital")]
    taken = {head["sheet"].lower(): known for known, head in data.items() if isinstance(head, dict) and "sheet" in head}
    if name.lower() in taken:
        return [file.problem(f"sheet {name} is there already, in {taken[name.lower()]}.yaml", content)]
    problems = _shape_of_sheet(content, file)
    if not problems:
        data[file.name] = content
    return problems


def _shape_of_sheet(content: dict[str, Any], file: OwnFile) -> list[Problem]:
    """What of a sheet's head is not as finding the sheets takes it to be; the rest is checked when they are read."""
    order, sections = content.get("order"), content.get("sections", [])
    if not isinstance(order, (int, float)) or isinstance(order, bool):
        return [file.problem("must be a number, by which sheets are sorted", content, "order")]
    if not isinstance(sections, list):
        return [file.problem("must be a list", content, "sections")]
    if not all(isinstance(section, dict) for section in sections):
        return [file.problem("each section is a mapping", sections)]
    return []


def _added_to(there: dict[str, Any], file: OwnFile) -> list[Problem]:
    unknown = set(file.data) - {"sections", "lists"}
    if unknown:
        message = f"adds to {file.name}.yaml of the package, so it may not set {', '.join(sorted(map(str, unknown)))}"
        return [file.problem(message, file.data, allowed="sections, lists")]
    problems = _add_sections(there, file) if "sections" in file.data else []
    return problems + (_add_lists(there, file) if "lists" in file.data else [])


def _add_sections(there: dict[str, Any], file: OwnFile) -> list[Problem]:
    problems: list[Problem] = []
    sections: list[Any] = there.setdefault("sections", [])
    if not isinstance(file.data["sections"], list):
        return [file.problem("must be a list", file.data, "sections")]
    for section in file.data["sections"]:
        if not isinstance(section, dict) or not isinstance(section.get("title"), str):
            problems.append(file.problem("each section is a mapping with a title", _placed(section, file)))
            continue
        known = next((part for part in sections if part.get("title") == section["title"]), None)
        if known is None:
            problems += _insert(sections, section, "title", file, section)
            continue
        for entry, items in section.items():
            if entry in {"title", AFTER}:
                continue
            if not isinstance(items, list) or not isinstance(known.get(entry), list):
                message = f"section {section['title']} is there, so only its lists can be added to"
                problems.append(file.problem(message, section, key=entry))
                continue
            plain = _are_texts(known[entry])
            for item in items:
                if not isinstance(item, dict) and not (plain and isinstance(item, str)):
                    problems.append(file.problem(f"each of {entry} is a mapping, not {item!r}"[:200], items))
                    continue
                problems += _insert(known[entry], item, "key", file, items)
    return problems


def _placed(part: Any, file: OwnFile) -> Any:
    """The part, or the list that it stands in where it has no line of its own."""
    return part if id(part) in file.lines else file.data["sections"]


def _insert(items: list[Any], item: Any, name: str, file: OwnFile, home: object) -> list[Problem]:
    """Put an item into a list: at its end, or after the one that it names by its ``name``.

    Where the others are plain texts, one with a place is written ``{key: ..., after: ...}``.
    """
    after = item.get(AFTER) if isinstance(item, dict) else None
    put = item[name] if isinstance(item, dict) and set(item) == {name, AFTER} and _are_texts(items) else item
    if after is None:
        items.append(put)
        return []
    known = [part.get(name) if isinstance(part, dict) else part for part in items]
    if after not in known:
        texts = [part for part in known if isinstance(part, str)]
        message = f"there is no {name} {after!r} to stand after{did_you_mean(str(after), texts)}"
        return [file.problem(message, item if id(item) in file.lines else home, AFTER, list_choices(texts))]
    items.insert(known.index(after) + 1, put)
    return []


def _are_texts(items: Iterable[Any]) -> bool:
    return all(isinstance(item, str) for item in items)


def _add_lists(there: dict[str, Any], file: OwnFile) -> list[Problem]:
    """New dropdowns and sources, more options of a dropdown there is, more records of a list that a sheet has."""
    lists = file.data["lists"]
    if not isinstance(lists, dict):
        return [file.problem("must be a mapping", file.data, "lists")]
    known: dict[str, Any] = there.get("lists", {})
    problems: list[Problem] = []
    for name, entry in lists.items():
        if isinstance(known.get(name), list):
            problems += _add_records(known[name], entry, name, file)
        elif file.name not in EXTENSIBLE:
            message = f"{file.name}.yaml has no list of this name{did_you_mean(name, known)}"
            problems.append(file.problem(message, lists, name, list_choices(known) or None))
        else:
            problems += _add_entry(known, entry, name, file)
    return problems


def _add_records(records: list[Any], entry: Any, name: str, file: OwnFile) -> list[Problem]:
    """More records of a list, each at its end or after a key."""
    if not isinstance(entry, list):
        return [file.problem("must be a list", file.data["lists"], name)]
    if not all(isinstance(item, dict) for item in entry):
        return [file.problem(f"each of {name} is a mapping", entry)]
    return [problem for item in entry for problem in _insert(records, item, "key", file, entry)]


def _add_entry(known: dict[str, Any], entry: Any, name: str, file: OwnFile) -> list[Problem]:
    """A new source or dropdown, or more options of one."""
    if not isinstance(entry, dict):
        return [file.problem("must be a mapping", file.data["lists"], name)]
    if name not in known:
        known[name] = entry
        return []
    options = known[name].get("options")
    if set(entry) == {"options"} and isinstance(entry["options"], list) and isinstance(options, list):
        options += entry["options"]
        return []
    return [file.problem("is there already", entry, key=name)]
