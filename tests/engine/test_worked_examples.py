"""Whole budgets worked by hand: efficiency routes, the bridge, peaks, schedule and cost."""

from __future__ import annotations

import pytest

from tests.support.engine_cases import H100, LLAMA_3_8B, NO_ARCHITECTURE, Value, accelerator, compute, figures, llama

LLAMA_405B = llama(126, 16384, 128, 8, 53248, 128256)

# A total that is stated and an architecture that is not: only the published convention can be computed.
STATED_TOTAL: dict[str, Value] = NO_ARCHITECTURE | {
    "flops_convention": "published",
    "mfu_convention": "published",
    "tokens": 15.6e12,
    "goodput": 1.0,
    "contingency": 0,
    "tax": 0,
}


def test_llama_405b_total_is_exact() -> None:
    """6 × 405,853,388,800 parameters × 15.6 trillion tokens = 37,987,877,191,680,000,000,000,000 FLOP.

    Meta prints 3.8 × 10^25 (arXiv:2407.21783, section 1).
    """
    values = compute(LLAMA_405B | {"tokens": 15.6e12, "flops_convention": "6nd"})

    assert values["training_flops"] == 37_987_877_191_680_000_000_000_000
    assert isinstance(values["training_flops"], int)


def test_achieved_throughput_route() -> None:
    """16,000 GPUs at 400 TFLOPS deliver 3.8e25 FLOP in 5,937,500 s: 68.7 days, and $52.8 million at $2.

    400 TFLOPS × 16,000 = 6.4e18 FLOP/s; 3.8e25 / 6.4e18 = 5,937,500 s = 68.72 days; × 16,000 / 3600 =
    26,388,889 GPU-hours. (A published retelling says 61 days and $46.8 million, which is 11 % low.)
    """
    run: dict[str, Value] = {
        "published_training_flops": 3.8e25,
        "efficiency_basis": "achieved_flops",
        "stated_flops_per_gpu": 4e14,
        "gpus": 16000,
        "price_per_gpu_hour": 2.0,
    }
    values = figures(STATED_TOTAL | run)

    assert values["cluster_flops"] == pytest.approx(6.4e18, rel=1e-12)
    assert values["training_seconds"] == pytest.approx(5_937_500, rel=1e-12)
    assert values["calendar_days"] == pytest.approx(68.72, abs=0.005)
    assert values["whole_days"] == 69
    assert values["gpu_hours"] == pytest.approx(26_388_888.9, abs=0.05)
    assert values["total_cost"] == pytest.approx(52_777_778, abs=1)


@pytest.mark.parametrize(("mfu", "years"), [(1.0, 344.50), (0.45, 765.55)])
def test_one_gpu_at_the_sparse_peak(mfu: float, years: float) -> None:
    """2.15e25 FLOP at 1.979e15 FLOP/s are 1.0864e10 s: 344.5 years of 365 days, at 45 % MFU 765.55.

    By hand: 1.08641e10 / 86,400 / 365 = 344.50; / 0.45 = 765.55. (Popular accounts print 346 and
    809.) The peak is the sparse one, and a check says so.
    """
    h100 = accelerator("h100", 80.0, {"bf16": 989.4}, {"bf16": 1979.0})
    run: dict[str, Value] = {
        "published_training_flops": 2.15e25,
        "stated_mfu": mfu,
        "gpus": 1,
        "peak": "sparse",
    }
    values = compute(STATED_TOTAL | run, h100)

    assert values["training_seconds"] == pytest.approx(2.15e25 / 1.979e15 / mfu, rel=1e-12)
    assert values["single_gpu_years"] == pytest.approx(years, abs=0.005)
    assert values["check_dense_peak"] == "REVIEW"


@pytest.mark.parametrize(
    ("peak", "precision", "expected"),
    [
        ("dense", "bf16", 989.4e12),
        ("sparse", "bf16", 1978.9e12),
        ("dense", "fp8", 1978.9e12),
        ("sparse", "fp32", 0),
        ("dense", "fp4", 0),
    ],
)
def test_peaks(peak: str, precision: str, expected: float) -> None:
    """The selected peak of the H100 by precision; 0 where the datasheet has none."""
    assert figures({"peak": peak, "precision": precision})["peak_flops_per_gpu"] == pytest.approx(expected)


