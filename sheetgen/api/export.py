"""``export``: the scenario that a workbook is of, with what was typed into it since: the way back from finance.

A workbook that is not edited gives the scenario that builds it again; put onto its own file, that file to the byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sheetgen.base.child import Limits, in_child
from sheetgen.base.errors import InvalidInput, NotVerifiable, Problem, one_line
from sheetgen.base.files import check_target, replace_file

if TYPE_CHECKING:
    from sheetgen.base.yaml_text import Tree
    from sheetgen.catalogue import Catalogue
    from sheetgen.scenario.model import Scenario

ENDINGS = (".yaml", ".yml")
SHOWN_FINDINGS = 3
TYPED = "typed into the workbook"
READING_A_SCENARIO = Limits(30.0, 300)


class Exported(NamedTuple):
    """Where the scenario is, and what of the workbook it does not say."""

    path: Path
    left_out: tuple[str, ...]


def export(
    workbook: str | Path, output: str | Path, *, onto: str | Path | None = None,
    catalogue: str | Path | None = None, templates: Sequence[str | Path] = (),
) -> Exported:  # fmt: skip
    """Write the scenario of a workbook; ``onto`` another scenario, whose comments and order are kept.

    Raises NotVerifiable for a workbook that ``verify`` does not find intact, InvalidInput where what was typed into it
    is no scenario, or the other scenario is wrong, BuildError when the disk refuses.
    """
    from sheetgen.verification.workbook import limits_of

    source, target = Path(workbook), Path(output)
    other = None if onto is None else Path(onto)
    check_target(target, *ENDINGS, inputs=[source, *(() if other is None else (other,))])
    limits = limits_of(source)
    limits = Limits(limits.seconds + READING_A_SCENARIO.seconds, limits.megabytes + READING_A_SCENARIO.megabytes)
    directory = None if catalogue is None else Path(catalogue)
    work = lambda: _exported(source, target, other, directory, templates)  # noqa: E731 - what the child does
    text, left_out = in_child(work, limits, one_line(str(source)))
    replace_file(target, text.encode())
    return Exported(target, tuple(left_out))


def _exported(
    source: Path, target: Path, onto: Path | None, directory: Path | None, templates: Sequence[str | Path]
) -> tuple[str, list[str]]:
    from sheetgen.base.yaml_text import entry
    from sheetgen.catalogue import load_catalogue
    from sheetgen.scenario.document import unread
    from sheetgen.verification.evaluate import complete

    scenario = _intact(source, templates)
    catalogue = load_catalogue(directory, scenario.templates.catalogues)
    tree = tree_of(scenario, source, target, catalogue)
    left_out = [f"{key}: has no effect, nothing reads it" for key in unread(scenario)]
    left_out += [f"sheet Evidence, run {key}: what was typed over it" for key in scenario.run_edits]
    left_out += _other_accelerators(scenario, catalogue, source)
    if onto is None:
        text = "".join(entry(key, value) for key, value in tree.items())
    else:
        from sheetgen.scenario.reader import load_scenario
        from sheetgen.scenario.rewriting import rewritten

        before = complete(load_scenario(onto, directory, templates=scenario.templates))
        text = rewritten(onto.read_text(encoding="utf-8-sig"), tree_of(before, onto, onto, catalogue), tree)
    again = complete(read_text(text, target, scenario, catalogue, source))
    if tree_of(again, source, target, catalogue) != tree:
        what = f"cannot be put onto {onto}: export it without --onto" if onto else "is no scenario that could be read"
        raise NotVerifiable(f"{one_line(str(source))}: {one_line(what)}")
    return text, left_out


def _intact(source: Path, templates: Sequence[str | Path]) -> Scenario:
    """The scenario of a workbook that is intact, with the sources that it says now.

    Raises NotVerifiable for any other, with what is found first.
    """
    from sheetgen.verification.compare import judge
    from sheetgen.verification.computed import computed
    from sheetgen.verification.differences import MEANING
    from sheetgen.verification.findings import findings
    from sheetgen.verification.verdict import Verdict
    from sheetgen.verification.workbook import limits_of
    from sheetgen.workbook.read_texts import sources_now

    file = computed(source, templates)
    verdict = Verdict(str(source), poisoned=file.formulas, foreign=list(file.opened.book.foreign))
    evaluation = judge(file, verdict, None, limits_of(source))
    if evaluation is None or not verdict.intact:
        found = [one_line(own.text) for own in findings(verdict) if own.weight == MEANING]
        more = f", and {len(found) - SHOWN_FINDINGS} more" if len(found) > SHOWN_FINDINGS else ""
        raise NotVerifiable(
            f"{one_line(str(source))}: is not intact, and is not exported: {'; '.join(found[:SHOWN_FINDINGS])}{more}"
        )
    scenario = evaluation.scenario
    said = sources_now(scenario, file.view, file.definitions)
    return replace(scenario, sources=said | _of_what_was_typed(scenario, said))


def _of_what_was_typed(scenario: Scenario, said: Mapping[str, str]) -> dict[str, str]:
    """The sources of inputs that are others since the build and still say where the old ones came from."""
    from sheetgen.scenario.edits import differs
    from sheetgen.scenario.model import ASSUMPTION, EQUAL, MAX_SOURCE_CHARACTERS

    built = scenario.built
    assert built is not None, "a scenario that was read from a workbook"
    sides = [(built.values, scenario.values)]
    sides += [(one.values, other.values) for one, other in zip(built.cases, scenario.cases, strict=True)]
    found: dict[str, str] = {}
    for key, spec in scenario.fields.items():
        source = said.get(key, ASSUMPTION)
        edited = any(differs(before.get(key), now.get(key)) for before, now in sides)
        if not edited or spec.section == "Request" or source in {ASSUMPTION, EQUAL}:
            continue
        if source == scenario.sources.get(key):
            before = "" if source == "default" else f"; before: {source}"
            found[key] = f"{TYPED}{before}"[:MAX_SOURCE_CHARACTERS]
    return found


def tree_of(scenario: Scenario, source: Path, target: Path, catalogue: Catalogue) -> dict[str, Tree]:
    """The tree of a scenario with its sources: those that a reader of the rest would not say by itself."""
    from sheetgen.base.yaml_text import entry
    from sheetgen.scenario.document import document, unread
    from sheetgen.scenario.model import ASSUMPTION
    from sheetgen.scenario.other_costs import KEYS, NAME
    from sheetgen.verification.evaluate import complete

    tree = document(scenario, catalogue)
    text = "".join(entry(key, value) for key, value in tree.items())
    read = complete(read_text(text, target, scenario, catalogue, source))
    silent = {key for key in KEYS if key.startswith(NAME.format(""))} | {*unread(scenario)}
    sections = scenario.templates.data("inputs")["sections"]
    usual = {row["key"]: own.get("source", ASSUMPTION) for own in sections for row in own.get("inputs", ())}

    def said(own: Scenario, key: str) -> str:
        return own.sources.get(key) or usual[key]

    sources = {key: said(scenario, key) for key in scenario.fields if key not in silent}
    told: dict[str, Tree] = {key: source for key, source in sources.items() if source != said(read, key)}
    return {**tree, "sources": told} if told else tree


def read_text(text: str, target: Path, scenario: Scenario, catalogue: Catalogue, source: Path) -> Scenario:
    """The scenario of a text. Raises InvalidInput that speaks of the workbook."""
    from sheetgen.base.yamlfile import parse_yaml
    from sheetgen.scenario.reader import scenario_of

    digest = hashlib.sha256(text.encode()).hexdigest()
    try:
        return scenario_of(parse_yaml(text, str(target)), target, digest, catalogue, templates=scenario.templates)
    except InvalidInput as error:
        found = [replace(own, file=f"{source}: as a scenario", line=None) for own in error.problems]
        raise InvalidInput(found) from error


def _other_accelerators(scenario: Scenario, catalogue: Catalogue, source: Path) -> list[str]:
    """The accelerators of a workbook that are not those of the catalogue, in words.

    Raises InvalidInput for one that a case takes: its figures stand in no scenario.
    """
    from sheetgen.workbook.read_texts import shown_figures

    known = catalogue.accelerators
    other = [
        key
        for key, own in scenario.accelerators.items()
        if key not in known or shown_figures(own) != shown_figures(known[key])
    ]
    taken = {str(scenario.inputs(index)["accelerator"]) for index in range(len(scenario.cases))}
    problems = [
        Problem("is not that of the catalogue", str(source), key=key, allowed="--catalogue DIR, with this accelerator")
        for key in other
        if key in taken
    ]
    if problems:
        raise InvalidInput(problems)
    return [f"accelerator {key}, which is not that of the catalogue" for key in other]
