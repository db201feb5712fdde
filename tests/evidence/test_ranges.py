"""Ranges of scenarios that state none: worked by hand from the published figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen.evidence.guidance import Setting
from sheetgen.evidence.ranges import between, goodput_range, goodputs, mfu_range
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import evaluate
from tests.support.paths import ROOT

LLAMA = ROOT / "samples/llama405b.yaml"


def test_percentiles_between_ordered_figures() -> None:
    """Of 1, 2, 4, 8 and 16 the tenth part of the way is 0.4 from the first to the second: 1.4; P90 is 12.8."""
    assert between([8, 1, 4, 2, 16], 0.1) == pytest.approx(1.4)
    assert between([8, 1, 4, 2, 16], 0.9) == pytest.approx(12.8)
    assert between([5], 0.1) == 5


def test_published_goodputs_are_what_their_sources_say() -> None:
    """PaLM: 30.4 % of whole hours over 45.7 % in the steps; BLOOM: its FLOPs at 156 TFLOPS are 0.86 of the hours;
    Gemini 85 and 97 %; Llama 3 above 90 %. P10 lies 0.4 of the way from 66.5 to 85 %, P90 0.6 from 90 to 97 %."""
    found = {item.key: item.goodput for item in goodputs()}

    assert found["palm-540b"] == pytest.approx(0.304 / 0.457, abs=0.001)
    assert found["bloom-176b"] == pytest.approx(0.86, abs=0.005)
    assert [found[key] for key in ("gemini-ultra-before", "llama-3-405b", "gemini-ultra")] == [0.85, 0.9, 0.97]
    assert goodput_range()[:2] == pytest.approx((0.6653 + 0.4 * (0.85 - 0.6653), 0.9 + 0.6 * 0.07))


def test_mfu_of_the_nearest_runs() -> None:
    """Llama 3 405B is nearest to itself: its paper's table 4 has 38, 41 and 43 %, and P10 and P90 are no
    odd runs; a peak in FP8, in which no MFU was published, gives no range."""
    found = mfu_range(Setting(405e9, "h100-sxm5-80gb", 16384, 8192, "none"))

    assert found is not None
    assert 0.38 < found.low < 0.41 < 0.43 < found.high < 0.55
    assert "Llama 3 405B" in found.told
    assert mfu_range(Setting(405e9, "h100-sxm5-80gb", 16384, 8192, "none", precision="fp8")) is None


def scenario(tmp_path: Path, more: str = "") -> Path:
    path = tmp_path / "scenario.yaml"
    path.write_text(LLAMA.read_text(encoding="utf-8").replace("\ncases:", f"\n{more}cases:", 1), encoding="utf-8")
    return path


def test_a_scenario_without_ranges_has_those_of_published_runs(tmp_path: Path) -> None:
    """They are said to be published; low is the published figure over the budget's, in PaLM's count."""
    found = evaluate(load_scenario(scenario(tmp_path)))
    base = found.quantities[0]

    assert found.scenario.sources["published_mfu_low"].startswith(
        "P10 and P90 of the 7 nearest published MFUs: Llama 3"
    )
    assert base["range_mfu_low"] == pytest.approx(base["published_mfu_low"] / base["mfu_palm"])
    assert base["range_goodput_high"] == pytest.approx(0.942 / 0.9)


def test_the_figure_of_the_budget_lies_inside(tmp_path: Path) -> None:
    """A bold MFU of 60 % is P90 of its own range, a modest one of 20 % is P10."""
    text = LLAMA.read_text(encoding="utf-8")
    path = tmp_path / "other.yaml"
    ends = {}
    for mfu in (20, 60):
        path.write_text(text.replace("stated_mfu: 41%", f"stated_mfu: {mfu}%"), encoding="utf-8")
        base = evaluate(load_scenario(path)).quantities[0]
        assert base["mfu"] == mfu / 100
        ends[mfu] = (base["range_mfu_low"], base["range_mfu_high"])

    assert ends[60][0] < 1 == ends[60][1]
    assert ends[20][0] == 1 < ends[20][1]


@pytest.mark.parametrize(("given", "basis"), [("risk_mfu_low: 90%\n", "typed"), ("", "published")])
def test_a_range_that_is_typed_counts(given: str, basis: str, tmp_path: Path) -> None:
    """One end typed makes the range the typed one, unless the scenario says otherwise; the other range stays."""
    base = evaluate(load_scenario(scenario(tmp_path, given))).quantities[0]

    assert base["mfu_range"] == basis
    assert base["goodput_range"] == "published"
    if given:
        assert (base["range_mfu_low"], base["range_mfu_high"]) == (0.9, 1)


def test_no_run_is_near_enough() -> None:
    """Images have no published MFU here: the MFU is certain, and its source says why."""
    found = evaluate(load_scenario(ROOT / "samples/vit-l16.yaml"))

    assert found.quantities[0]["published_mfu_low"] == 0
    assert found.quantities[0]["range_mfu_low"] == found.quantities[0]["range_mfu_high"] == 1
    assert found.scenario.sources["published_mfu_low"] == "no published run is near enough"


def test_confidence_that_is_asked_for(tmp_path: Path) -> None:
    """REVIEW where the chance is lower than the one asked for, OK where none is asked for."""
    asked = evaluate(load_scenario(scenario(tmp_path, "confidence_wanted: 99%\n"))).quantities[0]
    nothing = evaluate(load_scenario(scenario(tmp_path, "confidence_wanted: 0%\n"))).quantities[0]

    assert (asked["check_confidence"], nothing["check_confidence"]) == ("REVIEW", "OK")


def test_track_record_of_the_largest(tmp_path: Path) -> None:
    """Above 100B, by hand at 40 % MFU: Llama 3.1 405B took 30.84M hours for 6·405.85e9·15.6e12 FLOPs, 26.66M forecast,
    1.157 times; GLM-130B 1,105,920 for 6·130e9·400e9, 694,444 forecast, 1.593 times; n is 4."""
    base = evaluate(load_scenario(scenario(tmp_path))).quantities[0]
    forecast = 6 * 405_853_388_800 * 15.6e12 / (989.4e12 * 0.4 * 3600)

    assert base["track:llama-3.1-405b:times"] == pytest.approx(30.84e6 / forecast, rel=1e-9)
    assert base["track_low"] == pytest.approx(30.84e6 / forecast)
    assert base["track_low"] == pytest.approx(1.157, abs=0.001)
    assert base["track_high"] == pytest.approx(1_105_920 / (6 * 130e9 * 400e9 / (312e12 * 0.4 * 3600)))
    assert base["track_runs"] == 4
