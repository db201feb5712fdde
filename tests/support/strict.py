"""The small sample book as the strict reader finds it, with parts of its XML replaced."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from sheetgen.workbook.file.package import open_package
from sheetgen.workbook.file.stored import StoredBook, read_stored

SHEET, BOOK, TEXTS = "xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/sharedStrings.xml"


BOOK_LINKS = "xl/_rels/workbook.xml.rels"


B1 = r'<c r="B1" s="\d+"><f>(SUM[^<]*)</f><v>7.5</v></c>'


WHERE = "sheet Model: cell B1"


Edit = Callable[[str], str]


def read(path: Path) -> StoredBook:
    """The stored book of a file."""
    return read_stored(open_package(path))


def sub(pattern: str, replacement: str) -> Edit:
    """Replace a pattern once; it must be there."""

    def edit(text: str) -> str:
        changed, count = re.subn(pattern, replacement, text, count=1, flags=re.DOTALL)
        assert count == 1, pattern
        return changed

    return edit


def b1(new: str) -> Edit:
    r"""Replace the cell Model!B1; ``\1`` is its formula."""
    return sub(B1, new)
