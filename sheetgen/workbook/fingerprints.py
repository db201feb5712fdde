"""Digests of what a workbook was built from, which ``verify`` derives again from the file."""

from __future__ import annotations

import hashlib
import json

from sheetgen.base.inputs import Value
from sheetgen.scenario.model import Scenario

ACCELERATOR_TEXTS = ("name", "source", "source_url", "best_mfu_source", "link_source", "notes")
"""Of an accelerator, as far as its sheet shows them."""


def inputs_fingerprint(scenario: Scenario) -> str:
    """A SHA-256 over every input of every case."""
    content: list[dict[str, Value]] = [dict(scenario.values)]
    content += [
        {f"actual:{n}:{name}": v for name, v in month._asdict().items()} if month else {}
        for n, month in enumerate(scenario.actuals)
    ]
    content += [{"case_name": case.name, **case.values} for case in scenario.cases]
    plain = [{key: f"{v:.15g}" if isinstance(v, (int, float)) else v for key, v in part.items()} for part in content]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def notes_fingerprint(scenario: Scenario) -> str:
    """A SHA-256 over what a scenario notes beside its inputs, which stands nowhere else."""
    noted = {key: text for key, text in scenario.notes.items() if text}
    return hashlib.sha256(json.dumps(noted, sort_keys=True).encode()).hexdigest()


def accelerators_fingerprint(scenario: Scenario) -> str:
    """A SHA-256 over every figure of the accelerator table, and the texts beside: names, sources, notes."""
    rows = [
        [entry.key, sorted(entry.figures().items()), [getattr(entry, name) for name in ACCELERATOR_TEXTS]]
        for entry in scenario.accelerators.values()
    ]
    plain = json.dumps(rows, default=str, sort_keys=True)
    return hashlib.sha256(json.dumps(json.loads(plain, parse_int=float)).encode()).hexdigest()
