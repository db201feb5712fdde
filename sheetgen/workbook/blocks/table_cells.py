"""The cells of a table's columns, record by record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sheetgen.base.inputs import Field
from sheetgen.workbook.blocks.table_column import BY_SIZE, TableColumn, by_size, tree_of, typed_field
from sheetgen.workbook.blocks.table_names import Grid
from sheetgen.workbook.cells import Cell, Shown, Typed, Validation
from sheetgen.workbook.formula import Binary, Call, Expr, Name, Number, Text, names, substitute
from sheetgen.workbook.names import Place
from sheetgen.workbook.put_in import STEP, moved, written_out
from sheetgen.workbook.sheet import UNIT
from sheetgen.workbook.template import filled, format_for

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

Record = Mapping[str, Any]
ROOM = Name("source_letters")


def shortened(text: Expr) -> Expr:
    """A text cut to the letters that there is room for."""
    cut = Binary("&", Call("LEFT", (text, Binary("-", ROOM, Number(1)))), Text("…"))
    return Call("IF", (Binary(">", Call("LEN", (text,)), ROOM), cut, text))


class TableCells:
    """Fills the columns of a table whose records stand at ``grid``; ``of`` is the name of their list."""

    def __init__(self, page: Page, where: str, grid: Grid, of: str) -> None:
        self.page, self.where, self.grid, self.of = page, where, grid, of
        self._trees: dict[tuple[str, ...], Expr] = {}

    def fill(self, value: Any, record: Record) -> Any:
        """A value of the template for a record."""
        if value.__class__ is not str or "{" not in value:
            return value
        return filled(value, record, self.page.definitions.of_key)

    def shown(self, shows: Any, record: Record, column: TableColumn) -> Shown | None:
        """What a cell is compared with: a key, or one with axes moved by steps or set to values."""
        if shows is None:
            return None
        case = 0 if self.page.sheet.rests_on_nothing else self.page.chosen
        if not isinstance(shows, dict):
            known = self.fill(shows, record)
            if known is None:
                return None
            key = str(known)
            own = column.compared if column.difference_of else self.page.definitions.compared(key)
            return Shown(key, 0 if self.page.definitions.once(key) else case, compared=own)
        steps, at = (
            tuple((str(self.fill(key, record)), self.fill(value, record)) for key, value in shows.get(part, {}).items())
            for part in ("steps", "at")
        )
        return Shown(str(self.fill(shows["key"], record)), case, steps, at, column.compared)

    def tree(self, column: TableColumn, record: Record, text: str | None) -> Expr:
        """The formula of a column for a record."""
        if column.source_of is not None:
            return shortened(Name(f"source_of_{self.fill(column.source_of, record)}"))
        if column.step:
            factor = Binary("+" if column.step > 0 else "-", Number(1), Name(STEP))
            if column.step < 0:
                return Binary("*", Name(column.of), factor)
            return moved(self.page.definitions, str(self.fill(column.moves, record)), Name(column.of), factor)
        formula = str(self.fill(text, record))
        axes = {str(self.fill(key, record)): name for key, name in (column.put_in or {}).items()}
        known = (formula, *axes, *axes.values())
        if known not in self._trees:
            tree = tree_of(self.where, formula)
            if axes:
                plain = (formula, *axes)
                if plain not in self._trees:
                    self._trees[plain] = written_out(self.page.definitions, tree, axes)
                tree = substitute(self._trees[plain], lambda name: Name(axes[name]) if name in axes else None)
            self._trees[known] = tree
        return self._trees[known]

    def rests_on(self, columns: Sequence[TableColumn], records: Sequence[Record]) -> list[str]:
        """The keys that the written-out formulas use, beside those that stand in a column."""
        own = {*self.grid.by_name, self.grid.unit_name}
        found: dict[str, None] = {}
        for column in columns:
            for record in records if column.put_in else ():
                found |= dict.fromkeys(names(self.tree(column, record, column.formula)))
        return [name for name in found if name not in own]

    def put_column(self, place: int, column: TableColumn, records: Sequence[Record]) -> None:
        """One column from top to bottom, and the names that it gives."""
        sheet, top = self.page.sheet, self.grid.top
        copies: dict[tuple[bool, int], tuple[Expr, list[tuple[int, int, Cell]]]] = {}
        spec = None if column.input is None else typed_field(sheet.name, column, self.page.scenario.templates)
        at_first, always = column.at_first, column.one_style("calc")
        for offset, record in enumerate(records):
            row, first = top + offset, at_first and not offset
            text = column.first if first and column.first is not None else column.formula
            if column.step or column.source_of is not None or self.fill(text, record) is not None:
                tree = self.tree(column, record, text)
                shows = None if column.shows is None else self.shown(column.shows, record, column)
                style = always or self.style(column, "calc", None, record)
                copies.setdefault((first, id(tree)), (tree, []))[1].append(
                    (row, place, sheet.put(row, place, Cell(style, shows=shows)))
                )
            else:
                self._plain(row, place, column, record, spec)
            if column.names is not None:
                name = str(self.fill(column.names, record))
                self.page.book.names[name] = Place.of_cell(sheet.name, row, place)
        for (first, _), (tree, cells) in copies.items():
            self.page.copy(tree, cells, self.grid.local, partial(self.grid.find, first=first))
        if column.range is not None:
            self._range(place, column, records)

    def _range(self, place: int, column: TableColumn, records: Sequence[Record]) -> None:
        """Name the cells of a column, or each run of records for which the name is another one."""
        names = self.page.book.names
        if column.range is not None and "{" not in column.range:
            names.extend(column.range, self.grid.range(place, column.words), column.fixed)
            return
        for row, record in enumerate(records, start=self.grid.top):
            name, words = str(self.fill(column.range, record)), str(self.fill(column.words, record))
            own = Place(self.page.sheet.name, row, row, place, place, words=words)
            names.extend(name, own, column.fixed)

    def cite(self, placed: Sequence[tuple[int, TableColumn]], records: Sequence[Record]) -> None:
        """Cite what the records rest on, one after the other, each column in its turn."""
        columns = sorted((item for item in placed if item[1].cite is not None), key=lambda item: item[1].turn)
        for offset, record in enumerate(records):
            for place, column in columns:
                source = self.fill(column.cite, record) or self.fill(column.cite_else, record)
                if source:
                    key, url = str(self.fill(column.cite_key, record)), str(self.fill(column.url, record) or "")
                    text = self.page.book.cite_any(str(source), key, url)
                    self.page.sheet.text(self.grid.top + offset, place, text, column.style)

    def _plain(self, row: int, place: int, column: TableColumn, record: Record, spec: Field | None) -> None:
        """A cell that holds a constant: typed, cited, linked, or a value of the record; none where there is none."""
        sheet = self.page.sheet
        value = self.fill(column.value, record)
        value = column.default if value is None else value
        if spec is not None:
            sheet.put(row, place, Cell(f"input:{column.format or format_for(column.unit)}", value, unlocked=True))
            typed = Typed(self.of, str(record.get("key", record["number"])), str(column.value).strip("{?}"))
            sheet.validations.append(Validation(row, place, spec, spec.choices, typed))
        elif column.link is not None:
            link = str(self.fill(column.link, record))
            sheet.put(row, place, Cell("link", value, link=link))
        elif isinstance(value, str):
            if (value or column.blank) and (self.page.book.shown or place <= UNIT):
                sheet.put(row, place, Cell(str(self.fill(column.style, record)) or "text", value))
        elif column.blank or value is not None:
            sheet.put(row, place, Cell(self.style(column, "constant", value, record), value))

    def style(self, column: TableColumn, weight: str, value: Any, record: Record) -> str:
        """Weight and number format of a cell."""
        style = column.one_style(weight)
        if style is not None:
            return style
        weight = str(self.fill(column.style, record)) or weight
        if ":" in weight:
            return weight
        if column.absent is not None and not value:
            return f"{weight}:{column.absent}"
        form = self.fill(column.format, record) or column.usual
        if form == BY_SIZE:
            size = self.fill(column.sized_by, record) if column.sized_by is not None else value
            form = by_size(size, str(record.get("unit", "")), column.whole, column.most)
        return f"{weight}:{form or format_for(column.unit)}"
