"""The templates as objects: sheets, sections and rows, each formula parsed, portable and balanced in its units.

``templates/*.yaml`` says what the workbook is; this module reads it once, and refuses with the row's key what would
break later: an unknown key, a function outside the portable subset, a unit that does not follow from the formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from sheetgen.base.inputs import constants, fields, options
from sheetgen.base.resources import template_data
from sheetgen.base.units import Dimension, UnitError, describe, parse_unit
from sheetgen.workbook.dimensions import DATE, infer
from sheetgen.workbook.formula import Expr, FormulaError, check_portable, names, parse

CALCULATION_SHEETS = (
    "model", "flops", "time", "cost", "phasing", "inference", "optimal", "offers", "rent_or_buy", "risk", "checks",
)  # fmt: skip
PREFIXES = ("across", "chosen", "previous", "reference", "series")
"""``across_x``: a row in all cases; ``chosen_x``, ``reference_x``: in the case put forward, in the offer compared with;
``series_x``: all months or years of a series;
``previous_x``: a series in the month before, 0 in the first."""
LABELS_OF_SERIES = {"months": "month", "years": "year"}
SPECIAL_NAMES = frozenset(
    {
        "bounds_maximum",
        "bounds_minimum",
        "case_names",
        "sheet_cases",
        "table_accelerators_accumulate",
        "table_accelerators_best_mfu",
        "table_accelerators_dense",
        "table_accelerators_emulates",
        "table_accelerators_key",
        "table_accelerators_memory",
        "table_accelerators_power",
        "table_accelerators_precision",
        "table_accelerators_sparse",
    }
    | {f"sheet_{name.replace('_', '')}" for name in CALCULATION_SHEETS}
    | {f"list_{name}" for name in template_data("choices")}
)

DEFAULT_FORMATS = {
    "FLOP": "scientific",
    "FLOP/s": "scientific",
    "FLOP/s/GPU": "scientific",
    "FLOP/sequence": "scientific",
    "FLOP/request": "scientific",
    "fraction": "percent",
    "ratio": "ratio",
    "date": "date",
    "currency": "money",
    "currency/(GPU*h)": "unit_money",
    "quoted/(GPU*h)": "quoted_money",
    "token/s": "decimal",
    "status": "status",
    "text": "text",
    "GB/GPU": "decimal",
    "TFLOP/s/GPU": "decimal",
}


class TemplateError(ValueError):
    """A template row is wrong; the message names the sheet and the key."""


class Row(NamedTuple):
    """One calculated row: a key, a label, a unit and one formula that is copied across the cases.

    ``helper`` rows are look-ups without a meaning of their own (a row number); ``structure`` rows speak of the workbook
    and not of the run. The engine has a quantity for every other row. ``scope`` is ``case``, or ``scenario`` for one
    cell in the first case column; ``sheet`` names the optional sheet without which the row is left out.
    """

    key: str
    label: str
    unit: str
    formula: Expr
    format: str
    source: str
    total: bool
    helper: bool
    structure: bool
    sparse: bool
    scope: str = "case"
    sheet: str | None = None


class Section(NamedTuple):
    """A titled run of rows. ``block`` names its cells as one range; ``choices`` is the list whose order they follow.

    ``series`` is ``months`` or ``years`` where the one row is a figure for each of them, with a ``chart`` of it or
    without.
    """

    title: str
    note: str
    rows: tuple[Row, ...]
    block: str | None
    choices: str | None
    series: str | None = None
    chart: Mapping[str, str] | None = None


class SheetTemplate(NamedTuple):
    """One calculation sheet; ``slug`` is its file's name, and what a scenario asks for where it is optional."""

    slug: str
    name: str
    kind: str
    title: str
    intro: str
    sections: tuple[Section, ...]

    def rows(self) -> Iterator[Row]:
        """Every row of the sheet, in order, without series."""
        for section in self.sections:
            yield from () if section.series else section.rows


@cache
def calculation_sheets() -> tuple[SheetTemplate, ...]:
    """The calculation sheets in workbook order, each formula parsed. Raises TemplateError for one that cannot be.

    What :func:`check_sheets` refuses is left to it: a build asks, ``verify`` need not.
    """
    return tuple(_sheet(name, template_data(name)) for name in CALCULATION_SHEETS)


@cache
def calculated_rows() -> Mapping[str, Row]:
    """Every calculated row by key, in workbook order."""
    return {row.key: row for sheet in calculation_sheets() for row in sheet.rows()}


@cache
def all_series() -> Mapping[str, Row]:
    """Every series by key: its row stands for as many as there are months or years."""
    return {
        row.key: row
        for sheet in calculation_sheets()
        for section in sheet.sections
        if section.series
        for row in section.rows
    }


def _row_of(key: str) -> Row:
    rows = calculated_rows()
    return rows[key] if key in rows else all_series()[key.partition(":")[0]]


def unit_of(key: str) -> str:
    """The unit of an input, a constant or a calculated row."""
    if key in fields():
        return fields()[key].unit
    if key in constants():
        return constants()[key].unit
    return _row_of(key).unit


def label_of(key: str) -> str:
    """The label of an input, a constant or a calculated row."""
    if key in fields():
        return fields()[key].label
    if key in constants():
        return constants()[key].label
    return _row_of(key).label


