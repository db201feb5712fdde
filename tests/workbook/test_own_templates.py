"""A user's own templates: what they add, and what is said of each mistake in them, with file and line.

The lines of the messages are counted by hand in the text of each file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen import InvalidInput, NotVerifiable, build, load_scenario, load_templates, verify
from sheetgen.base.templates import packaged
from sheetgen.workbook.definitions import Definitions
from sheetgen.workbook.formula import to_excel
from tests.support.own_templates import (
    GOOD,
    LINE,
    SHEET,
    Write,
    row,
    typed,
)
from tests.support.paths import SAMPLES

# What is added


def test_control(write: Write) -> None:
    """A row at the end of a section, a row after another, a section after another, a sheet, an input: all are there."""
    home = write(
        cost=f"{GOOD}      - {{key: next_cost, after: setup_total_cost, {LINE}, formula: setup_cost * own_rate}}\n"
        "  - title: Mine\n    after: Price\n    rows:\n"
        f"      - {{key: early_cost, {LINE}, formula: setup_cost}}\n",
        inputs=typed("unit: fraction, type: number, min: 0, max: 1, default: 0", "key: own_rate, label: x")[1],
        own=f"{SHEET}  - title: T\n    rows:\n      - {{key: own_total, {LINE}, formula: total_cost}}\n",
        sources="lists:\n  mine: {short: Mine, title: My source, url: 'https://example.com'}\n",
    )
    definitions = Definitions.of(load_templates(home))
    sheet = definitions.sheet("Cost")
    keys = [item.key for block in sheet.blocks for item in block.rows()]

    assert [block.title for block in sheet.blocks][:2] == ["Price", "Mine"]
    assert keys[keys.index("setup_total_cost") + 1] == "next_cost"
    assert definitions.sheet("Own").slug == "own"
    assert definitions.inputs["own_rate"].maximum == 1
    assert "mine" in definitions.sources
    assert "own_cost" not in Definitions.of(packaged()).rows


def test_one_file_may_hold_all(write: Write) -> None:
    """A sheet's file, or one without a sheet, adds to others by ``adds``."""
    rows = f"rows: [{{key: own_price, {LINE}, formula: setup_cost}}]"
    adds = f"adds:\n  cost:\n    sections:\n      - title: Price\n        {rows}\n"
    for name, text in (("own", f"{adds}{SHEET}  []\n"), ("additions", adds)):
        home = write(**{name: text})
        assert "own_price" in Definitions.of(load_templates(home)).rows
        (home / f"{name}.yaml").unlink()


def test_several_directories(write: Write, tmp_path: Path) -> None:
    """One directory may add to what another has added."""
    first = write(cost=GOOD).rename(tmp_path / "first")
    second = write(cost=row(f"key: more_cost, after: own_cost, {LINE}, formula: own_cost * 2"))

    assert "more_cost" in Definitions.of(load_templates(first, second)).rows


def test_directories_of_one_name(write: Write, tmp_path: Path) -> None:
    """Two directories called alike are told apart by what they hold, in whatever order they are named again."""
    homes = []
    for name in ("first", "second"):
        home = tmp_path / name / "own"
        home.parent.mkdir()
        homes.append(write(cost=GOOD.replace("own_cost", f"{name}_cost")).rename(home))
    out = tmp_path / "out.xlsx"
    build(load_scenario(SAMPLES["gpt4-epoch"], templates=load_templates(*homes)), out)

    assert verify(out, templates=homes[::-1]).recomputed == ["first_cost", "second_cost"]
    with pytest.raises(NotVerifiable, match=r"was built with extension own \(templates \w+\), which is here as"):
        verify(out, templates=homes[:1])


def test_lines_are_counted_with_another(write: Write) -> None:
    """What reads the one reads the sum; two lines, and one that reads the line that it is counted with."""
    tail = f"{LINE}, counted_with: staff_total_cost, after: staff_total_cost"
    home = write(
        cost=row(f"key: first_cost, {tail}, formula: staff_total_cost * 2")
        + f"      - {{key: second_cost, {tail}, formula: setup_cost}}\n"
    )
    rows = Definitions.of(load_templates(home)).rows
    assert "(staff_total_cost + second_cost + first_cost)" in to_excel(rows["other_cost"].formula)
    assert "(staff_total_cost + second_cost + first_cost)" in to_excel(rows["over_run_cost"].formula)
    assert to_excel(rows["first_cost"].formula) == "staff_total_cost * 2"
    assert "first_cost" not in to_excel(rows["cost_before_contingency"].formula)


