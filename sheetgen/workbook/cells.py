"""A cell of the workbook as data, what may be typed into it, and a chart of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sheetgen.base.inputs import Field, Value

NEVER, ALWAYS, TEXT_ONLY, SEQUENCE, SHORT, CUT, CHOSEN = EXACT = (
    "never", "always", "text", "sequence", "short", "cut", "chosen",
)  # fmt: skip
"""When a count is a whole number all along its way, so that a double holds it exactly: never; always; of text, not of
images, whose patches and head are counted once an image; while a sequence has fewer FLOPs than 2^53; of text and while
that is so, for it is averaged over a sequence; the same, where a window or packing cuts the sequence; as the chosen
conventions are."""


class Compared(NamedTuple):
    """How a figure is compared with the engine's.

    ``exact`` says when it must be equal; ``difference_of`` names the figure, or the quotient of two, whose size bounds
    how near it can be, where it is a difference of nearly equal ones.
    """

    exact: str = NEVER
    difference_of: str = ""


class Shown(NamedTuple):
    """What a formula cell shows: the quantity ``key`` of a case, with axes of a sensitivity table moved by steps.

    ``at`` are the dimensions at which a share of sheet Scaling stands: of a sequence, or of a whole model.
    """

    key: str
    case: int
    steps: tuple[tuple[str, int], ...] = ()
    at: tuple[tuple[str, float], ...] = ()
    compared: Compared = Compared()


@dataclass(slots=True)
class Cell:
    """One cell. ``formula`` has no leading ``=``; ``value`` is then its computed value."""

    style: str
    value: Value | bool | None = None
    formula: str | None = None
    shows: Shown | None = None
    unlocked: bool = False
    link: str | None = None


class Typed(NamedTuple):
    """Which figure of a list an input cell of a table holds: of which record, by its key, and what of it."""

    of: str
    record: str
    name: str


class Validation(NamedTuple):
    """What may be typed into an input cell: the field's own range, or the range that a dropdown lists.

    ``typed`` is there in a table whose records the program knows.
    """

    row: int
    column: int
    field: Field
    list_range: str | None
    typed: Typed | None = None


class Series(NamedTuple):
    """One series of a chart: where its name stands (or the name itself), its values, and of a scatter their x."""

    name: str
    values: str
    across: str = ""


class Spot(NamedTuple):
    """Where a chart stands: below ``row``, from ``column`` on, ``width`` and ``height`` pixels large, else as the sheet
    is."""

    row: int
    column: int = 0
    width: int = 0
    height: int = 0


class ChartPlan(NamedTuple):
    """A chart of kind ``column``, ``column_stacked``, ``line``, ``scatter`` (on log axes) or ``curves``.

    ``axis`` is the unit of its values, empty for amounts, whose currency stands above it in a cell; of curves what
    stands along. Before the bars stand ``lines``; ``across`` says
    what their places are.
    """

    spot: Spot
    title: str
    description: str
    kind: str
    categories: str
    series: tuple[Series, ...]
    axis: str
    lines: tuple[Series, ...] = ()
    across: str = ""
