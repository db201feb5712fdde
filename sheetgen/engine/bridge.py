"""The bridge between FLOPs conventions, and what the choice of a convention needs.

An MFU means something only with the convention that its FLOPs were counted by. Time does not depend on the convention:
tokens per second are what was measured, so an MFU stated in convention A becomes, in convention B, MFU_A · F_B / F_A
with F the FLOPs per token.
"""

from __future__ import annotations

from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.conventions import CONVENTIONS
from sheetgen.engine.quantity import FAIL, REVIEW, check, look_up, quantity

mfu_convention_flops_per_token = look_up(
    "mfu_convention_flops_per_token",
    "mfu_convention",
    "training_flops_per_token_{}",
    CONVENTIONS,
    "FLOP/token",
    "F_A: training FLOPs of a token in the convention of the stated efficiency.",
)


@quantity("ratio", "chowdhery2022")
def convention_bridge(training_flops_per_token: Number, mfu_convention_flops_per_token: Number) -> float:
    """F_B / F_A, from the convention of the stated efficiency to the selected one; 1 where F_A is 0."""
    factor = divide(training_flops_per_token, mfu_convention_flops_per_token)
    return 1.0 if mfu_convention_flops_per_token == 0 else factor


@check(FAIL)
def check_convention_computable(training_flops_per_token: Number, mfu_convention_flops_per_token: Number) -> bool:
    """Both conventions give FLOPs: neither lacks the architecture, tokens or total that it needs."""
    return training_flops_per_token != 0 and mfu_convention_flops_per_token != 0


@check(FAIL)
def check_published_total(flops_convention: str, mfu_convention: str, published_training_flops: Number) -> bool:
    """Who selects the published total also states it."""
    quoted = CONVENTIONS[flops_convention].stated or CONVENTIONS[mfu_convention].stated
    return not quoted or published_training_flops != 0


@check(REVIEW, "narayanan2021")
def check_mfu_excludes_recomputation(flops_convention: str, mfu_convention: str) -> bool:
    """Neither convention counts recomputation as training FLOPs, as 8·N does."""
    return not (CONVENTIONS[flops_convention].recomputes or CONVENTIONS[mfu_convention].recomputes)
