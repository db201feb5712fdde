"""The note beside the MFU of a budget: what the nearest published runs reached, in its own convention."""

from __future__ import annotations

from dataclasses import replace

from sheetgen.engine.conventions import nearest_published
from sheetgen.verification.evaluate import Evaluation

NAMED_RUNS = 4


def with_guidance(evaluation: Evaluation) -> Evaluation:
    """The evaluation of a scenario that has the note; unchanged where nothing published is near."""
    scenario, found = evaluation.scenario, evaluation.quantities[0]
    size, length = float(found["active_parameters"]), float(found["sequence_length"])
    if not size or not length or found["workload"] != "text":
        return evaluation
    from sheetgen.evidence.guidance import Setting, nearest  # slow to import, and only a build says it

    accelerator = scenario.accelerator(0)
    near = nearest(
        Setting(
            size,
            str(found["accelerator"]),
            float(found["gpus"]),
            length,
            str(found["recomputation"]).removesuffix("_published"),
            precision=str(found["precision"]),
            generation="" if accelerator is None else accelerator.generation,
        ),
        convention := nearest_published(str(found["mfu_convention"])),
    )
    runs = ", ".join(dict.fromkeys(row.measurement.run for row in near.rows[:NAMED_RUNS]))
    note = (
        f"Published runs nearest in size, chip, scale, length and recomputation: {near.low:.1%} low, {near.middle:.1%} "
        f"middle, {near.high:.1%} high in {convention} ({runs}, …); see sheetgen mfu."
    )
    return replace(evaluation, scenario=replace(scenario, notes={**scenario.notes, "stated_mfu": note}))
