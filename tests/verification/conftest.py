"""The small sample book, for tests of reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sample_book import write_sample


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workbook."""
    return write_sample(tmp_path_factory.mktemp("strict") / "sample.xlsx")
