"""Ranges for a scenario that states none: what published runs reached, said to be so beside each figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sheetgen.base.inputs import Value
from sheetgen.engine.resolver import Engine
from sheetgen.evidence.records import WholeRun, default_mfus, size_class_of, size_classes, whole_runs
from sheetgen.evidence.runs import implied_mfu
from sheetgen.scenario.model import Case, Scenario

if TYPE_CHECKING:
    from sheetgen.evidence.ranges import Range

FILLED = {
    "mfu": ("published_mfu_low", "published_mfu_high"),
    "goodput": ("published_goodput_low", "published_goodput_high"),
}
DIGITS = 4
FORECAST = default_mfus()[1]
"""The MFU of the forecast that whole runs are held against."""
NEEDS = ("active_parameters", "sequence_length")


def lacks_range(scenario: Scenario) -> bool:
    """Whether a scenario leaves a range to be filled in."""
    return any(key not in scenario.cases[0].values for keys in FILLED.values() for key in keys)


def with_ranges(scenario: Scenario, engine: Engine, inputs: Mapping[str, Value]) -> Scenario:
    """The scenario with the ranges of published runs where its base gives none; ``inputs`` are those of the base."""
    from sheetgen.evidence.ranges import goodput_range  # reads files that a workbook's own verification does not need

    base, sources = dict(scenario.cases[0].values), dict(scenario.sources)
    found = {"mfu": _nearest(scenario, engine, inputs), "goodput": goodput_range()}
    for name, keys in FILLED.items():
        item = found[name]
        for key, figure in zip(keys, (0.0, 0.0) if item is None else item[:2], strict=True):
            if key not in base:
                base[key] = round(figure, DIGITS)
                sources[key] = "no published run is near enough" if item is None else item.told
    return replace(scenario, cases=(Case(scenario.cases[0].name, base), *scenario.cases[1:]), sources=sources)


def _nearest(scenario: Scenario, engine: Engine, inputs: Mapping[str, Value]) -> Range | None:
    """The range of the nearest published MFUs, where there is one."""
    from sheetgen.evidence.guidance import Setting
    from sheetgen.evidence.ranges import mfu_range

    if inputs["workload"] != "text":
        return None
    found = engine.evaluate(inputs, NEEDS)
    size, length = (float(found[key]) for key in NEEDS)
    if not size or not length:
        return None
    accelerator = scenario.accelerator(0)
    generation = "" if accelerator is None else accelerator.generation
    recomputation = str(inputs["recomputation"]).removesuffix("_published")
    return mfu_range(
        Setting(
            size, str(inputs["accelerator"]), float(inputs["gpus"]), length, recomputation,
            str(inputs["precision"]), generation,
        )
    )  # fmt: skip


def forecast_hours(run: WholeRun) -> float:
    """GPU-hours that a forecast at :data:`FORECAST` would have given a run."""
    return run.gpu_hours * implied_mfu(run) / FORECAST


def track_record(active_parameters: float) -> dict[str, Value]:
    """How many times their forecast whole runs took: each run, each class of size, and the class of this size."""
    found, size = dict(_track_record()), size_class_of(active_parameters)
    return found | {f"track_{name}": found[f"track_{name}:{size}"] for name in ("low", "high", "runs")}


@cache
def _track_record() -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    by_size: dict[str, list[float]] = {str(size["key"]): [] for size in size_classes()}
    for run in whole_runs():
        hours = forecast_hours(run)
        found[f"track:{run.key}:times"] = run.gpu_hours / hours
        by_size[size_class_of(run.parameters)].append(run.gpu_hours / hours)
    for size, times in by_size.items():
        found |= {f"track_low:{size}": min(times), f"track_high:{size}": max(times), f"track_runs:{size}": len(times)}
    return found
