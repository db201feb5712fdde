"""``mfu --log``: the FLOPs convention in which a training log counted, told by a pair of figures that it prints.

A log says how many tokens a second it trained, and what MFU or TFLOPS that is. The quotient of both is its FLOPs per
token, which is compared with those of every convention.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.catalogue import Accelerator, Catalogue
from sheetgen.engine import CONVENTIONS, ENGINE
from sheetgen.evidence.guidance import Setting

NUMBER = r"([0-9][0-9,_]*(?:\.[0-9]+)?(?:e\+?[0-9]+)?)\s*([kKMBG]?)\s*"
RATE = re.compile(NUMBER + r"(?:tokens?|toks?)\s*/\s*(?:s|sec|second)(\s*/\s*(?:gpu|device|chip|tpu))?", re.IGNORECASE)
SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")
THROUGHPUT = re.compile(NUMBER + r"(?:tflops|tflop/s)(?:\s*/\s*(?:s|gpu|s\s*/\s*gpu))?", re.IGNORECASE)
SCALE = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9}
ALLOWED = "as in '311 tokens/s/GPU, 784 TFLOPS' or '3.1M tokens/s, 38.4%': a rate, and TFLOPS per GPU or an MFU"
FLOPS_PER_TFLOPS = 1e12
LIKELY = 0.01
"""A log prints two or three digits; a convention within this of it is a likely one."""
UNCUT: dict[str, float | str] = {
    "packed_documents": 0, "packed_mean_square": 0, "training_tokens": 1, "undisclosed_parameters": 0,
    "undisclosed_active_parameters": 0, "published_training_flops": 0,
}  # fmt: skip


class Logged(NamedTuple):
    """What a log prints: tokens per second of one GPU, and the TFLOPS of one GPU or its MFU [fraction]; 0 where it does
    not print the one or the other."""

    tokens_per_second_per_gpu: float
    tflops: float
    mfu: float


class Likeness(NamedTuple):
    """A convention beside a log: its FLOPs per token [FLOP/token], the MFU [fraction] and TFLOPS per GPU that the
    log's rate is in it, and how far these are from the log's, as a fraction of it."""

    convention: str
    flops_per_token: float
    mfu: float
    tflops: float
    deviation: float


def read_log(text: str, gpus: int) -> Logged:
    """The two figures of a pasted pair; a rate without "per GPU" is of all of them. Raises InvalidInput."""
    rate, share, throughput = RATE.search(text), SHARE.search(text), THROUGHPUT.search(text)
    if rate is None or (share is None) == (throughput is None):
        raise InvalidInput([Problem("is no pair of figures", key="--log", given=text[:80], allowed=ALLOWED)])
    per_second = _number(rate) / (1 if rate[3] else gpus)
    found = Logged(per_second, _number(throughput) if throughput else 0.0, float(share[1]) / 100 if share else 0.0)
    if not (found.tokens_per_second_per_gpu > 0 and found.tflops + found.mfu > 0):
        raise InvalidInput([Problem("must be above 0", key="--log", given=text[:80], allowed=ALLOWED)])
    return found


def _number(found: re.Match[str]) -> float:
    return float(found[1].replace(",", "").replace("_", "")) * SCALE[found[2].lower()]


def likely_conventions(logged: Logged, model: str, setting: Setting, catalogue: Catalogue) -> list[Likeness]:
    """Every convention beside the log, the nearest first.

    Raises InvalidInput where the accelerator has no peak of the precision that an MFU is a share of.
    """
    peak = _peak(catalogue.accelerators[setting.accelerator], setting.precision)
    names = [name for name, item in CONVENTIONS.items() if not item.stated]
    keys = [f"training_flops_per_token_{name}" for name in names]
    inputs = {**catalogue.model(model).architecture(), **UNCUT, "context_length": setting.context_length}
    values = ENGINE.evaluate(inputs, keys)
    rows = []
    for name, key in zip(names, keys, strict=True):
        tflops = float(values[key]) * logged.tokens_per_second_per_gpu / FLOPS_PER_TFLOPS
        share = tflops * FLOPS_PER_TFLOPS / peak
        deviation = tflops / logged.tflops - 1 if logged.tflops else share / logged.mfu - 1
        rows.append(Likeness(name, float(values[key]), share, tflops, deviation))
    return sorted(rows, key=lambda row: abs(row.deviation))


def _peak(accelerator: Accelerator, precision: str) -> float:
    """The dense peak [FLOP/s]."""
    if precision not in accelerator.dense:
        allowed = ", ".join(accelerator.dense)
        raise InvalidInput([Problem("has no dense peak", key="--precision", given=precision, allowed=allowed)])
    return accelerator.dense[precision] * FLOPS_PER_TFLOPS


def verdict(rows: list[Likeness]) -> str:
    """In words: the likely conventions, all that the log's digits cannot tell apart, or that there is none."""
    near = [row for row in rows if abs(row.deviation) <= LIKELY]
    if not near:
        best = rows[0]
        return f"no convention gives it: the nearest, {best.convention}, is {best.deviation:+.1%} away"
    return "likely counted in " + " or ".join(f"{row.convention} ({row.deviation:+.2%})" for row in near)
