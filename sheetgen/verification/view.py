"""A workbook asked by the names and columns of its plan, where a user renamed sheets or inserted columns.

Before a workbook can be planned its inputs must be read, so the first look goes by what stands on the sheets: a sheet
that is not there by its name is found by its title, a column by its head. Rows are found by their keys, later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sheetgen.workbook.blocks.table import HEADS, Table
from sheetgen.workbook.definitions import Definitions, SheetTemplate
from sheetgen.workbook.evaluator import CellError, CellValue, Evaluator
from sheetgen.workbook.file.cells import Cells, ErrorText
from sheetgen.workbook.file.stored import StoredBook, StoredSheet
from sheetgen.workbook.records import GENERATOR_FACT
from sheetgen.workbook.sheet import LABEL

TOP_ROWS, LEFT_COLUMNS = 20, 8
"""Within which a title stands, also where rows and columns were inserted."""
HEAD_ROWS = 60

Columns = dict[int, int]
"""The column in the file of columns of the plan, as far as they stand elsewhere."""


class View:
    """The cells of a file by the names and columns of its plan, as ``Values``; rows are those of the file.

    Constants are as the file states them; who asks for what a formula shows waits for it to be computed.
    """

    def __init__(
        self,
        sheets: Mapping[str, StoredSheet],
        evaluator: Evaluator,
        names: Mapping[str, str],
        columns: Mapping[str, Columns],
    ) -> None:
        self.evaluator = evaluator
        self.names, self.columns = dict(names), dict(columns)
        self._cells = {name: sheets[own].cells for name, own in names.items()}
        own_names = {own: name for name, own in names.items()}
        self.sheet_names = [own_names.get(name, name) for name in sheets]

    def value(self, sheet: str, row: int, column: int) -> CellValue | CellError:
        """The value of a cell. Raises NotVerifiable where its formula could not be computed."""
        column = self._column(sheet, column)
        cell = self._cells[sheet].get((row, column))
        if cell is None:
            return None
        if cell.formula is not None:
            return self.evaluator.value(self.names[sheet], row, column)
        return CellError(cell.value) if isinstance(cell.value, ErrorText) else cell.value

    def formula(self, sheet: str, row: int, column: int) -> str | None:
        """The formula of a cell as the file states it; None for a constant and an empty cell."""
        cell = self._cells[sheet].get((row, self._column(sheet, column)))
        return None if cell is None else cell.formula

    def set_values(self, sheet: str, values: Mapping[tuple[int, int], CellValue]) -> None:
        """Put constants into cells; only what formulas show follows, when they are computed again."""
        columns = self.columns.get(sheet)
        if columns:
            values = {(row, columns.get(column, column)): value for (row, column), value in values.items()}
        self.evaluator.set_values(self.names[sheet], values)

    def _column(self, sheet: str, column: int) -> int:
        columns = self.columns.get(sheet)
        return columns.get(column, column) if columns else column


def sheet_names(book: StoredBook, definitions: Definitions) -> dict[str, str]:
    """The file's name of every sheet of the templates that is there: its own, or that of the one that has its title."""
    there = {sheet.name.casefold(): sheet.name for sheet in book.sheets}
    found = {sheet.name: there[sheet.name.casefold()] for sheet in definitions.sheets if sheet.name.casefold() in there}
    others = [sheet for sheet in book.sheets if sheet.name not in found.values()]
    for template in definitions.sheets:
        if template.name not in found:
            titled = [sheet.name for sheet in others if _has_title(sheet.cells, template)]
            if len(titled) == 1:
                found[template.name] = titled[0]
    return found


def _has_title(cells: Cells, template: SheetTemplate) -> bool:
    wanted = {template.title, f"Sheet type: {template.kind}"}
    texts = {cells[at].value for at in cells if at[0] < TOP_ROWS and at[1] < LEFT_COLUMNS}
    return wanted <= texts


