"""What the reference engine makes of the published figures: predictions, deviations and verdicts by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from math import exp, hypot, log, log2, sqrt
from statistics import fmean, stdev
from typing import NamedTuple

from sheetgen.engine.quantity import collect
from sheetgen.engine.resolver import Engine
from sheetgen.evidence import articles, claims, layouts, optimum, readings
from sheetgen.evidence.conventions import counted
from sheetgen.evidence.measurements import scaling_series
from sheetgen.evidence.records import (
    OUTSIDE,
    Figure,
    PublishedRun,
    WholeRun,
    default_mfus,
    figure_inputs,
    figures,
    published_runs,
    size_class_of,
    size_classes,
    student_quantiles,
    whole_runs,
)
from sheetgen.evidence.runs import METRICS, implied_mfu, tokens_per_second

FITS, LOWER_BOUND = "fits", "lower bound"
REPRODUCED, ROUNDING = "reproduced", "rounding"
ARTICLES = Engine(collect(articles, optimum, readings, layouts))
"""Every figure of the articles by key; ``c_best_mfu`` is an input like those of ``evidence``."""
CLAIMS = Engine(collect(claims))
"""Figures and verdicts of source B's claims; but for one they are the same in every case."""
DIGITS = 12  # of a deviation; more say nothing where two figures are nearly equal


class FigureResult(NamedTuple):
    """A figure of an article beside what follows from its inputs."""

    figure: Figure
    published: float
    recomputed: float
    deviation: float
    verdict: str


class RunResult(NamedTuple):
    """A published figure of a run beside its prediction; ``deviation`` is predicted / published − 1."""

    run: PublishedRun
    flops_per_token: float
    attention: float
    rate: float
    predicted: float
    deviation: float
    verdict: str


class WholeResult(NamedTuple):
    """A whole run: its MFU from the published hours, and predicted over published hours for each default MFU."""

    run: WholeRun
    implied_mfu: float
    ratios: tuple[float, ...]


class Evidence(NamedTuple):
    """Everything that sheet Evidence shows."""

    figures: tuple[FigureResult, ...]
    runs: tuple[RunResult, ...]
    whole: tuple[WholeResult, ...]

    @property
    def outside(self) -> list[str]:
        """The runs beyond their tolerance."""
        return [result.run.key for result in self.runs if result.verdict == OUTSIDE]


def verdict(deviation: float, printed: float, steps: float, otherwise: str) -> str:
    """``reproduced`` within the printed digits, ``rounding`` within those of the steps, else what the reason says."""
    size = abs(deviation)
    if size <= printed:
        return REPRODUCED
    return ROUNDING if size <= steps else otherwise


def evidence(runs: Sequence[PublishedRun] | None = None) -> Evidence:
    """The evidence as packaged, or with the runs of an edited workbook."""
    found = tuple(_run(run) for run in (published_runs() if runs is None else runs))
    best = max(result.predicted for result in found if result.run.metric == "mfu")
    values = ARTICLES.evaluate({**figure_inputs(), "c_best_mfu": best})
    shown = []
    for figure in figures():
        printed = values[f"printed_{figure.key}"] if figure.published is None else figure.published
        recomputed = values[figure.key]
        deviation = round(recomputed / printed - 1, DIGITS)
        word = verdict(deviation, figure.printed, figure.steps, figure.otherwise)
        shown.append(FigureResult(figure, printed, recomputed, deviation, word))
    return Evidence(tuple(shown), found, tuple(_whole(run) for run in whole_runs()))


def edited_runs(edits: Mapping[str, tuple[str, float]]) -> tuple[PublishedRun, ...]:
    """The packaged runs with the conventions and peaks [TFLOPS] that were typed over theirs, by key."""
    found = []
    for run in published_runs():
        convention, peak = edits.get(run.key, (run.convention, run.sizes.peak_tflops))
        found.append(run._replace(convention=convention, sizes=run.sizes._replace(peak_tflops=peak)))
    return tuple(found)


def _run(run: PublishedRun) -> RunResult:
    flops, attention = counted(run.sizes, run.convention)
    predicted = METRICS[run.metric](run.sizes, flops)
    deviation = round(predicted / run.published - 1, DIGITS)
    word = run_verdict(deviation, run.tolerance, run.otherwise)
    return RunResult(run, flops, attention, tokens_per_second(run.sizes, flops), predicted, deviation, word)


def run_verdict(deviation: float, tolerance: float, otherwise: str) -> str:
    """``fits`` within the printed digits, else what is known of the figure: a lower bound must lie below it."""
    if abs(deviation) <= tolerance:
        return FITS
    return OUTSIDE if otherwise == LOWER_BOUND and deviation >= 0 else otherwise


def _whole(run: WholeRun) -> WholeResult:
    implied = implied_mfu(run)
    return WholeResult(run, implied, tuple(implied / default for default in default_mfus()))


