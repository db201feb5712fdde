"""The engine: every quantity of the modules beside this one, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache

from sheetgen.engine import (
    activations,
    actuals,
    adapters,
    architecture,
    attention,
    bridge,
    candidates,
    chinchilla,
    communication,
    conventions,
    cost,
    efficiency,
    embedding,
    estimators,
    experts,
    flops,
    forward,
    goodput,
    head,
    host,
    inference,
    layout,
    mask,
    memory,
    offers,
    optimal,
    parameters,
    peaks,
    phasing,
    pipeline,
    prices,
    ranges,
    rent_or_buy,
    risk,
    scaling,
    schedule,
    sequence,
    serving,
    shards,
    stages,
    states,
    step,
    tiers,
)
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import Quantity, collect, look_up
from sheetgen.engine.resolver import Engine

ALWAYS = (
    *collect(sequence, architecture, embedding, attention, experts, head, parameters),
    *collect(mask, forward, chinchilla, conventions, flops, scaling),
    *collect(bridge, peaks, efficiency, goodput, schedule),
    *collect(tiers, prices, cost, phasing, ranges, risk),
)
"""The quantities of every budget."""

OPTIONAL: Mapping[str, tuple[Quantity, ...]] = {
    "inference": collect(inference, serving),
    "optimal": collect(optimal),
    "memory": collect(layout, stages, shards, states, activations, memory, adapters, estimators),
    "layout": collect(pipeline, communication, host, step),
    "candidates": collect(candidates),
    "offers": collect(offers),
    "rent_or_buy": collect(rent_or_buy),
    "actuals": collect(actuals),
}
"""The quantities that only an optional sheet shows, by the name that a scenario asks for it with."""

_ALL = (*ALWAYS, *(item for items in OPTIONAL.values() for item in items))
ENGINE = Engine(item for item in _ALL if not item.counted_with).extended(item for item in _ALL if item.counted_with)


@cache
def by_layout(engine: Engine) -> Engine:
    """An engine whose MFU may follow from kernel efficiency and layout: that of a budget with sheet Layout. In every
    other one nothing of a layout is computed for an MFU."""
    bases = (*efficiency.BASES, "kernel_efficiency")
    mfu = look_up("mfu", "efficiency_basis", "mfu_from_{}", bases, "fraction", "MFU by the route that is chosen.")
    return Engine({**engine.quantities, "mfu": replace(mfu, source="chowdhery2022")}.values())


DISCLOSED = {"undisclosed_parameters": 0, "undisclosed_active_parameters": 0}
COUNTED = ("parameters", "active_parameters", "active_without_look_up")


def count_parameters(architecture: Mapping[str, Number | str]) -> dict[str, int]:
    """The parameters of a model by key (all, those that a token meets, and these without the input embedding), counted
    from the inputs that describe it."""
    found = ENGINE.evaluate({**architecture, **DISCLOSED}, COUNTED)
    return {key: found[key] for key in COUNTED}


def shown(sheets: Collection[str] = ()) -> tuple[Quantity, ...]:
    """The quantities that have a row of their own in a budget with these optional sheets; checks come last."""
    items = (*ALWAYS, *(item for sheet, items in OPTIONAL.items() if sheet in sheets for item in items))
    return tuple(sorted((item for item in items if not item.helper), key=lambda item: item.unit == "status"))
