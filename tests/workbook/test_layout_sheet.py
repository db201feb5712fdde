"""Sheet Layout, and what sheet Time makes of it: one run split in three ways, and edits that verify.

GENIAC 12B (40 layers, width 5,120) on 96 H100 in six stages: 16 data-parallel ranks, a batch of 256 sequences of 4,096
tokens, so 16 microbatches. Forward a layer takes 592,445,440 FLOPs a token and the head 1.730 of that: of 41.730
layers' worth a mean stage has 6.955.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from defusedxml.ElementTree import fromstring

from sheetgen.api.build import build
from sheetgen.base.errors import InvalidInput
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import complete
from sheetgen.verification.workbook import verify
from sheetgen.workbook.cells import Series
from sheetgen.workbook.file.chart_part import chart_traits
from sheetgen.workbook.plan import plan
from tests.support.edits import set_cells
from tests.support.macro import Typed, insert_rows
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


def shown(path: Path, *sheets: str) -> list[dict[str, Any]]:
    """What the cells of sheets hold (Layout and Time where none is named), by case and key."""
    book = openpyxl.load_workbook(path, data_only=True)
    rows = [row for name in sheets or ("Layout", "Time") for row in book[name].iter_rows(min_row=6, values_only=True)]
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


def test_stacks_are_the_peak_of_each_stage(built: Path) -> None:
    """A chart a case on sheet Memory: what it stacks is the stage's peak, the line is 94 % of 80 GB, the margin
    between; stages that are not used have nothing."""
    charts = list(plan(complete(load_scenario(built.with_suffix(".yaml")))).sheets["Memory"].charts)
    cells = openpyxl.load_workbook(built, data_only=True)

    def drawn(series: Series) -> list[float]:
        sheet, _, place = series.values.partition("!")
        return [float(row[0].value) for row in cells[sheet][place.replace("$", "")]]

    assert len(charts) == 1 + len(SPLITS[1:])
    for chart, values in zip(charts, shown(built, "Stages"), strict=True):
        stacked = [sum(parts) for parts in zip(*map(drawn, chart.series), strict=True)]
        assert stacked[:6] == pytest.approx([values[f"stage_total:{stage}"] for stage in range(1, 7)])
        assert not any(stacked[6:])
        assert drawn(chart.lines[0])[:6] == pytest.approx([0.94 * 80e9] * 6)
        assert values["stage_margin:1"] == pytest.approx(0.94 * 80e9 - stacked[0])


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


def by_kernels(scenario: Path, tmp_path: Path, *lines: str) -> Path:
    """The same run with 50 % kernel efficiency in place of an MFU."""
    text = scenario.read_text(encoding="utf-8").replace(
        "stated_mfu: 40%", "\n".join(("kernel_efficiency: 50%", *lines))
    )
    path = tmp_path / "kernels.yaml"
    path.write_text(text.replace("cases:\n", "cases:\n  - {name: again, recomputation: full}\n"), encoding="utf-8")
    return path


def test_kernel_efficiency_sets_the_mfu(scenario: Path, tmp_path: Path) -> None:
    """On links that take no time a step is 1.417 of the ideal, with the last stage a layer shorter 1.319; with full
    recomputation (4·40 + 3·1.730)/(3·41.730) = 1.3195 of that: 50 % become 35.3, 37.9 and 26.7 %."""
    links = [f"{key}: 1e15" for key in ("intra_node_bandwidth", "inter_node_bandwidth")]
    path = build(load_scenario(by_kernels(scenario, tmp_path, *links)), tmp_path / "kernels.xlsx")
    verdict = verify(path)
    again, evenly, shorter = (verdict.key_figures[place]["mfu"] for place in (1, 2, 3))

    assert verdict.agrees
    assert verdict.key_figures[0]["mfu"] == evenly == pytest.approx(0.5 / 1.417, rel=1e-3)
    assert shorter == pytest.approx(0.5 / 1.319, rel=1e-3)
    assert again == pytest.approx(0.5 / 1.417 / 1.3195, rel=1e-3)


def test_layout_moves_money_by_kernels_alone(scenario: Path, built: Path, tmp_path: Path) -> None:
    """Twice the accelerators have half the microbatches and more bubble: by kernel efficiency the run costs more, at an
    MFU given end to end it costs the same."""
    kernels = build(load_scenario(by_kernels(scenario, tmp_path)), tmp_path / "kernels.xlsx")
    costs = []
    for path in (built, kernels):
        inputs = openpyxl.load_workbook(path)["Inputs"]
        keys = {cell.value: cell.row for row in inputs.iter_rows() for cell in row if isinstance(cell.value, str)}
        edited = tmp_path / f"edited-{path.name}"
        set_cells(path, edited, {("Inputs", f"D{keys['gpus']}"): 192})
        before, after = verify(path), verify(edited)
        assert before.agrees
        assert after.agrees
        costs.append((float(before.key_figures[0]["total_cost"]), float(after.key_figures[0]["total_cost"])))

    assert costs[0][1] == pytest.approx(costs[0][0])
    assert costs[1][1] > 1.1 * costs[1][0]


def test_another_basis_moves_nothing_until_it_is_edited(built: Path, tmp_path: Path) -> None:
    """The kernel efficiency beside a given MFU is the one that leads to it."""
    inputs = openpyxl.load_workbook(built)["Inputs"]
    keys = {cell.value: cell.row for row in inputs.iter_rows() for cell in row if isinstance(cell.value, str)}
    path = tmp_path / "edited.xlsx"
    set_cells(built, path, {("Inputs", f"D{keys['efficiency_basis']}"): "kernel_efficiency"})
    verdict = verify(path)

    assert verdict.agrees
    assert verdict.key_figures[0]["mfu"] == pytest.approx(0.40)


def test_kernel_efficiency_needs_the_sheet(scenario: Path, tmp_path: Path) -> None:
    """One message that says which sheet to ask for, and no choice of it in a workbook without."""
    path = by_kernels(scenario, tmp_path)
    text = path.read_text(encoding="utf-8").replace("sheets: [layout]\n", "").partition("pipeline_parallel")[0]
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        load_scenario(path)

    (problem, *_) = raised.value.problems
    assert "belongs to the optional sheet layout" in str(problem)
    assert problem.key == "kernel_efficiency"


def test_a_split_typed_in_libreoffice(scenario: Path, tmp_path: Path) -> None:
    """By kernel efficiency, on links that take no time: with 7/7/7/7/7/5 typed into the base a step takes 1.319 of the
    ideal in place of 1.417, the bill moves with it, and every cell agrees; two ways of tensor parallelism halve
    what weights take."""
    links = [f"{key}: 1e15" for key in ("intra_node_bandwidth", "inter_node_bandwidth")]
    path = build(load_scenario(by_kernels(scenario, tmp_path, *links)), tmp_path / "kernels.xlsx")
    inputs = openpyxl.load_workbook(path)["Inputs"]
    keys = {cell.value: cell.row for row in inputs.iter_rows() for cell in row if isinstance(cell.value, str)}
    split = Typed("Inputs", f"D{keys['stage_split']}", "7/7/7/7/7/5")
    tensor = Typed("Inputs", f"D{keys['tensor_parallel']}", 2)
    shorter, narrower = insert_rows(path, [[split], [tensor]], tmp_path)
    before, after, other = (verify(file) for file in (path, shorter, narrower))

    assert after.agrees
    assert after.key_figures[0]["mfu"] == pytest.approx(0.5 / 1.319, rel=1e-3)
    assert after.key_figures[0]["total_cost"] < before.key_figures[0]["total_cost"]
    assert other.intact
    weights = [shown(file, "Memory")[0]["weights_per_gpu"] for file in (path, narrower)]
    assert weights[1] == pytest.approx(weights[0] / 2, rel=1e-3)  # but the norms, which every rank holds


@pytest.mark.parametrize(("series", "kind"), [(1, "line"), (2, "line stacked")])
def test_a_series_alone_is_not_stacked(series: int, kind: str) -> None:
    """LibreOffice saves the line before stacked columns as stacked: the same picture; of two lines it is another."""
    space = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    lines = "<c:ser/>" * series
    chart = f'<c:lineChart><c:grouping val="stacked"/>{lines}</c:lineChart>'
    text = f'<c:chartSpace xmlns:c="{space}"><c:chart><c:plotArea>{chart}</c:plotArea></c:chart></c:chartSpace>'

    assert chart_traits(fromstring(text), str)["kind"] == kind
