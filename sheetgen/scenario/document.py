"""A scenario as the tree of its file: the keys that a reader needs to make the same scenario of it, and no more.

What has its default and says so is left out, the model is named where it is that of the catalogue, a case names what
differs from the base. The same scenario gives the same tree, however it was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sheetgen.base.errors import InvalidInput
from sheetgen.base.inputs import ACCELERATORS, CASE_NAME, Field, Value, architecture_keys, fields, said_keys
from sheetgen.base.numbers import from_serial, parse_number
from sheetgen.base.yaml_text import Tree
from sheetgen.catalogue import Catalogue
from sheetgen.scenario.architecture import UNDISCLOSED, named_model
from sheetgen.scenario.cases import DEFAULT_CASES
from sheetgen.scenario.effect import without_effect
from sheetgen.scenario.efficiency import BASIS
from sheetgen.scenario.model import ASSUMPTION, BASE_NAME, EQUAL, PAPERS, Case, Scenario, default_grids
from sheetgen.scenario.model import efficiency_inputs as ways
from sheetgen.scenario.other_costs import AMOUNT, KEY, KEYS, taken

DEFAULT = "default"
PRICE, QUOTED_FOR, CHIP = "price_per_gpu_hour", "quoted_for", "accelerator"
SUFFIXES = {"T": 10**12, "B": 10**9, "M": 10**6}
Entries = dict[str, Tree]


def document(scenario: Scenario, catalogue: Catalogue) -> Entries:
    """The tree of a scenario without its ``sources:``, which depend on what a reader says of them by itself."""
    idle = set(unread(scenario))
    lines = _lines(scenario)
    base = scenario.cases[0]
    found: Entries = {}
    for key, spec in scenario.fields.items():
        value = (scenario.values if spec.scope == "scenario" else base.values).get(key)
        if value is None or key in idle or key == CASE_NAME or (lines and key in KEYS):
            continue
        if spec.scope == "case" and "model" not in found:  # what is trained stands in front
            found["model"] = _base_model(scenario, catalogue)
        if spec.names_case:
            number = scenario.named(key)
            if number != DEFAULT_CASES[str(spec.default)] % len(scenario.cases):
                found[key] = scenario.cases[number].name
        elif not spec.is_of_model and not _goes_without(scenario, spec, value):
            found[key] = written(spec, value)
    if lines:
        found[KEY] = _costs(base, lines, scenario.sources)
    rest = _of_the_workbook(scenario)
    if base.name != BASE_NAME:
        rest["base_case"] = base.name
    cases = [_case(scenario, index, catalogue, lines, idle) for index in range(1, len(scenario.cases))]
    return {**found, **rest, **({"cases": cases} if cases else {})}


def unread(scenario: Scenario) -> Iterator[str]:
    """The figures that count in no case, which no file may give."""
    return (key for key, _ in without_effect([scenario.inputs(index) for index in range(len(scenario.cases))]))


def written(spec: Field, value: Value) -> str:
    """A value as a scenario writes it: a date, a percentage, millions and more by their letter, or as it is."""
    if isinstance(value, str):
        return value
    if spec.kind == "date":
        return from_serial(value).isoformat()
    plain = repr(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value).replace("e+", "e")
    short = [f"{value / factor:.15g}{letter}" for letter, factor in SUFFIXES.items() if abs(value) >= factor]
    if spec.unit == "fraction" or spec.format == "percent":
        short = [f"{value * 100:.12g}%"]
    return next((text for text in short if "e" not in text and len(text) <= 7 and parse_number(text) == value), plain)


def _goes_without(scenario: Scenario, spec: Field, value: Value) -> bool:
    """Whether a reader gives the base an input by itself: its default, a figure of efficiency that follows, the chip of
    a price."""
    key, values = spec.key, scenario.cases[0].values
    if key in ways().values():
        return key not in _figures(scenario)
    if key == BASIS:
        return len(_figures(scenario)) == 1
    if spec.choices == ACCELERATORS and spec.default is not None:
        return PRICE in values and value == values.get(CHIP)
    implied = spec.default is not None and scenario.sources.get(key) == DEFAULT
    return implied and value == spec.read(str(spec.default))


def _figures(scenario: Scenario) -> list[str]:
    """The figures of efficiency that the base gives: the one that drives time, those of a source, and those that a case
    takes over."""
    base, basis = scenario.cases[0].values, str(scenario.cases[0].values[BASIS])
    driving = {ways()[basis]}
    for case in scenario.cases[1:]:
        figure = ways()[str(case.values.get(BASIS, basis))]
        driving |= {figure} if figure not in case.values else set()
    known = [key for key in ways().values() if key in base and key in scenario.fields]
    return [key for key in known if key in driving or scenario.sources.get(key) != EQUAL]


def _of_the_workbook(scenario: Scenario) -> Entries:
    """Sheets, paper, tables and months."""
    found: Entries = {}
    if scenario.sheets:
        found["sheets"] = list(scenario.sheets)
    if scenario.paper != PAPERS[0]:
        found["paper"] = scenario.paper
    if scenario.grids != default_grids():
        found["sensitivity"] = [
            {"output": grid.output, "rows": grid.rows, "columns": grid.columns} for grid in scenario.grids
        ]
    if scenario.actuals:
        starts = [float(case.values["start_date"]) for case in scenario.cases if "start_date" in case.values]
        first = from_serial(min(starts))
        months = []
        for number, month in enumerate(scenario.actuals, start=first.year * 12 + first.month - 1):
            if month is not None:
                amounts = {name: _plain(amount) for name, amount in month._asdict().items() if amount is not None}
                months.append({"month": f"{number // 12}-{number % 12 + 1:02d}", **amounts})
        found["actuals"] = months
    return found


def _plain(amount: float) -> str:
    return repr(int(amount)) if amount == int(amount) and abs(amount) < 2**53 else repr(amount).replace("e+", "e")


def _case(
    scenario: Scenario, index: int, catalogue: Catalogue, lines: Mapping[int, str], idle: set[str]
) -> Entries:  # fmt: skip
    """What a case names: what it gives itself."""
    case, base = scenario.cases[index], scenario.cases[0].values
    own = dict(case.values)
    found: Entries = {"name": case.name}
    if "model" in own:
        found["model"] = _model_of_case(own, base, catalogue)
    of_model = {*architecture_keys(), *said_keys()} if "model" in own else set()
    for key, spec in scenario.fields.items():
        if key in {BASIS, QUOTED_FOR}:
            text = _basis(own, base) if key == BASIS else _quoted_for(own, base)
            if text is not None:
                found[key] = text
        elif key in own and key not in of_model and key not in idle and not (lines and key in KEYS):
            found[key] = written(spec, own[key])
    costs = _costs(case, lines, {}) if lines else []
    return {**found, **({KEY: costs} if costs else {})}


def _basis(own: Mapping[str, Value], base: Mapping[str, Value]) -> str | None:
    """The basis that a case has to name; None where its figure implies it, or it takes over the base's."""
    given = [basis for basis, key in ways().items() if key in own]
    in_force = str(own.get(BASIS, base[BASIS]))
    implied = [in_force] if len(given) == 1 else []
    return None if given == implied and (given or BASIS not in own) else in_force


