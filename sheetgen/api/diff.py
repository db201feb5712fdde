"""``diff``: what was approved against what came back: inputs, formulas, results, and what moved the total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sheetgen.base.child import Limits, in_child
from sheetgen.base.errors import NotVerifiable, one_line

if TYPE_CHECKING:
    from sheetgen.scenario.model import Scenario
    from sheetgen.verification.edits import Change
    from sheetgen.verification.evaluate import Evaluation
    from sheetgen.verification.verdict import Verdict

FIGURES = ("total_cost", "run_days")
"""What inputs are held to have moved: the budget, and the days of the run."""
REST = "everything else"
"""What is no input of a case: the table of accelerators, months typed, templates."""
TOLERANCE = 1e-9
"""Of a figure: less is rounding."""


class Share(NamedTuple):
    """What a changed input explains of the move of total cost [currency] and of days."""

    what: str
    total_cost: float
    run_days: float


class Move(NamedTuple):
    """The figures of a case before and after, and the shares that add up to the difference."""

    case: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that two budgets differ in. ``of_first`` and ``of_second`` are findings of one workbook alone."""

    first: str
    second: str
    inputs: tuple[Change, ...]
    cases: tuple[str, ...]
    moves: tuple[Move, ...]
    of_first: tuple[str, ...]
    of_second: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.inputs or self.cases or self.of_first or self.of_second or any(m.shares for m in self.moves))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "first": self.first, "second": self.second, "same": self.same,
            "inputs": [item._asdict() for item in self.inputs],
            "cases": list(self.cases),
            "moves": [
                {**item._asdict(), "shares": [share._asdict() for share in item.shares]} for item in self.moves
            ],
            "findings": {"first_alone": list(self.of_first), "second_alone": list(self.of_second)},
        }  # fmt: skip


class _Side(NamedTuple):
    """A budget: its scenario and quantities, and the findings where it is a workbook."""

    scenario: Scenario
    evaluation: Evaluation
    findings: tuple[str, ...]


def diff(first: str | Path, second: str | Path, templates: Sequence[str | Path] = ()) -> Difference:
    """What two budgets differ in, each a workbook (.xlsx) or a scenario.

    Raises InvalidInput for a scenario that is wrong, NotVerifiable for a workbook that cannot be read or computed.
    """
    from sheetgen.verification.workbook import limits_of

    one, other = Path(first), Path(second)
    limits = [limits_of(path) for path in (one, other)]
    both = Limits(sum(own.seconds for own in limits) + 30, sum(own.megabytes for own in limits) + 200)
    subject = f"{one_line(str(one))} and {one_line(str(other))}"
    return in_child(lambda: _compared(one, other, templates), both, subject)


def _compared(first: Path, second: Path, templates: Sequence[str | Path]) -> Difference:
    before, after = _side(first, templates), _side(second, templates)
    pairs, lost = _pairs(before.scenario, after.scenario)
    return Difference(
        str(first), str(second), tuple(_inputs(before.scenario, after.scenario, pairs)), tuple(lost),
        tuple(_move(before, after, one, other) for one, other in pairs),
        tuple(text for text in before.findings if text not in after.findings),
        tuple(text for text in after.findings if text not in before.findings),
    )  # fmt: skip


def _side(path: Path, templates: Sequence[str | Path]) -> _Side:
    from sheetgen.verification.evaluate import evaluate

    if path.suffix.lower() != ".xlsx":
        from sheetgen.scenario.reader import load_scenario

        evaluation = evaluate(load_scenario(path))
        return _Side(evaluation.scenario, evaluation, ())
    from sheetgen.verification.compare import judge
    from sheetgen.verification.computed import computed
    from sheetgen.verification.verdict import Verdict
    from sheetgen.verification.workbook import limits_of

    file = computed(path, templates)
    verdict = Verdict(str(path), poisoned=file.formulas, foreign=list(file.opened.book.foreign))
    evaluation_of_file = judge(file, verdict, None, limits_of(path))
    if evaluation_of_file is None:
        words = "; ".join(map(str, verdict.problems[:5]))
        raise NotVerifiable(f"{one_line(str(path))}: its inputs cannot be computed with: {words}")
    return _Side(evaluation_of_file.scenario, evaluation_of_file, tuple(_findings(verdict)))


