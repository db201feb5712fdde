"""Time of a step by two routes that are never mixed.

End to end: an MFU is given, which contains bubble, imbalance and exposed communication already; the layout then
explains it, and no time moves. Kernel efficiency: what kernels reach of the peak is given, and the MFU follows from the
layout, so length of sequence, recomputation, stages and count of accelerators move time and money: MFU = kernel
efficiency × layout efficiency / recomputation.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.communication import exposed_outer
from sheetgen.engine.quantity import quantity


@quantity("s/step")
def ideal_step_seconds(
    training_flops_per_token: Number, batch_tokens: Number, gpus: Number, peak_flops_per_gpu: Number
) -> float:
    """A step's model FLOPs at the peak of all accelerators."""
    return divide(training_flops_per_token * batch_tokens, gpus * peak_flops_per_gpu)


@quantity("s/step")
def predicted_kernel_seconds(
    ideal_step_seconds: float, recomputation_time_factor: float, kernel_efficiency: Number
) -> float:
    """What kernels take in a step at their efficiency, recomputation included; 0 where none is given."""
    return divide(ideal_step_seconds * recomputation_time_factor, kernel_efficiency)


@quantity("s/step", "narayanan2021")
def predicted_step_seconds(
    predicted_kernel_seconds: float,
    exposed_inner_seconds: float,
    pipeline_time_factor: float,
    data_parallel_seconds: float,
    tied_embedding_seconds: float,
    data_overlap: Number,
    microbatches: Number,
    zero_stage: Number,
) -> float:
    """A step by the layout: kernels and exposed communication of a mean stage, stretched by bubble and imbalance, and
    what of the gradients' reduction is not hidden."""
    busy = predicted_kernel_seconds + exposed_inner_seconds
    outer = exposed_outer(data_parallel_seconds, busy, data_overlap, microbatches, zero_stage)
    return busy * pipeline_time_factor + outer + tied_embedding_seconds


@quantity("fraction")
def predicted_mfu(ideal_step_seconds: float, predicted_step_seconds: float, kernel_efficiency: Number) -> float:
    """MFU that follows from kernel efficiency and layout; 0 where no kernel efficiency is given."""
    return divide(ideal_step_seconds, predicted_step_seconds) if kernel_efficiency > 0 else 0.0


@quantity("s/step", "narayanan2021")
def exposed_outer_seconds(
    seconds_per_step: float,
    pipeline_time_factor: float,
    data_parallel_seconds: float,
    tied_embedding_seconds: float,
    data_overlap: Number,
    microbatches: Number,
    zero_stage: Number,
) -> float:
    """Reduction of gradients in a step that the work does not hide, the work taken as the step without bubble and
    imbalance."""
    busy = divide(seconds_per_step, pipeline_time_factor)
    return exposed_outer(data_parallel_seconds, busy, data_overlap, microbatches, zero_stage) + tied_embedding_seconds


@quantity("s/step")
def exposed_seconds(exposed_inner_seconds: float, exposed_outer_seconds: float) -> float:
    """Communication of a step that the work does not hide."""
    return exposed_inner_seconds + exposed_outer_seconds


@quantity("s/step")
def kernel_seconds(
    seconds_per_step: float, exposed_inner_seconds: float, exposed_outer_seconds: float, pipeline_time_factor: float
) -> float:
    """What is left of a step for kernels without bubble, imbalance and exposed communication; 0 where these take more
    than the step has."""
    return max(0.0, divide(seconds_per_step - exposed_outer_seconds, pipeline_time_factor) - exposed_inner_seconds)


@quantity("fraction")
def layout_efficiency(kernel_seconds: float, seconds_per_step: float) -> float:
    """Share of a step in which kernels run: what bubble, imbalance and exposed communication leave."""
    return divide(kernel_seconds, seconds_per_step)


@quantity("fraction")
def implied_kernel_efficiency(
    ideal_step_seconds: float, recomputation_time_factor: float, kernel_seconds: float
) -> float:
    """What kernels must have reached of the peak for the step to take as long as it does, recomputation counted."""
    return divide(ideal_step_seconds * recomputation_time_factor, kernel_seconds)
