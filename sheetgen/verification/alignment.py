"""Which row and column of a file each row and column of the plan is, whatever was inserted or moved.

Texts that stand once on both sides tie a row to a row and a column to a column; what has no such text lies between
those that have one, and is told by what its cells hold. References are then compared in the plan's terms.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from sheetgen.workbook.addresses import address
from sheetgen.workbook.book import Book, Sheet
from sheetgen.workbook.cells import Cell
from sheetgen.workbook.file.cells import Cells, Stored
from sheetgen.workbook.file.stored import StoredSheet
from sheetgen.workbook.formula import Expr, FormulaError, Name, parse, same, substitute, to_excel
from sheetgen.workbook.references import reference_of

_ADDRESSES = re.compile(r"\$?\b[A-Z]{1,3}\$?\d+|\d+")
KEY_VOTE, TEXT_VOTE = 10, 3


class Alignment(NamedTuple):
    """A sheet of the plan beside one of the file: ``rows`` and ``columns`` from the plan's to the file's, and back.

    ``still`` says that nothing stands elsewhere. ``filled`` are the rows of the plan that hold something, ``moved``
    those that stand elsewhere among the others.
    """

    sheet: str
    file_sheet: str
    rows: dict[int, int]
    columns: dict[int, int]
    still: bool
    filled: frozenset[int]
    moved: tuple[int, ...] = ()

    def place(self, row: int, column: int) -> tuple[int, int] | None:
        """Where a cell of the plan stands in the file."""
        if self.still:
            return row, column
        if row not in self.rows or column not in self.columns:
            return None
        return self.rows[row], self.columns[column]

    def address(self, row: int, column: int) -> str:
        """The address in the file of a cell of the plan."""
        return address(*(self.place(row, column) or (row, column)))


class Backward(NamedTuple):
    """From the file's rows and columns to the plan's, with the ends of ranges drawn in to what the plan knows."""

    sheet: str
    rows: dict[int, int]
    columns: dict[int, int]
    still: bool

    def cell(self, row: int, column: int) -> tuple[int, int] | None:
        """The plan's cell; None for one that was put in."""
        if self.still:
            return row, column
        if row not in self.rows or column not in self.columns:
            return None
        return self.rows[row], self.columns[column]

    def span(self, known: Mapping[int, int], first: int, last: int) -> tuple[int, int] | None:
        """The plan's part of a span of rows or columns."""
        inside = [known[place] for place in known if first <= place <= last]
        return (min(inside), max(inside)) if inside else None


class Alignments:
    """All sheets of a plan beside those of a file."""

    def __init__(self, book: Book, sheets: Mapping[str, StoredSheet], names: Mapping[str, str]) -> None:
        self.by_sheet = {
            sheet.name: align(sheet, sheets[names[sheet.name]]) for sheet in book.ordered() if sheet.name in names
        }
        self.names = {found.file_sheet: name for name, found in self.by_sheet.items()}
        """The plan's names of the file's sheets."""
        self.backward = {
            found.file_sheet.casefold(): Backward(
                name,
                {place: row for row, place in found.rows.items() if row in found.filled},
                {place: column for column, place in found.columns.items()},
                found.still,
            )
            for name, found in self.by_sheet.items()
        }
        self._forward = {
            name.casefold(): Backward(
                name, {row: row for row in found.filled}, {column: column for column in found.columns}, found.still
            )
            for name, found in self.by_sheet.items()
        }
        renamed = any(found.sheet != found.file_sheet for found in self.by_sheet.values())
        self.still = not renamed and all(found.still for found in self.by_sheet.values())

    def __getitem__(self, sheet: str) -> Alignment:
        return self.by_sheet[sheet]

    def in_plan(self, formula: str, file_sheet: str) -> Expr:
        """The tree of a formula of the file, with its references in the plan's terms. Raises FormulaError."""
        return substitute(parse(formula), lambda name: Name(self._name(name, file_sheet, self.backward)))

    def says_the_same(self, found: str, planned: str, sheet: str) -> bool:
        """Whether a formula of the file is the planned one of the sheet."""
        if found == planned and self.still:
            return True
        try:
            if self.still:
                return same(parse(found), parse(planned))
            mine = substitute(parse(planned), lambda name: Name(self._name(name, sheet, self._forward)))
            return same(self.in_plan(found, self.by_sheet[sheet].file_sheet), mine)
        except FormulaError:
            return False

    def text(self, formula: str, sheet: str, *, of_file: bool) -> str:
        """A formula or a list of ranges beside the cells, in the plan's terms and in one spelling."""
        ways = self.backward if of_file else self._forward
        home = self.by_sheet[sheet].file_sheet if of_file else sheet
        try:
            return to_excel(substitute(parse(formula), lambda name: Name(self._name(name, home, ways))))
        except (FormulaError, ValueError):
            return " ".join(formula.split())

    def _name(self, text: str, home: str, ways: Mapping[str, Backward]) -> str:
        reference = reference_of(text)
        if reference is None:
            return text
        way = ways.get((reference.sheet or home).casefold())
        if way is None:
            return f"elsewhere {text}"
        if reference.single or reference[1:3] == reference[3:5]:
            cell = way.cell(reference.top, reference.left)
            return f"{way.sheet} {cell} {reference.fixed[:2]}" if cell else f"put in {text}"
        if way.still:
            corners: object = reference[1:5]
        else:
            rows = way.span(way.rows, reference.top, reference.bottom)
            corners = rows, way.span(way.columns, reference.left, reference.right)
        return f"{way.sheet} {corners} {reference.fixed}"


