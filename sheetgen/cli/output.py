"""Results to standard output: JSON, CSV, or a table of rows; and on a terminal a spinner until they are there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from sheetgen.base.errors import one_line

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def progress(message: str, *, quiet: bool) -> Iterator[None]:
    """A spinner on standard error while something runs; nothing when quiet or where no terminal looks."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(escape(one_line(message))):
        yield


def print_json(data: object) -> None:
    """The data as JSON, control characters escaped; a number that is not finite raises ValueError."""
    import json

    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    lines = (line if line.isprintable() else "".join(map(_json_sign, line)) for line in text.split("\n"))
    click.echo("\n".join(lines))


def _json_sign(sign: str) -> str:
    """A character as JSON spells what is not to be shown: in UTF-16, which a surrogate alone is, too."""
    if sign.isprintable():
        return sign
    units = sign.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def print_csv(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows as CSV with a head; None is an empty cell.

    A text that a spreadsheet program would take for a formula gets an apostrophe in front, as such a program writes it.
    """
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(map(_csv_cell, head))
    writer.writerows(map(_csv_cell, row) for row in rows)


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return one_line(f"'{value}" if value.startswith(FORMULA_SIGNS) else value)


def print_rows(
    rows: Sequence[Mapping[str, Any]], shown: Sequence[str], form: str, *, plain: bool, texts: Sequence[str] = ()
) -> None:
    """Rows in a form (``table``, ``json`` or ``csv``); a table has the columns of ``shown`` alone.

    Columns named in ``texts`` are words; the others numbers, printed as they are where they are texts already.
    """
    if form == "json":
        print_json(list(rows))
    elif form == "csv":
        print_csv(list(rows[0]), [list(row.values()) for row in rows])
    else:
        from sheetgen.base.tables import figure, table

        body = [["" if row[key] is None else figure(row[key], "") for key in shown] for row in rows]
        numbers = [index for index, key in enumerate(shown) if key not in texts]
        click.echo(table(list(shown), body, title="", plain=plain, numbers=numbers))
