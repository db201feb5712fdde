"""The colours of a cell as the style sheet states them, and the contrast between two of them.

Colours are ``RRGGBB``. Sources: ECMA-376 Part 1, 18.8.3 (theme index), 18.8.19 (tint), 18.8.27 (indexed
colours); contrast: W3C, WCAG 2.1, "relative luminance" and "contrast ratio".
"""

from __future__ import annotations

import colorsys
from typing import NamedTuple
from xml.etree.ElementTree import Element

from tests.support.package import MAIN, Book

BLACK, WHITE = "000000", "FFFFFF"
DRAWING_MAIN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"

THEME_ORDER = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink", "folHlink")

_INDEXED = """
000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF
000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF
800000 008000 000080 808000 800080 008080 C0C0C0 808080
9999FF 993366 FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF
000080 FF00FF FFFF00 00FFFF 800080 800000 008080 0000FF
00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99
3366FF 33CCCC 99CC00 FFCC00 FF9900 FF6600 666699 969696
003366 339966 003300 333300 993300 993366 333399 333333
000000 FFFFFF
"""
INDEXED = tuple(_INDEXED.split())  # 64 and 65 are the window's own text and background


class Look(NamedTuple):
    """The font's colour and the colours that may lie behind it."""

    font: str
    fills: tuple[str, ...]


class Colours:
    """The style sheet of a workbook, asked by a cell's style number."""

    def __init__(self, book: Book) -> None:
        styles = book.xml.get("xl/styles.xml")
        root = Element("styleSheet") if styles is None else styles
        self._fonts = root.findall(f"{MAIN}fonts/{MAIN}font")
        self._fills = root.findall(f"{MAIN}fills/{MAIN}fill")
        self._styles = root.findall(f"{MAIN}cellXfs/{MAIN}xf")
        self._conditional = root.findall(f"{MAIN}dxfs/{MAIN}dxf")
        self._formats = {
            entry.get("numFmtId", ""): entry.get("formatCode", "")
            for entry in root.findall(f"{MAIN}numFmts/{MAIN}numFmt")
        }
        self._theme = _theme_colours(book)

    @property
    def hiding_styles(self) -> dict[int, str]:
        """Style numbers that hide a number or a formula, with how they do it."""
        found = {}
        for number, style in enumerate(self._styles):
            protection = style.find(f"{MAIN}protection")
            if protection is not None and protection.get("hidden") in {"1", "true"}:
                found[number] = "formula hidden by protection"
            if self._formats.get(style.get("numFmtId", "")) in {";;;", ";;", ";"}:
                found[number] = "number format shows nothing"
        return found

    def look(self, style: int) -> Look:
        """The colours of a cell style; no fill is white."""
        if style >= len(self._styles):
            return Look(BLACK, (WHITE,))
        entry = self._styles[style]
        font = self._fonts[int(entry.get("fontId", "0"))]
        fill = self._fills[int(entry.get("fillId", "0"))]
        return Look(self._font_colour(font) or BLACK, self._fill_colours(fill, conditional=False) or (WHITE,))

    def conditional_look(self, style: int, number: int) -> Look:
        """The colours of a cell style under conditional format ``number``, which may set font, fill or
        both.
        """
        below = self.look(style)
        entry = self._conditional[number]
        font, fill = entry.find(f"{MAIN}font"), entry.find(f"{MAIN}fill")
        return Look(
            (None if font is None else self._font_colour(font)) or below.font,
            (() if fill is None else self._fill_colours(fill, conditional=True)) or below.fills,
        )

    def _font_colour(self, font: Element) -> str | None:
        return self._colour(font.find(f"{MAIN}color"))

    def _fill_colours(self, fill: Element, *, conditional: bool) -> tuple[str, ...]:
        stops = [self._colour(stop) for stop in fill.iter(f"{MAIN}color")]
        if stops:
            return tuple(stop for stop in stops if stop)
        pattern = fill.find(f"{MAIN}patternFill")
        if pattern is None:
            return ()
        kind = pattern.get("patternType")
        front = self._colour(pattern.find(f"{MAIN}fgColor"))
        back = self._colour(pattern.find(f"{MAIN}bgColor"))
        if conditional and kind in {None, "solid"}:
            return (back or front or WHITE,)  # a conditional format keeps its solid colour in bgColor
        if kind in {None, "none"}:
            return ()
        return (front or BLACK,) if kind == "solid" else (front or BLACK, back or WHITE)

    def _colour(self, element: Element | None) -> str | None:
        if element is None or element.get("auto") in {"1", "true"}:
            return None
        if rgb := element.get("rgb"):
            base = rgb[-6:].upper()
        elif (theme := element.get("theme")) is not None:
            base = self._theme[int(theme)]
        elif (index := element.get("indexed")) is not None:
            base = INDEXED[int(index)] if int(index) < len(INDEXED) else BLACK
        else:
            return None
        return _tinted(base, float(element.get("tint", "0")))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue


def _tinted(colour: str, tint: float) -> str:
    if tint == 0:
        return colour
    hue, light, saturation = colorsys.rgb_to_hls(*_channels(colour))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(255 * channel):02X}" for channel in colorsys.hls_to_rgb(hue, light, saturation))


def _theme_colours(book: Book) -> list[str]:
    root = book.xml.get("xl/theme/theme1.xml")
    scheme = None if root is None else root.find(f".//{DRAWING_MAIN}clrScheme")
    colours = []
    for name in THEME_ORDER:
        entry = None if scheme is None else scheme.find(f"{DRAWING_MAIN}{name}")
        chosen = None if entry is None or not len(entry) else entry[0]
        colour = None if chosen is None else chosen.get("lastClr") or chosen.get("val")
        colours.append((colour or (WHITE if name.startswith("lt") else BLACK)).upper())
    return colours
