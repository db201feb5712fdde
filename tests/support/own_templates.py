"""A user's own templates to write for tests: rows, lines, inputs and a sheet, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sheetgen import InvalidInput, load_templates

Write = Callable[..., Path]


COST = "sections:\n  - title: Cost of the run\n    rows:\n"


LINE = "label: Own, unit: currency, source: identity, format: money"


GOOD = f"{COST}      - {{key: own_cost, {LINE}, formula: setup_cost}}\n"


SHEET = "sheet: Own\norder: 500\nkind: Calculation\ntitle: Own\nsections:\n"


INPUTS = "sections:\n  - title: Own\n    inputs:\n"


def messages(home: Path) -> list[str]:
    """What is said of a directory, file names without their directory."""
    with pytest.raises(InvalidInput) as raised:
        load_templates(home)
    return [str(problem).replace(f"{home}/", "") for problem in raised.value.problems]


def row(entries: str) -> str:
    """A file that adds one row to sheet Cost, on line 4."""
    return f"{COST}      - {{{entries}}}\n"


def whole(name: str, text: str) -> tuple[str, str]:
    """A file and its text."""
    return name, text


def line(entries: str, usual: str = f"key: own_cost, {LINE}") -> tuple[str, str]:
    """A row of sheet Cost on line 4, with these entries beside the usual ones."""
    return "cost", row(f"{usual}, {entries}")


def typed(entries: str, usual: str = "key: mine, label: x") -> tuple[str, str]:
    """An input on line 4, with these entries beside the usual ones."""
    return "inputs", f"{INPUTS}      - {{{usual}, {entries}}}\n"


def headed(old: str, new: str, tail: str = "") -> tuple[str, str]:
    """A sheet without sections, with a part of its head replaced."""
    return "own", f"{SHEET.replace(old, new)}  []\n{tail}"
