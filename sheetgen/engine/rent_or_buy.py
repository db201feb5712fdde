"""Rent or buy: present values of both over the years of ownership, break-even, energy and emissions of a run.

Payments of a year fall at its end, the purchase at the start, the residual value at the end (Brealey, Myers, Allen,
Principles of Corporate Finance, chapter 2). Amortised capital and energy follow Cottier et al. 2024 (arXiv:2405.21015):
the value of hardware falls by a constant number of orders of magnitude a year, and a run uses up the part that falls
due in its hours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sheetgen.engine.arithmetic import HOURS_PER_DAY, MONTHS_PER_YEAR, Number, divide

LEAST_RATE = 1e-6
WATTS_PER_KILOWATT, KWH_PER_MWH, KG_PER_TONNE = 1000, 1000, 1000

INPUTS = (
    "purchase_price", "server_overhead", "network_overhead", "residual_value", "ownership_years", "cost_of_capital",
    "age_at_start", "depreciation_rate", "accelerator_power", "server_power_factor", "average_power", "pue",
    "electricity_price", "hosting_price", "other_use", "grid_factor",
)  # fmt: skip
UNITS = {
    "capital_per_gpu": "currency/GPU",
    "capital_cost": "currency",
    "residual_cost": "currency",
    "straight_line_depreciation": "currency/year",
    "power_per_gpu": "kW/GPU",
    "draw_per_gpu": "kW/GPU",
    "run_energy": "MWh",
    "run_emissions": "t",
    "run_energy_cost": "currency",
    "hours_per_year": "h/year",
    "run_use": "fraction",
    "total_use": "fraction",
    "used_hours_per_year": "GPU*h/year",
    "rent_per_year": "currency/year",
    "energy_per_year": "currency/year",
    "hosting_per_year": "currency/year",
    "discount_factor": "ratio",
    "annuity_factor": "year",
    "npv_rent": "currency",
    "npv_buy": "currency",
    "npv_advantage": "currency",
    "break_even_use": "fraction",
    "break_even_rent": "currency/(GPU*h)",
    "owned_run_cost": "currency",
    "value_at_start": "currency/GPU",
    "amortised_capital": "currency",
    "capital_and_energy_cost": "currency",
    "check_use": "status",
    "check_power": "status",
    "check_break_even": "status",
}


def annuity(rate: Number, years: Number) -> float:
    """The present value of 1 at the end of each of ``years`` years at a discount rate a year [years].

    A rate of at most :data:`LEAST_RATE` discounts nothing: the quotient would lose its digits.
    """
    return (1 - (1 + rate) ** -years) / rate if rate > LEAST_RATE else float(years)


def amortised(value: Number, orders_per_year: Number, hours_per_year: Number, hours: Number) -> float:
    """What ``hours`` hours of use take of a value that falls by ``orders_per_year`` orders of magnitude a year, at the
    rate at which it falls when they start (Cottier et al. 2024, appendix A)."""
    return value * orders_per_year * math.log(10) / hours_per_year * hours


def ownership(values: Mapping[str, Number | str], tdp_w: float | None) -> dict[str, Number | str]:
    """Every quantity of :data:`UNITS` for a case, from its inputs (:data:`INPUTS` among them) and quantities by key;
    ``tdp_w`` is the power of the accelerator in its data sheet [W], None where none is known."""
    numbers = {key: value for key, value in values.items() if not isinstance(value, str)}
    years, rate = numbers["ownership_years"], numbers["cost_of_capital"]
    gpus, hours = numbers["billed_gpus"], numbers["demand_gpu_hours"]
    hours_per_year = numbers["days_per_year"] * HOURS_PER_DAY
    capital_per_gpu = numbers["purchase_price"] * (1 + numbers["server_overhead"]) * (1 + numbers["network_overhead"])
    capital = capital_per_gpu * gpus
    residual = capital * numbers["residual_value"]
    watts = numbers["accelerator_power"] or tdp_w or 0
    power = watts / WATTS_PER_KILOWATT * numbers["server_power_factor"]
    draw = power * numbers["average_power"] * numbers["pue"]
    electricity = numbers["electricity_price"]
    run_kwh = hours * draw
    run_use = divide(hours, gpus * hours_per_year * years)
    use = run_use + numbers["other_use"]
    used = use * gpus * hours_per_year
    energy_per_year = used * draw * electricity
    hosting_per_year = gpus * power * numbers["hosting_price"] * MONTHS_PER_YEAR
    factor, discount = annuity(rate, years), (1 + rate) ** -years
    rent_per_year = used * numbers["blended_rate"]
    rent = rent_per_year * factor
    buy = capital + (energy_per_year + hosting_per_year) * factor - residual * discount
    margin = numbers["blended_rate"] - draw * electricity
    fixed = capital - residual * discount + hosting_per_year * factor
    even_use = fixed / (factor * gpus * hours_per_year * margin) if margin > 0 else 0
    even_rent = divide(buy, factor * used)
    value = capital_per_gpu * 10 ** (-numbers["depreciation_rate"] * numbers["age_at_start"])
    used_up = amortised(value, numbers["depreciation_rate"], hours_per_year, hours)
    energy_cost = run_kwh * electricity
    error = abs(even_rent * used * factor - buy)
    return {
        "capital_per_gpu": capital_per_gpu,
        "capital_cost": capital,
        "residual_cost": residual,
        "straight_line_depreciation": (capital - residual) / years,
        "power_per_gpu": power,
        "draw_per_gpu": draw,
        "run_energy": run_kwh / KWH_PER_MWH,
        "run_emissions": run_kwh * numbers["grid_factor"] / KG_PER_TONNE,
        "run_energy_cost": energy_cost,
        "hours_per_year": hours_per_year,
        "run_use": run_use,
        "total_use": use,
        "used_hours_per_year": used,
        "rent_per_year": rent_per_year,
        "energy_per_year": energy_per_year,
        "hosting_per_year": hosting_per_year,
        "discount_factor": discount,
        "annuity_factor": factor,
        "npv_rent": rent,
        "npv_buy": buy,
        "npv_advantage": rent - buy,
        "break_even_use": even_use,
        "break_even_rent": even_rent,
        "owned_run_cost": even_rent * hours,
        "value_at_start": value,
        "amortised_capital": used_up,
        "capital_and_energy_cost": used_up + energy_cost,
        "check_use": "FAIL" if use > 1 else "OK",
        "check_power": "OK" if power > 0 else "FAIL",
        "check_break_even": "OK" if error <= numbers["check_tolerance"] * abs(buy) else "FAIL",
    }
