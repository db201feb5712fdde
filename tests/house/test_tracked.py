"""What is tracked is what people wrote: files at the places of the project, and no link to a place of one machine."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.paths import ROOT

PLACES = {
    "sheetgen", "templates", "tests", "samples", ".ci/run",
    "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore",
}  # fmt: skip


def strangers(listing: str) -> list[str]:
    """The lines of ``git ls-files -s`` that are no regular file, or stand at no place of the project."""
    found = []
    for line in listing.splitlines():
        state, path = line.split("\t", 1)
        parts = {path, path.partition("/")[0]}
        if not state.startswith("100") or not parts & PLACES:
            found.append(path)
    return found


def test_only_files_are_tracked() -> None:
    """A link, or something that a tool made, would stand in the way of what ``.ci/run`` puts there."""
    if not (ROOT / ".git").exists():
        pytest.skip("only a checkout has an index; the sdist has a test of its own")
    listed = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(listed.splitlines()) > 300
    assert strangers(listed) == []


def test_a_link_would_be_seen() -> None:
    """The control: a link where the validator goes, a file of an editor at the top, and one that belongs."""
    lines = ["120000 1 0\t.ci/node", "100644 2 0\tnotes.txt", "100644 3 0\ttests/house/test_tracked.py"]
    assert strangers("\n".join(lines)) == [".ci/node", "notes.txt"]
