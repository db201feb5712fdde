"""Prices of an accelerator-hour, apart from the chips: dated, with a source, by provider, region and tier.

A price holds for one accelerator (as in ``accelerators.csv``) and hour. Prices of one chip differ three- to fourfold
between providers, so none is ever taken silently: a scenario names one by its key, or types its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sheetgen.base.errors import did_you_mean, list_choices
from sheetgen.base.inputs import options
from sheetgen.base.numbers import parse_date
from sheetgen.catalogue.accelerators import Accelerator
from sheetgen.catalogue.records import Record, read_keyed

TIERS = ("on-demand", "reserved-1y", "reserved-3y", "spot", "flex", "internal", "assumed")
"""Kinds of price: by the hour, committed for a year or three, interruptible, started when there is room, one's own,
and an assumption of the source."""


@dataclass(frozen=True, slots=True)
class Price:
    """One row: ``price`` in ``currency`` (ISO 4217) per accelerator and hour, as quoted on ``date``."""

    key: str
    accelerator: str
    provider: str
    region: str
    tier: str
    price: float
    currency: str
    date: datetime.date
    source: str
    source_url: str
    notes: str

    def row(self) -> dict[str, str | float]:
        """The values by column of ``prices.csv``."""
        return {name: getattr(self, name) for name in COLUMNS} | {"date": self.date.isoformat()}


COLUMNS = tuple(field.name for field in fields(Price))
REQUIRED = ("key", "accelerator", "provider", "tier", "price", "currency", "date", "source")


def read_prices(path: Path) -> dict[str, Price]:
    """The prices of a CSV file by key, in its order. Raises InvalidInput with a problem per mistake."""
    return read_keyed(path, COLUMNS, REQUIRED, _price)


def _price(record: Record) -> Price:
    text = {name: record.text(name, required=name in REQUIRED) for name in COLUMNS}
    parts = [text[name] for name in ("accelerator", "provider", "region", "tier") if text[name]]
    if text["key"] and text["key"] != "/".join(parts):
        record.problem("key", "is not made of its parts", given=text["key"], allowed="/".join(parts))
    if text["tier"] and text["tier"] not in TIERS:
        hint = did_you_mean(text["tier"], TIERS)
        record.problem("tier", f"is no tier{hint}", given=text["tier"], allowed=list_choices(TIERS))
    currency = text["currency"]
    if currency and currency not in {option.value for option in options("currency")}:
        record.problem("currency", "is no ISO 4217 code", given=currency, allowed="three capitals, such as USD")
    date = datetime.date.min
    if text["date"]:
        try:
            date = parse_date(text["date"])
        except ValueError as error:
            record.problem("date", str(error), given=text["date"], allowed="YYYY-MM-DD")
    typed: dict[str, Any] = {
        "price": record.figure("price") or 0.0,
        "date": date,
        "source_url": record.url("source_url"),
    }
    return Price(**(text | typed))


def with_prices(
    accelerators: Mapping[str, Accelerator], prices: Mapping[str, Price], currency: str = "USD"
) -> dict[str, Accelerator]:
    """The accelerators with the lowest and the highest price that is known of each in a currency."""
    known: dict[str, list[float]] = {}
    for price in prices.values():
        if price.currency == currency:
            known.setdefault(price.accelerator, []).append(price.price)
    return {
        key: found._replace(price_low=min(known[key]), price_high=max(known[key])) if key in known else found
        for key, found in accelerators.items()
    }


BOUND_MONTHS = {"reserved-1y": 12, "reserved-3y": 36}
CHOICES = {"on-demand": "on demand", "reserved-1y": "reserved", "reserved-3y": "reserved", "flex": "other"} | {
    "assumed": "other"
}
"""The choice of an input ``price_tier`` that a kind of price is, where it is called otherwise."""


def find_price(prices: Mapping[str, Price], key: str, accelerator: str) -> tuple[Price | None, str, str]:
    """The price of a key for an accelerator, or None with what is wrong and what is allowed.

    A tier that its provider does not have is answered with the tiers that exist.
    """
    found = prices.get(key)
    if found is not None and found.accelerator == accelerator:
        return found, "", ""
    if found is not None:
        return None, f"is a price of {found.accelerator}, not of {accelerator}", _keys(prices, accelerator)
    offer, _, tier = key.rpartition("/")
    tiers = [price.tier for price in prices.values() if price.key.rpartition("/")[0] == offer]
    if tiers:
        return None, f"there is no price of tier {tier!r} at {offer}", f"the tiers that exist: {list_choices(tiers)}"
    return None, f"there is no such price{did_you_mean(key, prices)}", _keys(prices, accelerator)


def _keys(prices: Mapping[str, Price], accelerator: str) -> str:
    keys: Collection[str] = [price.key for price in prices.values() if price.accelerator == accelerator]
    return list_choices(keys) if keys else f"price_per_gpu_hour, for no price of {accelerator} is known"
