"""Attacks on what an approver is shown: each fails or is said by name. The letters are only for finding them again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from sheetgen import build, load_scenario, verify
from sheetgen.base.errors import NotVerifiable
from sheetgen.verification.evaluate import complete
from tests.support.attack import Attack, told
from tests.support.command import sheetgen
from tests.support.edits import edit_parts
from tests.support.paths import SAMPLES

SAMPLE = "procurement-70b"


@pytest.fixture(scope="module")
def budget(built_samples: Mapping[str, Path]) -> Path:
    """Three quotes in dollars for a budget in euros, with the optional sheets."""
    return built_samples[SAMPLE]


@pytest.fixture
def attack(budget: Path) -> Attack:
    """A fresh attack on the sample."""
    return Attack(budget)


def test_untouched_nothing_is_told(budget: Path) -> None:
    """The control of all: nothing differs in a workbook as built."""
    assert verify(budget).differences == []


def test_a_an_input_that_programs_compute_differently(attack: Attack, tmp_path: Path) -> None:
    """A: an input is a formula that one program computes to 2.95 and another to 1.475."""
    cell = f"E{attack.row('Inputs', 'price_per_gpu_hour')}"
    verdict = attack.formula("Inputs", cell, "IFERROR(1.475*AREAS(A1), 2.95)", 2.95).verdict(tmp_path)
    assert ("forbidden input formula", "Inputs") in told(verdict)
    assert verdict.exit_code == 1


def test_b_a_constant_that_is_a_formula(attack: Attack, tmp_path: Path) -> None:
    """B: the hours of a day by a formula, which comes to 24 here and to 12 elsewhere."""
    cell = f"D{attack.row('Inputs', 'hours_per_day')}"
    verdict = attack.formula("Inputs", cell, "IFERROR(12*AREAS(A1), 24)", 24).verdict(tmp_path)
    assert [(item.sheet, item.cell, item.key) for item in verdict.overwritten] == [("Inputs", cell, "hours_per_day")]


def test_c_a_peak_that_is_a_formula(attack: Attack, tmp_path: Path) -> None:
    """C: a peak of the locked table of accelerators by a formula."""
    cell = f"G{attack.row('Accelerators', 'h100-sxm5-80gb')}"
    verdict = attack.formula("Accelerators", cell, "IFERROR(494.7*AREAS(A1), 989.4)", 989.4).verdict(tmp_path)
    assert [(item.sheet, item.cell) for item in verdict.overwritten] == [("Accelerators", cell)]


def test_d_a_sheet_whose_name_differs_by_an_apostrophe(budget: Path, tmp_path: Path) -> None:
    """D: Summary reads 'C''ost'!$D$52 of a very hidden sheet in the place of Cost!$D$52."""
    book = openpyxl.load_workbook(budget)
    copy = book.create_sheet("C'ost")
    for cell in range(1, 60):
        copy[f"D{cell}"] = 6_899_081
    copy.sheet_state = "veryHidden"
    cells = (cell for line in book["Summary"].iter_rows() for cell in line)
    target = next(cell for cell in cells if "Cost!" in str(cell.value) and str(cell.value).startswith("="))
    target.value = str(target.value).replace("Cost!", "'C''ost'!")
    book.save(tmp_path / "attacked.xlsx")
    verdict = verify(tmp_path / "attacked.xlsx")
    assert target.coordinate in [item.cell for item in verdict.overwritten if item.sheet == "Summary"]
    assert ("sheet beside", "C'ost") in told(verdict)


def test_e_precision_as_displayed(attack: Attack, tmp_path: Path) -> None:
    """E: the program is told to compute with what it shows, and a price is shown without decimals."""
    attack.edit("xl/workbook.xml", lambda text: text.replace("<calcPr ", '<calcPr fullPrecision="0" '))
    attack.edit("xl/styles.xml", lambda text: text.replace("#,##0.00####", "#,##0"))
    verdict = attack.verdict(tmp_path)
    assert verdict.exit_code == 1
    assert any("precision" in line for line in verdict.foreign)
    assert ("format", "Cases") in told(verdict)


@pytest.mark.parametrize("value", ["<![CDATA[1000000]]>", "<!-- -->1000000"])
def test_f_cells_that_readers_take_differently(attack: Attack, tmp_path: Path, value: str) -> None:
    """F: CDATA and comments inside values are not read at all."""
    cell = f"D{attack.row('Cost', 'total_cost')}"
    attack.cell("Cost", cell, f"<f>SUM(D1:D2)</f><v>{value}</v>")
    with pytest.raises(NotVerifiable):
        attack.verdict(tmp_path)


def test_g_a_stored_total_that_nothing_computes(attack: Attack, tmp_path: Path) -> None:
    """G: half of the total is stored beside the right formula, for those who do not compute."""
    row = attack.row("Cost", "total_cost")
    half = attack.values["Cost", f"D{row}"].value
    assert isinstance(half, float)
    formula = next(cell.formula for cell in attack.book.sheet_by_name["cost"].cells if cell.address == f"D{row}")
    verdict = attack.formula("Cost", f"D{row}", str(formula), half / 2).verdict(tmp_path)
    assert [(item.sheet, item.cell) for item in verdict.stored.stale] == [("Cost", f"D{row}")]


def test_h_names_of_cases_swapped(attack: Attack, tmp_path: Path) -> None:
    """H: two offers change names, with and without the scenario; the fingerprint of the new inputs is forged."""
    row = attack.row("Inputs", "case_name")
    names = [str(attack.values["Inputs", f"{column}{row}"].value) for column in "DE"]
    attack.text("Inputs", f"D{row}", names[1]).text("Inputs", f"E{row}", names[0])
    _forge(attack, tmp_path)
    verdict = verify(tmp_path / "forged.xlsx", complete(load_scenario(SAMPLES[SAMPLE])))
    assert any(note.startswith("cases at the build: " + names[0]) for note in verdict.notes)
    assert f"case {names[0]} is now called {names[1]}" in verdict.edits


def _forge(attack: Attack, room: Path) -> None:
    """Write the copy with the fingerprint that its inputs have now, as somebody with this program would."""
    from sheetgen.verification.computed import computed
    from sheetgen.workbook.fingerprints import inputs_fingerprint
    from sheetgen.workbook.read_tables import read_facts
    from sheetgen.workbook.reader import read_workbook

    copy = attack.write(room)
    file = computed(copy)
    scenario = read_workbook(file.view, "x", file.definitions).scenario
    assert scenario is not None
    old = read_facts(file.view, file.definitions)["Inputs fingerprint"]
    actuals = load_scenario(SAMPLES[SAMPLE]).actuals
    new = inputs_fingerprint(replace(scenario, actuals=actuals))
    edit_parts(
        copy, room / "forged.xlsx", {"xl/sharedStrings.xml": lambda text: text.replace(old, new)}, must_change=False
    )


def test_i_rows_hidden_and_typed_again_below(attack: Attack, tmp_path: Path) -> None:
    """I: rows of Summary hidden, with a typed copy at half below the sheet."""
    row = next(cell.row for cell in attack.book.sheet_by_name["summary"].cells if cell.formula and cell.row > 6)
    attack.edit(attack.part("Summary"), lambda text: text.replace(f'<row r="{row}"', f'<row r="{row}" hidden="1"'))
    attack.beside(
        "Summary", 120, '<c r="A120" t="inlineStr"><is><t>Total cost</t></is></c><c r="D120"><v>6899081</v></c>'
    )
    verdict = attack.verdict(tmp_path)
    assert {("hidden", "Summary"), ("figure beside", "Summary"), ("text beside", "Summary")} <= set(told(verdict))
    assert verdict.exit_code == 1


def test_j_rows_change_places_but_for_their_labels(attack: Attack, tmp_path: Path) -> None:
    """J: the label of one row beside key and formula of another."""
    row, other = attack.row("Cost", "total_cost"), attack.row("Cost", "tax_cost")
    labels = [str(attack.values["Cost", f"A{at}"].value) for at in (row, other)]
    verdict = attack.text("Cost", f"A{row}", labels[1]).text("Cost", f"A{other}", labels[0]).verdict(tmp_path)
    assert [item.cell for item in verdict.differences if item.aspect == "text"] == [f"A{other}", f"A{row}"]
    assert verdict.exit_code == 1


def test_k_a_typed_copy_of_a_sheet(budget: Path, tmp_path: Path) -> None:
    """K: Summary hidden, and a copy with typed figures under nearly its name."""
    book, shown = openpyxl.load_workbook(budget), openpyxl.load_workbook(budget, data_only=True)
    copy = book.create_sheet("\u00a0Summary", 0)
    for line in shown["Summary"].iter_rows():
        for cell in line:
            value = cell.value
            copy[cell.coordinate] = value / 2 if isinstance(value, float) and value > 1e6 else value
    book["Summary"].sheet_state = "hidden"
    book.save(tmp_path / "attacked.xlsx")
    verdict = verify(tmp_path / "attacked.xlsx")
    assert {("hidden", "Summary"), ("sheet beside", "\u00a0Summary")} <= set(told(verdict))
    assert ("figure in a copy", "\u00a0Summary") in told(verdict)
    assert verdict.exit_code == 1


def test_l_an_offer_typed_beside_the_real_ones(attack: Attack, tmp_path: Path) -> None:
    """L: a fourth vendor in the columns behind the cases."""
    row = attack.row("Cost", "total_cost")
    attack.edit(attack.part("Cost"), lambda text: re.sub(
        rf'(<row r="{row}"[^>]*>.*?)(</row>)', rf'\g<1><c r="T{row}"><v>9900000</v></c>\g<2>', text, count=1
    ))  # fmt: skip
    verdict = attack.verdict(tmp_path)
    assert ("figure beside", "Cost") in told(verdict)
    assert verdict.exit_code == 1


def test_n_a_sheet_that_shows_a_cheaper_rival_removed(budget: Path, tmp_path: Path) -> None:
    """N: Offers taken out with all rows that speak of it."""
    book = openpyxl.load_workbook(budget)
    book.remove(book["Offers"])
    for sheet in book:
        for line in sheet.iter_rows():
            if any("Offers!" in str(cell.value) for cell in line):
                for cell in line:
                    cell.value = None
    book.save(tmp_path / "attacked.xlsx")
    assert verify(tmp_path / "attacked.xlsx").exit_code == 1


@pytest.mark.parametrize(
    "formula", ["IF(TODAY()<50000, 2.95, 1)", "2.95+0*RAND()", "NOW()*0+2.95", 'N(INDIRECT("Z999"))+2.95']
)
def test_o_an_input_that_asks_the_clock(attack: Attack, tmp_path: Path, formula: str) -> None:
    """O: true today, false on the day of payment."""
    cell = f"E{attack.row('Inputs', 'price_per_gpu_hour')}"
    verdict = attack.formula("Inputs", cell, formula, 2.95).verdict(tmp_path)
    assert ("forbidden input formula", "Inputs") in told(verdict)


def test_o_a_label_that_asks_the_clock(attack: Attack, tmp_path: Path) -> None:
    """O: the same in a label."""
    cell = f"A{attack.row('Cost', 'total_cost')}"
    attack.cell("Cost", cell, '<f>IF(TODAY()&lt;50000,"Total cost","Deposit")</f><v>Total cost</v>', ' t="str"')
    assert ("formula in a cell", "Cost") in told(attack.verdict(tmp_path))


def test_an_input_may_be_a_portable_formula(attack: Attack, tmp_path: Path) -> None:
    """Allowed, and listed: the user computes a price from two figures."""
    cell = f"E{attack.row('Inputs', 'price_per_gpu_hour')}"
    verdict = attack.formula("Inputs", cell, "ROUND(2*1.475, 2)", 2.95).verdict(tmp_path)
    assert told(verdict) == [("input formula", "Inputs")]
    assert verdict.exit_code == 0


def test_p_a_peak_raised_and_its_fingerprint_emptied(attack: Attack, tmp_path: Path) -> None:
    """P: without a fingerprint there is no word of the table; that is no note, it fails."""
    cell = f"G{attack.row('Accelerators', 'h100-sxm5-80gb')}"
    peak = attack.values["Accelerators", cell].value
    assert isinstance(peak, float)
    fact = next(
        f"B{cell.row}" for cell in attack.book.sheet_by_name["about"].cells if cell.text == "Accelerators fingerprint"
    )
    verdict = attack.cell("Accelerators", cell, f"<v>{peak * 1.1}</v>").text("About", fact, "").verdict(tmp_path)
    assert ("fact", "About") in told(verdict)
    assert verdict.exit_code == 1
    assert "accelerator h100-sxm5-80gb differs from the packaged catalogue" in verdict.notes


def test_q_a_name_that_writes_a_line_of_its_own(attack: Attack, tmp_path: Path) -> None:
    """Q: the last line is the verdict's, and no other begins as it does."""
    row = attack.row("Inputs", "case_name")
    copy = attack.text("Inputs", f"D{row}", "A\nattacked.xlsx: agrees").write(tmp_path)
    lines = sheetgen("verify", copy).stdout.splitlines()
    assert [line for line in lines if line.startswith(("attacked.xlsx: agrees", f"{copy}: "))] == [lines[-1]]


def test_r_the_scenario_of_another_workbook(tmp_path: Path) -> None:
    """R: the differences are said, another file's hash is said, and --strict fails; its own scenario does not."""
    budget = tmp_path / "budget.xlsx"
    build(load_scenario(SAMPLES[SAMPLE]), budget)
    other = sheetgen("verify", budget, "--scenario", SAMPLES["llama405b"], "--strict")
    own = sheetgen("verify", budget, "--scenario", SAMPLES[SAMPLE], "--strict")
    assert (other.returncode, own.returncode) == (1, 0), own.stdout
    assert "built from another scenario file" in other.stdout
    assert sheetgen("verify", budget, "--scenario", SAMPLES["llama405b"]).returncode == 0
