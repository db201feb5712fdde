"""Lines of a budget that a scenario names itself: read, refused, by case, side by side, and typed into the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen import estimate, load_scenario, verify
from sheetgen.api.combine import combine
from sheetgen.base.errors import InvalidInput
from sheetgen.workbook.book import Book
from tests.support.changes import at, edited
from tests.support.engines import ironcalc_values
from tests.support.package import cached_values
from tests.support.paths import SAMPLES

LLAMA = SAMPLES["llama405b"].read_text(encoding="utf-8")
OWN = """
other_costs:
  - {name: Insurance, amount: 1.5M, source: Broker's indication}
  - {name: Export licence, amount: 40000}
"""
OF_A_CASE = """  - name: H200
    other_costs:
      - {name: insurance, amount: 2M}
      - {name: Relocation, amount: 300000}
"""


def written(room: Path, text: str, name: str = "own.yaml") -> Path:
    """A scenario file of this text."""
    path = room / name
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_reach_the_total(tmp_path: Path) -> None:
    """1,540,000 beside the accelerators, 10 % of contingency on it: 1,694,000 more, in months and total alike."""
    plain = estimate(load_scenario(SAMPLES["llama405b"])).quantities[0]
    own = load_scenario(written(tmp_path, LLAMA + OWN))
    found = estimate(own).quantities[0]

    assert own.values["other_name_1"] == "Insurance"
    assert own.values["other_name_3"] == "–"
    assert own.sources["other_amount_1"] == "Broker's indication"
    assert own.sources["other_amount_2"] == "assumption"
    assert found["own_lines_cost"] == 1_540_000
    assert float(found["total_cost"]) - float(plain["total_cost"]) == pytest.approx(1_694_000)
    assert found["phased_cost"] == pytest.approx(found["total_cost"])


def test_a_case_gives_its_own_amounts_and_adds_lines(tmp_path: Path) -> None:
    """A case takes over what it does not name; a line that it adds is 0 elsewhere."""
    text = LLAMA.replace("  - name: H200\n", OF_A_CASE) + OWN
    base, *_, h200, b200, _ = estimate(load_scenario(written(tmp_path, text))).quantities

    assert [base[f"other_line_{number}"] for number in (1, 2, 3)] == [1_500_000, 40_000, 0]
    assert [h200[f"other_line_{number}"] for number in (1, 2, 3)] == [2_000_000, 40_000, 300_000]
    assert [b200[f"other_line_{number}"] for number in (1, 2, 3)] == [1_500_000, 40_000, 0]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("other_costs: 5\n", "must be a list of lines"),
        ("other_costs: [5]\n", "each line is a mapping"),
        ("other_costs:\n  - {name: Insurance}\n", "other_costs.amount: is missing"),
        ("other_costs:\n  - {name: Insurance, amount: many}\n", "other_costs.amount"),
        ("other_costs:\n  - {name: Insurance, amount: -1}\n", "is too small"),
        ("other_costs:\n  - {name: Insurance, amount: 1, by: me}\n", "unknown key"),
        ("other_costs:\n  - {name: A, amount: 1}\n  - {name: a, amount: 2}\n", "stands twice"),
        ("other_costs:\n" + "".join(f"  - {{name: L{n}, amount: 1}}\n" for n in range(6)), "too many lines"),
        ("other_name_1: Insurance\nother_costs:\n  - {name: A, amount: 1}\n", "listed and typed"),
        ("other_costs:\n  - {name: –, amount: 1}\n", "is no name"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, lines: str, message: str) -> None:
    """Each mistake in a list of lines is one message."""
    with pytest.raises(InvalidInput) as refused:
        load_scenario(written(tmp_path, LLAMA + lines))

    assert [str(problem) for problem in refused.value.problems if message in str(problem)]
    assert len(refused.value.problems) == 1


def test_scenarios_side_by_side_keep_their_lines(tmp_path: Path) -> None:
    """Two files that name their lines in another order: each amount stands under its own name."""
    first = load_scenario(written(tmp_path, LLAMA + OWN))
    text = LLAMA + "other_costs:\n  - {name: Audit, amount: 7}\n  - {name: insurance, amount: 9}\n"
    second = load_scenario(written(tmp_path, text, "second.yaml"))
    both = combine([first, second])
    names = [both.values[f"other_name_{number}"] for number in range(1, 6)]
    last = both.inputs(len(first.cases))

    assert names == ["Insurance", "Export licence", "Audit", "–", "–"] or names[2] == "Audit"
    assert [last[f"other_amount_{number}"] for number in range(1, 4)] == [9, 0, 7]
    assert both.inputs(0)["other_amount_3"] == 0


def test_a_line_named_in_the_file(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """Typed on sheet Inputs: the line is called by its name on Cost, the total rises, verify agrees. An amount without
    a name counts, and asks for a review."""
    amount = at(llama_plan, "Inputs", "other_amount_2"), 1e6
    name = at(llama_plan, "Inputs", "other_name_2"), "Insurance"
    total, label = at(llama_plan, "Cost", "total_cost"), at(llama_plan, "Cost", "other_line_2")[1].replace("D", "A")
    before = cached_values(llama_file)[total].value
    for changes, called, status in (([amount], "Other 2: not used", "REVIEW"), ([amount, name], "Insurance", "OK")):
        file = edited(llama_file, tmp_path, dict(changes))
        found = ironcalc_values(file)
        assert found["Cost", label] == called
        assert float(str(found[total])) - float(str(before)) == pytest.approx(1.1e6)
        assert found[at(llama_plan, "Checks", "check_lines_named")] == status
    verdict = verify(file)
    assert (verdict.mismatches, verdict.overwritten, verdict.foreign) == ([], [], [])
