"""Dated prices apart from the chips, and the guards that speak against a peak, an MFU or a price."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from sheetgen.base.errors import InvalidInput
from sheetgen.catalogue import load_catalogue
from sheetgen.catalogue.prices import COLUMNS, TIERS, find_price, read_prices
from sheetgen.cli.main import main
from sheetgen.evidence.guidance import bridged
from sheetgen.evidence.measurements import read_measurements
from sheetgen.scenario.reader import load_scenario
from sheetgen.verification.evaluate import evaluate
from tests.support.paths import ROOT

PRICES = load_catalogue().prices()
LLAMA = (ROOT / "samples/llama405b.yaml").read_text(encoding="utf-8")
TYPED = LLAMA[LLAMA.index("price_per_gpu_hour") : LLAMA.index("contingency")]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(InvalidInput) as raised:
        load_scenario(written(tmp_path, text))
    return [str(problem) for problem in raised.value.problems]


class TestFile:
    """The packaged prices, and files with mistakes."""

    def test_every_price_is_dated_sourced_and_of_a_known_chip(self) -> None:
        chips = load_catalogue().accelerators
        for price in PRICES.values():
            assert price.accelerator in chips
            assert price.tier in TIERS
            assert price.source_url.startswith("https://")
            assert datetime.date(2023, 1, 1) <= price.date <= datetime.date(2026, 11, 24)

    @pytest.mark.parametrize(
        ("key", "price"),
        [  # list prices of whole machines, divided by hand
            ("h100-sxm5-80gb/lambda/on-demand", 31.92 / 8),
            ("h100-sxm5-80gb/aws/on-demand", 55.04 / 8),
            ("h100-sxm5-80gb/gcp/on-demand", 88.49 / 8),
            ("a100-sxm4-80gb/gcp/on-demand", 40.55 / 8),
            ("h200-sxm-141gb/aws/on-demand", 63.296 / 8),
            ("b200-sxm-180gb/gcp/flex", 64.44 / 8),
            ("mi300x/azure/on-demand", 48 / 8),
            ("trn1/aws/on-demand", 21.50 / 16),
        ],
    )
    def test_by_hand(self, key: str, price: float) -> None:
        assert PRICES[key].price == pytest.approx(price, rel=1e-12)

    @pytest.mark.parametrize(
        ("column", "value", "part"),
        [
            ("tier", "spott", "did you mean 'spot'"),
            ("currency", "usd", "ISO 4217"),
            ("date", "2026-13-01", "date"),
            ("price", "-1", "price"),
            ("price", "0", "out of range"),
            ("key", "other", "not made of its parts"),
            ("source", "", "missing"),
            ("source_url", "ftp:x", "source_url"),
        ],
    )
    def test_mistakes(self, tmp_path: Path, column: str, value: str, part: str) -> None:
        row = PRICES["mi300x/azure/on-demand"].row() | {"source": "A list", "notes": ""}
        row[column] = value
        path = tmp_path / "prices.csv"
        path.write_text(f"{','.join(COLUMNS)}\n{','.join(str(row[name]) for name in COLUMNS)}\n", encoding="utf-8")
        with pytest.raises(InvalidInput) as raised:
            read_prices(path)
        assert any(":2:" in str(problem) and part in str(problem) for problem in raised.value.problems)

    def test_a_key_twice_and_a_column_too_many(self, tmp_path: Path) -> None:
        row = ",".join(str(value) for value in (PRICES["mi300x/azure/on-demand"].row() | {"source": "x"}).values())
        path = tmp_path / "prices.csv"
        path.write_text(f"{','.join(COLUMNS)}\n{row}\n{row}\n", encoding="utf-8")
        with pytest.raises(InvalidInput, match="duplicate key"):
            read_prices(path)
        path.write_text(f"{','.join(COLUMNS)},colour\n{row},red\n", encoding="utf-8")
        with pytest.raises(InvalidInput, match="colour"):
            read_prices(path)

    def test_own_prices_over_the_packaged(self, tmp_path: Path) -> None:
        row = PRICES["mi300x/azure/on-demand"].row() | {"price": "4.5", "source": "Quote 17"}
        text = f"{','.join(COLUMNS)}\n{','.join(str(value) for value in row.values())}\n"
        (tmp_path / "prices.csv").write_text(text, encoding="utf-8")
        found = load_catalogue(tmp_path).prices()
        assert found["mi300x/azure/on-demand"].price == 4.5
        assert len(found) == len(PRICES)


class TestNamed:
    """A scenario names a price by key."""

    def test_base_and_case(self, tmp_path: Path) -> None:
        text = LLAMA.replace(TYPED, "price: h100-sxm5-80gb/aws/on-demand\n").replace("2027-01-04", "2027-01-04", 1)
        text = text.replace("    price_per_gpu_hour: 2.80\n", "    price: h200-sxm-141gb/aws/on-demand\n")
        scenario = load_scenario(written(tmp_path, text))
        assert [scenario.inputs(index)["price_per_gpu_hour"] for index in (0, 3)] == [6.88, 7.912]
        assert [scenario.inputs(0)[key] for key in ("price_tier", "price_term_months")] == ["on demand", 0]
        assert [scenario.inputs(index)["quoted_for"] for index in (0, 3)] == ["h100-sxm5-80gb", "h200-sxm-141gb"]
        assert scenario.sources["price_per_gpu_hour"] == "price list of sheetgen, h100-sxm5-80gb/aws/on-demand"

    def test_a_missing_tier_lists_those_that_exist(self, tmp_path: Path) -> None:
        found = refused(tmp_path, LLAMA.replace(TYPED, "price: h100-sxm5-80gb/aws/spot\n"))
        assert any("no price of tier 'spot'" in line and "on-demand, reserved-1y" in line for line in found), found

    @pytest.mark.parametrize(
        ("price", "part"),
        [
            ("price: h100-sxm5-80gb/aws/on-demnd\n", "tier 'on-demnd'"),
            ("price: h100-sxm5-80gb/asw/on-demand\n", "did you mean 'h100-sxm5-80gb/aws/on-demand'"),
            ("price: h200-sxm-141gb/aws/on-demand\n", "is a price of h200-sxm-141gb, not of h100-sxm5-80gb"),
            ("price: h100-sxm5-80gb/aws/on-demand\nprice_tier: spot\n", "is named and typed"),
            ("price: [a]\n", "must be a line of text"),
            ("", "price_per_gpu_hour: is missing"),
        ],
    )
    def test_mistakes(self, tmp_path: Path, price: str, part: str) -> None:
        found = refused(tmp_path, LLAMA.replace(TYPED, price))
        assert any(part in line for line in found), found

    def test_another_currency_is_refused(self, tmp_path: Path) -> None:
        text = LLAMA.replace(TYPED, "price: h100-sxm5-80gb/aws/on-demand\n").replace("currency: USD", "currency: EUR")
        assert any("is in USD, the scenario in EUR" in line for line in refused(tmp_path, text))

    def test_a_price_does_not_pass_to_another_chip(self, tmp_path: Path) -> None:
        text = LLAMA.replace(TYPED, "price: h100-sxm5-80gb/aws/on-demand\n")
        text = text.replace("    price_per_gpu_hour: 2.80\n", "")
        assert any("needs a price of its own" in line for line in refused(tmp_path, text))

    def test_find_price_for_a_chip_without_any(self) -> None:
        assert "no price of l4 is known" in find_price(PRICES, "l4/x/spot", "l4")[2]


BASE = LLAMA[: LLAMA.index("\ncases:")] + "\n"  # other chips give a typed peak and an MFU of their own


def statuses(tmp_path: Path, *changes: tuple[str, str]) -> dict[str, object]:
    """The quantities of the base of the Llama sample after changes to it."""
    text = BASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return dict(evaluate(load_scenario(written(tmp_path, text))).quantities[0])


AT = "\nstated_mfu: 41%"


class TestGuards:
    """Each guard with a scenario that trips it and one that does not."""

    GUARDS = (
        "check_typed_peak", "check_accumulation", "check_native_precision", "check_run_precision",
        "check_mfu_published", "check_price_age",
    )  # fmt: skip

    def test_none_trips_on_the_sample(self, tmp_path: Path) -> None:
        found = statuses(tmp_path)
        assert [found[key] for key in self.GUARDS] == ["OK"] * 6

    @pytest.mark.parametrize(
        ("peak", "word"), [("1979", "REVIEW"), ("1978.9", "REVIEW"), ("989", "OK"), ("1500", "OK")]
    )
    def test_a_typed_sparse_peak(self, tmp_path: Path, peak: str, word: str) -> None:
        assert statuses(tmp_path, (AT, f"\ntyped_peak: {peak}{AT}"))["check_typed_peak"] == word

    def test_the_same_figure_is_dense_in_fp8(self, tmp_path: Path) -> None:
        """1,979 is an H100's dense FP8 peak: no sparse FP8 figure."""
        found = statuses(tmp_path, ("precision: bf16", "precision: fp8"), (AT, f"\ntyped_peak: 1979{AT}"))
        assert found["check_typed_peak"] == "OK"

    @pytest.mark.parametrize(("peak", "word"), [("330.3", "REVIEW"), ("165.2", "OK")])
    def test_fp16_accumulation(self, tmp_path: Path, peak: str, word: str) -> None:
        changes = (("accelerator: h100-sxm5-80gb", "accelerator: rtx4090"), (AT, f"\ntyped_peak: {peak}{AT}"))
        assert statuses(tmp_path, *changes)["check_accumulation"] == word

    @pytest.mark.parametrize(("precision", "word"), [("bf16", "REVIEW"), ("fp16", "OK")])
    def test_an_emulated_precision(self, tmp_path: Path, precision: str, word: str) -> None:
        found = statuses(
            tmp_path, ("accelerator: h100-sxm5-80gb", "accelerator: v100-sxm2-32gb"),
            ("precision: bf16", f"precision: {precision}"), (AT, f"\ntyped_peak: 100{AT}"),
        )  # fmt: skip
        assert found["check_native_precision"] == word

    def test_an_emulated_precision_without_a_peak_is_refused(self, tmp_path: Path) -> None:
        text = LLAMA.replace("accelerator: h100-sxm5-80gb", "accelerator: v100-sxm2-32gb", 1)
        assert any("it emulates bf16" in line for line in refused(tmp_path, text))

    @pytest.mark.parametrize(("run", "word"), [("fp8", "REVIEW"), ("bf16", "OK"), ("as the peak", "OK")])
    def test_fp8_against_a_bf16_peak(self, tmp_path: Path, run: str, word: str) -> None:
        assert statuses(tmp_path, (AT, f"\nrun_precision: {run}{AT}"))["check_run_precision"] == word

    @pytest.mark.parametrize(("mfu", "word"), [("55%", "REVIEW"), ("45%", "OK")])
    def test_an_mfu_above_the_best(self, tmp_path: Path, mfu: str, word: str) -> None:
        """H100: 52.4 % by PaLM's count; 55 % of 6·N·D is 59.6 % by it, 45 % is 48.8 %."""
        assert statuses(tmp_path, (AT, f"\nstated_mfu: {mfu}"))["check_mfu_published"] == word

    @pytest.mark.parametrize(("date", "age", "word"), [("2026-05-05", 180, "OK"), ("2026-05-04", 181, "REVIEW")])
    def test_an_old_price(self, tmp_path: Path, date: str, age: int, word: str) -> None:
        """The as-of date of the sample is 2026-11-01."""
        found = statuses(tmp_path, ("price_date: 2026-10-15", f"price_date: {date}"))
        assert (found["price_age"], found["check_price_age"]) == (age, word)

    def test_a_typed_peak_and_the_sparse_one_contradict(self, tmp_path: Path) -> None:
        text = LLAMA.replace(AT, f"\ntyped_peak: 900{AT}", 1).replace("peak: dense", "peak: sparse", 1)
        assert any("typed_peak" in line for line in refused(tmp_path, text))

    def test_the_command_line_says_so(self, tmp_path: Path) -> None:
        path = written(tmp_path, BASE.replace(AT, f"\ntyped_peak: 1979{AT}", 1))
        result = CliRunner().invoke(main, ["estimate", "--scenario", str(path)])
        assert result.exit_code == 0
        assert "review: not so: A typed-in peak is no known sparse figure (check_typed_peak)" in result.stderr


