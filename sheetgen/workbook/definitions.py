"""The templates read as a whole: the sheets with their blocks, and what label, unit and format each key has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import Constant, Field, constants_of, inputs_of
from sheetgen.base.templates import TemplateError, Templates, packaged
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.blocks.bars import Waterfall
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.blocks.differing import Differing
from sheetgen.workbook.blocks.grid import GridBlock
from sheetgen.workbook.blocks.in_force import InForce
from sheetgen.workbook.blocks.inputs import Inputs
from sheetgen.workbook.blocks.mirror import Mirror
from sheetgen.workbook.blocks.placed import Placed
from sheetgen.workbook.blocks.repeat import Repeat
from sheetgen.workbook.blocks.rows import Rows
from sheetgen.workbook.blocks.scatter import Scatter
from sheetgen.workbook.blocks.series import SeriesBlock
from sheetgen.workbook.blocks.show import Show
from sheetgen.workbook.blocks.stacks import Stacks
from sheetgen.workbook.blocks.table import Table
from sheetgen.workbook.blocks.text import Legend, Lines, Signatures
from sheetgen.workbook.cells import ALWAYS, Compared
from sheetgen.workbook.columns import KEYS, HeadColumn, read_columns
from sheetgen.workbook.formula import names
from sheetgen.workbook.records import LATE, LISTS, PLAIN_LISTS
from sheetgen.workbook.sheet import GROUPS, HEADER_ROW, KEY
from sheetgen.workbook.template import DEFAULT_FORMATS, Entries, Row

if TYPE_CHECKING:
    from sheetgen.workbook.evaluator import Values
    from sheetgen.workbook.page import Page

KINDS: Mapping[str, type[Block]] = {
    "sections": Repeat,
    "series": SeriesBlock,
    "rows": Rows,
    "inputs": Inputs,
    "constants": Inputs,
    "in_force": InForce,
    "show": Show,
    "cells": Placed,
    "mirror": Mirror,
    "differing": Differing,
    "table": Table,
    "grid": GridBlock,
    "waterfall": Waterfall,
    "scatter": Scatter,
    "stacks": Stacks,
    "text": Lines,
    "legend": Legend,
    "signatures": Signatures,
}
"""The kinds of block by the entry that a section of this kind has; the first that is there tells."""
COLUMNS = "columns"  # the file of columns that several sheets share
MAX_COLUMNS = 300
MOST_ABOVE = 20  # rows that somebody may have put above the heads of a sheet
USUAL_COLUMNS = "calculation"


def read_block(home: Home, data: Any) -> Block:
    """A section of a sheet. Raises TemplateError for one of no kind, or with an entry that its kind does not have."""
    kind = next((kind for kind in KINDS if isinstance(data, dict) and kind in data), None)
    if kind is None:
        raise TemplateError(f"{home.name}: a section needs one of {', '.join(sorted(KINDS))}", data)
    return KINDS[kind](home, data)


Repeat.read = staticmethod(read_block)


class SheetTemplate:
    """One sheet: its head, and its blocks from the top. ``slug`` is the name of its file.

    ``order`` is when it is laid out, ``tab`` where its tab stands; of the ``front`` group are the sheets that finance
    reads and prints, of ``workings`` what computes them, of ``technical`` what only an ML reader asks for.

    ``optional`` is what a scenario calls it, where it is only there when it is asked for; ``lists`` are its own.
    """

    def __init__(self, slug: str, templates: Templates) -> None:
        entries, columns = Entries(slug, templates.data(slug)), templates.data(COLUMNS)
        take = entries.take
        self.slug = slug
        self.name: str = take("sheet")
        entries.where = self.name
        self.order: int = take("order", 0)
        self.tab: int = take("tab", self.order)
        self.group: str = take("group", GROUPS[0])
        if self.group not in GROUPS:
            raise entries.error(f"group is one of {', '.join(GROUPS)}, not {self.group!r}")
        self.kind: str = take("kind")
        self.title: str = take("title")
        self.intro: str = take("intro", "")
        self.optional: str | None = take("optional")
        take("by_name_only")
        take("rests_on")
        self.columns: tuple[HeadColumn, ...] = read_columns(self.name, take("columns", columns[USUAL_COLUMNS]))
        self.header: bool = take("header", True)
        self.header_height: float | None = take("header_height")
        self.freeze: Mapping[str, int] = take("freeze", {})
        self.page: Mapping[str, Any] = take("page", {})
        self.status_colours: bool = take("status_colours", False)
        self.rests_on_nothing: bool = take("rests_on_nothing", False)
        self.read_back: bool = take("read_back", False)
        self.lists: Mapping[str, Any] = take("lists", {})
        home = Home(self.name, take("exact", {}), templates)
        self.blocks = tuple(read_block(home, section) for section in take("sections"))
        entries.end(("sheet", "order", "kind", "title", "sections"))

    @property
    def late(self) -> bool:
        """Whether it can be laid out only when all others are."""
        return any(isinstance(block, Table) and isinstance(block.of, str) and block.of in LATE for block in self.blocks)

    def key_column(self, cells: Values) -> int:
        """The column of its keys in a workbook: the second, unless it has one with an id, under that one's head."""
        head = next((column.head for column in self.columns if column.id == KEYS), None)
        return KEY if head is None else self._under(cells, head, KEY)

    def after_cases(self, cells: Values) -> int:
        """The first column behind those of the cases in a workbook, by its head."""
        heads = [column.head for column in self.columns]
        behind = heads[heads.index(None) + 1 :] if None in heads else []
        return self._under(cells, behind[0], MAX_COLUMNS) if behind else MAX_COLUMNS

    def _under(self, cells: Values, head: str | None, otherwise: int) -> int:
        """The last column under a head in a workbook: a case may have the same name. Somebody may have put rows of
        their own above the heads."""
        places = (
            (row, at) for row in range(HEADER_ROW, HEADER_ROW + MOST_ABOVE) for at in reversed(range(MAX_COLUMNS))
        )
        return next((at for row, at in places if cells.value(self.name, row, at) == head), otherwise)

    @property
    def by_case(self) -> bool:
        """Whether it has a column for each case, under the names of the cases."""
        return any(column.cases and column.head is None for column in self.columns)

    def blocks_for(self, scenario: Scenario) -> Iterable[Block]:
        """The blocks that a scenario's workbook has."""
        return (block for block in self.blocks if block.sheet is None or block.sheet in scenario.sheets)


