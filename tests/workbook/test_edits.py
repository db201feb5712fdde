"""An edited input is seen: marked beside it, coloured, counted on Summary, named by verify; its source is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import openpyxl
import pytest

from sheetgen import verify
from sheetgen.workbook.book import Book, letter
from tests.support.changes import at, edited
from tests.support.engines import ironcalc_values, libreoffice_values
from tests.support.package import CellKey, Value, cached_values

Values = Mapping[CellKey, Value]


def beside(book: Book, key: str, column: str) -> CellKey:
    """The cell of a column, by its id, in the row of an input."""
    sheet = book.sheets["Inputs"]
    return "Inputs", f"{letter(sheet.columns[column])}{sheet.key_rows[key] + 1}"


def marks(book: Book, values: Values) -> dict[str, Value]:
    """What the marks say of inputs that are not as built."""
    sheet = book.sheets["Inputs"]
    column = letter(sheet.columns["changed"])
    found = {key: values.get(("Inputs", f"{column}{row + 1}")) for key, row in sheet.key_rows.items()}
    return {key: value for key, value in found.items() if value not in {None, "–"}}


def count(book: Book, values: Values) -> Value:
    """How many changed inputs are counted, as Summary says it, too."""
    found = values[at(book, "Cases", "inputs_changed")]
    assert any(isinstance(text, str) and f"changed since the build: {found:.0f}." in text for text in values.values())
    return found


def test_nothing_is_marked_as_built(llama_file: Path, llama_plan: Book) -> None:
    """As delivered no input is marked, and Summary counts none."""
    values = {key: item.value for key, item in cached_values(llama_file).items()}

    assert marks(llama_plan, values) == {}
    assert count(llama_plan, values) == 0
    assert values[at(llama_plan, "Cases", "model_shown")] == "llama-3.1-405b"
    assert verify(llama_file).edits == []


ENGINES: dict[str, Callable[[Path, Path], Values]] = {
    "ironcalc": lambda file, _: ironcalc_values(file),
    "libreoffice": lambda file, room: libreoffice_values([file], room)[0],
}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_kind_of_edit_is_marked_and_counted(
    llama_file: Path, llama_plan: Book, tmp_path: Path, engine: str
) -> None:
    """A number, a choice, a text, a date, a cell filled with 0, one emptied: six cells of six rows, one with a new
    source."""
    changes: dict[CellKey, float | str | bool | None] = {
        at(llama_plan, "Inputs", "gpus"): 8192,
        at(llama_plan, "Inputs", "recomputation"): "full",
        at(llama_plan, "Inputs", "requester"): "Somebody else",
        at(llama_plan, "Inputs", "start_date"): 46500,
        at(llama_plan, "Inputs", "contingency", 1): 0,
        at(llama_plan, "Inputs", "stated_mfu", 2): None,
        beside(llama_plan, "gpus", "source"): "Cluster contract, annex 2",
    }
    file = edited(llama_file, tmp_path, changes)
    values = ENGINES[engine](file, tmp_path)
    verdict = verify(file)

    asked = ("recomputation", "requester", "start_date", "contingency", "stated_mfu")
    assert marks(llama_plan, values) == {"gpus": "changed", **dict.fromkeys(asked, "changed: source?")}
    assert count(llama_plan, values) == 6
    assert [line.split(":")[0] for line in verdict.edits] == [
        "requester in every case", "recomputation in case H100, MFU 41%", "gpus in case H100, MFU 41%",
        "start_date in case H100, MFU 41%", "contingency in case H100, MFU 38%", "stated_mfu in case B200",
        "source of gpus",
    ]  # fmt: skip
    assert verdict.agrees


def test_the_model_is_called_edited_where_its_sizes_are(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """80 layers in one case: that one is edited. In the base: all that rest on it are. A name alone changes nothing."""

    def names(*changes: tuple[str, int, float | str]) -> list[Value]:
        cells: dict[CellKey, float | str | bool | None] = {
            at(llama_plan, "Inputs", key, case): value for key, case, value in changes
        }
        values = ironcalc_values(edited(llama_file, tmp_path, cells))
        assert values[at(llama_plan, "Cost", "total_cost")] is not None
        return [values[at(llama_plan, "Cases", "model_shown", case)] for case in range(3)]

    own = "llama-3.1-405b"
    assert names(("n_layers", 2, 80)) == [own, own, f"{own} (edited)"]
    assert names(("n_layers", 0, 80)) == [f"{own} (edited)"] * 3
    assert names(("model", 0, "llama-3.1-70b")) == [own] * 3


def test_the_colour_is_a_fill_and_nothing_else(llama_file: Path, llama_plan: Book) -> None:
    """Every input cell of every case lies under one rule that compares it with what stands beside it as built."""
    page = openpyxl.load_workbook(llama_file)["Inputs"]
    rules = [(area, rule) for area in page.conditional_formatting for rule in area.rules if rule.type == "expression"]
    sheet = llama_plan.sheets["Inputs"]
    first, built = sheet.columns["built"], "D"
    covered = set()
    for area, rule in rules:
        assert rule.dxf.fill is not None
        assert rule.dxf.numFmt is None
        top = min(block.min_row for block in area.cells.ranges)
        other = letter(first)
        assert rule.formula == [f'OR({built}{top}<>{other}{top},({built}{top}="")<>({other}{top}=""))']
        covered |= {(row, column) for block in area.cells.ranges for row, column in block.cells}
    inputs = {(row + 1, column + 1) for (row, column), cell in sheet.cells.items()
              if cell.unlocked and column < 3 + llama_plan.cases}  # fmt: skip

    assert covered == inputs
    assert page.print_area.split(":")[1].replace("$", "").rstrip("0123456789") == letter(sheet.columns["source"])


def test_what_stands_as_built_can_not_be_typed_over(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """The columns as built are locked; where they are changed all the same, verify says that both were edited."""
    cells = {at(llama_plan, "Inputs", "gpus"): 8192.0, beside(llama_plan, "gpus", "built"): 8192.0}
    page = openpyxl.load_workbook(llama_file)["Inputs"]
    verdict = verify(edited(llama_file, tmp_path, dict(cells)))

    assert page[beside(llama_plan, "gpus", "built")[1]].protection.locked
    assert not page[beside(llama_plan, "gpus", "source")[1]].protection.locked
    assert verdict.edits == []
    assert verdict.edited
    assert any("so was what stands beside them" in note for note in verdict.notes)
