"""Sheet Candidates: the cases ranked by live formulas, anew after an edit in another program.

GENIAC 12B at 40 % MFU. H100 and H200 have one dense peak in bf16 (989.4 TFLOPS), so every case takes the same GPU-hours
and the bill is in proportion to the price: 450 on any number of H100s, 440 on H200s.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetgen.api.build import build
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.workbook import verify
from tests.support.macro import Typed, insert_rows
from tests.support.paths import SAMPLES

CASES = """base_case: A, 96 H100
cases:
  - {name: "B, 192 H100", gpus: 192}
  - {name: "C, 96 H200", accelerator: h200-sxm-141gb, price_per_gpu_hour: 440, quoted_for: h200-sxm-141gb}
  - {name: "D, 48 H100", gpus: 48}
"""


def scenario(folder: Path, *lines: str) -> Path:
    """The run with these cases and further lines."""
    text = SAMPLES["geniac-12b"].read_text(encoding="utf-8").partition("base_case:")[0]
    text = text.replace("gpus: 128", "gpus: 96").replace("global_batch_tokens: 4194304", "global_batch_tokens: 1572864")
    more = "".join(f"{line}\n" for line in ("sheets: [candidates]", "pipeline_parallel: 6", *lines))
    path = folder / "candidates.yaml"
    path.write_text(f"{text}{more}{CASES}", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook."""
    path = scenario(tmp_path_factory.mktemp("candidates"))
    return build(load_scenario(path), path.with_suffix(".xlsx"))


def ranked(path: Path) -> list[tuple[Any, ...]]:
    """Of each row its name, total, days, place by days, and whether it fits and counts."""
    rows = openpyxl.load_workbook(path, data_only=True)["Candidates"].iter_rows(values_only=True)
    chosen = [row for row in rows if str(row[19]).startswith("candidate:")]
    return [(row[0], row[1], row[2], row[4], row[10], row[11]) for row in chosen]


def inputs(path: Path) -> dict[str, int]:
    """The row of each input."""
    sheet = openpyxl.load_workbook(path)["Inputs"]
    return {cell.value: cell.row for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}


def test_the_cheapest_stands_first(built: Path) -> None:
    """440 before 450; of equal cost fewer accelerators first. Twice the accelerators take half the days."""
    rows = ranked(built)
    totals = {row[0]: row[1] for row in rows}
    days = {row[0]: row[2] for row in rows}

    assert [row[0] for row in rows] == ["C, 96 H200", "D, 48 H100", "A, 96 H100", "B, 192 H100"]
    assert {row[4:] for row in rows} == {("yes", "yes")}
    assert totals["C, 96 H200"] == pytest.approx(totals["A, 96 H100"] * 440 / 450)
    assert totals["A, 96 H100"] == pytest.approx(totals["B, 192 H100"])
    assert days["B, 192 H100"] == pytest.approx(days["A, 96 H100"] / 2)
    assert {row[0]: row[3] for row in rows} == {"B, 192 H100": 1, "A, 96 H100": 2, "C, 96 H200": 2, "D, 48 H100": 4}
    assert verify(built).agrees


def test_an_edit_ranks_them_anew(built: Path, tmp_path: Path) -> None:
    """In LibreOffice the price of the base falls to 430, which the H100s inherit: they come first. With a deadline in
    2027 that 192 alone meet, that one counts, whatever the others cost. With micro batches of eight 96 H100s hold
    3 × 8 sequences of 4,096 tokens at 7 layers of 148,640 bytes, 102 GB: A no longer fits. All files agree."""
    rows = inputs(built)
    price = Typed("Inputs", f"D{rows['price_per_gpu_hour']}", 430)
    late = Typed("Inputs", f"D{rows['deadline']}", 46_428)  # 2027-02-10, nine days after the start
    large = Typed("Inputs", f"D{rows['micro_batch_sequences']}", 8)
    cheaper, soon, full = insert_rows(built, [[price], [late], [large]], tmp_path)

    assert [row[0] for row in ranked(cheaper)] == ["D, 48 H100", "A, 96 H100", "B, 192 H100", "C, 96 H200"]
    assert [(row[0], row[5]) for row in ranked(soon)][:2] == [("B, 192 H100", "yes"), ("A, 96 H100", "no")]
    assert {row[5] for row in ranked(soon)[1:]} == {"no"}
    assert {row[0]: row[4] for row in ranked(full)}["A, 96 H100"] == "no"
    assert ranked(full)[-1][4:] == ("no", "no")
    assert verify(cheaper).agrees
    assert verify(soon).agrees
    assert (verify(full).intact, verify(full).agrees) == (True, False)  # its own check says that A does not fit
