"""The interval of whole runs: Student's, by hand, and confirmed by runs that it was not made of."""

from __future__ import annotations

from math import atan, exp, log, pi, sqrt
from statistics import NormalDist

import pytest

from sheetgen.evidence.records import size_class_of, student_quantiles
from sheetgen.evidence.results import evidence, spread, spreads

WHOLE = evidence().whole
DEFAULT = 0.4
PER_HOUR = 3600 * 1e12

# Runs that are in no table of ours: parameters, tokens, GPU-hours, dense peak [TFLOPS]
NEW = {
    # Hugging Face, SmolLM3 (July 2025): 384 H100 for 24 days, 11.2 trillion tokens
    "SmolLM3 3B": (3.075e9, 11.2e12, 384 * 24 * 24, 989.4),
    # Apertus (arXiv:2509.14233): 6 million hours of GH200, 15 trillion tokens
    "Apertus 70B": (70.6e9, 15e12, 6.0e6, 989.4),
    # OLMo 3 (Ai2, November 2025): 1,024 H100 for 56 days, 6 trillion tokens
    "OLMo 3 32B": (32.2e9, 6.0e12, 1024 * 56 * 24, 989.4),
    # StarCoder (arXiv:2305.06161), table of emissions: 320,256 A100 hours, a trillion tokens
    "StarCoder 15.5B": (15.5e9, 1.0e12, 320_256, 312),
    # Falcon-180B (Hugging Face blog): about 7 million A100 hours, 3.5 trillion tokens; Epoch AI has 17.7 million
    "Falcon 180B": (180e9, 3.5e12, 7.0e6, 312),
}


def student(value: float, degrees: int) -> float:
    """The distribution function of Student's t: Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = atan(value / sqrt(degrees))
    square, term, total = degrees / (degrees + value * value), 1.0, 0.0
    odd = degrees % 2
    if odd:
        total, term = (sqrt(square), sqrt(square)) if degrees > 1 else (0.0, 0.0)
    else:
        total = 1.0
    for step in range(3 if odd else 2, degrees - 1, 2):
        term *= (step - 1) / step * square
        total += term
    sine = value / sqrt(degrees + value * value)
    return 0.5 + (angle + sine * total) / pi if odd else 0.5 + sine * total / 2


def interval(implied: list[float]) -> tuple[float, float]:
    """Where nine of ten further runs are expected, hours at 40 % over hours published."""
    return spread(implied).interval(DEFAULT)


def test_the_quantiles_are_students() -> None:
    """NIST prints three digits: each is where the distribution reaches 95 %; the largest nears the normal one."""
    for degrees, quantile in enumerate(student_quantiles(), start=1):
        assert student(quantile, degrees) == pytest.approx(0.95, abs=6e-5)
    assert 1 < student_quantiles()[-1] / NormalDist().inv_cdf(0.95) < 1.05


def test_by_hand() -> None:
    """Implied MFUs of 20, 40 and 80 %: mean of logarithms ln 0.4, deviation ln 2, 2.920 · √(4/3) of it either way."""
    low, high = interval([0.2, 0.4, 0.8])
    half = 2.920 * log(2) * sqrt(4 / 3)

    assert (low, high) == (pytest.approx(exp(-half)), pytest.approx(exp(half)))


def test_runs_left_out_fall_in_at_about_the_stated_rate() -> None:
    """Of 32 runs, each held against the interval of the others of its size, 28 fall in: 88 % where 90 % are stated.

    Negative control: half as wide an interval holds 18 of them and not nine of ten.
    """
    inside = narrow = 0
    for left_out in WHOLE:
        size = size_class_of(left_out.run.parameters)
        others = [
            item.implied_mfu for item in WHOLE if item is not left_out and size_class_of(item.run.parameters) == size
        ]
        own = spread(others)
        distance = abs(log(left_out.implied_mfu) - own.mean)
        inside += distance <= own.half
        narrow += distance <= own.half / 2

    assert (inside, len(WHOLE)) == (28, 32)
    assert narrow < 0.75 * len(WHOLE)


@pytest.mark.parametrize(("run", "ratio", "inside"), [
    ("SmolLM3 3B", 0.66, True), ("Apertus 70B", 0.74, True), ("OLMo 3 32B", 0.59, True),
    ("StarCoder 15.5B", 0.65, True), ("Falcon 180B", 1.20, False),
])  # fmt: skip
def test_runs_that_it_was_not_made_of(run: str, ratio: float, inside: bool) -> None:
    """Four of five runs that are in no table of ours fall into the interval of their size, and the fifth's hours are
    disputed: by those of Epoch AI it takes 2.5 times as long, and is below."""
    parameters, tokens, hours, peak = NEW[run]
    found = 6 * parameters * tokens / (hours * PER_HOUR * peak * DEFAULT)
    low, high = spreads(WHOLE)[size_class_of(parameters)].interval(DEFAULT)

    assert found == pytest.approx(ratio, abs=0.01)
    assert (low <= found <= high) == inside
