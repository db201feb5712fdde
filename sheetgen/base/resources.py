"""Where the packaged templates and samples are: inside an installed wheel, or beside the package in a checkout."""

from __future__ import annotations

import hashlib
import marshal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

ADDS, AFTER = "adds", "after"
"""Entries of a template that put a part of it into another file, and behind a row or a section that is there."""

_PACKAGE = Path(__file__).parents[1]
_TRUE = {"yes", "true", "on"}
_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:bool": lambda text: text.lower() in _TRUE,
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
    """The content of ``templates/<name>.yaml``: our own file, so plain YAML without tags, anchors and dates.

    What a file holds is kept beside Python's own bytecode, under the same conditions: PyYAML takes 40 ms for all files,
    a sixth of a whole ``verify``, and what it was made of is known by path, time and size. ``pip
    uninstall`` leaves these files behind: it knows of those alone that it installed.
    """
    path = templates_directory() / f"{name}.yaml"
    state = path.stat()
    made_of = (str(path), state.st_mtime_ns, state.st_size)
    kept = Path(cache_from_source(str(Path(__file__).with_name(f"{name}.py")))).with_suffix(".template")
    with suppress(OSError, ValueError, EOFError, TypeError):  # absent, or of another shape: made anew
        found, data = marshal.loads(kept.read_bytes())  # noqa: S302 - as much ours as the bytecode beside it
        if found == made_of:
            return data
    data = read_plain(path)
    if not sys.dont_write_bytecode:
        from sheetgen.base.errors import BuildError
        from sheetgen.base.files import replace_file

        with suppress(OSError, BuildError):  # a folder that cannot be written is as good
            kept.parent.mkdir(parents=True, exist_ok=True)
            replace_file(kept, marshal.dumps((made_of, data)))
    return data


def read_plain(path: Path) -> Any:
    """What a YAML file of our own holds: mappings, lists, texts and numbers."""
    import yaml

    loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=loader)
    return None if node is None else _plain(node)


@cache
def templates_digest() -> str:
    """A SHA-256 over the packaged templates, by which a report says which ones it speaks of."""
    digest = hashlib.sha256()
    for path in sorted(templates_directory().glob("*.yaml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _plain(node: Any) -> Any:
    """What a node of our own YAML stands for; half the time of PyYAML's constructors, which allow for much more."""
    if node.id == "mapping":
        return {_plain(key): _plain(value) for key, value in node.value}
    if node.id == "sequence":
        return [_plain(item) for item in node.value]
    return scalar_value(node.tag, node.value)


def scalar_value(tag: str, text: str) -> Any:
    """What a value of our own YAML stands for, by the tag that its text resolves to."""
    return _SCALARS.get(tag, str)(text)
