"""The commands for who signs: ``keygen`` and ``seal``."""

from __future__ import annotations

from pathlib import Path

import click

from sheetgen.cli import options
from sheetgen.cli.output import progress


@click.command()
@options.output("The private key to write, a .pem file that must not exist.")
@click.option("--public", type=options.FILE, metavar="FILE", help="The public key; else beside it, NAME.public.pem.")
@click.pass_context
def keygen(ctx: click.Context, output: Path, public: Path | None) -> None:
    """Write a key pair (ed25519): one to seal workbooks with, and one by which others check.

    The private key is readable by its owner alone, and is never printed.
    """
    from sheetgen.api.seal import keygen as make

    known = output.with_suffix(".public.pem") if public is None else public
    make(output, known)
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written: keep it. {known} written: give it to who checks.")


@click.command()
@click.argument("workbook", type=options.FILE)
@click.option("--key", type=options.FILE, required=True, metavar="FILE", help="The private key, as keygen writes it.")
@click.option("--by", required=True, metavar="NAME", help="Who seals.")
@click.option("--for", "purpose", required=True, metavar="TEXT", help="What for, such as a number of a request.")
@options.output("The seal to write, a .json file.")
@options.templates
@click.pass_context
def seal(
    ctx: click.Context, workbook: Path, key: Path, by: str, purpose: str, output: Path, templates: tuple[Path, ...]
) -> None:
    """Verify a workbook and sign what it says: inputs, formulas, texts and the templates.

    The seal is a file of its own. It survives a re-save that changes nothing, and breaks on any change that matters:
    verify --sealed SEAL --key PUBLIC.
    """
    from sheetgen.api.seal import seal as make

    with progress(f"Sealing {workbook}", quiet=ctx.obj["quiet"]):
        digest = make(workbook, key, output, by=by, purpose=purpose, templates=templates)
    if not ctx.obj["quiet"]:
        click.echo(f"{output} written. Content SHA-256: {digest}")
