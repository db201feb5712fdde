"""A run that costs nothing: donated accelerators, a price of 0."""

from __future__ import annotations

from pathlib import Path

from sheetgen import build, load_scenario, verify
from tests.support.package import read_book
from tests.support.paths import SAMPLES
from tests.support.reviewer.recalculation import opened


def test_a_budget_of_nothing_builds(tmp_path: Path) -> None:
    """No share of a total of 0 is taken: the workbook builds and agrees, and Summary's tile says so in words."""
    text = SAMPLES["geniac-12b"].read_text(encoding="utf-8")
    path = tmp_path / "free.yaml"
    old = next(line for line in text.splitlines() if line.startswith("price_per_gpu_hour:"))
    path.write_text(text.replace(old, "price_per_gpu_hour: 0"), encoding="utf-8")
    book = build(load_scenario(path), tmp_path / "free.xlsx")
    assert verify(book).agrees
    assert "nothing is paid" in {cell for sheet, cell in _texts(book) if sheet == "Summary"}


def _texts(path: Path) -> list[tuple[str, str]]:
    """Every text that formulas of the workbook give, with its sheet."""
    values = opened(read_book(path).path).values()
    return [(sheet, value) for (sheet, _), value in values.items() if isinstance(value, str)]
