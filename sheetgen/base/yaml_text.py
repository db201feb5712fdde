"""YAML as text: trees of texts, lists and mappings written, and put into a file that keeps its comments and order.

What is written is read back by :mod:`sheetgen.base.yamlfile` as the same texts. A file is changed where its values
stand: the rest of it stays as it is, to the byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import yaml

from sheetgen.base.yamlfile import NULLS

Tree: TypeAlias = "str | Sequence[Tree] | Mapping[str, Tree]"
PLAIN = re.compile(r"[\w+/(](?:(?!: | #)[^\x00-\x1f])*(?<![ :])")
STEP = "  "
WIDTH = 120


def scalar(text: str) -> str:
    """A text as YAML writes it: plain where that is read back as it is, else in double quotes."""
    return text if PLAIN.fullmatch(text) and text not in NULLS else json.dumps(text, ensure_ascii=False)


def flow(tree: Tree) -> str:
    """A tree on one line."""
    if isinstance(tree, str):
        written = scalar(tree)
        return json.dumps(tree, ensure_ascii=False) if re.search(r"[,\[\]{}]", tree) and written == tree else written
    if isinstance(tree, Mapping):
        return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in tree.items()) + "}"
    return "[" + ", ".join(map(flow, tree)) + "]"


def entry(key: str, tree: Tree, indent: str = "") -> str:
    """A key and its tree, with a line break behind each line. A list of lists or texts, and a mapping in a list that
    has room, stand on one line."""
    start = f"{indent}{key}:"
    if isinstance(tree, str):
        return f"{start} {scalar(tree)}\n"
    if not tree or (not isinstance(tree, Mapping) and all(isinstance(item, str) for item in tree)):
        return f"{start} {flow(tree)}\n"
    if isinstance(tree, Mapping):
        return f"{start}\n" + "".join(entry(name, value, indent + STEP) for name, value in tree.items())
    return f"{start}\n" + "".join(item(value, indent + STEP) for value in tree)


def item(tree: Tree, indent: str) -> str:
    """An item of a list, with a line break behind each line."""
    line = f"{indent}- {flow(tree)}\n"
    if not isinstance(tree, Mapping) or ("name" not in tree and len(line) <= WIDTH):
        return line
    lines = "".join(entry(name, value, indent + STEP) for name, value in tree.items())
    return f"{indent}- {lines[len(indent) + 2 :]}"


class YamlText:
    """The text of a YAML file in which values are exchanged, put in and taken out by where they stand.

    A place is a path from the root: keys, and numbers of items. Changes are collected, and made together by
    :meth:`written`; each place may be changed once.
    """

    def __init__(self, text: str) -> None:
        self.text = text if text.endswith("\n") or not text else f"{text}\n"
        self.root: yaml.Node | None = yaml.compose(self.text, Loader=yaml.SafeLoader)
        self._changes: list[tuple[int, int, int, str]] = []

    def node(self, path: Sequence[str | int]) -> yaml.Node | None:
        """What stands at a path, or None."""
        found = self.root
        for step in path:
            if isinstance(found, yaml.MappingNode):
                found = next((value for key, value in found.value if key.value == step), None)
            elif isinstance(found, yaml.SequenceNode) and isinstance(step, int) and step < len(found.value):
                found = found.value[step]
            else:
                return None
        return found

    def put(self, path: Sequence[str | int], tree: Tree, before: Sequence[str] = ()) -> None:
        """Exchange what stands at a path, or add it to its mapping: in front of the first key of ``before`` that is
        there, else at the end."""
        node = self.node(path)
        if node is None:
            self._add(path, tree, before)
        elif isinstance(node, yaml.ScalarNode) and isinstance(tree, str):
            start, end = node.start_mark.index, node.end_mark.index
            within = self._in_flow(path)
            if node.style in {"|", ">"}:
                self._change(start, end, f"{scalar(tree)}\n")
            elif start == end:
                self._change(start, end, f" {flow(tree) if within else scalar(tree)}")
            else:
                self._change(start, end, flow(tree) if within else scalar(tree))
        else:
            self._exchange(path, node, tree)

    def take(self, path: Sequence[str | int]) -> None:
        """Take out a key with its value, or an item."""
        start, end = self._extent(path)
        line = self.text.rfind("\n", 0, start) + 1
        self._change(start if self.text[line:start].strip() else line, end, "")

    def add_item(self, path: Sequence[str | int], tree: Tree) -> None:
        """Add an item to the end of a list."""
        node = self.node(path)
        assert isinstance(node, yaml.SequenceNode)
        if node.flow_style:
            comma = ", " if node.value else ""
            self._change(node.end_mark.index - 1, node.end_mark.index - 1, comma + flow(tree))
            return
        column = self._dash(node.value[0])
        end = self._last_line(node.value[-1])
        self._change(end, end, item(tree, " " * column))

    def written(self) -> str:
        """The text with all changes."""
        text, last = self.text, len(self.text)
        for start, end, _, new in sorted(self._changes, reverse=True):
            assert end <= last, "two changes of one place"
            text, last = text[:start] + new + text[end:], start
        return text

    def _change(self, start: int, end: int, new: str) -> None:
        self._changes.append((start, end, len(self._changes), new))

    def _in_flow(self, path: Sequence[str | int]) -> bool:
        """Whether a place is inside of braces or brackets."""
        above = (self.node(path[:length]) for length in range(len(path)))
        return any(isinstance(own, yaml.CollectionNode) and own.flow_style for own in above)

    def _add(self, path: Sequence[str | int], tree: Tree, before: Sequence[str]) -> None:
        parent, key = self.node(path[:-1]), str(path[-1])
        assert isinstance(parent, yaml.MappingNode)
        if parent.flow_style or self._in_flow(path[:-1]):
            comma = ", " if parent.value else ""
            place = parent.end_mark.index - 1
            self._change(place, place, f"{comma}{key}: {flow(tree)}")
            return
        follower = next((own for own, _ in parent.value if own.value in before), None)
        first = parent.value[0][0]
        indent = " " * first.start_mark.column
        if follower is not None and follower is not first:
            place = self._above(follower)
        else:
            place = self._last_line(parent.value[-1][1])
        self._change(place, place, entry(key, tree, indent))

    def _above(self, key: yaml.Node) -> int:
        """Where the line of a key starts, above the comments and empty lines that stand in front of it."""
        place = key.start_mark.index - key.start_mark.column
        while place:
            before = self.text.rfind("\n", 0, place - 1) + 1
            line = self.text[before:place].strip()
            if line and not line.startswith("#"):
                break
            place = before
        return place

    def _exchange(self, path: Sequence[str | int], node: yaml.Node, tree: Tree) -> None:
        """Put another tree in the place of a collection, or of a text."""
        if self._in_flow(path) or (isinstance(node, yaml.CollectionNode) and node.flow_style):
            self._change(node.start_mark.index, node.end_mark.index, flow(tree))
            return
        start, end = self._extent(path)
        column = start - (self.text.rfind("\n", 0, start) + 1)
        key = path[-1]
        new = item(tree, " " * column) if isinstance(key, int) else entry(key, tree, " " * column)
        self._change(start, end, new[column:])

    def _extent(self, path: Sequence[str | int]) -> tuple[int, int]:
        """From where to where a key with its value stands, or an item, with the comma or the line break behind."""
        parent = self.node(path[:-1])
        assert isinstance(parent, yaml.CollectionNode)
        pairs = [(own, own) if isinstance(parent, yaml.SequenceNode) else own for own in parent.value]
        at = path[-1] if isinstance(path[-1], int) else [own.value for own, _ in pairs].index(path[-1])
        key, value = pairs[at]
        if parent.flow_style:
            if at + 1 < len(pairs):
                return key.start_mark.index, pairs[at + 1][0].start_mark.index
            start = pairs[at - 1][1].end_mark.index if at else key.start_mark.index
            return start, value.end_mark.index
        start = key.start_mark.index
        if isinstance(parent, yaml.SequenceNode):
            start = self.text.rfind("-", 0, start)
        return start, self._last_line(value)

    def _dash(self, node: yaml.Node) -> int:
        """The column of the dash in front of an item."""
        start = node.start_mark.index - node.start_mark.column
        return self.text.index("-", start) - start

    def _last_line(self, node: yaml.Node) -> int:
        """Behind the last line that a value stands on."""
        while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            node = last[1] if isinstance(node, yaml.MappingNode) else last
        if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
            return int(node.end_mark.index - node.end_mark.column)
        return self.text.find("\n", node.end_mark.index) + 1 or len(self.text)
