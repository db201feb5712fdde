"""The commands that compute a scenario: ``build``, ``estimate`` and ``compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetgen.cli import options
from sheetgen.cli.output import print_csv, print_json, progress

if TYPE_CHECKING:
    from sheetgen.api.estimate import Estimate
    from sheetgen.scenario.model import Scenario
    from sheetgen.verification.evaluate import Evaluation

KEY_FIGURES = (
    "parameters", "training_flops", "mfu", "hfu", "achieved_flops_per_gpu", "tokens_per_second", "calendar_days",
    "gpu_hours", "compute_cost", "total_cost", "cost_per_million_tokens",
)  # fmt: skip
"""What ``estimate`` prints without ``--all``."""


@click.command()
@options.of_a_scenario
@options.output("The workbook to write, a .xlsx file.")
@click.pass_context
def build(
    ctx: click.Context, scenario_file: Path, catalogue: Path | None, sheets: tuple[str, ...], output: Path
) -> None:
    """Build the workbook of a scenario; it is checked against the engine before it is written."""
    from sheetgen.scenario.reader import load_scenario

    _write(ctx, load_scenario(scenario_file, catalogue, sheets), output, [scenario_file])


@click.command()
@click.argument("scenarios", type=options.FILE, nargs=-1, required=True)
@options.output("The workbook to write, a .xlsx file.")
@options.catalogue("Your own models, accelerators and prices, for all scenarios.")
@options.sheets
@click.pass_context
def compare(
    ctx: click.Context, scenarios: tuple[Path, ...], output: Path, catalogue: Path | None, sheets: tuple[str, ...]
) -> None:
    """Build one workbook with the cases of several scenarios side by side."""
    from sheetgen.api.combine import combine
    from sheetgen.scenario.reader import load_scenarios

    _write(ctx, combine(load_scenarios(scenarios, catalogue, sheets)), output, scenarios)


def _write(ctx: click.Context, scenario: Scenario, output: Path, inputs: Sequence[Path]) -> None:
    """Build a workbook, and say what asks for a review and what comes next."""
    from sheetgen.api.build import write
    from sheetgen.base.files import check_target
    from sheetgen.verification.evaluate import evaluate

    check_target(output, ".xlsx", inputs=inputs)
    with progress(f"Building {output}", quiet=ctx.obj["quiet"]):
        evaluation = evaluate(scenario)
        write(evaluation, output)
    _reviews(evaluation)
    if not ctx.obj["quiet"]:
        cases = len(scenario.cases)
        click.echo(f"{output} written: {cases} case{'s' if cases > 1 else ''}. Next: sheetgen verify {output}")


@click.command()
@options.of_a_scenario
@options.form("How to print the quantities.")
@click.option("--all", "everything", is_flag=True, help="Every quantity in the table, not only the key figures.")
@click.pass_context
def estimate(
    ctx: click.Context,
    scenario_file: Path,
    catalogue: Path | None,
    sheets: tuple[str, ...],
    form: str,
    everything: bool,
) -> None:
    """Print the reference engine's quantities, without a workbook."""
    from sheetgen.api.estimate import tabulate
    from sheetgen.scenario.reader import load_scenario
    from sheetgen.verification.evaluate import evaluate

    evaluation = evaluate(load_scenario(scenario_file, catalogue, sheets))
    result = tabulate(evaluation)
    _reviews(evaluation)
    if form == "json":
        print_json(result.to_dict())
    elif form == "csv":
        rows = [[key, unit, *(values[key] for values in result.quantities)] for key, unit in result.units.items()]
        print_csv(["key", "unit", *result.cases], rows)
    else:
        _print_estimate(result, list(result.units) if everything else list(KEY_FIGURES), plain=ctx.obj["quiet"])


def _reviews(evaluation: Evaluation) -> None:
    """Say on standard error what a person should look at: the checks that ask for a review, case by case."""
    from sheetgen.api.estimate import reviews

    for line in reviews(evaluation):
        click.echo(f"sheetgen: review: {line}", err=True)


def _print_estimate(result: Estimate, keys: Sequence[str], *, plain: bool) -> None:
    from sheetgen.base.tables import figure, table

    rows = [
        [key, *(figure(values[key], result.units[key]) for values in result.quantities), result.units[key]]
        for key in keys
    ]
    numbers = range(1, 1 + len(result.cases))
    click.echo(table(["quantity", *result.cases, "unit"], rows, title=result.scenario, plain=plain, numbers=numbers))
