"""The templates that a workbook was built with, by what it says of itself: installed packages and named directories."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sheetgen.base.errors import InvalidInput, NotVerifiable, one_line, shorten
from sheetgen.base.extensions import Extension, installed, of_directories
from sheetgen.base.templates import Templates, packaged
from sheetgen.workbook.definitions import Definitions
from sheetgen.workbook.file.stored import StoredBook
from sheetgen.workbook.records import EXTENSION, extension_facts
from sheetgen.workbook.sheet import LABEL

MAX_NAMED = 20
ABSENT = "which is not here: install it, or name its directory with --templates"


def definitions_of(book: StoredBook, directories: Sequence[str | Path]) -> Definitions:
    """What the templates say that a file names, of those that are installed or in the directories.

    Raises NotVerifiable, with what is missing, where one of them is not there, is another version of itself, or is not
    as it should be; and where a directory is given that the file was not built with.
    """
    named = _named(book)
    if not named and not directories:
        return Definitions.of(packaged())
    from sheetgen.verification.extended import extended  # these are for few files, and slow to import
    from sheetgen.workbook.own_check import checked

    try:
        there = (*(installed() if named else ()), *of_directories(directories))
        chosen, missing = _chosen(named, there)
        unused = [path for path, own in zip(directories, of_directories(directories), strict=True) if own not in chosen]
        if missing:
            raise NotVerifiable("\n".join(f"{book.file}: was built with {text}" for text in missing))
        if unused:
            raise NotVerifiable(f"{book.file}: was not built with the templates of {', '.join(map(str, unused))}")
        templates = checked(Templates.of(chosen))
        extended(templates)
    except InvalidInput as error:
        raise NotVerifiable(str(error)) from error
    return Definitions.of(templates)


def _named(book: StoredBook) -> list[tuple[str, str]]:
    """The extensions that a file says it was built with: the label of each row, and what it says."""
    sheet, table = Definitions.of(packaged()).table_of("facts")
    column = table.places(Definitions.of(packaged()).plain_list)["text"]
    stored = book.sheet(sheet)
    found: list[tuple[str, str]] = []
    for (row, place), cell in stored.cells.items() if stored is not None else ():
        if place == LABEL and isinstance(cell.value, str) and cell.value.startswith(EXTENSION):
            beside = stored.cells.get((row, column)) if stored is not None else None
            found.append((cell.value, str(beside.value) if beside is not None else ""))
    if len(found) > MAX_NAMED:
        raise NotVerifiable(f"{book.file}: names more than {MAX_NAMED} extensions")
    return found


def _chosen(named: Sequence[tuple[str, str]], there: Sequence[Extension]) -> tuple[tuple[Extension, ...], list[str]]:
    """The extensions that the file names, in its order, and in words those that are not there as it names them."""
    known: dict[str, list[tuple[Extension, str]]] = {}
    for extension in there:
        for label, text in extension_facts((extension,)):
            known.setdefault(label, []).append((extension, text))
    chosen: list[Extension] = []
    missing: list[str] = []
    for label, text in named:
        found = known.get(label, [])
        same = next((extension for extension, own in found if own == text), None)
        if same is not None:
            chosen.append(same)
            continue
        what = shorten(one_line(f"{label[:1].lower()}{label[1:]} ({text})"), 150)
        missing.append(f"{what}, {f'which is here as {found[0][1]}' if found else ABSENT}")
    return tuple(chosen), missing
