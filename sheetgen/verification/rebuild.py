"""The workbook laid out again from its own inputs, and all that it shows compared with the file.

The same inputs give the same workbook, so whatever differs was changed since: looks, conditional formats, validations,
what is hidden, drawn, printed and protected, names, settings, properties. The plan is written without its cells, read
by the same reader as the file, and compared with it trait by trait.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sheetgen.base.numbers import from_serial
from sheetgen.scenario.model import Scenario
from sheetgen.verification.alignment import Alignment, Alignments
from sheetgen.verification.differences import Difference
from sheetgen.workbook.addresses import address, letter
from sheetgen.workbook.book import Book, Cell, Sheet
from sheetgen.workbook.file.number_format import meaning, sections, shows_text
from sheetgen.workbook.file.package import Package
from sheetgen.workbook.file.properties import properties_of
from sheetgen.workbook.file.sheet_traits import Place, SheetTraits, Terms, beside_cells, drawn_traits, sheet_traits
from sheetgen.workbook.file.stored import StoredBook, StoredSheet, read_stored
from sheetgen.workbook.file.styles_part import Look, Styles, read_styles
from sheetgen.workbook.file.xml_part import children
from sheetgen.workbook.paging import PAPERS

AREA, TITLES, PRIVATE = "_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm."
WRITES = "condition that writes"
OF_A_CHART = frozenset({"chart", "name in a chart"})
_PAPER = re.compile(rb'pageSetup[^<>]*? paperSize="(\d+)"')
NARROWER, OTHER_WIDTH = 0.5, 0.1
"""Shares of a column's width: from which on it hides figures, and which other programs leave."""


if TYPE_CHECKING:
    from sheetgen.workbook.writer import Styled


class Opened(NamedTuple):
    """A file: its package, its cells, its styles."""

    package: Package
    book: StoredBook
    styles: Styles

    @classmethod
    def of(cls, package: Package, book: StoredBook) -> Opened:
        """Read the styles of a package. Raises NotVerifiable for what is not read."""
        return cls(package, book, read_styles(package, package.main_part()))


def compare_looks(
    book: Book, scenario: Scenario, file: Opened, alignments: Alignments, *, edited: bool
) -> list[Difference]:
    """Everything beside the contents of cells that is not as the plan has it, whose cells hold their values.

    ``edited`` says that inputs may have been typed since the build, with which number formats and titles go.
    """
    from sheetgen.workbook.writer import shell_bytes  # XlsxWriter, needed in this process alone

    values = scenario.values
    as_of = from_serial(float(values["as_of"]))
    data, styled = shell_bytes(book, str(values["scenario"]), str(values["requester"]), as_of)
    package = Package(data, "the workbook as it would be built")
    built = Opened.of(package, read_stored(package))
    found: list[Difference] = []
    for sheet in book.ordered():
        found += _cells(book, sheet, built, styled, file, alignments[sheet.name], edited=edited)
        found += _sheet(sheet, built, file, alignments, edited=edited)
    found += _whole(built, file, alignments, edited=edited)
    return _grouped(found)


def _cells(
    book: Book, sheet: Sheet, built: Opened, styled: Styled, file: Opened, alignment: Alignment, *, edited: bool
) -> Iterator[Difference]:
    """How the cells of a sheet look."""
    scratch = built.book.sheets[-1].cells
    looks = [built.styles.of(scratch[row, 0].style) for row in range(len(styled.formats))]
    rows = styled.rows[sheet.name]
    stored = next(own for own in file.book.sheets if own.name == alignment.file_sheet).cells
    known: dict[tuple[int, str, bool], list[tuple[str, str, str]]] = {}
    for at, cell in sheet.cells.items():
        if cell.formula is None and (cell.value is None or cell.value == "") and not cell.unlocked:
            continue
        place = alignment.place(*at)
        own = None if place is None else stored.get(place)
        if own is None:
            continue
        row = rows[at]
        memory = row, own.style, isinstance(cell.value, str)
        if memory not in known:
            style, look = styled.formats[row], looks[row]
            known[memory] = list(_looks(book, style, look, file.styles.of(own.style), cell, edited=edited))
        for aspect, before, after in known[memory]:
            yield Difference(aspect, alignment.file_sheet, address(*place or at), sheet.key_at(at[0]), before, after)


