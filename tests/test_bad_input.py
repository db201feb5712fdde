"""What a mistake in a scenario costs: one placed line each, all at once, no traceback, and nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetgen import SheetgenError, load_scenario
from sheetgen.cli import main
from tests.support.command import sheetgen
from tests.support.edits import set_cells
from tests.support.package import cached_values, formula_cells, read_book

SAMPLE = Path(__file__).parent.parent / "samples" / "llama405b.yaml"
TEXT = SAMPLE.read_text(encoding="utf-8")
OLDER = b"an older budget"


def edited(*changes: tuple[str, str]) -> str:
    """The Llama sample with lines exchanged; each old text must stand in it once."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def refused(tmp_path: Path, content: str | bytes) -> list[str]:
    """The messages of ``build`` on a scenario that must be refused, without what is the same in all of them.

    The exit code is 1, there is no traceback, and an output that existed keeps its bytes.
    """
    scenario, output = tmp_path / "bad.yaml", tmp_path / "budget.xlsx"
    scenario.write_bytes(content.encode() if isinstance(content, str) else content)
    output.write_bytes(OLDER)
    result = CliRunner().invoke(main, ["build", "--scenario", str(scenario), "-o", str(output)])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    assert result.stdout == ""
    assert output.read_bytes() == OLDER
    assert sorted(tmp_path.iterdir()) == [scenario, output]
    messages = result.stderr.splitlines()
    place = f"sheetgen: {scenario}:"
    assert all(message.startswith(place) and message.isprintable() for message in messages), messages
    return [message.removeprefix(place).lstrip() for message in messages]


def line_of(text: str, start: str) -> int:
    """The number of the one line that starts so."""
    (number,) = [index for index, line in enumerate(text.splitlines(), 1) if line.startswith(start)]
    return number


CASE_PUBLISHED = "    stated_flops_per_gpu: 400 TFLOPS"
UNDISCLOSED = "model: {name: Secret, undisclosed_parameters: 280B}"
NEXT = "\nprice_source:"

