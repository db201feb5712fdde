"""How far the cells and drawings of a stranger's workbook may reach to be rendered."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from sheetgen.workbook.file.xml_part import PLACEMENT, children

MOST_ROWS, MOST_COLUMNS = 20_000, 1_000
MOST_EMU = 200_000_000
"""Of a drawing's width or height: some 5 m."""

_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")


def within(text: str) -> bool:
    """Whether all cells that a reference names are among those that are rendered."""
    for letters, digits in _PLACE.findall(text):
        column = 0
        for letter in letters.upper():
            column = column * 26 + ord(letter) - 64
        if column > MOST_COLUMNS or int(digits) > MOST_ROWS:
            return False
    return True


def anchored(anchor: Element) -> bool:
    """Whether a drawing stands among the cells that are rendered, and has a size that a page can have."""
    bounds = {"col": MOST_COLUMNS, "row": MOST_ROWS}
    texts = [(part.text or "", most) for name, most in bounds.items() for part in anchor.iter(f"{{{PLACEMENT}}}{name}")]
    size = children(anchor, "ext", PLACEMENT)
    texts += [(part.get(name, ""), MOST_EMU) for part in size for name in ("cx", "cy")]
    inside = all(text.strip().isdecimal() and int(text) <= most for text, most in texts)
    return inside and not anchor.tag.endswith("}absoluteAnchor")
