"""YAML text as tests give it: the problems for which it is refused, and its tree as plain data."""

from __future__ import annotations

import pytest

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.base.yamlfile import Items, Node, Table, parse_yaml

SECONDS = 5  # generous: the whole of 100,000 nested lists takes PyYAML 15 s with libyaml and 110 s without


def problems(text: str, **limits: int) -> tuple[Problem, ...]:
    """The problems for which a text is refused."""
    with pytest.raises(InvalidInput) as caught:
        parse_yaml(text, "case.yaml", **limits)
    found = caught.value.problems
    assert all(problem.file == "case.yaml" and str(problem).isprintable() for problem in found)
    return found


def only(text: str, **limits: int) -> tuple[str, int | None]:
    """Message and line of the one problem for which a text is refused."""
    (problem,) = problems(text, **limits)
    return problem.message, problem.line


def plain(node: Node) -> object:
    """The tree as dictionaries, lists and strings."""
    if isinstance(node, Table):
        return {key: plain(value) for key, value in node.entries.items()}
    return [plain(item) for item in node.items] if isinstance(node, Items) else node.text


PARSERS = ["libyaml", "python"]
