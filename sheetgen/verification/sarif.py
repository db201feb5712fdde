"""A verdict as SARIF 2.1.0, which code review and security tools read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sheetgen import __version__
from sheetgen.base.errors import one_line
from sheetgen.verification.differences import LOOKS, MEANING
from sheetgen.verification.findings import Finding, findings
from sheetgen.verification.verdict import Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {MEANING: "error", LOOKS: "warning"}


def sarif(verdict: Verdict) -> dict[str, Any]:
    """The findings of a verdict, each with its rule, level, cell and words."""
    found = findings(verdict)
    rules = list(dict.fromkeys(item.rule for item in found))
    driver = {
        "name": "sheetgen",
        "version": __version__,
        "rules": [{"id": _identity(rule), "shortDescription": {"text": rule}} for rule in rules],
    }
    artifact = {"location": {"uri": Path(verdict.file).name}, "hashes": {"sha-256": verdict.origin.sha256}}
    run = {
        "tool": {"driver": driver},
        "artifacts": [artifact],
        "invocations": [{"executionSuccessful": True, "exitCode": verdict.exit_code}],
        "results": [_result(item, rules.index(item.rule), verdict) for item in found],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(item: Finding, rule: int, verdict: Verdict) -> dict[str, Any]:
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": Path(verdict.file).name, "index": 0}}}
    if item.sheet:
        name = one_line(f"{item.sheet}!{item.cell}" if item.cell else item.sheet)
        place["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "cell" if item.cell else "sheet"}]
    return {
        "ruleId": _identity(item.rule),
        "ruleIndex": rule,
        "level": LEVELS.get(item.weight, "note"),
        "message": {"text": one_line(item.text)},
        "locations": [place],
        "properties": {"section": item.section, "weight": item.weight},
    }


def _identity(rule: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in rule.lower()).split())
