"""The internal price of carbon: what a run emits, and what the company charges a project for it."""

from sheetgen.engine.quantity import quantity

KG_PER_TONNE = 1000


@quantity("kW*h")
def carbon_energy(demand_gpu_hours: float, carbon_power: float, carbon_pue: float) -> float:
    """Electricity of the accelerators, failed runs included, and of what cools them."""
    return demand_gpu_hours * (carbon_power * carbon_pue)


@quantity("t")
def carbon_emissions(carbon_energy: float, carbon_intensity: float) -> float:
    """Emissions of that electricity, at the grid's kilograms of CO2 a kWh."""
    return carbon_intensity / KG_PER_TONNE * carbon_energy


@quantity("currency", counted_with="setup_total_cost")
def carbon_cost(carbon_emissions: float, carbon_price: float) -> float:
    """What the project is charged for its emissions, due at the start."""
    return carbon_emissions * carbon_price
