"""A column of a table: its head, and what stands in it for each record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sheetgen.base.inputs import Field
from sheetgen.base.templates import TemplateError
from sheetgen.workbook.cells import NEVER, Compared
from sheetgen.workbook.formula import Expr, FormulaError, parse
from sheetgen.workbook.template import Entries, format_for

LARGE, SMALL = 1e12, 1e-3  # figures from which on, or below which, the power of ten is shown
BY_SIZE = "by size"


class TableColumn(NamedTuple):
    """One column: what a template says of it.

    A cell holds a ``value``, a ``formula`` (``first`` in the first row), a citation of ``cite``, a ``link`` to a sheet,
    the source of an input (``source_of``), or is typed (``input``). With ``step`` it is the column ``of`` moved by that
    many steps as the key ``moves`` allows; ``put_in`` has the formula written out in terms of these keys, each standing
    in a column. ``name`` is what formulas call the cell in their own row, written with ``$`` as ``anchor`` says
    (``column`` or ``both``). ``range`` names the cells of the column, ``names`` each cell, ``head_name`` the head.
    """

    name: str = ""
    at: str | None = None
    width: float = 0
    unit: str = ""
    words: str = ""
    head: Any = None
    head_style: str | None = None
    head_name: str | None = None
    group: str | None = None
    value: Any = None
    default: Any = None
    formula: str | None = None
    first: str | None = None
    cite: str | None = None
    cite_else: str | None = None
    cite_key: str = "{key}"
    turn: int = 0
    url: str | None = None
    link: str | None = None
    source_of: str | None = None
    step: int = 0
    of: str = ""
    moves: str = ""
    put_in: Mapping[str, str] | None = None
    input: Mapping[str, Any] | None = None
    style: str = ""
    format: str | None = None
    usual: str | None = None
    sized_by: str | None = None
    whole: str = "integer"
    most: float = LARGE
    absent: str | None = None
    blank: bool = False
    shows: Any = None
    exact: str = NEVER
    difference_of: str = ""
    anchor: str = ""
    range: str | None = None
    fixed: str = "both"
    heads_range: str | None = None
    heads_unit: str = "text"
    names: str | None = None

    @property
    def at_first(self) -> bool:
        """Whether the first record's formula is another one: nothing is above it."""
        return self.first is not None or "previous_" in (self.formula or "")

    def one_style(self, weight: str) -> str | None:
        """The style of its numbers where it is the same for every record, else None."""
        form = self.format or self.usual or format_for(self.unit)
        if self.absent is not None or "{" in self.style:
            return None
        if ":" in self.style:
            return self.style
        return None if "{" in form or form == BY_SIZE else f"{self.style or weight}:{form}"

    @property
    def compared(self) -> Compared:
        """How its figures are compared."""
        return Compared(self.exact, self.difference_of)


ENTRIES = frozenset(TableColumn._fields)


def read_column(where: str, data: Any, anchor: str) -> TableColumn:
    """A column as a template says it. Raises TemplateError for an entry that a column does not have."""
    if not isinstance(data, dict) or not data.keys() <= ENTRIES:
        name = data.get("name", "") if isinstance(data, dict) else ""
        entries = Entries(f"{where}, column {name}".removesuffix(" "), data)
        for entry in ENTRIES:
            entries.take(entry)
        entries.end()
    return TableColumn(**{"anchor": anchor, **data})


def by_size(value: float, unit: str, whole: str, most: float) -> str:
    """A number format that suits a figure: ``whole`` for whole numbers, from ``most`` on a power of ten."""
    if unit == "fraction":
        return "share"
    if abs(value) >= most or 0 < abs(value) < SMALL:
        return "scientific"
    return whole if value == int(value) else "decimal"


def tree_of(where: str, text: str) -> Expr:
    """The tree of a formula. Raises TemplateError for text that is none."""
    try:
        return parse(text)
    except FormulaError as error:
        raise TemplateError(f"{where}: {error}") from error


def typed_field(section: str, column: TableColumn) -> Field:
    """A typed column as an input: what may be typed into it, and how it is shown."""
    entries = Entries(f"{section}, column {column.name}, input", column.input)
    take = entries.take
    spec = Field(
        key=take("key", column.name), label=take("label", column.head), kind=take("type", "number"),
        unit=take("unit", column.unit), section=section, scope=take("scope", "case"), minimum=take("min"),
        maximum=take("max"), choices=take("choices"), help=take("help", ""), format=column.format,
    )  # fmt: skip
    entries.end()
    return spec
