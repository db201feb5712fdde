"""What a scenario says of the workbook itself: its optional sheets, and the paper that it is printed on."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.templates import Templates
from sheetgen.base.yamlfile import Items, Scalar, Table
from sheetgen.scenario.context import Problems
from sheetgen.scenario.model import PAPERS


def read_sheets(root: Table, asked: Iterable[str], templates: Templates, problems: Problems) -> tuple[str, ...]:
    """The optional sheets of ``sheets:`` and those ``asked`` for beside it, in workbook order."""
    known = templates.optional_sheets
    node, allowed = root.entries.get("sheets"), list_choices(known)
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
        if name not in known:
            hint = did_you_mean(name, known)
            problems.problem(f"is no optional sheet{hint}", line, "sheets", name, allowed)
    return tuple(slug for slug in known if slug in {name for name, _ in wanted})


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
