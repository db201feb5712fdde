"""A verdict as text, for a reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sheetgen.base.errors import one_line
from sheetgen.verification.differences import HARMLESS, LOOKS, MEANING, counted, of_weight
from sheetgen.verification.verdict import two_results

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
        lines += [f"{name}: {text}" for name, text in origin_lines(verdict)]
        lines += [", ".join(map(str, row)) for row in (FIGURE_HEADS, *figure_rows(verdict))]
        lines += _summary(verdict)
    lines += _listed("Input that is not allowed", [str(problem) for problem in verdict.problems])
    lines += _listed("Not as a budget is built", verdict.foreign)
    lines += _listed("Shows what it does not compute", [str(item) for item in verdict.stored.stale])
    if verdict.stored.stale:
        lines.append(f"sheetgen recalc {verdict.file} -o FILE writes a copy that stores what it computes")
    if verdict.seal is not None and not (brief and verdict.seal.holds):
        lines.append(f"Seal {'holds' if verdict.seal.holds else 'BROKEN'}: {verdict.seal.words}")
    lines += _listed("Overwritten formula", [str(item) for item in verdict.overwritten])
    lines += _listed("Figure or meaning changed", [str(item) for item in of_weight(verdict.differences, MEANING)])
    second = () if verdict.second is None else verdict.second.stale
    lines += _listed("Second evaluator disagrees", [two_results(item) for item in second])
    lines += _listed("Disagreement", [_line(verdict, item) for item in verdict.mismatches])
    lines += _listed("Disagreement with inputs moved", [_line(verdict, item) for item in verdict.moved_mismatches])
    lines += _listed("Check that fails", verdict.checks.get("FAIL", []))
    if not brief:
        lines += _listed("Check that asks for a review", verdict.checks.get("REVIEW", []))
        lines += _listed("Other than built", [str(item) for item in of_weight(verdict.differences, LOOKS)])
        counts = counted(of_weight(verdict.differences, HARMLESS))
        lines += _listed("Harmless", [f"{words} ({count})" for words, count in counts.items()])
        lines += _listed("Changed input", verdict.edits)
        lines += _listed("Note", _not_covered(verdict) + verdict.notes)
    if not brief:
        lines += _sections(verdict)
        lines.append(f"Intact: {'yes' if verdict.intact else 'NO'}; its own checks: {_checks(verdict)}")
    lines.append(f"{verdict.file}: {'agrees' if verdict.agrees else 'DOES NOT AGREE'}")
    return "\n".join(map(one_line, lines))


def origin_lines(verdict: Verdict) -> list[tuple[str, str]]:
    """What was verified, by what and when, as far as it is known."""
    origin = verdict.origin
    lines = [
        ("File", f"{verdict.file}, {origin.size:,} bytes"),
        ("SHA-256", origin.sha256),
        ("Verified by", origin.programs),
        ("Templates", origin.templates),
        ("When", origin.when),
        ("Command", origin.command),
    ]
    return [(name, text) for name, text in lines if text]


FIGURE_HEADS = ("Case", "Total cost", "Days", "GPU-hours", "GPUs", "MFU", "Price per GPU-hour")


def figure_rows(verdict: Verdict) -> list[tuple[str, ...]]:
    """The key figures of each case, the one for approval marked."""
    rows: list[tuple[str, ...]] = []
    for figures in verdict.figures():
        name = f"{figures['case']} (for approval)" if figures["for_approval"] else str(figures["case"])
        money, quote = figures["currency"], figures["price_per_gpu_hour"]
        rows.append((
            name, f"{money} {_figure(figures['total_cost'], 0)}", _figure(figures["run_days"], 2),
            _figure(figures["gpu_hours"], 0), _figure(figures["gpus"], 0), _share(figures["mfu"]),
            _figure(quote, 4),
        ))  # fmt: skip
    return rows


def _figure(value: object, decimals: int) -> str:
    return f"{value:,.{decimals}f}" if isinstance(value, (int, float)) else "none"


def _share(value: object) -> str:
    return f"{value:.2%}" if isinstance(value, (int, float)) else "none"


def _checks(verdict: Verdict) -> str:
    reviews = len(verdict.checks.get("REVIEW", ()))
    if not verdict.checks_pass:
        return "FAIL"
    return f"pass, {reviews} to review" if reviews else "pass"


def _sections(verdict: Verdict) -> list[str]:
    """A line for each subject: the word, how much was compared, what it says nothing of."""
    from sheetgen.verification.findings import sections

    return [
        f"Section {own.name}: {own.word}"
        + (f", {own.compared}" if own.compared else "")
        + "".join(f", {count} {word}" for count, word in
                  ((own.changed, "against it"), (own.other, "to be known"), (own.harmless, "harmless")) if count)
        + (f". Not covered: {own.not_covered}" if own.not_covered else "")
        for own in sections(verdict)
    ]  # fmt: skip


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
        *_recomputed(verdict),
        f"Canary: {verdict.poisoned:,} cached values poisoned, none read back",
        f"Stored results: {stored}",
        *_second(verdict),
        f"Inputs edited since build: {edited}",
    ]


def _second(verdict: Verdict) -> list[str]:
    """What the second evaluator says, where it was asked."""
    if verdict.second is None:
        return []
    counts = [(verdict.second.right, "agree"), (len(verdict.second.stale), "DISAGREE"),
              (len(verdict.second.unknown), "not computed")]  # fmt: skip
    return [f"Second evaluator, IronCalc: {', '.join(f'{count:,} {words}' for count, words in counts if count)}"]


def _recomputed(verdict: Verdict) -> list[str]:
    """The rows of extensions that nothing was compared with."""
    keys = ", ".join(verdict.recomputed)
    return [f"Recomputed only, with no function to compare with: {keys}"] if keys else []


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
