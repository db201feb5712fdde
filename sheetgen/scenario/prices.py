"""A price that a scenario names by its key, as the four inputs that it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgen.base.inputs import Value
from sheetgen.base.numbers import excel_serial
from sheetgen.catalogue import Catalogue

GIVEN_BY_A_PRICE = ("price_per_gpu_hour", "price_tier", "price_date", "price_source")


def named_price(
    catalogue: Catalogue, key: str, accelerator: str, currency: str
) -> tuple[dict[str, Value], tuple[str, str]]:
    """The inputs that a price gives, or none with what is wrong and what is allowed.

    Raises InvalidInput where a price file cannot be read.
    """
    from sheetgen.catalogue.prices import find_price  # few scenarios name a price

    price, wrong, allowed = find_price(catalogue.prices(), key, accelerator)
    if price is None:
        return {}, (wrong, allowed)
    if price.currency != currency:
        return {}, (f"is in {price.currency}, the scenario in {currency}", f"a price in {currency}")
    source = f"{price.source}, {price.source_url}" if price.source_url else price.source
    values: Mapping[str, Value] = {
        "price_per_gpu_hour": price.price,
        "price_tier": f"{price.tier}, {price.provider}"[:40],
        "price_date": excel_serial(price.date),
        "price_source": source[:200],
    }
    return dict(values), ("", "")
