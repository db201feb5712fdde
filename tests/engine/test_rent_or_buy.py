"""Rent or buy: Epoch AI's figure for OPT-175B to the cent, present values against numpy-financial, break-even."""

from __future__ import annotations

from typing import Any

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine import OPTIONAL
from tests.support.engine_cases import H100, ORDINARY, compute, worked

OWNED: dict[str, float | str] = {
    "purchase_price": 25_000, "server_overhead": 0.64, "network_overhead": 0.19 / 0.81, "residual_value": 0.1,
    "ownership_years": 4, "cost_of_capital": 0.08, "age_at_start": 0, "depreciation_rate": 0.14,
    "accelerator_power": 0, "server_power_factor": 1.82, "average_power": 0.75, "pue": 1.25,
    "electricity_price": 0.08, "hosting_price": 50, "other_use": 0.5, "grid_factor": 0.4,
}  # fmt: skip


GIVEN = compute({})
WANTED = [item.key for item in OPTIONAL["rent_or_buy"]]


def case(tdp: float | None = 700, **changes: float | str) -> dict[str, Any]:
    """The ordinary case with ownership on GPUs of so many watts; changes of inputs, or of its quantities."""
    return worked({**ORDINARY, **OWNED, **GIVEN, "accelerator_figures": H100._replace(tdp_w=tdp), **changes}, WANTED)


def owned(tdp: float | None = 700, **changes: float | str) -> dict[str, float]:
    """The numbers of the same."""
    return {key: value for key, value in case(tdp, **changes).items() if isinstance(value, (int, float))}


def status(key: str, tdp: float | None = 700, **changes: float | str) -> str:
    """A check of the same."""
    return str(case(tdp, **changes)[key])


OPT_175B: dict[str, float | str] = {
    # Epoch AI, training-cost-trends (MIT), data of 2025: 1,024 A100 of 400 W, 793.5 h, 812,544 chip-hours. A DGX A100
    # cost $199,000 at its release, $24,875 a GPU, server included; 348 days lie between the first 80 GB cards plus 90
    # days (2021-02-14) and the start of training (60 days and 793 h before 2022-05-02).
    "demand_gpu_hours": 812_544, "billed_gpus": 1024, "days_per_year": 365.25, "purchase_price": 24_875,
    "server_overhead": 0, "network_overhead": 0.19 / 0.81, "age_at_start": 348 / 365.25, "depreciation_rate": 0.14,
    "server_power_factor": 6.5 / 8 / 0.4, "average_power": 0.75, "pue": 1.1, "electricity_price": 0.0832,
}  # fmt: skip


def test_opt_175b_as_epoch_ai_publishes_it() -> None:
    """$731,667.61 in dollars of 2023 ("All ML Systems", column Training compute cost), to the cent.

    The producer price index PCU518210518210 rose from 117.176 (May 2022) to 119.029 (December 2023), by 1.58138 %.
    """
    found = owned(tdp=400, **OPT_175B)

    assert found["run_energy_cost"] == pytest.approx(45_315.58, abs=0.01)
    assert found["capital_and_energy_cost"] == pytest.approx(720_277.27, abs=0.01)
    assert found["capital_and_energy_cost"] * 119.029 / 117.176 == pytest.approx(731_667.61, abs=0.005)


def test_value_falls_by_orders_of_magnitude() -> None:
    """0.14 orders of magnitude a year: after 1/0.14 years a tenth is left."""
    assert owned(age_at_start=1 / 0.14)["value_at_start"] == pytest.approx(owned()["capital_per_gpu"] / 10)


@given(st.floats(0.001, 0.5), st.integers(1, 20))
def test_annuity_is_that_of_numpy_financial(rate: float, years: int) -> None:
    """Present value of 1 a year, by another library."""
    found = worked({"cost_of_capital": rate, "ownership_years": years}, ["annuity_factor"])

    assert found["annuity_factor"] == pytest.approx(-npf.pv(rate, years, 1), rel=1e-9)