class TestBestMfu:
    """The best published MFU of each accelerator."""

    def test_it_is_the_best_measurement(self) -> None:
        """Each figure is the largest 16-bit measurement of that chip, bridged to palm, to the digits stored."""
        best: dict[str, float] = {}
        for row in read_measurements():
            if row.precision in {"bf16", "fp16"}:
                best[row.accelerator] = max(best.get(row.accelerator, 0), bridged(row, "palm"))
        stored = {key: chip.best_mfu for key, chip in load_catalogue().accelerators.items() if chip.best_mfu}
        assert stored == pytest.approx(best, abs=6e-5)

    def test_each_has_its_source(self) -> None:
        assert all(chip.best_mfu_source for chip in load_catalogue().accelerators.values() if chip.best_mfu)

    def test_mistakes_in_an_own_file(self, tmp_path: Path) -> None:
        head = "key,name,vendor,bf16,fp8,emulates,best_mfu,best_mfu_source,source\n"
        (tmp_path / "accelerators.csv").write_text(f"{head}own,Own,Us,100,200,fp8,1.5,,Quote\n", encoding="utf-8")
        with pytest.raises(InvalidInput) as raised:
            load_catalogue(tmp_path)
        text = str(raised.value)
        assert "emulates: is a precision with a peak of its own" in text
        assert "best_mfu: is no fraction" in text
        assert "best_mfu_source: missing" in text


