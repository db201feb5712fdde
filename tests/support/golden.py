"""Every figure of two samples as it was, so that a change of the code that moves one is seen.

The files say nothing of what is right; other tests do. Where figures are meant to move, ``python -m
tests.support.golden`` writes them anew, and the change shows in the diff of ``tests/data/golden/``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from sheetgen import estimate, load_scenario
from tests.support.paths import DATA, SAMPLES

GOLDEN = DATA / "golden"
NAMES = ("llama405b", "procurement-70b")
WITHIN = 1e-12

Figures = Mapping[str, list[str]]
"""By key: the unit, and the value in each case."""


def figures(name: str) -> Figures:
    """What the engine says of a sample."""
    result = estimate(load_scenario(SAMPLES[name]))
    return {key: [unit, *(str(case[key]) for case in result.quantities)] for key, unit in result.units.items()}


def golden(name: str) -> Figures:
    """What it said when the file was written."""
    with path_of(name).open(encoding="utf-8", newline="") as file:
        return {key: values for key, *values in csv.reader(file)}


def moved(was: Figures, now: Figures) -> list[str]:
    """The figures that are lost, and those that differ by more than rounding, in words. New ones may come."""
    return [
        f"{key}: {' '.join(values)} → {' '.join(now.get(key, ['lost']))}"
        for key, values in was.items()
        if len(values) != len(now.get(key, [])) or not all(map(_same, values, now[key]))
    ]


def path_of(name: str) -> Path:
    """The file of a sample."""
    return GOLDEN / f"{name}.csv"


def _same(was: str, now: str) -> bool:
    if was == now:
        return True
    try:
        return math.isclose(float(was), float(now), rel_tol=WITHIN)
    except ValueError:
        return False


if __name__ == "__main__":
    for sample in NAMES:
        with path_of(sample).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([key, *values] for key, values in figures(sample).items())
