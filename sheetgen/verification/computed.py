"""A file as it was read and computed, and the plan of the workbook that its inputs give, laid beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from sheetgen.scenario.model import Scenario
from sheetgen.verification.alignment import Alignments
from sheetgen.verification.built_with import definitions_of
from sheetgen.verification.generation import refuse_other_generations
from sheetgen.verification.rebuild import Opened, paper_of
from sheetgen.verification.view import View, moved_columns, sheet_names
from sheetgen.workbook.blocks.inputs import Inputs
from sheetgen.workbook.book import Book
from sheetgen.workbook.definitions import Definitions
from sheetgen.workbook.evaluator import Evaluator
from sheetgen.workbook.file.package import Package, open_package
from sheetgen.workbook.file.stored import StoredBook, StoredSheet, read_stored
from sheetgen.workbook.money import MILLIONS, PLAIN
from sheetgen.workbook.names import FIRST_CASE
from sheetgen.workbook.plan import plan
from sheetgen.workbook.read_tables import key_rows
from sheetgen.workbook.read_texts import with_texts
from sheetgen.workbook.reader import Reading

LOST = 1_000_000  # where nothing stands: the row of a row that is gone

Places = dict[str, dict[int, int]]
"""The row in the file of every row of the plan, sheet by sheet."""


class File(NamedTuple):
    """A file as it was read and computed.

    ``view`` gives its cells by sheets and columns of a plan, ``sheets`` its sheets by their own names, ``needed`` those
    that a budget rests on; ``formulas`` is how many cells of those have one. ``definitions`` are what the templates say
    that it was built with.
    """

    view: View
    sheets: Mapping[str, StoredSheet]
    opened: Opened
    needed: list[StoredSheet]
    formulas: int
    definitions: Definitions


def computed(path: Path, directories: Sequence[str | Path] = ()) -> File:
    """Read a file strictly and compute it, by the directories of templates that it was built with; to be called in a
    child. Raises NotVerifiable for what is not read or computed."""
    package = open_package(path)
    found = computing(package, read_stored(package), directories)
    found.view.evaluator.wait()
    return found


def computing(package: Package, book: StoredBook, directories: Sequence[str | Path]) -> File:
    """A file that was read, whose formulas are being computed; what cannot be is told to who asks for its value."""
    refuse_other_generations(book)
    definitions = definitions_of(book, directories)
    names = sheet_names(book, definitions)
    needed = book.needed(set(names.values()))
    data, formulas = book.poisoned(needed)
    book.bare.clear()
    evaluator = Evaluator.from_bytes(data)
    evaluator.recalculate_beside()
    sheets = {sheet.name: sheet for sheet in book.sheets}
    view = View(sheets, evaluator, names, moved_columns(book, names, definitions))
    return File(view, sheets, Opened.of(package, book), needed, formulas, definitions)


def laid_out(file: File, written: Scenario) -> tuple[Book, Alignments, Places]:
    """The plan of a file whose inputs and texts were read, and where its cells stand; from then on its view goes by the
    plan."""
    book = plan(written, checked=True)
    _say_unit(book, file)
    alignments = Alignments(book, file.sheets, file.view.names)
    file.view.columns = {name: found.columns for name, found in alignments.by_sheet.items() if not found.still}
    places = {
        name: {row: found.rows.get(row, LOST) for row in range(book.sheets[name].last_row + 1)}
        for name, found in alignments.by_sheet.items()
    }
    return book, alignments, places


def _say_unit(book: Book, file: File) -> None:
    """Say in which unit amounts are shown as the file does: it goes by the total at the build."""
    inputs = file.definitions.sheet_with(Inputs)
    rows = key_rows(file.view, inputs.name, inputs.key_column(file.view))
    said = (block.shown_in for block in inputs.blocks if isinstance(block, Inputs))
    row = next((rows.get(entry["key"]) for entry in said if entry is not None), None)
    size = None if row is None else file.view.value(inputs.name, row, FIRST_CASE)
    book.say_unit(MILLIONS if size == MILLIONS.size else PLAIN)


def as_written(file: File, reading: Reading) -> Scenario:
    """The scenario with the texts and the paper of its workbook."""
    assert reading.scenario is not None
    rows = reading.rows[reading.sheet]
    scenario = with_texts(reading.scenario, file.view, rows, reading.provenance, file.definitions)
    return replace(scenario, paper=paper_of(file.opened.package, file.sheets[file.view.names[reading.sheet]]))
