"""``verify``: what it lets pass, what it reports by cell, and what it refuses to judge.

Edits are made as users make them: by LibreOffice, by openpyxl (which drops cached values), or cell by cell in the XML.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from sheetgen import build, load_scenario, verify
from sheetgen.scenario.model import MAX_CASES, Case
from sheetgen.workbook.book import HEADER_ROW, Book, address
from sheetgen.workbook.plan import plan
from tests.support.changes import at, edited, sheet_part, with_formula
from tests.support.command import sheetgen
from tests.support.edits import edit_parts
from tests.support.macro import Insertion, insert_rows
from tests.support.package import CellKey, cached_values, formula_cells, read_book
from tests.support.paths import SAMPLES
from tests.support.probes import sample

LLAMA = "llama405b"


# What passes

TABLES = 3 * 6 * 6
"""Cells of each table of steps beside the lines of its centre: two on sheet Steps, one of them again on Sensitivity."""


def still(name: str) -> int:
    """How many compared cells of a sample rest on no input: those of published runs below the head, and the tables'
    copies."""
    evidence = plan(sample(name)).sheets["Evidence"]
    return TABLES + sum(cell.shows is not None for (row, _), cell in evidence.cells.items() if row > HEADER_ROW)


@pytest.mark.parametrize("name", SAMPLES)
def test_built_samples_agree(built_samples: Mapping[str, Path], name: str) -> None:
    """A workbook as built agrees in every formula and every cell, at its inputs and with all of them moved twice."""
    verdict = verify(built_samples[name])

    assert verdict.agrees
    assert verdict.exit_code == 0
    assert verdict.edited is False
    assert verdict.formulas == verdict.poisoned == len(formula_cells(built_samples[name]))
    assert verdict.compared > 1000
    assert verdict.compared_moved == 2 * (verdict.compared - still(name))
    assert (verdict.mismatches, verdict.moved_mismatches, verdict.overwritten, verdict.problems) == ([], [], [], [])


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_saved_by_libreoffice_and_edited_agree(
    built_samples: Mapping[str, Path], saved_samples: Mapping[str, Path], name: str, tmp_path: Path
) -> None:
    """Saved by LibreOffice, which writes every part anew, and an input typed: still no disagreement."""
    verdict = verify(edited(saved_samples[name], tmp_path, {at(plan(sample(name)), "Inputs", "gpus"): 4097}))

    assert verdict.agrees
    assert verdict.edited is True
    assert verdict.key_figures[0]["gpus"] == 4097
    assert verdict.formulas == len(formula_cells(built_samples[name]))
    assert verdict.compared_moved == 2 * (verdict.compared - still(name))


def test_the_largest_budget_is_verified(tmp_path: Path) -> None:
    """As many cases as a scenario may have: within the limits of time and memory that a file of this size has, in a
    process that has nothing left over from others."""
    base = load_scenario(SAMPLES[LLAMA])
    more = [Case(f"C{index}", {"stated_mfu": 0.3 + index / 2000}) for index in range(1, MAX_CASES)]
    build(replace(base, cases=(base.cases[0], *more)), tmp_path / "largest.xlsx")
    done = sheetgen("verify", tmp_path / "largest.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Cases: {MAX_CASES} (" in done.stdout


def test_workbook_saved_by_openpyxl_agrees(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """Loaded, edited and saved by openpyxl, which drops every cached value: verify computes them and agrees."""
    path = tmp_path / "openpyxl.xlsx"
    sheet, cell = at(llama_plan, "Inputs", "tokens")
    book = openpyxl.load_workbook(llama_file)
    book[sheet][cell] = 10e12
    book.save(path)
    verdict = verify(path)

    assert cached_values(path)[at(llama_plan, "Cost", "total_cost")].value is None
    assert verdict.agrees
    assert verdict.edited is True
    assert verdict.key_figures[0]["tokens"] == 10e12


def test_every_input_can_be_edited(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """A choice, a date, a text, an empty case cell filled and a filled one emptied: all agree afterwards."""
    changes: dict[CellKey, float | str | bool | None] = {
        at(llama_plan, "Inputs", "flops_convention"): "megatron",
        at(llama_plan, "Inputs", "start_date"): 46500,
        at(llama_plan, "Inputs", "purpose"): "=1+1 is text here",
        at(llama_plan, "Inputs", "tokens", 2): 2e12,
        at(llama_plan, "Inputs", "stated_mfu", 1): None,
        at(llama_plan, "Inputs", "chosen_case"): "B200",
    }
    verdict = verify(edited(llama_file, tmp_path, changes))

    assert verdict.agrees
    assert verdict.edited is True
    assert (verdict.key_figures[2]["tokens"], verdict.key_figures[1]["mfu"]) == (2e12, verdict.key_figures[0]["mfu"])


# Rows inserted

MOVED_ROWS: dict[str, list[tuple[str, str]]] = {
    "calculations": [("Model", "ffn_parameters"), ("Time", "hfu"), ("Cost", "tax_cost"), ("Checks", "check_memory")],
    "inputs": [("Inputs", "tokens")],
    "heads": [(name, "") for name in ("Summary", "Inputs", "Cases", "Accelerators", "FLOPs", "Steps")],
    "head of Choices": [("Choices", "")],
    "inside a look-up": [("FLOPs", "training_flops_per_token_palm")],
}


@pytest.fixture(scope="module")
def moved_rows(llama_file: Path, llama_plan: Book, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Copies in which LibreOffice inserted two rows at each place: above a key, or in the head of a sheet."""
    edits = [
        [Insertion(sheet, llama_plan.sheets[sheet].key_rows[key] + 1 if key else 3, 2) for sheet, key in places]
        for places in MOVED_ROWS.values()
    ]
    return dict(zip(MOVED_ROWS, insert_rows(llama_file, edits, tmp_path_factory.mktemp("rows")), strict=True))


