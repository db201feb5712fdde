"""Published training runs predicted from their own configuration: FLOPs per token by convention, and what follows.

The conventions are those under which the figures were published, as their sources write them; unlike
:mod:`sheetgen.engine.flops` they speak of a GPT-like model given by a few sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sheetgen.engine.arithmetic import SECONDS_PER_HOUR

SECONDS_PER_DAY = 86_400

TFLOP = 1e12


class Run(NamedTuple):
    """The sizes of a published run; 0 where a figure is not needed or not published.

    ``parameters`` and ``embedding_parameters`` are counts (active ones of a mixture), ``attention_width`` is heads ×
    head dimension, peaks and throughput are TFLOPS per GPU, ``step_seconds`` s, ``price`` money per GPU-hour.
    """

    parameters: float = 0
    embedding_parameters: float = 0
    layers: float = 0
    d_model: float = 0
    n_heads: float = 0
    attention_width: float = 0
    vocab_size: float = 0
    context_length: float = 0
    tokens: float = 0
    gpus: float = 0
    peak_tflops: float = 0
    achieved_tflops: float = 0
    tokens_per_second: float = 0
    step_seconds: float = 0
    batch_tokens: float = 0
    gpu_hours: float = 0
    price: float = 0


def _palm(run: Run) -> float:
    """Chowdhery et al. 2022, appendix B: 6·N + 12·L·H·Q·T."""
    return 6 * run.parameters + 12 * run.layers * run.attention_width * run.context_length


def _titan(run: Run) -> float:
    """torchtitan, utils.get_num_flop_per_token: as PaLM, N without the input embedding."""
    return 6 * (run.parameters - run.embedding_parameters) + 12 * run.layers * run.attention_width * run.context_length


def _megatron(run: Run) -> float:
    """Megatron-LM, num_floating_point_operations: N without the input embedding, half the square."""
    return 6 * (run.parameters - run.embedding_parameters) + 6 * run.layers * run.attention_width * run.context_length


def _llmc(run: Run) -> float:
    """llm.c, estimate_mfu: 6·N + 6·L·C·T."""
    return 6 * run.parameters + 6 * run.layers * run.attention_width * run.context_length


def _gpt(run: Run, factor: float, attention: float, logits: float) -> float:
    """factor·L·h²·(1 + attention·s/h + V/(logits·L·h)), for a feed-forward of 4h (Narayanan et al. 2021, appendix)."""
    length, width = run.context_length, run.d_model
    inner = 1 + attention * length / width + run.vocab_size / (logits * run.layers * width)
    return factor * run.layers * width**2 * inner


def _chinchilla(run: Run, *, ends: bool) -> float:
    """Hoffmann et al. 2022, appendix F, per token, forward and twice that backward, for a feed-forward of 4h."""
    length, width, key = run.context_length, run.d_model, run.attention_width
    qkv, projection = 2 * 3 * width * key, 2 * key * width
    logits, softmax, reduction = 2 * length * key, 3 * run.n_heads * length, 2 * length * key
    feed_forward = 2 * (width * 4 * width + width * 4 * width)
    forward = run.layers * (qkv + logits + softmax + reduction + projection + feed_forward)
    if ends:
        forward += 2 * run.vocab_size * width + 2 * width * run.vocab_size
    return 3 * forward


CONVENTIONS: Mapping[str, Callable[[Run], float]] = {
    "6nd": lambda run: 6 * run.parameters,
    "8nt": lambda run: 8 * run.parameters,
    "palm": _palm,
    "palm_full": lambda run: _palm(run) * 4 / 3,
    "titan": _titan,
    "megatron": _megatron,
    "llmc": _llmc,
    "korthikanti": lambda run: _gpt(run, 72, 1 / 6, 12),
    "korthikanti_selective": lambda run: _gpt(run, 72, 1 / 3, 12),
    "narayanan": lambda run: _gpt(run, 96, 1 / 6, 16),
    "chinchilla": lambda run: _chinchilla(run, ends=True),
    "chinchilla_layers": lambda run: _chinchilla(run, ends=False),
}
"""Training FLOPs per token of a run, by convention."""


def flops_per_token(run: Run, convention: str) -> float:
    """Training FLOPs per token [FLOP/token]; 0 for a run without sizes. Raises KeyError for an unknown convention."""
    if not run.d_model and not run.parameters:
        return 0.0
    if not run.d_model and convention not in {"6nd", "8nt"}:
        return 0.0
    return CONVENTIONS[convention](run)


def rate(run: Run, convention: str) -> float:
    """Tokens per second of all GPUs [token/s]: as published, from the step time, or from the TFLOPS achieved."""
    if run.tokens_per_second:
        return run.tokens_per_second
    if run.step_seconds:
        return run.batch_tokens / run.step_seconds
    if run.achieved_tflops:
        return run.gpus * run.achieved_tflops * TFLOP / flops_per_token(run, convention)
    return 0.0


def _utilisation(run: Run, convention: str) -> float:
    achieved = flops_per_token(run, convention) * rate(run, convention) / run.gpus
    return achieved / (run.peak_tflops * TFLOP)


def _parameters(run: Run, convention: str) -> float:  # noqa: ARG001 - the shape of every metric
    """Narayanan et al. 2021, equation 2: 12·l·h²·(1 + 13/12h + (V + s)/12lh)."""
    layers, width = run.layers, run.d_model
    rest = 13 / (12 * width) + (run.vocab_size + run.context_length) / (12 * layers * width)
    return 12 * layers * width**2 * (1 + rest)


def _seconds(run: Run, convention: str) -> float:
    return run.tokens / rate(run, convention)


METRICS: Mapping[str, Callable[[Run, str], float]] = {
    "parameters": _parameters,
    "training_flops": lambda run, name: flops_per_token(run, name) * run.tokens,
    "flops_ratio": lambda run, name: flops_per_token(run, name) / (6 * run.parameters),
    "tflops_per_gpu": lambda run, name: flops_per_token(run, name) * rate(run, name) / run.gpus / TFLOP,
    "tokens_per_second": rate,
    "mfu": _utilisation,
    "hfu": _utilisation,
    "days": lambda run, name: _seconds(run, name) / SECONDS_PER_DAY,
    "gpu_hours": lambda run, name: run.gpus * _seconds(run, name) / SECONDS_PER_HOUR,
    "cost": lambda run, name: run.gpu_hours * run.price,  # noqa: ARG005 - the shape of every metric
}
"""What is predicted of a run, by metric: a count, FLOP, a ratio, TFLOPS, token/s, fractions, days, GPU-hours, money."""


def implied_mfu(parameters: float, tokens: float, gpu_hours: float, peak_tflops: float) -> float:
    """6·N·D over what the published GPU-hours could have delivered at the dense peak [fraction]."""
    return 6 * parameters * tokens / (gpu_hours * SECONDS_PER_HOUR * peak_tflops * TFLOP)


def verdict(deviation: float, printed: float, steps: float, otherwise: str) -> str:
    """``reproduced`` within the printed digits, ``rounding`` within those of the steps, else what the reason says."""
    size = abs(deviation)
    if size <= printed:
        return "reproduced"
    return "rounding" if size <= steps else otherwise
