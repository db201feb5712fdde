"""The commands that print what was published: ``evidence`` and ``mfu``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sheetgen.cli import options
from sheetgen.cli.output import print_json, print_rows

if TYPE_CHECKING:
    from sheetgen.evidence.guidance import Setting
    from sheetgen.evidence.results import Evidence


@click.command()
@options.form("How to print the evidence.")
@click.option("--run", "run", metavar="ID", help="Only the figures whose key begins with ID.")
@click.pass_context
def evidence(ctx: click.Context, form: str, run: str | None) -> None:
    """Recompute published figures and runs with the reference engine; exit 1 if a run leaves its tolerance."""
    from sheetgen.base.errors import InvalidInput, Problem, did_you_mean
    from sheetgen.evidence.results import evidence as results

    found = results()
    rows = [row for row in evidence_rows(found) if run is None or str(row["key"]).startswith(run)]
    if not rows:
        keys = sorted({str(row["key"]).partition(":")[0] for row in evidence_rows(found)})
        hint = did_you_mean(run or "", keys)
        raise InvalidInput([Problem(f"no published figure begins so{hint}", key="--run", given=run)])
    plain = ctx.obj["quiet"]
    shown = ("key", "published", "predicted", "deviation", "tolerance", "verdict", "convention")
    texts = ("key", "verdict", "convention")
    if form == "table":
        rows = [row | {"deviation": f"{row['deviation']:+.2%}", "tolerance": f"{row['tolerance']:.2%}"} for row in rows]
    print_rows(rows, shown, form, plain=plain, texts=texts)
    outside = [row["key"] for row in rows if row["verdict"] == "OUTSIDE"]
    if form == "table" and run is None and not plain:
        click.echo(_band(found))
        click.echo(f"{len(rows) - len(outside)} of {len(rows)} figures have the verdict that is expected.")
    if outside:
        click.echo(f"sheetgen: outside its tolerance: {', '.join(map(str, outside))}", err=True)
    ctx.exit(1 if outside else 0)


def evidence_rows(found: Evidence) -> list[dict[str, Any]]:
    """Figures of the articles and of the runs as rows of one table."""
    rows: list[dict[str, Any]] = [
        {
            "key": item.figure.key, "what": item.figure.label, "unit": item.figure.unit, "published": item.published,
            "predicted": item.recomputed, "deviation": item.deviation, "tolerance": item.figure.printed,
            "verdict": item.verdict, "convention": "", "trust": "", "note": item.figure.reason,
            "source": item.figure.document,
        }
        for item in found.figures
    ]  # fmt: skip
    return rows + [
        {
            "key": item.run.key, "what": item.run.run, "unit": item.run.metric, "published": item.run.published,
            "predicted": item.predicted, "deviation": item.deviation, "tolerance": item.run.tolerance,
            "verdict": item.verdict, "convention": item.run.convention, "trust": item.run.trust,
            "note": item.run.notes, "source": item.run.source,
        }
        for item in found.runs
    ]  # fmt: skip


def _band(found: Evidence) -> str:
    """The error band in words: predicted over published hours of whole runs, by model size."""
    from sheetgen.evidence.records import default_mfus, size_classes
    from sheetgen.evidence.results import band, spreads

    labels, own = {size["key"]: str(size["label"]) for size in size_classes()}, spreads(found.whole)
    lines = [
        "",
        "Whole runs: hours that a default MFU predicts, over the hours published; where nine of ten new runs fall",
    ]
    for size, index, low, high in band(found.whole):
        first, last = own[size].interval(default_mfus()[index])
        lines.append(
            f"  {labels[size]}, at {default_mfus()[index]:.0%}: {low:.2f} to {high:.2f} in {own[size].runs} runs; "
            f"new ones {first:.2f} to {last:.2f}"
        )
    return "\n".join(lines)


@click.command()
@click.option("--model", required=True, metavar="KEY", help="A model of the catalogue.")
@click.option("--gpu", required=True, metavar="KEY", help="An accelerator of the catalogue.")
@click.option("--gpus", required=True, type=click.IntRange(1), help="How many of them.")
@click.option("--context", type=click.IntRange(1), default=4096, show_default=True, help="Context length in tokens.")
@click.option(
    "--recomputation", default="none", show_default=True,
    help="What is computed again in the backward pass: none, selective or full.",
)  # fmt: skip
@click.option("--precision", default="bf16", show_default=True, help="Precision of the matrix products.")
@click.option("--convention", default="palm", show_default=True, help="FLOPs convention of the MFUs that are printed.")
@click.option(
    "--log", "log", metavar="PAIR",
    help="Two figures of a training log, as '311 tokens/s/GPU, 784 TFLOPS' or '3.1M tokens/s, 38.4%': name the FLOPs "
    "convention that they are likely counted in.",
)  # fmt: skip
@options.form("How to print the guidance.")
@click.pass_context
def mfu(
    ctx: click.Context, model: str, gpu: str, gpus: int, context: int, recomputation: str, precision: str,
    convention: str, log: str | None, form: str,
) -> None:  # fmt: skip
    """Print the published MFUs nearest to a setting, bridged to one convention: low, middle, high; or the convention of
    a log."""
    from sheetgen.api.guidance import published_mfus
    from sheetgen.evidence.guidance import Setting
    from sheetgen.evidence.measurements import scaling_series

    setting = Setting(0, gpu, gpus, context, recomputation, precision.lower())
    if log is not None:
        _print_log(log, model, setting, form, plain=ctx.obj["quiet"])
        return
    found, counted_in = published_mfus(model, setting, convention)
    rows: list[dict[str, Any]] = [
        {
            "run": row.measurement.run, "accelerator": row.measurement.accelerator, "gpus": row.measurement.gpus,
            "context": row.measurement.context_length, "recomputation": row.measurement.recomputation or "not said",
            "published": row.measurement.mfu, "in": row.measurement.convention, "mfu": row.mfu,
            "source": row.measurement.source,
        }
        for row in found.rows
    ]  # fmt: skip
    series = {
        name: [{"gpus": row.gpus, "mfu": row.mfu} for row in members] for name, members in scaling_series().items()
    }
    if form == "json":
        ends = {"low": found.low, "middle": found.middle, "high": found.high, "convention": counted_in}
        print_json(ends | {"rows": rows, "mfu_by_gpus": series})
        return
    if form == "table":
        rows = [row | {"published": f"{row['published']:.1%}", "mfu": f"{row['mfu']:.1%}"} for row in rows]
    shown = ("run", "accelerator", "gpus", "context", "recomputation", "published", "in", "mfu")
    print_rows(rows, shown, form, plain=ctx.obj["quiet"], texts=("run", "accelerator", "recomputation", "in"))
    if form == "table":
        click.echo(f"low {found.low:.1%}, middle {found.middle:.1%}, high {found.high:.1%}, in {counted_in}")
    if form == "table" and not ctx.obj["quiet"]:
        click.echo("\nPublished series in which only the number of GPUs grows:")
        for name, members in series.items():
            click.echo(f"  {name}: " + ", ".join(f"{row['gpus']:,} GPUs {row['mfu']:.1%}" for row in members))


def _print_log(log: str, model: str, setting: Setting, form: str, *, plain: bool) -> None:
    """Every convention beside the two figures of a log, the nearest first."""
    from sheetgen.api.guidance import known
    from sheetgen.api.logged import likely_conventions, read_log, verdict

    catalogue = known(model, setting.accelerator)
    found = likely_conventions(read_log(log, int(setting.gpus)), model, setting, catalogue)
    rows: list[dict[str, Any]] = [row._asdict() for row in found]
    if form == "json":
        print_json({"rows": rows, "verdict": verdict(found)})
        return
    if form == "table":
        shares = {"mfu": ".1%", "deviation": "+.2%"}
        rows = [row | {key: format(row[key], shape) for key, shape in shares.items()} for row in rows]
    print_rows(rows, tuple(rows[0]), form, plain=plain, texts=("convention",))
    if form == "table":
        click.echo(verdict(found))
