"""The compute-optimal split of a budget and the loss that a scaling law predicts.

Hoffmann et al. 2022 (Chinchilla, arXiv:2203.15556), section 3.3: L(N, D) = E + A/N^α + B/D^β (equation 2), minimised
for C = 6·N·D FLOPs (equation 4) by N = G·(C/6)^(β/(α+β)), D = (C/6)^(α/(α+β)) / G, G = (α·A / (β·B))^(1/(α+β)). The
constants are inputs; the paper's are E 1.69, A 406.4, B 410.7, α 0.34, β 0.28 (appendix D.3).
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgen.engine.arithmetic import Number, divide

UNITS = {
    "tokens_per_active_parameter": "token/parameter",
    "predicted_loss": "nat",
    "optimal_parameters": "parameter_real",
    "optimal_tokens": "token",
    "optimal_tokens_per_parameter": "token/parameter",
    "optimal_loss": "nat",
    "loss_excess": "nat",
    "parameters_to_optimal": "ratio",
}


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


class Optimum(NamedTuple):
    """The run against the optimum of its budget; units in :data:`UNITS`."""

    tokens_per_active_parameter: float
    predicted_loss: float
    optimal_parameters: float
    optimal_tokens: float
    optimal_tokens_per_parameter: float
    optimal_loss: float
    loss_excess: float
    parameters_to_optimal: float


def optimum(law: ScalingLaw, parameters: Number, tokens: Number) -> Optimum:
    """The compute-optimal split of the 6·N·D FLOPs of a run of N active parameters over D tokens.

    All 0 without parameters or tokens, and where a scale or exponent of the law is not above 0.
    """
    if parameters <= 0 or tokens <= 0 or not law.usable:
        return Optimum(**dict.fromkeys(Optimum._fields, 0.0))
    best_parameters, best_tokens = law.split(6 * parameters * tokens)
    loss, best = law.loss(parameters, tokens), law.loss(best_parameters, best_tokens)
    return Optimum(
        tokens_per_active_parameter=tokens / parameters,
        predicted_loss=loss,
        optimal_parameters=best_parameters,
        optimal_tokens=best_tokens,
        optimal_tokens_per_parameter=divide(best_tokens, best_parameters),
        optimal_loss=best,
        loss_excess=loss - best,
        parameters_to_optimal=divide(parameters, best_parameters),
    )
