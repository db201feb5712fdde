"""For a layout that is not possible the nearest one that is: one input moved as little as will do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from sheetgen.engine.quantity import OK
from sheetgen.engine.resolver import Engine, Values
from sheetgen.engine.stages import split_evenly

FARTHEST = 2048
"""How far a count is moved to either side."""
MOST_SHARED = 3  # ZeRO's last stage
NAMES = ("gpus", "heads", "widths", "experts", "sequence", "batch", "interleaving", "stages")
CHECKS = (*(f"check_layout_{name}" for name in NAMES), "check_memory_fits")

Tries = Callable[[Values], Iterable[Mapping[str, Any]]]


def nearest(engine: Engine, values: Values, failed: str) -> str:
    """What of a case's layout may be typed for a check to pass that it fails, as ``key: value``; "" for another check,
    or where nothing near does. One that breaks no other check of the layout is preferred.

    ``values`` are all quantities of the case by the engine.
    """
    tries = TRIES.get(failed)
    if tries is None:
        return ""
    broken = {key for key in CHECKS if values[key] != OK}
    second = ""
    for moved in tries(values):
        found = _checked(engine, values, moved)
        if failed in found:
            continue
        text = ", ".join(f"{key}: {_typed(value)}" for key, value in moved.items())
        if found <= broken:
            return text
        second = second or text
    return second


def _checked(engine: Engine, values: Values, moved: Mapping[str, Any]) -> set[str]:
    """The checks of the layout that fail with some inputs moved."""
    found = engine.moved(values, moved, CHECKS)
    return {key for key in CHECKS if found[key] != OK}


def _typed(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _around(key: str, *, step: str = "") -> Tries:
    """A count moved down and up, the nearer first, of two the smaller; in steps of ``step``."""

    def tries(values: Values) -> Iterator[dict[str, Any]]:
        size = max(int(values[step]), 1) if step else 1
        start = round(int(values[key]) / size)
        for distance in range(FARTHEST + 1):
            for count in dict.fromkeys((start - distance, start + distance)):
                if count >= 1 and count * size != values[key]:
                    yield {key: count * size}

    return tries


def _splits(values: Values) -> Iterator[Mapping[str, Any]]:
    """The layers shared out evenly, written as a list where one was typed; else another number of stages."""
    split, stages, layers = str(values["stage_split"]), int(values["pipeline_parallel"]), int(values["n_layers"])
    if "/" in split:
        for count in (stages, split.count("/") + 1):
            even = "/".join(map(str, split_evenly(layers, count)))
            yield {"stage_split": even} if count == stages else {"pipeline_parallel": count, "stage_split": even}
    yield from _around("pipeline_parallel")(values)


def _experts(values: Values) -> Iterator[Mapping[str, Any]]:
    """None split where there are none, else another number of ranks."""
    if values["n_experts"] <= 0:
        yield {key: 1 for key in ("expert_parallel", "expert_tensor_parallel") if values[key] > 1}
    yield from _around("expert_parallel")(values)


def _smaller(values: Values) -> Iterator[dict[str, Any]]:
    """What takes less memory: layers computed again, all states shared out, more tensor parallelism."""
    again = {"recomputation": "full"}
    if values["recomputation"] != "full":
        yield again
    if values["zero_stage"] < MOST_SHARED:
        yield {"zero_stage": MOST_SHARED}
        yield {**again, "zero_stage": MOST_SHARED}
    for tensor in (2, 4, 8):
        if tensor > values["tensor_parallel"]:
            yield {"tensor_parallel": tensor}
            yield {**again, "tensor_parallel": tensor}


TRIES: Mapping[str, Tries] = {
    "check_layout_gpus": _around("gpus"),
    "check_layout_heads": _around("tensor_parallel"),
    "check_layout_widths": lambda values: chain(
        _around("tensor_parallel")(values), _around("expert_tensor_parallel")(values)
    ),
    "check_layout_experts": _experts,
    "check_layout_sequence": _around("context_parallel"),
    "check_layout_batch": _around("global_batch_tokens", step="sequence_length"),
    "check_layout_interleaving": _around("virtual_stages"),
    "check_layout_stages": _splits,
    "check_memory_fits": _smaller,
}
"""What is moved for each check."""
