"""Results as text: tables and verdicts, with rich on a terminal and plain elsewhere."""

from __future__ import annotations

import io
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from sheetgen.base.numbers import from_serial

if TYPE_CHECKING:
    from sheetgen.base.inputs import Value
    from sheetgen.verification.tolerance import Mismatch
    from sheetgen.verification.verdict import Verdict

MOST_LINES = 25
EXACT_BELOW = 2**53


def figure(value: Value, unit: str) -> str:
    """A value as a reader wants it: whole numbers in full, fractions in percent, dates as ISO, else six digits."""
    if isinstance(value, str):
        return value
    if unit == "date":
        return from_serial(value).isoformat()
    if unit == "fraction":
        return f"{value:.2%}"
    if value == int(value) and abs(value) < EXACT_BELOW:
        return f"{int(value):,}"
    return f"{value:,.2f}" if 1000 <= abs(value) < 1e15 else f"{value:.6g}"


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, title: str, plain: bool, numbers: Collection[int]
) -> str:
    """A table: boxed and coloured on a terminal, bare columns without colour elsewhere or when ``plain``."""
    if plain or not sys.stdout.isatty():
        return _plain_table(head, rows, numbers)
    from rich.console import Console
    from rich.table import Table

    drawn = Table(title=title or None, title_justify="left", header_style="bold")
    for index, name in enumerate(head):
        drawn.add_column(name, justify="right" if index in numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(_escaped(cell) for cell in row))
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=True)
    console.print(drawn)
    return buffer.getvalue().rstrip("\n")


def _escaped(cell: str) -> str:
    from rich.markup import escape

    return escape(cell)


def _plain_table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int]) -> str:
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    lines = []
    for row in [head, *rows]:
        cells = (
            cell.rjust(width) if index in numbers else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


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
    shown = [f"{title}: {item}" for item in items[:MOST_LINES]]
    return shown + ([f"{title}: and {len(items) - MOST_LINES} more"] if len(items) > MOST_LINES else [])
