"""Ranges of MFU and goodput for a run that states none: what published runs reached, the nearest of them for the MFU.

P10 and P90 are taken between the ordered figures (inclusive, as NIST/SEMATECH e-Handbook 7.2.6.2 has it), so that one
odd run does not make the range. MFUs are compared in PaLM's count, which counts attention: in ``6nd`` a run with a long
context would look slow. ``goodput.csv`` holds every goodput that was published or follows from published figures; they
are too few to choose among.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import floor
from pathlib import Path
from typing import NamedTuple

from sheetgen.catalogue.records import Record, read_keyed
from sheetgen.evidence.guidance import Setting, nearest

FILE = Path(__file__).parent / "goodput.csv"
COUNTED_IN = "palm"
LOW, HIGH = 0.1, 0.9
LEAST = 3
"""Fewer runs in the precision asked for give no range."""
NAMED = 3


class Goodput(NamedTuple):
    """A published goodput [fraction of the elapsed time that trained], or the share of the hours that steps explain."""

    key: str
    run: str
    goodput: float
    source: str
    source_url: str
    notes: str


class Range(NamedTuple):
    """Low (P10) and high (P90) [fraction], and which runs they are of, in words."""

    low: float
    high: float
    told: str


@cache
def goodputs() -> tuple[Goodput, ...]:
    """Every published goodput, in the order of the file. Raises InvalidInput where the table has a mistake."""
    columns = Goodput._fields
    return tuple(read_keyed(FILE, columns, columns, _goodput).values())


def _goodput(record: Record) -> Goodput:
    texts = {name: record.text(name) for name in ("key", "run", "source", "source_url", "notes")}
    return Goodput(**texts, goodput=record.number("goodput"))


def between(values: Sequence[float], share: float) -> float:
    """The figure below which a share of the values lies, between neighbours in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = min(floor(place), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def mfu_range(setting: Setting) -> Range | None:
    """What the published runs nearest to a setting reached, in PaLM's count, at a peak of its precision; None where
    fewer than :data:`LEAST` of the nearest did. Raises InvalidInput as :func:`nearest`."""
    same = "bf16" if setting.precision == "fp16" else setting.precision
    rows = [
        row for row in nearest(setting, COUNTED_IN).rows if row.measurement.precision.replace("fp16", "bf16") == same
    ]
    if len(rows) < LEAST:
        return None
    values = [row.mfu for row in rows]
    names = list(dict.fromkeys(row.measurement.run for row in rows))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    told = f"P10 and P90 of the {len(rows)} nearest published MFUs: {', '.join(names[:NAMED])}{more}; sheetgen mfu"
    return Range(between(values, LOW), between(values, HIGH), told)


def goodput_range() -> Range:
    """What the published goodputs were."""
    values = [item.goodput for item in goodputs()]
    names = ", ".join(item.run for item in goodputs())
    return Range(between(values, LOW), between(values, HIGH), f"P10 and P90 of {len(values)} published: {names}")
