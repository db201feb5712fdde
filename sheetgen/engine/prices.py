"""The price of an accelerator-hour as a record: what it was quoted for, of which tier, and whether it can be.

A price belongs to one chip, one tier and one term. What is known of a chip's prices are the lowest and the highest of
the dated quotes in the price book, in dollars; one in another currency is not compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import REVIEW, check, quantity
from sheetgen.engine.tiers import OWN_CURRENCY

if TYPE_CHECKING:
    from sheetgen.catalogue.accelerators import Accelerator

PriceTier = Literal["on demand", "reserved", "spot", "capacity block", "savings plan", "internal", "other"]
DOLLARS = "USD"
BINDING_TIERS = ("reserved", "savings plan", "capacity block")
"""Tiers that are bought for a term."""
USUAL_SURCHARGE = 0.5
"""A surcharge of half the bill or more is a slip of a percentage, or wants a word."""
PRICE_FACTOR = 3
"""Quotes of one chip differ three- to fourfold between providers; beyond that a price is a mistake or wants a word."""
USUAL_NODE = 8
"""Accelerators of the usual server, where the scenario rents them singly."""


@quantity("quoted/(GPU*h)", "price-book")
def known_price_low(accelerator_figures: Accelerator | None) -> Number:
    """The lowest known price of the accelerator, in dollars; 0 where none is known."""
    return 0 if accelerator_figures is None else accelerator_figures.price_low or 0


@quantity("quoted/(GPU*h)", "price-book")
def known_price_high(accelerator_figures: Accelerator | None) -> Number:
    """The highest known price of the accelerator, in dollars; 0 where none is known."""
    return 0 if accelerator_figures is None else accelerator_figures.price_high or 0


@quantity("count", helper=True)
def price_comparable(quote_currency: str, currency: str, known_price_low: Number) -> int:
    """Whether there are known prices, and the quote is in their currency: 1 or 0."""
    own = currency if quote_currency == OWN_CURRENCY else quote_currency
    return 1 if own == DOLLARS and known_price_low > 0 else 0


@quantity("GPU", helper=True)
def gpus_of_a_node(gpus_per_node: Number) -> Number:
    """Accelerators of a node, or of the usual one where they are rented singly."""
    return gpus_per_node if gpus_per_node > 1 else USUAL_NODE


@check(REVIEW)
def check_price_chip(quoted_for: str, accelerator: str) -> bool:
    """The price was quoted for the accelerator of the case."""
    return quoted_for.casefold() == accelerator.casefold()


@check(REVIEW)
def check_price_given(price_per_gpu_hour: Number) -> bool:
    """The price is not 0."""
    return price_per_gpu_hour > 0


@check(REVIEW)
def check_tier_dearer(
    price_per_gpu_hour: Number, reserved_share: Number, reserved_price: Number, spot_share: Number, spot_price: Number
) -> bool:
    """No tier that is used costs more than on demand, where that has a price."""
    used = ((reserved_share, reserved_price), (spot_share, spot_price))
    return price_per_gpu_hour <= 0 or all(share <= 0 or price <= price_per_gpu_hour for share, price in used)


@check(REVIEW)
def check_surcharges(support: Number, contingency: Number, tax: Number, failed_runs: Number) -> bool:
    """Support, contingency and tax are each below a half, and failed runs take no more than the run."""
    return max(support, contingency, tax) < USUAL_SURCHARGE and failed_runs <= 1


@check(REVIEW)
def check_price_term(price_tier: PriceTier, price_term_months: Number) -> bool:
    """A price that is bought for a term says for how long."""
    return price_tier not in BINDING_TIERS or price_term_months > 0


@check(REVIEW)
def check_price_bound(
    price_tier: PriceTier,
    price_term_months: Number,
    calendar_months: Number,
    reserved_share: Number,
    commitment_months: Number,
) -> bool:
    """A term that is longer than the run is in the budget as a commitment."""
    if price_tier not in BINDING_TIERS or price_term_months <= calendar_months:
        return True
    return reserved_share > 0 and commitment_months >= price_term_months


@check(REVIEW)
def check_price_known(
    price_comparable: int, price_per_gpu_hour: Number, known_price_low: Number, known_price_high: Number
) -> bool:
    """The price is not below a third of the lowest known one of the accelerator, nor above three times the highest."""
    if not price_comparable or price_per_gpu_hour == 0:
        return True
    return known_price_low / PRICE_FACTOR <= price_per_gpu_hour <= known_price_high * PRICE_FACTOR


@check(REVIEW)
def check_price_of_one(
    price_comparable: int,
    price_per_gpu_hour: Number,
    gpus_of_a_node: Number,
    known_price_low: Number,
    known_price_high: Number,
) -> bool:
    """The price is not that of a whole node: above all known ones, and among them once it is divided by its
    accelerators."""
    if not price_comparable or price_per_gpu_hour <= known_price_high:
        return True
    of_one = price_per_gpu_hour / gpus_of_a_node
    return not known_price_low / PRICE_FACTOR <= of_one <= known_price_high * PRICE_FACTOR
