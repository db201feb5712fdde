"""A price that a scenario or a case names by its key, as the four inputs that it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.base.inputs import Field, Value, fields
from sheetgen.base.numbers import excel_serial
from sheetgen.base.yamlfile import Node, Table
from sheetgen.scenario.context import Context, Given
from sheetgen.scenario.model import MAX_SOURCE_CHARACTERS
from sheetgen.scenario.values import read_text

NAME = Field("price", "Price", "text", "text", "", maximum=200)


def price_keys() -> tuple[str, ...]:
    """The inputs that a named price gives."""
    return tuple(key for key, spec in fields().items() if spec.of == "price")


def read_price(table: Table, inputs: Mapping[str, Value], context: Context) -> Given:
    """The inputs that the price of ``price:`` gives for the accelerator and currency of ``inputs``."""
    key = read_text(table.entries.get("price"), NAME, context.problems)
    if key is None or "accelerator" not in inputs or "currency" not in inputs:
        return Given({}, {})
    line = table.entries["price"].line
    typed = [name for name in price_keys() if name in table.entries]
    if typed:
        context.problems.problem("is named and typed", line, "price", key, f"price, or {', '.join(typed)}")
        return Given({}, {})
    values, (wrong, allowed) = _named_price(key, inputs, context)
    if wrong:
        context.problems.problem(wrong, line, "price", key, allowed)
    return Given(values, dict.fromkeys(values, f"price list of sheetgen, {key}"[:MAX_SOURCE_CHARACTERS]))


def check_price_passes(table: Table, own: Mapping[str, Value], base_price: Node | None, context: Context) -> None:
    """Add a problem where a case takes another accelerator and would keep the named price of the base's."""
    if base_price is None or "price" in table.entries or "accelerator" not in own:
        return
    if not any(key in table.entries for key in price_keys()):
        message = "a case with another accelerator needs a price of its own"
        allowed = "price, or price_per_gpu_hour and what belongs to it"
        context.problems.problem(message, table.line, "price", allowed=allowed)


def _named_price(key: str, inputs: Mapping[str, Value], context: Context) -> tuple[dict[str, Value], tuple[str, str]]:
    """The inputs that a price gives, or none with what is wrong and what is allowed."""
    from sheetgen.catalogue.prices import find_price  # few scenarios name a price

    price, wrong, allowed = find_price(context.catalogue.prices(), key, str(inputs["accelerator"]))
    if price is None:
        return {}, (wrong, allowed)
    abroad = inputs.get("quote_currency", fields()["quote_currency"].default)
    currency = inputs["currency"] if abroad == fields()["quote_currency"].default else abroad
    if price.currency != currency:
        return {}, (f"is in {price.currency}, the scenario in {currency}", f"a price in {currency}")
    values: dict[str, Value] = {
        "price_per_gpu_hour": price.price,
        "price_tier": f"{price.tier}, {price.provider}",
        "price_date": excel_serial(price.date),
        "price_source": f"{price.source}, {price.source_url}" if price.source_url else price.source,
    }
    return {name: fields()[name].cut(value) for name, value in values.items()}, ("", "")
