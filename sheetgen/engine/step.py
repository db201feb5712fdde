"""Time of a step by two routes that are never mixed.

End to end: an MFU is given, which contains bubble, imbalance and exposed communication already; the layout then
explains it, and no time moves. Kernel efficiency: what kernels reach of the peak is given, and the MFU follows from the
layout, so length of sequence, recomputation, stages and count of accelerators move time and money: MFU = kernel
efficiency × layout efficiency / recomputation.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.communication import exposed_outer, hiding_share
from sheetgen.engine.quantity import REVIEW, check, quantity


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


@quantity("fraction", "narayanan2021")
def predicted_mfu(ideal_step_seconds: float, predicted_step_seconds: float, kernel_efficiency: Number) -> float:
    """MFU that follows from kernel efficiency and layout; 0 where no kernel efficiency is given."""
    return divide(ideal_step_seconds, predicted_step_seconds) if kernel_efficiency > 0 else 0.0


@quantity("fraction", "narayanan2021")
def mfu_from_kernel_efficiency(predicted_mfu: float) -> float:
    """MFU where efficiency is given as what kernels reach of the peak."""
    return predicted_mfu


@quantity("fraction", helper=True)
def equal_kernel_efficiency(implied_kernel_efficiency: float) -> float:
    """Kernel efficiency as it follows from the MFU and the layout."""
    return implied_kernel_efficiency


@quantity("text")
def layout_mode(efficiency_basis: str) -> str:
    """Whether the layout sets the MFU or explains one that is given end to end."""
    return "sets the MFU" if efficiency_basis == "kernel_efficiency" else "explains the MFU"


@quantity("s/step", "narayanan2021", helper=True)
def busy_seconds(
    seconds_per_step: float,
    pipeline_time_factor: float,
    data_parallel_seconds: float,
    tied_embedding_seconds: float,
    data_overlap: Number,
    microbatches: Number,
    zero_stage: Number,
) -> float:
    """Kernels and exposed communication of a mean stage in a step that takes as long as it does:
    :func:`predicted_step_seconds` undone. The step is the longer of busy·f, where the reduction of gradients hides, and
    of busy·(f − w) + reduction, where a part w·busy of it does; 0 where the reduction alone takes longer."""
    left = seconds_per_step - tied_embedding_seconds
    hidden = divide(left, pipeline_time_factor)
    seen = pipeline_time_factor - hiding_share(data_overlap, microbatches, zero_stage)
    beside = divide(left - data_parallel_seconds, seen) if seen > 0 else hidden * (left >= data_parallel_seconds)
    return max(0.0, min(hidden, beside))


@quantity("s/step", "narayanan2021")
def exposed_outer_seconds(
    busy_seconds: float,
    data_parallel_seconds: float,
    tied_embedding_seconds: float,
    data_overlap: Number,
    microbatches: Number,
    zero_stage: Number,
) -> float:
    """Reduction of gradients in a step that the work does not hide."""
    outer = exposed_outer(data_parallel_seconds, busy_seconds, data_overlap, microbatches, zero_stage)
    return outer + tied_embedding_seconds


@quantity("s/step")
def exposed_seconds(exposed_inner_seconds: float, exposed_outer_seconds: float) -> float:
    """Communication of a step that the work does not hide."""
    return exposed_inner_seconds + exposed_outer_seconds


@quantity("s/step")
def kernel_seconds(busy_seconds: float, exposed_inner_seconds: float) -> float:
    """What is left of a step for kernels without bubble, imbalance and exposed communication; 0 where these take more
    than the step has."""
    return max(0.0, busy_seconds - exposed_inner_seconds)


@quantity("s/step")
def waiting_seconds(
    seconds_per_step: float, kernel_seconds: float, exposed_inner_seconds: float, exposed_outer_seconds: float
) -> float:
    """Bubble and imbalance: what of a step is neither kernels nor exposed communication."""
    return max(0.0, seconds_per_step - kernel_seconds - (exposed_inner_seconds + exposed_outer_seconds))


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


@check(REVIEW)
def check_layout_explains(seconds_per_step: float, kernel_seconds: float, implied_kernel_efficiency: float) -> bool:
    """What bubble and communication leave of a step is enough for its work at the peak or below."""
    return seconds_per_step == 0 or (kernel_seconds > 0 and implied_kernel_efficiency <= 1)
