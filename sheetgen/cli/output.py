"""Results to standard output: JSON, CSV, or a table of rows; and on a terminal a spinner until they are there."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click


@contextmanager
def progress(message: str, *, quiet: bool) -> Iterator[None]:
    """A spinner on standard error while something runs; nothing when quiet or where no terminal looks."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(message):
        yield


def print_json(data: object) -> None:
    """The data as JSON; a number that is not finite raises ValueError."""
    import json

    click.echo(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False))


def print_csv(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows as CSV with a head; None is an empty cell."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(["" if value is None else value for value in row] for row in rows)


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
