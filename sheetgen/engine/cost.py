"""Cost: the lines of the budget, contingency and tax, and unit costs.

Support is charged on all that is computed with, contingency on all lines, tax on all and contingency. Amounts are in
the currency of the budget; the hours that they buy stand in :mod:`sheetgen.engine.tiers`.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, close, divide
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

TOKENS_PER_MTOKEN = 1e6
FLOPS_PER_EFLOP = 1e18
BYTES_PER_TB = 1e12


@quantity("TB", "megatron-memory")
def checkpoint_tb(parameters: Number, checkpoint_bytes: Number) -> float:
    """Size of one checkpoint."""
    return parameters * checkpoint_bytes / BYTES_PER_TB


@quantity("TB")
def stored_tb(dataset_tb: Number, checkpoints_kept: Number, checkpoint_tb: Number) -> Number:
    """The dataset and the checkpoints that are kept."""
    return dataset_tb + checkpoints_kept * checkpoint_tb


@quantity("currency")
def stored_cost(stored_tb: Number, storage_price: Number, storage_months: Number) -> Number:
    """Storage of what is kept, over its months."""
    return stored_tb * storage_price * storage_months


@quantity("currency")
def egress_cost(egress_tb: Number, egress_price: Number) -> Number:
    """What leaves the provider."""
    return egress_tb * egress_price


@quantity("currency")
def compute_cost(accelerator_cost: Number, failed_runs: Number) -> float:
    """Compute of the main run: what is used, without failed runs."""
    return divide(accelerator_cost, 1 + failed_runs)


@quantity("currency")
def failed_runs_cost(compute_cost: Number, failed_runs: Number) -> Number:
    """Failed and exploratory runs, as a multiple of the main one."""
    return compute_cost * failed_runs


@quantity("currency")
def unused_commitment_cost(unused_gpu_hours: Number, reserved_rate: Number) -> Number:
    """Commitment that is paid for and not used."""
    return unused_gpu_hours * reserved_rate


@quantity("currency")
def control_plane_cost(elapsed_seconds: Number, failed_runs: Number, control_plane_price: Number) -> Number:
    """CPU nodes and control plane, for as long as all runs take."""
    return elapsed_seconds / SECONDS_PER_HOUR * (1 + failed_runs) * control_plane_price


@quantity("currency")
def support_cost(
    compute_cost: Number,
    failed_runs_cost: Number,
    unused_commitment_cost: Number,
    control_plane_cost: Number,
    support: Number,
) -> Number:
    """Support, as a share of all that is computed with."""
    return (compute_cost + failed_runs_cost + unused_commitment_cost + control_plane_cost) * support


def _typed(amount: Number) -> Number:
    """The amount that is typed."""
    return amount


bought = tuple(
    quantity("currency", key=key, amount=amount)(_typed)
    for key, amount in (("data_acquisition_cost", "data_cost"), ("staff_total_cost", "staff_cost"))
)


@quantity("currency")
def storage_total_cost(storage_cost: Number, stored_cost: Number) -> Number:
    """Storage: the amount that is typed, and what follows from terabytes."""
    return storage_cost + stored_cost


@quantity("currency")
def network_total_cost(network_cost: Number, egress_cost: Number) -> Number:
    """Network: the amount that is typed, and egress."""
    return network_cost + egress_cost


set_up = tuple(
    quantity("currency", key=key, amount=amount)(_typed)
    for key, amount in (("software_total_cost", "software_cost"), ("setup_total_cost", "setup_cost"))
)


@quantity("currency")
def other_cost(
    data_acquisition_cost: Number,
    staff_total_cost: Number,
    storage_total_cost: Number,
    network_total_cost: Number,
    software_total_cost: Number,
    setup_total_cost: Number,
) -> Number:
    """What is paid for beside the accelerators: data to set-up."""
    data_and_staff = data_acquisition_cost + staff_total_cost
    return data_and_staff + storage_total_cost + network_total_cost + software_total_cost + setup_total_cost


@quantity("currency")
def cost_before_contingency(
    compute_cost: Number,
    failed_runs_cost: Number,
    unused_commitment_cost: Number,
    control_plane_cost: Number,
    support_cost: Number,
    other_cost: Number,
) -> Number:
    """All lines."""
    computed = compute_cost + failed_runs_cost + unused_commitment_cost + control_plane_cost
    return computed + support_cost + other_cost


@quantity("currency")
def contingency_cost(cost_before_contingency: Number, contingency: Number) -> Number:
    """Contingency on all lines."""
    return cost_before_contingency * contingency


@quantity("currency")
def cost_before_tax(cost_before_contingency: Number, contingency_cost: Number) -> Number:
    """All lines and contingency."""
    return cost_before_contingency + contingency_cost


@quantity("currency")
def tax_cost(cost_before_tax: Number, tax: Number) -> Number:
    """Tax on all lines and contingency."""
    return cost_before_tax * tax


@quantity("currency")
def total_cost(cost_before_tax: Number, tax_cost: Number) -> Number:
    """The budget."""
    return cost_before_tax + tax_cost


@quantity("currency/Mtoken")
def cost_per_million_tokens(total_cost: Number, training_tokens: Number) -> float:
    """The total for each million training tokens."""
    return divide(total_cost, training_tokens / TOKENS_PER_MTOKEN)


@quantity("currency/(GPU*h)")
def cost_per_gpu_hour(total_cost: Number, gpu_hours: Number) -> float:
    """The total for each GPU-hour of the run."""
    return divide(total_cost, gpu_hours)


@quantity("currency/EFLOP")
def cost_per_exaflop(total_cost: Number, training_flops: Number) -> float:
    """The total for each 10^18 training FLOPs."""
    return divide(total_cost, training_flops / FLOPS_PER_EFLOP)


@quantity("currency/month")
def cost_per_month(total_cost: Number, calendar_months: Number) -> float:
    """The total for each calendar month of the run."""
    return divide(total_cost, calendar_months)


@quantity("ratio", helper=True)
def uplift(contingency: Number, tax: Number) -> Number:
    """What contingency and tax make of an amount."""
    return (1 + contingency) * (1 + tax)


@quantity("currency", helper=True)
def tiers_with_support(
    on_demand_cost: Number,
    reserved_cost: Number,
    spot_cost: Number,
    unused_commitment_cost: Number,
    control_plane_cost: Number,
    support: Number,
) -> Number:
    """A second route to all that is computed with: by tier, and support on the sum."""
    tiers = on_demand_cost + reserved_cost + spot_cost
    return (tiers + unused_commitment_cost + control_plane_cost) * (1 + support)


@check(FAIL)
def check_cost_lines(
    tiers_with_support: Number,
    other_cost: Number,
    contingency: Number,
    tax: Number,
    total_cost: Number,
    check_tolerance: Number,
) -> bool:
    """The total is (tiers + unused commitment + control plane) × (1 + support) + others, × (1 + contingency) × (1 +
    tax)."""
    total = (tiers_with_support + other_cost) * (1 + contingency) * (1 + tax)
    return close(total, total_cost, check_tolerance)


@check(FAIL)
def check_unit_cost(
    cost_per_million_tokens: Number, training_tokens: Number, total_cost: Number, check_tolerance: Number
) -> bool:
    """The cost per million tokens × the millions of tokens is the total."""
    return close(cost_per_million_tokens * training_tokens / TOKENS_PER_MTOKEN, total_cost, check_tolerance)


@check(REVIEW)
def check_stored_priced(
    stored_tb: Number, storage_months: Number, storage_price: Number, egress_tb: Number, egress_price: Number
) -> bool:
    """What is stored, or leaves the provider, has a price."""
    stored = stored_tb > 0 and storage_months > 0
    return not ((stored and storage_price == 0) or (egress_tb > 0 and egress_price == 0))
