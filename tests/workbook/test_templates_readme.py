"""The description of the template language is true: its worked example runs, its tables name what there is.

The figures follow by hand: at 400 TFLOPS, 3.8e25 FLOP are 26,388,888.9 GPU-hours, $52,777,777.78 at $2; 2 % of that are
$1,055,555.56, and the total $53,833,333.33.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from sheetgen.workbook.definitions import KINDS
from sheetgen.workbook.formula import PORTABLE_FUNCTIONS
from sheetgen.workbook.styles import NUMBER_FORMATS
from tests.support.command import sheetgen
from tests.support.extension import install, on_path
from tests.support.paths import ROOT, SAMPLES, TEMPLATES

TEXT = (TEMPLATES / "README.md").read_text(encoding="utf-8")
PUBLISHED = 9  # the column of the case "Published, 400 TFLOPS"
PREMIUM, TOTAL = 1_055_555.5555555555, 53_833_333.33333333


def blocks(language: str) -> list[str]:
    """The blocks of a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def write_files(home: Path) -> None:
    """The files of the example: each block that begins with a path."""
    for text in (*blocks("yaml"), *blocks("python"), *blocks("toml")):
        path = re.match(r"# (\S+)\n", text)
        assert path is not None, text
        (home / path.group(1)).parent.mkdir(parents=True, exist_ok=True)
        (home / path.group(1)).write_text(text, encoding="utf-8")


def stored(path: Path, key: str) -> object:
    """A stored figure of sheet Cost."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Cost"]
    return next(row[PUBLISHED - 1].value for row in sheet.iter_rows() if row[1].value == key)


def test_the_example_runs(tmp_path: Path) -> None:
    """Every command of the page, in its order: built and recomputed only; installed, compared, and explained."""
    write_files(tmp_path)
    (tmp_path / "samples").mkdir()
    shutil.copy(SAMPLES["llama405b"], tmp_path / "samples")
    lines = [line.split() for block in blocks("sh") for line in block.splitlines()]
    assert [line[:2] for line in lines] == [
        ["sheetgen", name] for name in ("build", "verify", "build", "verify", "explain")
    ]
    install(tmp_path, tmp_path / "site")
    said = [
        sheetgen(*line[1:], cwd=tmp_path, environment=on_path(tmp_path / "site") if place > 1 else None)
        for place, line in enumerate(lines)
    ]

    assert [done.returncode for done in said] == [0] * 5, [done.stderr for done in said]
    assert "Recomputed only, with no function to compare with: insurance_cost" in said[1].stdout
    assert "Recomputed only" not in said[3].stdout
    assert "acme.lines:" in said[4].stdout
    for name in ("budget.xlsx", "compared.xlsx"):
        assert stored(tmp_path / name, "insurance_cost") == pytest.approx(PREMIUM, rel=1e-12)
        assert stored(tmp_path / name, "total_cost") == pytest.approx(TOTAL, rel=1e-12)


def test_its_tables_name_what_there_is() -> None:
    """Every kind of block is described; functions and formats that are named are those of the program; two pages."""
    kinds = TEXT.partition("## A sheet")[2].partition("## A row")[0]
    described = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", kinds, re.MULTILINE)) + kinds))
    assert KINDS.keys() - {"in_force"} <= described
    functions = re.search(r"`(IF [A-Z ]+) \.\.\.`", TEXT)
    formats = re.search(r"^\| `format` \| (.*?); else", TEXT, re.MULTILINE)
    assert functions is not None
    assert formats is not None
    assert set(functions.group(1).split()) <= PORTABLE_FUNCTIONS
    assert set(re.findall(r"`(\w+)`", formats.group(1))) <= NUMBER_FORMATS.keys()
    assert len(TEXT.splitlines()) <= 160


def test_links_lead_somewhere() -> None:
    """The README of the project leads here."""
    assert "](templates/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
