"""The command ``export``: the scenario of a workbook, with what was typed into it since."""

from __future__ import annotations

from pathlib import Path

import click

from sheetgen.base.errors import one_line
from sheetgen.cli import options
from sheetgen.cli.output import progress


@click.command()
@click.argument("workbook", type=options.FILE)
@options.output("The scenario to write, a .yaml file.")
@click.option("--onto", type=options.FILE, metavar="FILE", help="Keep the comments and the order of this scenario.")
@options.catalogue("The catalogue directory that the workbook was built with.")
@options.templates
@click.pass_context
def export(
    ctx: click.Context,
    workbook: Path,
    output: Path,
    onto: Path | None,
    catalogue: Path | None,
    templates: tuple[Path, ...],
) -> None:
    """Write what was typed into a workbook back as a scenario: assumptions, cases, lines of your own, sources.

    The workbook is verified first, and must be intact. Built again, the scenario gives the same figures; one that was
    not edited, the same workbook. With --onto, nothing of the other file is touched but what differs.
    """
    from sheetgen.api.export import export as exported

    with progress(f"Exporting {workbook}", quiet=ctx.obj["quiet"]):
        done = exported(workbook, output, onto=onto, catalogue=catalogue, templates=templates)
    for text in done.left_out:
        click.echo(f"sheetgen: left out: {one_line(text)}", err=True)
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written. Next: sheetgen build --scenario {output} -o budget.xlsx")
