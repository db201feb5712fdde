"""New results stored beside the formulas of a sheet: the bytes of its part change there and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

from sheetgen.base.errors import NotVerifiable
from sheetgen.workbook.file.cells import ErrorText, escaped
from sheetgen.workbook.file.shared import column_number
from sheetgen.workbook.file.xml_part import MAIN, STRICT

Result = float | str | bool

_NAMESPACES = (MAIN, f"{STRICT}spreadsheetml/main")
_TYPE = re.compile(rb"\s+t\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_TAG = re.compile(rb"<([^\s/>]+)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)\s*(/?)>")


def with_results(part: bytes, results: Mapping[tuple[int, int], Result], place: str) -> bytes:
    """The part of a sheet with these results in its formula cells, by row and column, 0-based.

    Raises NotVerifiable for a part that is not UTF-8, and where one of the cells has no formula.
    """
    if part.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotVerifiable(f"{place} is not UTF-8; its results cannot be replaced in place")
    pieces: list[bytes] = []
    done = 0
    found = _formula_cells(part)
    if not results.keys() <= found.keys():
        raise NotVerifiable(f"{place} has no formula where one was read")
    for at, (start, formula, formula_end, end) in found.items():
        if at in results:
            pieces += [part[done:start], _cell(part, start, formula, formula_end, results[at])]
            done = end
    return b"".join([*pieces, part[done:]])


def _cell(part: bytes, start: int, formula: int, formula_end: int, result: Result) -> bytes:
    tag = _TAG.match(part, start)
    assert tag is not None  # expat has just read it
    name, attributes = tag[1], _TYPE.sub(b"", tag[2])
    kind, text = _stored(result)
    prefix = name[: -len(b"c")]
    value = b"<%bv>%b</%bv>" % (prefix, text, prefix)
    return b"<%b%b%b>" % (name, attributes, kind) + part[formula:formula_end] + value + b"</%b>" % name


def _stored(result: Result) -> tuple[bytes, bytes]:
    """The type of a result, as an attribute, and its text."""
    if isinstance(result, bool):
        return b' t="b"', b"%d" % result
    if isinstance(result, str):
        text = escaped(result).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()
        return (b' t="e"' if isinstance(result, ErrorText) else b' t="str"'), text
    whole = result == int(result) and abs(result) < 1e15
    return b"", (str(int(result)) if whole else repr(float(result))).encode()


def _formula_cells(part: bytes) -> dict[tuple[int, int], tuple[int, int, int, int]]:
    """Where formula cells stand in a part: the start of each, the start and end of its formula, and its end [bytes]."""
    found: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    row, column = -1, -1
    start = formula = formula_end = 0
    parser = expat.ParserCreate(namespace_separator=" ")
    names = {f"{namespace} {local}": local for namespace in _NAMESPACES for local in ("row", "c", "f")}

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, start, formula, formula_end
        local = names.get(name)
        if local == "row":
            row, column = int(attributes.get("r", row + 2)) - 1, -1
        elif local == "c":
            start, formula, formula_end = parser.CurrentByteIndex, 0, 0
            letters = attributes.get("r", "").rstrip("0123456789")
            column = column_number(letters) if letters else column + 1
        elif local == "f":
            formula = parser.CurrentByteIndex

    def closed(name: str) -> None:
        nonlocal formula_end
        local = names.get(name)
        if local == "f":
            formula_end = _end_of_element(part, formula, parser.CurrentByteIndex)
        elif local == "c" and formula:
            found[row, column] = (start, formula, formula_end, part.index(b">", parser.CurrentByteIndex) + 1)

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.Parse(part, True)
    return found


def _end_of_element(part: bytes, start: int, end_tag: int) -> int:
    """Behind an element: behind its start tag where that is its own end, else behind its end tag."""
    tag = _TAG.match(part, start)
    assert tag is not None  # expat has just read it
    return tag.end() if tag[3] else part.index(b">", end_tag) + 1
