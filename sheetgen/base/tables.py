"""Results as text: a value as a reader wants it, and tables, with rich on a terminal and plain elsewhere."""

from __future__ import annotations

import io
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from sheetgen.base.errors import one_line
from sheetgen.base.numbers import MAX_EXACT_INT, from_serial

if TYPE_CHECKING:
    from sheetgen.base.inputs import Value


def figure(value: Value, unit: str) -> str:
    """A value as a reader wants it: whole numbers in full, fractions in percent, dates as ISO, else six digits."""
    if isinstance(value, str):
        return value
    if unit == "date":
        return from_serial(value).isoformat()
    if unit == "fraction":
        return f"{value:.2%}"
    if value == int(value) and abs(value) < MAX_EXACT_INT:
        return f"{int(value):,}"
    return f"{value:,.2f}" if 1000 <= abs(value) < 1e15 else f"{value:.6g}"


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, title: str, plain: bool, numbers: Collection[int]
) -> str:
    """A table: boxed and coloured on a terminal, bare columns without colour elsewhere or when ``plain``.

    The texts may be a stranger's: control characters are made visible, and nothing is taken for markup.
    """
    head, rows = [one_line(name) for name in head], [[one_line(cell) for cell in row] for row in rows]
    if plain or not sys.stdout.isatty():
        return _plain_table(head, rows, numbers)
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(title=escape(one_line(title)) or None, title_justify="left", header_style="bold")
    for index, name in enumerate(head):
        drawn.add_column(escape(name), justify="right" if index in numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*map(escape, row))
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=True, emoji=False)
    console.print(drawn)
    return buffer.getvalue().rstrip("\n")


def _plain_table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int]) -> str:
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    lines = []
    for row in [head, *rows]:
        cells = (
            cell.rjust(width) if index in numbers else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
