"""The compute-optimal split of a budget and the loss that a scaling law predicts.

Hoffmann et al. 2022 (Chinchilla, arXiv:2203.15556), section 3.3: L(N, D) = E + A/N^α + B/D^β (equation 2), minimised
for C = 6·N·D FLOPs (equation 4) by N = G·(C/6)^(β/(α+β)), D = (C/6)^(α/(α+β)) / G, G = (α·A / (β·B))^(1/(α+β)). Their
constants are those of the paper's TeX source: its text prints exponents of two digits, with which the law misses the
paper's own table A3 by 18 to 30 %. Besiroglu et al. 2024 (arXiv:2404.10102) fit the same runs again. A rule of thumb
has 20 tokens a parameter, and predicts no loss. All figures are 0 for images, without parameters or tokens, and where a
scale or exponent is not above 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

from sheetgen.engine.architecture import Workload
from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.quantity import quantity

SOURCE = "hoffmann2022"
TOKENS_PER_PARAMETER = 20
LawName = Literal["hoffmann", "besiroglu", "twenty", "typed"]
"""Which law: one of two published ones, the rule of thumb, or constants of one's own."""


class ScalingLaw(NamedTuple):
    """Constants of L = E + A/N^α + B/D^β: losses in nats per token, exponents without a unit."""

    irreducible: Number
    parameter_scale: Number
    parameter_exponent: Number
    token_scale: Number
    token_exponent: Number

    @property
    def usable(self) -> bool:
        """Whether scales and exponents are above 0; without that the law has no optimum."""
        return min(self.parameter_scale, self.parameter_exponent, self.token_scale, self.token_exponent) > 0

    def loss(self, parameters: Number, tokens: Number) -> float:
        """The predicted loss of a model of so many parameters after so many tokens [nat per token]."""
        of_parameters = self.parameter_scale / float(parameters) ** self.parameter_exponent
        of_tokens = self.token_scale / float(tokens) ** self.token_exponent
        return float(self.irreducible + of_parameters + of_tokens)

    def split(self, flops: Number) -> tuple[float, float]:
        """The parameters and tokens that minimise the loss for C = 6·N·D FLOPs."""
        alpha, beta = self.parameter_exponent, self.token_exponent
        constant = (alpha * self.parameter_scale / (beta * self.token_scale)) ** (1 / (alpha + beta))
        products = float(flops) / 6
        parameters = float(constant * products ** (beta / (alpha + beta)))
        return parameters, divide(products, parameters)


LAWS: Mapping[str, ScalingLaw] = {
    "hoffmann": ScalingLaw(1.6934, 406.4, 0.3392, 410.7, 0.2849),
    "besiroglu": ScalingLaw(1.8172, 482.01, 0.3478, 2085.43, 0.3658),
}
"""The published laws by name."""


@quantity("record", SOURCE, helper=True)
def law_in_force(
    scaling_law: LawName, law_irreducible_loss: Number, law_parameter_scale: Number, law_parameter_exponent: Number,
    law_token_scale: Number, law_token_exponent: Number,
) -> ScalingLaw | None:  # fmt: skip
    """The law of the case; None where the rule of thumb stands in for one."""
    if scaling_law == "typed":
        return ScalingLaw(
            law_irreducible_loss, law_parameter_scale, law_parameter_exponent, law_token_scale, law_token_exponent
        )
    return LAWS.get(scaling_law)


@quantity("count", SOURCE, helper=True)
def is_run_of_text(workload: Workload, active_parameters: Number, training_tokens: Number) -> bool:
    """Whether there is a run, and of text."""
    return workload != "vision" and active_parameters > 0 and training_tokens > 0


@quantity("record", SOURCE, helper=True)
def usable_law(law_in_force: ScalingLaw | None, is_run_of_text: bool) -> ScalingLaw | None:
    """The law where it predicts a loss of this run."""
    return law_in_force if is_run_of_text and law_in_force is not None and law_in_force.usable else None


@quantity("token/parameter", SOURCE)
def tokens_per_active_parameter(training_tokens: Number, active_parameters: Number, is_run_of_text: bool) -> float:
    """Tokens of the run for each parameter that a token meets."""
    return training_tokens / active_parameters if is_run_of_text else 0.0


@quantity("nat", SOURCE)
def predicted_loss(usable_law: ScalingLaw | None, active_parameters: Number, training_tokens: Number) -> float:
    """The loss that the law predicts of the run."""
    return 0.0 if usable_law is None else usable_law.loss(active_parameters, training_tokens)


@quantity("record", SOURCE, helper=True)
def optimal_split(
    usable_law: ScalingLaw | None, scaling_law: LawName, is_run_of_text: bool, training_flops_6nd: Number
) -> tuple[float, float]:
    """Parameters and tokens with the lowest loss for the 6·N·D FLOPs of the run, or those of the rule of thumb."""
    if usable_law is not None:
        return usable_law.split(training_flops_6nd)
    if scaling_law != "twenty" or not is_run_of_text:
        return 0.0, 0.0
    parameters = math.sqrt(training_flops_6nd / 6 / TOKENS_PER_PARAMETER)
    return parameters, TOKENS_PER_PARAMETER * parameters


@quantity("parameter_estimate", SOURCE)
def optimal_parameters(optimal_split: tuple[float, float]) -> float:
    """Parameters of the optimum."""
    return optimal_split[0]


@quantity("token", SOURCE)
def optimal_tokens(optimal_split: tuple[float, float]) -> float:
    """Tokens of the optimum."""
    return optimal_split[1]


@quantity("token/parameter", SOURCE)
def optimal_tokens_per_parameter(optimal_tokens: float, optimal_parameters: float) -> float:
    """Tokens for each parameter at the optimum."""
    return divide(optimal_tokens, optimal_parameters)


@quantity("nat", SOURCE)
def optimal_loss(usable_law: ScalingLaw | None, optimal_parameters: float, optimal_tokens: float) -> float:
    """The loss at the optimum."""
    return 0.0 if usable_law is None else usable_law.loss(optimal_parameters, optimal_tokens)


@quantity("nat", SOURCE)
def loss_excess(predicted_loss: float, optimal_loss: float) -> float:
    """How much more loss the run has than the optimum of its budget."""
    return predicted_loss - optimal_loss


@quantity("ratio", SOURCE)
def parameters_to_optimal(active_parameters: Number, optimal_parameters: float) -> float:
    """The run's parameters over those of the optimum."""
    return divide(active_parameters, optimal_parameters)
