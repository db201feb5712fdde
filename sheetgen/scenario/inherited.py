"""What a case may not take from the base: a figure that was measured on, or stated for, something else.

An MFU is a share of a peak, so it may be assumed of another accelerator or model; a rate, a number of hours or a total
of FLOPs is of one chip, one cluster or one run, and an MFU of one precision says nothing of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetgen.base.inputs import Value, architecture_keys
from sheetgen.catalogue.structure import Misfit
from sheetgen.engine.conventions import CONVENTIONS
from sheetgen.scenario.model import efficiency_inputs

ARCHITECTURE = (*architecture_keys(), "undisclosed_parameters", "undisclosed_active_parameters")
WORK = ("tokens", "images", "epochs")
RATE = ("accelerator", "gpus", "context_length", *ARCHITECTURE)
RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "stated_mfu": ("precision",),
    "stated_hfu": ("precision",),
    "kernel_efficiency": ("precision",),
    "stated_flops_per_gpu": ("accelerator",),
    "stated_hardware_flops_per_gpu": ("accelerator",),
    "observed_tokens_per_second": RATE,
    "observed_sequences_per_second": RATE,
    "observed_step_seconds": (*RATE, "global_batch_tokens", "global_batch_images"),
    "observed_tokens_per_second_per_gpu": ("accelerator", "context_length", *ARCHITECTURE),
    "observed_gpu_hours": ("accelerator", "context_length", *WORK, *ARCHITECTURE),
    "published_training_flops": (*WORK, *ARCHITECTURE),
    "typed_peak": ("accelerator", "precision"),
}
"""What each figure was stated for: where a case differs in one of these, the figure of the base is not its own."""


def inherited(base: Mapping[str, Value], inputs: Mapping[str, Value], own: Mapping[str, Value]) -> Iterator[Misfit]:
    """Each figure in force in a case (``inputs``) that is the base's, though the case differs in what it rests on;
    ``own`` are the inputs that the case itself gives."""
    for key in _in_force(inputs):
        if key in own:
            continue
        differs = tuple(other for other in RESTS_ON[key] if inputs[other] != base[other])
        if differs:
            named = "model" if differs[0] in ARCHITECTURE else differs[0]
            allowed = "another figure of efficiency" if key in efficiency_inputs().values() else "0"
            message = f"is the base's, and the case has another {named}: give one of its own"
            yield Misfit(key, message, differs, f"a figure of this case, or {allowed}")


def _in_force(inputs: Mapping[str, Value]) -> Iterator[str]:
    """The figures that count in a case."""
    yield efficiency_inputs()[str(inputs["efficiency_basis"])]
    if any(CONVENTIONS[str(inputs[key])].stated for key in ("flops_convention", "mfu_convention")):
        yield "published_training_flops"
    if inputs["typed_peak"]:
        yield "typed_peak"
