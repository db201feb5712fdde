"""Cell styles as the style sheet states them: number format, lock and wrapping (ECMA-376 Part 1, 18.8)."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.support.package import MAIN, Book

BUILT_IN = {0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 14: "mm-dd-yy", 49: "@"}
_CONDITION = re.compile(r"\[(>=|<=|<|>|=)(-?[0-9.]+)\](.*)", re.DOTALL)
_QUOTED = re.compile(r'"[^"]*"')


class Style(NamedTuple):
    """What a cell style says of a number and of protection."""

    number_format: str
    locked: bool
    wrapped: bool


def styles(book: Book) -> list[Style]:
    """Every cell style by its number."""
    root = book.xml["xl/styles.xml"]
    formats = {int(entry.get("numFmtId", "0")): entry.get("formatCode", "") for entry in root.iter(f"{MAIN}numFmt")}
    found = []
    for entry in root.findall(f"{MAIN}cellXfs/{MAIN}xf"):
        number = int(entry.get("numFmtId", "0"))
        protection = entry.find(f"{MAIN}protection")
        alignment = entry.find(f"{MAIN}alignment")
        found.append(
            Style(
                number_format=formats.get(number, BUILT_IN.get(number, f"built-in {number}")),
                locked=protection is None or protection.get("locked", "1") in {"1", "true"},
                wrapped=alignment is not None and alignment.get("wrapText") in {"1", "true"},
            )
        )
    return found


def shown(value: float, number_format: str) -> float | None:
    """The number that a reader can take from the cell: ``value`` with the digits that its format shows.

    None when the format shows no number (text, date). Understood: sections with conditions, ``%``, ``E+00``, digits.
    """
    section = _section(value, number_format)
    plain = _QUOTED.sub("", section)
    if plain in {"General", ""}:
        return value
    if plain == "@" or "y" in plain:
        return None
    mantissa, _, exponent = plain.partition("E")
    decimals = sum(1 for letter in mantissa.partition(".")[2] if letter in "0#?")
    if exponent:
        return float(f"{value:.{decimals}e}")
    scale = 100 if "%" in plain else 1
    return round(value * scale, decimals) / scale


def _section(value: float, number_format: str) -> str:
    sections = number_format.split(";")
    for position, section in enumerate(sections):
        condition = _CONDITION.fullmatch(section)
        if condition is None:
            plain = [part for part in sections if _CONDITION.fullmatch(part) is None]
            if len(plain) == len(sections) and value < 0 and len(sections) > 1:
                return sections[1]
            if len(plain) == len(sections) and value == 0 and len(sections) > 2:
                return sections[2]
            return sections[position]
        limit = float(condition[2])
        if {">=": value >= limit, ">": value > limit, "<": value < limit, "<=": value <= limit, "=": value == limit}[
            condition[1]
        ]:
            return condition[3]
    return sections[-1]