def _looks(
    book: Book, style: tuple[str, str], built: Look, found: Look, cell: Cell, *, edited: bool
) -> Iterator[tuple[str, str, str]]:
    if isinstance(cell.value, str):
        if not shows_text(found.number):
            yield "meaning of a format", built.number, found.number
    elif sections(found.number) != sections(built.number):
        from sheetgen.workbook.writer import formats_of

        own = {sections(code) for code in formats_of(book, style[0])}
        if sections(found.number) in own:  # what one program rounds to 0 is 1e-12 in another
            if not edited:
                yield "format of another size", built.number, found.number
        else:
            same = meaning(found.number) == meaning(built.number)
            yield "format" if same else "meaning of a format", built.number, found.number
    if built.locked != found.locked:
        yield "lock", "locked" if built.locked else "open", "locked" if found.locked else "open"
    if edited and cell.unlocked:
        found = found._replace(alignment=built.alignment)
    words = built.differs_in(found)
    if words:
        yield "look", "", ", ".join(words)


def _sheet(sheet: Sheet, built: Opened, file: Opened, alignments: Alignments, *, edited: bool) -> Iterator[Difference]:
    """What a sheet says beside its cells."""
    alignment = alignments[sheet.name]
    mine = next(own for own in built.book.sheets if own.name == sheet.name)
    theirs = next(own for own in file.book.sheets if own.name == alignment.file_sheet)
    own_terms, terms = (_terms(sheet.name, alignments, of_file=of_file) for of_file in (False, True))
    before, after = drawn_traits(built.package, mine, own_terms), drawn_traits(file.package, theirs, terms)
    if not _spelled_alike(built, mine, file, theirs, alignments):
        one, other = (
            sheet_traits(opened.package, own, opened.styles, way)
            for opened, own, way in ((built, mine, own_terms), (file, theirs, terms))
        )
        before, after = one.traits | before, other.traits | after
        yield from _widths(one, other, alignment)
    gone = _charts(before) - _charts(after)
    for chart in sorted(gone):
        yield Difference(
            "chart gone", alignment.file_sheet, built=f"{chart}: {before.get(('chart', f'{chart}, title'), '')}"
        )
    for trait in dict.fromkeys((*before, *after)):
        if trait[0] in OF_A_CHART and str(trait[1]).partition(",")[0] in gone:
            continue
        was, now = before.get(trait), after.get(trait)
        aspect, place = trait
        if was == now or (edited and aspect == "header and footer"):
            continue
        if aspect == WRITES and now is None:
            aspect = "condition"  # one that is gone writes nothing
        cell, key, words = _told(place, sheet, alignment)
        shown = "none" if now is None else now
        if words and aspect != "header and footer":
            was, shown = (
                (f"{words}: {was}" if was else words if was is not None else None),
                (f"{words}: {now}" if now else words if now is not None else "none"),
            )
        yield Difference(aspect, alignment.file_sheet, cell, key, was or "", shown)


def _charts(traits: Iterable[tuple[str, Place]]) -> set[str]:
    """The charts of a sheet, as its traits number them."""
    return {str(place).partition(",")[0] for aspect, place in traits if aspect in OF_A_CHART}


def _spelled_alike(built: Opened, mine: StoredSheet, file: Opened, theirs: StoredSheet, alignments: Alignments) -> bool:
    """Whether a sheet says beside its cells what is built, to the letter: in a file that nobody saved since it was
    built no more is to be read, which saves a twelfth of the time of a verify."""
    return (
        alignments.still
        and mine.state == theirs.state
        and built.styles.extra == file.styles.extra
        and beside_cells(built.package, mine) == beside_cells(file.package, theirs)
    )


def _told(place: Place, sheet: Sheet, alignment: Alignment) -> tuple[str, str, str]:
    """The cell and key of a trait's place, and its words where it is no cell."""
    if isinstance(place, str):
        return "", "", place
    return alignment.address(*place), sheet.key_at(place[0]), ""


def _terms(name: str, alignments: Alignments, *, of_file: bool) -> Terms:
    alignment = alignments[name]
    rows = {place: row for row, place in alignment.rows.items()}
    columns = {place: column for column, place in alignment.columns.items()}

    def row(number: int) -> int | None:
        return rows.get(number) if of_file and not alignment.still else number

    def column(number: int) -> int | None:
        return columns.get(number) if of_file and not alignment.still else number

    return Terms(row, column, lambda text: alignments.text(text, name, of_file=of_file))


