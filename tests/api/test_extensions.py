"""Extensions: a company's own package adds a cost line, inputs and a sheet, and everything else goes on as before.

The figures of the worked case follow by hand: 3.8e25 FLOP at 400 TFLOPS are 26,388,888.9 GPU-hours, at 1 kW and a PUE
of 1.2 31,666,666.7 kWh, at 0.4 kg a kWh 12,666.7 t, and at $100 a tonne $1,266,666.67 beside $52,777,777.78 for the
GPU-hours at $2.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from tests.support.command import sheetgen
from tests.support.engines import ironcalc_values
from tests.support.extension import EXAMPLE, install, on_path, verdict
from tests.support.office import pdf_text
from tests.support.paths import SAMPLES
from tests.support.shared import made_once

TEMPLATES = EXAMPLE / "acme_budget" / "templates"
PUBLISHED = 5  # the column of the case "Published, 400 TFLOPS" on a sheet with a column a case
CHARGE, HOURS_COST = 1_266_666.6666666665, 52_777_777.777777776
RECOMPUTED = ["carbon_share", "carbon_break_even"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the example package is installed."""
    return made_once(tmp_path_factory, "acme", lambda room: install(EXAMPLE, room / "site")) / "site"


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base and the last case of the Llama sample, with a price of carbon."""

    def make(room: Path) -> None:
        text = SAMPLES["llama405b"].read_text(encoding="utf-8")
        others = text[text.index("  - name: H100, MFU 38%") : text.index("  - name: Published")]
        text = text.replace(others, "")  # they would only be computed
        (room / "carbon.yaml").write_text(f"{text}carbon_price: 100\n", encoding="utf-8")

    return made_once(tmp_path_factory, "carbon", make) / "carbon.yaml"


@pytest.fixture(scope="session")
def budget(site: Path, scenario: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of that scenario."""

    def make(room: Path) -> None:
        done = sheetgen("build", "--scenario", scenario, "-o", room / "budget.xlsx", environment=on_path(site))
        assert done.returncode == 0, done.stderr
        assert done.stderr == f"sheetgen: recomputed only, with no function to compare with: {', '.join(RECOMPUTED)}\n"

    return made_once(tmp_path_factory, "carbon-budget", make) / "budget.xlsx"


def rows(path: Path, sheet: str) -> dict[str, int]:
    """The row of each key on a sheet, in whatever column the sheet has its keys."""
    cells = (cell for row in openpyxl.load_workbook(path)[sheet].iter_rows() for cell in row)
    return {str(cell.value): cell.row for cell in cells if cell.value is not None}


def figure(path: Path, sheet: str, key: str, column: int = PUBLISHED) -> float:
    """A stored figure of the workbook."""
    value = openpyxl.load_workbook(path, data_only=True)[sheet].cell(rows(path, sheet)[key], column).value
    assert isinstance(value, (int, float))
    return value


def changed(path: Path, out: Path, sheet: str, key: str, value: object, column: int = PUBLISHED) -> Path:
    """A copy, saved by openpyxl, with another content in a cell."""
    book = openpyxl.load_workbook(path)
    book[sheet].cell(rows(path, sheet)[key], column).value = value
    book.save(out)
    return out


# The example package


def test_a_line_reaches_the_total(budget: Path) -> None:
    """The line, the total, what accrues at the start and the lines of the budget are as worked by hand."""
    assert figure(budget, "Cost", "carbon_energy") == pytest.approx(31_666_666.666666664, rel=1e-12)
    assert figure(budget, "Cost", "carbon_cost") == pytest.approx(CHARGE, rel=1e-12)
    assert figure(budget, "Cost", "total_cost") == pytest.approx(HOURS_COST + CHARGE, rel=1e-12)
    assert figure(budget, "Phasing", "at_start_cost") == pytest.approx(CHARGE, rel=1e-12)
    assert figure(budget, "Carbon", "carbon_share") == pytest.approx(CHARGE / (HOURS_COST + CHARGE), rel=1e-12)
    assert "carbon_cost@chosen" in rows(budget, "Budget")


def test_a_line_is_computed_alike_by_another_engine(budget: Path) -> None:
    """A formula engine of other people gives the total of the worked case the same value."""
    values = ironcalc_values(budget)
    cell = f"E{rows(budget, 'Cost')['total_cost']}"

    assert values["Cost", cell] == pytest.approx(HOURS_COST + CHARGE, rel=1e-9)


