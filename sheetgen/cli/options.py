"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

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

        self.help = f"{HELP_ON_SHEETS}: {', '.join(packaged().optional_sheets)}."
        return super().get_help_record(ctx)


def sheets(function: Command) -> Command:
    """``--sheets``: the optional sheets, as a tuple."""
    return click.option(
        "--sheets", cls=_SheetsOption, metavar="LIST", default="", callback=_split, help=HELP_ON_SHEETS
    )(function)


def catalogue(help_text: str) -> Callable[[Command], Command]:
    """``--catalogue``: a directory of the user's own."""
    return click.option("--catalogue", type=DIRECTORY, metavar="DIR", help=help_text)


def scenario(*, required: bool, help_text: str) -> Callable[[Command], Command]:
    """``--scenario``: a scenario file."""
    return click.option(
        "--scenario", "scenario_file", type=FILE, required=required, metavar="FILE", help=help_text
    )  # fmt: skip


def of_a_scenario(function: Command) -> Command:
    """The options of every command that computes a scenario: ``--scenario``, ``--catalogue``, ``--sheets``."""
    own = "Your own models, accelerators and prices: DIR/models/*.yaml, DIR/accelerators.csv, DIR/prices.csv."
    return scenario(required=True, help_text="The scenario, a YAML file.")(catalogue(own)(sheets(function)))


def output(help_text: str, *, required: bool = True) -> Callable[[Command], Command]:
    """``--output``: the file to write."""
    return click.option("--output", "-o", type=FILE, required=required, metavar="FILE", help=help_text)


def form(help_text: str, choices: tuple[str, ...] = ("table", "json", "csv")) -> Callable[[Command], Command]:
    """``--format``: how results are printed, the first choice unless another is given."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True, help=help_text
    )
