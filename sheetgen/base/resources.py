"""Where the packaged templates and samples are: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).parents[1]
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:bool": lambda text: yaml.SafeLoader.bool_values[text.lower()],
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:null": lambda text: None,  # noqa: ARG005 - what else there is
}


def templates_directory() -> Path:
    """The folder of the workbook templates."""
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


@cache
def template_data(name: str) -> Any:
    """The content of ``templates/<name>.yaml``: our own file, so plain YAML without tags, anchors and dates."""
    text = (templates_directory() / f"{name}.yaml").read_text(encoding="utf-8")
    return _plain(yaml.compose(text, Loader=_LOADER) or yaml.ScalarNode("tag:yaml.org,2002:null", ""))


def _plain(node: yaml.Node) -> Any:
    """What a node of our own YAML stands for; half the time of PyYAML's constructors, which allow for much more."""
    if isinstance(node, yaml.MappingNode):
        return {_plain(key): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return scalar_value(node.tag, node.value)


def scalar_value(tag: str, text: str) -> Any:
    """What a value of our own YAML stands for, by the tag that its text resolves to."""
    return _SCALARS.get(tag, str)(text)
