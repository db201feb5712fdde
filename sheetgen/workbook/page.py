"""A sheet while it is laid out: the row that comes next, and how rows, formulas and sources are put on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sheetgen.base.templates import TemplateError
from sheetgen.scenario.model import Scenario
from sheetgen.workbook.addresses import Parts
from sheetgen.workbook.book import Book, Copies
from sheetgen.workbook.cells import Cell, Compared, Shown
from sheetgen.workbook.formula import Expr, Name, to_words
from sheetgen.workbook.money import money_formula, speaks_of_money
from sheetgen.workbook.names import FIRST_CASE, LOOSE, Place
from sheetgen.workbook.sheet import FIRST_DATA_ROW, HEADER_ROW, LABEL, UNIT, Sheet
from sheetgen.workbook.template import Row, as_records

if TYPE_CHECKING:
    from sheetgen.workbook.blocks.table_names import Grid
    from sheetgen.workbook.definitions import Definitions

REQUEST = "request"  # the id of the column of the case for approval, where a sheet has one beside the cases
LookUp = Callable[[str], Parts | Place | None]


class Page:
    """One sheet of a book, laid out block by block from the top: ``row`` is the next free row."""

    def __init__(self, book: Book, scenario: Scenario, definitions: Definitions, sheet: Sheet) -> None:
        self.book, self.scenario, self.definitions, self.sheet = book, scenario, definitions, sheet
        self.row = FIRST_DATA_ROW
        self.last_row = FIRST_DATA_ROW  # of a calculated row or a series
        self.last_formula = (0, 0)  # the lowest row and the right-most column of a formula below the heads
        self.columns = sheet.columns
        self.tables: dict[str, Grid] = {}
        self._lists: dict[str, list[Mapping[str, Any]]] = {}
        self.gap: float | None = None  # the height of the rows that a section leaves free below it, points
        self.origin: object = None  # the section that is laid out
        self.local: dict[str, Parts | Place] = {}
        """What names mean on this sheet, before they mean what they mean everywhere."""

    @cached_property
    def chosen(self) -> int:
        """The index of the case put forward, which every cell about it asks for."""
        return self.scenario.chosen

    def case_of(self, prefix: str) -> int:
        """The index of the case that a prefix speaks of."""
        return self.scenario.named(self.book.names.prefixes[prefix].input)

    def typed_source(self, key: str) -> Place:
        """The cell that says where an input comes from, on the sheet where it is typed."""
        sheet = next(sheet for sheet in self.book.sheets.values() if "kind" in sheet.columns and key in sheet.key_rows)
        column = sheet.columns["source"]
        row = sheet.key_rows[key]
        return Place(sheet.name, row, row, column, column, LOOSE, single=True)

    def count(self, kind: str) -> int:
        """How many months, fiscal years or stages there is room for."""
        return {"months": self.book.months, "years": self.book.years, "stages": self.book.stages}[kind]

    def records(self, of: str | Sequence[Any]) -> list[Mapping[str, Any]]:
        """The entries of a list: of one that the sheet's template gives, or that the program knows, or as it stands.

        Each has its ``number`` from 1 and its ``index`` from 0 beside its own entries, and plain ones a ``value``.
        """
        if not isinstance(of, str):
            return as_records(of)
        if of not in self._lists:
            self._lists[of] = as_records(self.definitions.records(of, self))
        return self._lists[of]

    def leave(self, rows: int) -> None:
        """Leave rows free below a section."""
        if self.gap is not None:
            self.sheet.heights.update(dict.fromkeys(range(self.row, self.row + rows), self.gap))
        self.row += rows

    def section(self, title: str, note: str = "") -> None:
        """The title of a section, and its note beside it."""
        self.said(LABEL, title, "section")
        if note and "words" in self.columns:
            self.sheet.text(self.row, self.columns["words"], note, "note")
        elif note:
            self.row += 1
            self.sheet.text(self.row, LABEL, note, "note_line")
        self.row += 1

    def said(self, column: int, text: str, style: str) -> None:
        """A text of the row, or its formula where it has a sign for the currency in it."""
        cell = Cell(style, text)
        if speaks_of_money(text):
            cell.value = None
            self.copy(money_formula(text), [(self.row, column, cell)])
            self.book.in_money.append((cell, text))
        self.sheet.put(self.row, column, cell)

    def label(self, label: str | Expr, key: str, unit: str, *, total: bool = False) -> None:
        """Label, key and unit of the row; a label that is a formula follows the inputs."""
        cell = Cell("label_total" if total else "label", label if isinstance(label, str) else None)
        self.sheet.put(self.row, LABEL, cell)
        if not isinstance(label, str):
            self.copy(label, [(self.row, LABEL, cell)], case="chosen")
        self.sheet.text(self.row, self.sheet.key_column, key, "key")
        self.sheet.text(self.row, UNIT, f"unit:{unit}", "unit")
        self.sheet.key_rows[key] = self.row

    def cite(self, row: Row) -> str:
        """The citation of a row's source; empty where it has none."""
        return "" if row.source is None else self.book.cite(row.source, row.key)

    def put_source(self, row: int, citation: str) -> None:
        """A citation in the column of sources, where the sheet has one."""
        if citation and "source" in self.columns:
            self.sheet.text(row, self.columns["source"], citation, "note")

    def copy(
        self,
        formula: Expr,
        cells: Sequence[tuple[int, int, Cell]],
        local: Mapping[str, Parts | Place] | None = None,
        look_up: LookUp | None = None,
        case: str | None = None,
    ) -> None:
        """Copy a formula to cells of this sheet, each with its row and column.

        ``local`` and ``look_up`` say what names mean here. On a sheet without a column a case, a key means the row of
        the case that the prefix ``case`` speaks of.
        """

        origin = self.origin

        def find(name: str) -> Parts:
            own = (local or {}).get(name) or (None if look_up is None else look_up(name)) or self.local.get(name)
            if own is None:
                try:
                    return self.book.names.parts(name, self.sheet.name, prefix)
                except KeyError as error:
                    raise TemplateError(f"{self.sheet.name}: no formula can name {name!r}", origin) from error
            return own.parts(self.sheet.name) if isinstance(own, Place) else own

        if cells and cells[0][0] > HEADER_ROW:
            last, right = self.last_formula
            row, column = max(row for row, _, _ in cells), max(column for _, column, _ in cells)
            self.last_formula = (max(last, row), max(right, column))
        prefix = case or (None if self.sheet.by_case else "chosen")
        self.book.copies.append(Copies(formula, cells, find))

    def request(self, key: str, style: str, shown: str | None, compared: Compared) -> None:
        """The row's figure in the case for approval, where the sheet has a column for that."""
        if REQUEST in self.columns:
            column = self.columns[REQUEST]
            shows = None if shown is None else Shown(shown, self.chosen, compared=compared)
            cell = self.sheet.put(self.row, column, Cell(style, shows=shows))
            names, sheet = self.book.names, self.sheet.name
            self.copy(Name(key), [(self.row, column, cell)], look_up=lambda name: names.parts(name, sheet, "chosen"))

    def request_head(self) -> None:
        """The head of that column, over rows with heads of their own."""
        if REQUEST in self.columns:
            self.sheet.text(self.row, self.columns[REQUEST], "Request", "header_right")

    def calculated(self, row: Row, local: Mapping[str, Parts | Place] | None = None) -> None:
        """A calculated row: its formula in every case, or once, the formula in words, and its source."""
        book, sheet = self.book, self.sheet
        self.label(row.label_formula or row.label, row.key, row.unit, total=row.total)
        by_case = sheet.by_case and row.scope == "case"
        if by_case:
            book.names.add_row(row.key, sheet.name, self.row)
        else:
            book.names[row.key] = Place.of_cell(sheet.name, self.row)
        first = 0 if sheet.by_case else self.chosen
        cells = []
        for index in range(book.cases if by_case else 1):
            shows = None if row.shown is None else Shown(row.shown, first + index, compared=row.compared)
            cell = Cell(f"{'total' if row.total else 'calc'}:{row.format}", shows=shows)
            cells.append((self.row, FIRST_CASE + index, sheet.put(self.row, FIRST_CASE + index, cell)))
        self.copy(row.formula, cells, local)
        if by_case:
            self.request(row.key, f"{'total' if row.total else 'calc'}:{row.format}", row.shown, row.compared)
        if row.sparse:
            sheet.sparse_rows[self.row] = row.sparse
        if row.prefix is not None:
            book.names.prefixes[row.prefix.word] = row.prefix
        if book.shown and "words" in self.columns:
            words = sheet.put(self.row, self.columns["words"], Cell("words", row.words))
            if not row.words:
                book.later.append(lambda: _say(words, row, local or {}, book))
        self.put_source(self.row, self.cite(row))
        self.last_row = self.row
        self.row += 1


def _say(cell: Cell, row: Row, local: Mapping[str, Parts | Place], book: Book) -> None:
    """Put a row's formula in words into a cell."""

    def words(name: str) -> str:
        place = local.get(name)
        return place.words if isinstance(place, Place) else book.names.in_words(name)

    cell.value = to_words(row.formula, words)