def moved_columns(book: StoredBook, names: Mapping[str, str], definitions: Definitions) -> dict[str, Columns]:
    """The columns that stand elsewhere than planned, sheet by sheet, as far as heads tell before there is a plan."""
    found: dict[str, Columns] = {}
    for template in definitions.sheets:
        sheet = book.sheet(names.get(template.name, ""))
        if sheet is None:
            continue
        columns = _by_heads(sheet.cells, template, definitions)
        if not template.header:
            columns = _by_facts(sheet.cells, template, definitions)
        if any(place != column for column, place in columns.items()):
            found[template.name] = columns
    return found


def _by_heads(cells: Cells, template: SheetTemplate, definitions: Definitions) -> Columns:
    """Columns by the texts in the row of heads; cases are the columns between that say something there."""
    before, cases, behind = _heads(template, definitions)
    row = _head_row(cells, {head for head in (*before, *(head for head, _ in behind)) if head})
    if row is None:
        return {}
    across = sorted(column for line, column in cells if line == row and _says(cells, row, column))
    texts = {column: cells[row, column].value for column in across}
    found: Columns = {}
    last = -1
    for column, head in enumerate(before):
        last = next((place for place in across if place > last and head and texts[place] == head), last + 1)
        found[column] = last
    if not cases:
        return found
    wanted = next((head for head, _ in behind if head), None)
    end = next((place for place in across if place > last and texts[place] == wanted), None)
    own = [place for place in across if last < place and (end is None or place < end)]
    for column, place in enumerate(own, start=len(before)):
        found[column] = place
    last = own[-1] if own else last
    column = len(before) + len(own)
    for head, many in behind:
        last = next((place for place in across if place > last and head and texts[place] == head), last + 1)
        for step in range(len(own) if many else 1):
            found[column + step] = last + step
        column += len(own) if many else 1
        last += len(own) - 1 if many else 0
    return found


def _says(cells: Cells, row: int, column: int) -> bool:
    cell = cells[row, column]
    return cell.formula is not None or cell.value not in {None, ""}


def _heads(template: SheetTemplate, definitions: Definitions) -> tuple[list[str], bool, list[tuple[str, bool]]]:
    """The heads before the cases, whether there are cases, and the heads behind them, each with whether it stands over
    a column a case."""
    before: list[str] = []
    behind: list[tuple[str, bool]] = []
    cases = False
    for column in template.columns:
        if column.cases and cases:
            behind.append((column.head or "", True))
        elif column.cases:
            cases = True
        elif cases:
            behind += [(column.head or "", False)] * column.count(0)
        else:
            before += [column.head or ""] * column.count(0)
    if not template.columns:
        before = list(_table_heads(template.blocks, definitions))
    return before, cases, behind


def _table_heads(blocks: Sequence[object], definitions: Definitions) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Table) and block.heads in HEADS:
            yield from block.heads_of_columns(definitions.plain_list)
            return


def _head_row(cells: Cells, heads: set[str]) -> int | None:
    counts: dict[int, int] = {}
    for (row, _), cell in cells.items():
        if row < HEAD_ROWS and isinstance(cell.value, str) and cell.value in heads:
            counts[row] = counts.get(row, 0) + 1
    best = max(counts, key=lambda row: (counts[row], -row), default=None)
    return best if best is not None and counts[best] * 2 >= len(heads) else None


def _by_facts(cells: Cells, template: SheetTemplate, definitions: Definitions) -> Columns:
    """The columns of the table that says where the workbook comes from, by the label of its generator."""
    sheet, table = definitions.table_of("facts")
    if template.name != sheet:
        return {}
    home = next((at for at, cell in cells.items() if cell.value == GENERATOR_FACT), None)
    if home is None:
        return {}
    text = next((column for column in range(home[1] + 1, home[1] + LEFT_COLUMNS) if (home[0], column) in cells), None)
    return {} if text is None else {LABEL: home[1], table.places(definitions.plain_list)["text"]: text}
