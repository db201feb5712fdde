"""The foot of a printed page, with a line of ours below it."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement

from sheetgen.workbook.file.xml_part import MAIN, children

MOST_OF_A_FOOT = 180  # of the 255 characters that a foot may have
BEHIND = frozenset({"rowBreaks", "colBreaks", "drawing"})


def stamp_foot(root: Element, text: str) -> None:
    """Put a line below the foot of every page of a sheet, whatever the foot says."""
    feet = children(root, "headerFooter")
    if not feet:
        before = [at for at, child in enumerate(root) if child.tag.rpartition("}")[2] not in BEHIND]
        feet = [Element(f"{{{MAIN}}}headerFooter")]
        root.insert(max(before, default=-1) + 1, feet[0])
    (foot,) = feet[:1]
    for name in ("differentFirst", "differentOddEven"):
        foot.attrib.pop(name, None)
    for child in list(foot):
        if child.tag.rpartition("}")[2] not in {"oddHeader", "oddFooter"}:
            foot.remove(child)
    lines = children(foot, "oddFooter") or [SubElement(foot, f"{{{MAIN}}}oddFooter")]
    parts = _parts((lines[0].text or "")[:MOST_OF_A_FOOT])
    shown = text.replace("&", "&&")
    below = {"L": "", "C": "", "R": f"{' ' if shown[:1].isdigit() else ''}{shown}"}
    # A second line everywhere: a program may set what has one line in the middle of what has two.
    lines[0].text = "".join(f"&{part}{parts.get(part, '')}\n&6{line or ' '}" for part, line in below.items())


def _parts(text: str) -> dict[str, str]:
    """What stands left, in the centre and right in a foot; what no place is said of stands in the centre."""
    found: dict[str, str] = {}
    place = "C"
    for sign in re.findall(r"&[LCR]|&&|.", text, re.DOTALL):
        if sign in {"&L", "&C", "&R"}:
            place = sign[1]
        else:
            found[place] = found.get(place, "") + sign
    return found
