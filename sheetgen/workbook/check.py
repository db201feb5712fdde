"""What is refused of templates that can be read: a key used twice or too early, an unknown name or source, a unit that
does not follow from its formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgen.base.inputs import constants, fields, options
from sheetgen.base.templates import packaged
from sheetgen.base.units import Dimension, UnitError, describe, parse_unit
from sheetgen.workbook.blocks.block import Block
from sheetgen.workbook.blocks.rows import Rows
from sheetgen.workbook.blocks.series import SPANS, SeriesBlock
from sheetgen.workbook.definitions import Definitions, SheetTemplate
from sheetgen.workbook.dimensions import infer
from sheetgen.workbook.formula import names
from sheetgen.workbook.template import Row, TemplateError

OLD = {
    "bounds_maximum": "1", "bounds_minimum": "1", "case_names": "1", "sheet_cases": "1", "sheet_sensitivity": "1",
    "sheet_scaling": "1", "sheet_evidence": "1", "currency_of_heads": "1", "evidence_outside": "1",
    "status_date": "date",
    "actuals_months": "date", "column_actual_gpu_hours": "GPU*h", "column_actual_trained_hours": "GPU*h",
    "column_actual_tokens": "token", "column_actual_spend": "currency", "realised_mfu": "1",
    "table_accelerators_accumulate": "TFLOP/s/GPU", "table_accelerators_best_mfu": "1",
    "table_accelerators_dense": "TFLOP/s/GPU", "table_accelerators_emulates": "1", "table_accelerators_key": "1",
    "table_accelerators_memory": "GB/GPU", "table_accelerators_power": "W/GPU", "table_accelerators_precision": "1",
    "table_accelerators_sparse": "TFLOP/s/GPU",
} | {f"list_{name}": "1" for name in packaged().data("choices")}  # fmt: skip


class _Known:
    """The names that a formula may use so far, each with its dimension."""

    def __init__(self, definitions: Definitions, sources: Mapping[str, Any]) -> None:
        self.sources = sources
        self.prefixes = {"across", "previous"} | {
            row.prefix.word for row in definitions.rows.values() if row.prefix is not None
        }
        self.dimensions: dict[str, Dimension] = {key: parse_unit(spec.unit) for key, spec in fields().items()}
        self.dimensions |= {key: parse_unit(constant.unit) for key, constant in constants().items()}
        self.keys = set(self.dimensions)

    def define(self, found: Mapping[str, str]) -> None:
        """Names that are no keys."""
        self.dimensions |= {name: parse_unit(unit) for name, unit in found.items()}

    def __getitem__(self, name: str) -> Dimension:
        prefix, _, rest = name.partition("_")
        if name not in self.dimensions and prefix in self.prefixes:
            return self.dimensions[rest]
        return self.dimensions[name]

    def __contains__(self, name: str) -> bool:
        prefix, _, rest = name.partition("_")
        return name in self.dimensions or (prefix in self.prefixes and rest in self.dimensions)


def check(definitions: Definitions) -> None:
    """Raise TemplateError for the first row that is wrong, in workbook order."""
    known = _Known(definitions, definitions.templates.data("sources"))
    for sheet in definitions.sheets:
        known.define({f"sheet_{sheet.name.lower()}": "1"})
    known.define({"rows_above": "1", "across_rows_above": "1"} | OLD)
    for sheet in definitions.sheets:
        for block in sheet.blocks:
            own = {}
            if isinstance(block, SeriesBlock):
                own = {block.kind: "date", SPANS[block.kind].label: "date"}
            for row in (*block.rows(), *block.series()):
                _check_row(sheet, row, known, {name: parse_unit(unit) for name, unit in own.items()})
            known.define(block.defines())
            _check_order(sheet, block)


def _check_row(sheet: SheetTemplate, row: Row, known: _Known, own: Mapping[str, Dimension]) -> None:
    where = f"{sheet.name}, row {row.key}"
    if row.key in known.keys:
        raise TemplateError(f"{where}: the key is used twice")
    if row.source is not None and row.source not in known.sources:
        raise TemplateError(f"{where}: unknown source {row.source!r}")
    for name in names(row.formula):
        if name not in known and name not in own:
            raise TemplateError(f"{where}: {name!r} is not a key of an earlier row")
    try:
        declared = parse_unit(row.unit)
        found = infer(row.formula, lambda name: own[name] if name in own else known[name])
    except (UnitError, KeyError) as error:
        raise TemplateError(f"{where}: {error}") from error
    if found is not None and found != declared:
        raise TemplateError(f"{where}: the unit is {row.unit}, the formula gives {describe(found)}")
    known.dimensions[row.key] = declared
    known.keys.add(row.key)


def _check_order(sheet: SheetTemplate, block: Block) -> None:
    """A block that is looked up by a choice has one row a choice, in their order, each labelled with it."""
    if not isinstance(block, Rows) or block.choices is None:
        return
    expected = [option.value for option in options(block.choices)]
    if [row.label for row in block.rows()] != expected:
        raise TemplateError(f"{sheet.name}, {block.title}: rows are not labelled with {block.choices}, in order")
