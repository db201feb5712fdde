"""The commands for who writes a scenario: ``new`` and ``schema``."""

from __future__ import annotations

from pathlib import Path

import click

from sheetgen.cli import options


@click.command()
@options.output("Write to FILE, which must not exist; else to the terminal.", required=False)
@click.pass_context
def new(ctx: click.Context, output: Path | None) -> None:
    """Write a commented starter scenario."""
    from sheetgen.api.starter import starter

    _write(starter(), output, ".yaml", ".yml", new=True)
    if output is not None and not ctx.obj["quiet"]:
        click.echo(f"{output} written. Next: sheetgen build --scenario {output} -o budget.xlsx")


@click.command()
@options.output("Write to FILE, a .json file; else to the terminal.", required=False)
@options.catalogue("Your own models, accelerators and prices, to be completed too.")
@click.pass_context
def schema(ctx: click.Context, output: Path | None, catalogue: Path | None) -> None:
    """Write the JSON Schema of a scenario, by which editors complete its keys and mark mistakes."""
    import json

    from sheetgen.catalogue import load_catalogue
    from sheetgen.scenario.schema import schema as schema_of

    text = json.dumps(schema_of(load_catalogue(catalogue)), indent=2, ensure_ascii=False) + "\n"
    _write(text, output, ".json")
    if output is not None and not ctx.obj["quiet"]:
        click.echo(f"{output} written. A scenario names it in its first line, as `sheetgen new` writes it.")


def _write(text: str, output: Path | None, *suffixes: str, new: bool = False) -> None:
    """A text to a file, which ``new`` keeps where it is there, or to the terminal where none is named."""
    from sheetgen.base.files import check_target, create_file, replace_file

    if output is None:
        click.echo(text, nl=False)
        return
    check_target(output, *suffixes)
    (create_file if new else replace_file)(output, text.encode())
