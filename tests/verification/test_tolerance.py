"""How near a cell must come to the engine's figure: counts exactly, other numbers to 1e-9 of their size."""

from __future__ import annotations

import pytest

from sheetgen.base.inputs import Value
from sheetgen.verification.tolerance import agree, is_exact, mismatch, size_of_parts
from sheetgen.workbook.book import Sheet, Shown
from sheetgen.workbook.definitions import packaged_definitions
from sheetgen.workbook.evaluator import CellError, CellValue


@pytest.mark.parametrize(
    ("shown", "expected", "exact", "agrees"),
    [
        (1e6, 1e6, False, True),
        (1e6 + 0.0009, 1e6, False, True),
        (1e6 + 0.0011, 1e6, False, False),
        (1e6 - 0.0011, 1e6, False, False),
        (0.0, 1e-300, False, False),
        (405_853_388_800.0, 405_853_388_800, True, True),
        (405_853_388_801.0, 405_853_388_800, True, False),
        (2.0**60 + 2**20, 2**60, True, True),  # above 2^53 no double is exact
        (True, 1, False, False),
        ("OK", "OK", False, True),
        ("ok", "OK", False, False),
        (None, 0, False, False),
        (CellError("Div"), 0, False, False),
    ],
)
def test_agree(shown: CellValue | CellError, expected: Value, exact: bool, agrees: bool) -> None:
    """A billionth of the larger is the limit, on both sides; whole counts below 2^53 have none."""
    assert agree(shown, expected, exact=exact) is agrees


COSTS: dict[str, Value] = {"total_cost": 1e9, "on_demand_gpu_hours": 1e3, "workload": "text"}


@pytest.mark.parametrize(
    ("key", "size"), [("offer_gap", 1e9), ("accrual:3", 1e9), ("break_even_price", 1e6), ("mfu", 0), ("cost_centre", 1)]
)
def test_size_of_parts(key: str, size: float) -> None:
    """A difference is as exact as what it is a difference of: a gap of the total, a price of the total an hour."""
    assert size_of_parts(packaged_definitions().compared(key), COSTS) == size


@pytest.mark.parametrize(("shown", "agrees"), [(3.5, True), (4.1, False), (1.9, False)])
def test_a_difference_of_large_figures(shown: float, agrees: bool) -> None:
    """Of two totals of a billion a difference of 3 is known to 1, and no better."""
    gap = packaged_definitions().compared("offer_gap")
    found = mismatch(Sheet("Offers", "", ""), 5, 3, Shown("offer_gap", 0, compared=gap), shown, 3.0, COSTS)

    assert (found is None) is agrees


AT_ONCE: dict[str, Value] = {
    "workload": "text", "packed_documents": 0, "windowed_layers_used": 0, "chinchilla_forward_flops": 2.0**40,
    "flops_convention": "6nd", "mfu_convention": "palm",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "changes", "exact"),
    [
        ("parameters", {"workload": "vision"}, True),
        ("mfu", {}, False),
        ("forward_flops_per_token_palm", {}, True),
        ("forward_flops_per_token_palm", {"workload": "vision"}, False),
        ("forward_flops_per_token_chinchilla", {}, True),
        ("forward_flops_per_token_chinchilla", {"chinchilla_forward_flops": 2.0**53}, False),
        ("forward_flops_per_token_megatron", {"chinchilla_forward_flops": 2.0**53}, True),
        ("forward_flops_per_token_megatron", {"chinchilla_forward_flops": 2.0**53, "packed_documents": 3}, False),
        ("forward_flops_per_token_published", {}, False),
        ("chinchilla_layer_flops", {"workload": "vision"}, True),
        ("chinchilla_layer_flops", {"chinchilla_forward_flops": 2.0**53}, False),
        ("training_flops_per_token", {}, True),
        ("training_flops_per_token", {"mfu_convention": "published"}, False),
        ("training_flops_per_token", {"flops_convention": "masked", "chinchilla_forward_flops": 2.0**53}, False),
        ("decode_flops_per_token", {}, False),
    ],
)
def test_when_a_count_is_exact(key: str, changes: dict[str, Value], exact: bool) -> None:
    """What stands in the row decides: counts are exact unless they pass through a division, of a published total, of an
    image's parts by its tokens, or of a sequence of 2^53 FLOPs and more by its own."""
    assert is_exact(packaged_definitions().compared(key).exact, AT_ONCE | changes) is exact
