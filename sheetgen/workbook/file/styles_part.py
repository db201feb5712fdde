"""The styles of a workbook resolved to what they show, however a program numbers and spells them."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree.ElementTree import Element

from sheetgen.workbook.file.number_format import BUILT_IN, meaning
from sheetgen.workbook.file.package import Package
from sheetgen.workbook.file.xml_part import DRAWING, MAIN, children, is_on

AUTOMATIC = "automatic"
OF_THE_PALETTE = {8: "000000", 9: "FFFFFF", 64: AUTOMATIC, 65: AUTOMATIC}
SIDES = ("left", "right", "top", "bottom")
FLAGS = ("b", "i", "strike")

NO_CODE = "[object Object]"
"""What exceljs writes in the place of the number format of a conditional format; no program reads it as one."""


class Look(NamedTuple):
    """How a cell looks. Colours are six digits; ``border`` has the style of each side that has one."""

    number: str = "General"
    font: str = ""
    size: float = 0.0
    marks: str = ""
    colour: str = "000000"
    fill: str = ""
    border: str = ""
    alignment: str = ""
    locked: bool = True

    def differs_in(self, other: Look) -> list[str]:
        """The words for what is not the same, the number format and the lock left out."""
        pairs = (
            ("font", self.font, other.font), ("size", self.size, other.size), ("weight", self.marks, other.marks),
            ("colour", self.colour, other.colour), ("fill", self.fill, other.fill),
            ("border", self.border, other.border), ("alignment", self.alignment, other.alignment),
        )  # fmt: skip
        return [f"{name} {mine or 'none'} is now {new or 'none'}" for name, mine, new in pairs if mine != new]


class Styles:
    """The looks of cells by the number that a cell has, and the extra looks of conditional formats."""

    def __init__(self, root: Element | None, theme: list[str]) -> None:
        self._theme = theme
        self.cells: list[Look] = [Look()]
        self.extra: list[str] = []
        if root is None:
            return
        self._codes = dict(BUILT_IN)
        for entries in children(root, "numFmts"):
            for entry in entries:
                self._codes[_number(entry, "numFmtId")] = entry.get("formatCode", "General")
        names = ("fonts", "fills", "borders")
        parts = {name: [own for found in children(root, name) for own in found] for name in names}
        for entries in children(root, "cellXfs"):
            self.cells = [self._look(entry, parts) for entry in entries]
        for entries in children(root, "dxfs"):
            self.extra = [self._extra(entry) for entry in entries]

    def of(self, number: str) -> Look:
        """The look of a cell with this number; the plain one where there is none."""
        place = int(number) if number.isdigit() else 0
        return self.cells[place] if place < len(self.cells) else Look()

    def _look(self, entry: Element, parts: dict[str, list[Element]]) -> Look:
        def part(name: str, key: str) -> Element | None:
            place = _number(entry, key)
            return parts[name][place] if place < len(parts[name]) else None

        font, fill, border = part("fonts", "fontId"), part("fills", "fillId"), part("borders", "borderId")
        alignment = next(iter(children(entry, "alignment")), None)
        protection = next(iter(children(entry, "protection")), None)
        return Look(
            self._codes.get(_number(entry, "numFmtId"), "General"), *self._font(font), self._fill(fill),
            _border(border), _alignment(alignment), protection is None or is_on(protection.get("locked", "1")),
        )  # fmt: skip

    def _font(self, font: Element | None) -> tuple[str, float, str, str]:
        if font is None:
            return "", 0.0, "", "000000"
        marks = "".join(flag for flag in FLAGS for part in children(font, flag) if is_on(part.get("val", "1")))
        marks += "".join("u" for part in children(font, "u") if part.get("val", "single") != "none")
        name = next((part.get("val", "") for part in children(font, "name")), "")
        size = next((part.get("val", "0") for part in children(font, "sz")), "0")
        colour = next((self._colour(part) for part in children(font, "color")), "")
        return name, round(float(size or 0), 1), marks, "000000" if colour in {"", AUTOMATIC} else colour

    def _fill(self, fill: Element | None) -> str:
        pattern = None if fill is None else next(iter(fill), None)
        if pattern is None:
            return ""
        if pattern.tag != f"{{{MAIN}}}patternFill":
            return "gradient"
        kind = pattern.get("patternType", "none" if len(pattern) == 0 else "solid")
        front = next((self._colour(part) for part in children(pattern, "fgColor")), "")
        back = next((self._colour(part) for part in children(pattern, "bgColor")), "")
        if kind != "solid":
            return "" if kind == "none" else kind
        return front if front not in {"", AUTOMATIC} else back or front

    def _colour(self, part: Element) -> str:
        if (given := part.get("rgb")) is not None:
            return given[-6:].upper()
        if (number := part.get("theme")) is not None and number.isdigit():
            tint = "" if float(part.get("tint", "0")) == 0 else f" tint {float(part.get('tint', '0')):.2f}"
            return (self._theme[int(number)] if int(number) < len(self._theme) else f"theme {number}") + tint
        number = part.get("indexed", "64")
        return OF_THE_PALETTE.get(int(number) if number.isdigit() else 64, f"colour {number}")

    def _extra(self, entry: Element) -> str:
        """The look that a condition lays over a cell, in words."""
        font = next(iter(children(entry, "font")), None)
        fill = next(iter(children(entry, "fill")), None)
        codes = [part.get("formatCode", "") for part in children(entry, "numFmt")]
        words = [f"format {meaning(code)}" if NO_CODE not in code else "no code" for code in codes]
        if font is not None:
            marks, colour = self._font(font)[2:]
            words.append(f"font {marks} {colour}")
        if fill is not None:
            back = next((self._colour(part) for own in fill for part in children(own, "bgColor")), "")
            words.append(f"fill {back or self._fill(fill)}")
        return ", ".join(words)


def read_styles(package: Package, main: str) -> Styles:
    """The styles of a package. Raises NotVerifiable for a part that is not read."""
    found = {link.kind: link.target for link in package.relationships(main).values() if not link.external}
    theme: list[str] = []
    if found.get("theme", "") in package:
        scheme = package.xml(found["theme"]).find(f".//{{{DRAWING}}}clrScheme")
        theme = [_scheme_colour(part) for part in scheme] if scheme is not None else []
        theme[:4] = [theme[at] for at in (1, 0, 3, 2)] if len(theme) >= 4 else theme  # as cells count them
    return Styles(package.xml(found["styles"]) if found.get("styles", "") in package else None, theme)


def _scheme_colour(part: Element) -> str:
    first = next(iter(part), None)
    return "" if first is None else (first.get("lastClr") or first.get("val") or "").upper()


def _border(border: Element | None) -> str:
    if border is None:
        return ""
    found = {side: part.get("style", "none") for side in SIDES for part in children(border, side)}
    return " ".join(f"{side} {style}" for side, style in found.items() if style != "none")


def _alignment(part: Element | None) -> str:
    if part is None:
        return ""
    across = part.get("horizontal", "general")
    words = [across] if across != "general" else []
    words += ["wrapped"] if is_on(part.get("wrapText")) else []
    words += [f"turned {part.get('textRotation')}"] if part.get("textRotation", "0") != "0" else []
    return " ".join(words)


def _number(entry: Element, key: str) -> int:
    text = entry.get(key, "0")
    return int(text) if text.isdigit() else 0
