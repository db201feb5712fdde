"""YAML as untrusted input: a small subset, bounded in size, depth and nodes, with the line of every value.

The tree is built from the parser's events in one pass, so nothing is constructed, resolved or expanded. There
are no implicit types (``no`` stays the text ``no``, ``1e3`` the text ``1e3``), no anchors or aliases (hence
no billion laughs) and no tags (hence no objects); neither recursion nor the C stack grows with the nesting of
the input. Line breaks, comments, quotes and block text are those of YAML 1.1 as PyYAML reads it
(https://yaml.org/spec/1.1/).
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from sheetgen.base.errors import InvalidInput, Problem, shorten

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
MAX_DEPTH = 20
MAX_PROBLEMS = 50

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
LINE_BREAK = re.compile(r"\r\n|\r|\n")
# What neither a text file nor the XML of a workbook may hold: C0 but tab, LF and CR; DEL and C1; the Unicode
# line breaks that editors do not count as lines; byte order marks inside the text; surrogates and
# noncharacters.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value as it was written. ``line`` is 1-based; ``quoted`` says '...', "..." or block text (| or >)."""

    text: str
    line: int
    quoted: bool

    @property
    def is_null(self) -> bool:
        """Whether the value is absent: unquoted and empty, ``~`` or ``null``."""
        return not self.quoted and self.text in NULLS


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence; ``line`` (1-based) is where it starts."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping, in the order of the file; ``key_lines`` has the line (1-based) of each key."""

    entries: dict[str, Node]
    key_lines: dict[str, int]
    line: int


Node = Scalar | Items | Table


def load_yaml(
    path: Path, *, max_bytes: int = MAX_BYTES, max_nodes: int = MAX_NODES, max_depth: int = MAX_DEPTH
) -> Node:
    """The tree of a file, whose root is a :class:`Table`; ``max_bytes`` is checked before opening it.

    Raises :class:`InvalidInput`, with file and line: a missing or unreadable file, anything but a regular
    file, too many bytes, not UTF-8 (a byte order mark is accepted), and all that :func:`parse_yaml` refuses.
    """
    file = str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise InvalidInput([Problem(f"expected a YAML file, but this is {kind}", file)])
        _check_size(status.st_size, max_bytes, file)
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InvalidInput([Problem(f"cannot read the file: {reason}", file)]) from error
    _check_size(len(data), max_bytes, file)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = _line_at(data[: error.start].decode("latin-1"), error.start)
        given = f"byte 0x{data[error.start]:02x} at offset {error.start:,}"
        raise InvalidInput(
            [Problem("the file is not UTF-8 text; save it as UTF-8", file, line, given=given)]
        ) from error
    return parse_yaml(text, file, max_bytes=max_bytes, max_nodes=max_nodes, max_depth=max_depth)


def parse_yaml(
    text: str,
    file: str,
    *,
    max_bytes: int = MAX_BYTES,
    max_nodes: int = MAX_NODES,
    max_depth: int = MAX_DEPTH,
) -> Node:
    """The tree of a text, whose root is a :class:`Table`; ``file`` is the name that problems carry.

    Raises :class:`InvalidInput` with a problem per mistake, 50 at most: anchors and aliases, tags, duplicate
    and non-scalar keys, control characters, more than one document, an empty document, a root that is no
    mapping, nesting beyond ``max_depth`` collections, more than ``max_nodes`` nodes (a key is a node too),
    more than ``max_bytes`` bytes of UTF-8, invalid syntax. Limits and syntax end the reading; the others
    are collected.
    """
    _check_size(len(text.encode("utf-8", "surrogatepass")), max_bytes, file)
    text = text.removeprefix("\ufeff")
    if found := UNPRINTABLE.search(text):
        line = _line_at(text, found.start())
        raise InvalidInput(
            [Problem("control characters are not allowed", file, line, given=_code_point(found.group()))]
        )
    builder = _Builder(file, max_nodes, max_depth)
    try:
        for event in _events(text):
            builder.take(event)
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the latter two: escapes beyond Unicode
        builder.problems.append(_syntax_problem(error, text, file, max_depth))
    if builder.problems:
        raise InvalidInput(builder.problems)
    if builder.root is None or (isinstance(builder.root, Scalar) and builder.root.is_null):
        what = "the file holds no values" if text.strip() else "the file is empty"
        raise InvalidInput([Problem(f"{what}; expected keys and values", file, 1)])
    if not isinstance(builder.root, Table):
        kind = "a list" if isinstance(builder.root, Items) else "a single value"
        message = f"expected keys and values (key: value) at the top level, not {kind}"
        raise InvalidInput([Problem(message, file, builder.root.line)])
    return builder.root