class Definitions:
    """The sheets of some templates, and every key's label, unit and format."""

    def __init__(self, templates: Templates) -> None:
        self.templates = templates
        self.sheets = tuple(SheetTemplate(slug, templates) for slug in templates.sheets())
        blocks = [block for sheet in self.sheets for block in sheet.blocks if isinstance(block, Rows)]
        lines: dict[str, tuple[str, ...]] = {}
        for row in (row for block in blocks for row in block.rows() if row.counted_with):
            lines[row.counted_with] = (*lines.get(row.counted_with, ()), row.key)
        for block in blocks if lines else ():
            block.take_along(lines)

    @classmethod
    def of(cls, templates: Templates) -> Definitions:
        """What these templates say, read once."""
        return templates.made("definitions", cls)

    @property
    def inputs(self) -> Mapping[str, Field]:
        """Every input by key, in the order in which they are typed."""
        return inputs_of(self.templates)

    @property
    def constants(self) -> Mapping[str, Constant]:
        """Every constant by key."""
        return constants_of(self.templates)

    @property
    def sources(self) -> Mapping[str, Mapping[str, str]]:
        """Every source that a row may cite, by its key."""
        return self.templates.lists("sources")

    @property
    def choices(self) -> Mapping[str, Any]:
        """Every dropdown by its name."""
        return self.templates.lists("choices")

    def sheet(self, name: str) -> SheetTemplate:
        """The sheet of this name. Raises KeyError where there is none."""
        return {sheet.name: sheet for sheet in self.sheets}[name]

    def sheet_of(self, key: str) -> str:
        """The name of the sheet that has the row of a key. Raises StopIteration where none has."""
        return next(
            sheet.name
            for sheet in self.sheets
            for block in sheet.blocks
            for row in (*block.rows(), *block.series())
            if row.key == key
        )

    def sheet_with(self, kind: type[Block]) -> SheetTemplate:
        """The first sheet that has a block of this kind."""
        return next(sheet for sheet in self.sheets if any(isinstance(block, kind) for block in sheet.blocks))

    def table_of(self, name: str) -> tuple[str, Table]:
        """The sheet and the table whose records are those of a list that the program knows."""
        return next(
            (sheet.name, block)
            for sheet in self.sheets
            for block in sheet.blocks
            if isinstance(block, Table) and block.of == name
        )

    def plain_list(self, name: str) -> Iterable[Any]:
        """The entries of a list that the program knows whatever the workbook."""
        return PLAIN_LISTS[name]()

    def first_series(self, kind: str) -> tuple[str, str]:
        """The sheet and the key of the first series of months, or years."""
        return next(
            (sheet.name, block.row.key)
            for sheet in self.sheets
            for block in sheet.blocks
            if isinstance(block, SeriesBlock) and block.kind == kind
        )

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Every calculated row by key, in workbook order, without series."""
        return {row.key: row for sheet in self.sheets for block in sheet.blocks for row in block.rows()}

    @cached_property
    def series(self) -> Mapping[str, Row]:
        """Every series by key: its row stands for as many as there are months or years."""
        return {row.key: row for sheet in self.sheets for block in sheet.blocks for row in block.series()}

    @cached_property
    def blocks(self) -> Mapping[str, list[str]]:
        """The keys of each run of rows that has a name, by that name."""
        return {
            f"block_{block.block}": [row.key for row in block.rows()]
            for sheet in self.sheets
            for block in sheet.blocks
            if isinstance(block, Rows) and block.block
        }

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        return {}

    def names_of(self, key: str) -> tuple[str, ...]:
        """The names that the formula of a row uses."""
        if key not in self._names:
            self._names[key] = tuple(names(self.rows[key].formula))
        return self._names[key]

    def row(self, key: str) -> Row:
        """The row of a key, or of a month of it (``accrued:3``). Raises KeyError where there is none."""
        return self.rows[key] if key in self.rows else self.series[key.partition(":")[0]]

    def unit(self, key: str) -> str:
        """The unit of an input, a constant or a calculated row."""
        known = self.inputs.get(key) or self.constants.get(key) or self.row(key)
        return known.unit

    def label(self, key: str) -> str:
        """The label of an input, a constant or a calculated row."""
        known = self.inputs.get(key) or self.constants.get(key) or self.row(key)
        return known.label

    def format(self, key: str) -> str:
        """The number format of an input or a calculated row."""
        spec = self.inputs.get(key)
        if spec is None:
            return self.row(key).format
        return spec.format or (DEFAULT_FORMATS.get(spec.unit, "integer") if spec.is_number else spec.kind)

    def of_key(self, what: str, key: str) -> str:
        """The ``label``, ``unit`` or ``format`` of a key. Raises TemplateError for another word."""
        found = {"label": self.label, "unit": self.unit, "format": self.format}.get(what)
        if found is None:
            raise TemplateError(f"{key}:{what} is none of its label, unit or format")
        return found(key)

    def once(self, key: str) -> bool:
        """Whether a key has one value for the whole workbook."""
        if key in self.inputs:
            return self.inputs[key].scope == "scenario"
        return key in self.constants or (key in self.rows and self.rows[key].scope == "scenario")

    def compared(self, key: str) -> Compared:
        """How the figure of a key is compared; an input is what was typed."""
        if key in self.inputs:
            return Compared(ALWAYS)
        try:
            return self.row(key).compared
        except KeyError:
            return Compared()

    def limit(self, key: str) -> float | None:
        """What no step lifts the figure of a key above."""
        return self.rows[key].limit if key in self.rows else None

    def records(self, name: str, page: Page) -> Iterable[Any]:
        """The entries of a list: of the sheet's template, or one that the program knows. Raises TemplateError for an
        unknown one."""
        own = self.sheet(page.sheet.name).lists
        if name in own:
            return list(own[name])
        if name in PLAIN_LISTS:
            return PLAIN_LISTS[name]()
        if name not in LISTS:
            raise TemplateError(f"{page.sheet.name}: there is no list {name!r}")
        return LISTS[name](page)


def packaged_definitions() -> Definitions:
    """What the templates of the package say."""
    return Definitions.of(packaged())


def calculated_rows() -> Mapping[str, Row]:
    """Every calculated row of the package by key."""
    return packaged_definitions().rows


def all_series() -> Mapping[str, Row]:
    """Every series of the package by key."""
    return packaged_definitions().series