def test_verify_compares_what_has_a_function(budget: Path, site: Path) -> None:
    """It agrees, and says which rows were recomputed only."""
    found = verdict(budget, environment=on_path(site))

    assert isinstance(found, dict)
    assert found["recomputed_only"] == RECOMPUTED
    text = sheetgen("verify", budget, environment=on_path(site)).stdout
    assert "Recomputed only, with no function to compare with: carbon_share, carbon_break_even\n" in text


def test_verify_agrees_after_an_edit_of_an_own_input(budget: Path, site: Path, tmp_path: Path) -> None:
    """Twice the price of carbon: twice the charge, and the workbook agrees."""
    edited = changed(budget, tmp_path / "edited.xlsx", "Inputs", "carbon_price", 200, column=4)
    found = verdict(edited, environment=on_path(site))
    recalculated = tmp_path / "recalculated.xlsx"
    assert sheetgen("recalc", edited, "-o", recalculated, environment=on_path(site)).returncode == 0

    assert isinstance(found, dict)
    assert found["inputs_edited_since_build"] is True
    assert figure(recalculated, "Cost", "total_cost") == pytest.approx(HOURS_COST + 2 * CHARGE, rel=1e-12)


@pytest.mark.parametrize(
    ("sheet", "key"), [("Cost", "carbon_cost"), ("Cost", "carbon_energy"), ("Carbon", "carbon_share")]
)
@pytest.mark.parametrize("factor", [0, 1])
def test_verify_finds_a_tampered_line(
    budget: Path, site: Path, tmp_path: Path, sheet: str, key: str, factor: int
) -> None:
    """Another formula in the place of a row's, or its own result typed over it: reported, compared or not."""
    value = figure(budget, sheet, key) if factor else "=0*D20"
    found = verdict(changed(budget, tmp_path / "tampered.xlsx", sheet, key, value), environment=on_path(site), code=1)

    assert isinstance(found, dict)
    assert [item["key"] for item in found["overwritten_formulas"]] == [key]


def test_a_wrong_function_stops_the_build(site: Path, scenario: Path, tmp_path: Path) -> None:
    """Negative control: the two sides are compared."""
    wrong = tmp_path / "site"
    shutil.copytree(site, wrong)
    module = wrong / "acme_budget" / "carbon.py"
    module.write_text(module.read_text().replace("carbon_power * carbon_pue", "carbon_power + carbon_pue"))
    done = sheetgen("build", "--scenario", scenario, "-o", tmp_path / "x.xlsx", environment=on_path(wrong))

    assert done.returncode == 1
    assert "formulas and engine disagree" in done.stderr
    assert not (tmp_path / "x.xlsx").exists()


def test_the_own_sheet_is_printed(budget: Path, site: Path, tmp_path: Path) -> None:
    """The sheet stands on one page of the PDF."""
    out = tmp_path / "budget.pdf"
    done = sheetgen("pdf", budget, "-o", out, environment=on_path(site))

    assert done.returncode == 0, done.stderr
    pages = [page for page in pdf_text(out).split("\f") if "What the run emits, and what the project" in page]
    assert len(pages) == 1
    assert "Price of carbon at which" in pages[0]


def test_the_same_bytes(budget: Path, site: Path, scenario: Path, tmp_path: Path) -> None:
    """A second build gives the same file."""
    out = tmp_path / "again.xlsx"
    assert sheetgen("build", "--scenario", scenario, "-o", out, environment=on_path(site)).returncode == 0

    assert out.read_bytes() == budget.read_bytes()


# Without it, or with another one


def test_verify_says_what_is_missing(budget: Path) -> None:
    """Without the package there is no verdict, and the message names it, its version and its templates."""
    done = sheetgen("verify", budget)

    assert done.returncode == 3
    assert done.stdout == ""
    assert "was built with extension acme-budget (version 1.2.0, templates " in done.stderr
    assert "which is not here: install it, or name its directory with --templates" in done.stderr


