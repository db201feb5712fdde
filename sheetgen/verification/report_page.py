"""A verdict as one page of HTML that a reviewer files: all in one file, without a script or a link, texts escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from sheetgen.base.errors import one_line
from sheetgen.verification.differences import HARMLESS, LOOKS, MEANING
from sheetgen.verification.findings import Finding, findings, sections
from sheetgen.verification.report import FIGURE_HEADS, figure_rows, origin_lines
from sheetgen.verification.verdict import Verdict

MOST = 500
SHORT = 16
_FIGURE = re.compile(r"(?:[A-Z]{3} )?-?[0-9][0-9,]*(?:\.[0-9]+)?%?")
WORDS = {MEANING: "Against the workbook", LOOKS: "To be known", HARMLESS: "Harmless"}
STYLE = """
body{font:15px/1.45 Arial,Helvetica,sans-serif;color:#222;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:1.8rem 0 .4rem;border-bottom:1px solid #1f3864}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;
border-bottom:1px solid #ddd}td{overflow-wrap:anywhere}th{color:#555;font-weight:600}td.n,th.n{text-align:right}
td.n,td.s{white-space:nowrap}.good{color:#0b5a1e}.bad{color:#9c0006}.look{color:#7a4b00}.word{font-size:1.2rem;font-weight:700}
code{font-size:.85em}@media print{body{margin:0;font-size:11px}}
"""


def report_page(verdict: Verdict) -> str:
    """The whole page."""
    found = findings(verdict)
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8"><title>',
        _text(f"Verification of {verdict.file}"),
        f"</title><style>{STYLE}</style></head><body>",
        f"<h1>Verification of {_text(verdict.file)}</h1>",
        *_words(verdict),
        _table(("", ""), origin_lines(verdict)),
        "<h2>Figures, computed from the inputs of the file</h2>",
        _table(FIGURE_HEADS, figure_rows(verdict)),
        "<h2>By section</h2>",
        _table(
            ("Section", "Verdict", "Compared", "Against it", "To be known", "Harmless", "Not covered"),
            [(own.name, own.word, own.compared, own.changed, own.other, own.harmless, own.not_covered)
             for own in sections(verdict)],
        ),
        *(_listed(weight, [item for item in found if item.weight == weight]) for weight in WORDS),
        "</body></html>",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _words(verdict: Verdict) -> Iterable[str]:
    """The two words: whether it is as built, and what its own checks say."""
    intact = ("good", "Intact") if verdict.intact else ("bad", "Not intact")
    checks = ("good", "Its own checks pass") if verdict.checks_pass else ("bad", "Its own checks fail")
    for colour, word in (intact, checks):
        yield f'<p class="word {colour}">{word}</p>'


def _listed(weight: str, found: Sequence[Finding]) -> str:
    if not found:
        return f"<h2>{WORDS[weight]}: none</h2>"
    rows = [
        (item.section, f"{item.sheet}!{item.cell}" if item.cell else item.sheet, item.text) for item in found[:MOST]
    ]
    more = f"<p>and {len(found) - MOST:,} more</p>" if len(found) > MOST else ""
    return f"<h2>{WORDS[weight]}: {len(found):,}</h2>" + _table(("Section", "Place", "What"), rows) + more


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; a column whose first cell is a figure is set to the right, with its head."""
    lines = [[f"{value:,}" if isinstance(value, int) else str(value) for value in row] for row in rows]
    figures = [_FIGURE.fullmatch(text) is not None for text in (lines[0] if lines else heads)]
    head = "".join(
        f'<th class="n">{_text(text)}</th>' if figure else f"<th>{_text(text)}</th>"
        for text, figure in zip(heads, figures, strict=True)
    )
    body = "".join(f"<tr>{''.join(map(_cell, line))}</tr>" for line in lines)
    return f"<table>{f'<tr>{head}</tr>' if any(heads) else ''}{body}</table>"


def _cell(text: str) -> str:
    """A figure stands to the right; a short text is not broken, a long one anywhere, so that none is wider than a
    page."""
    kind = ' class="n"' if _FIGURE.fullmatch(text) else ' class="s"' if len(text) <= SHORT else ""
    return f"<td{kind}>{_text(text)}</td>"


def _text(text: str) -> str:
    return escape(one_line(text), quote=True)
