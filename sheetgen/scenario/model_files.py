"""Model files that a scenario names: a model file of ours, or a Hugging Face ``config.json``.

Scenarios come from strangers, so a file is read only if it lies in the scenario's own directory or below it, symbolic
links resolved.
"""

from __future__ import annotations

from pathlib import Path

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.catalogue.models import Model, read_model

ENDINGS = (".json", ".yaml")


def is_model_file(text: str) -> bool:
    """Whether a model is named by a file and not by a key of the catalogue."""
    return text.lower().endswith(ENDINGS)


def read_model_file(name: str, scenario: Path, line: int) -> Model:
    """The model of a file named in a scenario on a line.

    Raises InvalidInput where the file is not there or not below the scenario's directory, and with its own mistakes.
    """
    allowed = f"a {' or '.join(ENDINGS)} file in the scenario's directory or below it"
    home = scenario.resolve().parent
    try:
        path = (home / name).resolve()
        inside = path.is_relative_to(home) and not Path(name).is_absolute()
        found = inside and path.is_file()
    except (OSError, ValueError, RuntimeError):  # a name too long, a null byte, a circle of links
        inside, found = True, False
    if not found:
        message = "there is no such model file" if inside else "is outside of the scenario's directory"
        raise InvalidInput([Problem(message, str(scenario), line, "model", name[:80], allowed)])
    shown = scenario.parent / name
    if shown.suffix.lower() == ".yaml":
        return read_model(shown)
    from sheetgen.catalogue.huggingface import import_config  # needed by few scenarios

    return import_config(shown).model