class TestCommands:
    """prices, evidence and mfu on the command line."""

    def test_prices(self) -> None:
        result = CliRunner().invoke(main, ["prices", "tpu"])
        assert result.exit_code == 0
        assert "tpu-v6e/gcp/on-demand" in result.stdout
        assert CliRunner().invoke(main, ["prices", "no-such"]).exit_code == 1

    @pytest.mark.parametrize("form", ["table", "json", "csv"])
    def test_evidence(self, form: str) -> None:
        result = CliRunner().invoke(main, ["evidence", "--format", form])
        assert result.exit_code == 0
        assert "palm-540b:mfu" in result.stdout
        assert "not reconcilable" in result.stdout

    def test_evidence_of_one_run(self) -> None:
        result = CliRunner().invoke(main, ["evidence", "--run", "deepseek-v3", "--format", "csv"])
        lines = result.stdout.splitlines()
        assert result.exit_code == 0
        assert len(lines) > 4
        assert all(line.startswith("deepseek-v3") for line in lines[1:])

    def test_evidence_of_no_run(self) -> None:
        result = CliRunner().invoke(main, ["evidence", "--run", "palm540b"])
        assert result.exit_code == 1
        assert "did you mean 'palm-540b'" in result.stderr

    def test_evidence_outside_its_tolerance(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Negative control: with PaLM's peak doubled its MFU leaves the tolerance, and the command exits with 1."""
        from sheetgen.evidence import results

        runs = results.edited_runs({"palm-540b:mfu": ("palm", 550.0)})
        monkeypatch.setattr(results, "published_runs", lambda: runs)
        result = CliRunner().invoke(main, ["evidence"])
        assert result.exit_code == 1
        assert "outside its tolerance: palm-540b:mfu" in result.stderr

    def test_mfu(self) -> None:
        """Llama 3.1 405B on 16,384 H100 at 8,192 tokens: Meta's own 41 % is the nearest."""
        arguments = ["mfu", "--model", "llama-3.1-405b", "--gpu", "h100-sxm5-80gb", "--gpus", "16384"]
        result = CliRunner().invoke(main, [*arguments, "--context", "8192"])
        assert result.exit_code == 0
        assert "41.0%" in result.stdout.splitlines()[1]
        assert "256 GPUs 53.0%, 512 GPUs 49.9%, 768 GPUs 46.7%, 1,024 GPUs 44.7%" in result.stdout

    def test_mfu_mistakes(self) -> None:
        result = CliRunner().invoke(main, ["mfu", "--model", "llama-3.1-405", "--gpu", "h100", "--gpus", "8"])
        assert result.exit_code == 1
        assert "did you mean 'llama-3.1-405b'" in result.stderr
        assert "no such accelerator" in result.stderr
