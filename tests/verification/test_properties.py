"""Laws that hold for every workbook: any valid scenario builds and verifies, figures scale as they must, text is text.

The scenarios are drawn, written as YAML, and take the user's whole way: load, build, verify. The laws of scale are read
from the built file's own formulas by the product's evaluator, with inputs typed into it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st

from sheetgen import InvalidInput, build, load_scenario, verify
from sheetgen.api.build import build_bytes
from sheetgen.api.estimate import estimate
from sheetgen.scenario.model import Scenario
from sheetgen.verification.evaluate import complete
from sheetgen.workbook.book import Book, address
from sheetgen.workbook.evaluator import Evaluator
from sheetgen.workbook.plan import plan
from tests.support.package import CellKey, cached_values, formula_cells
from tests.support.paths import SAMPLES
from tests.support.probes import sample
from tests.support.strategies import COUNTED, decimals, scenarios
from tests.support.tools import in_ci

CLOSE = 1e-9
RUNS = settings(
    max_examples=25,
    deadline=None,  # a busy machine is not a broken law
    derandomize=in_ci(),  # the same examples and the same time in every run there
    phases=(
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ),  # a failing scenario is told as drawn: shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],  # a scenario is large
)


@contextmanager
def room() -> Iterator[Path]:
    """A folder of one example's own."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def loaded(data: dict[str, Any], folder: Path) -> Scenario:
    """The content as a file, read as a user's. Raises InvalidInput."""
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return load_scenario(path)


def usable(scenario: Scenario) -> bool:
    """Whether MFU and HFU are possible: a drawn efficiency, or the same by another count, may leave the bounds."""
    for figures in estimate(scenario).quantities:
        mfu, bridge = float(figures["mfu"]), float(figures["convention_bridge"])
        if "FAIL" in figures.values() or not (0.001 <= mfu <= 1 and 0.001 <= mfu / bridge <= 1):
            return False
    return True


@RUNS
@given(scenarios())
def test_any_valid_scenario_builds_and_verifies(data: dict[str, Any]) -> None:
    """Whatever the architecture, conventions, accelerator and cases: formulas and engine agree, and verify says so."""
    with room() as folder:
        scenario = loaded(data, folder)
        assume(usable(scenario))
        verdict = verify(build(scenario, folder / "budget.xlsx"))

        assert [str(item) for item in (*verdict.mismatches, *verdict.moved_mismatches)] == []
        assert verdict.agrees
        assert verdict.edited is False
        assert verdict.cases == [case.name for case in scenario.cases]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("gpt3-175b", {"model": {"catalogue": "gpt3-175b", "norm": "rmsnorm"}}),
        ("gpt3-175b", {"model": {"catalogue": "gpt3-175b", "d_ff": 51610}}),
        ("geniac-12b", {"model": {"catalogue": "geniac-12b", "n_layers": 2000}, "cases": []}),
    ],
)
def test_the_last_bit_is_no_disagreement(name: str, changes: dict[str, Any], tmp_path: Path) -> None:
    """6·N·D ÷ D ÷ 3 is not 2·N to the last bit of a double for every N and D; such a scenario builds all the same.

    Found by moving inputs one by one; the cell is the row of the convention published where no total is quoted.
    """
    data = yaml.safe_load((SAMPLES[name]).read_text(encoding="utf-8"))
    path = build(loaded(data | changes, tmp_path), tmp_path / "budget.xlsx")

    assert verify(path).agrees


# Laws of scale, through the file's own formulas


