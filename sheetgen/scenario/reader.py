"""From a scenario file to typed, checked, immutable values: one scenario, one or more cases.

A scenario file is a flat mapping of the keys of ``templates/inputs.yaml`` and those of :mod:`sheetgen.scenario.keys`.
Every mistake is collected and reported with its line; nothing is defaulted silently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sheetgen.base.errors import InvalidInput, Problem, one_line
from sheetgen.base.inputs import Value, inputs_of
from sheetgen.base.templates import TemplateError, Templates
from sheetgen.base.yamlfile import Node, Table, load_yaml
from sheetgen.catalogue import Catalogue, load_catalogue
from sheetgen.catalogue.prices import with_prices
from sheetgen.scenario.actuals import read_actuals
from sheetgen.scenario.architecture import read_model
from sheetgen.scenario.cases import named_cases, read_case_name, read_cases
from sheetgen.scenario.context import Context, Problems
from sheetgen.scenario.efficiency import read_basis
from sheetgen.scenario.grids import read_grids
from sheetgen.scenario.keys import own_keys, with_current_keys
from sheetgen.scenario.layout import read_paper, read_sheets
from sheetgen.scenario.model import ASSUMPTION, BASE_NAME, Case, Scenario, default_grids
from sheetgen.scenario.other_costs import names_of, read_other_costs, taken
from sheetgen.scenario.prices import chip_of_price, read_price
from sheetgen.scenario.ranges import read_ranges
from sheetgen.scenario.request import check_required, default_workload, defaults
from sheetgen.scenario.together import check_effect, check_together
from sheetgen.scenario.values import check_keys, read_sources, read_values


def load_scenario(
    path: str | Path,
    catalogue: str | Path | None = None,
    sheets: Iterable[str] = (),
    *,
    templates: Templates | None = None,
    alone: bool = True,
) -> Scenario:
    """Read and check a scenario file, against the packaged catalogue and the user's own directory if one is given.

    ``sheets`` are optional sheets asked for beside those that the file asks for; ``templates`` are those of the package
    and of installed extensions, unless others are given; a scenario that is not ``alone`` may leave to others the cases
    that a sheet needs.
    Raises InvalidInput with every mistake found, each with file, line, key, what was given and what is allowed.
    """
    path = Path(path)
    tree, digest = load_yaml(path), hashlib.sha256(path.read_bytes()).hexdigest()
    templates = templates or Templates.load()
    _check_inputs(templates)
    entries = load_catalogue(None if catalogue is None else Path(catalogue), templates.catalogues)
    return scenario_of(tree, path, digest, entries, sheets, templates=templates, alone=alone)


def scenario_of(
    tree: Node,
    path: Path,
    digest: str,
    catalogue: Catalogue,
    sheets: Iterable[str] = (),
    *,
    templates: Templates,
    alone: bool = True,
) -> Scenario:
    """The scenario of a tree that stands, or is to stand, in the file of ``path``, whose SHA-256 is ``digest``.

    Raises InvalidInput as :func:`load_scenario`.
    """
    problems = Problems(str(path))
    root = with_current_keys(tree, problems)
    assert isinstance(root, Table), "a scenario's tree is a mapping"
    asked = read_sheets(root, sheets, templates, problems)
    return _read(root, Context(path, catalogue, templates, asked, problems), digest, alone=alone)


def _check_inputs(templates: Templates) -> None:
    """Raise InvalidInput where an extension adds an input that is none; its other rows are checked when they are
    used."""
    try:
        inputs_of(templates)
    except TemplateError as error:
        problem = templates.problem(error)
        if problem is None:
            raise
        raise InvalidInput([problem]) from error


def load_scenarios(
    paths: Iterable[str | Path],
    catalogue: str | Path | None = None,
    sheets: Iterable[str] = (),
    templates: Templates | None = None,
) -> list[Scenario]:
    """Several scenario files, read against one catalogue. Raises InvalidInput with the mistakes of all of them."""
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(load_scenario(path, catalogue, sheets, templates=templates, alone=False))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return found


def _read(root: Table, context: Context, digest: str, *, alone: bool) -> Scenario:
    """The scenario of a file's tree: the base and the request, the cases, then what must fit together."""
    values, base, sources = _base(root, context)
    lines = taken(values)
    own = read_other_costs(root, lines, context)
    base |= own.values
    cases, told = read_cases(root, base, values.get("currency", ""), lines, context)
    named = names_of(lines)
    values |= named
    sources |= dict.fromkeys((*named, *own.values), ASSUMPTION) | own.sources
    name = read_case_name(root.entries.get("base_case"), "base_case", context) or BASE_NAME
    cases = [Case(name, base), *cases]
    values |= named_cases(root, values, [case.name for case in cases], context)
    if alone:
        _check_offers(root, cases, context)
    grids = root.entries.get("sensitivity")
    rest: dict[str, Any] = {
        "file": one_line(context.path.name),
        "sha256": digest,
        "grids": default_grids() if grids is None else read_grids(grids, context.problems),
        "sheets": context.sheets,
        "templates": context.templates,
        "paper": read_paper(root, context.problems),
        "actuals": read_actuals(root, [case.values for case in cases], context.sheets, context.problems),
    }
    context.problems.stop()
    accelerators = with_prices(context.catalogue.accelerators, context.catalogue.prices())
    scenario = Scenario(values, tuple(cases), told | sources, accelerators, **rest)
    check_together(scenario, root, context.problems)
    check_effect(scenario, root, context.problems)
    context.problems.stop()
    return scenario


def _base(root: Table, context: Context) -> tuple[dict[str, Value], dict[str, Value], dict[str, str]]:
    """The inputs of the whole scenario, those of its base, and where they come from."""
    request, by_case = context.keys("scenario"), context.keys("case")
    misspelt = check_keys(root, [*by_case, *request, *own_keys("scenario")], context)
    model = read_model(root.entries.get("model"), None, context)
    base = {**model.values, **read_values(root, by_case, context)}
    values = read_values(root, request, context)
    price = read_price(root, {**values, **base}, context)
    base |= price.values
    base |= chip_of_price(base, {})
    base |= read_basis(root, base, {}, context.problems)
    base |= read_ranges(base)
    workload = str(base.get("workload", default_workload()))
    check_required({*root.entries, *values, *base, *misspelt}, root, workload, context)
    own, implied = defaults(values, "scenario", context), defaults(base, "case", context)
    sources = dict.fromkeys((*own, *implied), "default") | price.sources | model.sources
    return values | own, base | implied, sources | read_sources(root.entries.get("sources"), context)


def _check_offers(root: Table, cases: Sequence[Case], context: Context) -> None:
    if "offers" in context.sheets and len(cases) < 2:
        line = root.key_lines.get("sheets", root.line)
        context.problems.problem("needs two cases or more to compare", line, "sheets", "offers")
