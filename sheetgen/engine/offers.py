"""Offers: cases as quotes at equal work, and what makes one dearer than another.

The bridge replaces one factor of the reference's accelerator cost after the other by the offer's own, in the order
price, peak, MFU, goodput, work, so that each step is the hours of the step before at the offer's price; the rest of the
gap is the difference of all other lines. The steps add up to the gap exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgen.engine.arithmetic import Number, divide

INPUTS = ("reference_case", "offer_case")
UNITS = {
    "offer_rank": "count",
    "offer_gap": "currency",
    "break_even_price": "quoted/(GPU*h)",
    "hours_after_price": "GPU*h",
    "hours_after_peak": "GPU*h",
    "hours_after_mfu": "GPU*h",
    "hours_after_goodput": "GPU*h",
    "bridge_price": "currency",
    "bridge_peak": "currency",
    "bridge_mfu": "currency",
    "bridge_goodput": "currency",
    "bridge_work": "currency",
    "bridge_overheads": "currency",
    "check_bridge": "status",
    "check_equal_work": "status",
}
STEPS = tuple(key for key in UNITS if key.startswith("bridge_"))


def offers(
    values: Mapping[str, Number | str], reference: Mapping[str, Number | str], totals: Sequence[Number]
) -> dict[str, Number | str]:
    """Every quantity of :data:`UNITS` for a case against the ``reference`` case, both by key; ``totals`` are the total
    costs of all cases."""

    def own(key: str) -> float:
        return float(values[key])

    def other(key: str) -> float:
        return float(reference[key])

    rate = own("blended_rate")
    price = other("demand_gpu_hours")
    peak = divide(price * other("peak_flops_per_gpu"), own("peak_flops_per_gpu"))
    mfu = divide(peak * other("mfu"), own("mfu"))
    goodput = divide(mfu * other("effective_goodput"), own("effective_goodput"))
    gap = own("total_cost") - other("total_cost")
    uplift = (1 + own("contingency")) * (1 + own("tax"))
    per_unit_of_price = own("on_demand_gpu_hours") * own("exchange_rate") * (1 + own("support")) * uplift
    steps: dict[str, Number] = {
        "bridge_price": (rate - other("blended_rate")) * price,
        "bridge_peak": rate * (peak - price),
        "bridge_mfu": rate * (mfu - peak),
        "bridge_goodput": rate * (goodput - mfu),
        "bridge_work": rate * (own("demand_gpu_hours") - goodput),
        "bridge_overheads": own("total_cost") - own("accelerator_cost")
        - (other("total_cost") - other("accelerator_cost")),
    }  # fmt: skip
    error = abs(sum(steps.values()) - gap)
    same = all(values[key] == reference[key] for key in ("training_tokens", "training_flops", "flops_convention"))
    return {
        "offer_rank": 1 + sum(total < own("total_cost") for total in totals),
        "offer_gap": gap,
        "break_even_price": own("price_per_gpu_hour") - gap / per_unit_of_price if per_unit_of_price > 0 else 0,
        "hours_after_price": price,
        "hours_after_peak": peak,
        "hours_after_mfu": mfu,
        "hours_after_goodput": goodput,
        **steps,
        "check_bridge": "OK" if error <= own("check_tolerance") * own("total_cost") else "FAIL",
        "check_equal_work": "OK" if same else "REVIEW",
    }
