"""A package of our own making: parts, their relationships and content types, as the bytes of a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from sheetgen.workbook.file.xml_part import OFFICE

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DEFAULTS = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "xml": "application/xml",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
}

Links = dict[str, tuple[str, str]]
"""Relationships by id: kind and target."""


class NewPackage:
    """Parts are added in any order; the same parts give the same bytes."""

    def __init__(self) -> None:
        self._parts: dict[str, bytes] = {}
        self._types: dict[str, str] = {}

    def add(self, name: str, root: Element, content_type: str) -> None:
        """Add an XML part."""
        self._parts[name] = _text(root)
        self._types[name] = content_type

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a part whose ending says what it is (:data:`DEFAULTS`)."""
        self._parts[name] = data

    def link(self, part: str, links: Mapping[str, tuple[str, str]]) -> None:
        """Say where a part (the package itself: "") leads, to parts inside alone."""
        root = Element(f"{{{PACKAGE}/relationships}}Relationships")
        for identity, (kind, target) in links.items():
            kind = kind if ":" in kind else f"{OFFICE}/{kind}"
            attributes = {"Id": identity, "Type": kind, "Target": target}
            SubElement(root, f"{{{PACKAGE}/relationships}}Relationship", attributes)
        folder, _, name = part.rpartition("/")
        self._parts[f"{folder}/_rels/{name}.rels" if folder else "_rels/.rels"] = _text(root)

    def to_bytes(self) -> bytes:
        """The file."""
        root = Element(f"{{{PACKAGE}/content-types}}Types")
        for suffix, kind in DEFAULTS.items():
            SubElement(root, f"{{{PACKAGE}/content-types}}Default", {"Extension": suffix, "ContentType": kind})
        for name, kind in self._types.items():
            attributes = {"PartName": f"/{name}", "ContentType": kind}
            SubElement(root, f"{{{PACKAGE}/content-types}}Override", attributes)
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in {"[Content_Types].xml": _text(root), **self._parts}.items():
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        return file.getvalue()


def _text(root: Element) -> bytes:
    """The part, its own elements without a prefix: LibreOffice reads relationships by their bare names."""
    text: bytes = tostring(root, encoding="utf-8")
    prefix = text[text.index(b"<") + 1 :].split(b":", 1)[0]
    bare = text.replace(b"<%b:" % prefix, b"<").replace(b"</%b:" % prefix, b"</")  # < stands in no text
    declared = bare.replace(b' xmlns:%b="' % prefix, b' xmlns="', 1)  # nor a quotation mark in an attribute
    return b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + declared