def _widths(before: SheetTraits, after: SheetTraits, alignment: Alignment) -> Iterator[Difference]:
    for column, width in before.widths.items():
        now = after.widths.get(column, width)
        if abs(now - width) > OTHER_WIDTH * width and now >= 1:
            aspect = "width that hides" if now < NARROWER * width else "width"
            where = letter(alignment.columns.get(column, column))
            yield Difference(aspect, alignment.file_sheet, "", "", f"column {where}: {width:.1f}", f"{now:.1f}")


def _whole(built: Opened, file: Opened, alignments: Alignments, *, edited: bool) -> Iterator[Difference]:
    """Names, settings and properties of the whole workbook, and the order of its sheets."""
    own = {found.file_sheet.casefold(): name for name, found in alignments.by_sheet.items()}
    before, after = _names(built, alignments, None), _names(file, alignments, own)
    for home, own_name in dict.fromkeys((*before, *after)):
        was, now = before.get((home, own_name), ""), after.get((home, own_name), "")
        if was != now:
            aspect = {AREA: "print area", TITLES: "print titles"}.get(own_name, "name")
            told = "" if aspect != "name" else f"{own_name} "
            yield Difference(aspect, home, "", "", f"{told}{was}" if was else "", f"{told}{now}".strip() or "none")
    order = [own[sheet.name.casefold()] for sheet in file.book.sheets if sheet.name.casefold() in own]
    if order != [sheet.name for sheet in built.book.sheets if sheet.name in order]:
        yield Difference("sheet moved", "the workbook", found=", ".join(order))
    for name, found in alignments.by_sheet.items():
        if name != found.file_sheet:
            yield Difference("sheet renamed", found.file_sheet, built=name, found=found.file_sheet)
        if not found.still and not found.moved:
            yield Difference("put in", found.file_sheet)
    for computing in children(file.book.root, "calcPr"):
        if computing.get("iterate", "0") not in {"0", "false"}:
            yield Difference("calculation", "the workbook", found="formulas that rest on themselves are repeated")
    was_said, now_said = properties_of(built.package), properties_of(file.package)
    for said, text in was_said.items():
        if text != now_said.get(said, "") and not edited:
            yield Difference("property", "the file", "", said, text, now_said.get(said, "") or "none")


def _names(opened: Opened, alignments: Alignments, own: Mapping[str, str] | None) -> dict[tuple[str, str], str]:
    """The names of cells, by sheet and name; what they mean in the plan's terms."""
    sheets = [sheet.name for sheet in opened.book.sheets]
    found: dict[tuple[str, str], str] = {}
    for entries in children(opened.book.root, "definedNames"):
        for entry in entries:
            name, local = entry.get("name", ""), entry.get("localSheetId", "")
            home = sheets[int(local)] if local.isdigit() and int(local) < len(sheets) else "the workbook"
            if own is not None and home != "the workbook":
                if home.casefold() not in own:
                    continue
                home = own[home.casefold()]
            if name.startswith(PRIVATE) and name not in {AREA, TITLES}:
                continue
            text = entry.text or ""
            plan = home if home in alignments.by_sheet else next(iter(alignments.by_sheet))
            found[home, name] = text if name == TITLES else alignments.text(text, plan, of_file=own is not None)
    return found


def paper_of(package: Package, sheet: StoredSheet) -> str:
    """The paper that a sheet is laid out for."""
    numbers = {found.decode() for found in _PAPER.findall(package.read(sheet.part))}
    return next((name for name, (number, _) in PAPERS.items() if str(number) in numbers), "A4")


def _grouped(found: list[Difference]) -> list[Difference]:
    """Cells that differ alike told as one, with how many there are."""
    groups: dict[tuple[str, ...], list[Difference]] = {}
    for item in found:
        alike = (item.aspect, item.sheet, item.built, item.found) if item.cell else tuple(item)
        groups.setdefault(alike, []).append(item)
    return [
        own[0] if len(own) == 1 else own[0]._replace(cell=f"{own[0].cell} and {len(own) - 1} more", key="")
        for own in groups.values()
    ]
