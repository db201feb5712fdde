"""Where a workbook says that it comes from, held against what it holds, and against a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile

from sheetgen import __version__
from sheetgen.base.errors import Problem
from sheetgen.catalogue import load_catalogue
from sheetgen.scenario.model import Scenario
from sheetgen.verification.differences import Difference
from sheetgen.verification.edits import edits
from sheetgen.verification.verdict import Verdict
from sheetgen.workbook.addresses import address
from sheetgen.workbook.definitions import Definitions
from sheetgen.workbook.evaluator import Values
from sheetgen.workbook.fingerprints import accelerators_fingerprint, inputs_fingerprint, notes_fingerprint
from sheetgen.workbook.read_texts import shown_figures
from sheetgen.workbook.reader import Reading
from sheetgen.workbook.records import (
    ACCELERATORS_FACT,
    CASES_FACT,
    GENERATOR_FACT,
    INPUTS_FACT,
    NOTES_FACT,
    SHA_FACT,
    cases_in_words,
)


def provenance(verdict: Verdict, reading: Reading, found: Scenario, names: Mapping[str, str]) -> None:
    """Fill in what was changed since the build by the workbook's own word, and what it does not say."""
    facts = reading.provenance
    definitions = Definitions.of(found.templates)
    home = definitions.table_of("facts")[0]
    for label in (INPUTS_FACT, ACCELERATORS_FACT, NOTES_FACT, GENERATOR_FACT, CASES_FACT):
        if not facts.get(label, "").strip():
            verdict.differences.append(Difference("fact", names.get(home, home), key=label))
    built = facts.get(INPUTS_FACT)
    verdict.edited = None if not built else built != inputs_fingerprint(found)
    table = facts.get(ACCELERATORS_FACT)
    sheet = definitions.table_of("accelerators")[0]
    if table and table != accelerators_fingerprint(found):
        verdict.problems.append(Problem("figures or texts were changed since the build", f"sheet {sheet}"))
    cases = cases_in_words(found)
    if facts.get(CASES_FACT) and facts[CASES_FACT] != cases:
        verdict.notes.append(f"cases at the build: {facts[CASES_FACT]}; now: {cases}")
    generator = facts.get(GENERATOR_FACT, "an unknown program")
    if generator != f"sheetgen {__version__}":
        verdict.notes.append(f"built by {generator}; this is sheetgen {__version__}, whose templates may differ")
    packaged = load_catalogue().accelerators
    for key, entry in found.accelerators.items():
        if key not in packaged:
            verdict.notes.append(f"accelerator {key} is not in the packaged catalogue")
        elif shown_figures(entry) != shown_figures(packaged[key]):
            verdict.notes.append(f"accelerator {key} differs from the packaged catalogue")


def changed_notes(reading: Reading, written: Scenario, names: Mapping[str, str]) -> Iterator[Difference]:
    """The notes beside inputs, where they are not those of the build: which of them is another one nobody knows."""
    built = reading.provenance.get(NOTES_FACT, "")
    if not built or built == notes_fingerprint(written):
        return
    home, rows = reading.sheet, reading.rows[reading.sheet]
    column = _column(written, home, "note")
    noted = [key for key, text in written.notes.items() if text]
    for key in noted:
        yield Difference("note", names.get(home, home), address(rows[key], column), key, found=written.notes[key])
    if not noted:
        yield Difference("note", names.get(home, home))


def _column(scenario: Scenario, sheet: str, name: str) -> int:
    heads = Definitions.of(scenario.templates).sheet(sheet).columns
    return sum(head.count(len(scenario.cases)) for head in takewhile(lambda head: head.id != name, heads))


def changed_sources(reading: Reading, found: Scenario, cells: Values) -> Iterator[str]:
    """The sources of inputs that are others than at the build, in words."""
    sheet, rows = reading.sheet, reading.rows[reading.sheet]
    now, then = _column(found, sheet, "source"), _column(found, sheet, "built_source")
    for key in found.fields:
        if key in rows:
            before, after = (cells.value(sheet, rows[key], column) for column in (then, now))
            if before != after:
                yield f"source of {key}: {before or 'none'} is now {after or 'none'}"


def edits_since(scenario: Scenario, found: Scenario, facts: Mapping[str, str]) -> list[str]:
    """What a workbook holds that its scenario does not say, its file's hash included."""
    lines = []
    if scenario.sha256 and facts.get(SHA_FACT, "") != scenario.sha256:
        lines.append(f"built from another scenario file: SHA-256 {facts.get(SHA_FACT) or 'not said'}")
    lost = [sheet for sheet in scenario.sheets if sheet not in found.sheets]
    if lost:
        lines.append(f"without the sheets {', '.join(lost)}, which the scenario asks for")
    for key, entry in scenario.accelerators.items():
        now = found.accelerators.get(key)
        if now is None or shown_figures(now) != shown_figures(entry):
            lines.append(f"accelerator {key} is not that of the scenario's catalogue")
    return lines + edits(scenario, found)
