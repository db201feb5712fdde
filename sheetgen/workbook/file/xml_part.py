"""One XML part of a package as a tree, read in one way only, in time linear in its size.

Where two programs could read a part differently, it is refused: encodings other than UTF-8 and UTF-16 (ECMA-376 part 2
allows no other), document types and with them entities, CDATA sections, and comments or processing instructions among
the content. What LibreOffice, Excel and the usual libraries write has none of these. "Strict Open XML" comes out with
the transitional names, so that nothing else need know of it.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser

from sheetgen.base.errors import NotVerifiable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
PLACEMENT = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"

CRITICAL = frozenset({"sheets", "workbookPr", "calcPr", "definedNames", "sheetData", "row", "c", "f", "v", "si", "t"})
"""Elements that say what a workbook computes."""

STRICT = "http://purl.oclc.org/ooxml/"
_TRANSITIONAL = {
    f"{STRICT}spreadsheetml/main": MAIN,
    f"{STRICT}officeDocument/relationships": OFFICE,
    f"{STRICT}drawingml/main": DRAWING,
    f"{STRICT}drawingml/spreadsheetDrawing": PLACEMENT,
    f"{STRICT}drawingml/chart": CHART,
}

_DECLARATION = re.compile(rb"\s*<\?xml\s[^<>]{0,200}\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_PROLOG = re.compile(rb"(?:\s|<!--(?:[^-]|-(?!->))*+-->|<\?[^<>]*+>)*+")


def read_xml(data: bytes, place: str) -> Element:
    """The root of a part; ``place`` names it in messages. Raises NotVerifiable for what is not read."""
    text = _utf8(data, place)
    start = _DECLARATION.match(text)
    body = text[start.end() :] if start is not None else text
    prolog = _PROLOG.match(body)
    body = body[prolog.end() :] if prolog is not None else body
    _refuse_markup(body, place)
    parser = XMLParser(encoding="utf-8")  # noqa: S314 - a part that declares entities was refused
    try:
        parser.feed(body)
        root = parser.close()
    except (ParseError, ValueError) as error:
        raise NotVerifiable(f"{place} cannot be read: it is no well-formed XML: {error}") from error
    if STRICT.encode() in body:
        _to_transitional(root)
    if b"AlternateContent" in body:
        _refuse_alternatives(root, place)
    return root


def children(element: Element, name: str, namespace: str = MAIN) -> list[Element]:
    """The children of one name."""
    return element.findall(f"{{{namespace}}}{name}")


def _utf8(data: bytes, place: str) -> bytes:
    """The part as UTF-8 without a byte order mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16").encode()
        except UnicodeError as error:
            raise NotVerifiable(f"{place} cannot be read: it is no UTF-16 text") from error
    data = data.removeprefix(b"\xef\xbb\xbf")
    start = _DECLARATION.match(data)
    named = _ENCODING.search(start.group()) if start is not None else None
    if named is not None and named.group(1).lower() not in {b"utf-8", b"us-ascii", b"ascii"}:
        raise NotVerifiable(f"{place} cannot be read: its encoding is neither UTF-8 nor UTF-16")
    try:
        data.decode()
    except UnicodeError as error:
        raise NotVerifiable(f"{place} cannot be read: it is no UTF-8 text") from error
    return data


def _refuse_markup(body: bytes, place: str) -> None:
    """Refuse what begins with ``<!`` or ``<?``, but for comments behind the last end tag.

    In well-formed XML these two never stand in a text or an attribute, so that finding them needs no parser.
    """
    last = body.rfind(b"</")
    for mark in (b"<!", b"<?"):
        found = body.find(mark)
        if found < 0:
            continue
        if body.startswith((b"<!D", b"<!E"), found):
            raise NotVerifiable(f"{place} declares entities; such a file is not read")
        if found < last:
            start = body[found : found + 9]
            kind = "a CDATA section" if start == b"<![CDATA[" else "a comment" if mark == b"<!" else "an instruction"
            raise NotVerifiable(f"{place} has {kind} among its content, which programs read differently")


def _refuse_alternatives(root: Element, place: str) -> None:
    """Refuse a part that offers cells, sheets or settings twice, for one program and for others."""
    for alternate in root.iter(f"{{{COMPATIBILITY}}}AlternateContent"):
        for part in alternate.iter():
            namespace, _, local = part.tag[1:].partition("}")
            if namespace == MAIN and local in CRITICAL:
                raise NotVerifiable(f"{place} has alternatives for {local}, which programs read differently")


def _to_transitional(root: Element) -> None:
    for element in root.iter():
        element.tag = _renamed(element.tag)
        strict = [name for name in element.attrib if name.startswith(f"{{{STRICT}")]
        for name in strict:
            element.set(_renamed(name), element.attrib.pop(name))
        if element.get("uri") in _TRANSITIONAL:  # of graphicData: what kind of graphic it holds
            element.set("uri", _TRANSITIONAL[element.get("uri", "")])


def _renamed(name: str) -> str:
    namespace, brace, local = name[1:].partition("}")
    return f"{{{_TRANSITIONAL.get(namespace, namespace)}}}{local}" if brace else name


def is_on(text: str | None) -> bool:
    """Whether an attribute that is a truth value says so; one that is not there does not."""
    return text is not None and text.strip().lower() not in {"0", "false", ""}
