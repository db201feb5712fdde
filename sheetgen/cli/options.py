"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from sheetgen.scenario.model import Scenario

FILE = click.Path(path_type=Path, dir_okay=True)
DIRECTORY = click.Path(path_type=Path, exists=True, file_okay=False)
Command = Callable[..., Any]


HELP_ON_SHEETS = "Optional sheets beside those of the scenario, separated by commas"


def _split(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:  # noqa: ARG001 - click's signature
    return tuple(part.strip() for part in value.split(",") if part.strip())


class _SheetsOption(click.Option):
    """An option that lists the optional sheets that there are; the templates are read only when help is asked for."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from sheetgen.base.templates import packaged

        names = [*packaged().optional_sheets, *packaged().sheet_groups]
        self.help = f"{HELP_ON_SHEETS}: {', '.join(names)}."
        return super().get_help_record(ctx)


def sheets(function: Command) -> Command:
    """``--sheets``: the optional sheets, as a tuple."""
    return click.option(
        "--sheets", cls=_SheetsOption, metavar="LIST", default="", callback=_split, help=HELP_ON_SHEETS
    )(function)


def catalogue(help_text: str) -> Callable[[Command], Command]:
    """``--catalogue``: a directory of the user's own."""
    return click.option("--catalogue", type=DIRECTORY, metavar="DIR", help=help_text)


def templates(function: Command) -> Command:
    """``--templates``: directories of the user's own templates, as a tuple."""
    return click.option(
        "--templates", type=click.Path(path_type=Path), multiple=True, metavar="DIR",
        help="Your own rows, inputs and sheets, DIR/*.yaml, laid over the packaged ones; may be given again.",
    )(function)  # fmt: skip


def scenario(*, required: bool, help_text: str) -> Callable[[Command], Command]:
    """``--scenario``: a scenario file."""
    return click.option(
        "--scenario", "scenario_file", type=FILE, required=required, metavar="FILE", help=help_text
    )  # fmt: skip


def of_a_scenario(function: Command) -> Command:
    """The options of every command that computes a scenario: ``--scenario``, ``--catalogue``, ``--templates``,
    ``--sheets``."""
    own = "Your own catalogue: DIR/models/*.yaml, accelerators.csv, prices.csv, families.yaml in DIR."
    rest = catalogue(own)(templates(sheets(function)))
    return scenario(required=True, help_text="The scenario, a YAML file.")(rest)


class Given(NamedTuple):
    """What a scenario is read with: a catalogue, directories of templates, optional sheets."""

    catalogue: Path | None
    templates: tuple[Path, ...] = ()
    sheets: tuple[str, ...] = ()

    def load(self, file: Path) -> Scenario:
        """The scenario of a file. Raises InvalidInput with every mistake in it, or in the templates."""
        from sheetgen.api.extensions import load_templates
        from sheetgen.scenario.reader import load_scenario

        return load_scenario(file, self.catalogue, self.sheets, templates=load_templates(*self.templates))


def output(help_text: str, *, required: bool = True) -> Callable[[Command], Command]:
    """``--output``: the file to write."""
    return click.option("--output", "-o", type=FILE, required=required, metavar="FILE", help=help_text)


def form(help_text: str, choices: tuple[str, ...] = ("table", "json", "csv")) -> Callable[[Command], Command]:
    """``--format``: how results are printed, the first choice unless another is given."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True, help=help_text
    )


class Amount(click.ParamType[float]):
    """A number above 0 as a scenario writes it: 3M, 2.5e6, 3,000,000."""

    name = "amount"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. Ends with the message of the option for what is none."""
        from sheetgen.base.numbers import parse_number

        try:
            number = float(value if isinstance(value, (int, float)) else parse_number(value.replace(",", "")))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if not number > 0:
            self.fail(f"{value}: must be above 0", param, ctx)
        return number
