"""The Python API: four functions, what they return and what they raise."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import sheetgen
from sheetgen import InvalidInput, NotVerifiable, SheetgenError, build, estimate, load_scenario, starter, verify
from sheetgen.base.inputs import fields
from tests.support.edits import set_cells
from tests.support.package import read_book
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES["llama405b"]
LLAMA_PARAMETERS = 405_853_388_800  # counted from config.json of meta-llama/Llama-3.1-405B (Hugging Face)


def test_names() -> None:
    """Everything in ``__all__`` is there, documented, and imported only when it is used."""
    for name in sheetgen.__all__:
        value = getattr(sheetgen, name)
        assert name == "__version__" or inspect.getdoc(value)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        sheetgen.nothing  # noqa: B018 - the access is what is tested


def test_load_scenario() -> None:
    """A scenario has six cases; inputs are numbers in base units: tokens, fractions, FLOP/s."""
    scenario = load_scenario(SAMPLE)
    assert [case.name for case in scenario.cases][:2] == ["H100, MFU 41%", "H100, MFU 38%"]
    base, published = scenario.inputs(0), scenario.inputs(5)
    assert (base["tokens"], base["stated_mfu"], base["gpus"]) == (15_600_000_000_000, 0.41, 16_384)
    assert (published["stated_flops_per_gpu"], published["published_training_flops"]) == (400e12, 3.8e25)
    assert published["context_length"] == 8192
    assert load_scenario(str(SAMPLE)) == scenario


def test_to_frame() -> None:
    """``estimate(...).to_frame()``: quantities as rows by key, a unit column, a column a case."""
    frame = estimate(load_scenario(SAMPLE)).to_frame()
    assert frame.index.name == "key"
    assert list(frame.columns[:2]) == ["unit", "H100, MFU 41%"]
    assert frame.shape[1] == 7
    assert frame.loc["training_flops", "H200"] == pytest.approx(6 * LLAMA_PARAMETERS * 15.6e12, rel=1e-12)
    assert frame.loc["calendar_days", "Published, 400 TFLOPS"] == pytest.approx(68.7, abs=0.05)
    assert frame.loc["total_cost", "unit"] == "USD"
    assert not frame.isna().to_numpy().any()


def test_build_and_verify(tmp_path: Path) -> None:
    """``build`` returns the path it wrote; ``verify`` agrees; a typed-in result does not."""
    path = build(load_scenario(SAMPLE), str(tmp_path / "budget.xlsx"))
    assert path == tmp_path / "budget.xlsx"
    verdict = verify(path)
    assert verdict.agrees
    assert verdict.exit_code == 0
    assert verdict.cases[5] == "Published, 400 TFLOPS"
    cells = read_book(path).sheet_by_name["cost"].cells
    (row,) = [cell.row for cell in cells if cell.column == 2 and cell.value == "compute_cost"]
    edited = tmp_path / "edited.xlsx"
    set_cells(path, edited, {("Cost", f"D{row}"): 1.0})
    refuted = verify(str(edited))
    assert not refuted.agrees
    assert refuted.exit_code == 1
    assert f"D{row}" in {item.cell for item in refuted.overwritten}


def test_same_bytes(tmp_path: Path) -> None:
    """The same scenario gives the same bytes, whenever and wherever it is built."""
    scenario = load_scenario(SAMPLE)
    first, second = build(scenario, tmp_path / "a.xlsx"), build(scenario, tmp_path / "b.xlsx")
    assert first.read_bytes() == second.read_bytes()


def test_starter(tmp_path: Path) -> None:
    """The starter's text is a scenario, and names every key beside those of a model's architecture."""
    path = tmp_path / "starter.yaml"
    path.write_text(starter(), encoding="utf-8")
    assert len(load_scenario(path).cases) == 3
    words = set(re.findall(r"\w+", starter()))
    assert {key for key, spec in fields().items() if not spec.is_of_model} - words == {"case_name"}


def test_errors(tmp_path: Path) -> None:
    """Mistakes are InvalidInput with a Problem each; no verdict is NotVerifiable; both are SheetgenError."""
    path = tmp_path / "bad.yaml"
    path.write_text(SAMPLE.read_text().replace("\ntokens: 15.6T", "\ntokens: -1").replace("peak: dense", "peak: x"))
    with pytest.raises(InvalidInput) as caught:
        load_scenario(path)
    found = [(problem.key, problem.line, problem.given) for problem in caught.value.problems]
    assert sorted(found) == [("peak", 19, "x"), ("tokens", 10, "-1")]
    with pytest.raises(NotVerifiable) as unread:
        verify(path)
    assert (caught.value.exit_code, unread.value.exit_code) == (1, 3)
    assert issubclass(InvalidInput, SheetgenError)
    assert issubclass(NotVerifiable, SheetgenError)
