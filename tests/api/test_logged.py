"""The convention of a log, told from published pairs of tokens per second and TFLOPS or MFU."""

from __future__ import annotations

import pytest

from sheetgen.api.guidance import known
from sheetgen.api.logged import likely_conventions, read_log, verdict
from sheetgen.base.errors import InvalidInput
from sheetgen.evidence.guidance import Setting
from tests.support.command import invoked

# the pair as printed, model, accelerator, how many, context; what the publisher says that it counts
PUBLISHED = {
    "Megatron-Bridge": ("311 tokens/s/GPU, 784 TFLOPS", "llama-3.1-405b", "h100-sxm5-80gb", 1024, 8192, "megatron"),
    "MaxText tiering": ("7,207 tokens/s/chip 45.46%", "llama-3.1-8b", "tpu-v6e", 256, 8192, "exact"),
    "torchtitan on GB300": ("MFU 65.47%, 5822 tokens/s/GPU", "deepseek-v3", "gb300", 256, 4096, "exact"),
    "NeMo 24.12": ("12273 tokens/s/GPU, 711 TFLOPS", "llama-3-8b", "h100-sxm5-80gb", 8, 8192, "exact"),
    # 41 % of 64 H100 at 26.55 GFLOP a token, torchtitan's count with windows: 0.41·989.4e12·64/26.5501901e9 tokens/s
    "torchtitan with windows": ("0.97785M tokens/s, 41.0%", "gpt-oss-20b", "h100-sxm5-80gb", 64, 8192, "windowed"),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_convention_of_a_published_pair(name: str) -> None:
    """The convention that the publisher names is within one per cent."""
    pair, model, gpu, gpus, context, convention = PUBLISHED[name]
    found = likely_conventions(
        read_log(pair, gpus), model, Setting(0, gpu, gpus, context, "none", "bf16"), known(model, gpu)
    )

    assert convention in verdict(found)
    assert verdict(found).startswith("likely counted in")
    assert abs(next(row.deviation for row in found if row.convention == convention)) < 0.005


def test_windows_are_told_from_the_whole_square() -> None:
    """gpt-oss-20b: only windowed is near; the whole square is 18 % above (31.31 and 26.55 GFLOP a token)."""
    pair, model, gpu, gpus, context, _ = PUBLISHED["torchtitan with windows"]
    found = likely_conventions(
        read_log(pair, gpus), model, Setting(0, gpu, gpus, context, "none", "bf16"), known(model, gpu)
    )

    assert found[0].convention == "windowed"
    assert next(row.deviation for row in found if row.convention == "exact") == pytest.approx(0.179, abs=0.002)


def test_a_pair_that_no_convention_gives() -> None:
    """Negative control: more than twice the TFLOPS that were printed."""
    found = likely_conventions(
        read_log("311 tokens/s/GPU, 1800 TFLOPS", 1024), "llama-3.1-405b",
        Setting(0, "h100-sxm5-80gb", 1024, 8192, "none", "bf16"), known("llama-3.1-405b", "h100-sxm5-80gb"),
    )  # fmt: skip

    assert verdict(found).startswith("no convention gives it: the nearest, 8nt")


@pytest.mark.parametrize("text", ["", "784 TFLOPS", "311 tokens/s", "3 tokens/s, 4%, 5 TFLOPS", "0 tokens/s, 40%"])
def test_no_pair_is_refused(text: str) -> None:
    """One message, with what is allowed."""
    with pytest.raises(InvalidInput, match="--log"):
        read_log(text, 8)


def test_on_the_command_line() -> None:
    """A table with a verdict; exit code 0."""
    result = invoked(
        "mfu", "--model", "llama-3.1-405b", "--gpu", "h100-sxm5-80gb", "--gpus", "1024", "--context", "8192",
        "--log", "311 tokens/s/GPU, 784 TFLOPS",
    )  # fmt: skip

    assert "likely counted in megatron (+0.12%)" in result.output