@given(st.floats(0, 0.4), st.integers(1, 15), st.floats(0, 1), st.floats(0, 0.9))
def test_present_values_are_those_of_numpy_financial(rate: float, years: int, residual: float, use: float) -> None:
    """Both net present values from their yearly cash flows, discounted by another library."""
    found = owned(cost_of_capital=rate, ownership_years=years, residual_value=residual, other_use=use)
    running = found["energy_per_year"] + found["hosting_per_year"]
    buying = [found["capital_cost"]] + [running] * years
    buying[-1] -= found["residual_cost"]
    renting = [0.0] + [found["rent_per_year"]] * years

    assert found["npv_buy"] == pytest.approx(npf.npv(rate, buying), rel=1e-5 if rate <= 1e-6 else 1e-9)
    assert found["npv_rent"] == pytest.approx(npf.npv(rate, renting), rel=1e-5 if rate <= 1e-6 else 1e-9)


def test_by_hand() -> None:
    """2,048 GPUs at $25,000 × 1.64 × 1.2345679 are $50,617 each, $103.7M; 0.955 kW of 700 W × 1.82 × 0.75."""
    found = owned()

    assert found["capital_per_gpu"] == pytest.approx(50_617.28, abs=0.01)
    assert found["capital_cost"] == pytest.approx(103_664_198, abs=1)
    assert found["power_per_gpu"] == pytest.approx(1.274)
    assert found["draw_per_gpu"] == pytest.approx(1.274 * 0.75 * 1.25)
    assert found["straight_line_depreciation"] == pytest.approx(103_664_198 * 0.9 / 4, abs=1)


def test_energy_and_emissions_by_hand() -> None:
    """A million GPU-hours at 1.194375 kW are 1,194.375 MWh; at 0.4 kg/kWh 477.75 t; at $0.08 $95,550."""
    found = owned(demand_gpu_hours=1e6)

    assert found["run_energy"] == pytest.approx(1194.375)
    assert found["run_emissions"] == pytest.approx(477.75)
    assert found["run_energy_cost"] == pytest.approx(95_550)


def test_a_typed_power_goes_before_the_data_sheet() -> None:
    """1,000 W typed: as if the data sheet said so."""
    assert owned(tdp=700, accelerator_power=1000)["run_energy"] == owned(tdp=1000)["run_energy"]


SHARES = st.floats(0.01, 0.6)


@given(SHARES, st.floats(0, 0.3), st.floats(1, 10))
def test_break_even_use_makes_both_cost_the_same(other: float, rate: float, years: float) -> None:
    """With the use of the break-even put in, renting and buying have one present value."""
    found = owned(other_use=other, cost_of_capital=rate, ownership_years=years)
    even = found["break_even_use"] - found["run_use"]
    again = owned(other_use=even, cost_of_capital=rate, ownership_years=years)

    assert again["npv_rent"] == pytest.approx(again["npv_buy"], rel=1e-9)


@given(SHARES, st.floats(0, 0.3))
def test_break_even_rent_makes_both_cost_the_same(other: float, rate: float) -> None:
    """With the price of the break-even put in, renting and buying have one present value."""
    price = owned(other_use=other, cost_of_capital=rate)["break_even_rent"]
    again = owned(other_use=other, cost_of_capital=rate, blended_rate=price)

    assert again["npv_rent"] == pytest.approx(again["npv_buy"], rel=1e-9)


def test_never_worth_it() -> None:
    """Where an hour of energy costs more than renting one, no use makes buying cheaper: 0."""
    assert owned(electricity_price=100)["break_even_use"] == 0


def test_checks_trip() -> None:
    """Each check holds on the case, and does not once what it looks at is impossible or unknown."""
    assert [status(key) for key in ("check_use", "check_power", "check_break_even")] == ["OK"] * 3
    assert status("check_use", other_use=1.0) == "FAIL"
    assert status("check_power", tdp=None) == "FAIL"
    assert status("check_power", tdp=None, accelerator_power=700) == "OK"
    assert status("check_break_even", demand_gpu_hours=0, other_use=0) == "FAIL"
