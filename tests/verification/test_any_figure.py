"""Any figure that its bounds allow: formulas and engine agree, or a check refuses it; never do they disagree.

Finance may type a billion where a thousand was meant. The figures are drawn over all orders of magnitude, several at a
time, in the sample with every optional sheet and in others: many typed into a workbook that two evaluators have open,
some built into one of their own, which takes forty times as long, and verified.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from sheetgen.api.build import build_bytes
from sheetgen.base.errors import InvalidInput
from sheetgen.base.inputs import Field, fields
from sheetgen.scenario.model import Case, Scenario
from sheetgen.verification.evaluate import complete
from sheetgen.verification.workbook import verify
from tests.support.probes import Probe, input_cell, sample
from tests.support.tools import in_ci
from tests.support.trials import Built, together

SAMPLES = ("procurement-70b", "deepseek-v3", "gemma-2-9b", "vit-l16")
LEAST, LEAST_SHARE = 1e-9, 1e-12
MOST = 1e12
TYPED = [key for key, spec in fields().items() if spec.is_number and not spec.is_of_model and key != "check_tolerance"]


def within(spec: Field, share: float) -> float:
    """The figure that lies at a share of the way from the least to the most allowed, on a log scale where one fits."""
    low, high = spec.minimum or 0.0, MOST if spec.maximum is None else spec.maximum
    if share <= 0.05 or high <= low:
        value = low
    elif share >= 0.95:
        value = high
    elif high > 1000 or low > 0:
        bottom = max(low, high * LEAST_SHARE, LEAST)
        value = math.exp(math.log(bottom) + share * (math.log(high) - math.log(bottom)))
    else:
        value = low + share * (high - low)
    value = float(f"{value:.6g}") if spec.kind == "number" else float(int(value))
    return min(max(value, low), high)


def edited(name: str, edits: list[tuple[str, int, float]]) -> Scenario:
    """The first three cases of a sample with figures typed over, each in one case or in all."""
    scenario = sample(name)
    values, cases = dict(scenario.values), [dict(case.values) for case in scenario.cases[:3]]
    names = [case.name for case in scenario.cases[:3]]
    for key in ("chosen_case", "reference_case", "offer_case"):
        if key in values:
            values[key] = names[0]
    for key, case, share in edits:
        spec = fields()[key]
        if key in scenario.fields:
            target: dict[str, Any] = values if spec.scope == "scenario" else cases[case % len(cases)]
            target[key] = within(spec, share)
    kept = tuple(Case(name, case) for name, case in zip(names, cases, strict=True))
    return replace(scenario, values=values, cases=kept, months=0)


def outcome(scenario: Scenario) -> list[str]:
    """What speaks against a scenario: the keys of the checks that refuse it, or what verify finds in its workbook.

    Raises BuildError where a formula and the engine disagree.
    """
    try:
        content = build_bytes(scenario)
    except InvalidInput as error:
        return [str(problem.key) for problem in error.problems]
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "budget.xlsx"
        path.write_bytes(content)
        verdict = verify(path)
    return [str(item) for item in (*verdict.mismatches, *verdict.moved_mismatches, *verdict.problems)]


SETTINGS = settings(
    deadline=None,
    derandomize=in_ci(),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
EDITS = st.lists(st.tuples(st.sampled_from(TYPED), st.integers(0, 2), st.floats(0, 1)), min_size=1, max_size=8)


@settings(SETTINGS, max_examples=8)
@given(st.sampled_from(SAMPLES), EDITS)
@example("gemma-2-9b", [("context_length", 1, 0.0)])  # a sequence of no length
def test_any_figure_builds_alike_or_is_refused(name: str, edits: list[tuple[str, int, float]]) -> None:
    """A build writes a workbook in which every cell is the engine's, also with all inputs moved, or names the check
    that fails."""
    assert [line for line in outcome(edited(name, edits)) if not line.startswith("check_")] == []


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Built]:
    """The first three cases of a sample, built once and opened in two evaluators."""
    room = tmp_path_factory.mktemp("figures")
    return cache(lambda name: Built(complete(edited(name, [])), room / f"{name}.xlsx"))


@settings(SETTINGS, max_examples=100)
@given(st.sampled_from(SAMPLES), EDITS)
@example("gemma-2-9b", [("context_length", 1, 0.0)])
def test_any_figure_computes_alike(
    opened: Callable[[str], Built], name: str, edits: list[tuple[str, int, float]]
) -> None:
    """Typed into a workbook, whatever its checks say then, every cell is the engine's in two evaluators."""
    item, typed = opened(name), dict[tuple[int, str], Probe]()
    for key, case, share in edits:
        spec = fields()[key]
        if key in item.scenario.fields:
            index = 0 if spec.scope == "scenario" else case % len(item.scenario.cases)
            typed[index, key] = Probe(index, key, within(spec, share))

    assert list(together(item, list(typed.values()))) == []


def test_a_figure_that_is_not_the_engines_is_seen(opened: Callable[[str], Built]) -> None:
    """Negative control: a cell that another input was typed into is told, in both evaluators."""
    item, price, goodput = opened("gemma-2-9b"), Probe(0, "price_per_gpu_hour", 7.0), Probe(0, "goodput", 0.5)
    assert list(together(item, [price])) == []
    for memory in item.memories:
        memory.set(input_cell(item.book, goodput), goodput.value)
    found = list(together(item, [price]))
    for memory in item.memories:
        memory.set(input_cell(item.book, goodput), item.typed(goodput))

    assert {line.partition(":")[0] for line in found} == {"FormualizerMemory", "IroncalcMemory"}
    assert list(together(item, [price])) == []
