"""From a GPU's peak to what it delivers: MFU by three routes, and HFU.

Model FLOPs utilisation (MFU) is the share of the peak that goes into model FLOPs; hardware FLOPs utilisation
(HFU) counts recomputed FLOPs too (Chowdhery et al. 2022, PaLM, arXiv:2204.02311, section 4.1 and appendix B).
The stated MFU and the stated FLOP/s per GPU are counted in the convention of the MFU and cross the bridge
(:mod:`sheetgen.engine.bridge`); observed tokens per second need none.
"""

from __future__ import annotations

from typing import Literal

from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

MFU_SLACK = 0.01  # to which MFUs are published
EfficiencyBasis = Literal["mfu", "achieved_flops", "tokens_per_second"]


@quantity("fraction", "chowdhery2022")
def mfu_from_stated_mfu(stated_mfu: Number, convention_bridge: Number) -> Number:
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
def mfu(
    efficiency_basis: EfficiencyBasis,
    mfu_from_stated_mfu: Number,
    mfu_from_achieved_flops: Number,
    mfu_from_tokens_per_second: Number,
) -> Number:
    """MFU by the route that is chosen."""
    if efficiency_basis == "mfu":
        return mfu_from_stated_mfu
    return mfu_from_achieved_flops if efficiency_basis == "achieved_flops" else mfu_from_tokens_per_second


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


@quantity("FLOP/s", "chowdhery2022")
def cluster_flops(gpus: Number, achieved_flops_per_gpu: Number) -> Number:
    """What the cluster delivers."""
    return gpus * achieved_flops_per_gpu


@check(REVIEW, "accelerators")
def check_mfu_published(mfu_palm: Number, best_published_mfu: Number) -> bool:
    """MFU is not above the best published one of the accelerator, where there is one."""
    return best_published_mfu == 0 or mfu_palm <= best_published_mfu * (1 + MFU_SLACK)


@check(FAIL, "chowdhery2022")
def check_mfu_possible(mfu: Number) -> bool:
    """MFU is above 0 and at most 1."""
    return 0 < mfu <= 1


@check(REVIEW, "casson")
def check_mfu_usual(mfu: Number, mfu_review_low: Number, mfu_review_high: Number) -> bool:
    """MFU is inside the range that published runs report."""
    return mfu_review_low <= mfu <= mfu_review_high


@check(FAIL, "chowdhery2022")
def check_hfu_possible(hfu: Number) -> bool:
    """With recomputation the hardware is asked for no more than its peak."""
    return hfu <= 1
