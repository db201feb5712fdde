"""The command ``diff``: what two budgets differ in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetgen.base.errors import one_line
from sheetgen.cli import options
from sheetgen.cli.output import print_json, progress

if TYPE_CHECKING:
    from sheetgen.api.diff import Difference, Move

MAX_LINES = 50


@click.command()
@click.argument("first", type=options.FILE)
@click.argument("second", type=options.FILE)
@options.form("How to print what differs.", ("text", "json"))
@options.templates
@click.pass_context
def diff(ctx: click.Context, first: Path, second: Path, form: str, templates: tuple[Path, ...]) -> None:
    """Say what two budgets differ in: what was approved, and what came back.

    Each is a workbook or a scenario. Inputs, formulas, looks and results; and how much of the move in total cost and in
    days each changed input explains, in shares that no order favours and that add up. The exit code is 1 where they
    differ.
    """
    from sheetgen.api.diff import diff as compared

    with progress(f"Comparing {first} with {second}", quiet=ctx.obj["quiet"]):
        found = compared(first, second, templates)
    if form == "json":
        print_json(found.to_dict())
    else:
        click.echo("\n".join(map(one_line, _lines(found))))
    ctx.exit(0 if found.same else 1)


def _lines(found: Difference) -> Iterator[str]:
    inputs = [f"Input: {item.key} in {item.where}: {item.before} is now {item.after}" for item in found.inputs]
    yield from inputs[:MAX_LINES]
    if len(inputs) > MAX_LINES:
        yield f"Input: and {len(inputs) - MAX_LINES} more"
    yield from (f"Case: {text}" for text in found.cases)
    for move in found.moves:
        yield from _moved(move)
    for name, texts in ((found.first, found.of_first), (found.second, found.of_second)):
        yield from (f"Of {name} alone: {text}" for text in texts[:MAX_LINES])
        if len(texts) > MAX_LINES:
            yield f"Of {name} alone: and {len(texts) - MAX_LINES} more"
    yield f"{found.first} and {found.second}: {'the same' if found.same else 'DIFFERENT'}"


def _moved(move: Move) -> Iterator[str]:
    if not move.shares:
        return
    before, after = move.before, move.after
    yield (
        f"Result: case {move.case}: total cost {before['total_cost']:,.0f} is now {after['total_cost']:,.0f} "
        f"({after['total_cost'] - before['total_cost']:+,.0f}), days {before['run_days']:,.2f} are now "
        f"{after['run_days']:,.2f} ({after['run_days'] - before['run_days']:+,.2f})"
    )
    for share in move.shares:
        yield f"  of which {share.what}: {share.total_cost:+,.0f}, {share.run_days:+,.2f} days"
