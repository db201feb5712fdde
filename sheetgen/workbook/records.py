"""The lists that a template can go through: what the program knows of a workbook, an entry a mapping of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sheetgen import __version__
from sheetgen.base.extensions import Extension
from sheetgen.base.inputs import options, options_of
from sheetgen.base.resources import templates_digest
from sheetgen.evidence.measurements import scaling_series
from sheetgen.evidence.records import published_runs, size_class_of, size_classes, whole_runs
from sheetgen.workbook.fingerprints import accelerators_fingerprint, inputs_fingerprint, notes_fingerprint

if TYPE_CHECKING:
    from sheetgen.scenario.model import Scenario
    from sheetgen.workbook.page import Page

Record = Mapping[str, Any]
EXTENSION = "Extension "  # how a fact begins that names one
SHOWN_KEYS = 12  # of what a source supports
INPUTS_FACT, ACCELERATORS_FACT, GENERATOR_FACT = "Inputs fingerprint", "Accelerators fingerprint", "Generator"
SHA_FACT, CASES_FACT, TEMPLATES_FACT = "Scenario SHA-256", "Cases at the build", "Templates SHA-256"
NOTES_FACT = "Notes fingerprint"


def _grids(page: Page) -> Iterator[Record]:
    """The sensitivity tables of the scenario."""
    label = page.definitions.label
    for grid in page.scenario.grids:
        yield {
            "key": grid.key, "output": grid.output, "down": grid.rows, "across": grid.columns,
            "output_label": label(grid.output), "output_words": label(grid.output).lower(),
            "down_label": label(grid.rows), "across_label": label(grid.columns),
        }  # fmt: skip


def _accelerators(page: Page) -> Iterator[Record]:
    """The accelerators of the catalogue, by the columns of their file."""
    return (entry.row() for entry in page.scenario.accelerators.values())


def _precisions() -> Iterator[Record]:
    """The precisions that a peak may have."""
    return ({"precision": option.value} for option in options("precision"))


def _choices(page: Page) -> Iterator[Record]:
    """Every choice of every dropdown, list by list."""
    for name, data in page.definitions.choices.items():
        options = options_of(page.definitions.templates, name)
        for option in (option for option in options if option.is_with(page.scenario.sheets)):
            yield {
                "list": name, "label": data["label"], "choice": option.value, "meaning": option.meaning,
                "source": option.source, "words": data.get("words", "its choices"),
            }  # fmt: skip


def _runs(page: Page) -> Iterator[Record]:
    """The published figures of runs; convention and peak as they may have been edited in a workbook."""
    for run in published_runs():
        convention, peak = page.scenario.run_edits.get(run.key, (run.convention, run.sizes.peak_tflops))
        own = {name: value for name, value in run._asdict().items() if name != "sizes"}
        yield {**own, **run.sizes._asdict(), "convention": convention, "peak_tflops": peak}


def _whole_runs() -> Iterator[Record]:
    """The published runs from start to end, each with the class of its size."""
    return ({**run._asdict(), "size": size_class_of(run.parameters)} for run in whole_runs())


def _mfu_series() -> Iterator[Record]:
    """The published series in which only the number of accelerators moves."""
    for name, rows in scaling_series().items():
        first, weak = rows[0], name.endswith("-weak")
        batch = "batch grows along" if weak else f"batch {first.global_batch_tokens or 0:,}"
        again = f", recomputation {first.recomputation}" if first.recomputation else ""
        title = f"{first.run}, {first.accelerator}{again}, {batch}"
        short = f"{first.run}, {first.accelerator.partition('-')[0].upper()}, from {first.gpus:,}"
        yield {"key": name, "slug": name.replace("-", "_"), "title": title, "short": short}


def _mfu_points() -> Iterator[Record]:
    """Their measurements, by the number of accelerators."""
    return (asdict(row) for rows in scaling_series().values() for row in rows)


def _size_classes() -> Iterator[Record]:
    """The classes of size of published runs, each with the parameters from which on a run belongs to it."""
    above = 0.0
    for size in size_classes():
        yield {**size, "above": above}
        above = float(size["below"])


def _months_typed(page: Page) -> Iterator[Record]:
    """A month of the timeline each, with what was typed of it."""
    for index in range(page.book.months):
        month = page.scenario.actuals[index] if index < len(page.scenario.actuals) else None
        yield {} if month is None else month._asdict()


def _sheets(page: Page) -> Iterator[Record]:
    """The other sheets of this workbook, in order."""
    return (
        {"name": sheet.name, "kind": sheet.kind, "title": sheet.title}
        for sheet in sorted(page.definitions.sheets, key=lambda sheet: sheet.tab)
        if sheet.name != page.sheet.name and (sheet.optional is None or sheet.optional in page.scenario.sheets)
    )


def _absent_sheets(page: Page) -> Iterator[Record]:
    """The optional sheets that were not asked for."""
    return (
        {"name": sheet.name, "slug": sheet.optional, "title": sheet.title}
        for sheet in page.definitions.sheets
        if sheet.optional is not None and sheet.optional not in page.scenario.sheets
    )


def cases_in_words(scenario: Scenario) -> str:
    """The names of the cases in their order."""
    return " | ".join(case.name for case in scenario.cases)


def _facts(page: Page) -> Iterator[Record]:
    """Where the workbook comes from: as it says itself, where it was read back."""
    scenario = page.scenario
    build = f"sheetgen build --scenario {scenario.file}{scenario.sheets_option} -o budget.xlsx"
    found = {
        "Scenario file": scenario.file,
        SHA_FACT: scenario.sha256,
        CASES_FACT: cases_in_words(scenario),
        INPUTS_FACT: "" if scenario.facts or not page.book.shown else inputs_fingerprint(scenario),
        ACCELERATORS_FACT: "" if scenario.facts or not page.book.shown else accelerators_fingerprint(scenario),
        NOTES_FACT: "" if scenario.facts or not page.book.shown else notes_fingerprint(scenario),
        GENERATOR_FACT: f"sheetgen {__version__}",
        TEMPLATES_FACT: "" if scenario.facts or not page.book.shown else templates_digest(),
        "Command": scenario.command or build,
    }
    said = [(label, scenario.facts.get(label, text)) for label, text in found.items()]
    said += extension_facts(scenario.templates.extensions)  # two may have one name
    return ({"label": label, "text": text} for label, text in said)


def extension_facts(extensions: Iterable[Extension]) -> Iterator[tuple[str, str]]:
    """What a workbook says of each extension that it was built with: its name; its version, and the hash of its
    templates. One that gives a catalogue alone is not named: what was taken of it stands in the workbook."""
    for extension in extensions:
        if extension.templates or extension.quantities:
            version = f"version {extension.version}, " if extension.version else ""
            yield f"{EXTENSION}{extension.name}", f"{version}templates {extension.digest}"


def _citations(page: Page) -> Iterator[Record]:
    """Every source that the other sheets cite, in the order in which they cite it first."""
    for citation in page.book.citations.values():
        keys = list(dict.fromkeys(citation.supports))
        more = f" and {len(keys) - SHOWN_KEYS} more rows that say [{citation.number}]" if len(keys) > SHOWN_KEYS else ""
        reference = citation.kinds <= {"Reference"}
        yield {**citation._asdict(), "reference": reference, "supports": ", ".join(keys[:SHOWN_KEYS]) + more}


LISTS: Mapping[str, Callable[[Page], Iterable[Record]]] = {
    "grids": _grids,
    "accelerators": _accelerators,
    "choices": _choices,
    "published_runs": _runs,
    "months_typed": _months_typed,
    "sheets": _sheets,
    "absent_sheets": _absent_sheets,
    "facts": _facts,
    "citations": _citations,
}
PLAIN_LISTS: Mapping[str, Callable[[], Iterable[Record]]] = {
    "precisions": _precisions, "whole_runs": _whole_runs, "size_classes": _size_classes, "mfu_series": _mfu_series,
    "mfu_points": _mfu_points,
}  # fmt: skip
"""Lists that are the same for every workbook."""
LATE = frozenset({"citations"})
"""Lists that are complete when all other sheets are laid out."""
