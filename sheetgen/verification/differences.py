"""What a workbook holds that it was not built with, and how much each kind of difference weighs.

A kind is an aspect of a workbook: what it belongs to, and whether a change of it changes a figure or its meaning
(which fails), makes the workbook look other than built (which is said), or does no harm (which is counted).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

MEANING, LOOKS, HARMLESS = WEIGHTS = ("meaning", "looks", "harmless")
"""Changes a figure or its meaning; looks other than built; harmless."""

SHOWN, FIGURES, FORMULAS, INPUTS, LOOK, HIDDEN, SETTINGS, PROVENANCE = (
    "shown", "figures", "formulas", "inputs", "looks", "hidden", "settings", "provenance",
)  # fmt: skip


class Aspect(NamedTuple):
    """A kind of difference: the section of the report, its weight, and what it is in words."""

    section: str
    weight: str
    words: str


ASPECTS: dict[str, Aspect] = {
    "text": Aspect(SHOWN, MEANING, "a text is not as built"),
    "note": Aspect(SHOWN, MEANING, "the notes beside inputs are not those of the build"),
    "key twice": Aspect(SHOWN, MEANING, "a key stands twice"),
    "lost": Aspect(SHOWN, MEANING, "a cell that was built is gone"),
    "unit of amounts": Aspect(SHOWN, MEANING, "amounts are shown in another unit than heads say"),
    "meaning of a format": Aspect(SHOWN, MEANING, "a number format shows another figure"),
    "figure beside": Aspect(FIGURES, MEANING, "a typed figure that no formula of the budget reads"),
    "figure read": Aspect(FIGURES, LOOKS, "a typed figure beside the budget, which a formula reads"),
    "formula beside": Aspect(FIGURES, LOOKS, "a formula beside the budget"),
    "text beside": Aspect(SHOWN, LOOKS, "a text beside the budget"),
    "figure in a copy": Aspect(FIGURES, MEANING, "a typed figure under a key of the budget, on another sheet"),
    "figure beside inputs": Aspect(FIGURES, LOOKS, "a typed figure beside the inputs"),
    "chart": Aspect(SHOWN, MEANING, "a chart draws or says other than built"),
    "chart gone": Aspect(SHOWN, LOOKS, "a chart is gone, as programs leave out that do not know them"),
    "name in a chart": Aspect(LOOK, LOOKS, "a series of a chart has another name"),
    "condition that writes": Aspect(SHOWN, MEANING, "a conditional format that writes another figure"),
    "input formula": Aspect(INPUTS, LOOKS, "an input is a formula"),
    "forbidden input formula": Aspect(INPUTS, MEANING, "an input is a formula that is not computed alike everywhere"),
    "formula in a cell": Aspect(FORMULAS, MEANING, "a formula where a constant was built"),
    "format": Aspect(LOOK, LOOKS, "a number format is not as built"),
    "format of another size": Aspect(LOOK, HARMLESS, "a number format is that of a figure of another size"),
    "look": Aspect(LOOK, LOOKS, "a cell looks other than built"),
    "condition": Aspect(LOOK, LOOKS, "a conditional format is not as built"),
    "merge": Aspect(LOOK, LOOKS, "cells are merged other than built"),
    "drawing": Aspect(LOOK, LOOKS, "something is drawn over the sheet"),
    "picture": Aspect(LOOK, LOOKS, "a picture behind the sheet"),
    "table": Aspect(LOOK, LOOKS, "a table or filter is laid over cells"),
    "width that hides": Aspect(HIDDEN, LOOKS, "a column is much narrower than built"),
    "hidden": Aspect(HIDDEN, LOOKS, "hidden"),
    "grouped": Aspect(HIDDEN, LOOKS, "grouped, and may be folded"),
    "zeros": Aspect(HIDDEN, LOOKS, "zeros are not shown, or formulas are in place of figures"),
    "comment": Aspect(SHOWN, LOOKS, "a comment"),
    "link": Aspect(SETTINGS, LOOKS, "a link is not as built"),
    "header and footer": Aspect(LOOK, LOOKS, "head or foot of the page is not as built"),
    "print area": Aspect(LOOK, LOOKS, "what is printed is not as built"),
    "validation": Aspect(SETTINGS, LOOKS, "what may be typed is not as built"),
    "protection": Aspect(SETTINGS, LOOKS, "the protection is not as built"),
    "lock": Aspect(SETTINGS, LOOKS, "a cell may be typed into, or not, other than built"),
    "name": Aspect(SETTINGS, LOOKS, "a name of cells that was not built"),
    "calculation": Aspect(SETTINGS, LOOKS, "how the workbook is calculated is not as built"),
    "sheet beside": Aspect(SETTINGS, LOOKS, "a sheet that was not built"),
    "sheet renamed": Aspect(SETTINGS, HARMLESS, "a sheet is renamed"),
    "sheet moved": Aspect(SETTINGS, HARMLESS, "sheets stand in another order"),
    "row moved": Aspect(LOOK, LOOKS, "a row stands elsewhere among the rows"),
    "put in": Aspect(LOOK, HARMLESS, "rows or columns were inserted"),
    "property": Aspect(PROVENANCE, LOOKS, "a property of the file is not as built"),
    "fact": Aspect(PROVENANCE, MEANING, "where the workbook comes from is not said"),
    "extension": Aspect(SETTINGS, LOOKS, "an extension of the format that is not compared"),
    "part": Aspect(SETTINGS, LOOKS, "a part of the file that is not compared"),
    "width": Aspect(LOOK, HARMLESS, "a column has another width"),
    "print titles": Aspect(LOOK, HARMLESS, "what is repeated on each page is not as built"),
    "paper": Aspect(LOOK, HARMLESS, "paper, margins, scale or breaks are not as built"),
    "view": Aspect(LOOK, HARMLESS, "frozen rows, zoom or grid lines are not as built"),
}  # fmt: skip


class Difference(NamedTuple):
    """One difference: its aspect, the sheet and cell in the file, the key of the row, what was built and what is."""

    aspect: str
    sheet: str
    cell: str = ""
    key: str = ""
    built: str = ""
    found: str = ""

    @property
    def weight(self) -> str:
        """:data:`MEANING`, :data:`LOOKS` or :data:`HARMLESS`."""
        return ASPECTS[self.aspect].weight

    @property
    def section(self) -> str:
        """What it belongs to in a report."""
        return ASPECTS[self.aspect].section

    def __str__(self) -> str:
        """One line for a report."""
        place = f"{self.sheet}!{self.cell}" if self.cell else self.sheet
        key = f" ({self.key})" if self.key else ""
        change = f": {self.found}" if not self.built else f": {self.built!r} is now {self.found!r}"
        change = "" if not self.found and not self.built else change
        return f"{place}{key}: {ASPECTS[self.aspect].words}{change}"

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"weight": self.weight, "section": self.section, **self._asdict(), "words": ASPECTS[self.aspect].words}


def of_weight(differences: Iterable[Difference], weight: str) -> list[Difference]:
    """Those of a weight, in order."""
    return [item for item in differences if item.weight == weight]


def counted(differences: Iterable[Difference]) -> dict[str, int]:
    """How many there are of each aspect, in words."""
    return dict(Counter(ASPECTS[item.aspect].words for item in differences))
