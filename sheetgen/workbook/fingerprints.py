"""Digests of what a workbook was built from, which ``verify`` derives again from the file."""

from __future__ import annotations

import hashlib
import json

from sheetgen.base.inputs import Value
from sheetgen.scenario.model import Scenario


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


def accelerators_fingerprint(scenario: Scenario) -> str:
    """A SHA-256 over every figure that the look-ups read of the accelerator table."""
    rows = [
        [
            entry.key,
            entry.memory_gb,
            entry.tdp_w,
            sorted(entry.dense.items()),
            sorted(entry.sparse.items()),
            entry.fp16_accumulate,
            entry.emulates,
            entry.best_mfu,
        ]
        for entry in scenario.accelerators.values()
    ]
    plain = json.dumps(rows, default=str, sort_keys=True)
    return hashlib.sha256(json.dumps(json.loads(plain, parse_int=float)).encode()).hexdigest()
