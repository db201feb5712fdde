"""The four engines recompute a poisoned workbook, and the helpers around them do what they promise."""

from __future__ import annotations

import os
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import engines
from tests.support.edits import edit_parts
from tests.support.engines import CellKey, ErrorValue, Value, cached_values, compare, poison_caches
from tests.support.office import XLSX, convert
from tests.support.sample_book import EXPECTED, FORMULAS, write_sample
from tests.support.tools import run

MODEL = "xl/worksheets/sheet2.xml"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample workbook with right cached values."""
    return write_sample(tmp_path_factory.mktemp("engines") / "sample.xlsx")


@pytest.fixture(scope="module")
def edited(sample: Path) -> Path:
    """The sample with one price doubled, a text changed, and every cached value stale."""
    path = sample.with_name("edited.xlsx")
    engines.set_cells(sample, path, {("Inputs", "B2"): 5, ("Inputs", "A2"): "A & B <TPU>"})
    return path


# With 5 instead of 2.5: (5 + 0.5) * 5 = 27.5; half of it, rounded up, is 14.
EDITED: dict[CellKey, Value] = {
    ("Model", "B1"): 27.5,
    ("Model", "B2"): "high",
    ("Model", "B3"): True,
    ("Model", "B4"): 14.0,
    ("Model", "B5"): "A & B <TPU> price",
}


@pytest.fixture(scope="module")
def by_libreoffice(sample: Path, edited: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[CellKey, Value]]:
    """Both files recomputed in one run."""
    return engines.libreoffice_values([sample, edited], tmp_path_factory.mktemp("libreoffice"))


SINGLE = [engines.ironcalc_values, engines.cellrune_values, engines.gnumeric_values]


@pytest.mark.parametrize("engine", SINGLE)
def test_engine_recomputes_poisoned_workbook(sample: Path, engine: Callable[[Path], dict[CellKey, Value]]) -> None:
    """Numbers, text and booleans come out as worked by hand, though the engine sees poisoned values only."""

    assert compare(EXPECTED, engine(sample)) == []


@pytest.mark.parametrize("engine", SINGLE)
def test_engine_follows_edited_inputs(edited: Path, engine: Callable[[Path], dict[CellKey, Value]]) -> None:
    """A number and an inline text typed into cells reach every formula that uses them."""

    assert compare(EDITED, engine(edited)) == []


def test_libreoffice_recomputes_many_files_in_one_run(by_libreoffice: list[dict[CellKey, Value]]) -> None:
    """The results come back in the order of the files, recomputed."""
    first, second = by_libreoffice

    assert compare(EXPECTED, first, loose=True) == []
    assert compare(EDITED, second, loose=True) == []


def test_default_libreoffice_echoes_the_cache(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The echo trap: without OOXMLRecalcMode=0 the poison comes back unchanged, and the engine says so.

    A workbook with right caches would pass such an oracle whatever its formulas say; hence the poison.
    """
    poisoned = tmp_path / "poisoned.xlsx"
    poison = poison_caches(sample, poisoned)
    (converted,) = convert([poisoned], XLSX, tmp_path, recalculate=False)
    stored = cached_values(converted)

    assert {key: stored[key].value for key in poison} == poison

    monkeypatch.setattr(engines, "convert", lambda *_: [converted])
    with pytest.raises(engines.EchoError, match="5 of 5 cells kept their poisoned cache"):
        engines.libreoffice_values([sample], tmp_path)


def test_errors_are_marked_as_errors(sample: Path, tmp_path: Path) -> None:
    """A division by zero is an ErrorValue of its kind in each engine that reads the file alone."""
    path = tmp_path / "error.xlsx"
    edit_parts(sample, path, {MODEL: lambda text: text.replace("ROUNDUP(B1 / 2, 0)", "B1 / 0")})

    for engine in SINGLE:
        assert engine(path)["Model", "B4"] == ErrorValue("#DIV/0!"), engine.__name__


