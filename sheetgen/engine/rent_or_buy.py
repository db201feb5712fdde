"""Rent or buy: present values of both over the years of ownership, break-even, energy and emissions of a run.

Payments of a year fall at its end, the purchase at the start, the residual value at the end (Brealey, Myers, Allen,
Principles of Corporate Finance, chapter 2). Amortised capital and energy follow Cottier et al. 2024 (arXiv:2405.21015):
the value of hardware falls by a constant number of orders of magnitude a year, and a run uses up the part that falls
due in its hours.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sheetgen.engine.arithmetic import HOURS_PER_DAY, MONTHS_PER_YEAR, Number, divide
from sheetgen.engine.quantity import FAIL, check, quantity

if TYPE_CHECKING:
    from sheetgen.catalogue.accelerators import Accelerator

MIN_RATE = 1e-6
WATTS_PER_KILOWATT, KWH_PER_MWH, KG_PER_TONNE = 1000, 1000, 1000


@quantity("currency/GPU", "epoch-cost")
def capital_per_gpu(purchase_price: Number, server_overhead: Number, network_overhead: Number) -> Number:
    """What one GPU costs to buy, with its share of server and network."""
    return purchase_price * (1 + server_overhead) * (1 + network_overhead)


@quantity("currency", "epoch-cost")
def capital_cost(capital_per_gpu: Number, billed_gpus: Number) -> Number:
    """What all GPUs cost to buy."""
    return capital_per_gpu * billed_gpus


@quantity("currency", "present-value")
def residual_cost(capital_cost: Number, residual_value: Number) -> Number:
    """What they are worth at the end."""
    return capital_cost * residual_value


@quantity("currency/year", "present-value")
def straight_line_depreciation(capital_cost: Number, residual_cost: Number, ownership_years: Number) -> float:
    """What they lose each year, on a straight line."""
    return (capital_cost - residual_cost) / ownership_years


@quantity("kW/GPU", "epoch-cost")
def power_per_gpu(
    accelerator_power: Number, accelerator_figures: Accelerator | None, server_power_factor: Number
) -> float:
    """The power of one GPU, typed or of its data sheet [W], with its share of the server."""
    listed = 0 if accelerator_figures is None else accelerator_figures.tdp_w or 0
    return (accelerator_power or listed) / WATTS_PER_KILOWATT * server_power_factor


@quantity("kW/GPU", "epoch-cost")
def draw_per_gpu(power_per_gpu: Number, average_power: Number, pue: Number) -> Number:
    """What is drawn on average, cooling and losses of the hall included."""
    return power_per_gpu * average_power * pue


@quantity("kWh", helper=True)
def run_kwh(demand_gpu_hours: Number, draw_per_gpu: Number) -> Number:
    """Energy of the run."""
    return demand_gpu_hours * draw_per_gpu


@quantity("MWh", "epoch-cost")
def run_energy(run_kwh: Number) -> float:
    """Energy of the run."""
    return run_kwh / KWH_PER_MWH


@quantity("t")
def run_emissions(run_kwh: Number, grid_factor: Number) -> float:
    """Emissions of that energy, at the kilograms of a kilowatt-hour of the grid."""
    return run_kwh * grid_factor / KG_PER_TONNE


@quantity("currency")
def run_energy_cost(run_kwh: Number, electricity_price: Number) -> Number:
    """Energy of the run at its price."""
    return run_kwh * electricity_price


@quantity("h/year")
def hours_per_year(days_per_year: Number) -> Number:
    """Hours of a year."""
    return days_per_year * HOURS_PER_DAY


@quantity("fraction")
def run_use(demand_gpu_hours: Number, billed_gpus: Number, hours_per_year: Number, ownership_years: Number) -> float:
    """The share of all hours of ownership that the run takes."""
    return divide(demand_gpu_hours, billed_gpus * hours_per_year * ownership_years)


@quantity("fraction")
def total_use(run_use: Number, other_use: Number) -> Number:
    """The share of all hours that the run and others take."""
    return run_use + other_use


@quantity("GPU*h/year")
def used_hours_per_year(total_use: Number, billed_gpus: Number, hours_per_year: Number) -> Number:
    """GPU-hours that are used in a year."""
    return total_use * billed_gpus * hours_per_year


@quantity("currency/year")
def rent_per_year(used_hours_per_year: Number, blended_rate: Number) -> Number:
    """The same, rented."""
    return used_hours_per_year * blended_rate


@quantity("currency/year")
def energy_per_year(used_hours_per_year: Number, draw_per_gpu: Number, electricity_price: Number) -> Number:
    """Energy of a year of ownership."""
    return used_hours_per_year * draw_per_gpu * electricity_price


@quantity("currency/year")
def hosting_per_year(billed_gpus: Number, power_per_gpu: Number, hosting_price: Number) -> Number:
    """Room and cooling of a year, by kilowatt and month."""
    return billed_gpus * power_per_gpu * hosting_price * MONTHS_PER_YEAR


@quantity("ratio", "present-value")
def discount_factor(cost_of_capital: Number, ownership_years: Number) -> float:
    """The present value of 1 at the end."""
    return float((1 + cost_of_capital) ** -ownership_years)


@quantity("year", "present-value")
def annuity_factor(cost_of_capital: Number, ownership_years: Number) -> float:
    """The present value of 1 at the end of each year.

    A rate of at most a millionth discounts nothing: the quotient would lose its digits.
    """
    if cost_of_capital <= MIN_RATE:
        return float(ownership_years)
    return float((1 - (1 + cost_of_capital) ** -ownership_years) / cost_of_capital)


@quantity("currency", "present-value")
def npv_rent(rent_per_year: Number, annuity_factor: Number) -> Number:
    """Present value of renting."""
    return rent_per_year * annuity_factor


@quantity("currency", helper=True)
def discounted_residual(residual_cost: Number, discount_factor: Number) -> Number:
    """Present value of what the GPUs are worth at the end."""
    return residual_cost * discount_factor


@quantity("currency", "present-value")
def npv_buy(
    capital_cost: Number,
    energy_per_year: Number,
    hosting_per_year: Number,
    annuity_factor: Number,
    discounted_residual: Number,
) -> Number:
    """Present value of buying."""
    return capital_cost + (energy_per_year + hosting_per_year) * annuity_factor - discounted_residual


@quantity("currency", "present-value")
def npv_advantage(npv_rent: Number, npv_buy: Number) -> Number:
    """How much cheaper buying is."""
    return npv_rent - npv_buy


@quantity("currency", helper=True)
def fixed_cost(
    capital_cost: Number, discounted_residual: Number, hosting_per_year: Number, annuity_factor: Number
) -> Number:
    """Present value of what buying costs whatever the use."""
    return capital_cost - discounted_residual + hosting_per_year * annuity_factor


@quantity("fraction")
def break_even_use(
    fixed_cost: Number,
    annuity_factor: Number,
    billed_gpus: Number,
    hours_per_year: Number,
    blended_rate: Number,
    draw_per_gpu: Number,
    electricity_price: Number,
) -> Number:
    """The use at which both cost the same; 0 where the energy of an hour costs more than renting one."""
    margin = blended_rate - draw_per_gpu * electricity_price
    return fixed_cost / (annuity_factor * billed_gpus * hours_per_year * margin) if margin > 0 else 0


@quantity("currency/(GPU*h)")
def break_even_rent(npv_buy: Number, annuity_factor: Number, used_hours_per_year: Number) -> float:
    """The price of a rented hour at which both cost the same."""
    return divide(npv_buy, annuity_factor * used_hours_per_year)


@quantity("currency", "present-value")
def owned_run_cost(break_even_rent: Number, demand_gpu_hours: Number) -> Number:
    """The run at that price: its share of ownership."""
    return break_even_rent * demand_gpu_hours


@quantity("currency/GPU", "epoch-cost")
def value_at_start(capital_per_gpu: Number, depreciation_rate: Number, age_at_start: Number) -> float:
    """What one GPU is worth when the run starts, at so many orders of magnitude a year."""
    return float(capital_per_gpu * 10 ** (-depreciation_rate * age_at_start))


@quantity("currency", "epoch-cost")
def amortised_capital(
    value_at_start: Number, depreciation_rate: Number, hours_per_year: Number, demand_gpu_hours: Number
) -> float:
    """What the hours of the run take of that value, at the rate at which it falls when they start (appendix A)."""
    return value_at_start * depreciation_rate * math.log(10) / hours_per_year * demand_gpu_hours


@quantity("currency", "epoch-cost")
def capital_and_energy_cost(amortised_capital: Number, run_energy_cost: Number) -> Number:
    """Amortised capital and energy of the run."""
    return amortised_capital + run_energy_cost


@check(FAIL)
def check_use(total_use: Number) -> bool:
    """The accelerators are not used for more than all hours."""
    return not total_use > 1


@check(FAIL, "accelerators")
def check_power(power_per_gpu: Number) -> bool:
    """The power of the accelerator is known."""
    return power_per_gpu > 0


@check(FAIL)
def check_break_even(
    break_even_rent: Number,
    used_hours_per_year: Number,
    annuity_factor: Number,
    npv_buy: Number,
    check_tolerance: Number,
) -> bool:
    """At the price of the break-even both cost the same."""
    return abs(break_even_rent * used_hours_per_year * annuity_factor - npv_buy) <= check_tolerance * abs(npv_buy)
