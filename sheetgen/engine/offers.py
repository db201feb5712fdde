"""Offers: cases as quotes at equal work, and what makes one dearer than another.

The bridge replaces one factor of the reference's accelerator cost after the other by the offer's own, in the order
price, peak, MFU, goodput, work, so that each step is the hours of the step before at the offer's price; the rest of the
gap is the difference of all other lines. The steps add up to the gap exactly. Figures that differ by no more than
rounding leaves are equal: offers of equal cost share a place, whatever the last digit of each is.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, close, divide
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

EQUAL = 1e-9
"""Figures are equal that differ by less than this share of them: two ways of adding leave some 1e-15."""


@quantity("count")
def offer_rank(total_cost: Number, across_total_cost: tuple[Number, ...]) -> int:
    """The place of the offer, the cheapest first; equal ones share it."""
    return 1 + sum(total_cost - other > EQUAL * total_cost for other in across_total_cost)


@quantity("currency")
def offer_gap(total_cost: Number, reference_total_cost: Number) -> Number:
    """How much more than the offer compared with."""
    return total_cost - reference_total_cost


@quantity("quoted/(GPU*h)")
def break_even_price(
    price_per_gpu_hour: Number,
    offer_gap: Number,
    on_demand_gpu_hours: Number,
    exchange_rate: Number,
    support: Number,
    uplift: Number,
) -> Number:
    """The on-demand price, in the currency of the quote, at which both cost the same; 0 where nothing is on demand."""
    per_unit_of_price = on_demand_gpu_hours * exchange_rate * (1 + support) * uplift
    return price_per_gpu_hour - offer_gap / per_unit_of_price if per_unit_of_price > 0 else 0


@quantity("GPU*h")
def hours_after_price(reference_demand_gpu_hours: Number) -> Number:
    """GPU-hours of the offer compared with."""
    return reference_demand_gpu_hours


@quantity("GPU*h")
def hours_after_peak(
    hours_after_price: Number, reference_peak_flops_per_gpu: Number, peak_flops_per_gpu: Number
) -> float:
    """The same with the peak of this offer."""
    return divide(hours_after_price * reference_peak_flops_per_gpu, peak_flops_per_gpu)


@quantity("GPU*h")
def hours_after_mfu(hours_after_peak: Number, reference_mfu: Number, mfu: Number) -> float:
    """And with its MFU."""
    return divide(hours_after_peak * reference_mfu, mfu)


@quantity("GPU*h")
def hours_after_goodput(
    hours_after_mfu: Number, reference_effective_goodput: Number, effective_goodput: Number
) -> float:
    """And with its goodput."""
    return divide(hours_after_mfu * reference_effective_goodput, effective_goodput)


@quantity("currency")
def bridge_price(blended_rate: Number, reference_blended_rate: Number, reference_demand_gpu_hours: Number) -> Number:
    """What the price of a GPU-hour makes of the gap."""
    return (blended_rate - reference_blended_rate) * reference_demand_gpu_hours


def _step(blended_rate: Number, now: Number, before: Number) -> Number:
    """What one factor makes of the gap: the hours that it changes, at the price of this offer."""
    return blended_rate * (now - before)


steps = tuple(
    quantity("currency", key=f"bridge_{factor}", now=now, before=f"hours_after_{before}")(_step)
    for factor, now, before in (
        ("peak", "hours_after_peak", "price"),
        ("mfu", "hours_after_mfu", "peak"),
        ("goodput", "hours_after_goodput", "mfu"),
        ("work", "demand_gpu_hours", "goodput"),
    )
)


@quantity("currency")
def bridge_overheads(
    total_cost: Number, accelerator_cost: Number, reference_total_cost: Number, reference_accelerator_cost: Number
) -> Number:
    """What all other lines make of the gap: commitment, support, contingency, tax and the rest."""
    return total_cost - accelerator_cost - (reference_total_cost - reference_accelerator_cost)


@quantity("currency", helper=True)
def bridge_steps(
    bridge_price: Number,
    bridge_peak: Number,
    bridge_mfu: Number,
    bridge_goodput: Number,
    bridge_work: Number,
    bridge_overheads: Number,
) -> Number:
    """The sum of all steps."""
    return bridge_price + bridge_peak + bridge_mfu + bridge_goodput + bridge_work + bridge_overheads


@check(FAIL)
def check_bridge(bridge_steps: Number, offer_gap: Number, total_cost: Number, check_tolerance: Number) -> bool:
    """The bridge adds up to the gap."""
    return abs(bridge_steps - offer_gap) <= check_tolerance * total_cost


@check(REVIEW)
def check_equal_work(
    training_tokens: Number,
    reference_training_tokens: Number,
    training_flops: Number,
    reference_training_flops: Number,
    flops_convention: str,
    reference_flops_convention: str,
) -> bool:
    """Both offers train the same tokens with the same FLOPs, counted alike."""
    tokens = close(training_tokens, reference_training_tokens, EQUAL)
    return (
        tokens
        and close(training_flops, reference_training_flops, EQUAL)
        and flops_convention == reference_flops_convention
    )
