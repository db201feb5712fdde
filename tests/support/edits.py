"""Edits of an .xlsx file that touch nothing but the cells or parts asked for.

Saving through openpyxl drops every cached value and whatever else it does not know, so a file that a test
wants to poison, to edit like a user, or to break, is edited as text inside the zip: every other byte stays
what it was.
"""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from xml.sax.saxutils import escape

from tests.support.package import CellKey, formula_cells, read_book

FIRST_POISON = -700_000_000.125  # no budget holds it, and it is exact in binary, so that an echo is recognised

_CELL = re.compile(r"<c(?P<attributes>\s[^>]*?)(?:/>|>(?P<body>.*?)</c>)", re.DOTALL)
_ADDRESS = re.compile(r'\sr="([^"]*)"')
_TYPE = re.compile(r'\st="[^"]*"')
_METADATA = re.compile(r'\s[cv]m="[^"]*"')
_FORMULA = re.compile(r"<f(?:\s[^>]*?)?(?:/>|>.*?</f>)", re.DOTALL)

PartEdit = Callable[[str], str]


def poison_caches(path: Path, out: Path) -> dict[CellKey, float]:
    """Write a copy in which every formula's stored value is a wrong number, and return that number for each
        cell.

    Text and boolean results become numbers too. An engine that recalculates never shows one of them; an
    engine that echoes the file shows them all. Each number differs from the others. Raises ValueError when
    a formula was missed.
    """
    poison = {key: FIRST_POISON - index for index, key in enumerate(formula_cells(path))}

    def edit_sheet(sheet: str, text: str) -> str:
        def replace(match: re.Match[str]) -> str:
            formula = _FORMULA.search(match["body"] or "")
            if formula is None:
                return match[0]
            key = (sheet, _address(match))
            written.add(key)
            attributes = _TYPE.sub("", match["attributes"])
            return f"<c{attributes}>{formula[0]}<v>{poison[key]!r}</v></c>"

        return _CELL.sub(replace, text)

    written: set[CellKey] = set()
    sheets = {sheet.part: sheet.name for sheet in read_book(path).sheets}
    edit_parts(path, out, {part: partial(edit_sheet, name) for part, name in sheets.items()}, must_change=False)
    if missed := poison.keys() - written:
        raise ValueError(f"{path.name}: formulas not poisoned: {sorted(missed)[:5]}")
    return poison


def poisoned_copy(path: Path) -> tuple[Path, Mapping[CellKey, float]]:
    """A copy with poisoned caches and its poison, made once for each state of the file; it goes with the process."""
    state = path.stat()
    return _poisoned_copy(path, state.st_mtime_ns, state.st_size, state.st_ino)


@lru_cache(maxsize=64)
def _poisoned_copy(path: Path, *state: int) -> tuple[Path, Mapping[CellKey, float]]:
    out = _room() / f"{'-'.join(map(str, state))}.xlsx"
    return out, poison_caches(path, out)


@cache
def _room() -> Path:
    room = Path(tempfile.mkdtemp(prefix="poisoned-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    return room


def set_cells(
    path: Path, out: Path, changes: Mapping[CellKey, float | str | bool | None], *, stale: bool = False
) -> None:
    """Write a copy with constants typed into cells, as a user would: the style stays, a formula is
    overwritten.

    A number is stored as it is, a text as an inline string, None empties the cell. Nothing is recalculated: the copy
    stores no result, as after a save by a library, or the old ones when ``stale``. Raises ValueError when a cell is not
    in the file (a styled empty cell is).
    """

    def edit_sheet(sheet: str, text: str) -> str:
        def replace(match: re.Match[str]) -> str:
            key = (sheet, _address(match))
            if key not in changes:
                return match[0] if stale else _without_result(match[0])
            written.add(key)
            return _constant_cell(_METADATA.sub("", _TYPE.sub("", match["attributes"])), changes[key])

        return _CELL.sub(replace, text)

    written: set[CellKey] = set()
    wanted = {sheet for sheet, _ in changes}
    sheets = {sheet.part: sheet.name for sheet in read_book(path).sheets if not stale or sheet.name in wanted}
    edit_parts(path, out, {part: partial(edit_sheet, name) for part, name in sheets.items()}, must_change=False)
    if missed := changes.keys() - written:
        raise ValueError(f"{path.name}: no such cells: {sorted(missed)[:5]}")


def edit_parts(
    path: Path,
    out: Path,
    edits: Mapping[str, PartEdit],
    *,
    add: Mapping[str, bytes] | None = None,
    must_change: bool = True,
) -> None:
    """Write a copy in which the text of some parts is edited and other parts are added, in the zip's own
        order.

    Raises ValueError when a part to edit is not there, or when an edit changed nothing (``must_change``): a
    negative control that breaks nothing would prove nothing.
    """
    if path == out:
        raise ValueError(f"{path}: a copy needs a name of its own")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        if unknown := edits.keys() - set(source.namelist()):
            raise ValueError(f"{path.name}: no such part: {sorted(unknown)}")
        for info in source.infolist():
            data = source.read(info)
            if edit := edits.get(info.filename):
                edited = edit(data.decode("utf-8")).encode("utf-8")
                if must_change and edited == data:
                    raise ValueError(f"{path.name}: the edit of {info.filename} changed nothing")
                data = edited
            target.writestr(info, data, compresslevel=1)  # a copy is read once or twice
        for name, data in (add or {}).items():
            target.writestr(name, data)


def _without_result(cell: str) -> str:
    """A cell with a formula without what the formula came to."""
    head, end, rest = cell.rpartition("</f>")
    return f"{head}{end}</c>" if end and rest.startswith("<v>") else cell


def _address(match: re.Match[str]) -> str:
    found = _ADDRESS.search(match["attributes"])
    return found[1] if found else ""


def _constant_cell(attributes: str, value: float | str | bool | None) -> str:
    if value is None:
        return f"<c{attributes}/>"
    if isinstance(value, bool):
        return f'<c{attributes} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c{attributes} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f"<c{attributes}><v>{value!r}</v></c>"