class Typed:
    """A built sample in the evaluator, with its base case put forward, to type into and read from by key."""

    def __init__(self, name: str) -> None:
        scenario = sample(name)
        self.book: Book = plan(scenario)
        self.base = dict(scenario.cases[0].values)
        self.own = [dict(case.values) for case in scenario.cases]
        self.evaluator = Evaluator.from_bytes(build_bytes(scenario))

    def figures(self, changes: dict[str, float | str], keys: tuple[str, ...]) -> list[float]:
        """Results of the base case with inputs changed, which are then set back."""
        for key, changed in changes.items():
            self.evaluator.set_values("Inputs", {(self.book.sheets["Inputs"].key_rows[key], 3): changed})
        self.evaluator.recalculate()
        found = []
        for key in keys:
            sheet, row = self.book.names[key][:2]
            value = self.evaluator.value(sheet, row, 3)
            assert isinstance(value, (int, float)), (key, value)
            found.append(float(value))
        for key in changes:
            self.evaluator.set_values("Inputs", {(self.book.sheets["Inputs"].key_rows[key], 3): self.base[key]})
        return found


BUILT: dict[str, Typed] = {}


def typed(name: str) -> Typed:
    """The sample in the evaluator, built once."""
    return BUILT.setdefault(name, Typed(name)) if name not in BUILT else BUILT[name]


names = st.sampled_from(list(SAMPLES))
# The laws of scale hold where goodput is typed and no line of the budget is fixed: everywhere but in the tender.
plain = st.sampled_from([name for name in SAMPLES if name != "procurement-70b"])
factors = decimals(0.1, 10)


@RUNS
@given(plain, factors)
def test_cost_is_proportional_to_price(name: str, factor: float) -> None:
    """Twice the price per GPU-hour is twice every cost line and unit cost, and no other time."""
    keys = ("compute_cost", "total_cost", "cost_per_million_tokens", "cost_per_month")
    book = typed(name)
    before = book.figures({}, keys)
    after = book.figures({"price_per_gpu_hour": float(book.base["price_per_gpu_hour"]) * factor}, keys)

    assert after == pytest.approx([value * factor for value in before], rel=CLOSE)
    assert book.figures({}, ("calendar_days",)) == book.figures({"price_per_gpu_hour": 7.0}, ("calendar_days",))


@RUNS
@given(plain, factors)
def test_time_and_cost_are_proportional_to_tokens(name: str, factor: float) -> None:
    """Twice the tokens take twice the days, GPU-hours and money, where the FLOPs are counted by token."""
    book = typed(name)
    keys = ("training_flops", "training_seconds", "calendar_days", "gpu_hours", "total_cost")
    six: dict[str, float | str] = {"flops_convention": "6nd", "mfu_convention": "6nd"}
    before = book.figures(six, keys)
    amount = "images" if book.base["workload"] == "vision" else "tokens"
    after = book.figures({**six, amount: float(book.base[amount]) * factor}, keys)

    assert after == pytest.approx([value * factor for value in before], rel=CLOSE)


@RUNS
@given(plain, st.integers(1, 12_500).map(lambda nodes: 8 * nodes))
def test_time_is_inverse_to_accelerators(name: str, gpus: int) -> None:
    """n times the accelerators, in whole nodes, take 1/n of the days and the same GPU-hours and money."""
    book = typed(name)
    keys = ("calendar_days", "gpu_hours", "total_cost")
    stated: dict[str, float | str] = {"efficiency_basis": "mfu", "stated_mfu": 0.4}  # an observed rate would stay
    days, hours, cost = book.figures(stated, keys)
    after = book.figures({**stated, "gpus": gpus}, keys)

    assert after == pytest.approx([days * float(book.base["gpus"]) / gpus, hours, cost], rel=CLOSE)


@RUNS
@given(plain, decimals(0.01, 1))
def test_time_and_cost_are_inverse_to_mfu(name: str, mfu: float) -> None:
    """Half the MFU takes twice the days, GPU-hours and money."""
    book = typed(name)
    keys = ("calendar_days", "gpu_hours", "total_cost")
    stated: dict[str, float | str] = {"efficiency_basis": "mfu", "stated_mfu": 0.5}
    half = book.figures(stated, keys)
    after = book.figures({**stated, "stated_mfu": mfu}, keys)

    assert after == pytest.approx([value * 0.5 / mfu for value in half], rel=CLOSE)


