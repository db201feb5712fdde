"""From a scenario file to typed, checked, immutable values: one scenario, one or more cases.

A scenario file is a flat mapping of the keys of ``templates/inputs.yaml`` plus ``model`` (a catalogue key or an inline
architecture), ``cases`` (named partial overrides) and ``sources`` (where a figure comes from, by key). Every mistake is
collected and reported with its line; nothing is defaulted silently.

Longer than 400 lines: one reader whose methods share the file's lines and its list of mistakes; sheets, prices, figures
of a model and contradictions have modules of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from sheetgen.base.errors import InvalidInput, Problem, closest, did_you_mean, list_choices
from sheetgen.base.inputs import Field, Value, architecture_keys, fields, fields_for, options
from sheetgen.base.yamlfile import Items, Node, Scalar, Table, load_yaml
from sheetgen.catalogue import Catalogue, load_catalogue
from sheetgen.scenario.actuals import read_actuals, read_paper, read_sheets
from sheetgen.scenario.contradictions import OF_IMAGES, OF_TEXT, contradictions, needed_amount
from sheetgen.scenario.grids import read_grids
from sheetgen.scenario.model import BASE_NAME, MAX_CASES, ROUTES, Case, Scenario, default_grids
from sheetgen.scenario.model_files import is_model_file, read_model_file
from sheetgen.scenario.prices import GIVEN_BY_A_PRICE, named_price


def load_scenario(
    path: str | Path, catalogue: str | Path | None = None, sheets: Iterable[str] = (), *, alone: bool = True
) -> Scenario:
    """Read and check a scenario file, against the packaged catalogue and the user's own directory if one is given.

    ``sheets`` are optional sheets asked for beside those that the file asks for; a scenario that is not ``alone`` may
    leave to others the cases that a sheet needs. Raises InvalidInput with every mistake found, each with file, line,
    key, what was given and what is allowed.
    """
    path = Path(path)
    root = load_yaml(path)
    entries = load_catalogue(None if catalogue is None else Path(catalogue))
    return _Reader(str(path), entries, sheets, alone=alone).scenario(
        root, hashlib.sha256(path.read_bytes()).hexdigest()
    )


def load_scenarios(
    paths: Iterable[str | Path], catalogue: str | Path | None = None, sheets: Iterable[str] = ()
) -> list[Scenario]:
    """Several scenario files, read against one catalogue. Raises InvalidInput with the mistakes of all of them."""
    found: list[Scenario] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(load_scenario(path, catalogue, sheets, alone=False))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    return found


NAMED_CASES = {"chosen_case": 0, "reference_case": 0, "offer_case": -1}
"""Inputs that name a case, and which one they mean where they are not given."""


class _Reader:
    """Collects values and problems of one scenario file."""

    def __init__(self, file: str, catalogue: Catalogue, sheets: Iterable[str] = (), *, alone: bool = True) -> None:
        self.alone = alone
        self.file = file
        self.sheets = tuple(sheets)
        self.fields = fields()
        self.catalogue = catalogue
        self.problems: list[Problem] = []
        self.sources: dict[str, str] = {}
        self.misspelt: set[str | None] = set()

    def report(self, message: str, line: int, key: str, given: str | None = None, allowed: str | None = None) -> None:
        self.problems.append(Problem(message, self.file, line, key, given, allowed))

    def scenario(self, root: Node, sha256: str) -> Scenario:
        if not isinstance(root, Table):
            raise InvalidInput([Problem("the file must be a mapping of keys", self.file, 1)])
        extra = {"model", "cases", "sources", "base_case", "price", "sensitivity", "sheets", "actuals", "paper"}
        self.sheets = read_sheets(root, self.sheets, self.report)
        self.fields = fields_for(self.sheets)
        scenario_keys = {spec.key for spec in self.fields.values() if spec.scope == "scenario"}
        self._unknown(root, [*self._case_keys(), *scenario_keys, *extra])
        base, base_model = self._values(root, self._case_keys(), None)
        values, _ = self._values(root, scenario_keys, None)
        self._price(root, base, {**values, **base})
        self._sources(root.entries.get("sources"))
        given = frozenset(key for key in ROUTES.values() if key in base)
        self._basis(base, root, {})
        self._defaults(values, base)
        self._required(values, base, root)
        name = self._case_name(root.entries.get("base_case"), "base_case") or BASE_NAME
        cases = [Case(name, base), *self._cases(root, base, base_model, values.get("currency", ""))]
        names = [case.name for case in cases]
        for key, default in NAMED_CASES.items():
            if key in self.fields:
                self._named_case(root, values, key, names, names[default])
        if "offers" in self.sheets and self.alone and len(cases) < 2:
            self.report(
                "needs two cases or more to compare", root.key_lines.get("sheets", root.line), "sheets", "offers"
            )
        named = root.entries.get("sensitivity")
        grids = default_grids() if named is None else read_grids(named, self.report)
        if self.problems:
            raise InvalidInput(self.problems)
        table, file = self.catalogue.accelerators, Path(self.file).name
        actuals = read_actuals(root, [case.values for case in cases], self.sheets, self.report)
        scenario = Scenario(
            values, tuple(cases), self.sources, table, file, sha256, given,
            grids=grids, sheets=self.sheets, actuals=actuals, paper=read_paper(root, self.report),
        )  # fmt: skip
        self._together(scenario, root)
        if self.problems:
            raise InvalidInput(self.problems)
        return scenario

    def _named_case(self, root: Table, values: dict[str, Value], key: str, names: list[str], default: str) -> None:
        """The case that an input names: one of those there are, or the default one."""
        if values.get(key, "") == "":
            values[key] = default
        if values[key] not in names:
            hint = did_you_mean(str(values[key]), names)
            line, given = root.key_lines.get(key, root.line), str(values[key])
            self.report(f"there is no such case{hint}", line, key, given, list_choices(names))

    def _case_keys(self) -> list[str]:
        return [s.key for s in self.fields.values() if s.scope == "case" and s.key not in {"model", "case_name"}]

    def _unknown(self, table: Table, known: Iterable[str]) -> None:
        known = sorted(known)
        for key in table.entries:
            asked = fields()[key].sheet if key in fields() else None
            if asked is not None and asked not in self.sheets:
                message = f"belongs to the optional sheet {asked}, which is not asked for"
                self.report(message, table.key_lines[key], key, allowed=f"with sheets: [{asked}], or --sheets {asked}")
            elif key not in known:
                self.misspelt |= {closest(key, known)}
                self.report(
                    f"unknown key{did_you_mean(key, known)}",
                    table.key_lines[key],
                    key,
                    allowed=list_choices(known),
                )

    def _values(
        self, table: Table, keys: Iterable[str], base: Mapping[str, Value] | None
    ) -> tuple[dict[str, Value], dict[str, Value]]:
        """The values that a mapping gives for the keys, its model included, and the model's values by themselves."""
        model = self._model(table.entries["model"], base) if "model" in table.entries and "n_layers" in keys else {}
        values = dict(model)
        for key in keys:
            if key in table.entries:
                value = self._value(fields()[key], table.entries[key])
                if value is not None:
                    values[key] = value
        return values, model

    def _value(self, spec: Field, node: Node) -> Value | None:
        """The checked value of one entry, or None with the problem reported."""
        if not isinstance(node, Scalar):
            self.report("must be a single value", node.line, spec.key, allowed=spec.allowed)
            return None
        if node.is_null or (not node.text.strip()):
            self.report("has no value", node.line, spec.key, allowed=self._allowed(spec))
            return None
        try:
            value = spec.read(node.text)
        except ValueError as error:
            self.report(str(error), node.line, spec.key, node.text, self._allowed(spec))
            return None
        complaint = spec.complaint(value)
        if complaint is not None:
            hint = spec.percent_hint(node.text, value)
            self.report(f"{complaint}{hint}", node.line, spec.key, node.text, self._allowed(spec))
            return None
        choices = self._choices(spec)
        if choices and value not in choices:
            hint = did_you_mean(str(value), choices)
            self.report(f"is not one of the choices{hint}", node.line, spec.key, node.text, list_choices(choices))
            return None
        return value

    def _choices(self, spec: Field) -> list[str]:
        if spec.choices == "accelerator":
            return list(self.catalogue.accelerators)
        if spec.choices in {None, "case_name"}:
            return []
        return [option.value for option in options(spec.choices or "")]

    def _allowed(self, spec: Field) -> str:
        choices = self._choices(spec)
        return list_choices(choices) if choices else spec.allowed

    def _text(self, node: Node | None, key: str, limit: int) -> str | None:
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self.report("must be a line of text", node.line, key, allowed=f"text of at most {limit} characters")
            return None
        problem = None
        if not node.text.strip():
            problem = "has no value"
        elif len(node.text) > limit:
            problem = "is too long"
        elif not node.text.isprintable():
            problem = "holds control characters or line breaks"
        if problem is not None:
            self.report(problem, node.line, key, node.text, f"text of at most {limit} characters")
            return None
        return node.text

    def _case_name(self, node: Node | None, key: str) -> str | None:
        spec = fields()["case_name"]
        name = self._text(node, key, int(spec.maximum or 0))
        if name is not None and node is not None and spec.complaint(name) is not None:
            self.report("holds a wildcard of look-ups", node.line, key, name, "text without * ? ~")
            return None
        return name

    def _model(self, node: Node, base: Mapping[str, Value] | None) -> dict[str, Value]:
        """Architecture values of ``model:``: a catalogue key, a whole inline architecture, or a case's partial one."""
        if isinstance(node, Scalar):
            return self._catalogue_model(node)
        if isinstance(node, Items):
            self.report("must be a catalogue key or a mapping", node.line, "model")
            return {}
        keys = architecture_keys()
        self._unknown(node, [*keys, "name", "catalogue", "undisclosed_parameters", "source"])
        start: dict[str, Value] = {}
        if "catalogue" in node.entries:
            reference = node.entries["catalogue"]
            start = self._catalogue_model(reference) if isinstance(reference, Scalar) else {}
        elif base is not None and "undisclosed_parameters" not in node.entries:
            start = {key: base[key] for key in (*keys, "model", "undisclosed_parameters") if key in base}
        own, _ = self._values(node, [*keys, "undisclosed_parameters"], None)
        values = {**start, **own}
        if own.get("undisclosed_parameters"):
            for key in keys:
                values.setdefault(key, fields()[key].absent)
        name = self._text(node.entries.get("name"), "model.name", 80)
        if name is not None:
            values["model"] = name
        source = self._text(node.entries.get("source"), "model.source", 200)
        for key in keys if source is not None and base is None else ():
            self.sources[key] = str(source)
        missing = [key for key in (*keys, "model") if key not in values and fields()[key].default is None]
        if missing and not (set(missing) & set(node.entries)):
            shown = ["name" if key == "model" else key for key in missing]
            self.report(f"the architecture lacks {', '.join(shown)}", node.line, "model")
        return values

    def _file_model(self, node: Scalar) -> dict[str, Value] | None:
        """The architecture of a model file beside the scenario; None where the text is no file name."""
        if node.text in self.catalogue.model_files or not is_model_file(node.text):
            return None
        try:
            model = read_model_file(node.text, Path(self.file), node.line)
        except InvalidInput as error:
            self.problems += error.problems
            return {}
        values: dict[str, Value] = {key: getattr(model, key) for key in architecture_keys()}
        for key in values:
            self.sources.setdefault(key, f"file {node.text}"[:200])
        self.sources.setdefault("model", model.source[:200])
        return {"model": model.name[:80], "undisclosed_parameters": 0, **values}

    def _catalogue_model(self, node: Scalar) -> dict[str, Value]:
        of_file = self._file_model(node)
        if of_file is not None:
            return of_file
        try:
            model = self.catalogue.model(node.text)
        except KeyError:
            keys = self.catalogue.model_keys()
            hint = did_you_mean(node.text, keys)
            self.report(f"no such model in the catalogue{hint}", node.line, "model", node.text, list_choices(keys))
            return {}
        values: dict[str, Value] = {key: getattr(model, key) for key in architecture_keys()}
        for key in values:
            self.sources.setdefault(key, f"catalogue, {model.key}")
        self.sources.setdefault("model", model.source)
        return {"model": node.text, "undisclosed_parameters": 0, **values}

    def _sources(self, node: Node | None) -> None:
        if node is None:
            return
        if not isinstance(node, Table):
            self.report("must be a mapping of input keys to texts", node.line, "sources")
            return
        self._unknown(node, fields())
        for key, entry in node.entries.items():
            text = self._text(entry, f"sources.{key}", 200)
            if text is not None:
                self.sources[key] = text

    def _basis(self, own: dict[str, Value], table: Table, base: Mapping[str, Value]) -> None:
        """Name the efficiency basis when exactly one of the three figures is given."""
        given = [route for route, key in ROUTES.items() if key in own]
        if "efficiency_basis" in own or not given:
            basis = str(own.get("efficiency_basis", ""))
            if basis and ROUTES[basis] not in own and ROUTES[basis] not in base:
                line = table.key_lines["efficiency_basis"]
                self.report(f"{ROUTES[basis]} is not given", line, "efficiency_basis", basis)
            return
        if len(given) > 1:
            line = table.key_lines[ROUTES[given[-1]]]
            figures = ", ".join(ROUTES[route] for route in given)
            self.report(f"say which of {figures} drives time", line, "efficiency_basis", allowed=", ".join(ROUTES))
            return
        own["efficiency_basis"] = given[0]

    def _defaults(self, values: dict[str, Value], base: dict[str, Value]) -> None:
        """Settings that have a documented default take it; it is shown in the workbook with the word default."""
        for spec in self.fields.values():
            target = values if spec.scope == "scenario" else base
            if spec.default is not None and spec.key not in target and spec.key not in NAMED_CASES:
                target[spec.key] = spec.read(spec.default)
                self.sources.setdefault(spec.key, "default")

    def _required(self, values: Mapping[str, Value], base: Mapping[str, Value], root: Table) -> None:
        given = {*values, *base, *root.entries, *self.misspelt}
        given |= set(GIVEN_BY_A_PRICE) if "price" in root.entries else set()
        if "model" not in given:
            self.report(
                "is missing",
                root.line,
                "model",
                allowed="a catalogue key, or a mapping with the architecture",
            )
        needed = OF_IMAGES if base.get("workload") == "vision" else OF_TEXT
        for spec in self.fields.values():
            if spec.key in (*OF_TEXT, *OF_IMAGES):
                if spec.key in needed and spec.key not in {*root.entries, *self.misspelt}:
                    self.report("is missing", root.line, spec.key, allowed=needed_amount(spec.key))
                continue
            if spec.key in given or spec.is_of_model or spec.key in {"case_name", *NAMED_CASES}:
                continue
            if spec.key in ROUTES.values():
                continue
            if spec.key == "efficiency_basis":
                if not any(key in given for key in ROUTES.values()):
                    names = " or ".join(ROUTES.values())
                    self.report(f"no efficiency is given: {names}", root.line, "efficiency_basis")
                continue
            self.report("is missing", root.line, spec.key, allowed=self._allowed(spec))

    def _price(
        self, table: Table, own: dict[str, Value], inputs: Mapping[str, Value], base_price: Node | None = None
    ) -> None:
        """Put in the price that a mapping names; a named price of the base does not pass to another accelerator."""
        node = table.entries.get("price")
        typed = [key for key in GIVEN_BY_A_PRICE if key in table.entries]
        if node is None:
            if base_price is not None and "accelerator" in own and not typed:
                message = "a case with another accelerator needs a price of its own"
                self.report(message, table.line, "price", allowed="price, or price_per_gpu_hour and what belongs to it")
            return
        key = self._text(node, "price", 200)
        if key is None or "accelerator" not in inputs or "currency" not in inputs:
            return
        if typed:
            self.report("is named and typed", node.line, "price", key, f"price, or {', '.join(typed)}")
            return
        accelerator, currency = str(inputs["accelerator"]), str(inputs["currency"])
        if inputs.get("quote_currency", "as the budget") != "as the budget":
            currency = str(inputs["quote_currency"])
        values, (wrong, allowed) = named_price(self.catalogue, key, accelerator, currency)
        if wrong:
            self.report(wrong, node.line, "price", key, allowed)
        own |= values
        for name in values:
            self.sources.setdefault(name, f"price list of sheetgen, {key}"[:200])

    def _cases(
        self, root: Table, base: Mapping[str, Value], base_model: Mapping[str, Value], currency: Value
    ) -> list[Case]:
        node, named = root.entries.get("cases"), root.entries.get("price")
        if node is None:
            return []
        if not isinstance(node, Items):
            self.report("must be a list of cases, each with a name", node.line, "cases")
            return []
        if len(node.items) >= MAX_CASES:
            self.report("too many cases", node.line, "cases", str(len(node.items)), f"at most {MAX_CASES - 1}")
            return []
        cases: list[Case] = []
        for item in node.items:
            if not isinstance(item, Table):
                self.report("each case is a mapping with a name", item.line, "cases")
                continue
            self._unknown(item, [*self._case_keys(), "model", "name", "price"])
            name = self._case_name(item.entries.get("name"), "cases.name")
            if "name" not in item.entries:
                self.report("the case has no name", item.line, "cases.name")
            own, _ = self._values(item, self._case_keys(), {**base, **base_model})
            self._basis(own, item, base)
            self._price(item, own, {**base, **own, "currency": currency}, named)
            cases.append(Case(name or f"case {len(cases) + 2}", own))
        return cases

    def _together(self, scenario: Scenario, root: Table) -> None:
        """What a single value cannot show: figures that must fit each other, in every case."""
        items = root.entries.get("cases")
        rest = items.items if isinstance(items, Items) else ()
        tables = [root, *(item for item in rest if isinstance(item, Table))]
        seen: set[str] = set()
        for index, (case, table) in enumerate(zip(scenario.cases, tables, strict=True)):
            if case.name.lower() in seen:
                self.report("two cases have this name", table.line, "cases.name", case.name)
            seen.add(case.name.lower())
            inputs = scenario.inputs(index)
            for found in contradictions(inputs, scenario.accelerator(index)):
                own = [key for key in (found.key, *found.rests_on) if key in case.values]
                if own:
                    line = next((place for key in own if (place := _line(table, key)) is not None), table.line)
                    given = fields()[found.key].shown(inputs[found.key])
                    self.report(f"{found.message} (case {case.name})", line, found.key, given, found.allowed)


def _line(table: Table, key: str) -> int | None:
    """Where a key of a case was written: in the case itself, or in its model."""
    if key in table.key_lines:
        return table.key_lines[key]
    model = table.entries.get("model")
    if not fields()[key].is_of_model or model is None:
        return None
    return model.key_lines.get(key, model.line) if isinstance(model, Table) else model.line