SET_UP = f"key: own_cost, {LINE}, counted_with: setup_total_cost, after: setup_total_cost"


def test_a_formula_stands_for_a_function(write: Write, tmp_path: Path) -> None:
    """Totals, sensitivity tables and swings agree with a line that only its formula gives, also with inputs moved: the
    line rests on MFU, and has every operator and function that can be of single values."""
    formula = (
        "IF(AND(mfu > 0, NOT(mfu >= 1)), ROUND(ABS(-data_cost) * SQRT(4) + MAX(gpu_hours, MIN(gpu_hours, gpu_hours))"
        " * on_demand_rate / 10, 2) * EXP(LN(2)) + ROUNDUP(MOD(data_cost, 7), 0) - SUM(tax, 0) * staff_cost, 0)"
    )
    home = write(cost=row(f"{SET_UP}, formula: '{formula}'"))
    out = tmp_path / "out.xlsx"
    build(load_scenario(SAMPLES["llama405b"], templates=load_templates(home)), out)
    found = verify(out, templates=[home])

    assert found.agrees
    assert found.recomputed == ["own_cost"]
    assert found.compared_moved > 7_000


def test_every_kind_of_row_without_a_function(write: Write, tmp_path: Path) -> None:
    """Months, sums of them, all cases, the case put forward and a check of one's own, on a sheet that is asked for:
    recomputed only, and the check counts. By hand: the rate of 60 % is no less than a half, so REVIEW."""
    money = "unit: currency, source: identity, format: money"
    home = write(
        checks="sections:\n  - title: Inputs\n    rows:\n      - {key: check_own, label: x, unit: status, "
        'source: identity, formula: \'IF(own_rate < 0.5, "OK", "REVIEW")\'}\n',
        inputs=typed("unit: fraction, type: number, min: 0, max: 1, default: 60%", "key: own_rate, label: x")[1],
        own=f"optional: mine\n{SHEET}  - title: Own months\n    series: months\n"
        f"    rows: [{{key: own_month, {money}, formula: accrual * own_rate}}]\n"
        f"  - title: T\n    rows:\n      - {{key: own_sum, label: x, {money}, formula: SUM(series_own_month)}}\n"
        f"      - {{key: own_most, label: x, {money}, formula: MAX(across_total_cost)}}\n"
        f"      - {{key: own_chosen, label: x, {money}, formula: chosen_total_cost}}\n"
        "  - title: Hours tried\n    table: [1, 2]\n    heads: title\n"
        "    row: {label: x, key: 'own_hours:{number}', unit: GPU*h}\n"
        "    columns: [{head: Hours, formula: 'gpu_hours * {value}', unit: GPU*h}]\n",
    )
    templates, out = load_templates(home), tmp_path / "out.xlsx"
    build(load_scenario(SAMPLES["llama405b"], sheets=["mine"], templates=templates), out)
    found = verify(out, templates=[home])

    assert found.agrees
    rows = ["check_own", "own_chosen", "own_month", "own_most", "own_sum"]
    assert sorted(found.recomputed) == ["Own, Hours tried", *rows]
    assert "check_own in case H200" in found.checks["REVIEW"]
    build(load_scenario(SAMPLES["llama405b"], templates=templates), out)
    assert verify(out, templates=[home]).recomputed == ["check_own"]


def test_a_look_up_cannot_stand_for_a_function(write: Write) -> None:
    """A line of the total whose formula looks into a table needs a function, and is told so."""
    formula = "IF(accelerator_listed > 0, INDEX(across_setup_cost, 1), 0)"
    home = write(
        cost=row(
            f"key: own_cost, {LINE}, counted_with: setup_total_cost, after: setup_total_cost, formula: '{formula}'"
        )
    )
    scenario = load_scenario(SAMPLES["llama405b"], templates=load_templates(home))
    with pytest.raises(InvalidInput, match=r"cost\.yaml:4: row own_cost: .*needs a function"):
        build(scenario, home / "x.xlsx")


# Mistakes
