"""Commands about models: ``import`` turns a configuration into a model file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetgen.cli import options

if TYPE_CHECKING:
    from sheetgen.catalogue.huggingface import FamilyTable, Imported


def _list_families(table: FamilyTable) -> None:
    """The families that are counted, one a line."""
    width = max(map(len, table.names()))
    for name in table.names():
        click.echo(f"{name:<{width}}  {', '.join(table.family(name).classes)}")


@click.command("import")
@click.argument("config", type=options.FILE, required=False)
@options.output("Write to FILE, a .yaml file; else to the terminal.", required=False)
@click.option("--name", metavar="TEXT", help="Name of the model; else what the configuration says, or the file's name.")
@click.option("--text", is_flag=True, help="Of a model with other parts, such as a vision tower, count the text model.")
@options.catalogue("Your own families of configurations, DIR/families.yaml, which --families then lists, too.")
@click.option(
    "--families", is_flag=True, help="List the families (model_type) that can be counted, and their model classes."
)
@click.pass_context
def import_model(
    ctx: click.Context,
    config: Path | None,
    output: Path | None,
    name: str | None,
    text: bool,
    catalogue: Path | None,
    families: bool,
) -> None:
    """Turn a Hugging Face config.json into a model file that a scenario can name.

    CONFIG is the file, or a directory that has a config.json.
    """
    from sheetgen.api.extensions import catalogue_with_extensions
    from sheetgen.base.errors import InvalidInput, Problem
    from sheetgen.base.files import check_target, replace_file
    from sheetgen.base.inputs import fields
    from sheetgen.catalogue.huggingface import import_config, model_file, with_families

    table = with_families(catalogue_with_extensions(catalogue).family_files)
    if families:
        _list_families(table)
        return
    if config is None:
        raise click.UsageError("Missing argument 'CONFIG'.")
    spec = fields()["model"]
    if name is not None and (complaint := spec.complaint(name)):
        raise InvalidInput([Problem(complaint, key="--name", given=name, allowed=spec.allowed)])
    if output is not None:
        check_target(output, ".yaml", ".yml", inputs=[config])
    found = import_config(config, name, text=text, table=table)
    written = model_file(found.model)
    if output is None:
        click.echo(written, nl=False)
    else:
        replace_file(output, written.encode())
    for note in found.notes:
        click.echo(f"sheetgen: note: {note}", err=True)
    if found.model.uncounted_part:
        click.echo(f"sheetgen: review: not counted: {found.model.uncounted_part}", err=True)
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
    text, alone = f"{text}, {active:,} active", counts["active_without_look_up"]
    return text if alone == active else f"{text} ({alone:,} without the input embedding)"
