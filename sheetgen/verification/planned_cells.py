"""The cells of a file beside those of its plan, one by one: formulas, constants, texts, and what stands beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from sheetgen.verification.alignment import Alignment, Alignments
from sheetgen.verification.differences import Difference
from sheetgen.verification.input_formulas import complaint_of, reads_cells, references
from sheetgen.verification.verdict import Overwritten
from sheetgen.workbook.addresses import address
from sheetgen.workbook.book import LABEL, Book, Sheet
from sheetgen.workbook.cells import Cell
from sheetgen.workbook.file.cells import ErrorText, Stored
from sheetgen.workbook.file.stored import StoredSheet

INPUT_KINDS = frozenset({"Inputs"})
"""Kinds of sheet on which a user types figures."""
MOST_SHOWN = 200


class Compared(NamedTuple):
    """Cells compared: how many formulas there are, what was overwritten, and what else differs."""

    formulas: int
    overwritten: list[Overwritten]
    differences: list[Difference]


def compare_cells(book: Book, sheets: Mapping[str, StoredSheet], alignments: Alignments) -> Compared:
    """Compare every cell of the plan with the file's, and list what the file has beside them."""
    overwritten: list[Overwritten] = []
    differences: list[Difference] = []
    formulas = 0
    for sheet in book.ordered():
        found = alignments[sheet.name]
        stored = sheets[found.file_sheet].cells
        for at, cell in sheet.cells.items():
            place = found.place(*at)
            own = None if place is None else stored.get(place)
            formulas += cell.formula is not None
            change = _change(cell, own, sheet, alignments)
            if change is not None:
                overwritten.append(_overwritten(sheet, found, at, cell, change))
            elif cell.formula is None:
                differences += _difference(sheet, found, at, cell, own)
        differences += _twice(sheet, found, sheets[found.file_sheet])
    return Compared(formulas, overwritten, differences)


def _change(cell: Cell, own: Stored | None, sheet: Sheet, alignments: Alignments) -> str | None:
    """What stands in the place of a formula or of a locked number, in words; None where it is as planned."""
    if cell.formula is not None:
        if own is not None and own.formula is not None and not own.array:
            same = alignments.says_the_same(own.formula, cell.formula, sheet.name)
            return None if same else f"={own.formula}"
        return f"the array formula ={own.formula}" if own is not None and own.array else _constant(own)
    if cell.unlocked or sheet.read_back:
        return f"={own.formula}" if own is not None and own.formula is not None and not cell.unlocked else None
    if isinstance(cell.value, (int, float)):
        if own is not None and own.formula is not None:
            return f"={own.formula}"
        return None if own is not None and own.value == cell.value else _constant(own)
    return None


def _overwritten(sheet: Sheet, found: Alignment, at: tuple[int, int], cell: Cell, change: str) -> Overwritten:
    label, key = sheet.cells.get((at[0], LABEL)), sheet.cells.get((at[0], sheet.key_column))
    expected = cell.formula if cell.formula is not None else str(cell.value)
    return Overwritten(
        found.file_sheet,
        found.address(*at),
        str(label.value or "") if label else "",
        str(key.value or "") if key else "",
        expected,
        change,
    )


def _constant(own: Stored | None) -> str:
    if own is None or own.value is None or own.value == "":
        return "empty"
    if isinstance(own.value, ErrorText):
        return f"error {own.value}"
    return f"the constant {own.value!r}"


def _difference(
    sheet: Sheet, found: Alignment, at: tuple[int, int], cell: Cell, own: Stored | None
) -> list[Difference]:
    """What differs of an input, of a text, or of an empty cell."""
    if own is None or own.formula is None:
        if cell.unlocked:
            return []
        shown = "" if own is None or own.value is None else own.value
        planned = "" if cell.value is None else cell.value
        alike = planned == "" or isinstance(planned, (int, float)) or shown == planned
        if alike or _same_text(str(shown), str(planned)):
            return []
        where = found.file_sheet, found.address(*at), sheet.key_at(at[0])
        return [Difference("text", *where, built=str(planned), found=str(shown) or "empty")]
    where = found.file_sheet, found.address(*at), sheet.key_at(at[0])
    if cell.unlocked:
        bad = complaint_of(own.formula)
        if bad is not None:
            return [Difference("forbidden input formula", *where, found=f"={own.formula}: {bad}")]
        return [Difference("input formula", *where, found=f"={own.formula}")]
    return [Difference("formula in a cell", *where, built=str(cell.value or ""), found=f"={own.formula}")]


def _same_text(found: str, planned: str) -> bool:
    return found.replace("\r\n", "\n").strip() == planned.strip()


