"""What a scenario says of the workbook itself: its optional sheets, and the paper that it is printed on."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.inputs import inputs_of
from sheetgen.base.templates import EVERY, Templates
from sheetgen.base.yamlfile import Items, Scalar, Table
from sheetgen.scenario.context import Problems
from sheetgen.scenario.model import PAPERS


def read_sheets(root: Table, asked: Iterable[str], templates: Templates, problems: Problems) -> tuple[str, ...]:
    """The optional sheets of ``sheets:`` and those ``asked`` for beside it, in workbook order.

    A group stands for its sheets; ``all`` for those that the scenario gives enough for. A sheet brings those along that
    it rests on; one that every workbook has may be asked for.
    """
    known, groups = templates.optional_sheets, templates.sheet_groups
    anyway = {name for name in templates.sheets() if "optional" not in templates.data(name)}
    node, allowed = root.entries.get("sheets"), list_choices([*known, *groups])
    wanted = [(name, root.line) for name in asked]
    if isinstance(node, Items):
        for item in node.items:
            if isinstance(item, Scalar):
                wanted.append((item.text, item.line))
            else:
                problems.problem("must be the name of a sheet", item.line, "sheets", allowed=allowed)
    elif node is not None:
        problems.problem("must be a list of sheets", node.line, "sheets", allowed=allowed)
    for name, line in wanted:
        if name not in known and name not in groups and name not in anyway:
            hint = did_you_mean(name, [*known, *groups])
            problems.problem(f"is no optional sheet{hint}", line, "sheets", name, allowed)
    names = {name for name, _ in wanted}
    names |= {slug for group in names & set(groups) - {EVERY} for slug in groups[group]}
    if EVERY in names:
        names |= {slug for slug in groups[EVERY] if _has_enough(root, slug, templates)}
    names = templates.with_needed(names)
    return tuple(slug for slug in known if slug in names)


def _has_enough(root: Table, slug: str, templates: Templates) -> bool:
    """Whether a scenario gives every input that an optional sheet needs, and two cases where it compares them."""
    needs = [spec for spec in inputs_of(templates).values() if spec.sheet == slug]
    cases = root.entries.get("cases")
    several = isinstance(cases, Items) and len(cases.items) > 0
    return all(spec.default is not None or spec.key in root.entries for spec in needs) and (
        several or not any(spec.names_case for spec in needs)
    )


def read_paper(root: Table, problems: Problems) -> str:
    """The paper of ``paper:``, A4 where it is not given."""
    node = root.entries.get("paper")
    if node is None:
        return PAPERS[0]
    given = node.text if isinstance(node, Scalar) else None
    if given not in PAPERS:
        hint = did_you_mean(given or "", PAPERS)
        problems.problem(f"is no paper to print on{hint}", node.line, "paper", given, list_choices(PAPERS))
        return PAPERS[0]
    return given
