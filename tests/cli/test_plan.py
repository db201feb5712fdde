"""``plan``: limits, what falls out, and a workbook of what was found."""

from __future__ import annotations

import datetime
import math
from pathlib import Path

import pytest

from sheetgen.api.plan import Choice, plan
from sheetgen.api.plan_answers import _halved, bought
from sheetgen.scenario.model import Scenario
from sheetgen.scenario.reader import load_scenario
from tests.support.command import invoked as run
from tests.support.paths import SAMPLES

GENIAC = SAMPLES["geniac-12b"]


def test_the_cheapest_is_named_with_what_fell_out(tmp_path: Path) -> None:
    """H100 against a card of 24 GB: best and runner-up, reasons with numbers, and a workbook that verifies."""
    out = tmp_path / "plan.xlsx"
    found = run("plan", "--scenario", GENIAC, "--on", "h100-sxm5-80gb=450,l4=90", "--gpus", "64", "-o", out)

    assert found.exit_code == 0, found.output
    assert "candidates enumerated" in found.stdout
    assert "64 × h100-sxm5-80gb" in found.stdout
    assert "fell out   memory: does not fit" in found.stdout
    assert "optimal" not in found.stdout
    assert run("verify", out).exit_code == 0


def test_more_accelerators_are_sooner_and_a_deadline_drops_few() -> None:
    """With --earliest the most accelerators win; a date that few meet says how many are too late."""
    soonest = run("plan", "--scenario", GENIAC, "--gpus", "64", "--gpus", "256", "--earliest")
    late = run("plan", "--scenario", GENIAC, "--gpus", "64", "--gpus", "256", "--by", "2027-02-02", code=1)

    assert "best       256 ×" in soonest.stdout
    assert "deadline: finishes too late: 2" in late.stdout


def test_power_and_budget_are_limits() -> None:
    """64 H100 draw 44.8 kW; a budget of one yen buys nothing."""
    enough = run("plan", "--scenario", GENIAC, "--gpus", "64", "--power", "44.8")
    short = run("plan", "--scenario", GENIAC, "--gpus", "64", "--power", "44.7", "--budget", "1", code=1)

    assert enough.exit_code == 0
    assert "power: draws too much: 1" in short.stdout
    assert "budget: costs too much: 1" in short.stdout


def test_a_budget_buys_tokens() -> None:
    """Cost is proportional to tokens in this scenario: 500 billion at its own cost, 1,000 at twice that,
    250 at half of it, which no candidate keeps."""
    best = run("plan", "--scenario", GENIAC, "--gpus", "64").stdout.partition("JPY ")[2]
    cost = float(best.partition(", ")[0].replace(",", ""))
    twice = run("plan", "--scenario", GENIAC, "--gpus", "64", "--budget", f"{2 * cost:.0f}")

    half = run("plan", "--scenario", GENIAC, "--gpus", "64", "--budget", f"{cost / 2e6:.9f}M", code=1)

    assert "buys 1e+12 training tokens with the best" in twice.stdout
    assert "best       none" in half.stdout
    assert "buys 2.5e+11 training tokens with the cheapest" in half.stdout
    assert "or a model of 2.407e+10 parameters" in twice.stdout  # twice 12,035,445,760


SIX = 6 * 12_035_445_760 * 500e9
"""FLOPs of the run by 6·N·D; on H100s of 989.4 dense TFLOPS at 40 % and a goodput of 92 %:"""
GPU_DAYS = SIX / (989.4e12 * 0.40 * 0.92) / 86_400


def by_six(tmp_path: Path) -> Path:
    """GENIAC 12B on 500 billion tokens, counted as 6·N·D."""
    text = GENIAC.read_text(encoding="utf-8").partition("base_case:\n")[0].partition("base_case:")[0]
    path = tmp_path / "six.yaml"
    path.write_text(text.replace("convention: exact", "convention: 6nd"), encoding="utf-8")
    return path


def test_what_a_budget_buys(tmp_path: Path) -> None:
    """450 yen an hour, 8 % contingency, 10 % tax: the run costs GPU-hours × 450 × 1.188. Half of that buys 250 billion
    tokens, a model half as large, or N with 6·N·20·N = half the FLOPs."""
    budget = GPU_DAYS * 24 * 450 * 1.08 * 1.10 / 2
    optimal = math.sqrt(SIX / 2 / 120)
    told = run("plan", "--scenario", by_six(tmp_path), "--gpus", "64", "--budget", f"{2.000001 * budget:.0f}").stdout
    half = bought(*best(by_six(tmp_path)), budget)

    assert "buys 5e+11 training tokens" in told
    assert half.tokens == pytest.approx(250e9)
    assert half.parameters == pytest.approx(12_035_445_760 / 2)
    assert half.optimal_parameters == pytest.approx(optimal)
    assert half.optimal_tokens == pytest.approx(20 * optimal)


def test_a_bill_that_bends_is_halved(tmp_path: Path) -> None:
    """With a fixed line beside, the bill is straight still; less than that line buys nothing."""
    path = by_six(tmp_path)
    path.write_text(f"{path.read_text(encoding='utf-8')}staff_cost: 1000000\n", encoding="utf-8")
    fixed = 1_000_000 * 1.08 * 1.10
    run_alone = GPU_DAYS * 24 * 450 * 1.08 * 1.10

    assert bought(*best(path), fixed + run_alone / 4).tokens == pytest.approx(125e9)
    assert bought(*best(path), fixed / 2).tokens == 0
    assert _halved(lambda tokens: 3.0 * max(tokens, 10.0), 1.0, 60.0) == pytest.approx(20.0)


