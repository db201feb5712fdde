"""``plan``: limits, what falls out, and a workbook of what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    """Cost is proportional to tokens in this scenario: 500 billion at its own cost, 1,000 at twice that."""
    best = run("plan", "--scenario", GENIAC, "--gpus", "64").stdout.partition("JPY ")[2]
    cost = float(best.partition(", ")[0].replace(",", ""))
    twice = run("plan", "--scenario", GENIAC, "--gpus", "64", "--budget", f"{2 * cost:.0f}")

    assert "buys 1e+12 training tokens" in twice.stdout


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
