"""The commands that take a workbook: ``verify``, ``recalc`` and ``pdf``."""

from __future__ import annotations

from pathlib import Path

import click

from sheetgen.cli import options
from sheetgen.cli.output import print_json, progress


@click.command()
@click.argument("workbook", type=options.FILE)
@options.form("How to print the verdict.", ("text", "json"))
@options.scenario(required=False, help_text="Also list the inputs that differ from this scenario.")
@options.catalogue("The catalogue directory that the scenario was built with.")
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


@click.command()
@click.argument("workbook", type=options.FILE)
@options.output("The workbook to write, a .xlsx file.")
@click.pass_context
def recalc(ctx: click.Context, workbook: Path, output: Path) -> None:
    """Write a copy of a workbook that stores what its formulas compute, changed in nothing else.

    For a file that was written by a program that does not compute: previews and mail show what is stored.
    """
    from sheetgen.api.recalc import recalc as recalculate

    with progress(f"Computing {output}", quiet=ctx.obj["quiet"]):
        done = recalculate(workbook, output)
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written: {done.formulas:,} formulas, {done.changed:,} of them with new results.")


@click.command()
@click.argument("workbook", type=options.FILE)
@options.output("The PDF to write, a .pdf file.")
@click.pass_context
def pdf(ctx: click.Context, workbook: Path, output: Path) -> None:
    """Print a workbook to PDF through LibreOffice, recalculated first, every sheet as finance would print it."""
    from sheetgen.api.pdf import pdf as render

    with progress(f"Rendering {output}", quiet=ctx.obj["quiet"]):
        left_out = render(workbook, output).left_out
    click.echo("".join(f"sheetgen: not on the pages: {line}\n" for line in left_out), nl=False, err=True)
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written.")
