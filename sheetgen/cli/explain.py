"""The command ``explain``."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetgen.cli import options
from sheetgen.cli.output import print_json

if TYPE_CHECKING:
    from rich.tree import Tree

    from sheetgen.api.explain import CellExplanation, Explanation

SHOWN_MONTHS = 6


@click.command()
@click.argument("key")
@click.argument("cell", required=False)
@options.scenario(required=False, help_text="The scenario whose values are shown.")
@options.catalogue("Your own models, accelerators and prices.")
@options.sheets
@click.option("--case", metavar="NAME", help="The case whose values are shown; the one put forward unless given.")
@click.option(
    "--depth", type=click.IntRange(0, 20), default=1, show_default=True, help="How many steps down the tree goes."
)
@options.form("How to print it.", ("tree", "json"))
@click.pass_context
def explain(
    ctx: click.Context,
    key: str,
    cell: str | None,
    scenario_file: Path | None,
    catalogue: Path | None,
    sheets: tuple[str, ...],
    case: str | None,
    depth: int,
    form: str,
) -> None:
    """Say what KEY is, how workbook and engine compute it, and what it rests on.

    KEY is a key of a scenario or of a row; or it is a workbook, and CELL one of its cells, such as Cost!D52.
    """
    if cell is not None:
        from sheetgen.api.explain import explain_cell

        if scenario_file is not None or case is not None:
            raise click.UsageError("a cell has its own scenario and case.")
        found = explain_cell(key, cell, depth)
        if form == "json":
            print_json(found.to_dict())
        else:
            click.echo(_cell_text(found))
            click.echo(_text(found.row, plain=ctx.obj["quiet"]))
        return
    from sheetgen.api.explain import explain as explain_key

    evaluation = None
    if scenario_file is not None:
        from sheetgen.scenario.reader import load_scenario
        from sheetgen.verification.evaluate import evaluate

        evaluation = evaluate(load_scenario(scenario_file, catalogue, sheets))
    elif case is not None:
        raise click.UsageError("--case needs --scenario.")
    explanation = explain_key(key, depth, evaluation, case)
    if form == "json":
        print_json(explanation.to_dict())
    else:
        click.echo(_text(explanation, plain=ctx.obj["quiet"]))


def _cell_text(found: CellExplanation) -> str:
    from sheetgen.base.tables import figure
    from sheetgen.workbook.definitions import packaged_definitions

    value = "" if found.value is None else figure(found.value, found.row.unit)
    formula = f"={found.formula}" if found.formula else "typed"
    unit_of = packaged_definitions().unit
    moved = ", ".join(f"{key} {figure(amount, unit_of(key))}" for key, amount in found.moved.items())
    moved = f"with {moved}\n" if moved else ""
    return f"{found.cell}, case {found.case}: {value}\n{formula}\n{moved}"


def _text(explanation: Explanation, *, plain: bool) -> str:
    """The explanation in lines, and what it rests on as a tree; in colour on a terminal."""
    from rich.console import Console
    from rich.tree import Tree

    lines = [(name, text) for name, text in _facts(explanation) if text]
    width = max(len(name) for name, _ in lines)
    text = "\n".join(f"{name.ljust(width)}  {text}" for name, text in lines)
    if not explanation.rests_on:
        return text
    terminal = sys.stdout.isatty() and not plain
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=terminal, no_color=not terminal, width=None if terminal else 1000)
    tree = Tree("rests on")
    _grow(tree, explanation)
    console.print(tree)
    drawn = "\n".join(line.rstrip() for line in buffer.getvalue().rstrip("\n").split("\n"))
    return f"{text}\n\n{drawn}"


def _facts(explanation: Explanation) -> list[tuple[str, str]]:
    sheet = f"sheet {explanation.sheet}, “{explanation.label}”" if explanation.sheet else explanation.label
    return [
        ("key", f"{explanation.key} ({explanation.kind})"),
        ("is", explanation.what),
        ("unit", explanation.unit),
        ("value", _figure(explanation)),
        ("stands", sheet),
        ("workbook", explanation.words),
        ("", explanation.formula),
        ("engine", explanation.function),
        ("source", explanation.source),
    ]


def _figure(explanation: Explanation) -> str:
    """The value as a reader wants it; of many months the first."""
    from sheetgen.base.tables import figure

    def one(value: Any) -> str:
        return figure(value, explanation.unit)

    if isinstance(explanation.value, tuple):
        first = ", ".join(map(one, explanation.value[:SHOWN_MONTHS]))
        return first + (", …" if len(explanation.value) > SHOWN_MONTHS else "")
    return "" if explanation.value is None else one(explanation.value)


def _grow(tree: Tree, explanation: Explanation) -> None:
    """Put what a key rests on below it."""
    from rich.text import Text

    for part in explanation.rests_on:
        value = _figure(part)
        line = Text(part.key, style="bold")
        line.append(f" = {value}" if value else "", style="green")
        line.append(f"  {part.unit}" if part.unit not in {"", "text"} else "", style="dim")
        line.append(f"  {part.label or part.what}", style="")
        _grow(tree.add(line), part)
