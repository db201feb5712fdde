"""Where the packaged templates and samples are: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def templates_directory() -> Path:
    """The folder of the workbook templates."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


@cache
def template_data(name: str) -> Any:
    """The content of ``templates/<name>.yaml``: our own file, so plain safe YAML."""
    text = (templates_directory() / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - the loader is the safe one, in C where there is one
