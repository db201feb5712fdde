"""A user's own templates: what they add, and what is said of each mistake in them, with file and line.

The lines of the messages are counted by hand in the text of each file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetgen import BuildError, InvalidInput, build, load_scenario, load_templates, verify
from sheetgen.base.templates import packaged
from sheetgen.base.yamlfile import MAX_BYTES
from sheetgen.workbook.definitions import Definitions
from sheetgen.workbook.formula import to_excel
from tests.support.paths import SAMPLES

Write = Callable[..., Path]
COST = "sections:\n  - title: Cost of the run\n    rows:\n"
LINE = "label: Own, unit: currency, source: identity, format: money"
GOOD = f"{COST}      - {{key: own_cost, {LINE}, formula: setup_cost}}\n"
SHEET = "sheet: Own\norder: 500\nkind: Calculation\ntitle: Own\nsections:\n"
INPUTS = "sections:\n  - title: Own\n    inputs:\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes files, by their names without ``.yaml``, and gives their directory."""

    def written(**files: str) -> Path:
        home = tmp_path / "own"
        home.mkdir(exist_ok=True)
        for name, text in files.items():
            (home / f"{name}.yaml").write_text(text, encoding="utf-8")
        return home

    return written


def messages(home: Path) -> list[str]:
    """What is said of a directory, file names without their directory."""
    with pytest.raises(InvalidInput) as raised:
        load_templates(home)
    return [str(problem).replace(f"{home}/", "") for problem in raised.value.problems]


def row(entries: str) -> str:
    """A file that adds one row to sheet Cost, on line 4."""
    return f"{COST}      - {{{entries}}}\n"


def whole(name: str, text: str) -> tuple[str, str]:
    """A file and its text."""
    return name, text


def line(entries: str, usual: str = f"key: own_cost, {LINE}") -> tuple[str, str]:
    """A row of sheet Cost on line 4, with these entries beside the usual ones."""
    return "cost", row(f"{usual}, {entries}")


def typed(entries: str, usual: str = "key: mine, label: x") -> tuple[str, str]:
    """An input on line 4, with these entries beside the usual ones."""
    return "inputs", f"{INPUTS}      - {{{usual}, {entries}}}\n"


def headed(old: str, new: str, tail: str = "") -> tuple[str, str]:
    """A sheet without sections, with a part of its head replaced."""
    return "own", f"{SHEET.replace(old, new)}  []\n{tail}"


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
        f"      - {{key: own_chosen, label: x, {money}, formula: chosen_total_cost}}\n",
    )
    templates, out = load_templates(home), tmp_path / "out.xlsx"
    build(load_scenario(SAMPLES["llama405b"], sheets=["mine"], templates=templates), out)
    found = verify(out, templates=[home])

    assert found.agrees
    assert sorted(found.recomputed) == ["check_own", "own_chosen", "own_month", "own_most", "own_sum"]
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


