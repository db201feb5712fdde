"""A share of the hostile files that ``python -m tests.support.hostile`` makes: bounded, coded, and one message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.hostile import Hostile, configurations, run, scenarios, workbooks

WORKBOOKS = frozenset({
    "formulas: text doubled 40 times", "formulas: nested", "sheet: CDATA", "sheet: a document type", "package: 1904",
    "without xl/styles.xml", "the first 50 %",
})  # fmt: skip
TEXTS = frozenset({"a tag", "many keys"})


@pytest.mark.parametrize(
    ("kind", "names"),
    [(workbooks, WORKBOOKS), (scenarios, TEXTS), (configurations, frozenset({"an empty one", "a list"}))],
    ids=["workbooks", "scenarios", "configurations"],
)
def test_hostile_files(kind: Callable[[Path], Iterator[Hostile]], names: frozenset[str], tmp_path: Path) -> None:
    """Within ten seconds and 500 MB, no traceback, an exit code that they may have, and a word why."""
    files = list(kind(tmp_path))
    assert len(files) >= 35
    chosen = [file for file in files if file.name in names]
    assert {file.name for file in chosen} == names
    for file in chosen:
        assert run(file, tmp_path).wrong == (), file.name
