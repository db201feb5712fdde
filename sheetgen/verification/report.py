"""A verdict as text, for a reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sheetgen.base.errors import one_line

if TYPE_CHECKING:
    from sheetgen.verification.tolerance import Mismatch
    from sheetgen.verification.verdict import Verdict

MAX_LINES = 25


def verdict_text(verdict: Verdict, *, brief: bool) -> str:
    """The verdict as a reviewer reads it: what was compared, every disagreement, and the last word.

    What stands in the file may be written to mislead: each item is one line, its control characters made visible.
    """
    lines: list[str] = []
    if not brief:
        lines += _summary(verdict)
    lines += _listed("Input that is not allowed", [str(problem) for problem in verdict.problems])
    lines += _listed("Not as a budget is built", verdict.foreign)
    lines += _listed("Shows what it does not compute", [str(item) for item in verdict.stored.stale])
    if verdict.stored.stale:
        lines.append(f"sheetgen recalc {verdict.file} -o FILE writes a copy that stores what it computes")
    lines += _listed("Overwritten formula", [str(item) for item in verdict.overwritten])
    lines += _listed("Disagreement", [_line(verdict, item) for item in verdict.mismatches])
    lines += _listed("Disagreement with inputs moved", [_line(verdict, item) for item in verdict.moved_mismatches])
    lines += _listed("Check that fails", verdict.checks.get("FAIL", []))
    if not brief:
        lines += _listed("Check that asks for a review", verdict.checks.get("REVIEW", []))
        lines += _listed("Input that differs from the scenario", verdict.edits)
        lines += _listed("Note", _not_covered(verdict) + verdict.notes)
    lines.append(f"{verdict.file}: {'agrees' if verdict.agrees else 'DOES NOT AGREE'}")
    return "\n".join(map(one_line, lines))


def _summary(verdict: Verdict) -> list[str]:
    right, absent, stale, unknown = verdict.stored
    counts = [
        (right, "as computed"),
        (absent, "absent"),
        (len(stale), "other than computed"),
        (len(unknown), "unknown"),
    ]
    stored = ", ".join(f"{count:,} {words}" for count, words in counts if count) or "none"
    edited = {None: "unknown (no fingerprint)", True: "yes", False: "no"}[verdict.edited]
    return [
        f"Cases: {len(verdict.cases)} ({', '.join(verdict.cases)})",
        f"Formulas compared with the templates: {verdict.formulas:,}",
        f"Cells compared with the engine: {verdict.compared:,}, and {verdict.compared_moved:,} with inputs moved",
        f"Canary: {verdict.poisoned:,} cached values poisoned, none read back",
        f"Stored results: {stored}",
        f"Inputs edited since build: {edited}",
    ]


def _not_covered(verdict: Verdict) -> list[str]:
    """What nobody computed here, in words."""
    found = []
    if verdict.stored.absent:
        found.append("where no results are stored, programs that do not compute (previews, mail) show blanks")
    if verdict.stored.unknown:
        found.append(f"functions that are not computed here, in {', '.join(verdict.stored.unknown[:5])}")
    if verdict.unread:
        found.append(f"sheets that no formula of the budget reads are not looked at: {', '.join(verdict.unread)}")
    return found


def _line(verdict: Verdict, item: Mismatch) -> str:
    return f"{item}, case {verdict.cases[item.case]}"


def _listed(title: str, items: Sequence[str]) -> list[str]:
    shown = [f"{title}: {item}" for item in items[:MAX_LINES]]
    return shown + ([f"{title}: and {len(items) - MAX_LINES} more"] if len(items) > MAX_LINES else [])
