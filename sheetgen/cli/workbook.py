"""The commands that take a workbook: ``verify``, ``recalc`` and ``pdf``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from sheetgen.cli import options
from sheetgen.cli.output import print_json, progress


@click.command()
@click.argument("workbook", type=options.FILE)
@options.form("How to print the verdict.", ("text", "json", "sarif"))
@click.option("--report", type=options.FILE, help="Also write the verdict as one page of HTML, to be filed.")
@options.scenario(required=False, help_text="Also list the inputs that differ from this scenario.")
@options.catalogue("The catalogue directory that the scenario was built with.")
@options.templates
@click.option("--sealed", type=options.FILE, metavar="FILE", help="Hold the workbook to a seal, as seal writes it.")
@click.option("--key", type=options.FILE, metavar="FILE", help="With --sealed: the public key of who sealed it.")
@click.option("--thorough", is_flag=True, help="Have every formula computed by a second evaluator, too (IronCalc).")
@click.option("--strict", is_flag=True, help="Fail where anything differs from the scenario, its file's hash included.")
@click.pass_context
def verify(
    ctx: click.Context,
    workbook: Path,
    form: str,
    report: Path | None,
    scenario_file: Path | None,
    strict: bool,
    sealed: Path | None,
    key: Path | None,
    thorough: bool,
    catalogue: Path | None,
    templates: tuple[Path, ...],
) -> None:
    """Recompute a workbook's cells without Excel and compare them with the reference engine.

    The file may have been edited and saved by any program.
    """
    from sheetgen.verification.workbook import verify as verify_workbook

    if report is not None:
        from sheetgen.base.files import check_target

        check_target(report, ".html", inputs=[workbook])
    if strict and scenario_file is None:
        raise click.UsageError("--strict needs --scenario FILE")
    if (sealed is None) != (key is None):
        raise click.UsageError("--sealed and --key go together: a seal proves nothing but by whose key it is")
    scenario = None
    if scenario_file is not None:
        from sheetgen.verification.evaluate import complete

        scenario = complete(options.Given(catalogue, templates).load(scenario_file))
    with progress(f"Verifying {workbook}", quiet=ctx.obj["quiet"]):
        verdict = verify_workbook(
            workbook, scenario, templates=templates, content=sealed is not None, thorough=thorough
        )
    verdict.strict = strict
    if sealed is not None and key is not None:
        from sheetgen.api.seal import check_seal

        check_seal(verdict, sealed, key)
    verdict.origin = verdict.origin._replace(command=shlex.join(["sheetgen", *sys.argv[1:]]))
    if report is not None:
        from sheetgen.base.files import replace_file
        from sheetgen.verification.report_page import report_page

        replace_file(report, report_page(verdict).encode())
    if form == "json":
        print_json(verdict.to_dict())
    elif form == "sarif":
        from sheetgen.verification.sarif import sarif

        print_json(sarif(verdict))
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
@click.option("--all", "everything", is_flag=True, help="Print the workings, too.")
@click.option("--sheets", metavar="LIST", default="", help="Print these sheets alone: names, separated by commas.")
@click.pass_context
def pdf(ctx: click.Context, workbook: Path, output: Path, everything: bool, sheets: str) -> None:
    """Print a workbook to PDF through LibreOffice, recalculated first: the approval pack in front, no more.

    It is verified before, and below every page stands what that says, with the file's SHA-256.
    """
    from sheetgen.api.pdf import pdf as render

    names = [name.strip() for name in sheets.split(",") if name.strip()]
    if names and everything:
        raise click.UsageError("--all prints every sheet; with --sheets there is nothing more to ask for")
    with progress(f"Rendering {output}", quiet=ctx.obj["quiet"]):
        printed = render(workbook, output, names, everything=everything)
    click.echo("".join(f"sheetgen: not on the pages: {line}\n" for line in printed.left_out), nl=False, err=True)
    if not printed.agrees:
        click.echo(f"sheetgen: on every page: {printed.stamp}", err=True)
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written: {printed.pages} page{'s' if printed.pages != 1 else ''}.")
