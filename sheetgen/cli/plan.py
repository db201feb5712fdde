"""The command ``plan``: the cheapest or soonest of accelerators, counts and layouts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sheetgen.cli import options
from sheetgen.cli.output import progress

if TYPE_CHECKING:
    from sheetgen.api.plan import Choice, Plan
    from sheetgen.scenario.model import Scenario

BYTES_PER_GB = 1e9
SCENARIOS = (".yaml", ".yml")


def _prices(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:  # noqa: ARG001 - click's signature
    """``--on KEY=PRICE`` as a mapping; KEY alone has no price yet."""
    found: dict[str, float] = {}
    for value in values:
        for part in value.split(","):
            key, _, price = part.strip().partition("=")
            try:
                found[key] = float(price) if price else -1.0
            except ValueError:
                raise click.BadParameter(f"{part}: the price must be a number") from None
    return found


@click.command()
@options.of_a_scenario
@click.option(
    "--on",
    "prices",
    multiple=True,
    metavar="KEY=PRICE",
    callback=_prices,
    help="Accelerators to try, each with its price of a GPU-hour; default: the scenario's own.",
)
@click.option(
    "--gpus",
    multiple=True,
    type=click.IntRange(1),
    help="Numbers of accelerators to try; default: around the scenario's.",
)
@click.option("--by", type=click.DateTime(["%Y-%m-%d"]), help="Latest finish.")
@click.option(
    "--budget", type=options.Amount(), help="Most that the run may cost, in the budget's currency, such as 3M."
)
@click.option(
    "--power",
    type=options.Amount(),
    help="Most power of the accelerators, in kW by their data sheets.",
)
@click.option(
    "--kernel",
    type=click.FloatRange(0, 100),
    default=0,
    help="Kernel efficiency in per cent: MFU then follows from the layout.",
)
@click.option("--earliest", is_flag=True, help="Rank by days, not by cost.")
@click.option(
    "--candidates",
    type=click.IntRange(2, 200),
    default=24,
    show_default=True,
    help="Candidates that a workbook has as cases, ranked anew by whatever is edited.",
)
@click.option(
    "-o",
    "--output",
    type=options.FILE,
    help="A .xlsx: the candidates as cases of a workbook, ranked on a sheet; a .yaml: the scenario with the best.",
)
@click.pass_context
def plan(ctx: click.Context, /, scenario_file: Path, **wanted: Any) -> None:
    """Find accelerators, their number and a parallel layout: the best of the candidates enumerated."""
    from sheetgen.api.plan import Limits, planned
    from sheetgen.api.plan import plan as find
    from sheetgen.base.numbers import excel_serial

    given = options.Given(**{name: wanted[name] for name in options.Given._fields})
    scenario = given.load(scenario_file)
    base = scenario.inputs(0)
    prices = wanted["prices"] or {str(base["accelerator"]): float(base["price_per_gpu_hour"])}
    for key, price in prices.items():
        if price < 0 and key != base["accelerator"]:
            raise click.BadParameter(f"{key} needs a price: --on {key}=AMOUNT")
        prices[key] = float(base["price_per_gpu_hour"]) if price < 0 else price
    by = None if wanted["by"] is None else excel_serial(wanted["by"].date())
    limits = Limits(by, wanted["budget"], wanted["power"])
    with progress("Planning", quiet=ctx.obj["quiet"]):
        found = find(
            scenario, prices, wanted["gpus"], limits, kernel=wanted["kernel"] / 100, earliest=wanted["earliest"]
        )
    _print(found, str(scenario.values["currency"]), kernel=bool(found.kernel))
    _answer(scenario, found, dated=bool(wanted["gpus"]))
    if found.best is None:
        ctx.exit(1)
    output: Path | None = wanted["output"]
    if output is not None and output.suffix in SCENARIOS:
        from sheetgen.api.plan_written import written
        from sheetgen.base.files import check_target, replace_file

        check_target(output, *SCENARIOS, inputs=[scenario_file])
        text = written(scenario_file.read_text(encoding="utf-8"), scenario, found)
        replace_file(output, text.encode())
        given.load(output)
        click.echo(f"{output} written. Next: sheetgen build --scenario {output} -o budget.xlsx")
    elif output is not None:
        from sheetgen.api.build import build

        build(planned(scenario, found, wanted["candidates"]), output)
        click.echo(f"{output} written. Next: sheetgen verify {output}")


def _line(choice: Choice, currency: str) -> str:
    from sheetgen.base.inputs import fields
    from sheetgen.base.numbers import from_serial

    shorts = {key: spec.short for key, spec in fields().items() if spec.short}
    layout = ", ".join(f"{short} {choice.layout[key]}" for key, short in shorts.items() if choice.layout[key] != 1)
    run = f"{currency} {choice.cost:,.0f}, {choice.days:,.1f} days, finishes {from_serial(choice.finish)}"
    held = f"MFU {choice.mfu:.1%}, {choice.peak / BYTES_PER_GB:,.1f} GB"
    return f"{choice.gpus:,} × {choice.accelerator}: {run}, {held}; {layout or 'data parallel'}"


def _answer(scenario: Scenario, found: Plan, *, dated: bool) -> None:
    """What was asked the other way round: what the budget buys, how many the date needs, when a number ends. Where no
    candidate keeps the limits, with the cheapest that has room in memory."""
    from sheetgen.api.plan_answers import bought, dates, needed
    from sheetgen.base.numbers import from_serial

    limits = found.limits
    best = found.best or min(found.choices, key=lambda choice: choice.cost, default=None)
    if best is None:
        return
    if found.best is None:
        click.echo(f"  cheapest   {_line(best, str(scenario.values['currency']))}")
    name = "best" if found.best is not None else "cheapest"
    if limits.budget is not None:
        buys = bought(scenario, best, limits.budget)
        click.echo(f"  budget     buys {buys.tokens:,.4g} training tokens with the {name}")
        click.echo(f"  budget     or a model of {buys.parameters:,.4g} parameters on the scenario's tokens")
        optimal = f"{buys.optimal_parameters:,.4g} parameters on {buys.optimal_tokens:,.4g} tokens"
        click.echo(f"  budget     or, at 20 tokens a parameter by 6·N·D, {optimal}")
    if limits.by is not None:
        count = needed(scenario, best, limits.by)
        click.echo(
            f"  date       {from_serial(limits.by)} needs {count:,} × {best.accelerator} at the MFU of the {name}"
        )
    if dated:
        for gpus, key, day in dates(found):
            click.echo(f"  count      {gpus:,} × {key} end on {from_serial(day)}")


def _print(found: Plan, currency: str, *, kernel: bool) -> None:
    mode = "MFU follows from kernel efficiency and layout" if kernel else "MFU as the scenario states it, for all"
    click.echo(f"Best of {found.enumerated:,} candidates enumerated ({mode})")
    click.echo(f"  best       {_line(found.best, currency) if found.best else 'none'}")
    click.echo(f"  runner-up  {_line(found.runner_up, currency) if found.runner_up else 'none'}")
    for reason, number in found.fell_out.items():
        if number:
            click.echo(f"  fell out   {reason}: {number:,}")
