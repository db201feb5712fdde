"""The commands that list what a scenario may name: ``models``, ``gpus``, ``prices`` and ``fields``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetgen.base.errors import SheetgenError
from sheetgen.cli import options
from sheetgen.cli.output import print_rows

if TYPE_CHECKING:
    from sheetgen.catalogue.models import Model

TEXTS = (
    "key",
    "name",
    "from",
    "off_stated",
    "off_active",
    "provider",
    "tier",
    "date",
    "currency",
    "region",
    "source",
    "allowed",
    "default",
    "what",
)
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
@click.option(
    "--check",
    is_flag=True,
    help="Hold each model's count to the totals that its file gives; exit code 1 if one is off.",
)
@_listing
@click.pass_context
def models(ctx: click.Context, name: str | None, form: str, catalogue: Path | None, check: bool) -> None:
    """List the models of the catalogue whose key or name holds NAME.

    With --check: what is counted, the exact total that it is held to and where that is from (a checkpoint or paper, or
    the model class of transformers), and how far counts are from the rounded figures that authors state.
    """
    from sheetgen.api.extensions import catalogue_with_extensions

    entries = catalogue_with_extensions(catalogue).models()
    if not check:
        columns = "key name parameters n_layers d_model n_heads n_kv_heads d_ff vocab_size"
        rows = [model.row() | ({"parameters": _exact(model)} if form == "table" else {}) for model in entries]
        _print(ctx, rows, columns, name, form)
        return
    checked = [_checked(model) for model in entries]
    _print(ctx, checked, "key counted exact from off stated off_stated active stated_active off_active", name, form)
    sought = (name or "").lower()
    wrong = [
        row["key"] for row in checked if row["off"] and (sought in row["key"] or sought in str(row["name"]).lower())
    ]
    if wrong:
        raise SheetgenError(f"counted otherwise than the file states: {', '.join(wrong)}")


def _exact(model: Model) -> int | None:
    """The exact total that a model's file gives."""
    return model.published_parameters or model.class_parameters


def _checked(model: Model) -> dict[str, Any]:
    """A model's counts beside what its file gives; of the active ones the nearer count, for some authors leave the
    input embedding out."""
    from sheetgen.engine import count_parameters

    counts, exact = count_parameters(model.architecture()), _exact(model)
    origin = "published" if model.published_parameters else "class" if model.class_parameters else ""
    stated, active = model.stated_parameters, model.stated_active_parameters
    met = [counts["active_parameters"], counts["active_without_look_up"]]
    nearest = min(met, key=lambda count: abs(count - active)) if active else met[0]
    return {
        "key": model.key, "name": model.name, "counted": counts["parameters"], "exact": exact, "from": origin,
        "off": None if exact is None else counts["parameters"] - exact, "stated": stated,
        "off_stated": _share(counts["parameters"], stated), "active": nearest, "stated_active": active,
        "off_active": _share(nearest, active),
    }  # fmt: skip


def _share(count: int, stated: int | None) -> str | None:
    return f"{count / stated - 1:+.1%}" if stated else None


@click.command()
@_listing
@click.pass_context
def gpus(ctx: click.Context, name: str | None, form: str, catalogue: Path | None) -> None:
    """List the accelerators of the catalogue whose key or name holds NAME; peaks in TFLOPS, and between which dollars
    the known prices of an hour lie."""
    from sheetgen.api.extensions import catalogue_with_extensions
    from sheetgen.catalogue.prices import with_prices

    known = catalogue_with_extensions(catalogue)
    entries = with_prices(known.accelerators, known.prices()).values()
    columns = "key memory_gb fp64 fp32 tf32 bf16 bf16_sparse fp8 tdp_w price_low price_high"
    _print(ctx, (entry.row() for entry in entries), columns, name, form)


@click.command()
@_listing
@click.pass_context
def prices(ctx: click.Context, name: str | None, form: str, catalogue: Path | None) -> None:
    """List the dated prices whose key holds NAME, per accelerator and hour; a scenario names one with price: KEY."""
    from sheetgen.api.extensions import catalogue_with_extensions

    entries = catalogue_with_extensions(catalogue).prices().values()
    _print(ctx, (entry.row() for entry in entries), "key price currency date source", name, form)


@click.command()
@click.argument("name", required=False)
@options.form("How to print the list.")
@options.templates
@click.pass_context
def fields(ctx: click.Context, name: str | None, form: str, templates: tuple[Path, ...]) -> None:
    """List the keys of a scenario whose key holds NAME: what each is, what is allowed, its default."""
    from sheetgen.api.extensions import load_templates
    from sheetgen.scenario.keys import key_rows

    _print(ctx, key_rows(load_templates(*templates)), "key allowed default what", name, form)
