"""The templates read as a whole: the sheets with their blocks, and what label, unit and format each key has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import constants, fields
from sheetgen.base.templates import Templates, packaged
from sheetgen.workbook.blocks.block import Block
from sheetgen.workbook.blocks.rows import Rows
from sheetgen.workbook.blocks.series import SeriesBlock
from sheetgen.workbook.records import LISTS
from sheetgen.workbook.template import DEFAULT_FORMATS, Entries, Row, TemplateError

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

KINDS: Mapping[str, type[Block]] = {"series": SeriesBlock, "rows": Rows}
"""The kinds of block by the entry that a section of this kind has; the first that is there tells."""


class SheetTemplate:
    """One sheet: its head, and its blocks from the top. ``slug`` is the name of its file.

    ``optional`` is what a scenario calls it, where it is only there when it is asked for.
    """

    def __init__(self, slug: str, data: Any) -> None:
        entries = Entries(slug, data)
        self.slug = slug
        self.name: str = entries.take("sheet")
        entries.where = self.name
        self.order: int = entries.take("order", 0)
        self.kind: str = entries.take("kind")
        self.title: str = entries.take("title")
        self.intro: str = entries.take("intro", "")
        self.optional: str | None = entries.take("optional")
        self.blocks = tuple(_block(self.name, section) for section in entries.take("sections", []))
        entries.end(("sheet", "order", "kind", "title", "sections"))


def _block(sheet: str, data: Any) -> Block:
    kind = next((kind for kind in KINDS if isinstance(data, dict) and kind in data), None)
    if kind is None:
        raise TemplateError(f"{sheet}: a section needs one of {', '.join(sorted(KINDS))}")
    return KINDS[kind](sheet, data)


class Definitions:
    """The sheets of some templates, and every key's label, unit and format."""

    def __init__(self, templates: Templates) -> None:
        self.templates = templates
        data = {slug: templates.data(slug) for slug in templates.sheets()}
        self.sheets = tuple(SheetTemplate(slug, content) for slug, content in data.items() if "order" in content)

    @classmethod
    def of(cls, templates: Templates) -> Definitions:
        """What these templates say, read once."""
        return templates.made("definitions", cls)

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
            name: [row.key for row in block.rows()]
            for sheet in self.sheets
            for block in sheet.blocks
            if isinstance(block, Rows)
            for name in block.defines()
            if name.startswith("block_")
        }

    def row(self, key: str) -> Row:
        """The row of a key, or of a month of it (``accrued:3``). Raises KeyError where there is none."""
        return self.rows[key] if key in self.rows else self.series[key.partition(":")[0]]

    def unit(self, key: str) -> str:
        """The unit of an input, a constant or a calculated row."""
        known = fields().get(key) or constants().get(key) or self.row(key)
        return known.unit

    def label(self, key: str) -> str:
        """The label of an input, a constant or a calculated row."""
        known = fields().get(key) or constants().get(key) or self.row(key)
        return known.label

    def format(self, key: str) -> str:
        """The number format of an input or a calculated row."""
        spec = fields().get(key)
        if spec is None:
            return self.row(key).format
        return spec.format or (DEFAULT_FORMATS.get(spec.unit, "integer") if spec.is_number else spec.kind)

    def records(self, name: str, page: Page) -> Iterable[Mapping[str, Any]]:
        """The entries of a list that the program knows, for this workbook. Raises KeyError for an unknown one."""
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


def unit_of(key: str) -> str:
    """The unit of a key."""
    return packaged_definitions().unit(key)


def label_of(key: str) -> str:
    """The label of a key."""
    return packaged_definitions().label(key)


def format_of(key: str) -> str:
    """The number format of a key."""
    return packaged_definitions().format(key)
