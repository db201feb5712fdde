"""``table``: a record a row, of a list that the program knows, of one in the template, or of the months or years.

In a formula a column by name is the cell in the same row, ``column_`` before it all of the column, ``sofar_`` the cells
down to this row, ``previous_`` the cell above (0 in the first row), ``head`` the head of the formula's own column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sheetgen.workbook.addresses import OWN_COLUMN
from sheetgen.workbook.blocks.block import Block, Home
from sheetgen.workbook.blocks.series import SPANS, first_days
from sheetgen.workbook.blocks.table_cells import Record, TableCells
from sheetgen.workbook.blocks.table_chart import draw
from sheetgen.workbook.blocks.table_column import TableColumn, read_column, tree_of
from sheetgen.workbook.blocks.table_names import Grid
from sheetgen.workbook.cells import Cell
from sheetgen.workbook.names import FIRST_CASE, Place
from sheetgen.workbook.put_in import rests_on
from sheetgen.workbook.sheet import HEADER_ROW, KEY, LABEL, UNIT
from sheetgen.workbook.template import as_records, deeply_filled, filled

if TYPE_CHECKING:
    from sheetgen.workbook.page import Page

HEADS = {"sheet": "header", "title": "column_head", "below": "column_head"}
"""Where the heads of the columns stand, and how they look there."""


class Table(Block):
    """A table with its columns. ``heads`` is where their heads stand: above the sheet, beside the title, or below it.

    ``id`` is what other tables call it. ``row`` has label, key and unit of each record, ``head_row`` those of the row
    of heads; ``above`` are rows between them and the records, ``close`` rows behind, each with formulas by column.
    ``rests_on`` puts in front what written-out formulas rest on, ``subtitle`` a second title behind that.
    """

    def __init__(self, home: Home, data: Mapping[str, Any]) -> None:
        super().__init__(home, data)
        take = self.entries.take
        self.of: Any = take("table")
        self.where: Mapping[str, Any] = take("where", {})
        self.id: str = take("id", "")
        self.heads: str | None = take("heads")
        if self.heads is not None and self.heads not in HEADS:
            raise self.entries.error(f"heads is one of {', '.join(HEADS)}, not {self.heads!r}")
        self.title_style: str = take("title_style", "section")
        self.subtitle: str = take("subtitle", "")
        self.row: Mapping[str, Any] = take("row", {})
        self.head_row: Mapping[str, Any] = take("head_row", {})
        self.above: list[Mapping[str, Any]] = take("above", [])
        self.close: list[Mapping[str, Any]] = take("close", [])
        self.units: bool = take("units", False)
        self.rests_on: str | None = take("rests_on")
        self.row_name: str | None = take("row_name")
        self.label_range: str | None = take("label_range")
        self.list_name: str | None = take("list")
        self.chart: Mapping[str, Any] | None = take("chart")
        self.space: int = take("space", 0)
        self._anchor: str = take("anchor", "")
        self._columns: list[Any] = take("columns")
        self.entries.end(("table", "columns"))

    @property
    def span(self) -> str | None:
        """``months`` or ``years``, where that is what goes down."""
        return self.of if isinstance(self.of, str) and self.of in SPANS else None

    @property
    def is_compared(self) -> bool:
        """Whether each of its formulas says what it shows, so that an engine can be asked for it."""
        columns = (data for data in self._columns if isinstance(data, Mapping))
        return not any("formula" in data and "shows" not in data for data in columns)

    def defines(self, lists: Mapping[str, Any]) -> dict[str, str]:
        found = {f"{self.id}_{self.span}": "date"} if self.span and self.id else {}
        records = as_records(lists.get(self.of, []) if isinstance(self.of, str) else self.of or [])
        if self.row_name is not None:
            found |= dict.fromkeys((str(filled(self.row_name, record)) for record in records), self.row["unit"])
        for data in self._columns:
            if data.get("each") in lists:
                columns = [deeply_filled(data, own, _no_key) for own in as_records(lists[data["each"]])]
            else:
                columns = [{entry: text for entry, text in data.items() if "<" not in str(text)}]
            for column in columns:
                unit = column.get("unit") or self.row.get("unit", "1")
                unit = "1" if "{" in unit else unit
                if self.span and self.id and column.get("name"):
                    found[f"column_{column['name']}"] = unit
                if "heads_range" in column:
                    found[column["heads_range"]] = column.get("heads_unit", "text")
                for entry in ("range", "names"):
                    given = column.get(entry, "")
                    own_names = (str(filled(given, record)) for record in records) if "{" in given else [given]
                    found |= dict.fromkeys(filter(None, own_names), unit)
        return found

    def columns(self, page: Page) -> Iterator[TableColumn]:
        """The columns, one for each entry of the list that a column goes through."""
        for data in self._columns:
            if not isinstance(data, dict) or "each" not in data:
                yield read_column(self.entries.where, data, self._anchor)
                continue
            plain = {name: value for name, value in data.items() if name != "each"}
            for record in page.records(data["each"]):
                found = deeply_filled(plain, record, page.definitions.of_key)
                yield read_column(self.entries.where, found, self._anchor)

    def places(self, lists: Callable[[str], Iterable[Any]]) -> dict[str, int]:
        """The place of each column by its name, in a table that begins with the first column of its sheet."""
        found: list[str] = []
        for data in self._columns:
            each = as_records(lists(data["each"])) if "each" in data else [{}]
            found += [str(deeply_filled(data.get("name", ""), own, _no_key)) for own in each]
        return {name: place for place, name in enumerate(found) if name}

    def fields(self, lists: Callable[[str], Iterable[Any]]) -> dict[str, int]:
        """The place of each column by the field of a record that it shows, where the table begins with its sheet."""
        found: list[str] = []
        for data in self._columns:
            each = as_records(lists(data["each"])) if "each" in data else [{}]
            shown = data.get("value") or data.get("cite") or ""
            found += [str(deeply_filled(shown, own, _no_key)).strip("{}") for own in each]
        return {name: place for place, name in enumerate(found) if name}

    def heads_of_columns(self, lists: Callable[[str], Iterable[Any]]) -> list[str]:
        """The head of each column, in a table that begins with the first column of its sheet."""
        found: list[str] = []
        for data in self._columns:
            each = as_records(lists(data["each"])) if "each" in data else [{}]
            found += [str(deeply_filled(data.get("head") or "", own, _no_key)) for own in each]
        return found

    def head_of(self, name: str) -> str | None:
        """The head of the column of this name."""
        return next((data.get("head") for data in self._columns if data.get("name") == name), None)

    def records(self, page: Page) -> list[Record]:
        """What goes down."""
        if self.span is not None:
            typed = page.records("months_typed") if self.span == "months" else []
            return typed or [{"number": number + 1, "index": number} for number in range(page.count(self.span))]
        found = page.records(self.of or [])
        return [record for record in found if all(record.get(name) == want for name, want in self.where.items())]

    def lay(self, page: Page) -> None:
        records, columns = self.records(page), list(self.columns(page))
        grid = Grid(page, self.span, self.row.get("unit_name", ""))
        grid.place(columns, FIRST_CASE if self.row else LABEL)
        cells = TableCells(page, self.entries.where, grid, str(self.of))
        if self.id:
            page.tables[self.id] = grid
        title_row = page.row
        if self.title:
            page.said(LABEL, self.title, self.title_style)
            page.row += 1
        if self.note:
            page.sheet.text(page.row, LABEL, self.note, "note_line")
            page.row += 1
        if self.rests_on is not None:
            grid.local |= rests_on(page, cells.rests_on(columns, records), self.rests_on)
        if self.subtitle:
            title_row = page.row
            page.section(self.subtitle)
        self._heads(page, grid, cells, title_row)
        for line in self.above:
            self._above(page, grid, line)
        self._records(page, grid, cells, records)
        for line in self.close:
            self._close(cells, line, records)
        if self.chart is not None:
            draw(page, grid, self.chart)
        page.leave(self.space)

    def _heads(self, page: Page, grid: Grid, cells: TableCells, title_row: int) -> None:
        """The heads of the columns, where they have one, and their units in the title's row."""
        if self.heads is None:
            return
        sheet, names = page.sheet, page.book.names
        grid.head = {"sheet": HEADER_ROW, "title": title_row}.get(self.heads, page.row)
        if self.heads == "below":
            cited = self.head_row.get("cite")
            record = {} if cited is None else {"cited": page.book.cite_any(cited, self.head_row["cite_key"])}
            self._label(cells, page.row, self.head_row, record)
            page.row += 1
        group = None
        for place, column in grid.placed:
            if column.width:
                sheet.widths[place] = column.width
            if column.group is not None and column.group != group:
                sheet.text(grid.head - 1, place, column.group, "group")
            group = column.group
            if column.head is not None:
                sheet.put(grid.head, place, Cell(column.head_style or HEADS[self.heads], column.head))
            if column.head_name:
                names[column.head_name] = Place.of_cell(sheet.name, grid.head, place)
            if column.heads_range:
                words = f"heads of sheet {sheet.name}"
                head = Place(sheet.name, grid.head, grid.head, place, place, words=words)
                names.extend(column.heads_range, head, "both")
            if self.units:
                sheet.text(title_row, place, f"unit:{column.unit}", "unit")

    def _label(self, cells: TableCells, row: int, labels: Mapping[str, Any], record: Record) -> None:
        """Label, key and unit of a row, as far as they are given; each with a style of its own where it says so."""
        page, sheet = cells.page, cells.page.sheet
        for place, name in ((LABEL, "label"), (sheet.key_column, "key"), (UNIT, "unit")):
            style = labels.get(f"{name}_style", name)
            if f"{name}_formula" in labels:
                cell = sheet.put(row, place, Cell(style))
                text = str(cells.fill(labels[f"{name}_formula"], record))
                page.copy(tree_of(self.entries.where, text), [(row, place, cell)], cells.grid.local, cells.grid.find)
            elif (text := cells.fill(labels.get(name), record)) is not None:
                sheet.put(row, place, Cell(style, f"unit:{text}" if style == "unit" else text))
                if style == "key":
                    sheet.key_rows[str(text)] = row

    def _above(self, page: Page, grid: Grid, line: Mapping[str, Any]) -> None:
        """A row in front of the records with one figure: ``name`` in formulas here, ``range`` on other sheets."""
        page.label(line["label"], line["key"], line["unit"])
        page.sheet.put(page.row, FIRST_CASE, Cell(line["style"], line["value"]))
        place = grid.local[line["name"]] = Place.of_cell(page.sheet.name, page.row)
        if "range" in line:
            page.book.names[line["range"]] = place
        page.row += 1

    def _records(self, page: Page, grid: Grid, cells: TableCells, records: list[Record]) -> None:
        """A row for each record: its label, and a cell in each column."""
        names, sheet = page.book.names, page.sheet
        grid.top, grid.count = page.row, len(records)
        if self.span is not None and "label_formula" not in self.row:
            first_days(page, self.span, len(records))
        for row, record in enumerate(records, start=grid.top):
            self._label(cells, row, self.row, record)
            if self.row_name is not None:
                first, last = grid.placed[0][0], grid.placed[-1][0]
                names[str(cells.fill(self.row_name, record))] = Place(sheet.name, row, row, first, last)
        cells.cite(grid.placed, records)
        for place, column in grid.placed:
            if column.cite is None:
                cells.put_column(place, column, records)
        if self.span is not None and self.id:
            names[f"{self.id}_{self.span}"] = grid.range(LABEL)
            for name, (place, _) in grid.by_name.items():
                names[f"column_{name}"] = grid.range(place)
        if self.label_range is not None:
            names[self.label_range] = grid.range(LABEL)
        if self.list_name is not None:
            place = grid.by_name["key"][0] if "key" in grid.by_name else KEY
            names[f"list_{self.list_name}"] = grid.range(place, "its choices")
        page.row = grid.last + 1

    def _close(self, cells: TableCells, line: Mapping[str, Any], records: list[Record]) -> None:
        """Rows behind the records, for each entry of a list where there is one: formulas by column, of its group; one
        with a ``name`` is called by it in those behind it."""
        named: dict[str, Place] = {}
        page, grid, by = cells.page, cells.grid, line.get("by", "")
        for record in page.records(line["each"]) if "each" in line else [{}]:
            same = [row for row, own in enumerate(records, start=grid.top) if own.get(by) == record.get("key")]
            group = (OWN_COLUMN, f"{same[0] + 1}:", OWN_COLUMN, f"{same[-1] + 1}")
            for row in line.get("rows", [line]):
                self._label(cells, page.row, row["row"], record)
                own = {**record, "key": cells.fill(row["row"]["key"], record)}
                for place, column in grid.placed:
                    entry = row["columns"].get(column.name)
                    if entry is None:
                        continue
                    style = entry.get("style") or cells.style(column, "calc", None, own)
                    shows = cells.shown(entry.get("shows", column.shows), own, column)
                    cell = page.sheet.put(page.row, place, Cell(style, shows=shows))
                    tree = tree_of(self.entries.where, str(cells.fill(entry["formula"], record)))
                    page.copy(tree, [(page.row, place, cell)], {**grid.local, **named, "group": group}, grid.find)
                    if "name" in entry:
                        named[entry["name"]] = Place.of_cell(page.sheet.name, page.row, place)
                page.row += 1


def _no_key(what: str, key: str) -> str:
    """What a key is called, where only names of cells are asked for."""
    return f"{key} {what}"
