"""The compute-optimal sizes that Hoffmann et al. 2022 (arXiv:2203.15556) print, recomputed by their law.

Table A3, approach 3: for each size the FLOPs for which it is the best one. The constants are those of the paper's TeX
source; the text prints exponents of two digits. A function's name is the figure's key on sheet Evidence.
"""

from __future__ import annotations

from sheetgen.engine.optimal import ScalingLaw
from sheetgen.engine.quantity import quantity

SOURCE = "hoffmann2022-law"
SIZES = ("400m", "1b", "10b", "67b", "175b", "280b", "520b", "1t", "10t")
"""The sizes of table A3, as keys call them."""


@quantity("FLOP", SOURCE)
def f_misprint(f_size_175b: float, f_tokens_175b: float) -> float:
    """6·N·D of the row of 175 billion parameters."""
    return 6 * f_size_175b * f_tokens_175b


def best_size(flops: float, f_scale_n: float, f_scale_d: float, f_alpha: float, f_beta: float) -> float:
    """The parameters with the lowest loss for so many FLOPs; the irreducible loss moves nothing."""
    return ScalingLaw(0, f_scale_n, f_alpha, f_scale_d, f_beta).split(flops)[0]


f_gopher = quantity("parameter_estimate", SOURCE, key="f_gopher", flops="f_flops_gopher")(best_size)
TABLE_A3 = tuple(
    quantity("parameter_estimate", SOURCE, key=f"f_parameters_{size}", flops=f"f_flops_{size}")(best_size)
    for size in SIZES
)
"""Table A3, row by row."""
