"""The commands that compute a scenario: ``build``, ``estimate`` and ``compare``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetgen.cli import options
from sheetgen.cli.output import print_csv, print_json, progress

if TYPE_CHECKING:
    from sheetgen.api.estimate import Estimate
    from sheetgen.scenario.model import Scenario
    from sheetgen.verification.evaluate import Evaluation


@click.command()
@options.of_a_scenario
@options.output("The workbook to write, a .xlsx file.")
@click.pass_context
def build(ctx: click.Context, /, scenario_file: Path, output: Path, **given: Any) -> None:
    """Build the workbook of a scenario; it is checked against the engine before it is written."""
    _write(ctx, options.Given(**given).load(scenario_file), output, [scenario_file])


@click.command()
@click.argument("scenarios", type=options.FILE, nargs=-1, required=True)
@options.output("The workbook to write, a .xlsx file.")
@options.catalogue("Your own models, accelerators and prices, for all scenarios.")
@options.templates
@options.sheets
@click.pass_context
def compare(
    ctx: click.Context,
    scenarios: tuple[Path, ...],
    output: Path,
    catalogue: Path | None,
    templates: tuple[Path, ...],
    sheets: tuple[str, ...],
) -> None:
    """Build one workbook with the cases of several scenarios side by side."""
    from sheetgen.api.combine import combine
    from sheetgen.api.extensions import load_templates
    from sheetgen.scenario.reader import load_scenarios

    found = load_scenarios(scenarios, catalogue, sheets, load_templates(*templates))
    _write(ctx, combine(found), output, scenarios)


def _write(ctx: click.Context, scenario: Scenario, output: Path, inputs: Sequence[Path]) -> None:
    """Build a workbook, and say what asks for a review and what comes next."""
    from sheetgen.api.build import write
    from sheetgen.base.files import check_target
    from sheetgen.verification.evaluate import evaluate
    from sheetgen.verification.extended import recomputed_in

    check_target(output, ".xlsx", inputs=inputs)
    with progress(f"Building {output}", quiet=ctx.obj["quiet"]):
        evaluation = evaluate(scenario)
        write(evaluation, output)
    _said(evaluation)
    if recomputed := recomputed_in(evaluation.scenario):
        click.echo(f"sheetgen: recomputed only, with no function to compare with: {', '.join(recomputed)}", err=True)
    if not ctx.obj["quiet"]:
        cases = len(scenario.cases)
        click.echo(f"{output} written: {cases} case{'s' if cases > 1 else ''}. Next: sheetgen verify {output}")


@click.command()
@options.of_a_scenario
@options.form("How to print the quantities.")
@click.option("--all", "everything", is_flag=True, help="Every quantity in the table, not only the key figures.")
@click.pass_context
def estimate(ctx: click.Context, /, scenario_file: Path, form: str, everything: bool, **given: Any) -> None:
    """Print the reference engine's quantities, without a workbook."""
    from sheetgen.api.estimate import key_figures, tabulate
    from sheetgen.verification.evaluate import evaluate

    evaluation = evaluate(options.Given(**given).load(scenario_file))
    result = tabulate(evaluation)
    _said(evaluation)
    if form == "json":
        print_json(result.to_dict())
    elif form == "csv":
        rows = [[key, unit, *(values[key] for values in result.quantities)] for key, unit in result.units.items()]
        print_csv(["key", "unit", *result.cases], rows)
    else:
        _print_estimate(result, {} if everything else key_figures(evaluation), plain=ctx.obj["quiet"])


def _said(evaluation: Evaluation) -> None:
    """Say on standard error what a person should look at: what was noted when a file's model was read, and the checks
    that ask for a review, case by case."""
    from sheetgen.api.estimate import model_notes, reviews

    for line in model_notes(evaluation.scenario):
        click.echo(f"sheetgen: note: {line}", err=True)
    for line in reviews(evaluation):
        click.echo(f"sheetgen: review: {line}", err=True)


def _print_estimate(result: Estimate, shown: Mapping[str, str], *, plain: bool) -> None:
    """The figures that are shown, each by its word, in units that a reader thinks in; or all, by key, in full."""
    from sheetgen.base.tables import columns, figure, table
    from sheetgen.cli.key_figures import key_figures as lines_of

    numbers = range(1, 1 + len(result.cases))
    if shown:
        head, lines = lines_of(result, shown)
        click.echo(columns([*head, *lines], numbers))
        if len(result.cases) > 1:
            click.echo("* not as in the first case. --all prints every quantity by its key.")
        return
    rows = [
        [key, *(figure(values[key], unit) for values in result.quantities), unit] for key, unit in result.units.items()
    ]
    click.echo(table(["quantity", *result.cases, "unit"], rows, title=result.scenario, plain=plain, numbers=numbers))
