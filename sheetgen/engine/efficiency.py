"""From a GPU's peak to what it delivers: MFU by each figure that papers and logs print, and HFU.

Model FLOPs utilisation (MFU) is the share of the peak that goes into model FLOPs; hardware FLOPs utilisation
(HFU) counts recomputed FLOPs too (Chowdhery et al. 2022, PaLM, arXiv:2204.02311, section 4.1 and appendix B).
What is stated in FLOPs (MFU, HFU, FLOP/s per GPU) is counted in the convention of the MFU and crosses the bridge
(:mod:`sheetgen.engine.bridge`); tokens, sequences, steps and hours that were observed need none.
"""

from __future__ import annotations

from dataclasses import replace

from sheetgen.engine.arithmetic import SECONDS_PER_HOUR, Number, divide
from sheetgen.engine.quantity import FAIL, REVIEW, check, look_up, quantity

MFU_SLACK = 0.01  # to which MFUs are published
SHARES_OF_PEAK = frozenset({"mfu", "hfu", "kernel_efficiency"})
NARROW = frozenset({"fp8", "int8", "fp4"})
NOT_SAID = "not said"
BASES = (
    "mfu", "achieved_flops", "tokens_per_second", "tokens_per_second_per_gpu", "sequences_per_second",
    "step_time", "hfu", "hardware_flops", "gpu_hours",
)  # fmt: skip
"""What an efficiency is given as, by the name that a scenario selects."""


@quantity("fraction", "chowdhery2022")
def mfu_from_mfu(stated_mfu: Number, convention_bridge: Number) -> Number:
    """The stated MFU, in the convention chosen."""
    return stated_mfu * convention_bridge


@quantity("fraction", "chowdhery2022")
def mfu_from_achieved_flops(
    stated_flops_per_gpu: Number, convention_bridge: Number, peak_flops_per_gpu: Number
) -> float:
    """MFU from FLOP/s per GPU as stated."""
    return divide(stated_flops_per_gpu * convention_bridge, peak_flops_per_gpu)


@quantity("fraction", "chowdhery2022")
def mfu_from_tokens_per_second(
    observed_tokens_per_second: Number, training_flops_per_token: Number, gpus: Number, peak_flops_per_gpu: Number
) -> float:
    """Tokens per second × FLOPs per token / (GPUs × peak): PaLM, arXiv:2204.02311, appendix B."""
    return divide(observed_tokens_per_second * training_flops_per_token, gpus * peak_flops_per_gpu)


@quantity("fraction", "chowdhery2022")
def mfu_from_tokens_per_second_per_gpu(
    observed_tokens_per_second_per_gpu: Number, training_flops_per_token: Number, peak_flops_per_gpu: Number
) -> float:
    """Tokens per second of one GPU × FLOPs per token / peak."""
    return divide(observed_tokens_per_second_per_gpu * training_flops_per_token, peak_flops_per_gpu)


@quantity("fraction", "chowdhery2022")
def mfu_from_sequences_per_second(
    observed_sequences_per_second: Number, sequence_length: Number, training_flops_per_token: Number, gpus: Number,
    peak_flops_per_gpu: Number,
) -> float:  # fmt: skip
    """Sequences (samples, images) per second × their tokens × FLOPs per token / (GPUs × peak)."""
    flops = observed_sequences_per_second * sequence_length * training_flops_per_token
    return divide(flops, gpus * peak_flops_per_gpu)


@quantity("fraction", "korthikanti2022")
def mfu_from_step_time(
    observed_step_seconds: Number, batch_tokens: Number, training_flops_per_token: Number, gpus: Number,
    peak_flops_per_gpu: Number,
) -> float:  # fmt: skip
    """FLOPs of a step over what the peak of all GPUs would do in its time."""
    return divide(batch_tokens * training_flops_per_token, observed_step_seconds * gpus * peak_flops_per_gpu)


@quantity("fraction", "chowdhery2022")
def mfu_from_hfu(
    stated_hfu: Number, training_flops_per_token: Number, mfu_convention_hardware_flops_per_token: Number
) -> float:
    """HFU counts recomputation in the convention of the stated figure: HFU × F_B / (F_A + R_A)."""
    return divide(stated_hfu * training_flops_per_token, mfu_convention_hardware_flops_per_token)


@quantity("fraction", "narayanan2021")
def mfu_from_hardware_flops(
    stated_hardware_flops_per_gpu: Number, peak_flops_per_gpu: Number, training_flops_per_token: Number,
    mfu_convention_hardware_flops_per_token: Number,
) -> float:  # fmt: skip
    """The same of hardware FLOP/s per GPU as stated."""
    share = divide(training_flops_per_token, mfu_convention_hardware_flops_per_token)
    return divide(stated_hardware_flops_per_gpu * share, peak_flops_per_gpu)


@quantity("fraction", "identity")
def mfu_from_gpu_hours(
    observed_gpu_hours: Number, effective_goodput: Number, training_flops: Number, peak_flops_per_gpu: Number
) -> float:
    """A finished run's FLOPs over the peak of the hours that trained: those of the run × goodput."""
    return divide(training_flops, observed_gpu_hours * SECONDS_PER_HOUR * effective_goodput * peak_flops_per_gpu)


mfu = replace(
    look_up("mfu", "efficiency_basis", "mfu_from_{}", BASES, "fraction", "MFU by the route that is chosen."),
    source="chowdhery2022",
)


# What each basis would have to state for the MFU that there is. Where a convention gives no FLOPs, there is no bridge.


