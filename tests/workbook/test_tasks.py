"""What a controller does with a budget, each task typed into the delivered file in LibreOffice, as far as its
protection lets one: the figures that must follow are worked by hand from those before, and verify agrees afterwards."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from sheetgen import build, load_scenario, verify
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.book import Book
from sheetgen.workbook.plan import plan
from tests.support.changes import at
from tests.support.macro import Typed, insert_rows
from tests.support.package import CellKey, cached_values
from tests.support.paths import SAMPLES
from tests.support.shared import made_once

EPOCH = datetime.date(1899, 12, 30)
START = (datetime.date(2027, 3, 1) - EPOCH).days
CLOSE = pytest.approx
ALL_AT_ONCE = ("another MFU", "another price", "another start", "a cost line", "another name")
"""Tasks of which none is in the way of another."""


@dataclass(frozen=True)
class Typing:
    """A figure or a text typed for a case, by key, on sheet Inputs."""

    key: str
    value: str | float
    case: int = 0


TASKS: Mapping[str, tuple[Typing, ...]] = {
    "another MFU": (Typing("stated_mfu", 0.45),),
    "another price": (Typing("price_per_gpu_hour", 2.75),),
    "another chip": (Typing("accelerator", "b200-sxm-180gb"),),
    "fewer layers": (Typing("n_layers", 100),),
    "another start": (Typing("start_date", START),),
    "a cost line": (Typing("other_name_1", "Insurance"), Typing("other_amount_1", 250_000)),
    "another name": (Typing("case_name", "As approved", 1),),
    "another case for approval": (Typing("chosen_case", "B200"),),
}
CASES = [("llama405b", (name,)) for name in TASKS] + [
    (name, ALL_AT_ONCE) for name in ("procurement-70b", "mixtral-8x7b")
]


class Budget:
    """A file's figures by key and case, as LibreOffice stored them."""

    def __init__(self, path: Path, book: Book) -> None:
        self.path, self.book = path, book
        self.cells = {key: item.value for key, item in cached_values(path).items()}

    def text(self, key: str, case: int = 0, sheet: str = "") -> object:
        """What a cell holds."""
        return self.cells[self.place(key, case, sheet)]

    def figure(self, key: str, case: int = 0) -> float:
        """A number."""
        found = self.text(key, case)
        assert isinstance(found, float), (key, found)
        return found

    def place(self, key: str, case: int, sheet: str = "") -> CellKey:
        """Where a key stands."""
        return at(self.book, sheet or self.book.names[key][0], key, case)


@cache
def planned(name: str) -> Book:
    """Where everything stands in the workbook of a sample as it is delivered."""
    return plan(complete(load_scenario(SAMPLES[name])))


@pytest.fixture(scope="module")
def budgets(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, tuple[str, ...]], tuple[Budget, Budget]]:
    """A sample as delivered and after tasks, both saved by LibreOffice; all tasks of a sample in one run of it."""

    def saved(name: str) -> Path:
        tasks = [tasks for sample, tasks in CASES if sample == name]

        def make(room: Path) -> None:
            path = build(load_scenario(SAMPLES[name]), room / f"{name}.xlsx")
            steps = [[typed(name, item) for task in group for item in TASKS[task]] for group in tasks]
            for number, copy in enumerate(insert_rows(path, [[], *steps], room)):
                copy.rename(room / f"{number}.xlsx")

        return made_once(tmp_path_factory, f"tasks-{name}", make)

    def typed(name: str, item: Typing) -> Typed:
        return Typed(*at(planned(name), "Inputs", item.key, item.case), item.value)

    def find(name: str, group: tuple[str, ...]) -> tuple[Budget, Budget]:
        room, number = saved(name), [tasks for sample, tasks in CASES if sample == name].index(group) + 1
        return Budget(room / "0.xlsx", planned(name)), Budget(room / f"{number}.xlsx", planned(name))

    return find


@pytest.mark.parametrize(("name", "group"), CASES, ids=lambda part: part if isinstance(part, str) else ", ".join(part))
def test_a_task_moves_what_it_must(
    budgets: Callable[[str, tuple[str, ...]], tuple[Budget, Budget]], name: str, group: tuple[str, ...]
) -> None:
    """Figures, marks and lights follow each edit; nothing is an error, every edit is listed, and verify agrees."""
    before, after = budgets(name, group)
    verdict = verify(after.path)
    typed = [item for task in group for item in TASKS[task]]

    assert verdict.agrees, [str(item) for item in (*verdict.mismatches, *verdict.overwritten, *verdict.differences)][:5]
    assert len(verdict.edits) == len(typed)
    assert after.figure("inputs_changed") == len(typed)
    assert [key for key, value in after.cells.items() if isinstance(value, str) and value.startswith("#")] == []
    for task in group:
        FOLLOWS[task](before, after)
    if name == "llama405b":
        ALONE[group[0]](before, after)