def test_poison_changes_every_formula_and_nothing_else(sample: Path, tmp_path: Path) -> None:
    """Every formula's value becomes a wrong number of its own; constants, formulas and other parts stay."""
    poisoned = tmp_path / "poisoned.xlsx"
    poison = poison_caches(sample, poisoned)
    before, after = cached_values(sample), cached_values(poisoned)

    assert set(poison) == set(EXPECTED)
    assert len(set(poison.values())) == len(FORMULAS)
    assert {key: after[key].value for key in poison} == poison
    assert all(after[key].kind == "n" for key in poison)
    assert all(after[key] == value for key, value in before.items() if key not in poison)
    assert engines.formula_cells(poisoned) == engines.formula_cells(sample)
    with zipfile.ZipFile(sample) as old, zipfile.ZipFile(poisoned) as new:
        changed = [name for name in old.namelist() if old.read(name) != new.read(name)]
        assert old.namelist() == new.namelist()
    assert changed == [MODEL]


def test_stored_values_and_formulas_are_read_as_written(sample: Path) -> None:
    """Formulas lose their =, keep their text; values come with type and raw text, shared strings resolved."""
    stored = cached_values(sample)

    assert engines.formula_cells(sample) == {
        ("Model", cell): text.removeprefix("=") for cell, (text, _) in FORMULAS.items()
    }
    assert stored["Model", "B2"] == ("str", "high", "high")
    assert stored["Model", "B3"] == ("b", "1", True)
    assert stored["Inputs", "B2"] == ("n", "2.5", 2.5)
    assert stored["Inputs", "A2"].value == "GPU"
    assert stored["Inputs", "A2"].kind == "s"


def test_set_cells_overwrites_formulas_and_empties_cells(sample: Path, tmp_path: Path) -> None:
    """A constant replaces a formula, None empties a cell, booleans stay booleans, the style stays."""
    path = tmp_path / "typed.xlsx"
    engines.set_cells(sample, path, {("Model", "B1"): 8.25, ("Model", "B3"): False, ("Inputs", "B3"): None})
    stored = cached_values(path)
    with zipfile.ZipFile(path) as archive:
        inputs = archive.read("xl/worksheets/sheet1.xml").decode()

    assert ("Model", "B1") not in engines.formula_cells(path)
    assert stored["Model", "B1"].value == 8.25
    assert stored["Model", "B3"].value is False
    assert ("Inputs", "B3") not in stored
    assert '<c r="B3" s="1"/>' in inputs


def test_edit_of_a_missing_cell_is_refused(sample: Path, tmp_path: Path) -> None:
    """A cell or part that is not in the file is an error, and so is an edit without effect."""
    out = tmp_path / "out.xlsx"

    with pytest.raises(ValueError, match="no such cells"):
        engines.set_cells(sample, out, {("Inputs", "Q99"): 1})
    with pytest.raises(ValueError, match="no such part"):
        edit_parts(sample, out, {"xl/nothing.xml": str.upper})
    with pytest.raises(ValueError, match="changed nothing"):
        edit_parts(sample, out, {MODEL: lambda text: text})
    with pytest.raises(ValueError, match="needs a name of its own"):
        poison_caches(sample, sample)


A1, B1 = ("S", "A1"), ("S", "B1")


@pytest.mark.parametrize(
    ("expected", "got", "abs_scale", "loose"),
    [
        ({A1: 1.0}, {A1: 1.0 + 1e-10}, 1e-6, False),
        ({A1: 2e-7}, {A1: 2.0000000001e-7}, 1e-6, False),
        ({A1: 0.0}, {A1: 1e-16}, 1e-6, False),
        ({A1: 0.0}, {A1: 1e-3}, 1e8, False),
        ({A1: 0.0, B1: 1.0}, {A1: 1e-3, B1: 1.0}, {A1: 1e8}, False),
        ({A1: "x", B1: True}, {A1: "x", B1: True}, 1e-6, False),
        ({A1: ErrorValue("#NUM!")}, {A1: ErrorValue("#VALUE!")}, 1e-6, True),
        ({A1: True, B1: False}, {A1: 1.0, B1: 0.0}, 1e-6, True),
    ],
)
def test_compare_accepts(
    expected: dict[CellKey, Value],
    got: dict[CellKey, Value],
    abs_scale: float | dict[CellKey, float],
    loose: bool,
) -> None:
    """Numbers agree relatively, a cancelled sum within the scale of its operands, the rest when equal."""

    assert compare(expected, got, abs_scale=abs_scale, loose=loose) == []


