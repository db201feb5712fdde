"""The commands that list what a scenario may name: ``models``, ``gpus``, ``prices`` and ``fields``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from sheetgen.base.errors import SheetgenError
from sheetgen.cli import options
from sheetgen.cli.output import print_rows

TEXTS = ("key", "name", "provider", "tier", "date", "currency", "region", "source", "allowed", "default", "what")
"""Columns of words; the others are numbers."""


def _listing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The argument and options of a list of the catalogue."""
    function = options.catalogue("Your own entries, laid over the packaged ones.")(function)
    return click.argument("name", required=False)(options.form("How to print the list.")(function))


def _print(ctx: click.Context, rows: Iterable[Mapping[str, Any]], columns: str, name: str | None, form: str) -> None:
    """The rows whose key or name holds ``name``; a table has the ``columns`` alone. Raises SheetgenError for none."""
    sought = (name or "").lower()
    found = [row for row in rows if any(sought in str(row.get(part) or "").lower() for part in ("key", "name"))]
    if not found:
        raise SheetgenError(f"nothing that is listed holds {name!r}")
    print_rows(found, columns.split(), form, plain=ctx.obj["quiet"], texts=TEXTS)


@click.command()
@_listing
@click.pass_context
def models(ctx: click.Context, name: str | None, form: str, catalogue: Path | None) -> None:
    """List the models of the catalogue whose key or name holds NAME."""
    from sheetgen.catalogue import load_catalogue

    columns = "key name published_parameters n_layers d_model n_heads n_kv_heads d_ff vocab_size"
    _print(ctx, (model.row() for model in load_catalogue(catalogue).models()), columns, name, form)


@click.command()
@_listing
@click.pass_context
def gpus(ctx: click.Context, name: str | None, form: str, catalogue: Path | None) -> None:
    """List the accelerators of the catalogue whose key or name holds NAME; peaks in TFLOPS."""
    from sheetgen.catalogue import load_catalogue

    entries = load_catalogue(catalogue).accelerators.values()
    _print(
        ctx, (entry.row() for entry in entries), "key memory_gb fp32 tf32 fp16 bf16 bf16_sparse fp8 tdp_w", name, form
    )


@click.command()
@_listing
@click.pass_context
def prices(ctx: click.Context, name: str | None, form: str, catalogue: Path | None) -> None:
    """List the dated prices whose key holds NAME, per accelerator and hour; a scenario names one with price: KEY."""
    from sheetgen.catalogue import load_catalogue

    entries = load_catalogue(catalogue).prices().values()
    _print(ctx, (entry.row() for entry in entries), "key price currency date source", name, form)


@click.command()
@click.argument("name", required=False)
@options.form("How to print the list.")
@click.pass_context
def fields(ctx: click.Context, name: str | None, form: str) -> None:
    """List the keys of a scenario whose key holds NAME: what each is, what is allowed, its default."""
    from sheetgen.scenario.keys import key_rows

    _print(ctx, key_rows(), "key allowed default what", name, form)
