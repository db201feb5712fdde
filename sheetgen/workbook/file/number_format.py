"""What a number format says: the same under every program's spelling, and what of it changes the meaning of a figure.

``"EUR "#,##0``, ``\\E\\U\\R\\ #,##0`` and ``[$EUR ]#,##0`` show the same. More decimals are looks; other words,
another scale (a percent sign, a comma that divides by a thousand), a date in place of a number, or no figure are not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | \[\$(?P<currency>[^\]-]*)[^\]]*\] | \[(?P<bracket>[^\]]*)\]
    | _(?P<space>.) | \*(?P<fill>.)
    | (?P<general>General) | (?P<digits>[0#?]+(?:,[0#?]+)*(?:\.[0#?]*)?(?P<commas>,*)) | (?P<exponent>[Ee][+-])
    | (?P<date>[yYmMdDhHsS]+|AM/PM) | (?P<rest>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Section(NamedTuple):
    """What one part of a format shows: of ``number``, ``date``, ``text`` or ``nothing``, its words and its scale."""

    kind: str
    words: str
    percent: int
    thousands: int
    condition: str
    detail: str


Meaning = tuple[tuple[str, str, int, int, str], ...]


@lru_cache(maxsize=4096)
def sections(code: str) -> tuple[Section, ...]:
    """A format, part by part, in one spelling."""
    return tuple(_section(part) for part in _parts(code))


@lru_cache(maxsize=4096)
def meaning(code: str) -> Meaning:
    """What changes the meaning of a figure: everything but how many digits there are, and colours."""
    found = [section[:5] for section in sections(code)]
    plain = found[:1]
    # A second part that only says how a negative is written, as the first would, says nothing of its own.
    if len(found) == 2 and found[1] == (plain[0][0], f"-{plain[0][1]}", *plain[0][2:]):
        found.pop()
    return tuple(found)


def _parts(code: str) -> list[str]:
    parts, last = [], 0
    for match in _TOKEN.finditer(code):
        if match["rest"] == ";":
            parts.append(code[last : match.start()])
            last = match.end()
    return [*parts, code[last:]]


def _section(part: str) -> Section:
    words: list[str] = []
    detail: list[str] = []
    percent = thousands = 0
    kinds: set[str] = set()
    condition = ""
    for match in _TOKEN.finditer(part):
        kind, text = match.lastgroup or "", match.group()
        if match["digits"] is not None:
            kinds.add("number")
            thousands += len(match["commas"])
            detail.append(text)
        elif kind in {"quoted", "escaped", "currency"}:
            words.append(match[kind])
        elif kind == "bracket":
            condition += text if text[1:2] in "<>=" else ""
            detail.append(text.lower())
        elif kind in {"general", "exponent"}:
            kinds.add("number")
            detail.append(text.upper())
        elif kind == "date":
            kinds.add("date")
            detail.append(text.lower())
        elif kind in {"space", "fill"}:
            detail.append(text)
        elif text == "@":
            kinds.add("text")
        elif text == "%":
            percent += 1
        elif text == "," and "number" in kinds:
            thousands += 1
        else:
            words.append(text)
    shown = "date" if "date" in kinds else "number" if "number" in kinds else "text" if kinds else "nothing"
    if shown == "date":
        words, detail = _of_date(part), [*detail, "".join(words)]
    return Section(shown, "".join(words), percent, thousands, condition, " ".join(detail))


def _of_date(part: str) -> list[str]:
    """The words of a date format: longer ones than the signs between its parts."""
    found = [match["quoted"] for match in _TOKEN.finditer(part) if match["quoted"] is not None]
    return [word for word in found if len(word.strip()) > 1]


@lru_cache(maxsize=4096)
def shows_text(code: str) -> bool:
    """Whether a text in a cell of this format is shown as it stands."""
    found = sections(code)
    if len(found) >= 4:
        return found[3].kind == "text" and not found[3].words
    with_text = [section for section in found if section.kind == "text"]
    return not any(section.words for section in with_text)
