"""The two parsers of PyYAML."""

from __future__ import annotations

import pytest
import yaml

from tests.support.yaml_text import PARSERS


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test with libyaml and, as where PyYAML was built without it, with the parser in Python."""
    if request.param == "python":
        monkeypatch.delattr(yaml, "CSafeLoader")
    return str(request.param)
