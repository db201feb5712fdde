"""A verdict as text, for a reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sheetgen.verification.tolerance import Mismatch
    from sheetgen.verification.verdict import Verdict

MAX_LINES = 25


def verdict_text(verdict: Verdict, *, brief: bool) -> str:
    """The verdict as a reviewer reads it: what was compared, every disagreement, and the last word."""
    lines: list[str] = []
    if not brief:
        lines += _summary(verdict)
    lines += _listed("Input that is not allowed", [str(problem) for problem in verdict.problems])
    lines += _listed("Overwritten formula", [str(item) for item in verdict.overwritten])
    lines += _listed("Disagreement", [_line(verdict, item) for item in verdict.mismatches])
    lines += _listed("Disagreement with inputs moved", [_line(verdict, item) for item in verdict.moved_mismatches])
    lines += _listed("Check that fails", verdict.checks.get("FAIL", []))
    if not brief:
        lines += _listed("Check that asks for a review", verdict.checks.get("REVIEW", []))
        lines += _listed("Input that differs from the scenario", verdict.edits)
        lines += _listed("Note", verdict.notes)
    lines.append(f"{verdict.file}: {'agrees' if verdict.agrees else 'DOES NOT AGREE'}")
    return "\n".join(lines)


def _summary(verdict: Verdict) -> list[str]:
    edited = {None: "unknown (no fingerprint)", True: "yes", False: "no"}[verdict.edited]
    return [
        f"Cases: {len(verdict.cases)} ({', '.join(verdict.cases)})",
        f"Formulas compared with the templates: {verdict.formulas:,}",
        f"Cells compared with the engine: {verdict.compared:,}, and {verdict.compared_moved:,} with inputs moved",
        f"Canary: {verdict.poisoned:,} cached values poisoned, none read back",
        f"Inputs edited since build: {edited}",
    ]


def _line(verdict: Verdict, item: Mismatch) -> str:
    return f"{item}, case {verdict.cases[item.case]}"


def _listed(title: str, items: Sequence[str]) -> list[str]:
    shown = [f"{title}: {item}" for item in items[:MAX_LINES]]
    return shown + ([f"{title}: and {len(items) - MAX_LINES} more"] if len(items) > MAX_LINES else [])
