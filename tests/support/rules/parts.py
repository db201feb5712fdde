"""Rules on the package: its parts, what they connect to, what they give away, and how Excel will
calculate.
"""

from __future__ import annotations

import re
from collections import Counter

from tests.support.package import MAIN, Book
from tests.support.rules.findings import Finding

EXTERNAL_PARTS = re.compile(
    r"xl/(?:externalLinks|queryTables|embeddings|activeX|ctrlProps|model|webextensions|macrosheets)/"
    r"|.*(?:vbaProject.*\.bin|connections\.xml|oleObject.*|attachedToolbars\.bin)$",
    re.IGNORECASE,
)
WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
LOCAL_PATH = re.compile(
    r"(?<![\w.:/)\]-])/(?:home|Users|root|tmp|work|var|private|mnt|opt|usr|srv|builds|github|workspace)/[^\s<>\"']+"
    r"|\b[A-Z]:\\\w[^\s<>\"']*"
    r"|file:/[^\s<>\"']*"
)


def check_missing_parts(book: Book) -> list[Finding]:
    """Every relationship inside the package leads to a part that is there."""
    found = [
        Finding("", part, "malformed-part", f"{link.kind} leads to {link.target}, which is missing")
        for part in ("", *book.parts)
        for link in book.relationships(part).values()
        if not link.external and link.target not in book.parts
    ]
    if "xl/workbook.xml" not in book.xml:
        found.append(Finding("", "xl/workbook.xml", "malformed-part", "there is no workbook part"))
    return found


def check_duplicate_parts(book: Book) -> list[Finding]:
    """Part names differ by more than case (ECMA-376 Part 2, 6.2.2.3)."""
    counts = Counter(name.lower() for name in book.part_names)
    return [
        Finding("", name, "duplicate-part", f"{count} times in the zip") for name, count in counts.items() if count > 1
    ]


def check_external_content(book: Book) -> list[Finding]:
    """No link to another workbook, macro, connection, embedded object or anything fetched; web links are
    welcome.
    """
    found = [
        Finding("", name, "external-content", "links, runs or embeds something")
        for name in book.part_names
        if EXTERNAL_PARTS.match(name)
    ]
    if b"macroEnabled" in book.parts.get("[Content_Types].xml", b""):
        found.append(Finding("", "[Content_Types].xml", "external-content", "macro-enabled workbook"))
    found += [
        Finding("", part, "external-content", f"{link.kind} to {link.target}")
        for part in book.parts
        for link in book.relationships(part).values()
        if link.external and not (link.kind == "hyperlink" and WEB.match(link.target))
    ]
    return found


def check_local_paths(book: Book) -> list[Finding]:
    """No path of the building machine in any part."""
    found = []
    for name, data in book.parts.items():
        if name.endswith((".xml", ".rels", ".vml")):
            paths = sorted({match[0] for match in LOCAL_PATH.finditer(data.decode("utf-8", "replace"))})
            found += [Finding("", name, "local-path", path) for path in paths]
    return found


def check_calculation(book: Book) -> list[Finding]:
    """The workbook calculates in full on load, automatically, at full precision, without iteration."""
    settings = book.workbook.find(f"{MAIN}calcPr")
    given = {} if settings is None else dict(settings.attrib)
    problems = []
    if given.get("fullCalcOnLoad") not in {"1", "true"}:
        problems.append("fullCalcOnLoad is not set")
    if given.get("calcMode", "auto") != "auto":
        problems.append(f"calcMode is {given['calcMode']}")
    if given.get("iterate", "0") not in {"0", "false"}:
        problems.append("iteration is on")
    if given.get("fullPrecision", "1") not in {"1", "true"}:
        problems.append("precision as displayed")
    return [Finding("", "calcPr", "calculation-settings", problem) for problem in problems]
