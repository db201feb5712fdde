"""The checks of a price: what each says of figures that pass, and changes of them that do not."""

from __future__ import annotations

from typing import Any

from sheetgen.engine import FAIL, REVIEW

Values = dict[str, Any]

PRICED: Values = {  # H100: $3.50 to $11.06 in the price book, so from $1.17 to $33.18
    "price_comparable": 1, "price_per_gpu_hour": 1.17, "known_price_low": 3.5, "known_price_high": 11.06125,
    "gpus_of_a_node": 8,
}  # fmt: skip
PRICE_CONTROLS: dict[str, tuple[str, Values, list[Values]]] = {
    "check_risk_quantiles": (
        FAIL,
        {"cost_p10": 1.0, "cost_p50": 2.0, "cost_p80": 3.0, "cost_p90": 4.0, "check_tolerance": 1e-9},
        [{"cost_p50": 0.9}, {"cost_p80": 1.9}, {"cost_p90": 2.9}],
    ),
    "check_price_chip": (REVIEW, {"quoted_for": "h100-sxm", "accelerator": "H100-SXM"}, [{"accelerator": "b200"}]),
    "check_price_given": (REVIEW, {"price_per_gpu_hour": 0.01}, [{"price_per_gpu_hour": 0}]),
    "check_tier_dearer": (  # ten times the price on demand, in a tier that is used
        REVIEW,
        {
            "price_per_gpu_hour": 2,
            "reserved_share": 0.5,
            "reserved_price": 2,
            "spot_share": 0.1,
            "spot_price": 1,
        },
        [{"reserved_price": 20}, {"spot_price": 20}],
    ),
    "check_surcharges": (
        REVIEW,
        {"support": 0.49, "contingency": 0.1, "tax": 0.2, "failed_runs": 1},
        [{"support": 1}, {"contingency": 0.5}, {"tax": 1}, {"failed_runs": 100}],
    ),
    "check_price_term": (
        REVIEW,
        {"price_tier": "reserved", "price_term_months": 12},
        [{"price_term_months": 0}, {"price_tier": "savings plan", "price_term_months": 0}],
    ),
    "check_price_bound": (  # a year at a price of a year, for a run of 2.4 months
        REVIEW,
        {
            "price_tier": "reserved",
            "price_term_months": 12,
            "calendar_months": 2.4,
            "reserved_share": 1,
            "commitment_months": 12,
        },
        [{"commitment_months": 11}, {"reserved_share": 0}],
    ),
    "check_price_known": (REVIEW, PRICED, [{"price_per_gpu_hour": 1.16}, {"price_per_gpu_hour": 33.2}]),
    "check_price_of_one": (REVIEW, PRICED, [{"price_per_gpu_hour": 20}]),  # $2.50 times eight
}
