"""What sheet Sensitivity shows: one case with figures moved, everything else as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgen.base.inputs import Value
from sheetgen.engine.arithmetic import divide
from sheetgen.engine.resolver import Engine, Values
from sheetgen.engine.risk import ranked
from sheetgen.engine.scaling import SHARES
from sheetgen.evidence.claims import gpt_shares
from sheetgen.workbook.definitions import Definitions

RANGES: Mapping[str, str] = {
    "mfu": "range_mfu",
    "effective_goodput": "range_goodput",
    "price_per_gpu_hour": "risk_price",
    "training_flops": "risk_tokens",
    "failed_runs": "risk_runs",
}
"""The drivers that have a range, and how the shares of its low and high are called."""


def stepped(definitions: Definitions, key: str, centre: float, count: int, step: float) -> float:
    """An axis of a sensitivity table so many steps from its centre; no step lifts it above the limit of its row."""
    moved, limit = centre * (1 + count * step), definitions.limit(key)
    return moved if limit is None else min(moved, max(centre, limit))


def moved(engine: Engine, values: Values, axes: Mapping[str, float], wanted: Sequence[str]) -> Values:
    """The wanted quantities of a case with inputs or quantities set otherwise; MFU stays what it is in the case.

    ``values`` are the engine's of the case.
    """
    return engine.moved(values, {"mfu": values["mfu"], **axes}, wanted)


def shares(engine: Engine, values: Values, at: Mapping[str, float]) -> Mapping[str, float]:
    """The shares of a forward pass at another sequence length: of a case, or of a GPT with dimensions of its own."""
    dimensions = {key: int(value) for key, value in at.items()}
    return gpt_shares(**dimensions) if len(dimensions) > 1 else engine.moved(values, dimensions, SHARES)


def swings(engine: Engine, definitions: Definitions, values: Values, step: float) -> dict[str, Value]:
    """What each driver by itself does to the total of a case at its low and its high, the rank of that, and the largest
    first."""
    output, listed = "total_cost", definitions.templates.lists("sensitivity")["drivers"]
    moves = {driver: ends(definitions, values, driver, step) for driver in (str(row["driver"]) for row in listed)}
    totals = {
        driver: [float(moved(engine, values, {driver: value}, (output,))[output]) for value in pair]
        for driver, pair in moves.items()
    }
    total = float(values[output])
    shares = {driver: divide(abs(high - low), total) for driver, (low, high) in totals.items()}
    ranks = ranked(shares)
    found: dict[str, Value] = {}
    for driver, (low, high) in totals.items():
        found[f"swing:{driver}"], found[f"swing_share:{driver}"] = abs(high - low), shares[driver]
        found[f"swing_rank:{driver}"] = ranks[driver]
        found |= {f"swing_total_low:{driver}": low, f"swing_total_high:{driver}": high}
        own = float(values[driver])
        for (name, way), value in zip((("low", "below"), ("high", "above")), moves[driver], strict=True):
            found |= {f"swing_{name}:{driver}": value, f"swing_{way}:{driver}": value / own - 1 if own > 0 else 0.0}
    for driver, rank in ranks.items():
        low, high = totals[driver]
        found |= {f"top_low:{rank}": low, f"top_high:{rank}": high, f"top_share:{rank}": shares[driver]}
    return found


def ends(definitions: Definitions, values: Values, driver: str, step: float) -> tuple[float, float]:
    """A driver at the low and the high of its range; one step away where its range is nothing or it has none."""
    own, name = float(values[driver]), RANGES.get(driver)
    low, high = (1.0, 1.0) if name is None else (float(values[f"{name}_{end}"]) for end in ("low", "high"))
    if low == high or (name == "risk_tokens" and not values["tokens_count"]):
        return stepped(definitions, driver, own, -1, step), stepped(definitions, driver, own, 1, step)
    if driver == "failed_runs":  # the range is that of the main run and these
        return max(0.0, (1 + own) * low - 1), (1 + own) * high - 1
    limit = definitions.limit(driver)
    return own * low, own * high if limit is None else min(own * high, max(own, limit))
