"""How long the catalogue takes to load, as a ratio of processor time to a baseline measured in the same process.

The baseline is the csv module reading the same files into dictionaries and nothing else: no type, no unit, no check.
"""

from __future__ import annotations

import csv
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

import sheetgen.catalogue
from sheetgen.catalogue import load_catalogue
from tests.support.timing import least_seconds

FILES = sorted(Path(sheetgen.catalogue.__file__).parent.glob("*.csv"))
ROUNDS = 20
MOST_PLAIN_READS = 20


def plain_read() -> int:
    """Read the files with the csv module; their number of rows."""
    rows = 0
    for path in FILES:
        with path.open(newline="", encoding="utf-8") as stream:
            rows += len(list(csv.DictReader(stream)))
    return rows


def test_the_catalogue_against_a_plain_read(benchmark: BenchmarkFixture) -> None:
    """Reading and checking all accelerators and prices takes at most twenty times a plain read of their files."""
    assert plain_read() > len(FILES) > 1
    ratio = least_seconds(load_catalogue, ROUNDS) / least_seconds(plain_read, ROUNDS)
    benchmark.extra_info["ratio"] = round(ratio, 1)
    benchmark.pedantic(load_catalogue, rounds=1)

    assert ratio <= MOST_PLAIN_READS


def test_a_slow_catalogue_would_be_seen() -> None:
    """Negative control: a catalogue loaded ten times over is beyond the limit."""
    slow = least_seconds(lambda: [load_catalogue() for _ in range(10)], ROUNDS)

    assert slow > MOST_PLAIN_READS * least_seconds(plain_read, ROUNDS)
