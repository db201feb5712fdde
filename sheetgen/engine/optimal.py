"""The compute-optimal split of a budget and the loss that a scaling law predicts.

Hoffmann et al. 2022 (Chinchilla, arXiv:2203.15556), section 3.3: L(N, D) = E + A/N^α + B/D^β (equation 2), minimised
for C = 6·N·D FLOPs (equation 4) by N = G·(C/6)^(β/(α+β)), D = (C/6)^(α/(α+β)) / G, G = (α·A / (β·B))^(1/(α+β)). The
constants are inputs; the paper's are E 1.69, A 406.4, B 410.7, α 0.34, β 0.28 (appendix D.3). All figures are 0 without
parameters or tokens, and where a scale or exponent of the law is not above 0.
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.arithmetic import Number, divide
from sheetgen.engine.quantity import quantity

SOURCE = "hoffmann2022"


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


@quantity("record", SOURCE, helper=True)
def scaling_law(
    law_irreducible_loss: Number, law_parameter_scale: Number, law_parameter_exponent: Number, law_token_scale: Number,
    law_token_exponent: Number,
) -> ScalingLaw:  # fmt: skip
    """The law of the case."""
    return ScalingLaw(
        law_irreducible_loss, law_parameter_scale, law_parameter_exponent, law_token_scale, law_token_exponent
    )


@quantity("count", SOURCE, helper=True)
def has_optimum(scaling_law: ScalingLaw, active_parameters: Number, training_tokens: Number) -> bool:
    """Whether there is a run, and a law that has an optimum."""
    return active_parameters > 0 and training_tokens > 0 and scaling_law.usable


@quantity("token/parameter", SOURCE)
def tokens_per_active_parameter(training_tokens: Number, active_parameters: Number, has_optimum: bool) -> float:
    """Tokens of the run for each parameter that a token meets."""
    return training_tokens / active_parameters if has_optimum else 0.0


@quantity("nat", SOURCE)
def predicted_loss(
    scaling_law: ScalingLaw, active_parameters: Number, training_tokens: Number, has_optimum: bool
) -> float:
    """The loss that the law predicts of the run."""
    return scaling_law.loss(active_parameters, training_tokens) if has_optimum else 0.0


@quantity("record", SOURCE, helper=True)
def optimal_split(scaling_law: ScalingLaw, training_flops_6nd: Number, has_optimum: bool) -> tuple[float, float]:
    """Parameters and tokens with the lowest loss for the 6·N·D FLOPs of the run."""
    return scaling_law.split(training_flops_6nd) if has_optimum else (0.0, 0.0)


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
def optimal_loss(scaling_law: ScalingLaw, optimal_parameters: float, optimal_tokens: float, has_optimum: bool) -> float:
    """The loss at the optimum."""
    return scaling_law.loss(optimal_parameters, optimal_tokens) if has_optimum else 0.0


@quantity("nat", SOURCE)
def loss_excess(predicted_loss: float, optimal_loss: float) -> float:
    """How much more loss the run has than the optimum of its budget."""
    return predicted_loss - optimal_loss


@quantity("ratio", SOURCE)
def parameters_to_optimal(active_parameters: Number, optimal_parameters: float) -> float:
    """The run's parameters over those of the optimum."""
    return divide(active_parameters, optimal_parameters)
