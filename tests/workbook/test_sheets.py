"""Optional sheets: no trace of what is not asked for, each by itself, and what a scenario must give for them."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from sheetgen.api.build import build
from sheetgen.api.combine import combine
from sheetgen.base.errors import InvalidInput
from sheetgen.base.inputs import fields
from sheetgen.base.templates import packaged
from sheetgen.cli.main import main
from sheetgen.scenario.reader import load_scenario, load_scenarios
from sheetgen.verification.workbook import verify
from tests.support.paths import ROOT

TENDER = (ROOT / "samples/procurement-70b.yaml").read_text(encoding="utf-8")
ASKED = "sheets: [offers, rent_or_buy, actuals]\n"
LAYOUTS = {"memory", "layout", "candidates"}
"""Not asked for by the tender: 2,044 accelerators have no parallel layout."""
OPTIONAL_SHEETS = packaged().optional_sheets
OWN_KEYS = {slug: [key for key, spec in fields().items() if spec.sheet == slug] for slug in OPTIONAL_SHEETS}


def tender(tmp_path: Path, *sheets: str, without: tuple[str, ...] = ()) -> Path:
    """The tender with these sheets, and without the keys of the others or those named."""
    text = TENDER.replace("gpus: 2044", "gpus: 2048") if LAYOUTS & set(sheets) else TENDER
    lines = text.replace(ASKED, f"sheets: [{', '.join(sheets)}]\n" if sheets else "").splitlines(keepends=True)
    absent = {key for slug, keys in OWN_KEYS.items() if slug not in sheets for key in keys} | set(without)
    kept = [line for line in lines if line.strip().partition(":")[0] not in absent]
    text = "".join(kept)
    if "actuals" not in sheets:
        before, _, rest = text.partition("actuals:\n")
        text = before + "\n".join(line for line in rest.split("\n") if not line.startswith("  - {month"))
    path = tmp_path / "tender.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def texts_of(path: Path) -> dict[str, set[str]]:
    """Every text of every sheet."""
    book = openpyxl.load_workbook(path)
    return {
        page.title: {str(cell.value) for row in page.iter_rows() for cell in row if isinstance(cell.value, str)}
        for page in book
    }


def test_without_them_no_trace(tmp_path: Path) -> None:
    """No sheet, no key, no check of an optional sheet; About says what else exists and how to ask for it."""
    path = build(load_scenario(tender(tmp_path)), tmp_path / "small.xlsx")
    texts = texts_of(path)
    about = texts.pop("About")

    assert not set(OPTIONAL_SHEETS.values()) & set(texts)
    everything = {text for found in texts.values() for text in found}
    for slug, name in OPTIONAL_SHEETS.items():
        assert not set(OWN_KEYS[slug]) & everything
        assert not any(f"{name}!" in text for text in everything)
        assert f"{name}, not asked for" in about
        assert any(f"sheets: [{slug}]" in text for text in about)
    assert not {"check_bridge", "check_use", "check_actuals_order"} & everything
    assert verify(path).agrees


@pytest.mark.parametrize("slug", OPTIONAL_SHEETS)
def test_each_alone(slug: str, tmp_path: Path) -> None:
    """One optional sheet with what it rests on builds, verifies with inputs moved, leaves no trace of the others."""
    path = build(load_scenario(tender(tmp_path, slug)), tmp_path / "one.xlsx")
    texts, there = texts_of(path), packaged().with_needed({slug})

    assert set(OPTIONAL_SHEETS.values()) & set(texts) == {OPTIONAL_SHEETS[own] for own in there}
    everything = {text for name, found in texts.items() if name != "About" for text in found}
    others = [key for other, keys in OWN_KEYS.items() if other not in there for key in keys]
    assert not set(others) & everything
    assert set(OWN_KEYS[slug]) <= everything
    verdict = verify(path)
    assert verdict.agrees
    assert verdict.compared_moved > 1000


def test_help_and_readme_name_every_sheet() -> None:
    """What --help and README list are the optional sheets that there are, in their order."""
    told = " ".join(CliRunner().invoke(main, ["build", "--help"]).output.split())
    (row,) = re.findall(r"^\| Memory, .*", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)

    names = [*OPTIONAL_SHEETS, *packaged().sheet_groups]
    assert f"separated by commas: {', '.join(names)}." in told
    assert row.startswith(f"| {', '.join(OPTIONAL_SHEETS.values())} |")
    assert re.findall(r"`(\w+)`", row) == list(OPTIONAL_SHEETS)


def test_eight_sheets_in_front_and_the_workings_behind(tmp_path: Path) -> None:
    """What a scenario gets that asks for nothing, in the order of the tabs; those behind have grey tabs."""
    path = build(load_scenario(ROOT / "samples/llama405b.yaml"), tmp_path / "budget.xlsx")
    book = openpyxl.load_workbook(path)
    grey = {page.title: page.sheet_properties.tabColor.rgb == "FFA6A6A6" for page in book}

    assert [name for name in grey if not grey[name]] == [
        "Summary", "Inputs", "Compare", "Budget", "Sensitivity", "Checks", "Sources", "About",
    ]  # fmt: skip
    assert list(grey)[8:] == [
        "Cost", "Phasing", "Time", "Risk", "Record", "Steps", "FLOPs", "Model", "Cases", "Accelerators", "Choices",
    ]  # fmt: skip
    assert all(list(grey.values())[8:])


def test_groups_of_sheets(tmp_path: Path) -> None:
    """technical stands for its four sheets, all for those that the scenario gives enough for; memory asks by name."""
    llama = ROOT / "samples/llama405b.yaml"
    alone = tmp_path / "alone.yaml"
    alone.write_text(llama.read_text(encoding="utf-8").partition("\ncases:")[0] + "\n", encoding="utf-8")

    assert load_scenario(llama, sheets=["technical"]).sheets == ("inference", "optimal", "scaling", "evidence")
    assert load_scenario(llama, sheets=["all"]).sheets == (
        "inference", "optimal", "offers", "actuals", "scaling", "evidence",
    )  # fmt: skip
    assert "offers" not in load_scenario(alone, sheets=["all"]).sheets
    (message,) = problems(llama, ("techniques",))
    assert "did you mean 'technical'" in message


def problems(path: Path, sheets: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with a scenario."""
    with pytest.raises(InvalidInput) as raised:
        load_scenario(path, sheets=sheets)
    return [str(problem) for problem in raised.value.problems]