@quantity("fraction", "chowdhery2022", helper=True)
def equal_stated_mfu(mfu: Number, convention_bridge: Number) -> Number:
    """The MFU in the convention of the stated efficiency."""
    return mfu / (convention_bridge or 1)


@quantity("FLOP/s/GPU", "chowdhery2022", helper=True)
def equal_stated_flops_per_gpu(achieved_flops_per_gpu: Number, convention_bridge: Number) -> Number:
    """What one GPU delivers, in the convention of the stated efficiency."""
    return achieved_flops_per_gpu / (convention_bridge or 1)


@quantity("token/s", "chowdhery2022", helper=True)
def equal_observed_tokens_per_second(tokens_per_second: Number) -> Number:
    """Tokens per second as they follow from the MFU."""
    return tokens_per_second


@quantity("token/s/GPU", "chowdhery2022", helper=True)
def equal_observed_tokens_per_second_per_gpu(tokens_per_second_per_gpu: Number) -> Number:
    """Tokens per second of one GPU as they follow from the MFU."""
    return tokens_per_second_per_gpu


@quantity("sequence/s", "korthikanti2022", helper=True)
def equal_observed_sequences_per_second(sequences_per_second: Number) -> Number:
    """Sequences per second as they follow from the MFU."""
    return sequences_per_second


@quantity("s/step", "korthikanti2022", helper=True)
def equal_observed_step_seconds(seconds_per_step: Number) -> Number:
    """The time of a step as it follows from the MFU."""
    return seconds_per_step


@quantity("fraction", "chowdhery2022", helper=True)
def equal_stated_hfu(
    mfu: Number, training_flops_per_token: Number, mfu_convention_hardware_flops_per_token: Number
) -> Number:
    """HFU in the convention of the stated efficiency."""
    return divide(mfu * mfu_convention_hardware_flops_per_token, training_flops_per_token)


@quantity("FLOP/s/GPU", "narayanan2021", helper=True)
def equal_stated_hardware_flops_per_gpu(equal_stated_hfu: Number, peak_flops_per_gpu: Number) -> Number:
    """What one GPU computes, in the convention of the stated efficiency."""
    return equal_stated_hfu * peak_flops_per_gpu


@quantity("GPU*h", helper=True)
def equal_observed_gpu_hours(gpu_hours: Number) -> Number:
    """GPU-hours of the run as they follow from the MFU."""
    return gpu_hours


@quantity("fraction", "chowdhery2022")
def hfu(mfu: Number, hardware_flops_per_token: Number, training_flops_per_token: Number) -> float:
    """MFU × hardware FLOPs / training FLOPs."""
    return divide(mfu * hardware_flops_per_token, training_flops_per_token)


@quantity("fraction", "chowdhery2022")
def mfu_palm(mfu: Number, training_flops_per_token_palm: Number, training_flops_per_token: Number) -> float:
    """MFU in the convention of most published ones (Chowdhery et al. 2022, appendix B)."""
    return divide(mfu * training_flops_per_token_palm, training_flops_per_token)


@quantity("FLOP/s/GPU", "chowdhery2022")
def achieved_flops_per_gpu(peak_flops_per_gpu: Number, mfu: Number) -> Number:
    """What one GPU delivers."""
    return peak_flops_per_gpu * mfu


@quantity("FLOP/s/GPU", "chowdhery2022")
def hardware_flops_per_gpu(peak_flops_per_gpu: Number, hfu: Number) -> Number:
    """What one GPU computes, recomputation counted."""
    return peak_flops_per_gpu * hfu


@quantity("FLOP/s", "chowdhery2022")
def cluster_flops(gpus: Number, achieved_flops_per_gpu: Number) -> Number:
    """What the cluster delivers."""
    return gpus * achieved_flops_per_gpu


@check(FAIL, "accelerators")
def check_mfu_precision(efficiency_basis: str, mfu_precision: str, precision: str) -> bool:
    """A share of the peak was stated in the precision of the peak, where it is said in which."""
    return efficiency_basis not in SHARES_OF_PEAK or mfu_precision in {NOT_SAID, precision}


@check(REVIEW, "accelerators")
def check_mfu_precision_said(efficiency_basis: str, mfu_precision: str, precision: str) -> bool:
    """A share of a peak in 8 or 4 bits says that it is of that peak: one of bf16 would be twice too good."""
    return efficiency_basis not in SHARES_OF_PEAK or mfu_precision != NOT_SAID or precision not in NARROW


@check(REVIEW, "accelerators")
def check_mfu_published(mfu_palm: Number, best_published_mfu: Number) -> bool:
    """MFU is not above the best published one of the accelerator, where there is one."""
    return best_published_mfu == 0 or mfu_palm <= best_published_mfu * (1 + MFU_SLACK)


@check(FAIL, "chowdhery2022")
def check_mfu_possible(mfu: Number, check_tolerance: Number) -> bool:
    """MFU is above 0 and at most 1, but for rounding: 100 % may come back from a time with a last digit more."""
    return 0 < mfu <= 1 + check_tolerance


@check(REVIEW, "casson")
def check_mfu_usual(mfu: Number, mfu_review_low: Number, mfu_review_high: Number) -> bool:
    """MFU is inside the range that published runs report."""
    return mfu_review_low <= mfu <= mfu_review_high


@check(FAIL, "chowdhery2022")
def check_hfu_possible(hfu: Number, check_tolerance: Number) -> bool:
    """With recomputation the hardware is asked for no more than its peak, but for rounding."""
    return hfu <= 1 + check_tolerance