def band(whole: Sequence[WholeResult]) -> Iterator[tuple[str, int, float, float]]:
    """For each size class and default MFU (by number): the lowest and the highest predicted over published hours."""
    for size in size_classes():
        members = [result for result in whole if size_class_of(result.run.parameters) == size["key"]]
        for index in range(len(default_mfus())):
            ratios = [result.ratios[index] for result in members]
            yield str(size["key"]), index, min(ratios), max(ratios)


class Spread(NamedTuple):
    """What the logarithms of implied MFUs say of a run that is not among them."""

    runs: int
    mean: float
    deviation: float
    half: float

    def interval(self, default: float) -> tuple[float, float]:
        """Forecast over published hours at a default MFU, in which nine of ten further runs are expected."""
        middle = exp(self.mean) / default
        return middle / exp(self.half), middle * exp(self.half)


def spread(implied: Sequence[float]) -> Spread:
    """Student's prediction interval of 90 % for one further value, of the logarithms of three or more MFUs [fraction].

    Source: NIST/SEMATECH e-Handbook; the variance of a further value is that of the sample times 1 + 1/n.
    """
    logs = [log(value) for value in implied]
    count = len(logs)
    deviation = stdev(logs)
    return Spread(
        count, fmean(logs), deviation, student_quantiles()[count - 2] * hypot(deviation, deviation / sqrt(count))
    )


def spreads(whole: Sequence[WholeResult]) -> dict[str, Spread]:
    """The spread of each size class."""
    found: dict[str, list[float]] = {str(size["key"]): [] for size in size_classes()}
    for result in whole:
        found[size_class_of(result.run.parameters)].append(result.implied_mfu)
    return {key: spread(implied) for key, implied in found.items()}


def _spread_values(whole: Sequence[WholeResult]) -> Iterator[tuple[str, float]]:
    """What sheet Evidence shows of the spreads, by key."""
    for result in whole:
        yield f"evidence:{result.run.key}:logarithm", log(result.implied_mfu)
    for size, own in spreads(whole).items():
        named = {"runs": own.runs, "mean": own.mean, "spread": own.deviation, "half": own.half}
        yield from ((f"evidence:band_{size}_{name}:logarithm", value) for name, value in named.items())
        for index, default in enumerate(default_mfus()):
            for name, end in zip(("from", "to"), own.interval(default), strict=True):
                yield f"evidence:band_{size}_{name}:ratio{index}", end


def _scaling_values() -> dict[str, float | str]:
    """How MFU changes in a doubling of the accelerators in each published series, and how often it falls or rises."""
    values: dict[str, float | str] = {}
    steps: list[float] = []
    for rows in scaling_series().values():
        values[f"evidence:scale:{rows[0].key}:doubling"] = 0
        for fewer, more in pairwise(rows):
            steps.append((more.mfu - fewer.mfu) / log2(more.gpus / fewer.gpus))
            values[f"evidence:scale:{more.key}:doubling"] = steps[-1]
    falls = sum(step < 0 for step in steps)
    return values | {"evidence:scale_falls": falls, "evidence:scale_rises": sum(step > 0 for step in steps)}


@cache
def evidence_values(edits: tuple[tuple[str, tuple[str, float]], ...]) -> Mapping[str, float | str]:
    """Every value of the evidence with these edits of runs, by the key under which sheet Evidence shows it."""
    found = evidence(edited_runs(dict(edits)))
    values: dict[str, float | str] = {}
    for result in found.figures:
        key = f"evidence:{result.figure.key}"
        values |= {
            f"{key}:published": result.published,
            f"{key}:recomputed": result.recomputed,
            f"{key}:deviation": result.deviation,
            f"{key}:verdict": result.verdict,
        }
    for run in found.runs:
        key = f"evidence:{run.run.key}"
        values |= {
            f"{key}:attention": run.attention,
            f"{key}:weights": run.flops_per_token - run.attention,
            f"{key}:rate": run.rate,
            f"{key}:predicted": run.predicted,
            f"{key}:deviation": run.deviation,
            f"{key}:verdict": run.verdict,
        }
    for whole in found.whole:
        values[f"evidence:{whole.run.key}:implied"] = whole.implied_mfu
        for index, ratio in enumerate(whole.ratios):
            values[f"evidence:{whole.run.key}:ratio{index}"] = ratio
    for size, index, low, high in band(found.whole):
        values[f"evidence:band_{size}_low:ratio{index}"] = low
        values[f"evidence:band_{size}_high:ratio{index}"] = high
        members = [whole for whole in found.whole if size_class_of(whole.run.parameters) == size]
        values[f"evidence:band_{size}_runs:ratio{index}"] = len(members)
    values |= dict(_spread_values(found.whole))
    values |= _scaling_values()
    values["evidence:outside"] = len(found.outside)
    return values