def test_keys_of_a_sheet_that_is_not_asked_for(tmp_path: Path) -> None:
    """A key of an optional sheet is no unknown key: the message says which sheet it needs, with the line."""
    path = tmp_path / "scenario.yaml"
    path.write_text(TENDER.replace(ASKED, "sheets: [offers, actuals]\n"), encoding="utf-8")
    found = problems(path)

    assert len(found) > 10
    assert {line.split(": ")[1] for line in found} <= set(OWN_KEYS["rent_or_buy"])
    assert all("belongs to the optional sheet rent_or_buy" in line and "--sheets rent_or_buy" in line for line in found)


def test_the_command_line_asks_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--sheets adds to what the scenario asks for, and the command that About shows builds the same file again."""
    path = tmp_path / "scenario.yaml"
    path.write_text(TENDER.replace(ASKED, "sheets: [offers]\n"), encoding="utf-8")
    out = tmp_path / "budget.xlsx"
    result = CliRunner().invoke(
        main, ["build", "--scenario", str(path), "-o", str(out), "--sheets", "rent_or_buy, actuals,inference"]
    )

    assert result.exit_code == 0, result.output
    book = openpyxl.load_workbook(out)
    assert {"Offers", "RentOrBuy", "Inference", "Actuals"} <= set(book.sheetnames)
    command = next(str(row[1].value) for row in book["About"].iter_rows() if row[0].value == "Command")
    again = command.removeprefix("sheetgen ").replace("budget.xlsx", "again.xlsx").split(" ")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, again).exit_code == 0
    assert (tmp_path / "again.xlsx").read_bytes() == out.read_bytes()


def test_what_a_sheet_needs_is_missing(tmp_path: Path) -> None:
    """A price that a sheet needs is not defaulted: every missing key is named."""
    path = tender(tmp_path, "rent_or_buy", without=("purchase_price", "grid_factor", "pue"))
    found = problems(path)

    assert [line.split(": ")[1] for line in found] == ["purchase_price", "pue", "grid_factor"]
    assert all("is missing" in line for line in found)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("sheets: [ofers]\n", "is no optional sheet; did you mean 'offers'?"),
        ("sheets: offers\n", "must be a list of sheets"),
        ("sheets: [[offers]]\n", "must be the name of a sheet"),
    ],
)
def test_mistakes(asked: str, part: str, tmp_path: Path) -> None:
    """A sheet that does not exist, or no list of sheets."""
    path = tmp_path / "scenario.yaml"
    path.write_text(TENDER.replace(ASKED, asked), encoding="utf-8")

    assert any(part in line for line in problems(path)), problems(path)


def test_offers_need_two_cases(tmp_path: Path) -> None:
    """One case is nothing to compare."""
    text = tender(tmp_path, "offers").read_text(encoding="utf-8")
    before, _, rest = text.partition("cases:\n")
    path = tmp_path / "one.yaml"
    path.write_text(
        before.replace("chosen_case: Vendor B, tiers\n", "") + "sources:\n" + rest.partition("sources:\n")[2],
        encoding="utf-8",
    )

    assert any("needs two cases" in line for line in problems(path))


def quote(tmp_path: Path, name: str, price: float) -> Path:
    """A scenario of one case: a vendor's file."""
    text = (ROOT / "samples/llama405b.yaml").read_text(encoding="utf-8").partition("cases:\n")[0]
    text = text.replace("price_per_gpu_hour: 2.00", f"price_per_gpu_hour: {price}")
    path = tmp_path / f"{name}.yaml"
    path.write_text(text.replace("base_case: H100, MFU 41%", f"base_case: {name}"), encoding="utf-8")
    return path