def test_unlisted_accelerator_gives_zeros() -> None:
    """Without figures there is no peak, no time and no cost, and the checks say why."""
    values = compute({}, chip=None)

    assert values["accelerator_listed"] == 0
    assert values["memory_per_gpu"] == 0
    assert values["training_seconds"] == values["gpu_hours"] == values["total_cost"] == 0
    assert values["cost_per_gpu_hour"] == values["tokens_per_second"] == 0
    assert {values["check_accelerator_listed"], values["check_peak_published"]} == {"FAIL"}
    assert values["check_flops_delivered"] == "FAIL"


def test_bridge_by_hand() -> None:
    """Llama 3 8B at 8,192: an MFU of 40 % by the causal count is 47.5 % by PaLM's, in the same time.

    Causal 51,470,401,536 and PaLM 6 × 8,030,261,248 + 12·32·4096·8192 = 61,066,469,376 FLOP/token: the ratio
    is 1.1864.
    """
    causal = figures({})
    bridged = figures({"flops_convention": "palm"})

    assert bridged["training_flops_per_token"] == 61_066_469_376
    assert bridged["convention_bridge"] == pytest.approx(61_066_469_376 / 51_470_401_536, rel=1e-15)
    assert bridged["mfu"] == pytest.approx(0.4746, abs=0.00005)
    assert bridged["training_seconds"] == pytest.approx(causal["training_seconds"], rel=1e-12)
    assert bridged["total_cost"] == pytest.approx(causal["total_cost"], rel=1e-12)


def test_bridge_without_a_divisor_is_one() -> None:
    """Where the MFU's convention gives no FLOPs the bridge is 1, and a check fails."""
    values = compute(NO_ARCHITECTURE | {"flops_convention": "6nd", "undisclosed_parameters": 8e9})

    assert values["mfu_convention_flops_per_token"] == 0
    assert values["convention_bridge"] == 1
    assert values["check_convention_computable"] == "FAIL"


def test_three_routes_agree() -> None:
    """40 % MFU, 395.76 TFLOPS per GPU and the tokens per second that follow are one and the same efficiency.

    989.4 × 0.4 = 395.76; × 2,048 GPUs / 51,470,401,536 FLOP/token = 15,747,234 tokens/s.
    """
    observed = 395.76e12 * 2048 / 51_470_401_536
    run: dict[str, Value] = {"stated_flops_per_gpu": 395.76e12, "observed_tokens_per_second": observed}
    values = figures(run)

    assert observed == pytest.approx(15_747_234, abs=1)
    assert values["mfu_from_stated_mfu"] == 0.4
    assert values["mfu_from_achieved_flops"] == pytest.approx(0.4, rel=1e-12)
    assert values["mfu_from_tokens_per_second"] == pytest.approx(0.4, rel=1e-12)
    assert values["tokens_per_second"] == pytest.approx(observed, rel=1e-12)


@pytest.mark.parametrize("basis", ["mfu", "achieved_flops", "tokens_per_second"])
def test_basis_selects_the_route(basis: str) -> None:
    """The MFU is that of the route which the case names, not another's."""
    routes: dict[str, Value] = {
        "stated_mfu": 0.31,
        "stated_flops_per_gpu": 0.42 * 989.4e12,
        "observed_tokens_per_second": 0.53 * 989.4e12 * 2048 / 51_470_401_536,
    }
    expected = {"mfu": 0.31, "achieved_flops": 0.42, "tokens_per_second": 0.53}[basis]

    assert figures(routes | {"efficiency_basis": basis})["mfu"] == pytest.approx(expected, rel=1e-12)


