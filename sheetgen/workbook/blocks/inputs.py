"""``inputs``, ``constants``, ``built_with``: what is typed, once for the budget or once a case, and what is fixed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import CASE_NAME, Constant, Field, Value
from sheetgen.scenario.model import ASSUMPTION
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.cells import Cell, Validation
from sheetgen.workbook.names import FIRST_CASE, Place

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

LARGE = 1e9  # a constant from which on its power of ten is shown


class Inputs(Block):
    """Inputs with their bounds, sources and notes; an empty cell of a case means “as in the base”.

    ``source`` says where inputs come from of which a scenario says nothing, in place of being an assumption.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        self.keys = [row["key"] for row in self.entries.take("inputs", ())]
        self.constants = [row["key"] for row in self.entries.take("constants", ())]
        self.built_with: list[Mapping[str, str]] = self.entries.take("built_with", [])
        self.source: str = self.entries.take("source", ASSUMPTION)
        self.in_cases: bool = self.entries.take("in_cases", bool(self.keys))
        self.entries.take("of")
        self.entries.end(("title",))

    def defines(self, lists: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG002 - of every block
        found = {row["key"]: row["unit"] for row in self.built_with}
        return found | ({"case_names": "text"} if CASE_NAME in self.keys else {})

    def lay(self, page: Page) -> None:
        page.section(self.title)
        for key in self.keys:
            self._input(page, page.definitions.inputs[key])
        for key in self.constants:
            constant = page.definitions.constants[key]
            if constant.sheet is None or constant.sheet in page.scenario.sheets:
                self._constant(page, constant)
        for row in self.built_with:
            value = str(page.scenario.values[row["of"]])
            page.sheet.text(page.row, FIRST_CASE, value, "constant:left")
            self._fixed(page, row["label"], row["key"], row["unit"], row["source"])

    def _input(self, page: Page, spec: Field) -> None:
        sheet, row, once = page.sheet, page.row, spec.scope == "scenario"
        page.label(spec.label, spec.key, spec.unit)
        self._name(page, spec)
        form = page.definitions.format(spec.key)
        room = sheet.widths[FIRST_CASE] * (page.book.cases if once else 1)
        for index in range(1 if once else page.book.cases):
            value = _typed(page, spec, index)
            plain = "left" if once and isinstance(value, str) else form
            style = "wrapped" if isinstance(value, str) and len(value) > room else plain
            sheet.put(row, FIRST_CASE + index, Cell(f"input:{style}", value, unlocked=True))
            sheet.validations.append(Validation(row, FIRST_CASE + index, spec, spec.choices))
        if spec.minimum is not None and spec.is_number:
            for name, bound in (("minimum", spec.minimum), ("maximum", spec.maximum)):
                sheet.put(row, page.columns[name], Cell(f"bound:{form}", bound))
        sheet.text(row, page.columns["source"], self._source(page, spec), "note")
        note = " ".join(filter(None, (spec.help, page.scenario.notes.get(spec.key))))
        sheet.text(row, page.columns["note"], note, "note")
        sheet.text(row, page.columns["kind"], "input", "note")
        page.row += 1

    def _name(self, page: Page, spec: Field) -> None:
        """Say where the input stands: one cell for the budget, or the row of the cases' names."""
        names, sheet, row = page.book.names, page.sheet.name, page.row
        if spec.scope == "scenario":
            names[spec.key] = Place.of_cell(sheet, row)
        elif spec.key == CASE_NAME:
            names[spec.key] = Place.of_row(sheet, row)
            words = "names of the cases"
            names["case_names"] = Place(sheet, row, row, FIRST_CASE, page.book.after_cases - 1, words=words)

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
        page.book.names[key] = Place.of_cell(page.sheet.name, page.row)
        page.sheet.text(page.row, page.columns["source"], page.book.cite(source, key), "note")
        page.sheet.text(page.row, page.columns["kind"], "constant", "note")
        page.row += 1


def _typed(page: Page, spec: Field, index: int) -> Value | None:
    """What the scenario types into an input's cell; None where a case is as the base."""
    case = page.scenario.cases[index]
    if spec.key == CASE_NAME:
        return case.name
    return page.scenario.values[spec.key] if spec.scope == "scenario" else case.values.get(spec.key)
