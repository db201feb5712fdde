"""The templates are written for people: no line that a reader must scroll."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import TEMPLATES

LONGEST_LINE = 140


def long_lines(path: Path) -> Iterator[str]:
    """The lines of a file that are too long to be read at a glance."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if len(line) > LONGEST_LINE:
            yield f"{path.name}:{number}, {len(line)} characters"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.yaml")), ids=lambda path: path.stem)
def test_no_line_is_long(path: Path) -> None:
    """A row that does not fit on a line of 140 characters is written in block style, a key a line."""
    assert list(long_lines(path)) == []


def test_a_long_line_would_be_seen(tmp_path: Path) -> None:
    """The control: a row of 141 characters, below one of 140."""
    path = tmp_path / "sheet.yaml"
    path.write_text("x" * LONGEST_LINE + "\n" + "x" * (LONGEST_LINE + 1) + "\n")
    assert list(long_lines(path)) == ["sheet.yaml:2, 141 characters"]