def mfu(before: Budget, after: Budget) -> None:
    """Days are inverse to MFU."""
    assert after.figure("calendar_days") == CLOSE(before.figure("calendar_days") * before.figure("stated_mfu") / 0.45)


def price(before: Budget, after: Budget) -> None:
    """The price in force is the one typed."""
    assert after.figure("price_per_gpu_hour") == 2.75
    assert before.figure("price_per_gpu_hour") != 2.75


def start(before: Budget, after: Budget) -> None:
    """From the new start the run takes its days, and what it took beside them before."""

    def beside(budget: Budget) -> float:
        return budget.figure("end_date") - budget.figure("start_date") - budget.figure("calendar_days")

    assert before.figure("start_date") != after.figure("start_date") == START
    assert beside(after) == CLOSE(beside(before), abs=1)


def line(before: Budget, after: Budget) -> None:
    """The amount stands on sheet Cost under its name."""
    assert after.figure("other_line_1") - before.figure("other_line_1") == 250_000


def renamed(before: Budget, after: Budget) -> None:
    """The name stands over its column on sheet Cost."""
    heads = {value for (sheet, _), value in after.cells.items() if sheet == "Cost" and isinstance(value, str)}
    assert "As approved" in heads
    assert before.cells[before.place("case_name", 1, "Inputs")] not in heads


def chip(before: Budget, after: Budget) -> None:
    """The light asks for a review: the price was quoted for another chip."""
    assert after.text("request_check", sheet="Checks") == "REVIEW"
    assert before.text("request_check", sheet="Checks") == "OK"
    assert after.figure("dense_peak_flops_per_gpu") == 2250e12


def layers(before: Budget, after: Budget) -> None:
    """26 layers fewer of 3,187,703,808 parameters each: 2·16384² + 2·16384·1024 + 3·16384·53248 + 2·16384."""
    assert before.figure("parameters") - after.figure("parameters") == 26 * 3_187_703_808
    assert after.text("model_shown", sheet="Cases") == "llama-3.1-405b (edited)"


def approved(before: Budget, after: Budget) -> None:
    """The total put forward is that of the other case, on every sheet."""
    place = ("Summary", after.place("total_cost", 0)[1])
    assert after.text("chosen_name", sheet="Cases") == "B200"
    assert after.figure("total_cost", 4) == CLOSE(before.figure("total_cost", 4))
    totals = [value for (sheet, _), value in after.cells.items() if sheet == "Summary" and isinstance(value, float)]
    assert any(value == CLOSE(after.figure("total_cost", 4)) for value in totals), place


FOLLOWS: Mapping[str, Callable[[Budget, Budget], None]] = {
    "another MFU": mfu, "another price": price, "another chip": chip, "fewer layers": layers, "another start": start,
    "a cost line": line, "another name": renamed, "another case for approval": approved,
}  # fmt: skip


def _times(share: Callable[[Budget, Budget], float]) -> Callable[[Budget, Budget], None]:
    def total(before: Budget, after: Budget) -> None:
        assert after.figure("total_cost") == CLOSE(before.figure("total_cost") * share(before, after))

    return total


def _plus(amount: float) -> Callable[[Budget, Budget], None]:
    def total(before: Budget, after: Budget) -> None:
        assert after.figure("total_cost") == CLOSE(before.figure("total_cost") + amount)

    return total


ALONE: Mapping[str, Callable[[Budget, Budget], None]] = {
    "another MFU": _times(lambda before, _: before.figure("stated_mfu") / 0.45),
    "another price": _times(lambda before, _: 2.75 / before.figure("price_per_gpu_hour")),
    "another chip": _times(lambda before, _: before.figure("dense_peak_flops_per_gpu") / 2250e12),
    "fewer layers": _times(lambda before, after: after.figure("training_flops") / before.figure("training_flops")),
    "another start": _plus(0),
    "a cost line": _plus(275_000),  # 10 % of contingency on it
    "another name": _plus(0),
    "another case for approval": _plus(0),
}
"""What each does to the total of the Llama sample, whose lines all go by the GPU-hours."""