# 10 GPUs of 1 TFLOPS at 50 % MFU train 864e15 FLOP (864 billion tokens of 1e6) in 172,800 s: two days.
SIMPLE_GPU = accelerator("simple", 10.0, {"bf16": 1.0}, {"bf16": 2.0})
SIMPLE: dict[str, Value] = STATED_TOTAL | {
    "published_training_flops": 864e15,
    "tokens": 864e9,
    "global_batch_tokens": 1e9,
    "stated_mfu": 0.5,
    "gpus": 10,
    "start_date": 46000,
    "price_per_gpu_hour": 3,
}


def test_schedule_by_hand() -> None:
    """A run of two days: every time that follows, at full goodput."""
    values = figures(SIMPLE, SIMPLE_GPU)

    assert values["achieved_flops_per_gpu"] == 0.5e12
    assert values["training_seconds"] == values["elapsed_seconds"] == 172_800
    assert values["tokens_per_second"] == values["effective_tokens_per_second"] == 5e6
    assert values["tokens_per_second_per_gpu"] == 5e5
    assert values["training_steps"] == 864
    assert values["seconds_per_step"] == 200
    assert values["calendar_days"] == values["whole_days"] == 2
    assert values["end_date"] == 46002
    assert values["gpu_hours"] == values["productive_gpu_hours"] == 480
    assert values["single_gpu_years"] == pytest.approx(20 / 365, rel=1e-15)
    assert values["hours_per_month"] == 730
    assert values["calendar_months"] == pytest.approx(48 / 730, rel=1e-15)


def test_goodput_stretches_elapsed_time() -> None:
    """At a goodput of 80 % two productive days take two and a half, and a third day is begun."""
    values = figures(SIMPLE | {"goodput": 0.8}, SIMPLE_GPU)

    assert values["training_seconds"] == 172_800
    assert values["elapsed_seconds"] == 216_000
    assert values["calendar_days"] == 2.5
    assert values["whole_days"] == 3
    assert values["end_date"] == 46003
    assert values["productive_gpu_hours"] == 480
    assert values["gpu_hours"] == 600
    assert values["tokens_per_second"] == 5e6
    assert values["effective_tokens_per_second"] == 4e6


@pytest.mark.parametrize(("excess", "days"), [(1e-10, 2), (1e-8, 3)])
def test_whole_days_ignore_rounding_noise(excess: float, days: int) -> None:
    """A tenth of a billionth of a day does not start another day; a hundredth of a millionth does."""
    values = figures(SIMPLE | {"published_training_flops": 864e15 * (1 + excess / 2)}, SIMPLE_GPU)

    assert values["whole_days"] == days


def test_cost_by_hand() -> None:
    """480 GPU-hours at 3, 10 % contingency, 20 % tax: 1440 + 144 = 1584, + 316.80 = 1900.80."""
    values = figures(SIMPLE | {"contingency": 0.1, "tax": 0.2}, SIMPLE_GPU)

    assert values["compute_cost"] == 1440
    assert values["contingency_cost"] == 144
    assert values["cost_before_tax"] == 1584
    assert values["tax_cost"] == pytest.approx(316.8, rel=1e-15)
    assert values["total_cost"] == pytest.approx(1900.8, rel=1e-15)
    assert values["cost_per_million_tokens"] == pytest.approx(1900.8 / 864_000, rel=1e-15)
    assert values["cost_per_gpu_hour"] == pytest.approx(3.96, rel=1e-15)
    assert values["cost_per_exaflop"] == pytest.approx(2200, rel=1e-15)
    assert values["cost_per_month"] == pytest.approx(28_908, rel=1e-15)


def test_hfu_counts_recomputation() -> None:
    """With 6·N and full recomputation, 8·N of hardware FLOPs: HFU is 4/3 of an MFU of 40 %."""
    run: dict[str, Value] = {"flops_convention": "6nd", "mfu_convention": "6nd", "recomputation": "full"}
    values = figures(LLAMA_3_8B | run, H100)

    assert values["hardware_flops_per_token"] == 8 * 8_030_261_248
    assert values["hfu"] == pytest.approx(0.4 * 4 / 3, rel=1e-12)
