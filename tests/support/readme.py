"""What of the README follows from the code: its scenario reference. ``python -m tests.support.readme`` rewrites it."""

from __future__ import annotations

import re

from sheetgen.base.inputs import Field, fields, options
from tests.support.paths import ROOT

README = ROOT / "README.md"
START, END = "<!-- fields -->", "<!-- /fields -->"


def reference() -> str:
    """The rows of the scenario reference: key, what it is, what is allowed and its default."""
    rows = [_row(spec) for key, spec in fields().items() if key not in {"case_name", "model"}]
    return "\n".join(rows)


def written() -> str:
    """The rows that the README has."""
    match = re.search(f"{START}\n(.*?)\n?{END}", README.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    return match.group(1)


def _row(spec: Field) -> str:
    allowed = spec.allowed
    if spec.choices == "accelerator":
        allowed = "a key of `sheetgen gpus`"
    elif spec.choices == "case_name":
        allowed = "the name of a case"
    elif spec.choices:
        allowed = ", ".join(f"`{option.value}`" for option in options(spec.choices))
    default = f"; default {spec.default}" if spec.default is not None else ""
    text = f"{spec.label}. {spec.help}".replace("|", "\\|")
    return f"| `{spec.key}` | {text} | {allowed}{default} |"


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    head, _, rest = text.partition(START)
    README.write_text(f"{head}{START}\n{reference()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