@dataclass(slots=True)
class _Frame:
    """A collection under construction; between a key and its value ``key`` is set, to ``None`` if refused."""

    line: int
    mapping: bool
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)
    awaits_value: bool = False
    key: str | None = None

    def node(self) -> Node:
        """The finished collection."""
        if self.mapping:
            return Table(self.entries, self.key_lines, self.line)
        return Items(tuple(self.items), self.line)


class _Builder:
    """Turns events into a tree, on an explicit stack; ``problems`` holds what was refused on the way."""

    def __init__(self, file: str, max_nodes: int, max_depth: int) -> None:
        self.file = file
        self.max_nodes = max_nodes
        self.max_depth = max_depth
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.nodes = 0
        self.documents = 0
        self.stack: list[_Frame] = []

    def take(self, event: yaml.Event) -> None:
        """Adds one event. Raises :class:`InvalidInput`, with all problems so far, when a limit is passed."""
        mark = event.start_mark
        line = 1 if mark is None else mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._stop("only one document is allowed in a file ('---' starts a second one)", line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._attach(self.stack.pop().node())
        elif isinstance(event, yaml.NodeEvent):
            self._count(line)
            self._check_extras(event, line)
            if isinstance(event, yaml.CollectionStartEvent):
                if len(self.stack) >= self.max_depth:
                    self._stop(f"nested too deeply: more than {self.max_depth} levels of lists and mappings", line)
                self.stack.append(_Frame(line, isinstance(event, yaml.MappingStartEvent)))
            elif isinstance(event, yaml.ScalarEvent):
                self._attach(self._scalar(event, line))
            else:
                self._attach(None)

    def _count(self, line: int) -> None:
        self.nodes += 1
        if self.nodes > self.max_nodes:
            self._stop(f"too many values: more than {self.max_nodes:,} keys, values and lists", line)

    def _check_extras(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            mark = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self._problem("aliases and anchors are not allowed", line, given=f"{mark}{event.anchor}")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._problem("tags are not allowed", line, given=tag.replace("tag:yaml.org,2002:", "!!", 1))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Scalar:
        if found := UNPRINTABLE.search(event.value):
            self._problem("control characters are not allowed", line, given=_code_point(found.group()))
        return Scalar(event.value, line, quoted=bool(event.style))

    def _attach(self, node: Node | None) -> None:
        """Puts a finished node in its place: root, list item, key or value. ``None`` stands for an alias."""
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if not frame.mapping:
            frame.items += [] if node is None else [node]
        elif frame.awaits_value:
            frame.awaits_value = False
            if frame.key is not None and node is not None:
                frame.entries[frame.key] = node
        else:
            frame.awaits_value = True
            frame.key = self._key(frame, node)

    def _key(self, frame: _Frame, node: Node | None) -> str | None:
        """The text of a new key, or ``None`` where there is none to use."""
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self._problem("a key must be a single word or text, not a list or a mapping", node.line)
            return None
        if node.text in frame.key_lines:
            first = frame.key_lines[node.text]
            self._problem(f"duplicate key: already on line {first}", node.line, key=shorten(node.text))
            return None
        frame.key_lines[node.text] = node.line
        return node.text

    def _problem(self, message: str, line: int, *, key: str | None = None, given: str | None = None) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            self._stop(f"more than {MAX_PROBLEMS} mistakes: the rest of the file was not read", line)
        self.problems.append(Problem(message, self.file, line, key=key, given=given))

    def _stop(self, message: str, line: int) -> None:
        self.problems.append(Problem(message, self.file, line))
        raise InvalidInput(self.problems)


def _events(text: str) -> Iterator[yaml.Event]:
    """The parser's events, by libyaml where PyYAML was built with it."""
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return events


def _syntax_problem(error: Exception, text: str, file: str, max_depth: int) -> Problem:
    """The parser's reason in one line, at its line; a tab is named, since the reason never does."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(f"not valid YAML: {str(error).splitlines()[0]}", file)
    mark = error.problem_mark or error.context_mark
    reason = ": ".join(part for part in (error.context, error.problem) if part)
    lines = LINE_BREAK.split(text)
    number = min(mark.line + 1, len(lines)) if mark is not None else 1
    if "nesting depth" in reason:  # libyaml's own limit, which it meets before ours where it scans ahead
        return Problem(f"nested too deeply: more than {max_depth} levels of lists and mappings", file, number)
    indent = re.match(r"[ \t]*", lines[number - 1])
    hint = "; indent with spaces, not with tabs" if indent and "\t" in indent.group() else ""
    return Problem(f"not valid YAML: {reason}{hint}", file, number)


def _check_size(size: int, limit: int, file: str) -> None:
    if size > limit:
        given, allowed = f"{size:,} bytes", f"at most {limit:,} bytes"
        raise InvalidInput([Problem("the file is too large", file, given=given, allowed=allowed)])


def _line_at(text: str, position: int) -> int:
    """The line (1-based) of a position in the text."""
    return len(LINE_BREAK.findall(text, 0, position)) + 1


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
