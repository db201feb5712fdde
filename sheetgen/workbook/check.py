"""What is refused of templates that can be read: a key used twice or too early, an unknown name or source, a unit that
does not follow from its formula."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.base.inputs import options_of
from sheetgen.base.templates import TemplateError
from sheetgen.base.units import Dimension, UnitError, describe, parse_unit
from sheetgen.workbook.blocks.block import Block
from sheetgen.workbook.blocks.rows import Rows
from sheetgen.workbook.blocks.series import SPANS, SeriesBlock
from sheetgen.workbook.definitions import Definitions, SheetTemplate
from sheetgen.workbook.dimensions import infer
from sheetgen.workbook.formula import names
from sheetgen.workbook.template import Row

STANDING = {"rows_above": "1", "across_rows_above": "1"}  # names that every block of rows has


class _Known:
    """The names that a formula may use so far, each with its dimension."""

    def __init__(self, definitions: Definitions) -> None:
        words = {row.prefix.word for row in definitions.rows.values() if row.prefix is not None}
        self.prefixes = {"across", "previous"} | words
        units = {key: spec.unit for key, spec in definitions.inputs.items()}
        units |= {key: constant.unit for key, constant in definitions.constants.items()}
        self.keys = set(units)
        self.dimensions: dict[str, Dimension] = {}
        self.define(units)
        self.define({f"sheet_{sheet.name.lower()}": "1" for sheet in definitions.sheets} | STANDING)
        self.define({f"list_{name}": "text" for name in definitions.choices})

    def define(self, found: Mapping[str, str]) -> None:
        """Names that are no keys, with their units."""
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
    known = _Known(definitions)
    for sheet in definitions.sheets:
        for block in sheet.blocks:
            span = SPANS[block.kind] if isinstance(block, SeriesBlock) else None
            own = {} if span is None else dict.fromkeys((span.key, span.label), parse_unit(span.unit))
            for row in (*block.rows(), *block.series()):
                _check_row(sheet, row, known, own, definitions)
            known.define(block.defines(sheet.lists))
            _check_order(definitions, block)


def _check_row(
    sheet: SheetTemplate, row: Row, known: _Known, own: Mapping[str, Dimension], definitions: Definitions
) -> None:
    where = f"{sheet.name}, row {row.key}"
    if row.key in known.keys:
        raise TemplateError(f"{where}: the key is used twice", row.origin)
    if row.source is not None and row.source not in definitions.sources:
        raise TemplateError(f"{where}: unknown source {row.source!r}", row.origin)
    for name in names(row.formula):
        if name not in known and name not in own:
            raise TemplateError(f"{where}: {name!r} is not a key of an earlier row", row.origin)
    try:
        declared = parse_unit(row.unit)
        found = infer(row.formula, lambda name: own[name] if name in own else known[name])
    except (UnitError, KeyError) as error:
        raise TemplateError(f"{where}: {error}", row.origin) from error
    if found is not None and found != declared:
        raise TemplateError(f"{where}: the unit is {row.unit}, the formula gives {describe(found)}", row.origin)
    known.dimensions[row.key] = declared
    known.keys.add(row.key)


def _check_order(definitions: Definitions, block: Block) -> None:
    """A block that is looked up by a choice has one row a choice, in their order, each labelled with it."""
    if not isinstance(block, Rows) or block.choices is None:
        return
    expected = [option.value for option in options_of(definitions.templates, block.choices)]
    if [row.label for row in block.rows()] != expected:
        raise block.entries.error(f"rows are not labelled with {block.choices}, in order")