def test_compare_puts_quotes_side_by_side(tmp_path: Path) -> None:
    """Vendors' files of one case each, compared on sheet Offers: the gap of $1 an hour is price and nothing else."""
    files = [quote(tmp_path, "Vendor A", 2.0), quote(tmp_path, "Vendor B", 3.0)]
    out = tmp_path / "compare.xlsx"
    result = CliRunner().invoke(main, ["compare", *map(str, files), "-o", str(out), "--sheets", "offers"])

    assert result.exit_code == 0, result.output
    verdict = verify(out)
    assert verdict.agrees
    one, two = verdict.key_figures
    assert two["offer_gap"] == pytest.approx(float(one["demand_gpu_hours"]) * 1.1)
    assert two["bridge_price"] == pytest.approx(float(one["demand_gpu_hours"]))
    assert two["bridge_overheads"] == pytest.approx(float(one["demand_gpu_hours"]) * 0.1)
    assert two["break_even_price"] == pytest.approx(2.0)


def test_compare_wants_the_same_sheets(tmp_path: Path) -> None:
    """Scenarios that ask for different sheets do not go into one workbook."""
    tender(tmp_path, "offers")
    (tmp_path / "other").mkdir()
    other = tender(tmp_path / "other")
    with pytest.raises(InvalidInput, match="are not those of"):
        combine(load_scenarios([tmp_path / "tender.yaml", other]))


def test_epoch_ais_figure_stands_in_a_cell(tmp_path: Path) -> None:
    """OPT-175B as a scenario: 1,024 A100 for 793.5 h; amortised capital and energy of $720,277 (see the engine's
    test)."""
    path = tmp_path / "opt.yaml"
    path.write_text(
        """
scenario: OPT-175B as Epoch AI counts it
as_of: 2021-06-01
requester: test
currency: USD
sheets: [rent_or_buy]
model: opt-175b
tokens: 300e9
context_length: 2048
global_batch_tokens: 2097152
flops_convention: published
published_training_flops: 4.3e23
recomputation: full
accelerator: a100-sxm4-80gb
gpus: 1024
precision: bf16
peak: dense
stated_flops_per_gpu: 1.4700075e14
mfu_convention: published
goodput: 100%
start_date: 2022-01-28
price_per_gpu_hour: 2
price_tier: other
price_date: 2021-06-01
price_source: assumption
contingency: 0%
tax: 0%
days_per_year: 365.25
purchase_price: 24875
server_overhead: 0
network_overhead: 0.2345679012345679
residual_value: 0
ownership_years: 4
cost_of_capital: 8%
age_at_start: 0.9527720739219713
server_power_factor: 2.03125
average_power: 75%
pue: 1.1
electricity_price: 0.0832
other_use: 50%
grid_factor: 0.4
""",
        encoding="utf-8",
    )
    scenario = load_scenario(path)
    # 4.3e23 FLOP over 812,544 chip-hours: 1.47e14 FLOP/s a chip
    speed = 4.3e23 / (812_544 * 3600)
    path.write_text(path.read_text(encoding="utf-8").replace("1.4700075e14", repr(speed)), encoding="utf-8")
    scenario = load_scenario(path)
    out = build(scenario, tmp_path / "opt.xlsx")
    page = openpyxl.load_workbook(out, data_only=True)["RentOrBuy"]
    value = next(row[3].value for row in page.iter_rows() if row[1].value == "capital_and_energy_cost")

    assert value == pytest.approx(720_277.27, abs=0.02)
    assert verify(out).agrees


def test_a_run_of_one_token_is_compared_too(tmp_path: Path) -> None:
    """Where a run costs next to nothing beside the rest, the price at which two offers are even says little, and both
    sides of the check know how little."""
    path = tmp_path / "tiny.yaml"
    path.write_text(tender(tmp_path, "offers").read_text(encoding="utf-8").replace("tokens: 15T", "tokens: 1"), "utf-8")

    assert verify(build(load_scenario(path), tmp_path / "tiny.xlsx")).agrees


def test_a_check_that_fails_is_said_in_words(tmp_path: Path) -> None:
    """One accelerator cannot do the tender's work while it is owned: the build is refused, in words."""
    path = tmp_path / "one.yaml"
    path.write_text(TENDER.replace("gpus: 2044", "gpus: 1"), encoding="utf-8")
    with pytest.raises(InvalidInput) as raised:
        build(load_scenario(path), tmp_path / "one.xlsx")

    assert [str(problem).partition(": ")[2] for problem in raised.value.problems] == [
        "check_use: not so: The accelerators are not used for more than all hours, in case Vendor A, H100, "
        "Vendor B, tiers"
    ]


def test_a_sheet_that_is_there_anyway_may_be_asked_for(tmp_path: Path) -> None:
    """A scenario that asks for sheet Risk, as one had to once, is read as it was."""
    path = tmp_path / "scenario.yaml"
    path.write_text(TENDER.replace(ASKED, "sheets: [offers, rent_or_buy, risk, actuals]\n"), encoding="utf-8")

    assert load_scenario(path).sheets == ("offers", "rent_or_buy", "actuals")
