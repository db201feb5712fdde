"""Units as exponents: enough algebra to prove that GPU-hours times $/GPU-hour is money.

A unit is written as words joined by ``*``, ``/`` and parentheses: ``currency/(GPU*h)``. Counts that only say what is
counted (parameters, layers, heads) have no dimension; a sequence is a number of tokens, so ``token/sequence`` has none
either, and ``FLOP/sequence`` divided by the context length is ``FLOP/token``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Dimension = tuple[tuple[str, int], ...]  # sorted (base unit, exponent), no zero exponents
DIMENSIONLESS: Dimension = ()

BASE_UNITS = frozenset(
    [
        "FLOP",
        "TFLOP",
        "EFLOP",
        "token",
        "Mtoken",
        "s",
        "h",
        "day",
        "month",
        "year",
        "GPU",
        "currency",
        "byte",
        "GB",
        "TB",
        "quoted",
        "W",
        "kW",
        "MWh",
        "kg",
        "t",
        "step",
        "date",
    ]
)
COUNTS = frozenset(
    [
        "parameter",
        "expert",
        "layer",
        "head",
        "width",
        "position",
        "matrix",
        "fraction",
        "ratio",
        "count",
        "vector",
        "status",
        "text",
        "1",
        "MAC",
        "document",
        "nat",
        "pixel",
        "patch",
        "channel",
        "epoch",
        "square",
        "node",
        "checkpoint",
        "calendar_month",
        "whole_month",
    ]
)
ALIASES = {"sequence": "token", "request": "token", "image": "token", "parameter_estimate": "parameter"}

WRITTEN_UNITS: Mapping[str, Mapping[str, float]] = {
    "token": {"tokens": 1, "token": 1},
    "token/sequence": {"tokens": 1, "token": 1},
    "token/step": {"tokens": 1, "token": 1},
    "token/s": {"tokens/s": 1, "token/s": 1},
    "parameter": {"parameters": 1, "params": 1},
    "FLOP": {
        "FLOP": 1, "FLOPs": 1, "GFLOP": 1e9, "TFLOP": 1e12, "PFLOP": 1e15, "EFLOP": 1e18, "ZFLOP": 1e21, "YFLOP": 1e24,
    },
    "FLOP/s/GPU": {
        "FLOPS": 1,
        "FLOP/s": 1,
        "GFLOPS": 1e9,
        "GFLOP/s": 1e9,
        "TFLOPS": 1e12,
        "TFLOP/s": 1e12,
        "PFLOPS": 1e15,
        "PFLOP/s": 1e15,
    },
    "GPU": {"GPUs": 1, "GPU": 1},
    "day/year": {"days": 1},
    "byte/parameter": {"bytes": 1},
    "byte/s/GPU": {"B/s": 1, "GB/s": 1e9, "TB/s": 1e12},
}  # fmt: skip
"""What may stand behind a number in a scenario file, by the unit of the field."""

_LABELS = {
    "fraction": "%",
    "ratio": "×",
    "text": "",
    "date": "date",
    "count": "",
    "status": "status",
    "GPU*h": "GPU-hours",
    "GPU*year": "GPU-years",
    "FLOP/s/GPU": "FLOP/s per GPU",
    "token/s/GPU": "tokens/s per GPU",
    "token/s": "tokens/s",
    "sequence/s": "sequences/s",
    "token": "tokens",
    "parameter": "parameters",
    "day": "days",
    "month": "months",
    "GPU": "GPUs",
    "byte": "bytes",
    "byte/GPU": "bytes per GPU",
    "byte/node": "bytes per node",
    "byte/step": "bytes per step",
    "byte/s": "bytes/s",
    "byte/s/GPU": "bytes/s per GPU",
    "GB/GPU": "GB per GPU",
    "TFLOP/s/GPU": "TFLOPS",
    "token/sequence": "tokens",
    "token/step": "tokens",
    "sequence": "sequences",
    "sequence/step": "sequences",
    "step": "steps",
    "expert": "experts",
    "layer": "layers",
    "head": "heads",
    "position": "positions",
    "matrix": "matrices",
    "token/parameter": "tokens/param.",
    "byte/parameter": "bytes/param.",
    "parameter_estimate": "parameters",
    "MAC": "MACs",
    "image": "images",
    "image/step": "images",
    "document": "documents",
    "pixel": "pixels",
    "patch": "patches",
    "channel": "channels",
    "epoch": "epochs",
    "square": "tokens²",
    "nat": "nats/token",
    "token/request": "tokens",
    "byte/token": "bytes per token",
    "byte/request": "bytes",
    "GB/s/GPU": "GB/s per GPU",
    "GPU*s/token": "GPU-s per token",
    "token/document": "tokens",
    "GPU/node": "GPUs per node",
    "node": "nodes",
    "checkpoint": "checkpoints",
    "calendar_month": "1 to 12",
    "whole_month": "months",
    "kW*h/MWh": "kWh per MWh",
    "kg/(kW*h)": "kg per kWh",
    "W/GPU": "W per GPU",
    "kW/GPU": "kW per GPU",
    "token/day": "tokens per day",
    "1/(GPU*h)": "per GPU-hour",
    "1/year": "per year",
    "year": "years",
}


_LABEL_PARTS = (
    ("(GPU*h)", "GPU-hour"),
    ("GPU*h", "GPU-hours"),
    ("(GPU*s)", "GPU-second"),
    ("(kW*h)", "kWh"),
    ("(kW*month)", "kW-month"),
    ("(TB*month)", "TB-month"),
    ("Mtoken", "M tokens"),
    ("EFLOP", "exaFLOP"),
)


class UnitError(ValueError):
    """A unit word is unknown, or a formula adds, compares or yields what does not fit."""


def parse_unit(text: str) -> Dimension:
    """The dimension of a written unit. Raises UnitError for an unknown word or broken syntax."""
    tokens = re.findall(r"[A-Za-z0-9_]+|[*/()]", text)
    if "".join(tokens) != text.replace(" ", ""):
        raise UnitError(f"cannot read the unit {text!r}")
    exponents: dict[str, int] = {}
    signs = [1]
    sign = 1
    for word in tokens:
        if word == "*":
            sign = signs[-1]
        elif word == "/":
            sign = -signs[-1]
        elif word == "(":
            signs.append(sign)
        elif word == ")":
            signs.pop()
        else:
            base = ALIASES.get(word, word)
            if base in BASE_UNITS:
                exponents[base] = exponents.get(base, 0) + sign
            elif base not in COUNTS:
                raise UnitError(f"unknown unit {word!r} in {text!r}")
    return tuple(sorted((unit, power) for unit, power in exponents.items() if power))


def multiply(first: Dimension, second: Dimension, sign: int = 1) -> Dimension:
    """The dimension of a product (``sign`` 1) or quotient (``sign`` -1)."""
    exponents = dict(first)
    for unit, power in second:
        exponents[unit] = exponents.get(unit, 0) + sign * power
    return tuple(sorted((unit, power) for unit, power in exponents.items() if power))


def unit_label(unit: str) -> str:
    """The unit as the workbook's unit column shows it, where it has no currency: ``GPU-hours``."""
    if unit in _LABELS:
        return _LABELS[unit]
    for code, word in _LABEL_PARTS:
        unit = unit.replace(code, word)
    return unit


def live_unit(unit: str, cells: Mapping[str, str]) -> str | None:
    """The formula of a unit with a currency in it: ``cells`` are the addresses of what its words stand for, such as
    ``currency``; None for a unit without any."""
    if unit in _LABELS:
        return None
    parts = [part for part in re.split(f"({'|'.join(cells)})", unit) if part]
    if not any(part in cells for part in parts):
        return None
    return " & ".join(cells[part] if part in cells else f'"{unit_label(part)}"' for part in parts)


def describe(dimension: Dimension | None) -> str:
    """A dimension for a message: ``GPU·h``, ``FLOP·s^-1``, ``a plain number``."""
    if not dimension:
        return "a plain number"
    return "·".join(unit if power == 1 else f"{unit}^{power}" for unit, power in dimension)
