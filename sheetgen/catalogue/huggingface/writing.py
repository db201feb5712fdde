"""The text of a model file: every required key, and the optional ones that are not at their defaults."""

from __future__ import annotations

import json

from sheetgen.catalogue.models import Model, defaults

HEAD = """\
# A model file of sheetgen, written from a Hugging Face configuration. Name it in a scenario (model: THIS_FILE), or put
# it into DIR/models/ and pass --catalogue DIR. Every key may be edited; a key that is left out has its default.
"""


def model_file(model: Model) -> str:
    """The text of a model file that reads as this model."""
    implied = defaults()
    lines = [HEAD, f"name: {_text(model.name)}\n"]
    lines += [f"{key}: {value}\n" for key, value in model.values.items() if value != implied.get(key)]
    if model.max_context_length is not None:
        lines.append(f"max_context_length: {model.max_context_length}\n")
    lines += [
        f"{key}: {_text(getattr(model, key))}\n" for key in ("source", "source_url", "notes") if getattr(model, key)
    ]
    return "".join(lines)


def _text(value: str) -> str:
    """A YAML double-quoted scalar: JSON strings are such."""
    return json.dumps(value, ensure_ascii=False)