@RUNS
@given(names, st.sampled_from(COUNTED), decimals(0.05, 0.9))
def test_a_bridged_mfu_leaves_time_alone(name: str, convention: str, mfu: float) -> None:
    """With MFU stated in a fixed convention, another convention for the FLOPs moves FLOPs and MFU, not the days."""
    if name == "gpt4-epoch":
        convention = "8nt"  # its architecture is undisclosed: N is all that there is to count
    book = typed(name)
    keys = ("calendar_days", "total_cost")
    stated: dict[str, float | str] = {"efficiency_basis": "mfu", "stated_mfu": mfu, "mfu_convention": "6nd"}
    one = book.figures({**stated, "flops_convention": "6nd"}, keys)

    assert book.figures({**stated, "flops_convention": convention}, keys) == pytest.approx(one, rel=CLOSE)


# Text stays text

LIMITS = {"scenario": 120, "requester": 120, "purpose": 400, "price_tier": 40, "price_source": 200}
SHARP = st.sampled_from(list("=+-@|\t'\"&<>{}[]()!#%*?~_\\/;:,.\r\n\u00a0\u200b\u2028é𝔘😀0aA "))
TEXTS = st.one_of(
    st.text(SHARP, min_size=1, max_size=40),
    st.text(min_size=1, max_size=40),
    st.builds("{}{}".format, st.sampled_from("=+-@|"), st.text(SHARP, max_size=20)),
)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def stored(path: Path) -> dict[CellKey, object]:
    """The stored texts of a file as a spreadsheet program shows them: ``_x005F_`` is how xlsx writes ``_``."""
    return {
        key: ESCAPED.sub(lambda match: chr(int(match[1], 16)), cell.value)
        for key, cell in cached_values(path).items()
        if isinstance(cell.value, str)
    }


@RUNS
@given(st.fixed_dictionaries(dict.fromkeys(LIMITS, TEXTS)), TEXTS, TEXTS, TEXTS)
@example({"scenario": "=1+1", "purpose": "+A1"}, "-cmd|' /C calc'!A0", "@SUM(1)", '=HYPERLINK("http://example.org")')
@example({"scenario": "_x0041_", "requester": "a\u202eb"}, "_x000D_", "'=1", "{=1}")
@example({"scenario": "😀 é ﷽", "purpose": '"quoted", \\ and ; & <b>'}, "1e5", "TRUE", "#REF!")
def test_texts_never_become_formulas(fields: dict[str, str], base: str, other: str, source: str) -> None:
    """Any text is refused with its key, or stands in the file as typed; the formulas are those of plain names."""
    data = yaml.safe_load((SAMPLES["gpt3-175b"]).read_text(encoding="utf-8")) | fields
    data |= {"base_case": base, "cases": [{"name": other, "gpus": 2048}], "sources": {"tokens": source}}
    plain = data | {"base_case": "Base", "cases": [{"name": "Other", "gpus": 2048}]}
    plain |= dict.fromkeys(fields, "plain") | {"sources": {}}
    with room() as folder:
        try:
            scenario = loaded(data, folder)
        except InvalidInput as error:
            unplaced = [problem for problem in error.problems if problem.key is None and problem.line is None]
            assert unplaced == []
            return
        path = build(scenario, folder / "budget.xlsx")
        book = plan(complete(scenario))
        expected = formula_cells(build(loaded(plain, folder), folder / "plain.xlsx"))
        texts = stored(path)
        rows = book.sheets["Inputs"].key_rows

        assert formula_cells(path) == expected
        for key in fields:
            assert texts["Inputs", address(rows[key], 3)] == scenario.values.get(key, scenario.cases[0].values.get(key))
        assert [texts["Inputs", address(rows["case_name"], column)] for column in (3, 4)] == [base, other]
        assert source in texts.values()
        assert verify(path).agrees