def _quoted_for(own: Mapping[str, Value], base: Mapping[str, Value]) -> str | None:
    """The chip of a price that a case has to name; None where it is the case's own chip, or the base's price."""
    chip, quoted = own.get(CHIP, base[CHIP]), own.get(QUOTED_FOR, base[QUOTED_FOR])
    if PRICE in own:
        return None if quoted == chip else str(quoted)
    return str(quoted) if QUOTED_FOR in own or chip != base[CHIP] else None


def _known_model(name: Value, catalogue: Catalogue) -> Mapping[str, Value] | None:
    """What the catalogue says of a model of this name."""
    try:
        return named_model(str(name), catalogue).values
    except (KeyError, InvalidInput):
        return None


def _base_model(scenario: Scenario, catalogue: Catalogue) -> Tree:
    """The model of the base: its name in the catalogue, that and what differs, or all of it."""
    own, specs, sources = scenario.cases[0].values, fields(), scenario.sources
    keys = [key for key in (*architecture_keys(), *said_keys()) if key != "model" and key in own]
    known = _known_model(own["model"], catalogue)
    if known is not None:
        changed = {key: written(specs[key], own[key]) for key in keys if own[key] != known.get(key)}
        return {"catalogue": str(own["model"]), **changed} if changed else str(own["model"])
    found: Entries = {"name": str(own["model"])}
    for key in keys:
        spec = specs[key]
        implied = spec.absent if own.get(UNDISCLOSED) else None if spec.default is None else spec.read(spec.default)
        if own[key] != implied:
            found[key] = written(spec, own[key])
    said = Counter(sources.get(key, ASSUMPTION) for key in architecture_keys())
    source = said.most_common(1)[0][0]
    return found if source in {ASSUMPTION, DEFAULT} else {**found, "source": source}


def _model_of_case(own: Mapping[str, Value], base: Mapping[str, Value], catalogue: Catalogue) -> Tree:
    """The model of a case: its name in the catalogue, that and what differs, or what differs from the base's."""
    specs = fields()
    keys = [key for key in (*architecture_keys(), *said_keys()) if key != "model"]
    in_force = {**base, **own}
    known = _known_model(own["model"], catalogue)
    start: Mapping[str, Value] = base if known is None else known
    changed = {key: written(specs[key], in_force[key]) for key in keys if in_force[key] != start.get(key)}
    if known is not None:
        return {"catalogue": str(own["model"]), **changed} if changed else str(own["model"])
    if UNDISCLOSED in changed:  # nothing of the base is taken over then
        changed = {key: written(specs[key], in_force[key]) for key in keys}
    return {"name": str(own["model"]), **changed}


def _lines(scenario: Scenario) -> dict[int, str]:
    """The lines of one's own by number, where a list of them gives each the same number again; none where their keys
    have to be written."""
    names = taken(scenario.values)
    order = list(dict.fromkeys(number for case in scenario.cases for number in _numbers(case, scenario, names)))
    nameless = [
        key
        for case in scenario.cases
        for key, value in case.values.items()
        if key in KEYS and value and key not in {AMOUNT.format(number) for number in names}
    ]
    return names if order == list(range(1, len(names) + 1)) and not nameless else {}


def _numbers(case: Case, scenario: Scenario, names: Mapping[int, str]) -> list[int]:
    """The lines that a case gives an amount; the base those that are not at their default."""
    base = case is scenario.cases[0]
    return [
        number
        for number in names
        if (key := AMOUNT.format(number)) in case.values
        and not (base and case.values[key] == 0 and scenario.sources.get(key) == DEFAULT)
    ]


def _costs(case: Case, lines: Mapping[int, str], sources: Mapping[str, str]) -> list[Tree]:
    """The amounts of a case, line by line."""
    found: list[Tree] = []
    for number, name in lines.items():
        key = AMOUNT.format(number)
        source = sources.get(key, ASSUMPTION)
        if key in case.values and not (case.values[key] == 0 and source == DEFAULT):
            own = {"name": name, "amount": written(fields()[key], case.values[key])}
            found.append(own if source in {ASSUMPTION, DEFAULT} else {**own, "source": source})
    return found
