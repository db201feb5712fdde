"""Search for a layout: every split that divides, what it holds and how long a step takes; the fastest that fits.

Degrees and constraints are those of Megatron-LM, ``megatron/training/arguments.py``: whole heads, widths and experts on
every rank, microbatches in whole rounds of an interleaved pipeline. Stages are shared out by the case's own rule.
What is found is the best of the candidates enumerated, not an optimum: schedules, kernels and networks differ.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sheetgen.engine.graph import ENGINE
from sheetgen.engine.layout import STAGE_ROWS
from sheetgen.engine.resolver import Values
from sheetgen.engine.stages import COUNTED, EVEN

DEGREES = (
    "tensor_parallel", "pipeline_parallel", "virtual_stages", "context_parallel", "expert_parallel",
    "expert_tensor_parallel", "zero_stage", "micro_batch_sequences", "recomputation",
)  # fmt: skip
"""What a candidate sets."""

MEMORY = ("peak_memory_per_gpu",)
TIME = ("predicted_step_seconds",)
NEEDED = (
    *MEMORY,
    *TIME,
    "mfu",
    "recomputation_time_factor",
    "usable_memory_per_gpu",
    "node_gpus",
    "batch_sequences",
    "dense_ffn_layers",
)
"""The quantities that a search starts from."""

NEARBY = 512
LEAST_TOKENS = 2048
"""Tokens of a sequence that a context-parallel rank has at least."""


class Space(NamedTuple):
    """The values of each degree that are tried where they divide."""

    tensor: tuple[int, ...] = (1, 2, 4, 8)
    virtual: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 8, 10)
    context: tuple[int, ...] = (1, 2, 4, 8, 16)
    expert: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64, 128)
    micro_batch: tuple[int, ...] = (1, 2, 4, 8)
    zero: tuple[int, ...] = (1, 3)
    recomputation: tuple[str, ...] = ("none", "full")


class Candidate(NamedTuple):
    """A layout with the time of its step [s] and its peak memory [byte]; the first of equals splits least."""

    step_seconds: float
    tensor_parallel: int
    pipeline_parallel: int
    again: int
    number: int
    peak: float
    layout: dict[str, Any]


class Found(NamedTuple):
    """The best candidate and the next one that fits, if any; how many were enumerated, how many fit, and the least
    memory that any takes [byte]."""

    best: Candidate | None
    runner_up: Candidate | None
    enumerated: int
    fitting: int
    least_memory: float


def pipelines(values: Mapping[str, Any], most: int) -> Iterator[int]:
    """Stages that the layers can be shared out to; a list of layers allows but its own number."""
    split, layers = str(values["stage_split"]), int(values["n_layers"])
    if split not in {EVEN, COUNTED}:
        yield from (count for count in [split.count("/") + 1] if count <= most)
        return
    spare = 2 if split == COUNTED else 0
    yield from (
        count for count in range(1, min(most, layers, STAGE_ROWS) + 1) if (layers + spare) // count >= 2 or count == 1
    )


def chunkings(values: Mapping[str, Any], stages: int, microbatches: int, space: Space) -> Iterator[int]:
    """Virtual stages that divide the layers of every stage, in whole rounds of microbatches."""
    yield 1
    split = str(values["stage_split"])
    places = int(values["n_layers"]) + (2 if split == COUNTED else 0)
    if stages == 1 or split not in {EVEN, COUNTED} or places % stages or microbatches % stages:
        return
    for chunks in space.virtual:
        if chunks > 1 and (places // stages) % chunks == 0 and stages * chunks <= STAGE_ROWS:
            yield chunks


def tensors(values: Mapping[str, Any], space: Space) -> Iterator[int]:
    """Tensor-parallel degrees that split whole heads and widths, within what the fast link joins."""
    heads, keys = int(values["n_heads"]), int(values["n_kv_heads"])
    widths = [int(values["shared_expert_d_ff"])] + ([int(values["d_ff"])] if values["dense_ffn_layers"] else [])
    for t in space.tensor:
        whole_keys = keys == 0 or keys % t == 0 or t % keys == 0
        if (
            t <= max(values["node_gpus"], 1)
            and heads % t == 0
            and whole_keys
            and all(width % t == 0 for width in widths)
        ):
            yield t


def experts(values: Mapping[str, Any], tensor: int, space: Space) -> Iterator[tuple[int, int]]:
    """Expert and expert-tensor parallel degrees that divide experts and their width."""
    count, width = int(values["n_experts"]), int(values["expert_d_ff"])
    if count <= 0:
        yield 1, 1
        return
    for e in space.expert:
        if count % e == 0:
            yield from ((e, x) for x in dict.fromkeys((1, tensor)) if width % x == 0)


def contexts(values: Mapping[str, Any], space: Space) -> Iterator[int]:
    """Context-parallel degrees that cut a sequence into twice as many equal parts, none too short."""
    length = int(values["sequence_length"])
    for c in space.context:
        if c == 1 or (length % (2 * c) == 0 and length // c >= LEAST_TOKENS):
            yield c


def layouts(values: Mapping[str, Any], space: Space) -> Iterator[dict[str, Any]]:
    """Every layout of a case that divides its accelerators, its model and its batch."""
    gpus, sequences = int(values["gpus"]), values["batch_sequences"]
    for t in tensors(values, space):
        for c in contexts(values, space):
            for p in pipelines(values, gpus // (t * c)):
                if gpus % (t * c * p):
                    continue
                ranks = gpus // (t * c * p)
                split = {"tensor_parallel": t, "pipeline_parallel": p, "context_parallel": c}
                for b in space.micro_batch:
                    if sequences % (ranks * b) or not sequences:
                        continue
                    microbatches = int(sequences // (ranks * b))
                    own = {**split, "micro_batch_sequences": b}
                    for v in chunkings(values, p, microbatches, space):
                        yield from _rest(values, {**own, "virtual_stages": v}, gpus, space)


def _rest(values: Mapping[str, Any], own: dict[str, Any], gpus: int, space: Space) -> Iterator[dict[str, Any]]:
    """The layouts with these degrees: experts, ZeRO (stage 3 without a pipeline), recomputation."""
    t, p = own["tensor_parallel"], own["pipeline_parallel"]
    for e, x in experts(values, t, space):
        if gpus % (p * e * x):
            continue
        for zero in space.zero:
            if zero >= 3 and p > 1:
                continue
            for again in space.recomputation:
                yield {
                    **own, "expert_parallel": e, "expert_tensor_parallel": x, "zero_stage": zero, "recomputation": again
                }  # fmt: skip


def search(values: Values, space: Space | None = None) -> Found:
    """The layouts of a case that fit its accelerators, the fastest first, by ``predicted_step_seconds``.

    ``values`` are all quantities of the case by :data:`ENGINE`, with any layout. Where no kernel efficiency is given,
    its MFU with what is computed again stands in for one: it ranks layouts and moves no time. An accelerator whose
    memory is not known holds all.
    """
    space = Space() if space is None else space
    kernel = float(values["kernel_efficiency"]) or float(values["mfu"] * values["recomputation_time_factor"])
    usable = float(values["usable_memory_per_gpu"]) or float("inf")
    needed = ENGINE.rests_on((*MEMORY, *TIME))
    start = {key: value for key, value in values.items() if key in needed}
    first: list[Candidate] = []
    enumerated = fitting = 0
    least = float("inf")
    for layout in layouts(values, space):
        enumerated += 1
        held = ENGINE.moved(start, layout, MEMORY)["peak_memory_per_gpu"]
        least = min(least, held)
        if held > usable:
            continue
        fitting += 1
        seconds = ENGINE.moved(start, {**layout, "kernel_efficiency": kernel}, TIME)["predicted_step_seconds"]
        own = Candidate(
            seconds, layout["tensor_parallel"], layout["pipeline_parallel"], int(layout["recomputation"] != "none"),
            enumerated, held, layout,
        )  # fmt: skip
        first = heapq.nsmallest(2, [*first, own])
    best, runner_up = (*first, None, None)[:2]
    return Found(best, runner_up, enumerated, fitting, least)


def nearest_count(values: Values, space: Space) -> int | None:
    """The number of accelerators nearest to the case's that some layout divides, of two the smaller; None where there
    is none nearby."""
    gpus = int(values["gpus"])
    for distance in range(1, NEARBY + 1):
        for count in (gpus - distance, gpus + distance):
            if count > 0 and next(layouts({**values, "gpus": count}, space), None) is not None:
                return count
    return None