# What is written, what it replaces, the key that the message names, and what it must hold: what was given, what is
# allowed, and the correction where one is near. The message carries the line of the new text's last line.
MISTAKES = {
    "unknown key": ("purpose:", "porpose:", "porpose", ["unknown key", "did you mean 'purpose'?"]),
    "unknown key in a case": ("    gpus: 8192", "    gpuss: 8192", "gpuss", ["unknown key", "did you mean 'gpus'?"]),
    "unknown GPU": (
        "accelerator: h100-sxm5-80gb", "accelerator: H100-SXM-80GB", "accelerator",
        ["given: H100-SXM-80GB", "allowed: v100-sxm2-16gb", "did you mean 'h100-sxm5-80gb'?"],
    ),
    "unknown model": (
        "model: llama-3.1-405b", "model: lama-3.1-405b", "model", ["given: lama", "did you mean 'llama-3.1-405b'?"],
    ),
    "unknown unit": (
        CASE_PUBLISHED, "    stated_flops_per_gpu: 400 TFLOPZ", "stated_flops_per_gpu",
        ["unknown unit 'TFLOPZ'", "did you mean 'TFLOPS'?", "TFLOP/s", "given: 400 TFLOPZ"],
    ),
    "unknown suffix": ("\ntokens: 15.6T", "\ntokens: 15.6t", "tokens", ["given: 15.6t", "a number from 1 to 1e+18"]),
    "unknown choice": ("peak: dense", "peak: dens", "peak", ["given: dens", "did you mean 'dense'?", "dense, sparse"]),
    "negative tokens": ("\ntokens: 15.6T", "\ntokens: -15.6T", "tokens", ["is too small", "given: -15.6T", "from 1 to"]),
    "MFU over 100 %": (
        "\nstated_mfu: 41%", "\nstated_mfu: 141%", "stated_mfu", ["is too large", "given: 141%", "from 0.01% to 100%"],
    ),
    "percent left out": (
        "\nstated_mfu: 41%", "\nstated_mfu: 41", "stated_mfu", ["given: 41;", "from 0.01% to 100%", "did you mean 41%?"],
    ),
    "goodput without percent": ("goodput: 90%", "goodput: 90", "goodput", ["given: 90;", "did you mean 90%?"]),
    "contingency without percent": ("contingency: 10%\n", "contingency: 10\n", "contingency", ["did you mean 10%?"]),
    "percent with a space": ("goodput: 90%", "goodput: 90 %", "goodput", ["has a space inside", "write 90%"]),
    "decimal comma": (NEXT, "\ntax: 0,1\nprice_source:", "tax", []),
    "BF16 on a V100": (
        "accelerator: h100-sxm5-80gb\ngpus: 16384\nprecision: bf16",
        "accelerator: v100-sxm2-32gb\ngpus: 16384\nprecision: bf16",
        "precision",
        ["v100-sxm2-32gb", "dense peak", "given: bf16", "allowed: fp32, fp16"],
    ),
    "FP8 on an A100 in a case": (
        "accelerator: b200-sxm-180gb", "accelerator: a100-sxm4-80gb\n    precision: fp8", "precision",
        ["a100-sxm4-80gb", "given: fp8", "case B200", "bf16"],
    ),
    "missing price": ("price_per_gpu_hour: 2.00\n", "price_per_gpu_hour:\n", "price_per_gpu_hour", ["has no value"]),
    "duplicate case": ("name: H200", "name: b200", "cases.name", ["two cases have this name", "B200"]),
    "case without name": ("- name: H200\n    acc", "- gpus: 7\n    acc", "cases.name", ["the case has no name"]),
    "unknown chosen case": (
        "base_case:", "chosen_case: H20\nbase_case:", "chosen_case", ["no such case", "did you mean 'H200'?", "B200"],
    ),
    "two efficiencies": (
        "\nstated_mfu: 41%", "\nstated_mfu: 41%\nobserved_tokens_per_second: 3M", "efficiency_basis",
        ["stated_mfu, observed_tokens_per_second", "allowed: mfu, achieved_flops, tokens_per_second"],
    ),
    "basis without figure": (
        "\nstated_mfu: 41%", "\nstated_mfu: 41%\nefficiency_basis: tokens_per_second", "efficiency_basis",
        ["observed_tokens_per_second is not given"],
    ),
    "published without total": (
        "\nflops_convention: 6nd", "\nflops_convention: published", "flops_convention",
        ["needs published_training_flops", "given: published"],
    ),
    "heads do not divide": (
        "model: llama-3.1-405b", "model: {catalogue: llama-3.1-405b, name: mine, n_kv_heads: 7}", "n_kv_heads",
        ["does not divide the query heads", "given: 7"],
    ),
    "no such day": ("as_of: 2026-11-01", "as_of: 2026-02-30", "as_of", ["no such day", "2026-02-30", "YYYY-MM-DD"]),
    "date of another form": ("as_of: 2026-11-01", "as_of: 01/11/2026", "as_of", ["not a date", "YYYY-MM-DD"]),
    "date too early": ("as_of: 2026-11-01", "as_of: 1980-11-01", "as_of", ["from 1990-01-01 to 2099-12-31"]),
    "date too late": ("start_date: 2027-01-04", "start_date: 2927-01-04", "start_date", ["2099-12-31"]),
    "YAML boolean for a number": ("gpus: 16384", "gpus: yes", "gpus", ["yes/no word", "given: yes"]),
    "YAML boolean for a currency": ("currency: USD", "currency: true", "currency", ["given: true"]),
    "lower-case currency": ("currency: USD", "currency: usd", "currency", ["given: usd", "[A-Z]{3}"]),
    "duplicated key": ("gpus: 16384", "gpus: 16384\ngpus: 8192", "gpus", ["duplicate key", "already on line 17"]),
    "NaN": ("gpus: 16384", "gpus: .nan", "gpus", ["not a finite number", "given: .nan"]),
    "infinity": ("\ntokens: 15.6T", "\ntokens: inf", "tokens", ["not a finite number", "given: inf"]),
    "beyond a double": ("\ntokens: 15.6T", "\ntokens: 1e400", "tokens", ["out of range", "given: 1e400"]),
    "huge exponent": ("\ntokens: 15.6T", "\ntokens: 1e999999999", "tokens", ["at most three digits"]),
    "hexadecimal": ("gpus: 16384", "gpus: 0x4000", "gpus", ["not decimal"]),
    "no whole number": ("gpus: 16384", "gpus: 16384.5", "gpus", ["must be a whole number", "given: 16384.5"]),
    "list for a number": ("gpus: 16384", "gpus: [16384]", "gpus", ["must be a single value"]),
    "text too long": (
        "requester: ML Platform, J. Doe", f"requester: {'x' * 40_000}", "requester",
        ["(40,000 characters)", "at most 120 characters"],
    ),
    "line break in a name": ('scenario: Llama 3.1 405B pre-training', 'scenario: "a\\nb"', "scenario", ["line breaks"]),
    "source of no key": ("\n  gpus: \"", "\n  gpuz: \"", "gpuz", ["unknown key", "did you mean 'gpus'?"]),
}  # fmt: skip
del MISTAKES["decimal comma"]