@pytest.mark.parametrize("name", ["calculations", "inputs", "heads", "head of Choices"])
def test_inserted_rows_do_no_harm(moved_rows: dict[str, Path], llama_file: Path, name: str) -> None:
    """Rows inserted by LibreOffice move cells and formulas; keys are still found and everything agrees."""
    verdict = verify(moved_rows[name])

    assert cached_values(moved_rows[name]).keys() != cached_values(llama_file).keys()
    assert [str(item) for item in (*verdict.mismatches, *verdict.overwritten)] == []
    assert verdict.agrees
    assert verdict.compared == verify(llama_file).compared


def test_a_row_inside_a_look_up_is_harmless_or_told(moved_rows: dict[str, Path], llama_plan: Book) -> None:
    """A row inserted among those that a choice looks up must not pass where it makes the look-up find another row."""
    path = moved_rows["inside a look-up"]
    expected = {key: value.value for key, value in cached_values(path).items() if key[0] == "Cost"}
    verdict = verify(path)
    reference = verdict.key_figures[2]["total_cost"]
    row = llama_plan.sheets["Cost"].key_rows["total_cost"]

    assert verdict.agrees == (expected["Cost", address(row, 5)] == pytest.approx(reference, rel=1e-9))


# Formulas and constants overwritten


def test_a_constant_equal_to_the_value_is_reported(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """A typed-in total passes the comparison at its inputs, and is reported all the same, by its cell."""
    cell = at(llama_plan, "Cost", "total_cost")
    value = cached_values(llama_file)[cell].value
    assert isinstance(value, float)
    verdict = verify(edited(llama_file, tmp_path, {cell: value}))

    assert verdict.mismatches == []
    assert verdict.exit_code == 1
    assert [(item.sheet, item.cell, item.key) for item in verdict.overwritten] == [(*cell, "total_cost")]
    assert verdict.overwritten[0].found == f"the constant {value!r}"
    assert verdict.overwritten[0].expected == formula_cells(llama_file)[cell]


@pytest.mark.parametrize(
    ("sheet", "key", "formula", "values_differ"),
    [
        ("Cost", "tax_cost", "{old} + 1000", True),
        ("Cost", "total_cost", "{old} * 1", False),
        ("Time", "hours_per_month", "730", False),
        ("Model", "qkv_bias_used", "0", False),
    ],
)
def test_another_formula_is_reported(
    llama_file: Path, llama_plan: Book, tmp_path: Path, sheet: str, key: str, formula: str, values_differ: bool
) -> None:
    """A formula that is not the template's is reported by its cell, whether or not its value differs."""
    cell = at(llama_plan, sheet, key)
    verdict = verify(with_formula(llama_file, tmp_path, cell, formula.format(old=formula_cells(llama_file)[cell])))

    assert verdict.exit_code == 1
    assert [(item.sheet, item.cell) for item in verdict.overwritten] == [cell]
    assert (cell in {(item.sheet, item.cell) for item in verdict.mismatches}) == values_differ


def test_a_deleted_formula_is_reported(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """An emptied cell is reported as empty, with the formula that stood there, and as a disagreement."""
    cell = at(llama_plan, "Time", "calendar_days", 2)
    verdict = verify(edited(llama_file, tmp_path, {cell: None}))

    assert verdict.exit_code == 1
    assert [(item.sheet, item.cell, item.found) for item in verdict.overwritten] == [(*cell, "empty")]
    assert cell in {(item.sheet, item.cell) for item in verdict.mismatches}


# Inputs that are not allowed


# Shared formulas


def share_formulas(path: Path, out: Path, sheets: tuple[str, ...]) -> int:
    """Write each row's formulas as Excel does, the first one with ``ref``, the rest with its number; count the rows."""
    count = 0

    def edit(text: str) -> str:
        def row(match: re.Match[str]) -> str:
            nonlocal count
            cells = list(re.finditer(r'<c r="([D-F]\d+)"[^>]*><f>([^<]*)</f>', match[0]))
            if len(cells) < 2:
                return match[0]
            line = match[0]
            ref = f"{cells[0][1]}:{cells[-1][1]}"
            for cell in cells:
                first = cell is cells[0]
                shared = (
                    f'<f t="shared" ref="{ref}" si="{count}">{cell[2]}</f>'
                    if first
                    else f'<f t="shared" si="{count}"/>'
                )
                line = line.replace(cell[0], cell[0].replace(f"<f>{cell[2]}</f>", shared), 1)
            count += 1
            return line

        return re.sub(r"<row .*?</row>", row, text, flags=re.DOTALL)

    edit_parts(path, out, {sheet_part(path, name): edit for name in sheets})
    return count


def test_shared_formulas_are_read(llama_file: Path, tmp_path: Path) -> None:
    """Excel saves a formula copied across as one shared formula; all three case columns are compared and agree."""
    path = tmp_path / "shared.xlsx"
    sheets = ("Cases", "Model", "FLOPs", "Time", "Cost", "Checks")
    count = share_formulas(llama_file, path, sheets)
    kinds = [cell.formula_kind for sheet in read_book(path).sheets for cell in sheet.cells if cell.formula is not None]
    verdict = verify(path)

    assert count > 200
    assert kinds.count("shared") == 3 * count
    assert verdict.overwritten == []
    assert verdict.agrees
    assert verdict.poisoned == verdict.formulas == len(kinds)


def test_a_wrong_shared_formula_is_reported_in_every_copy(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """Negative control: the shared formula of the tax changed once is told in all three cells."""
    shared, path = tmp_path / "shared.xlsx", tmp_path / "wrong.xlsx"
    share_formulas(llama_file, shared, ("Cost",))
    row = llama_plan.sheets["Cost"].key_rows["tax_cost"] + 1
    pattern = re.compile(rf'(<c r="D{row}"[^>]*><f t="shared"[^>]*>[^<]*)(</f>)')
    edit_parts(shared, path, {sheet_part(shared, "Cost"): lambda text: pattern.sub(r"\1 + 1\2", text)})
    verdict = verify(path)

    assert [(item.sheet, item.cell) for item in verdict.overwritten] == [("Cost", f"{c}{row}") for c in "DEF"]


def test_verify_writes_nothing(llama_file: Path, tmp_path: Path) -> None:
    """The file judged is not touched, and nothing is left beside it."""
    path = tmp_path / "budget.xlsx"
    shutil.copyfile(llama_file, path)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    verify(path)

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]