def align(sheet: Sheet, stored: StoredSheet) -> Alignment:
    """Find the rows and columns of a plan's sheet in a sheet of a file."""
    filled = frozenset(row for (row, _), cell in sheet.cells.items() if _says(cell))
    across = sorted({column for _, column in sheet.cells} | set(sheet.widths))
    texts = {at: str(cell.value) for at, cell in sheet.cells.items() if _is_anchor(cell)}
    cells = stored.cells
    if all(at in cells and cells[at].value == text for at, text in texts.items()):
        rows = {row: row for row in range(sheet.last_row + 1)}
        return Alignment(sheet.name, stored.name, rows, {column: column for column in across}, True, filled)
    columns, sure = _columns(texts, cells, across)
    tied = _tied(sheet, texts, cells, columns)
    moved = tuple(sorted(tied.keys() - dict(_ascending(tied)).keys()))
    rows = _between(sheet, cells, columns, tied)
    columns = _columns_between(sheet, cells, rows, across, sure)
    still = all(a == b for a, b in rows.items()) and all(a == b for a, b in columns.items()) and filled <= rows.keys()
    if still:
        rows = {row: row for row in range(sheet.last_row + 1)}
    return Alignment(sheet.name, stored.name, rows, columns, still, filled, moved)


def _says(cell: Cell) -> bool:
    return cell.formula is not None or (cell.value is not None and cell.value != "")


def _is_anchor(cell: Cell) -> bool:
    return isinstance(cell.value, str) and cell.value != "" and cell.formula is None and not cell.unlocked


