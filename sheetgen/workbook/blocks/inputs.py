"""``inputs``, ``constants``: what is typed, once for the budget or once a case, and what is fixed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import CASE_NAME, Constant, Field, Value
from sheetgen.scenario.model import ASSUMPTION, MAX_SOURCE_CHARACTERS, Scenario
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell, Validation
from sheetgen.workbook.formula import parse
from sheetgen.workbook.money import PLAIN
from sheetgen.workbook.names import FIRST_CASE, LOOSE, Place

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

MODEL = "model"  # the input that is the name of what is trained
MODEL_PARTS = ("own_name", "base_name", "own_sizes", "base_sizes")
SOURCE = Field("source", "Source", "text", "text", "", maximum=MAX_SOURCE_CHARACTERS, help="Where the value is from.")
EDITS = parse('SUMPRODUCT(1 - (typed = built) * ((typed = "") + (built = "") <> 1))')
MARK = parse('IF(edits = 0, "–", "changed" & MID(": source?", 1, (source = built_source) * 9))')
BOUNDS = ("minimum", "maximum", "usual_low", "usual_high")  # columns: what is allowed, and what is usual
LARGE = 1e9  # a constant from which on its power of ten is shown


class Inputs(Block):
    """Inputs with their bounds, sources and notes; an empty cell of a case means “as in the base”.

    ``as_typed`` are texts that formulas call ``typed_KEY``, in all cases, and ``base_KEY``. ``shown_in`` is the row
    that says in which unit amounts are shown on the pages for approval.

    Right of what is printed stands what each was built with; a mark says where it is another now, and asks for its
    source.

    ``source`` says where inputs come from of which a scenario says nothing, in place of being an assumption.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.keys = [row["key"] for row in self.entries.take("inputs", ())]
        self.constants = [row["key"] for row in self.entries.take("constants", ())]
        self.shown_in: Mapping[str, str] | None = self.entries.take("shown_in")
        self.source: str = self.entries.take("source", ASSUMPTION)
        self.as_typed: list[str] = self.entries.take("as_typed", [])
        self.in_cases: bool = self.entries.take("in_cases", bool(self.keys))
        self.of_model: bool = self.entries.take("of") == "model"
        self.entries.end(("title",))

    def defines(self, lists: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002 - of every block
        found = {"input_edits": "1"} if self.keys else {}
        for key in self.as_typed:
            found |= dict.fromkeys((f"typed_{key}", f"base_{key}"), "text")
        if self.shown_in is not None:
            found[self.shown_in["key"]] = self.shown_in["unit"]
        if self.of_model:
            found |= dict.fromkeys((f"{side}_{what}" for side in ("typed", "built") for what in MODEL_PARTS), "1")
        return found | (dict.fromkeys(("case_names", "built_case_names"), "text") if CASE_NAME in self.keys else {})

    def lay(self, page: Page) -> None:
        page.section(self.title)
        for key in self.keys:
            self._input(page, page.definitions.inputs[key])
        for key in self.constants:
            constant = page.definitions.constants[key]
            if constant.sheet is None or constant.sheet in page.scenario.sheets:
                self._constant(page, constant)
        if self.shown_in is not None:
            row = self.shown_in
            page.book.scale_sizes.append(page.sheet.put(page.row, FIRST_CASE, Cell("constant:integer", PLAIN.size)))
            self._fixed(page, row["label"], row["key"], row["unit"], row["source"])

    def _input(self, page: Page, spec: Field) -> None:
        sheet, row, once = page.sheet, page.row, spec.scope == "scenario"
        page.label(spec.label, spec.key, spec.unit)
        page.book.defined[f"in_{spec.key}"] = Place.of_cell(sheet.name, row)
        self._name(page, spec)
        form = page.definitions.format(spec.key)
        room = sheet.widths[FIRST_CASE] * (page.book.cases if once else 1)
        for index in range(1 if once else page.book.cases):
            value = _typed(page.scenario, spec, index)
            plain = "left" if once and isinstance(value, str) else form
            style = "wrapped" if isinstance(value, str) and len(value) > room else plain
            sheet.put(row, FIRST_CASE + index, Cell(f"input:{style}", value, unlocked=True))
            sheet.validations.append(Validation(row, FIRST_CASE + index, spec, spec.choices))
        if spec.is_number:
            usual = spec.usual or (None, None)
            for name, bound in zip(BOUNDS, (spec.minimum, spec.maximum, *usual), strict=True):
                if bound is not None:
                    sheet.put(row, page.columns[name], Cell(f"bound:{form}", bound))
        sheet.put(row, page.columns["source"], Cell("source", self._source(page, spec), unlocked=True))
        sheet.validations.append(Validation(row, page.columns["source"], SOURCE, None))
        self._as_built(page, spec, 1 if once else page.book.cases, form)
        note = " ".join(filter(None, (spec.help, page.scenario.notes.get(spec.key))))
        sheet.text(row, page.columns["note"], note, "note")
        sheet.text(row, page.columns["kind"], "input", "note")
        page.row += 1

    def _as_built(self, page: Page, spec: Field, count: int, form: str) -> None:
        """What the input was built with, how many of its cells are not so, and a mark in words."""
        sheet, row, columns = page.sheet, page.row, page.columns
        first, built = columns["built"], page.scenario.built or page.scenario
        for index in range(count):
            value = _typed(built, spec, index)
            if value is not None:
                style = form if spec.is_number else "left"
                sheet.put(row, first + index, Cell(f"built:{style}", value))
        source = sheet.cells[row, columns["source"]].value
        sheet.text(row, columns["built_source"], str(source or ""), "built")
        places = {
            "typed": Place(sheet.name, row, row, FIRST_CASE, FIRST_CASE + count - 1, LOOSE),
            "built": Place(sheet.name, row, row, first, first + count - 1, LOOSE),
        }
        places |= {
            name: Place(sheet.name, row, row, columns[name], columns[name], LOOSE, single=True)
            for name in ("edits", "source", "built_source")
        }
        edits = sheet.put(row, columns["edits"], Cell("built:integer"))
        page.copy(EDITS, [(row, columns["edits"], edits)], places)
        mark = sheet.put(row, columns["changed"], Cell("mark:left"))
        page.copy(MARK, [(row, columns["changed"], mark)], places)
        sheet.edit_marks.append((row, count))
        page.book.names.extend("input_edits", places["edits"]._replace(single=False), "both")
        if self.of_model:
            self._of_model(page, spec, first)

    def _of_model(self, page: Page, spec: Field, first: int) -> None:
        """Let formulas name what the model is called and what its sizes are, in a case and in the base, now and as
        built."""
        names, sheet, row = page.book.names, page.sheet.name, page.row
        what = "name" if spec.key == MODEL else "sizes"
        own, base = Place.of_rows(sheet, row, row), Place(sheet, row, row, FIRST_CASE, FIRST_CASE)
        sides = {"typed": (own, base), "built": (own._replace(shift=first - FIRST_CASE), base._replace(
            left=first, right=first))}  # fmt: skip
        for side, (of_case, of_base) in sides.items():
            for whose, place in ((f"{side}_own_{what}", of_case), (f"{side}_base_{what}", of_base)):
                known = names.get(whose)
                words = f"{what} of the model, {side}"
                single = what == "name"
                names[whose] = place._replace(top=row if known is None else known.top, words=words, single=single)

    def _name(self, page: Page, spec: Field) -> None:
        """Say where the input stands: one cell for the budget, or the row of the cases' names."""
        names, sheet, row = page.book.names, page.sheet.name, page.row
        if spec.key in self.as_typed:
            typed = Place(sheet, row, row, FIRST_CASE, page.book.after_cases - 1, words=f"{spec.label}, as typed")
            base = Place.of_cell(sheet, row)._replace(words=f"{spec.label} of the base")
            names[f"typed_{spec.key}"], names[f"base_{spec.key}"] = typed, base
        if spec.scope == "scenario":
            names[spec.key] = Place.of_cell(sheet, row)
        elif spec.key == CASE_NAME:
            names[spec.key] = Place.of_row(sheet, row)
            words = "names of the cases"
            names["case_names"] = Place(sheet, row, row, FIRST_CASE, page.book.after_cases - 1, words=words)
            first = page.columns["built"]
            names["built_case_names"] = names["case_names"]._replace(
                left=first, right=first + page.book.cases - 1, words="names of the cases at the build"
            )

    def _source(self, page: Page, spec: Field) -> str:
        """Where the value comes from, cited: as the scenario says, or what its default rests on."""
        source = page.scenario.sources.get(spec.key) or self.source
        if source == "default" and spec.source:
            return f"default; {page.book.cite(spec.source, spec.key)}"
        return page.book.cite_any(source, spec.key)

    def _constant(self, page: Page, constant: Constant) -> None:
        whole = "scientific" if constant.value >= LARGE else "integer"
        form = "date" if constant.unit == "date" else whole if constant.value == int(constant.value) else "number"
        page.sheet.put(page.row, FIRST_CASE, Cell(f"constant:{form}", constant.value))
        self._fixed(page, constant.label, constant.key, constant.unit, constant.source)

    def _fixed(self, page: Page, label: str, key: str, unit: str, source: str) -> None:
        """The rest of a row that is not typed."""
        page.label(label, key, unit)
        page.book.names[key] = Place.of_cell(page.sheet.name, page.row)._replace(words=label)
        page.sheet.text(page.row, page.columns["source"], page.book.cite(source, key), "note")
        page.sheet.text(page.row, page.columns["kind"], "constant", "note")
        page.row += 1


def _typed(scenario: Scenario, spec: Field, index: int) -> Value | None:
    """What a scenario types into an input's cell; None where a case is as the base."""
    if spec.scope == "scenario":
        return scenario.values.get(spec.key)
    if index >= len(scenario.cases):
        return None
    case = scenario.cases[index]
    return case.name if spec.key == CASE_NAME else case.values.get(spec.key)
