"""What sheet Sensitivity shows: one case with figures moved, everything else as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgen.base.inputs import Value
from sheetgen.base.resources import template_data
from sheetgen.engine import ENGINE
from sheetgen.engine.arithmetic import divide
from sheetgen.engine.resolver import Values
from sheetgen.engine.risk import ranked
from sheetgen.engine.scaling import SHARES
from sheetgen.evidence.claims import gpt_shares
from sheetgen.workbook.definitions import packaged_definitions


def stepped(key: str, centre: float, count: int, step: float) -> float:
    """An axis of a sensitivity table so many steps from its centre; no step lifts it above the limit of its row."""
    moved, limit = centre * (1 + count * step), packaged_definitions().limit(key)
    return moved if limit is None else min(moved, max(centre, limit))


def moved(values: Values, axes: Mapping[str, float], wanted: Sequence[str]) -> Values:
    """The wanted quantities of a case with inputs or quantities set otherwise; MFU stays what it is in the case.

    ``values`` are the engine's of the case.
    """
    return ENGINE.moved(values, {"mfu": values["mfu"], **axes}, wanted)


def shares(values: Values, at: Mapping[str, float]) -> Mapping[str, float]:
    """The shares of a forward pass at another sequence length: of a case, or of a GPT with dimensions of its own."""
    dimensions = {key: int(value) for key, value in at.items()}
    return gpt_shares(**dimensions) if len(dimensions) > 1 else ENGINE.moved(values, dimensions, SHARES)


def swings(values: Values, step: float) -> dict[str, Value]:
    """What one step of each driver by itself does to the total of a case, the rank of that, and the largest first."""
    output, drivers = "total_cost", [str(row["driver"]) for row in template_data("sensitivity")["lists"]["drivers"]]

    def at(driver: str, count: int) -> float:
        axes = {driver: stepped(driver, float(values[driver]), count, step)}
        return float(moved(values, axes, (output,))[output])

    ends = {driver: (at(driver, -1), at(driver, 1)) for driver in drivers}
    total = float(values[output])
    shares = {driver: divide(abs(high - low), total) for driver, (low, high) in ends.items()}
    ranks = ranked(shares)
    found: dict[str, Value] = {}
    for driver, (low, high) in ends.items():
        found[f"swing:{driver}"], found[f"swing_share:{driver}"] = abs(high - low), shares[driver]
        found[f"swing_rank:{driver}"] = ranks[driver]
    for driver, rank in ranks.items():
        low, high = ends[driver]
        found |= {f"top_low:{rank}": low, f"top_high:{rank}": high, f"top_share:{rank}": shares[driver]}
    return found