NUMBER = "type: number, unit: count, min: 0, max: 1"
STAFF = "staff_total_cost"
MISTAKES: list[tuple[tuple[str, str], str]] = [
    # rows
    (line("formula: setup_cst * 2"), "4: Cost, row own_cost: 'setup_cst' is not a key of an earlier row"),
    (line("formula: total_cost * 2, after: compute_cost"), "4: Cost, row own_cost: 'total_cost' is not a key of an"),
    (line("formula: gpu_hours"), "4: Cost, row own_cost: the unit is currency, the formula gives"),
    (line("formula: setup_cost + gpu_hours"), "4: Cost, row own_cost: + joins"),
    (line("formula: setup_cost", f"key: own_cost, {LINE.replace('currency', 'florin')}"), "4: Cost, row own_cost: "),
    (line("formula: data_cost", f"key: setup_cost, {LINE}"), "4: Cost, row setup_cost: the key is used twice"),
    (whole("cost", GOOD + GOOD.partition("rows:\n")[2]), "5: Cost, row own_cost: the key is used twice"),
    (line("formula: setup_cost * NOW()"), "4: Cost, row own_cost: function NOW is outside"),
    (line("formula: 'XLOOKUP(1, 2)'"), "4: Cost, row own_cost: function XLOOKUP is outside"),
    (line("formula: setup_cost ^ 1"), "4: Cost, row own_cost: operator ^ is not used"),
    (line("formula: setup_cost *"), "4: Cost, row own_cost: cannot be parsed"),
    (line("formula: setup_cost, colour: red"), "4: Cost, row own_cost: unknown ['colour']"),
    (line("words: x"), "4: Cost, row own_cost: missing ['formula']"),
    (line("formula: setup_cost", f"key: own_cost, {LINE.replace('identity', 'hearsay')}"), "unknown source 'hearsay'"),
    (line("formula: setup_cost", f"key: own_cost, {LINE.replace('money', 'mony')}"), "no format 'mony'; did you mean"),
    (line("formula: setup_cost", f"key: Own, {LINE}"), "4: Cost, row Own: cannot be a key"),
    (line("formula: setup_cost", f"key: ab12, {LINE}"), "4: Cost, row ab12: cannot be a key"),
    (line("formula: setup_cost", f"key: table_own, {LINE}"), "4: Cost, row table_own: cannot be a key"),
    (line("formula: setup_cost", LINE), "4: Cost: a row needs a key"),
    (line("formula: setup_cost", f"key: own_cost, {LINE.replace('Own', '[1]')}"), "label must be a text, not [1]"),
    (line("formula: setup_cost, helper: 3"), "4: Cost, row own_cost: helper must be yes or no, not 3"),
    (line("formula: setup_cost, scope: all"), "4: Cost, row own_cost: scope is case or scenario, not 'all'"),
    (line("formula: setup_cost, exact: often"), "4: Cost, row own_cost: exact is one of"),
    (line("formula: setup_cost, after: setup"), "4: after: there is no key 'setup' to stand after"),
    (
        line("formula: setup_cost, counted_with: sundries"),
        "4: Cost, row own_cost: counted_with names no row: 'sundries'",
    ),
    (
        line("formula: setup_cost, counted_with: gpu_hours"),
        "4: Cost, row own_cost: counted with gpu_hours, whose unit is",
    ),
    (
        line(f"formula: setup_cost, counted_with: {STAFF}"),
        "4: Cost, row own_cost: stands behind other_cost, which reads",
    ),
    (line("formula: setup_cost, each: grids"), "4: Cost, row own_cost: a row for each of a list is the package's own"),
    (whole("cost", f"{COST}      - 7\n"), "4: each of rows is a mapping, not 7"),
    # sections
    (whole("cost", "sections:\n  - title: T\n    rowz: []\n"), "2: Cost: a section needs one of"),
    (
        whole("cost", "sections:\n  - title: T\n    after: Prices\n    rows: []\n"),
        "2: after: there is no title 'Prices'",
    ),
    (whole("cost", "sections:\n  - rows: []\n"), "2: each section is a mapping with a title"),
    (whole("cost", "sections: 5\n"), "1: sections: must be a list"),
    (whole("cost", "sections:\n  - title: Price\n    rows: 5\n"), "2: rows: section Price is there, so only its lists"),
    (whole("cost", "sections:\n  - title: Price\n    note: new\n"), "2: note: section Price is there, so only its"),
    (whole("cost", "sheet: Cost\n"), "1: adds to cost.yaml of the package, so it may not set sheet"),
    (whole("cost", "lists: {a: []}\n"), "1: lists: the lists of cost.yaml are the package's own"),
    (whole("cots", "sections: []\n"), "1: is no template; did you mean 'cost'?"),
    (whole("cost", "sections:\n  - title: T\n    grid: 5\n"), "2: Cost, T: "),
    (whole("cost", "sections:\n  - title: T\n    series: fortnights\n    rows: []\n"), "2: Cost, T: "),
    # sheets
    (headed("order: 500\n", ""), "1: order: must be a number, by which sheets are sorted"),
    (headed("sheet: Own", "sheet: Cost"), "1: sheet Cost is there already, in cost.yaml"),
    (headed("sheet: Own", "sheet: 'A!B'"), "1: sheet: cannot be the name of a sheet"),
    (headed("sheet: Own", "sheet: History"), "1: sheet: cannot be the name of a sheet"),
    (headed("order: 500", "order: last"), "1: order: must be a number, by which sheets are sorted"),
    (whole("own", f"{SHEET}  - 5\n"), "6: each section is a mapping"),
    (headed("", "", "colour: red\n"), "1: Own: unknown ['colour']"),
    (headed("", "", "columns: 5\n"), "1: own: columns must be a list, not 5"),
    (headed("", "", "adds: {coast: {sections: []}}\n"), "adds coast: there is no template of this name; did you mean"),
    (headed("", "", "adds: {cost: 5}\n"), "cost: must be a mapping of sections or lists"),
    # inputs
    (typed(NUMBER, "key: gpus, label: x"), "4: Inputs, row gpus: the key is used twice"),
    (typed(NUMBER, "key: total_cost, label: x"), "4: Inputs, row total_cost: the key is used twice"),
    (typed(NUMBER, "key: cases, label: x"), "4: Inputs, row cases: the key is used twice"),
    (typed("type: numeral, unit: count, min: 0, max: 1"), "4: Inputs, row mine: type is one of number"),
    (typed("type: number, unit: count, min: 0"), "4: Inputs, row mine: a number needs max"),
    (typed("type: number, unit: count, min: 2, max: 1"), "4: Inputs, row mine: min is above max"),
    (typed("type: number, unit: florin, min: 0, max: 1"), "4: Inputs, row mine: "),
    (typed(f"{NUMBER}, default: 7"), "4: Inputs, row mine: default '7' is too large; allowed: a number from 0 to 1"),
    (typed("type: choice, choices: nothing"), "4: Inputs, row mine: choices names no list of choices.yaml"),
    (typed("type: text"), "4: Inputs, row mine: a text needs max"),
    (typed("type: text, max: 9, pattern: '['"), "4: Inputs, row mine: pattern is no regular expression"),
    (typed(f"{NUMBER}, colour: 5"), "4: Inputs, row mine: unknown ['colour']"),
    (
        whole(
            "inputs", "sections:\n  - title: Constants\n    constants:\n      - {key: mine, label: x, unit: count}\n"
        ),
        "4: Inputs, row mine: missing ['value', 'source']",
    ),
    # lists
    (whole("choices", "lists:\n  mine: 5\n"), "2: mine: must be a mapping"),
    (whole("sources", "lists:\n  identity: {short: x, title: x, url: x}\n"), "2: identity: is there already"),
    # YAML
    (whole("cost", "sections: [\n"), "not valid YAML"),
    (whole("cost", "sections: []\nsections: []\n"), "2: sections: duplicate key: already on line 1"),
    (whole("cost", "sections: &a []\n"), "anchors"),
    (whole("cost", "sections: !!python/object/apply:os.system [true]\n"), "tags are not allowed"),
    (whole("cost", "- a\n"), "expected keys and values"),
    (whole("cost", ""), "empty"),
    (whole("cost", "\tsections: []\n"), "not valid YAML"),
    (whole("cost", f"sections: []\n# {'x' * MAX_BYTES}\n"), "the file is too large"),
    (whole("cost", "a: " + "[" * 50 + "]" * 50 + "\n"), "nested too deeply"),
]