def _twice(sheet: Sheet, found: Alignment, stored: StoredSheet) -> Iterator[Difference]:
    """Keys of the plan that stand a second time in the column of keys."""
    column = found.columns.get(sheet.key_column, sheet.key_column)
    for (row, at), cell in stored.cells.items():
        if at == column and isinstance(cell.value, str) and cell.value in sheet.key_rows:
            planned = found.place(sheet.key_rows[cell.value], sheet.key_column)
            if planned is not None and planned[0] != row:
                yield Difference("key twice", stored.name, address(row, at), cell.value)


def contents_beside(book: Book, sheets: Iterable[StoredSheet], alignments: Alignments) -> list[Difference]:
    """What cells hold that are in no plan: on sheets of the plan cell by cell, and the sheets that are in none."""
    ours = {found.file_sheet: name for name, found in alignments.by_sheet.items()}
    wanted = _read_by_formulas(book, sheets, alignments, ours)
    keys = {key for sheet in book.ordered() for key in sheet.key_rows}
    differences: list[Difference] = []
    for stored in sheets:
        if stored.name in ours:
            differences += _beside(book.sheets[ours[stored.name]], stored, alignments, wanted)
        else:
            differences += _other_sheet(stored, keys)
    return differences


def _beside(
    sheet: Sheet, stored: StoredSheet, alignments: Alignments, wanted: Callable[[str, int, int], bool]
) -> Iterator[Difference]:
    found = alignments[sheet.name]
    planned = {found.place(*at) for at in sheet.cells} if not found.still else sheet.cells
    blank = {found.place(*at) for at, cell in sheet.cells.items() if cell.formula is None and cell.value in {None, ""}}
    for at, cell in stored.cells.items():
        if at in planned and (at not in blank or _may_be_filled(sheet, found, at)):
            continue
        if cell.formula is None and (cell.value is None or cell.value == ""):
            continue
        where = stored.name, address(*at)
        if cell.formula is not None and reads_cells(cell.formula):
            yield Difference("formula beside", *where, found=f"={cell.formula}")
        elif isinstance(cell.value, str) and cell.formula is None:
            yield Difference("text beside", *where, found=cell.value[:MOST_SHOWN])
        elif wanted(stored.name, *at):
            yield Difference("figure read", *where, found=str(cell.formula or cell.value))
        elif sheet.kind in INPUT_KINDS:
            yield Difference("figure beside inputs", *where, found=str(cell.formula or cell.value))
        else:
            yield Difference("figure beside", *where, found=f"={cell.formula}" if cell.formula else str(cell.value))


def _may_be_filled(sheet: Sheet, found: Alignment, at: tuple[int, int]) -> bool:
    """Whether an empty cell of the plan is there to be filled: an input, a line to sign."""
    rows = {place: row for row, place in found.rows.items()}
    columns = {place: column for column, place in found.columns.items()}
    cell = sheet.cells.get((rows.get(at[0], -1), columns.get(at[1], -1)))
    return cell is not None and (cell.unlocked or cell.style == "sign")


def _read_by_formulas(
    book: Book, sheets: Iterable[StoredSheet], alignments: Alignments, ours: Mapping[str, str]
) -> Callable[[str, int, int], bool]:
    """Whether a formula of the plan's cells, as the file has them, reads a cell; asked for inputs that are formulas."""
    texts: list[tuple[str, str]] = []
    for stored in sheets:
        name = ours.get(stored.name)
        if name is None:
            continue
        found = alignments[name]
        for at, cell in book.sheets[name].cells.items():
            place = found.place(*at) if cell.unlocked else None
            own = None if place is None else stored.cells.get(place)
            if own is not None and own.formula is not None:
                texts.append((stored.name, own.formula))
    areas = [(home, reference) for home, text in texts for reference in references(text)]

    def wanted(sheet: str, row: int, column: int) -> bool:
        return any(
            (area.sheet or home).casefold() == sheet.casefold()
            and area.top <= row <= area.bottom
            and area.left <= column <= area.right
            for home, area in areas
        )

    return wanted


def _other_sheet(stored: StoredSheet, keys: set[str]) -> Iterator[Difference]:
    """A sheet that was not built, and figures typed in it under keys of the budget."""
    held = [cell for cell in stored.cells.values() if cell.formula is not None or cell.value not in {None, ""}]
    yield Difference("sheet beside", stored.name, found=f"{len(held)} cells")
    rows: dict[int, str] = {}
    for (row, _), cell in stored.cells.items():
        if isinstance(cell.value, str) and cell.formula is None and cell.value in keys:
            rows.setdefault(row, cell.value)
    for (row, column), cell in stored.cells.items():
        if row in rows and cell.formula is None and isinstance(cell.value, float):
            yield Difference("figure in a copy", stored.name, address(row, column), rows[row], found=str(cell.value))