@pytest.mark.parametrize(
    ("expected", "got", "line"),
    [
        ({A1: 1.0}, {A1: 1.001}, "S!A1: expected 1.0, got 1.001 (relative 1.0e-03)"),
        ({A1: 2e-7}, {A1: 2.01e-7}, "S!A1: expected 2e-07, got 2.01e-07 (relative 5.0e-03)"),
        ({A1: 1.0}, {A1: float("nan")}, "S!A1: expected 1.0, got nan (relative nan)"),
        ({A1: 1.0}, {A1: True}, "S!A1: expected 1.0, got True"),
        ({A1: 1.0}, {A1: "1.0"}, "S!A1: expected 1.0, got '1.0'"),
        ({A1: "x"}, {A1: "X"}, "S!A1: expected 'x', got 'X'"),
        ({A1: ErrorValue("#NUM!")}, {A1: ErrorValue("#REF!")}, "S!A1: expected #NUM!, got #REF!"),
        ({A1: 0.0}, {A1: ErrorValue("#REF!")}, "S!A1: expected 0.0, got #REF!"),
        ({A1: 1.0}, {}, "S!A1: expected 1.0, got no cell"),
        ({}, {A1: 1.0}, "S!A1: not expected, got 1.0"),
    ],
)
def test_compare_tells_differences(expected: dict[CellKey, Value], got: dict[CellKey, Value], line: str) -> None:
    """Each difference is one line with place, expected and got."""

    assert compare(expected, got) == [line]


def test_pages_are_rendered_and_read(sample: Path, tmp_path: Path) -> None:
    """The printed workbook comes as PNG pages and as text, recalculated."""
    poisoned = tmp_path / "poisoned.xlsx"
    poison_caches(sample, poisoned)
    pages = engines.render_pages(poisoned, tmp_path, dpi=40)
    text = engines.pdf_text(tmp_path / "poisoned.pdf")

    assert len(pages) >= 3  # three sheets
    assert all(page.read_bytes().startswith(b"\x89PNG") for page in pages)
    assert "GPU price" in text
    assert "7.50" in text
    assert text.count("\f") == len(pages)


def test_conversion_without_output_is_an_error(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that ends well and writes nothing, as soffice and ssconvert do on a bad file, is an error."""
    for name in ("soffice", "ssconvert"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    with pytest.raises(engines.ConversionError, match="LibreOffice wrote nothing"):
        engines.libreoffice_values([sample], tmp_path)
    with pytest.raises(engines.ConversionError, match="ssconvert wrote nothing"):
        engines.gnumeric_values(sample)


def test_program_is_killed_with_its_children_on_timeout(tmp_path: Path) -> None:
    """After the timeout nothing of the process group lives on."""
    witness = tmp_path / "alive"
    script = f"(sleep 1; touch {witness}) & wait"

    with pytest.raises(subprocess.TimeoutExpired):
        run(["sh", "-c", script], timeout=0.2)
    time.sleep(1.2)
    assert not witness.exists()


def test_missing_program_skips_with_reason_and_fails_in_ci(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a developer's machine the test is skipped naming the package; in CI it fails."""
    monkeypatch.setenv("PATH", "")

    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match=r"ssconvert is not installed \(Debian package gnumeric\)"):
        engines.gnumeric_values(sample)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI must run this check, but ssconvert is not installed"):
        engines.gnumeric_values(sample)
