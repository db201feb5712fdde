"""What a file says of itself beside its sheets: title, subject, author, description."""

from __future__ import annotations

from sheetgen.workbook.file.package import Package

SAID = ("title", "subject", "creator", "description")
CORE = "core-properties"


def properties_of(package: Package) -> dict[str, str]:
    """The properties of a package by name; empty where it has none. Raises NotVerifiable for a part not read."""
    found = dict.fromkeys(SAID, "")
    for link in package.relationships("").values():
        if link.kind.endswith(CORE) and not link.external and link.target in package:
            for entry in package.xml(link.target):
                name = entry.tag.rpartition("}")[2]
                if name in found:
                    found[name] = (entry.text or "").strip()
    return found