def _findings(verdict: Verdict) -> list[str]:
    """What ``verify`` has to say against a workbook; figures that a formula of somebody else's gives among them."""
    found = (*verdict.overwritten, *verdict.mismatches, *verdict.problems, *verdict.foreign)
    return [one_line(str(item)) for item in found]


def _pairs(before: Scenario, after: Scenario) -> tuple[list[tuple[int, int]], list[str]]:
    """Cases of one name on both sides, in their order, then the others one after the other; and what has no pair."""
    names = {case.name: index for index, case in enumerate(after.cases)}
    pairs = [(index, names[case.name]) for index, case in enumerate(before.cases) if case.name in names]
    left = [index for index in range(len(before.cases)) if index not in {one for one, _ in pairs}]
    right = [index for index in range(len(after.cases)) if index not in {other for _, other in pairs}]
    renamed = list(zip(left, right, strict=False))
    words = [f"case {before.cases[one].name!r} is now {after.cases[other].name!r}" for one, other in renamed]
    words += [f"case {before.cases[index].name!r} is gone" for index in left[len(renamed) :]]
    words += [f"case {after.cases[index].name!r} is new" for index in right[len(renamed) :]]
    return sorted([*pairs, *renamed]), words


def _inputs(before: Scenario, after: Scenario, pairs: list[tuple[int, int]]) -> Iterator[Change]:
    """Every input that is another one; of the figures of efficiency those that drive time, which the others follow."""
    from sheetgen.scenario.model import efficiency_inputs
    from sheetgen.verification.edits import changes

    ways = efficiency_inputs()
    driving = {
        ways[str(side.inputs(index)["efficiency_basis"])]
        for side in (before, after)
        for index in range(len(side.cases))
    }
    idle = {*ways.values()} - driving
    return (item for item in changes(before, after, pairs) if item.key not in idle)


def _move(before: _Side, after: _Side, one: int, other: int) -> Move:
    """The figures of a case on both sides, and what moved them."""
    from sheetgen.verification.extended import engine_of
    from sheetgen.verification.shares import grouped, shapley

    old, new = before.evaluation.values[one], after.evaluation.values[other]
    start = {key: float(old[key]) for key in FIGURES}
    end = {key: float(new[key]) for key in FIGURES}
    mine, theirs = before.scenario.inputs(one), after.scenario.inputs(other)
    engine = engine_of(before.scenario)
    moving = engine.rests_on(FIGURES)
    changed = [key for key in theirs if mine.get(key) != theirs[key] and key in moving]
    sections = {key: spec.section for key, spec in after.scenario.fields.items()}
    players = grouped(changed, sections)

    def figures(chosen: frozenset[str]) -> tuple[float, ...]:
        changes = {key: theirs[key] for player in chosen for key in players[player]}
        moved = engine.moved(old, changes, FIGURES)
        return tuple(float(moved[key]) for key in FIGURES)

    shares = [Share(name, *own) for name, own in shapley(list(players), figures).items()] if players else []
    told = (sum(own.total_cost for own in shares), sum(own.run_days for own in shares))
    rest = [end[key] - start[key] - part for key, part in zip(FIGURES, told, strict=True)]
    least = [TOLERANCE * max(abs(start[key]), abs(end[key])) for key in FIGURES]
    shares.append(Share(REST, *rest))
    shares = [own for own in shares if abs(own.total_cost) > least[0] or abs(own.run_days) > least[1]]
    shares.sort(key=lambda own: -abs(own.total_cost))
    return Move(after.scenario.cases[other].name, start, end, tuple(shares))
