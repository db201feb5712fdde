"""Which sheetgen, and which templates, a workbook was built by: read before anything else is made of it."""

from __future__ import annotations

import re

from sheetgen import __version__
from sheetgen.base.errors import NotVerifiable, one_line
from sheetgen.base.resources import templates_digest
from sheetgen.workbook.file.stored import StoredBook
from sheetgen.workbook.records import GENERATOR_FACT, TEMPLATES_FACT

FACTS = frozenset({GENERATOR_FACT, TEMPLATES_FACT})
NEAR = 8
"""Columns behind a label within which its text stands."""
_OURS = re.compile(r"sheetgen (\d+(?:\.\w+)*)")


def refuse_other_generations(book: StoredBook) -> None:
    """Raise NotVerifiable for a workbook of another version, or of other templates than those of this installation.

    A workbook that does not say what it was built by passes here.
    """
    said = _said(book)
    found = _OURS.fullmatch(said.get(GENERATOR_FACT, ""))
    if found is None:
        return
    version, digest = found[1], said.get(TEMPLATES_FACT, "")
    if version != __version__:
        raise NotVerifiable(
            f"{book.file}: built by sheetgen {version}, this is sheetgen {__version__}: verify with sheetgen {version}"
        )
    if digest != templates_digest():
        other = one_line(digest)[:16] or "not said"
        raise NotVerifiable(
            f"{book.file}: built by sheetgen {version} with other templates than are here (SHA-256 {other}…, here "
            f"{templates_digest()[:16]}…): verify with the installation that built it"
        )


def _said(book: StoredBook) -> dict[str, str]:
    """What stands beside the labels of both facts, on whatever sheet and in whatever columns they are."""
    found: dict[str, str] = {}
    for sheet in book.sheets:
        for (row, column), cell in sheet.cells.items():
            if cell.value in FACTS and cell.formula is None:
                beside = (sheet.cells.get((row, column + step)) for step in range(1, NEAR))
                text = next((own.value for own in beside if own is not None and own.value not in {None, ""}), "")
                found.setdefault(str(cell.value), str(text))
    return found
