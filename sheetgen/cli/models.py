"""Commands about models: ``import`` turns a configuration into a model file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetgen.cli import options

if TYPE_CHECKING:
    from sheetgen.catalogue.huggingface import Imported


def _list_families(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    """The families that are counted, one a line, and the end of the command."""
    if not value or ctx.resilient_parsing:
        return
    from sheetgen.catalogue.huggingface import packaged

    table = packaged()
    width = max(map(len, table.names()))
    for name in table.names():
        click.echo(f"{name:<{width}}  {', '.join(table.family(name).classes)}")
    ctx.exit()


@click.command("import")
@click.argument("config", type=options.FILE)
@options.output("Write to FILE, a .yaml file; else to the terminal.", required=False)
@click.option("--name", metavar="TEXT", help="Name of the model; else what the configuration says, or the file's name.")
@click.option("--text", is_flag=True, help="Of a model with other parts, such as a vision tower, count the text model.")
@click.option(
    "--families", is_flag=True, is_eager=True, expose_value=False, callback=_list_families,
    help="List the families (model_type) that can be counted, and their model classes.",
)  # fmt: skip
@click.pass_context
def import_model(ctx: click.Context, config: Path, output: Path | None, name: str | None, text: bool) -> None:
    """Turn a Hugging Face config.json into a model file that a scenario can name.

    CONFIG is the file, or a directory that has a config.json.
    """
    from sheetgen.base.errors import InvalidInput, Problem
    from sheetgen.base.files import check_target, replace_file
    from sheetgen.base.inputs import fields
    from sheetgen.catalogue.huggingface import import_config, model_file

    spec = fields()["model"]
    if name is not None and (complaint := spec.complaint(name)):
        raise InvalidInput([Problem(complaint, key="--name", given=name, allowed=spec.allowed)])
    if output is not None:
        check_target(output, ".yaml", ".yml", inputs=[config])
    found = import_config(config, name, text=text)
    written = model_file(found.model)
    if output is None:
        click.echo(written, nl=False)
    else:
        replace_file(output, written.encode())
    for note in found.notes:
        click.echo(f"sheetgen: note: {note}", err=True)
    if not ctx.obj["quiet"]:
        where = "" if output is None else f"{output} written: "
        click.echo(f"{where}{_counted(found)}", err=output is None)


def _counted(found: Imported) -> str:
    """The class that was counted and its parameters; of a mixture the active ones with and without the embedding.

    Model cards print either: a look-up of the embedding multiplies nothing, and some leave it out.
    """
    from sheetgen.engine import count_parameters

    counts = count_parameters(found.model.architecture())
    active = counts["active_parameters"]
    text = f"{found.model_class}, {counts['parameters']:,} parameters"
    if active == counts["parameters"]:
        return text
    text += f", {active:,} active"
    if found.model.tied_embeddings == "yes":
        return text
    return f"{text} ({active - counts['embedding_parameters']:,} without the input embedding)"