@pytest.mark.parametrize(("file", "message"), MISTAKES)
def test_a_mistake_is_said_once(write: Write, file: tuple[str, str], message: str) -> None:
    """One message for the mistake, with file and line."""
    name, text = file
    found = messages(write(**{name: text}))

    assert len(found) == 1, found
    assert found[0].startswith(f"{name}.yaml:"), found
    assert message in found[0]


def test_all_mistakes_at_once(write: Write) -> None:
    """A message for each, in the order of the lines; a row that only reads a wrong one is none."""
    home = write(
        cost=row(f"key: one_cost, {LINE}, formula: nothing")
        + f"      - {{key: two_cost, {LINE}, formula: one_cost}}\n"
        + f"      - {{key: three_cost, {LINE}, formula: NOW()}}\n",
        inputs=f"{INPUTS}      - {{key: gpus, label: x, type: number, unit: count, min: 0, max: 1}}\n",
    )
    found = messages(home)

    assert [message.partition(": ")[0] for message in found] == ["cost.yaml:4", "cost.yaml:6", "inputs.yaml:4"]


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("  - title: T\n    table: nothing\n    columns: [{value: x}]\n", "own.yaml:6: Own: there is no list"),
        ("  - title: T\n    table: entries\n    columns: [{value: '{nothing}'}]\n", "own.yaml:6: "),
        ("  - title: T\n    show: [nothing]\n", "own.yaml:6: "),
        ("  - title: T\n    show: [5]\n", "own.yaml:6: "),
        ("  - title: T\n    table: entries\n    columns: [{formula: nothing * 2}]\n", "own.yaml:"),
    ],
)  # fmt: skip
def test_what_only_shows_in_a_workbook(write: Write, tmp_path: Path, section: str, message: str) -> None:
    """A list, a gap or a key that a workbook does not have: said with the line of the section when it is laid out."""
    home = write(own=f"{SHEET}{section}lists:\n  entries: [1]\n")
    with pytest.raises((InvalidInput, BuildError)) as raised:
        build(load_scenario(SAMPLES["llama405b"], templates=load_templates(home)), tmp_path / "x.xlsx")

    assert message in str(raised.value)
    assert isinstance(raised.value, InvalidInput)


