"""The command line. Each command is a thin translation to the Python API; exit codes are part of the interface."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetgen import __version__
from sheetgen.base.errors import SheetgenError
from sheetgen.cli.evidence import evidence, mfu
from sheetgen.cli.models import import_model
from sheetgen.cli.output import print_csv, print_json, print_listing, progress

if TYPE_CHECKING:
    from sheetgen.api.estimate import Estimate
    from sheetgen.scenario.model import Scenario

EXIT_CODES = """\b
Exit codes: 0 agrees or done, 1 disagrees or invalid input, 2 wrong usage, 3 could not verify."""

SUMMARY_KEYS = (
    "parameters", "training_flops", "mfu", "hfu", "achieved_flops_per_gpu", "tokens_per_second", "calendar_days",
    "gpu_hours", "compute_cost", "total_cost", "cost_per_million_tokens",
)  # fmt: skip

FILE = click.Path(path_type=Path, dir_okay=True)


class _Group(click.Group):
    """Commands in the order of a session, and errors of ours as messages without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except SheetgenError as error:
            for line in str(error).splitlines():
                click.echo(f"sheetgen: {line}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(1)
        except OSError as error:
            click.echo(f"sheetgen: cannot write the output: {error.strerror or error}", err=True)
            ctx.exit(1)


def _split(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:  # noqa: ARG001 - click's signature
    return tuple(part.strip() for part in value.split(",") if part.strip())


SHEETS = click.option(
    "--sheets", metavar="LIST", default="", callback=_split,
    help="Optional sheets beside those of the scenario, separated by commas: offers, rent_or_buy, risk, actuals.",
)  # fmt: skip


def scenario_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that builds from a scenario."""
    function = SHEETS(function)
    function = click.option(
        "--catalogue", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
        help="Your own models, accelerators and prices: DIR/models/*.yaml, DIR/accelerators.csv, DIR/prices.csv.",
    )(function)  # fmt: skip
    return click.option(
        "--scenario",
        "scenario_file",
        type=FILE,
        required=True,
        metavar="FILE",
        help="The scenario, a YAML file.",
    )(function)


@click.group(
    cls=_Group,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="sheetgen")
@click.option("--quiet", "-q", is_flag=True, help="Print results and errors only, without colour.")
@click.pass_context
def main(ctx: click.Context, quiet: bool) -> None:
    """Training budgets as Excel workbooks whose every FLOPs, time and cost cell is a live formula."""
    ctx.obj = {"quiet": quiet}


@main.command()
@click.option(
    "--output",
    "-o",
    type=FILE,
    metavar="FILE",
    help="Write to FILE, which must not exist; else to the terminal.",
)
@click.pass_context
def new(ctx: click.Context, output: Path | None) -> None:
    """Write a commented starter scenario."""
    from sheetgen.api.starter import starter

    text = starter()
    if output is None:
        click.echo(text, nl=False)
        return
    from sheetgen.base.files import check_target, replace_file

    check_target(output, ".yaml", ".yml")
    if output.exists():
        raise SheetgenError(f"{output}: exists already")
    replace_file(output, text.encode())
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written. Next: sheetgen build --scenario {output} -o budget.xlsx")


main.add_command(import_model)


@main.command()
@scenario_options
@click.option("--output", "-o", type=FILE, required=True, metavar="FILE", help="The workbook to write, a .xlsx file.")
@click.pass_context
def build(
    ctx: click.Context, scenario_file: Path, catalogue: Path | None, sheets: tuple[str, ...], output: Path
) -> None:
    """Build the workbook of a scenario; it is checked against the engine before it is written."""
    from sheetgen.api.build import build as build_workbook
    from sheetgen.scenario.reader import load_scenario

    scenario = load_scenario(scenario_file, catalogue, sheets)
    with progress(f"Building {output}", quiet=ctx.obj["quiet"]):
        build_workbook(scenario, output)
    _reviews(scenario)
    if not ctx.obj["quiet"]:
        cases = len(scenario.cases)
        click.echo(f"{output} written: {cases} case{'s' if cases > 1 else ''}. Next: sheetgen verify {output}")


@main.command()
@click.argument("workbook", type=FILE)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the verdict.",
)
@click.option(
    "--scenario",
    "scenario_file",
    type=FILE,
    metavar="FILE",
    help="Also list the inputs that differ from this scenario.",
)
@click.option(
    "--catalogue", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="The catalogue directory that the scenario was built with.",
)  # fmt: skip
@click.pass_context
def verify(ctx: click.Context, workbook: Path, form: str, scenario_file: Path | None, catalogue: Path | None) -> None:
    """Recompute a workbook's cells without Excel and compare them with the reference engine.

    The file may have been edited and saved by any program.
    """
    from sheetgen.verification.workbook import verify as verify_workbook

    scenario = None
    if scenario_file is not None:
        from sheetgen.scenario.reader import load_scenario
        from sheetgen.verification.evaluate import complete

        scenario = complete(load_scenario(scenario_file, catalogue))
    with progress(f"Verifying {workbook}", quiet=ctx.obj["quiet"]):
        verdict = verify_workbook(workbook, scenario)
    if form == "json":
        print_json(verdict.to_dict())
    else:
        from sheetgen.verification.report import verdict_text

        click.echo(verdict_text(verdict, brief=ctx.obj["quiet"]))
    ctx.exit(verdict.exit_code)


@main.command()
@scenario_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print the quantities.",
)
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
    from sheetgen.api.estimate import estimate as estimate_scenario
    from sheetgen.scenario.reader import load_scenario

    scenario = load_scenario(scenario_file, catalogue, sheets)
    result = estimate_scenario(scenario)
    _reviews(scenario)
    if form == "json":
        print_json(result.to_dict())
        return
    if form == "csv":
        print_csv(
            ["key", "unit", *result.cases],
            [[key, unit, *(v[key] for v in result.quantities)] for key, unit in result.units.items()],
        )
        return
    _print_estimate(result, list(result.units) if everything else list(SUMMARY_KEYS), plain=ctx.obj["quiet"])


def _reviews(scenario: Scenario) -> None:
    """Say on standard error what a person should look at: the checks that ask for a review, case by case."""
    from sheetgen.api.estimate import reviews

    for line in reviews(scenario):
        click.echo(f"sheetgen: review: {line}", err=True)


def _print_estimate(result: Estimate, keys: Sequence[str], *, plain: bool) -> None:
    from sheetgen.verification.report import figure, table

    rows = [
        [key, *(figure(values[key], result.units[key]) for values in result.quantities), result.units[key]]
        for key in keys
    ]
    click.echo(
        table(
            ["quantity", *result.cases, "unit"],
            rows,
            title=result.scenario,
            plain=plain,
            numbers=range(1, 1 + len(result.cases)),
        )
    )


@main.command()
@click.argument("scenarios", type=FILE, nargs=-1, required=True)
@click.option("--output", "-o", type=FILE, required=True, metavar="FILE", help="The workbook to write, a .xlsx file.")
@click.option(
    "--catalogue", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
    help="Your own models, accelerators and prices, for all scenarios.",
)  # fmt: skip
@SHEETS
@click.pass_context
def compare(
    ctx: click.Context, scenarios: tuple[Path, ...], output: Path, catalogue: Path | None, sheets: tuple[str, ...]
) -> None:
    """Build one workbook with the cases of several scenarios side by side."""
    from sheetgen.api.build import build as build_workbook
    from sheetgen.api.combine import combine
    from sheetgen.scenario.reader import load_scenarios

    scenario = combine(load_scenarios(scenarios, catalogue, sheets))
    with progress(f"Building {output}", quiet=ctx.obj["quiet"]):
        build_workbook(scenario, output)
    _reviews(scenario)
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written: {len(scenario.cases)} cases. Next: sheetgen verify {output}")


@main.command()
@click.argument("workbook", type=FILE)
@click.option("--output", "-o", type=FILE, required=True, metavar="FILE", help="The PDF to write, a .pdf file.")
@click.pass_context
def pdf(ctx: click.Context, workbook: Path, output: Path) -> None:
    """Print a workbook to PDF through LibreOffice, recalculated first, every sheet as finance would print it."""
    from sheetgen.api.pdf import pdf as render

    with progress(f"Rendering {output}", quiet=ctx.obj["quiet"]):
        left_out = render(workbook, output).left_out
    click.echo("".join(f"sheetgen: not on the pages: {line}\n" for line in left_out), nl=False, err=True)
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written.")


main.add_command(evidence)
main.add_command(mfu)


def listing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the commands that list the catalogue."""
    for option in (
        click.option(
            "--catalogue",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            metavar="DIR",
            help="Your own entries, laid over the packaged ones.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(["table", "json", "csv"]),
            default="table",
            show_default=True,
            help="How to print the list.",
        ),
        click.argument("name", required=False),
    ):
        function = option(function)
    return function


@main.command()
@listing_options
@click.pass_context
def models(ctx: click.Context, name: str | None, form: str, catalogue: Path | None) -> None:
    """List the models of the catalogue whose key or name holds NAME."""
    from sheetgen.catalogue import load_catalogue

    entries = load_catalogue(catalogue).models()
    rows = [model.row() for model in entries if _holds(name, model.key, model.name)]
    columns = "key name published_parameters n_layers d_model n_heads n_kv_heads d_ff vocab_size"
    print_listing(rows, columns.split(), form, name, plain=ctx.obj["quiet"])


@main.command()
@listing_options
@click.pass_context
def gpus(ctx: click.Context, name: str | None, form: str, catalogue: Path | None) -> None:
    """List the accelerators of the catalogue whose key or name holds NAME; peaks in TFLOPS."""
    from sheetgen.catalogue import load_catalogue

    entries = load_catalogue(catalogue).accelerators.values()
    rows = [entry.row() for entry in entries if _holds(name, entry.key, entry.name)]
    shown = ["key", "memory_gb", "fp32", "tf32", "fp16", "bf16", "bf16_sparse", "fp8", "tdp_w"]
    print_listing(rows, shown, form, name, plain=ctx.obj["quiet"])


@main.command()
@listing_options
@click.pass_context
def prices(ctx: click.Context, name: str | None, form: str, catalogue: Path | None) -> None:
    """List the dated prices whose key holds NAME, per accelerator and hour; a scenario names one with price: KEY."""
    from sheetgen.catalogue import load_catalogue

    entries = load_catalogue(catalogue).prices().values()
    rows = [entry.row() for entry in entries if _holds(name, entry.key, entry.provider)]
    shown = ["key", "price", "currency", "date", "source"]
    print_listing(rows, shown, form, name, plain=ctx.obj["quiet"])


def _holds(name: str | None, *texts: str) -> bool:
    return name is None or any(name.lower() in text.lower() for text in texts)


def run() -> None:
    """The program ``sheetgen``."""
    gc.disable()  # a command is over before collecting cycles pays
    try:
        main()
    finally:
        gc.freeze()  # neither does it pay at the end, when Python would look through everything once more
