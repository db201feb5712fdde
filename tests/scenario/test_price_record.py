"""A price is a record: of a chip, a tier and a term; what the scenario says of it, and what an edit leaves of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sheetgen import build, estimate, load_scenario, verify
from sheetgen.base.errors import InvalidInput
from sheetgen.cli.main import main
from sheetgen.workbook.book import Book
from tests.support.changes import at, edited
from tests.support.engines import ironcalc_values
from tests.support.package import cached_values
from tests.support.paths import SAMPLES

LLAMA = SAMPLES["llama405b"].read_text(encoding="utf-8")
PRICE, TIER = "price_per_gpu_hour: 2.00\n", "price_tier: on demand\n"


def written(room: Path, text: str) -> Path:
    """A scenario file of this text."""
    path = room / "price.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def flagged(values: dict[str, object]) -> set[str]:
    """The checks of the price that ask for a review."""
    return {key for key, value in values.items() if key.startswith("check_price") and value == "REVIEW"}


def test_a_price_is_of_the_chip_that_it_stands_beside(tmp_path: Path) -> None:
    """Base and cases take the chip of their own column; one that says another is asked for."""
    scenario = load_scenario(SAMPLES["llama405b"])
    chips = [str(scenario.inputs(index)["quoted_for"]) for index in range(len(scenario.cases))]
    other = load_scenario(written(tmp_path, LLAMA + "quoted_for: a100-sxm4-80gb\n"))

    assert chips == ["h100-sxm5-80gb"] * 3 + ["h200-sxm-141gb", "b200-sxm-180gb", "h100-sxm5-80gb"]
    assert "check_price_chip" in flagged(dict(estimate(other).quantities[0]))


def test_a_case_with_another_chip_needs_a_price(tmp_path: Path) -> None:
    """A typed price passes to another chip no more than a named one."""
    text = LLAMA.replace("    price_per_gpu_hour: 4.20\n", "")
    with pytest.raises(InvalidInput, match="a case with another accelerator needs a price of its own"):
        load_scenario(written(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (TIER, TIER, set()),
        (TIER, "price_tier: reserved\n", {"check_price_term"}),
        (TIER, "price_tier: reserved\nprice_term_months: 12\n", {"check_price_bound"}),
        (TIER, "price_tier: reserved\nprice_term_months: 2\n", set()),  # the run takes 2.4 months
        (PRICE, "price_per_gpu_hour: 0\n", {"check_price_given"}),
        (PRICE, "price_per_gpu_hour: 1.16\n", {"check_price_known"}),  # a third of the lowest known, $3.50
        (PRICE, "price_per_gpu_hour: 20\n", {"check_price_of_one"}),  # $2.50 times eight
        (PRICE, "price_per_gpu_hour: 40\n", {"check_price_known", "check_price_of_one"}),
        ("currency: USD\n", "currency: JPY\n", set()),  # the price book is in dollars
    ],
)
def test_what_is_wrong_with_a_price_is_asked_for(tmp_path: Path, old: str, new: str, expected: set[str]) -> None:
    """Each doubt is a review of its own, in the base."""
    assert LLAMA.count(old) == 1
    scenario = load_scenario(written(tmp_path, LLAMA.replace(old, new)))

    assert flagged(dict(estimate(scenario).quantities[0])) == expected


def test_a_tier_is_one_of_the_list(tmp_path: Path) -> None:
    """Prose is refused with the tiers that there are; a hyphen is taken for the space."""
    with pytest.raises(InvalidInput, match="price_tier"):
        load_scenario(written(tmp_path, LLAMA.replace(TIER, "price_tier: reserved 1 year\n")))
    found = load_scenario(written(tmp_path, LLAMA.replace(TIER, "price_tier: capacity-block\n")))
    assert found.inputs(0)["price_tier"] == "capacity block"


def test_build_says_it_in_words(tmp_path: Path) -> None:
    """On standard error, with the case."""
    path = written(tmp_path, LLAMA.replace(TIER, "price_tier: reserved\nprice_term_months: 12\n"))
    result = CliRunner().invoke(main, ["build", "--scenario", str(path), "-o", str(tmp_path / "budget.xlsx")])

    assert result.exit_code == 0
    assert "A term of the price beyond the run is in the budget as a commitment" in result.stderr
    assert "H100, MFU 41%" in result.stderr


def test_another_chip_in_the_file_keeps_the_price_and_asks(llama_file: Path, llama_plan: Book, tmp_path: Path) -> None:
    """The dropdown moved from H100 to B200: the budget falls and the light is no longer green."""
    file = edited(llama_file, tmp_path, {at(llama_plan, "Inputs", "accelerator"): "b200-sxm-180gb"})
    chip = at(llama_plan, "Checks", "check_price_chip")
    found, verdict = ironcalc_values(file), verify(file)

    assert cached_values(llama_file)[chip].value == "OK"
    assert found[chip] == "REVIEW"
    assert found[at(llama_plan, "Checks", "master_check")] == "REVIEW"
    assert (verdict.mismatches, verdict.overwritten) == ([], [])
    assert "check_price_chip in case H100, MFU 41%" in verdict.checks["REVIEW"]


def test_lines_are_called_by_the_tier(tmp_path: Path) -> None:
    """Compute stands under the tier of the case for approval; the effective price is beside the quoted one."""
    scenario = load_scenario(written(tmp_path, LLAMA.replace(TIER, "price_tier: spot\n")))
    cells = cached_values(build(scenario, tmp_path / "budget.xlsx"))
    labels = {str(cells["Cost", f"B{n}"].value): str(cells["Cost", f"A{n}"].value)
              for n in range(1, 120) if {("Cost", f"A{n}"), ("Cost", f"B{n}")} <= cells.keys()}  # fmt: skip

    assert labels["compute_cost"] == "Compute, main run, spot"
    assert labels["on_demand_cost"] == "At the quoted price: spot"
