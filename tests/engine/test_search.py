"""The search for a layout against brute force on small grids, and what it costs."""

from __future__ import annotations

import tracemalloc
from itertools import product
from typing import Any

import pytest

from sheetgen.engine import ENGINE, OK
from sheetgen.engine.search import Space, layouts, nearest_count, search
from tests.support.engine_cases import H100, ORDINARY
from tests.support.layouts import PLAIN, WANTED, model, of_layout

SMALL = Space(tensor=(1, 2, 4), virtual=(1, 2), context=(1, 2), expert=(1, 2, 4), micro_batch=(1, 2))
CHECKS = tuple(
    f"check_layout_{name}"
    for name in ("gpus", "heads", "widths", "experts", "sequence", "batch", "interleaving", "stages")
)


def start(name: str, **inputs: Any) -> dict[str, Any]:
    """All quantities of a case on H100s, with a layout that need not be possible."""
    case = {**ORDINARY, **of_layout(model(name), **inputs), "accelerator": H100.key, "accelerators": {H100.key: H100}}
    return ENGINE.evaluate(case, WANTED)


def by_brute_force(values: dict[str, Any]) -> list[tuple[float, int, int, int]]:
    """Every combination of the small grid that passes the engine's own checks and fits, the best first."""
    found = []
    stages = range(1, min(int(values["gpus"]), int(values["n_layers"])) + 1)
    experts = SMALL.expert if values["n_experts"] else (1,)
    for t, p, v, c, e, x, b, zero, again in product(
        SMALL.tensor,
        stages,
        SMALL.virtual,
        SMALL.context,
        experts,
        (1, 2, 4),
        SMALL.micro_batch,
        (1, 3),
        ("none", "full"),
    ):
        if (x not in {1, t}) or (zero == 3 and p > 1) or (x > 1 and not values["n_experts"]):
            continue
        layout = {
            "tensor_parallel": t, "pipeline_parallel": p, "virtual_stages": v, "context_parallel": c,
            "expert_parallel": e, "expert_tensor_parallel": x, "micro_batch_sequences": b, "zero_stage": zero,
            "recomputation": again, "kernel_efficiency": values["kernel_efficiency"] or values["mfu"],
        }  # fmt: skip
        checked = ENGINE.moved(values, layout, (*CHECKS, "check_memory_fits", "predicted_step_seconds"))
        if all(checked[key] == OK for key in (*CHECKS, "check_memory_fits")):
            found.append((checked["predicted_step_seconds"], t, p, int(again == "full")))
    return sorted(found)


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("llama-3-8b", {"gpus": 8, "s": 8192, "sequences": 32}),
        ("llama-3-8b", {"gpus": 16, "s": 8192, "sequences": 32, "kernel_efficiency": 0.5}),
        ("qwen3-30b-a3b", {"gpus": 16, "s": 4096, "sequences": 64}),
        ("geniac-12b", {"gpus": 12, "s": 4096, "sequences": 24, "stage_split": "counted"}),
    ],
)
def test_as_brute_force(name: str, inputs: dict[str, Any]) -> None:
    """The same best and next, and no candidate that fits is missed."""
    values = start(name, **inputs)
    found, expected = search(values, SMALL), by_brute_force(values)

    assert found.best is not None
    assert found.fitting == len(expected) > 0
    assert tuple(found.best[:4]) == expected[0]
    assert found.runner_up is None or tuple(found.runner_up[:4]) == expected[1]


def test_nothing_fits_one_accelerator() -> None:
    """70B on one H100: candidates there are, none fits, and the least memory is more than it has."""
    found = search(start("llama-3-70b", gpus=1, sequences=8))

    assert found.enumerated > 0
    assert (found.best, found.fitting) == (None, 0)
    assert found.least_memory > 80e9


def test_a_count_that_nothing_divides() -> None:
    """511 accelerators and 512 sequences: none; 512 is near."""
    values = start("llama-3-70b", gpus=511, s=8192, sequences=512)

    assert search(values).enumerated == 0
    assert nearest_count(values, Space()) == 512


def test_memory_stays_flat() -> None:
    """Ten times the candidates take no more memory: none is kept but the first two."""

    def peak(space: Space) -> tuple[int, int]:
        values = start("qwen3-30b-a3b", gpus=64, sequences=512)
        tracemalloc.start()
        count = search(values, space).enumerated
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return count, size

    (few, small), (many, large) = peak(SMALL), peak(Space())
    assert many > 5 * few
    assert large < 2 * small + 1_000_000


def test_every_layout_is_enumerated_once() -> None:
    """No candidate twice; with the plain layout among them."""
    found = [tuple(sorted(layout.items())) for layout in layouts(start("llama-3-8b", gpus=8, sequences=32), Space())]

    assert len(found) == len(set(found)) > 100
    plain = {key: PLAIN[key] for key in ("tensor_parallel", "pipeline_parallel", "virtual_stages", "context_parallel")}
    assert any(plain.items() <= dict(layout).items() for layout in found)
