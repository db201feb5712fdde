"""Four programs that recompute a workbook and share no code with the product or with each other.

IronCalc and Cellrune are Rust libraries, LibreOffice and Gnumeric are spreadsheet programs. Every function
first poisons the cached values of a private copy (:func:`tests.support.edits.poison_caches`), so that a
value can only come from the formula; should an engine hand back the poison, :class:`EchoError` is raised.
The results hold the formula cells only, keyed by sheet name and address; a result that is an error is an
:class:`ErrorValue`.

LibreOffice writes ``#VALUE!`` for errors that xlsx can name more exactly, and 1 for TRUE in a cell with a
number format: compare with ``loose=True``.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import cellrune
import ironcalc

from tests.support.edits import poison_caches, poisoned_copy, set_cells
from tests.support.grid import column_letters, split_address
from tests.support.office import XLSX, ConversionError, convert, pdf_text, render_pages, to_pdf
from tests.support.package import (
    CachedValue,
    CellKey,
    ErrorValue,
    Value,
    cached_values,
    formula_cells,
)
from tests.support.tools import need, run

__all__ = [
    "CachedValue",
    "CellKey",
    "ConversionError",
    "EchoError",
    "ErrorValue",
    "Value",
    "cached_values",
    "cellrune_values",
    "compare",
    "formula_cells",
    "gnumeric_values",
    "ironcalc_values",
    "libreoffice_values",
    "pdf_text",
    "poison_caches",
    "render_pages",
    "set_cells",
    "to_pdf",
]

GNUMERIC_SECONDS = 120.0
ROWS_AT_ONCE = 1000
SMALLEST_SCALE = 1e-6


class EchoError(Exception):
    """An engine returned the poisoned cache of a cell instead of computing it."""


def ironcalc_values(path: Path) -> dict[CellKey, Value]:
    """Every formula's value by IronCalc. Raises ironcalc.WorkbookError for a file it cannot read, and
    EchoError.
    """
    poisoned, poison = poisoned_copy(path)
    model = ironcalc.load_from_xlsx(str(poisoned))
    model.evaluate()
    index = {entry["name"]: number for number, entry in enumerate(model.get_worksheets_properties())}
    values: dict[CellKey, Value] = {}
    for sheet, address in poison:
        place = (index[sheet], *split_address(address))
        value = model.get_cell_value(*place)
        if model.get_cell_type(*place) == ironcalc.CellType.ErrorValue:
            values[sheet, address] = ErrorValue(str(value))
        else:
            values[sheet, address] = ErrorValue("no value") if value is None else value
    return _refuse_echo(values, poison)


def cellrune_values(path: Path) -> dict[CellKey, Value]:
    """Every formula's value by Cellrune, in Excel's near-zero arithmetic.

    What it cannot compute is ``ErrorValue("unavailable: <code>")``. Raises cellrune.CellRuneError for a
    file that its strict reader refuses, and EchoError.
    """
    poisoned, poison = poisoned_copy(path)
    book = cellrune.Workbook.open_path(poisoned)
    book.calculate()
    values: dict[CellKey, Value] = {}
    for sheet in dict.fromkeys(sheet for sheet, _ in poison):
        places = {split_address(address): address for name, address in poison if name == sheet}
        width = max(column for _, column in places)
        for first in range(1, max(row for row, _ in places) + 1, ROWS_AT_ONCE):
            last = first + ROWS_AT_ONCE - 1
            rows = book.read_values(sheet, f"A{first}", f"{column_letters(width)}{last}")
            for (row, column), address in places.items():
                if first <= row <= last:
                    values[sheet, address] = _cellrune_value(dict(rows[row - first][column - 1]))
    book.close()
    return _refuse_echo(values, poison)


def libreoffice_values(paths: Sequence[Path], workdir: Path) -> list[dict[CellKey, Value]]:
    """Every formula's value by LibreOffice, one result for each file, all files in one run of soffice.

    ``workdir`` receives the copies and the converted files. Raises ConversionError when a file comes back
    missing or without one of its formula cells, subprocess.TimeoutExpired, and EchoError.
    """
    copies = [poisoned_copy(path) for path in paths]
    results = convert([copy for copy, _ in copies], XLSX, workdir) if copies else []
    return [
        _stored_values(result, poison, f"LibreOffice, {path.name}")
        for path, result, (_, poison) in zip(paths, results, copies, strict=True)
    ]


def gnumeric_values(path: Path) -> dict[CellKey, Value]:
    """Every formula's value by Gnumeric's ``ssconvert --recalc`` (without that option it too echoes the
       caches).
    Raises ConversionError and EchoError. Without ssconvert the test is skipped, in CI failed, with the
    reason.
    """
    ssconvert = need("ssconvert", "gnumeric")
    with tempfile.TemporaryDirectory() as room:
        result = Path(room) / "result.xlsx"
        poisoned, poison = poisoned_copy(path)
        done = run(
            [ssconvert, "--recalc", "--export-type=Gnumeric_Excel:xlsx2", str(poisoned), str(result)],
            timeout=GNUMERIC_SECONDS,
            environment={"HOME": room, "XDG_CACHE_HOME": room, "XDG_CONFIG_HOME": room},
        )
        if not result.is_file():
            raise ConversionError(f"ssconvert wrote nothing for {path.name}: {done.stderr}")
        return _stored_values(result, poison, f"Gnumeric, {path.name}")


def compare(
    expected: Mapping[CellKey, Value],
    got: Mapping[CellKey, Value],
    rel: float = 1e-9,
    abs_scale: float | Mapping[CellKey, float] = SMALLEST_SCALE,
    *,
    loose: bool = False,
) -> list[str]:
    """The differences between two sets of values, one readable line each, in the order of ``expected``.

    Two numbers agree within ``rel`` of the larger magnitude, or of ``abs_scale`` when both are smaller: give
    the size of the operands there (for all cells, or by cell) where a result is a difference of large numbers
    and should be 0. Text and booleans agree when equal, errors by kind. ``loose``, for LibreOffice: an error
    agrees with any error, True with 1. A cell on one side only is a difference.
    """
    differences = []
    for key, want in expected.items():
        place = f"{key[0]}!{key[1]}"
        if key not in got:
            differences.append(f"{place}: expected {_show(want)}, got no cell")
            continue
        have = got[key]
        if _agree(want, have, rel, 0.0, loose=loose):
            continue  # a scale, which may be costly, is asked for where it matters
        if not _agree(want, have, rel, _scale(abs_scale, key), loose=loose):
            differences.append(f"{place}: expected {_show(want)}, got {_show(have)}{_relative(want, have)}")
    differences += [
        f"{sheet}!{address}: not expected, got {_show(value)}"
        for (sheet, address), value in got.items()
        if (sheet, address) not in expected
    ]
    return differences


def _scale(abs_scale: float | Mapping[CellKey, float], key: CellKey) -> float:
    if not isinstance(abs_scale, Mapping):
        return abs_scale
    return abs_scale[key] if key in abs_scale or isinstance(abs_scale, defaultdict) else SMALLEST_SCALE


def _agree(want: Value, have: Value, rel: float, scale: float, *, loose: bool) -> bool:
    if loose and isinstance(want, ErrorValue):
        return isinstance(have, ErrorValue)
    if loose and isinstance(want, bool):
        return have == want  # 1.0 == True in Python as in LibreOffice
    if isinstance(want, bool) or isinstance(have, bool):
        return want is have
    if isinstance(want, float | int) and isinstance(have, float | int):
        return abs(want - have) <= rel * max(abs(want), abs(have), scale)
    return want == have


def _relative(want: Value, have: Value) -> str:
    if isinstance(want, bool | str | ErrorValue) or isinstance(have, bool | str | ErrorValue):
        return ""
    return f" (relative {abs(want - have) / max(abs(want), abs(have)):.1e})"


def _show(value: Value) -> str:
    return value.kind if isinstance(value, ErrorValue) else repr(value)


def _cellrune_value(stored: dict[str, object]) -> Value:
    value = stored.get("value")
    match stored["kind"]:
        case "number" | "text" | "logical" if isinstance(value, float | str | bool):
            return value
        case "error":
            return ErrorValue(str(value))
        case "unavailable":
            return ErrorValue(f"unavailable: {stored.get('code')}")
        case kind:
            return ErrorValue(f"no value: {kind}")


def _stored_values(result: Path, poison: Mapping[CellKey, float], place: str) -> dict[CellKey, Value]:
    stored = cached_values(result)
    if lost := [key for key in poison if key not in stored]:
        raise ConversionError(f"{place}: formula cells lost: {lost[:5]}")
    values: dict[CellKey, Value] = {}
    for key in poison:
        value = stored[key].value
        values[key] = ErrorValue(f"no value: {stored[key].raw}") if value is None else value
    return _refuse_echo(values, poison)


def _refuse_echo(values: dict[CellKey, Value], poison: Mapping[CellKey, float]) -> dict[CellKey, Value]:
    if echoed := [key for key, value in values.items() if value == poison[key]]:
        raise EchoError(f"{len(echoed)} of {len(values)} cells kept their poisoned cache: {echoed[:5]}")
    return values