def format_of(key: str) -> str:
    """The number format of an input or a calculated row."""
    if key in fields():
        spec = fields()[key]
        return spec.format or (DEFAULT_FORMATS.get(spec.unit, "integer") if spec.is_number else spec.kind)
    return _row_of(key).format


def _sheet(slug: str, data: Mapping[str, Any]) -> SheetTemplate:
    sections = tuple(
        Section(
            section["title"],
            section.get("note", ""),
            tuple(
                _row(data["sheet"], {"label": section["title"], **row} if "series" in section else row)
                for row in section["rows"]
            ),
            section.get("block"),
            section.get("choices"),
            section.get("series"),
            section.get("chart"),
        )
        for section in data["sections"]
    )
    return SheetTemplate(slug, data["sheet"], data["kind"], data["title"], data.get("intro", ""), sections)


def _row(sheet: str, data: Mapping[str, Any]) -> Row:
    known = {"key", "label", "unit", "formula", "format", "source", "style", "helper", "structure", "sparse"}
    known |= {"scope", "sheet"}
    where = f"{sheet}, row {data.get('key', data)}"
    unknown = set(data) - known
    missing = {"key", "label", "unit", "formula", "source"} - set(data)
    if unknown or missing:
        raise TemplateError(f"{where}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    text = str(data["formula"])
    try:
        formula = parse(text)
        check_portable(formula, text)
    except FormulaError as error:
        raise TemplateError(f"{where}: {error}") from error
    unit = data["unit"]
    return Row(
        key=data["key"],
        label=data["label"],
        unit=unit,
        formula=formula,
        format=data.get("format") or ("share" if unit == "fraction" else DEFAULT_FORMATS.get(unit, "integer")),
        source=data["source"],
        total=data.get("style") == "total",
        helper=data.get("helper", False),
        structure=data.get("structure", False),
        sparse=data.get("sparse", False),
        scope=data.get("scope", "case"),
        sheet=data.get("sheet"),
    )


def check_sheets(sheets: tuple[SheetTemplate, ...]) -> None:
    """Raise TemplateError for a key used twice or out of order, an unknown name or source, or unbalanced units."""
    seen: dict[str, Dimension] = {}
    blocks: dict[str, Dimension] = {}
    sources = template_data("sources")
    for key, spec in fields().items():
        seen[key] = parse_unit(spec.unit)
    for key, constant in constants().items():
        seen[key] = parse_unit(constant.unit)

    def dimension(name: str) -> Dimension:
        if name.startswith("block_"):
            return blocks[name.removeprefix("block_")]
        if name in seen:
            return seen[name]
        if name in {"month", "months", "year", "years"}:
            return DATE
        return seen[plain] if (plain := _without_prefix(name)) in seen else _table_dimension(name)

    for sheet in sheets:
        for section in sheet.sections:
            for row in section.rows:
                where = f"{sheet.name}, row {row.key}"
                if row.key in seen:
                    raise TemplateError(f"{where}: the key is used twice")
                if row.source not in sources:
                    raise TemplateError(f"{where}: unknown source {row.source!r}")
                for name in names(row.formula):
                    known = name in seen or name in SPECIAL_NAMES or _block_of(name) in blocks
                    of_series = section.series is not None and name in {"months", LABELS_OF_SERIES[section.series]}
                    if not (known or of_series or _without_prefix(name) in seen):
                        raise TemplateError(f"{where}: {name!r} is not a key of an earlier row")
                try:
                    declared, found = parse_unit(row.unit), infer(row.formula, dimension)
                except (UnitError, KeyError) as error:
                    raise TemplateError(f"{where}: {error}") from error
                if found is not None and found != declared:
                    raise TemplateError(f"{where}: the unit is {row.unit}, the formula gives {describe(found)}")
                seen[row.key] = declared
            if section.block:
                blocks[section.block] = parse_unit(section.rows[0].unit)
            if section.choices:
                _check_order(sheet.name, section)


def _without_prefix(name: str) -> str:
    """``total_cost`` for ``reference_total_cost``; an empty text for a name without such a prefix."""
    prefix, _, rest = name.partition("_")
    return rest if prefix in PREFIXES else ""


def _block_of(name: str) -> str | None:
    """The block that ``block_x`` (its cells) or ``labels_x`` (their labels) speaks of."""
    kind, _, block = name.partition("_")
    return block if kind in {"block", "labels"} else None


def _table_dimension(name: str) -> Dimension:
    units = {
        "table_accelerators_dense": "TFLOP/s/GPU",
        "table_accelerators_sparse": "TFLOP/s/GPU",
        "table_accelerators_memory": "GB/GPU",
        "table_accelerators_power": "W/GPU",
        "table_accelerators_accumulate": "TFLOP/s/GPU",
        "table_accelerators_best_mfu": "fraction",
    }
    return parse_unit(units.get(name, "1"))


def _check_order(sheet: str, section: Section) -> None:
    """A block that is looked up by a choice has one row a choice, in their order, each labelled with it."""
    expected = [option.value for option in options(section.choices or "")]
    if [row.label for row in section.rows] != expected:
        raise TemplateError(f"{sheet}, {section.title}: rows are not labelled with {section.choices}, in order")
