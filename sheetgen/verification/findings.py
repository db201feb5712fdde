"""Everything that a verdict says, as one list of findings by section: what reports in any form are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sheetgen.verification.differences import (
    ASPECTS,
    FIGURES,
    FORMULAS,
    HARMLESS,
    HIDDEN,
    INPUTS,
    LOOK,
    LOOKS,
    MEANING,
    PROVENANCE,
    SETTINGS,
    SHOWN,
)
from sheetgen.verification.verdict import Verdict, two_results

CHECKS = "checks"
SECTIONS = (INPUTS, FORMULAS, FIGURES, SHOWN, LOOK, HIDDEN, SETTINGS, PROVENANCE, CHECKS)

NOT_COVERED = {
    INPUTS: "whether an input is true; that a source says what is cited",
    FORMULAS: "formulas on sheets that the budget does not read",
    FIGURES: "what a program computes that differs from the evaluator; the file was not opened in one",
    SHOWN: "pictures; texts within charts beside their titles and names",
    LOOK: "colours within charts, fonts and borders of empty cells, heights of rows",
    HIDDEN: "what a window of the program covers",
    SETTINGS: "the settings of the program that opens the file",
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
    harmless: int
    not_covered: str


def findings(verdict: Verdict) -> list[Finding]:
    """Everything that is not as built, or does not agree, in the order of a report."""
    return [*_of_lists(verdict), *_of_differences(verdict), *_of_checks(verdict)]


def sections(verdict: Verdict) -> list[Section]:
    """A line for each section."""
    found = findings(verdict)
    return [_section(verdict, name, [item for item in found if item.section == name]) for name in SECTIONS]


def _of_lists(verdict: Verdict) -> Iterator[Finding]:
    for problem in verdict.problems:
        yield Finding(INPUTS, MEANING, "an input that is not allowed", "", "", str(problem))
    for edit in verdict.edits:
        weight = MEANING if verdict.strict else LOOKS
        yield Finding(INPUTS, weight, "an input that differs from the scenario", "", "", edit)
    for text in verdict.foreign:
        yield Finding(SETTINGS, MEANING, "not as a budget is built", "", "", text)
    for item in verdict.overwritten:
        yield Finding(FORMULAS, MEANING, "a formula or constant overwritten", item.sheet, item.cell, str(item))
    for stale in verdict.stored.stale:
        yield Finding(SHOWN, MEANING, "shows what it does not compute", stale.sheet, stale.cell, str(stale))
    for mismatch in (*verdict.mismatches, *verdict.moved_mismatches):
        text = f"{mismatch}, case {verdict.cases[mismatch.case]}"
        yield Finding(FIGURES, MEANING, "disagrees with the engine", mismatch.sheet, mismatch.cell, text)
    if verdict.second is not None:
        for other in verdict.second.stale:
            yield Finding(FIGURES, MEANING, "two evaluators disagree", other.sheet, other.cell, two_results(other))
    for cell in verdict.stored.unknown:
        sheet, _, place = cell.rpartition("!")
        yield Finding(SHOWN, LOOKS, "a function that is not computed here", sheet, place, cell)
    if verdict.seal is not None and not verdict.seal.holds:
        yield Finding(PROVENANCE, MEANING, "a seal that is broken", "", "", verdict.seal.words)
    for note in verdict.notes:
        yield Finding(PROVENANCE, LOOKS, "a note", "", "", note)


def _of_differences(verdict: Verdict) -> Iterator[Finding]:
    for item in verdict.differences:
        yield Finding(item.section, item.weight, ASPECTS[item.aspect].words, item.sheet, item.cell, str(item))


def _of_checks(verdict: Verdict) -> Iterator[Finding]:
    for word, weight in (("FAIL", MEANING), ("REVIEW", LOOKS)):
        for text in verdict.checks.get(word, ()):
            yield Finding(CHECKS, weight, f"a check says {word}", "", "", text)


def _section(verdict: Verdict, name: str, found: Iterable[Finding]) -> Section:
    counts = {weight: sum(item.weight == weight for item in found) for weight in (MEANING, LOOKS, HARMLESS)}
    compared = {
        INPUTS: {None: "edited since the build: not known", True: "edited since the build", False: "as at the build"}[
            verdict.edited
        ],
        FORMULAS: f"{verdict.formulas:,} formulas",
        FIGURES: f"{verdict.compared:,} cells, {verdict.compared_moved:,} with inputs moved",
        SHOWN: f"{verdict.stored.right:,} stored results as computed, {verdict.stored.absent:,} absent",
        CHECKS: "the workbook's own",
    }.get(name, "")
    words = ("fails", "asks for a review", "passes") if name == CHECKS else ("changed", "to be known", "intact")
    word = words[0] if counts[MEANING] else words[1] if counts[LOOKS] else words[2]
    return Section(name, word, compared, counts[MEANING], counts[LOOKS], counts[HARMLESS], NOT_COVERED[name])
