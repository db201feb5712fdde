"""Mistakes in own templates: each is one message with file, line and row, and no damage ends in a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sheetgen import BuildError, InvalidInput, build, load_scenario, load_templates
from sheetgen.base.yamlfile import MAX_BYTES
from tests.support.own_templates import (
    COST,
    GOOD,
    INPUTS,
    LINE,
    SHEET,
    Write,
    headed,
    line,
    messages,
    row,
    typed,
    whole,
)
from tests.support.paths import SAMPLES

NUMBER = "type: number, unit: count, min: 0, max: 1"


STAFF = "staff_total_cost"
TIER = "on_demand_cost"
RUN, UNITS, TIERS = "Cost of the run", "Unit costs of the total", "Accelerators by tier"


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
        whole("cost", row(f"key: own_cost, {LINE}, formula: setup_cost, counted_with: {STAFF}").replace(RUN, UNITS)),
        "4: Cost, row own_cost: stands outside of “Cost of the run”, whose sum staff_total_cost is in",
    ),
    (
        whole("cost", row(f"key: own_cost, {LINE}, formula: setup_cost, counted_with: {TIER}").replace(RUN, TIERS)),
        "4: Cost, row own_cost: stands behind accelerator_cost, which reads it; let it stand after: on_demand_cost",
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
    (whole("budget", "lists: {lines: [5]}\n"), "1: each of lines is a mapping"),
    (
        whole("budget", "lists:\n  lines:\n    - {key: x, after: setup}\n"),
        "3: after: there is no key 'setup' to stand after",
    ),
    (
        whole("cost", "sections:\n  - title: T\n    show:\n      - {key: x, after: y}\n"),
        "2: Cost, T: each of show is a key",
    ),
    (whole("cost", "lists: {a: []}\n"), "1: a: cost.yaml has no list of this name"),
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
    (whole("sources", "lists:\n  mine: {short: x, title: x}\n"), "2: sources, mine: missing 'url'"),
    (
        whole("sources", "lists:\n  mine: {short: x, title: [x], url: x}\n"),
        "2: sources, mine: title must be a text, not",
    ),
    (whole("choices", "lists:\n  mine: {label: x}\n"), "2: choices, mine: options must be a list of choices"),
    (
        whole("choices", "lists:\n  mine: {label: x, options: [a]}\n"),
        "2: choices, mine: each of options is a mapping, not",
    ),
    (
        whole("choices", "lists:\n  mine:\n    label: x\n    options:\n      - {value: a}\n"),
        "5: choices, mine, a: missing 'mean",
    ),
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