def _columns(
    texts: Mapping[tuple[int, int], str], cells: Cells, across: Iterable[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """By the columns of texts that stand once on both sides; those without one follow the column before.

    Also those that have one alone.
    """
    once = _once((text, at) for at, text in texts.items())
    there = _once((cell.value, at) for at, cell in cells.items() if isinstance(cell.value, str))
    votes: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for text, (_, column) in once.items():
        if text in there:
            votes[column][there[text][1]] += 1
    sure = {column: own.most_common(1)[0][0] for column, own in votes.items()}
    found: dict[int, int] = {}
    shift = 0
    for column in across:
        shift = sure[column] - column if column in sure else shift
        found[column] = column + shift
    return found, sure


def _columns_between(
    sheet: Sheet, cells: Cells, rows: Mapping[int, int], across: list[int], sure: dict[int, int]
) -> dict[int, int]:
    """All columns: those without a text of their own are told by what they hold, between those that have one."""
    last = max((column for _, column in cells), default=0)
    ends = [(-1, -1), *_ascending(sure), (across[-1] + 1, max(last, across[-1]) + 2)]
    by_column: defaultdict[int, dict[int, Cell]] = defaultdict(dict)
    for (row, column), cell in sheet.cells.items():
        if _says(cell):
            by_column[column][row] = cell
    found = dict(sure)

    def likeness(column: int, place: int) -> float:
        pairs = ((cell, cells.get((rows.get(row, -1), place))) for row, cell in by_column[column].items())
        return sum(_alike(cell, own) for cell, own in pairs if own is not None)

    for (start, start_place), (end, end_place) in pairwise(ends):
        open_columns = [column for column in across if start < column < end and column not in sure]
        places = list(range(start_place + 1, end_place))
        if end_place - start_place == end - start:
            found |= {column: column + start_place - start for column in open_columns}
        else:
            found |= _matched(open_columns, places, likeness)
    return found


def _once(pairs: Iterable[tuple[object, tuple[int, int]]]) -> dict[object, tuple[int, int]]:
    places: dict[object, tuple[int, int]] = {}
    twice = set()
    for text, at in pairs:
        if text in places:
            twice.add(text)
        places[text] = at
    return {text: at for text, at in places.items() if text not in twice}


def _tied(
    sheet: Sheet, texts: Mapping[tuple[int, int], str], cells: Cells, columns: Mapping[int, int]
) -> dict[int, int]:
    """Rows by their texts, in the column where they belong."""
    there: defaultdict[tuple[int, object], list[int]] = defaultdict(list)
    for (row, column), cell in cells.items():
        if isinstance(cell.value, str):
            there[column, cell.value].append(row)
    counts = Counter((column, text) for (_, column), text in texts.items())
    votes: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for (row, column), text in texts.items():
        found = there.get((columns[column], text), ())
        if len(found) == 1 == counts[column, text]:
            votes[row][found[0]] += KEY_VOTE if sheet.cells[row, column].style == "key" else TEXT_VOTE
    rows: dict[int, int] = {}
    taken: dict[int, int] = {}
    for row, own in sorted(votes.items(), key=lambda item: -max(item[1].values())):
        place = own.most_common(1)[0][0]
        if place not in taken:
            rows[row] = taken[place] = place
    return rows


def _between(sheet: Sheet, cells: Cells, columns: Mapping[int, int], tied: dict[int, int]) -> dict[int, int]:
    """All rows: those without a tie of their own stand between the nearest that have one."""
    last = max((row for row, _ in cells), default=0)
    anchors = _ascending(tied)
    edges = [(-1, -1), *anchors, (sheet.last_row + 1, max(last, sheet.last_row + anchors[-1][1] - anchors[-1][0]) + 1)
             if anchors else (sheet.last_row + 1, last + 1)]  # fmt: skip
    rows = dict(tied)
    taken = set(tied.values())
    for (start, start_place), (end, end_place) in pairwise(edges):
        open_rows = [row for row in range(start + 1, end) if row not in tied]
        places = [place for place in range(start_place + 1, end_place) if place not in taken]
        if len(open_rows) == end - start - 1 and end_place - start_place == end - start:
            rows |= {row: row + start_place - start for row in open_rows}
        else:
            wanted = [row for row in open_rows if any((row, column) in sheet.cells for column in columns)]
            rows |= _matched(wanted, places, partial(_likeness, sheet, cells, columns))
    return rows


def _ascending(tied: Mapping[int, int]) -> list[tuple[int, int]]:
    """The ties that keep their order, as many as there are: what was moved elsewhere is not among them."""
    pairs = sorted(tied.items())
    best: list[tuple[int, int]] = []  # length of the longest run that ends here, and the pair before
    for index, (_, place) in enumerate(pairs):
        lengths = [(best[before][0], before) for before in range(max(0, index - 60), index) if pairs[before][1] < place]
        length, before = max(lengths, default=(0, -1))
        best.append((length + 1, before))
    found = []
    index = max(range(len(best)), key=lambda at: best[at][0], default=-1)
    while index >= 0:
        found.append(pairs[index])
        index = best[index][1]
    return found[::-1]


def _matched(wanted: list[int], places: list[int], likeness: Callable[[int, int], float]) -> dict[int, int]:
    """Rows or columns in order put to places in order, so that what they hold agrees best."""
    score = [[0.0] * (len(places) + 1) for _ in range(len(wanted) + 1)]
    for i, own in enumerate(wanted, start=1):
        for j, place in enumerate(places, start=1):
            paired = score[i - 1][j - 1] + likeness(own, place) + 0.01
            score[i][j] = max(score[i - 1][j], score[i][j - 1], paired)
    found: dict[int, int] = {}
    i, j = len(wanted), len(places)
    while i and j:
        if score[i][j] == score[i][j - 1]:
            j -= 1
        elif score[i][j] == score[i - 1][j]:
            i -= 1
        else:
            found[wanted[i - 1]] = places[j - 1]
            i, j = i - 1, j - 1
    return found


def _likeness(sheet: Sheet, cells: Cells, columns: Mapping[int, int], row: int, place: int) -> float:
    """How much a row of the file holds what a row of the plan does."""
    total = 0.0
    for column, at in columns.items():
        planned, found = sheet.cells.get((row, column)), cells.get((place, at))
        if planned is None or found is None or not _says(planned):
            continue
        total += _alike(planned, found)
    return total


def _alike(planned: Cell, found: Stored) -> float:
    if planned.formula is not None:
        if found.formula is None:
            return -1.0
        return 2.0 if _shape(planned.formula) == _shape(found.formula) else 0.5
    return 2.0 if planned.value == found.value else -0.5


def _shape(formula: str) -> str:
    """A formula without its addresses and numbers, in one spelling."""
    return _ADDRESSES.sub("", formula).replace(" ", "").replace("'", "")