def test_what_is_no_directory(tmp_path: Path, write: Write) -> None:
    """A file, nothing, an empty directory, a link that leads out, too many files: no traceback."""
    file = tmp_path / "file.yaml"
    file.write_text(GOOD)
    (tmp_path / "empty").mkdir()
    home = write()
    (home / "cost.yaml").symlink_to(file)
    for path, message in (
        (file, "is no directory of templates"),
        (tmp_path / "nothing", "is no directory of templates"),
        (tmp_path / "empty", "holds no template"),
        (home, "leads out of the directory"),
    ):
        with pytest.raises(InvalidInput, match=message):
            load_templates(path)
    (home / "cost.yaml").unlink()
    for number in range(101):
        (home / f"x{number}.yaml").write_text("a: 1\n")
    with pytest.raises(InvalidInput, match="too many templates"):
        load_templates(home)


DAMAGE = ("", "5", "[]", "{}", "null", "true", "x", "-", "'", "[1, {a: b}]")


def test_no_damage_ends_in_a_traceback(write: Write) -> None:
    """A good file with a part of a line lost, or a value put in the place of another: loaded, or refused."""
    text = (
        f"{SHEET}  - title: T\n    rows:\n      - {{key: own_total, {LINE}, formula: total_cost}}\n"
        "  - title: S\n    show: [total_cost]\n    over: cases\n  - title: Words\n    text: [One.]\n"
        "columns: [{head: Item, width: 38}, {head: Key, width: 20}, {head: Unit, width: 10}, {each: case, width: 15}]\n"
        "page: {one_page: true}\nfreeze: {rows: 3, columns: 1}\n"
    )
    load_templates(write(own=text))
    dice = random.Random(11)  # noqa: S311 - no secret
    for _ in range(150):
        lines = text.splitlines()
        place = dice.randrange(len(lines))
        words = lines[place].split(" ")
        words[dice.randrange(len(words))] = dice.choice(
            ["", "5", "[]", "{}", "null", "true", "x", "-", "'", "[1, {a: b}]"]
        )
        lines[place] = " ".join(words)
        try:
            load_templates(write(own="\n".join(lines)))
        except InvalidInput as error:
            assert all(problem.file for problem in error.problems)  # noqa: PT017 - either way is right
