"""The engine: every quantity of the modules beside this one, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sheetgen.engine import (
    activations,
    adapters,
    architecture,
    attention,
    bridge,
    checks,
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
    inference,
    layout,
    mask,
    memory,
    optimal,
    parameters,
    peaks,
    pipeline,
    scaling,
    schedule,
    sequence,
    shards,
    stages,
    states,
    step,
    tiers,
)
from sheetgen.engine.arithmetic import Number
from sheetgen.engine.quantity import Quantity, collect
from sheetgen.engine.resolver import Engine

MODEL = collect(
    sequence, architecture, embedding, attention, experts, parameters, mask, forward, chinchilla, conventions, flops,
    scaling,
)  # fmt: skip
"""What rests on the model and its sequences alone."""

RUN = collect(bridge, peaks, efficiency, goodput, schedule, tiers, cost)
"""Utilisation, time and money of the run."""

USES = collect(inference, optimal)
"""What is done with the trained model, and what the compute-optimal one would be."""

ENGINE = Engine((*MODEL, *RUN, *USES, *collect(checks)))

LAYOUT = collect(
    layout, stages, shards, states, activations, memory, pipeline, communication, step, adapters, estimators
)
"""Memory, communication and time of a parallel layout."""

LAYOUTS = Engine((*ENGINE.quantities.values(), *LAYOUT))
"""As :data:`ENGINE`, of runs whose layout is looked at."""

COUNTED = ("parameters", "active_parameters", "embedding_parameters")


def count_parameters(architecture: Mapping[str, Number | str]) -> dict[str, int]:
    """The parameters of a model by key (all, those that a token meets, those of its input side), counted from the
    inputs that describe it."""
    found = ENGINE.evaluate({**architecture, "undisclosed_parameters": 0}, COUNTED)
    return {key: found[key] for key in COUNTED}


def shown(quantities: Iterable[Quantity]) -> dict[str, str]:
    """Unit by key of the quantities that have a row of their own."""
    return {item.key: item.unit for item in quantities if not item.helper}
