"""When a workbook's cell and the engine agree: counts and FLOPs per token exactly, everything else to 1e-9."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sheetgen.base.inputs import Value
from sheetgen.engine.arithmetic import divide
from sheetgen.verification.evaluate import Evaluation
from sheetgen.verification.sensitivity import moved, shares, stepped
from sheetgen.workbook.book import KEY, LABEL, Sheet, Shown, address
from sheetgen.workbook.definitions import unit_of
from sheetgen.workbook.evaluator import CellError, CellValue

RELATIVE_TOLERANCE = 1e-9
EXACT_UNITS = frozenset({"parameter", "FLOP/token", "FLOP/sequence"})
EXACT_BELOW = 2.0**53
OF_THE_CONVENTIONS = frozenset(
    {
        "forward_flops_per_token",
        "training_flops_per_token",
        "attention_core_flops_per_token",
        "layer_forward_flops_per_token",
        "recomputed_flops_per_token",
        "hardware_flops_per_token",
        "mfu_convention_flops_per_token",
    }
)
DIFFERENCES = {
    "loss_excess": "predicted_loss",
    "unused_gpu_hours": "demand_gpu_hours",
    "overflow_gpu_hours": "demand_gpu_hours",
    "unused_commitment_cost": "total_cost",
    "accrual": "total_cost",
    "accrual_later": "total_cost",
    "accrual_year": "total_cost",
    "paid": "total_cost",
    "payment": "total_cost",
    "payment_later": "total_cost",
    "payment_year": "total_cost",
    "swing": "total_cost",
    "swing_share": "one",
    "top_share": "one",
    "offer_gap": "total_cost",
    "bridge_price": "total_cost",
    "bridge_peak": "total_cost",
    "bridge_mfu": "total_cost",
    "bridge_goodput": "total_cost",
    "bridge_work": "total_cost",
    "bridge_overheads": "total_cost",
    "break_even_price": "total_cost/on_demand_gpu_hours",
    "npv_advantage": "npv_buy",
    "contingency_p80": "one",
    "tornado_below": "total_cost",
    "tornado_above": "total_cost",
    "cost_centre": "one",
    "days_centre": "one",
    "estimate_to_complete": "estimate_at_completion",
    "variance_at_completion": "total_cost",
}
"""Differences of two figures that may be nearly equal, and the figure, or the quotient of two figures, whose size says
how exact they can be."""

PER_TOKEN_OF_A_REQUEST = frozenset({"prefill_flops_per_token", "decode_flops_per_token"})


class Mismatch(NamedTuple):
    """One cell that does not show what the engine computes."""

    sheet: str
    cell: str
    label: str
    key: str
    case: int
    workbook: CellValue | CellError
    reference: Value | None

    @property
    def relative_difference(self) -> float | None:
        """(workbook − reference) / reference, or None where one is no number or the reference is 0."""
        if isinstance(self.workbook, (int, float)) and isinstance(self.reference, (int, float)) and self.reference:
            return (self.workbook - self.reference) / self.reference
        return None

    def __str__(self) -> str:
        """One line for a report."""
        difference = self.relative_difference
        tail = "" if difference is None else f", {difference:+.3g} relative"
        given = f"error {self.workbook.kind}" if isinstance(self.workbook, CellError) else repr(self.workbook)
        return (
            f"{self.sheet}!{self.cell} {self.label} ({self.key}): workbook {given}, reference {self.reference!r}{tail}"
        )


def agree(shown: CellValue | CellError, expected: Value, *, exact: bool = False) -> bool:
    """Whether a cell shows the expected value.

    Texts must be equal, and so must ``exact`` whole numbers below 2^53; other numbers may differ by 1e-9 of the larger.
    """
    if isinstance(expected, str):
        return shown == expected
    if isinstance(shown, bool) or not isinstance(shown, (int, float)):
        return False
    if shown == expected:
        return True
    if exact and abs(expected) < EXACT_BELOW and expected == int(expected):
        return False
    return abs(shown - expected) <= RELATIVE_TOLERANCE * max(abs(shown), abs(expected))


def is_count(key: str, quantities: Mapping[str, Value]) -> bool:
    """Whether a quantity of a case is a count that a double holds exactly all along its way.

    Parameters and FLOPs per token are, with these exceptions: a published total divided by its tokens; a token of an
    image, whose patches and head are counted once an image; what a mask, window or packing leaves of a sequence,
    averaged over its tokens; and the Chinchilla count per token once the sequence has more than 2^53 FLOPs.
    """
    if _unit(key) not in EXACT_UNITS:
        return False
    if _unit(key) == "parameter":
        return True
    named = {name for name in ("published", "chinchilla", "masked", "megatron") if name in key}
    if key in OF_THE_CONVENTIONS:
        named |= {str(quantities["flops_convention"]), str(quantities["mfu_convention"])}
    if (
        "published" in named
        or key in PER_TOKEN_OF_A_REQUEST
        or (quantities["workload"] == "vision" and _unit(key) == "FLOP/token")
    ):
        return False
    cut = bool(quantities["packed_documents"]) or bool(quantities["windowed_layers_used"])
    sequences = named & ({"chinchilla", "masked", "megatron"} if cut else {"chinchilla", "masked"})
    return not sequences or float(quantities["chinchilla_forward_flops"]) < EXACT_BELOW


def expected_values(evaluation: Evaluation) -> Callable[[Shown], Value | None]:
    """What a cell must show, by what it says it shows: a quantity of a case, or of a case with axes moved."""
    step = float(evaluation.scenario.values["sensitivity_step"])
    shared: dict[tuple[int, tuple[tuple[str, float], ...]], Mapping[str, Value]] = {}

    def expected(shows: Shown) -> Value | None:
        if shows.at:
            place = shows.case, shows.at
            if place not in shared:
                shared[place] = shares(evaluation.values[shows.case], dict(shows.at))
            return shared[place].get(shows.key)
        base = evaluation.quantities[shows.case]
        if not shows.steps:
            return base.get(shows.key)
        axes = {key: stepped(key, float(base[key]), count, step) for key, count in shows.steps}
        if shows.key in axes:
            return axes[shows.key]
        found: Value = moved(evaluation.values[shows.case], axes, (shows.key,))[shows.key]
        return found

    return expected


def size_of_parts(key: str, quantities: Mapping[str, Value]) -> float:
    """The size of what a quantity is a difference of (:data:`DIFFERENCES`), which bounds how exact it is; else 0."""
    name, _, divisor = DIFFERENCES.get(key.partition(":")[0], "").partition("/")
    size = abs(float(quantities.get(name, 1.0))) if name else 0.0
    return divide(size, float(quantities.get(divisor, 1.0))) if divisor else size


def mismatch(
    sheet: Sheet,
    row: int,
    column: int,
    shows: Shown,
    value: CellValue | CellError,
    expected: Value | None,
    quantities: Mapping[str, Value],
) -> Mismatch | None:
    """The disagreement of one cell with its expectation in a case of these quantities, or None."""
    if value == expected and not isinstance(value, bool):
        return None
    exact = not shows.steps and is_count(shows.key, quantities)
    if expected is not None and agree(value, expected, exact=exact):
        return None
    if isinstance(value, (int, float)) and isinstance(expected, (int, float)):
        room = RELATIVE_TOLERANCE * size_of_parts(shows.key, quantities)
        if abs(value - expected) <= room:
            return None
    label = sheet.cells.get((row, LABEL))
    key = sheet.cells.get((row, KEY))
    return Mismatch(
        sheet.name,
        address(row, column),
        str(label.value) if label else "",
        str(key.value) if key and key.style == "key" else shows.key,
        shows.case,
        value,
        expected,
    )


def _unit(key: str) -> str:
    try:
        return unit_of(key)
    except KeyError:
        return ""
