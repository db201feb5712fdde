"""Sheet Layout: hand-worked figures of one run split in three ways, and edits that verify.

GENIAC 12B (40 layers, width 5,120) on 96 H100 in six stages: 16 data-parallel ranks, a batch of 256 sequences of 4,096
tokens, so 16 microbatches. Forward a layer takes 592,445,440 FLOPs a token and the head 1.730 of that: of 41.730
layers' worth a mean stage has 6.955.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetgen.api.build import build
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.workbook import verify
from tests.support.edits import set_cells
from tests.support.paths import SAMPLES

SPLITS = ("6/7/7/7/7/6", "7/7/7/7/6/6", "7/7/7/7/7/5")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run with a case for each split."""
    head = SAMPLES["geniac-12b"].read_text(encoding="utf-8").partition("base_case:")[0]
    head = head.replace("gpus: 128", "gpus: 96").replace("global_batch_tokens: 4194304", "global_batch_tokens: 1048576")
    head = head.replace("recomputation: selective", "recomputation: none")
    cases = "\n".join(f"  - {{name: split {split}, stage_split: {split}}}" for split in SPLITS[1:])
    path = tmp_path_factory.mktemp("layout") / "geniac.yaml"
    path.write_text(
        f"{head}sheets: [layout]\npipeline_parallel: 6\nstage_split: counted\nbase_case: counted\ncases:\n{cases}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def built(scenario: Path) -> Path:
    """Its workbook."""
    return build(load_scenario(scenario), scenario.with_suffix(".xlsx"))


def shown(path: Path) -> list[dict[str, Any]]:
    """What the cells of sheet Layout hold, by case and key."""
    rows = list(openpyxl.load_workbook(path, data_only=True)["Layout"].iter_rows(min_row=6, values_only=True))
    return [{str(row[1]): row[column] for row in rows if row[1] is not None} for column in (3, 4, 5)]


def test_bubble_and_balance(built: Path) -> None:
    """5/16 over the ideal, 5/21 over the step; the last stage (6 + 1.730) / 6.955 = 1.1114 of the mean, 7 / 6.955 with
    5 layers beside the head; time (imbalance + (6 − imbalance)/16)."""
    cases = shown(built)

    for values in cases:
        assert values["bubble_of_ideal"] == 0.3125
        assert values["bubble_of_step"] == pytest.approx(5 / 21)
        assert values["recomputation_time_factor"] == 1
    assert [values["stage_imbalance"] for values in cases] == pytest.approx([1.1114, 1.1114, 1.0065], abs=5e-5)
    assert [values["pipeline_time_factor"] for values in cases] == pytest.approx([1.417, 1.417, 1.319], abs=5e-4)


def test_bytes_and_seconds(built: Path) -> None:
    """A boundary of 2·4,096·5,120 bytes both ways, 16 times, on the 450 GB/s of a node that six stages fit, and
    gradients in fp32 with weights in bf16 of the largest stage's 2,164,065,280 parameters, 15/16 of 6 bytes each, on a
    network of 50 GB/s, both reached to 80 %."""
    values = shown(built)[0]
    boundary, reduced = 2 * 4096 * 5120, 6 * 2_164_065_280 * 15 / 16

    assert values["boundary_bytes"] == boundary
    assert values["pipeline_parallel_seconds"] == pytest.approx(2 * 16 * boundary / 360e9)
    assert values["stage_reduced:6"] == reduced
    assert values["data_parallel_seconds"] == pytest.approx(reduced / 40e9)
    assert values["tensor_parallel_bytes"] == values["context_parallel_bytes"] == values["expert_parallel_bytes"] == 0


def test_a_step_is_spent_whole(built: Path) -> None:
    """Kernels, exposed communication, bubble and imbalance are the step; the MFU is the kernel efficiency times the
    share of the step that kernels run."""
    for values in shown(built):
        parts = values["kernel_seconds"] + values["exposed_seconds"] + values["waiting_seconds"]
        assert parts == pytest.approx(values["step_seconds"])
        mfu = values["implied_kernel_efficiency"] * values["layout_efficiency"] / values["recomputation_time_factor"]
        assert mfu == pytest.approx(0.40)
        assert values["layout_efficiency"] < 1 / values["pipeline_time_factor"]


def test_an_edited_split_verifies(built: Path, tmp_path: Path) -> None:
    """Another list of layers typed into the base: every dependent cell agrees, and nothing moves in money."""
    path = tmp_path / "edited.xlsx"
    inputs = openpyxl.load_workbook(built)["Inputs"]
    keys = {cell.value: cell.row for row in inputs.iter_rows() for cell in row if isinstance(cell.value, str)}
    set_cells(built, path, {("Inputs", f"D{keys['stage_split']}"): "7/7/7/7/7/5"})
    before, after = verify(built), verify(path)

    assert before.agrees
    assert after.agrees
    assert after.edits
    assert after.key_figures[0]["total_cost"] == before.key_figures[0]["total_cost"]
