"""Everything that a verdict says, as one list of findings by section: what reports in any form are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sheetgen.verification.verdict import Verdict

INPUTS, FORMULAS, FIGURES, RESULTS = "inputs", "formulas", "figures", "stored results"
CONTENTS, PROVENANCE, CHECKS = "contents", "provenance", "checks"
SECTIONS = (INPUTS, FORMULAS, FIGURES, RESULTS, CONTENTS, PROVENANCE, CHECKS)
MEANING, OTHER = "meaning", "other"
"""How much a finding weighs: a figure or its meaning is another one; or something is to be known, and agrees."""

NOT_COVERED = {
    INPUTS: "whether an input is true; that a source says what is cited",
    FORMULAS: "formulas on sheets that the budget does not read",
    FIGURES: "what a program computes that differs from the evaluator; the file was not opened in one",
    RESULTS: "how a program shows them: number formats, hidden rows and columns, colours",
    CONTENTS: "labels, units, notes, charts, pictures, names of cells; figures beside inputs or on other sheets",
    PROVENANCE: "who edited the file: fingerprints can be written by anybody",
    CHECKS: "",
}
"""What a verdict says nothing of, by section."""


class Finding(NamedTuple):
    """One finding: its section, its weight, the rule that it breaks, where it is, and what it is in words."""

    section: str
    weight: str
    rule: str
    sheet: str
    cell: str
    text: str


class Section(NamedTuple):
    """What a verdict says of one subject: a word, how much was compared, and the findings of each weight."""

    name: str
    word: str
    compared: str
    changed: int
    other: int
    not_covered: str


def findings(verdict: Verdict) -> list[Finding]:
    """Everything that is not as built, or does not agree, in the order of a report."""
    return [*_of_lists(verdict), *_of_checks(verdict)]


def sections(verdict: Verdict) -> list[Section]:
    """A line for each section."""
    found = findings(verdict)
    return [_section(verdict, name, [item for item in found if item.section == name]) for name in SECTIONS]


def _of_lists(verdict: Verdict) -> Iterator[Finding]:
    for problem in verdict.problems:
        yield Finding(INPUTS, MEANING, "an input that is not allowed", "", "", str(problem))
    for edit in verdict.edits:
        yield Finding(INPUTS, OTHER, "an input that differs from the scenario", "", "", edit)
    for text in verdict.foreign:
        yield Finding(CONTENTS, MEANING, "not as a budget is built", "", "", text)
    for item in verdict.overwritten:
        yield Finding(FORMULAS, MEANING, "a formula or constant overwritten", item.sheet, item.cell, str(item))
    for stale in verdict.stored.stale:
        yield Finding(RESULTS, MEANING, "shows what it does not compute", stale.sheet, stale.cell, str(stale))
    for mismatch in (*verdict.mismatches, *verdict.moved_mismatches):
        text = f"{mismatch}, case {verdict.cases[mismatch.case]}"
        yield Finding(FIGURES, MEANING, "disagrees with the engine", mismatch.sheet, mismatch.cell, text)
    for cell in verdict.stored.unknown:
        sheet, _, place = cell.rpartition("!")
        yield Finding(RESULTS, OTHER, "a function that is not computed here", sheet, place, cell)
    for note in verdict.notes:
        yield Finding(PROVENANCE, OTHER, "a note", "", "", note)


def _of_checks(verdict: Verdict) -> Iterator[Finding]:
    for word, weight in (("FAIL", MEANING), ("REVIEW", OTHER)):
        for text in verdict.checks.get(word, ()):
            yield Finding(CHECKS, weight, f"a check says {word}", "", "", text)


def _section(verdict: Verdict, name: str, found: Iterable[Finding]) -> Section:
    counts = {weight: sum(item.weight == weight for item in found) for weight in (MEANING, OTHER)}
    compared = {
        INPUTS: {None: "edited since the build: not known", True: "edited since the build", False: "as at the build"}[
            verdict.edited
        ],
        FORMULAS: f"{verdict.formulas:,} formulas",
        FIGURES: f"{verdict.compared:,} cells, {verdict.compared_moved:,} with inputs moved",
        RESULTS: f"{verdict.stored.right:,} stored results as computed, {verdict.stored.absent:,} absent",
        CHECKS: "the workbook's own",
    }.get(name, "")
    words = ("fails", "asks for a review", "passes") if name == CHECKS else ("changed", "to be known", "intact")
    word = words[0] if counts[MEANING] else words[1] if counts[OTHER] else words[2]
    return Section(name, word, compared, counts[MEANING], counts[OTHER], NOT_COVERED[name])
