"""The lines of the budget beside compute, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgen.engine.cost import OTHERS, cost

MONEY = st.floats(0, 1e9)


def test_by_hand() -> None:
    """480 GPU-hours at $3: $1,440; half again failed, 10 % support on $2,160, $24 beside: $2,400; 10 % and 20 %."""
    found = cost(
        gpu_hours=480, price_per_gpu_hour=3, contingency=0.1, tax=0.2, tokens=1e6, training_flops=1e18,
        calendar_months=2, failed_runs=0.5, support=0.1, others=(4, 5, 3, 6, 2, 4),
    )  # fmt: skip
    assert found.compute_cost == 1440
    assert found.failed_runs_cost == 720
    assert found.support_cost == pytest.approx(216)
    assert found.other_cost == 24
    assert found.cost_before_contingency == pytest.approx(2400)
    assert found.contingency_cost == pytest.approx(240)
    assert found.tax_cost == pytest.approx(528)
    assert found.total_cost == pytest.approx(3168)


@given(MONEY, st.floats(0, 10), st.floats(0, 1), st.lists(MONEY, min_size=6, max_size=6), st.floats(0, 1))
def test_lines_sum_to_the_total(compute: float, failed: float, support: float, others: list[float], tax: float) -> None:
    """Whatever the lines are, they add up."""
    found = cost(
        gpu_hours=compute, price_per_gpu_hour=1, contingency=0.1, tax=tax, tokens=1, training_flops=1,
        calendar_months=1, failed_runs=failed, support=support, others=others,
    )  # fmt: skip
    lines = found.compute_cost + found.failed_runs_cost + found.support_cost + found.other_cost
    assert lines + found.contingency_cost + found.tax_cost == pytest.approx(found.total_cost)
    assert len(OTHERS) == len(others)
