"""The keys that a scenario has beside its inputs, and where each may stand; and the older names of keys.

The inputs themselves are the rows of ``templates/inputs.yaml``.
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.base.errors import list_choices
from sheetgen.base.inputs import CASE_NAME, fields, inputs_of
from sheetgen.base.templates import Templates, packaged
from sheetgen.base.yamlfile import Items, Node, Table
from sheetgen.scenario.context import Problems
from sheetgen.scenario.grids import MAX_TABLES, PARTS
from sheetgen.scenario.model import BASE_NAME, MAX_CASES, MAX_SOURCE_CHARACTERS, PAPERS, Actual


class OwnKey(NamedTuple):
    """A key that is no input: the mappings in which it may stand (``scenario``, ``case``, ``model``), what it may hold,
    and what it is for."""

    key: str
    places: tuple[str, ...]
    allowed: str
    help: str


SOURCE = f"text of at most {MAX_SOURCE_CHARACTERS} characters"
OWN_KEYS = (
    OwnKey(
        "model",
        ("scenario", "case"),
        "a key of `sheetgen models`, a model file beside the scenario, or a mapping with the architecture",
        "What is trained. In a case, a mapping changes what it names of the base's model.",
    ),
    OwnKey("name", ("model", "case"), "text", "Name of the model, or of the case."),
    OwnKey("catalogue", ("model",), "a key of `sheetgen models`", "The model whose architecture the mapping changes."),
    OwnKey("source", ("model",), SOURCE, "Where the architecture comes from."),
    OwnKey(
        "price",
        ("scenario", "case"),
        "a key of `sheetgen prices`",
        "A dated price of the catalogue, in place of price_per_gpu_hour and what belongs to it.",
    ),
    OwnKey(
        "base_case",
        ("scenario",),
        f"{fields()[CASE_NAME].allowed_of()}; default {BASE_NAME}",
        "Name of the first case.",
    ),
    OwnKey(
        "cases",
        ("scenario",),
        f"a list of at most {MAX_CASES - 1} mappings, each with a name",
        "More columns beside the first one; each names what differs from the base and nothing else.",
    ),
    OwnKey(
        "other_costs",
        ("scenario", "case"),
        "a list of at most 5 mappings with name, amount and source",
        "Lines of the budget that have no key of their own, such as insurance. In a case, its own amounts.",
    ),
    OwnKey(
        "sources",
        ("scenario",),
        f"a mapping of keys to {SOURCE}",
        "Where a figure comes from; shown beside it in the workbook.",
    ),
    OwnKey(
        "sheets",
        ("scenario",),
        f"a list of {list_choices([*packaged().optional_sheets, *packaged().sheet_groups])}",
        "The optional sheets that the workbook has.",
    ),
    OwnKey(
        "paper",
        ("scenario",),
        f"{list_choices(PAPERS)}; default {PAPERS[0]}",
        "What the sheets are laid out to be printed on.",
    ),
    OwnKey(
        "sensitivity",
        ("scenario",),
        f"a list of at most {MAX_TABLES} mappings with {list_choices(PARTS)}",
        "Tables of an output over two figures, in place of the default ones.",
    ),
    OwnKey(
        "actuals",
        ("scenario",),
        f"a list of mappings with month (YYYY-MM), {list_choices(Actual._fields)}",
        "What the months behind us took; for the optional sheet actuals.",
    ),
)


def own_keys(place: str) -> list[str]:
    """The keys that a mapping has beside inputs: ``scenario``, ``case`` or ``model``."""
    return [own.key for own in OWN_KEYS if place in own.places]


def with_current_keys(node: Node, problems: Problems) -> Node:
    """The tree with the keys of today for older ones; one that stands there under both names is a mistake."""
    current = {alias: key for key, spec in fields().items() for alias in spec.aliases}
    if isinstance(node, Items):
        return Items(tuple(with_current_keys(item, problems) for item in node.items), node.line)
    if not isinstance(node, Table):
        return node
    entries: dict[str, Node] = {}
    lines: dict[str, int] = {}
    for written, entry in node.entries.items():
        key = current.get(written, written)
        if key in entries:
            problems.problem(f"stands twice: {written} is {key}", node.key_lines[written], key)
            continue
        entries[key], lines[key] = with_current_keys(entry, problems), node.key_lines[written]
    return Table(entries, lines, node.line)


def key_rows(templates: Templates | None = None) -> list[dict[str, str]]:
    """Every key that a scenario may have, a row each: what it is, what is allowed, its default, where it may stand."""
    own = [
        {"key": key.key, "allowed": key.allowed, "default": "", "unit": "", "what": key.help,
         "in": ", ".join(key.places), "sheet": ""}
        for key in OWN_KEYS
    ]  # fmt: skip
    return own + [
        {
            "key": key, "allowed": spec.allowed_of(),
            "default": spec.default or ("published runs" if spec.filled else ""),
            "unit": spec.unit if spec.is_number and spec.kind != "date" else "",
            "what": f"{spec.label}. {spec.help}",
            "in": "scenario" if spec.scope == "scenario" else "scenario, case, model" if spec.of == "model" else
            "scenario, case",
            "sheet": spec.sheet or "",
        }
        for key, spec in inputs_of(templates or packaged()).items()
        if key not in {"model", "case_name"}
    ]  # fmt: skip