def test_verify_says_that_templates_differ(budget: Path, site: Path, tmp_path: Path) -> None:
    """A package of the same version whose templates were changed is not taken for it."""
    other = tmp_path / "site"
    shutil.copytree(site, other)
    with (other / "acme_budget" / "templates" / "cost.yaml").open("a") as file:
        file.write("# changed\n")
    done = sheetgen("verify", budget, environment=on_path(other))

    assert done.returncode == 3
    assert "which is here as version 1.2.0, templates" in done.stderr


def test_a_plain_workbook_stays_one(built_samples: Mapping[str, Path], site: Path) -> None:
    """A workbook that was built without the package is verified without it, installed or not."""
    found = verdict(built_samples["llama405b"], environment=on_path(site))

    assert isinstance(found, dict)
    assert found["recomputed_only"] == []


def test_a_directory_of_templates(scenario: Path, tmp_path: Path, built_samples: Mapping[str, Path]) -> None:
    """The same templates without the functions: built, recomputed only, in the total all the same; and verified with
    the directory alone."""
    out = tmp_path / "budget.xlsx"
    done = sheetgen("build", "--scenario", scenario, "--templates", TEMPLATES, "-o", out)
    keys = ["carbon_energy", "carbon_emissions", "carbon_cost", *RECOMPUTED]

    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(f"{', '.join(keys)}\n")
    assert figure(out, "Cost", "total_cost") == pytest.approx(HOURS_COST + CHARGE, rel=1e-12)
    found = verdict(out, "--templates", TEMPLATES)
    assert isinstance(found, dict)
    assert found["recomputed_only"] == keys
    tampered = changed(out, tmp_path / "tampered.xlsx", "Cost", "carbon_cost", 5)
    verdict(tampered, "--templates", TEMPLATES, code=1)
    without = sheetgen("verify", out)
    assert (without.returncode, without.stdout) == (3, "")
    assert "was built with extension templates (templates " in without.stderr
    plain = sheetgen("verify", built_samples["llama405b"], "--templates", TEMPLATES)
    assert (plain.returncode, plain.stdout) == (3, "")
    assert "was not built with the templates of" in plain.stderr


def test_the_other_commands_know_it(site: Path, scenario: Path, tmp_path: Path) -> None:
    """estimate, explain, fields, schema, prices, plan and compare take the same templates."""
    environment = on_path(site)
    found = sheetgen("estimate", "--scenario", scenario, "--all", "--format", "json", environment=environment)
    quantities = json.loads(found.stdout)["cases"][-1]["quantities"]
    assert quantities["carbon_cost"]["value"] == pytest.approx(CHARGE, rel=1e-12)
    assert quantities["carbon_cost"]["unit"] == "USD"
    told = sheetgen("explain", "carbon_cost", "--scenario", scenario, environment=environment).stdout
    assert "acme_budget.carbon:" in told
    assert "carbon_price = 100" in told
    assert "carbon_pue" in sheetgen("fields", "carbon", "--templates", TEMPLATES).stdout
    schema = json.loads(sheetgen("schema", "--templates", TEMPLATES).stdout)
    assert "carbon_price" in schema["properties"]
    assert "h100-sxm5-80gb/acme/internal" in sheetgen("prices", "acme", environment=environment).stdout
    planned = sheetgen("plan", "--scenario", scenario, "--gpus", "16384", environment=environment)
    assert planned.returncode == 0, planned.stderr
    dear = scenario.read_text().replace("carbon_price: 100", "carbon_price: 50000")
    (tmp_path / "dear.yaml").write_text(dear)
    dearer = sheetgen("plan", "--scenario", tmp_path / "dear.yaml", "--gpus", "16384", environment=environment)
    assert dearer.stdout != planned.stdout
    both = tmp_path / "both.xlsx"
    done = sheetgen("compare", scenario, tmp_path / "dear.yaml", "-o", both, environment=environment)
    assert done.returncode == 0, done.stderr
    verdict(both, environment=environment)


def test_a_cell_is_explained(budget: Path, site: Path) -> None:
    """A cell of the company's own line, by the templates that the workbook names."""
    cell = f"Cost!E{rows(budget, 'Cost')['carbon_cost']}"
    done = sheetgen("explain", budget, cell, environment=on_path(site))

    assert done.returncode == 0, done.stderr
    assert "1,266,666.67" in done.stdout
    assert "acme_budget.carbon:" in done.stdout


# Packages that are wrong
