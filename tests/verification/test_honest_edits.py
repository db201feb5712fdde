"""Honest edits raise no alarm: rows, columns, names and places of sheets, by LibreOffice, wherever nothing breaks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from sheetgen import build, load_scenario, verify
from sheetgen.verification.differences import HARMLESS, of_weight
from sheetgen.verification.evaluate import complete
from sheetgen.verification.verdict import Verdict
from sheetgen.workbook.plan import plan
from tests.support.honest import Editor, tried
from tests.support.macro import EveryRow, Insertion, NewColumn, NewName, NewPlace, Step, insert_rows
from tests.support.paths import SAMPLES, TECHNICAL
from tests.support.shared import made_once
from tests.support.trials import shortened

SAMPLE, UNTOUCHED = "mixtral-8x7b", "untouched"
SHEETS = (
    "About", "Summary", "Inputs", "Cases", "Accelerators", "Model", "FLOPs", "Time", "Cost", "Inference", "Optimal",
    "Scaling", "Sources", "Checks",
)  # fmt: skip
"""Not here: those whose rows are counted by position (Choices, Phasing, Sensitivity, the whole runs of Evidence), where
a row put between them makes the workbook's own figures wrong, which must be told."""
CASES = ("Model", "FLOPs", "Time", "Checks")
"""Sheets on which nothing ranks or counts the cases by their cells, so that an empty column among them does no harm."""
HEADS = ("Model", "FLOPs", "Time", "Cost", "Phasing", "Inference", "Scaling", "Sensitivity", "Evidence", "Checks")

EDITS: Mapping[str, list[Step]] = {
    **{
        f"every fourth row of {', '.join(names)}": [EveryRow(name, index, 4) for index, name in enumerate(names)]
        for names in (SHEETS[start::4] for start in range(4))
    },
    "a row under each head": [Insertion(name, 6) for name in HEADS],
    "a row between the risks": [Insertion("Summary", 76)],
    "a row in a table of steps": [Insertion("Sensitivity", 51)],
    "a column before all": [NewColumn(name, 1) for name in SHEETS if name != "About"],
    "a column between the cases": [NewColumn(name, 5) for name in CASES],
    "other names": [NewName("Cost", "Kosten 2027"), NewName("Summary", "Chef's page"), NewName("About", "Lies mich"),
                    NewName("Inputs", "Annahmen")],
    "another order": [NewPlace("Summary", 0), NewPlace("Checks", 2)],
}  # fmt: skip


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The sample's base and next case with the technical sheets, as built; and a copy for each edit, in one run of
    LibreOffice, which computes and saves it."""

    def make(room: Path) -> None:
        plain = build(shortened(load_scenario(SAMPLES[SAMPLE], sheets=TECHNICAL)), room / f"{UNTOUCHED}.xlsx")
        for number, path in enumerate(insert_rows(plain, list(EDITS.values()), room)):
            path.rename(room / f"honest-{number}.xlsx")

    room = made_once(tmp_path_factory, "honest", make)
    edited = {name: room / f"honest-{number}.xlsx" for number, name in enumerate(EDITS)}
    return {UNTOUCHED: room / f"{UNTOUCHED}.xlsx", **edited}


@pytest.fixture(scope="module")
def untouched(copies: Mapping[str, Path]) -> Verdict:
    """The verdict on the workbook as built."""
    return verify(copies[UNTOUCHED])


@pytest.mark.slow
@pytest.mark.parametrize("name", EDITS)
def test_no_alarm(copies: Mapping[str, Path], untouched: Verdict, name: str) -> None:
    """Everything agrees, as many formulas and cells are compared, and the lifted protection is said, nothing else."""
    verdict = verify(copies[name])
    assert verdict.agrees, [str(item) for item in (*verdict.overwritten, *verdict.differences, *verdict.mismatches)][:5]
    assert (verdict.formulas, verdict.compared) == (untouched.formulas, untouched.compared)
    assert {item.aspect for item in of_weight(verdict.differences, "looks")} <= {"protection", "name in a chart"}


def test_saved_by_libreoffice_nothing_but_harmless_is_told(saved_samples: Mapping[str, Path]) -> None:
    """Every part written anew by another program: fonts, formats, charts, validations and conditions are as built."""
    for path in saved_samples.values():
        verdict = verify(path)
        assert [str(item) for item in verdict.differences if item.weight != HARMLESS] == [], path.name


def test_saved_by_openpyxl_nothing_is_wrong(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """The same by openpyxl, which drops what it does not know."""
    book = openpyxl.load_workbook(built_samples[SAMPLE])
    book.save(tmp_path / "saved.xlsx")
    verdict = verify(tmp_path / "saved.xlsx")
    assert verdict.agrees
    assert of_weight(verdict.differences, "looks") == []


def test_an_own_sheet_and_a_comment_are_said(built_samples: Mapping[str, Path], tmp_path: Path) -> None:
    """A user's own sheet with a calculation, a note under the table and a comment: no alarm, and each is named."""
    book = openpyxl.load_workbook(built_samples[SAMPLE])
    own = book.create_sheet("My notes")
    own["A1"], own["B1"] = "Half of it", "=Cost!D52/2"
    book["Cost"]["A300"] = "asked finance on Monday"
    book["Cost"]["D52"].comment = openpyxl.comments.Comment("is this right?", "me")
    book.save(tmp_path / "own.xlsx")
    verdict = verify(tmp_path / "own.xlsx")
    said = {(item.aspect, item.sheet) for item in of_weight(verdict.differences, "looks")}
    assert verdict.agrees
    assert {("sheet beside", "My notes"), ("text beside", "Cost"), ("comment", "Cost")} <= said


@pytest.mark.parametrize("program", ["exceljs", "SheetJS", "Gnumeric"])
def test_other_programs_raise_no_alarm(built_samples: Mapping[str, Path], tmp_path: Path, program: str) -> None:
    """A re-save or a source typed, by programs that drop charts and conditional formats, spell ranges otherwise, or
    write a broken format; `tests.support.honest` tries hundreds of edits."""
    scenario = load_scenario(SAMPLES["procurement-70b"], sheets=TECHNICAL)
    editor = Editor(built_samples["procurement-70b"], plan(complete(scenario)), tmp_path, seed=1)
    for edited, alarm in tried(editor, [program], 1):
        assert alarm is None, (edited, alarm)
