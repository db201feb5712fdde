"""``recalc``: a copy of a workbook that stores what its formulas compute, changed in nothing else.

A program that writes a workbook without computing it leaves the old results, or none, and previews show those. The copy
has the same parts byte for byte but for the results in the sheets.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sheetgen.base.child import in_child
from sheetgen.base.errors import NotVerifiable, one_line
from sheetgen.base.files import check_target, replace_file

if TYPE_CHECKING:
    from sheetgen.workbook.evaluator import Evaluator
    from sheetgen.workbook.file.results import Result
    from sheetgen.workbook.file.stored import StoredSheet

MAX_NAMED = 5
ERROR_TEXTS = {
    "Div": "#DIV/0!", "Na": "#N/A", "Value": "#VALUE!", "Num": "#NUM!", "Ref": "#REF!", "Null": "#NULL!",
}  # fmt: skip


class Recalculated(NamedTuple):
    """Where the copy is, how many formulas it has, and how many of their results are new."""

    path: Path
    formulas: int
    changed: int


def recalc(workbook: str | Path, output: str | Path) -> Recalculated:
    """Write a copy that stores the right results.

    Raises NotVerifiable where the file cannot be read, has settings or contents by which other programs compute
    otherwise, or a formula that is not computed here; nothing is written then. BuildError when the disk refuses.
    """
    from sheetgen.verification.workbook import limits_of

    source, target = Path(workbook), Path(output)
    check_target(target, ".xlsx", inputs=[source])
    data, formulas, changed = in_child(lambda: _recalculated(source), limits_of(source), one_line(str(source)))
    replace_file(target, data)
    return Recalculated(target, formulas, changed)


def _recalculated(source: Path) -> tuple[bytes, int, int]:
    from sheetgen.workbook.evaluator import Evaluator
    from sheetgen.workbook.file.package import open_package
    from sheetgen.workbook.file.results import with_results
    from sheetgen.workbook.file.stored import read_stored

    package = open_package(source)
    book = read_stored(package)
    if book.foreign:
        raise NotVerifiable(f"{book.file}: is not recalculated, because it has {'; '.join(book.foreign)}")
    bare, formulas = book.poisoned(book.sheets)
    evaluator = Evaluator.from_bytes(bare)
    evaluator.recalculate()
    parts, changed = {}, 0
    for sheet in book.sheets:
        results = _new_results(sheet, evaluator, book.file)
        if results:
            changed += len(results)
            place = f"{book.file}: sheet {one_line(sheet.name)[:40]}"
            parts[sheet.part] = with_results(package.read(sheet.part), results, place)
    return package.with_parts(parts), formulas, changed


def _new_results(sheet: StoredSheet, evaluator: Evaluator, file: str) -> Mapping[tuple[int, int], Result]:
    """The results of a sheet that are not stored as they are computed."""
    from sheetgen.verification.stored_results import is_stored
    from sheetgen.workbook.addresses import address
    from sheetgen.workbook.evaluator import CellError
    from sheetgen.workbook.file.cells import ErrorText

    found: dict[tuple[int, int], Result] = {}
    unknown = []
    for (row, column), cell in sheet.cells.items():
        if cell.formula is None:
            continue
        computed = evaluator.value(sheet.name, row, column)
        if isinstance(computed, CellError):
            if computed.kind not in ERROR_TEXTS:
                unknown.append(f"{sheet.name}!{address(row, column)}")
                continue
            computed = ErrorText(ERROR_TEXTS[computed.kind])
        computed = 0 if computed is None else computed
        if isinstance(computed, ErrorText) or not is_stored(cell, computed, sheet.name, evaluator):
            found[row, column] = computed
    if unknown:
        more = f" and {len(unknown) - MAX_NAMED} more" if len(unknown) > MAX_NAMED else ""
        raise NotVerifiable(f"{file}: formulas that are not computed here, in {', '.join(unknown[:MAX_NAMED])}{more}")
    return found
