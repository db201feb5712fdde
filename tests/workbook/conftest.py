"""A directory of own templates, for tests of what they add and of mistakes in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.own_templates import (
    Write,
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes files, by their names without ``.yaml``, and gives their directory."""

    def written(**files: str) -> Path:
        home = tmp_path / "own"
        home.mkdir(exist_ok=True)
        for name, text in files.items():
            (home / f"{name}.yaml").write_text(text, encoding="utf-8")
        return home

    return written