def test_dates_and_counts(tmp_path: Path) -> None:
    """GPU-days over the number are the days: 64 end on the day after the last full one from 2027-02-01 on, and
    2027-02-11, ten days later, needs a tenth of the GPU-days."""
    told = run("plan", "--scenario", by_six(tmp_path), "--gpus", "64", "--gpus", "256", "--by", "2027-02-11").stdout
    ends = {n: datetime.date(2027, 2, 1) + datetime.timedelta(days=math.ceil(GPU_DAYS / n)) for n in (64, 256)}

    assert f"2027-02-11 needs {math.ceil(GPU_DAYS / 10)} × h100-sxm5-80gb" in told
    assert f"64 × h100-sxm5-80gb end on {ends[64]}" in told
    assert f"256 × h100-sxm5-80gb end on {ends[256]}" in told


def test_what_was_observed_of_a_cluster_is_an_mfu(tmp_path: Path) -> None:
    """650,000 tokens per second were seen on 128 accelerators: 64 have the same MFU, in the plan, in its workbook and
    in the scenario that it writes; the figure of the cluster is not taken over."""
    text = by_six(tmp_path).read_text(encoding="utf-8")
    path, out, mine = tmp_path / "seen.yaml", tmp_path / "seen.xlsx", tmp_path / "mine.yaml"
    path.write_text(text.replace("stated_mfu: 40%", "observed_tokens_per_second: 650k"), encoding="utf-8")
    mfu = 6 * 12_035_445_760 * 650_000 / (128 * 989.4e12)
    told = run("plan", "--scenario", path, "--gpus", "64", "--gpus", "128", "-o", out).stdout
    run("plan", "--scenario", path, "--gpus", "64", "-o", mine)
    lines = mine.read_text(encoding="utf-8")

    assert told.count(f"MFU {mfu:.1%}") == 2
    assert run("verify", out).stdout.count(f", {mfu:.2%}, ") == 2
    assert "observed_tokens_per_second" not in lines
    assert load_scenario(mine).inputs(0)["stated_mfu"] == pytest.approx(mfu)


def test_the_tender_is_planned(tmp_path: Path) -> None:
    """A scenario whose sheets name a case: the offers compared are candidates then, and the workbook is intact."""
    out = tmp_path / "tender.xlsx"
    run("plan", "--scenario", SAMPLES["procurement-70b"], "--gpus", "2048", "--gpus", "1024", "-o", out)

    assert run("verify", out).exit_code == 0


def best(path: Path) -> tuple[Scenario, Choice]:
    """A scenario, and the best of 64 accelerators."""
    scenario = load_scenario(path)
    found = plan(scenario, {"h100-sxm5-80gb": 450.0}, [64]).best
    assert found is not None
    return scenario, found


def test_kernel_efficiency_moves_days() -> None:
    """Named as a mode of its own; more of it is sooner."""
    low, high = (run("plan", "--scenario", GENIAC, "--gpus", "64", "--kernel", share) for share in ("40", "60"))

    assert "MFU follows from kernel efficiency and layout" in low.stdout
    assert days(high.stdout) < days(low.stdout)


def days(text: str) -> float:
    """The days of the best choice."""
    line = next(line for line in text.splitlines() if line.startswith("  best"))
    return float(line.partition(" days")[0].rpartition(" ")[2].replace(",", ""))


@pytest.mark.parametrize(("on", "code"), [("h200-sxm-141gb", 2), ("h200-sxm-141gb=cheap", 2), ("no-such-chip=3", 1)])
def test_an_accelerator_needs_a_price_and_a_row(on: str, code: int) -> None:
    """A price is never assumed; one message."""
    found = run("plan", "--scenario", GENIAC, "--on", on, code=code)

    assert "Traceback" not in found.output


def test_the_best_is_written_into_a_scenario(tmp_path: Path) -> None:
    """A file of the same text with the layout that was found: it builds to the cost that the plan prints, every other
    line is as it was; the scenario itself is never overwritten."""
    text = GENIAC.read_text(encoding="utf-8").partition("cases:\n")[0]
    mine, out = tmp_path / "mine.yaml", tmp_path / "planned.yaml"
    mine.write_text(text, encoding="utf-8")
    told = run("plan", "--scenario", mine, "--gpus", "96", "--kernel", "50", "-o", out).stdout
    cost = told.partition("JPY ")[2].partition(", ")[0]
    lines = out.read_text(encoding="utf-8").splitlines()
    book = tmp_path / "planned.xlsx"
    built, seen = run("build", "--scenario", out, "-o", book), run("verify", book)

    assert built.exit_code == 0, built.output
    assert f"JPY {cost}" in seen.stdout.replace(" (for approval)", "")
    assert "gpus: 96" in lines
    assert "sheets: [memory, layout]" in lines
    assert any(line.startswith("# sheetgen plan: best of ") for line in lines)
    assert set(text.splitlines()) - set(lines) == {"gpus: 128"}
    assert run("plan", "--scenario", mine, "--gpus", "96", "-o", mine, code=1).exit_code == 1
    assert mine.read_text(encoding="utf-8") == text
