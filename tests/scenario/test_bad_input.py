"""What a mistake in a scenario costs: one placed line each, all at once, no traceback, and nothing written."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from sheetgen import SheetgenError, load_scenario
from tests.support.bad_scenarios import TEXT, edited, refused
from tests.support.command import sheetgen


def line_of(text: str, change: str, key: str) -> int:
    """The number of the last line of a change that writes the key, or of its last line where none does."""
    first = text[: text.index(change)].count("\n") + 1
    lines = change.rstrip("\n").split("\n")
    word = key.rpartition(".")[2]
    writing = [index for index, line in enumerate(lines) if word in line]
    return first + max(writing, default=len(lines) - 1)


CASE_PUBLISHED = "    stated_flops_per_gpu: 400 TFLOPS"
UNDISCLOSED = "model: {name: Secret, undisclosed_parameters: 280B}"

# What is written, what it replaces, the key that the message names, and what it must hold: what was given, what is
# allowed, and the correction where one is near. The message carries the line on which that key was written last.
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
    "unknown suffix": ("\ntokens: 15.6T", "\ntokens: 15.6t", "tokens", ["given: 15.6t", "a number from 0 to 1e+18"]),
    "unknown choice": ("peak: dense", "peak: dens", "peak", ["given: dens", "did you mean 'dense'?", "dense, sparse"]),
    "negative tokens": ("\ntokens: 15.6T", "\ntokens: -15.6T", "tokens", ["too small", "given: -15.6T", "from 0 to"]),
    "MFU over 100 %": (
        "\nstated_mfu: 41%", "\nstated_mfu: 141%", "stated_mfu", ["is too large", "given: 141%", "from 0.01% to 100%"],
    ),
    "percent left out": (
        "\nstated_mfu: 41%", "\nstated_mfu: 41", "stated_mfu", ["given: 41;", "0.01% to 100%", "did you mean 41%?"],
    ),
    "goodput without percent": ("goodput: 90%", "goodput: 90", "goodput", ["given: 90;", "did you mean 90%?"]),
    "contingency without percent": ("contingency: 10%\n", "contingency: 10\n", "contingency", ["did you mean 10%?"]),
    "percent with a space": ("goodput: 90%", "goodput: 90 %", "goodput", ["has a space inside", "write 90%"]),
    "decimal comma": ("price_per_gpu_hour: 2.00\n", "price_per_gpu_hour: 2,00\n", "price_per_gpu_hour", ["comma"]),
    "BF16 on a V100": (
        "accelerator: h100-sxm5-80gb\ngpus: 16384\nprecision: bf16",
        "accelerator: v100-sxm2-32gb\ngpus: 16384\nprecision: bf16",
        "precision",
        ["v100-sxm2-32gb", "dense peak", "given: bf16", "allowed: fp64, fp32, fp16"],
    ),
    "FP8 on an A100 in a case": (
        "accelerator: b200-sxm-180gb", "accelerator: a100-sxm4-80gb\n    precision: fp8", "precision",
        ["a100-sxm4-80gb", "given: fp8", "case B200", "bf16"],
    ),
    "missing price": ("price_per_gpu_hour: 2.00\n", "price_per_gpu_hour:\n", "price_per_gpu_hour", ["has no value"]),
    "duplicate case": ("name: B200", "name: h200", "cases.name", ["two cases have this name", "given: h200"]),
    "case without name": ("- name: H200\n    acc", "- acc", "cases.name", ["the case has no name"]),
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
    "wildcard in a name": ("- name: H200", "- name: H200*", "cases.name", ["given: H200*", "without * ? ~"]),
    "YAML boolean for a currency": ("currency: USD", "currency: true", "currency", ["given: true"]),
    "lower-case currency": ("currency: USD", "currency: usd", "currency", ["given: usd", "[A-Z]{3}"]),
    "currency that there is not": ("currency: USD", "currency: ZZZ", "currency", ["given: ZZZ", "allowed: AED, AFN"]),
    "currency of the past": ("currency: USD", "currency: HRK", "currency", ["given: HRK"]),  # Croatia's until 2022
    "no currency": ("currency: USD", "currency: as the budget", "currency", ["given: as the budget"]),
    "quote in no currency": (
        "currency: USD", "currency: USD\nquote_currency: ZZZ", "quote_currency",
        ["given: ZZZ", "allowed: as the budget"],
    ),
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


class TestOneMistake:
    """One mistake, one message."""

    @pytest.mark.parametrize("name", MISTAKES)
    def test_message(self, tmp_path: Path, name: str) -> None:
        """One line: file, line, key, what was given, what is allowed, and a near correction."""
        old, new, key, parts = MISTAKES[name]
        text = edited((old, new))
        messages = refused(tmp_path, text)
        assert len(messages) == 1, messages
        assert messages[0].startswith(f"{line_of(text, new, key)}: {key}: ")
        for part in parts:
            assert part in messages[0]

    def test_sample_has_none(self, tmp_path: Path) -> None:
        """The control: the sample itself loads, and so does a comment added to it."""
        path = tmp_path / "good.yaml"
        path.write_text(edited(("gpus: 16384", "gpus: 16384  # all of them")))
        assert len(load_scenario(path).cases) == 6

    @pytest.mark.parametrize("key", ["gpus", "price_per_gpu_hour", "currency", "goodput", "start_date", "model"])
    def test_missing_key(self, tmp_path: Path, key: str) -> None:
        """A required key that is left out is named with what it may be; no figure is assumed."""
        (line,) = [line for line in TEXT.splitlines() if line.startswith(f"{key}:")]
        (message,) = refused(tmp_path, edited((f"\n{line}\n", "\n")))
        assert f" {key}: is missing (allowed: " in message

    @pytest.mark.parametrize(("key", "typo"), [("gpus", "gpuz"), ("tokens", "tokns"), ("model", "modle")])
    def test_misspelt_required_key(self, tmp_path: Path, key: str, typo: str) -> None:
        """A required key that is misspelt is one mistake: not also reported as missing."""
        (message,) = refused(tmp_path, TEXT.replace(f"\n{key}:", f"\n{typo}:"))
        assert f"{typo}: unknown key; did you mean '{key}'?" in message

    def test_undisclosed_architecture(self, tmp_path: Path) -> None:
        """Without an architecture, an exact count is refused with the conventions that need none."""
        text = edited(("model: llama-3.1-405b", UNDISCLOSED), ("\nflops_convention: 6nd", "\nflops_convention: exact"))
        (message,) = refused(tmp_path, text)
        assert message.startswith("13: flops_convention: needs the architecture, which is undisclosed")
        assert message.endswith("(given: exact; allowed: 6nd, kaplan, palm, hf, 8nt, published)")

    def test_case_takes_away_what_base_needs(self, tmp_path: Path) -> None:
        """A case that drops the architecture or total which the base's convention needs is refused at its line."""
        for convention, taken in (
            ("exact", f"    {UNDISCLOSED}"),
            ("published\npublished_training_flops: 3.8e25", "    published_training_flops: 0"),
        ):
            changes = [
                ("\nflops_convention: 6nd", f"\nflops_convention: {convention}"),
                ("    stated_mfu: 43%", f"    stated_mfu: 43%\n{taken}"),
            ]
            messages = refused(tmp_path, edited(*changes))
            assert len(messages) == 1, messages
            assert "flops_convention: needs" in messages[0]
            assert "case H100, MFU 43%" in messages[0]


class TestWholeFile:
    """Mistakes of the file as a whole."""

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "1: the file is empty"),
            ("# nothing\n", "1: the file holds no values"),
            ("- scenario: x\n", "1: expected keys and values (key: value) at the top level, not a list"),
            ("just words\n", "1: expected keys and values"),
            ("scenario: [1\ntokens: 2\n", "not valid YAML"),
            ("scenario: x\n\ttokens: 1\n", "indent with spaces"),
            (b"scenario: caf\xe9\n", "1: the file is not UTF-8 text; save it as UTF-8"),
            ("scenario: !!python/object/apply:os.system [id]\n", "1: tags are not allowed"),
            ("scenario: x\n---\nscenario: y\n", "2: only one document"),
            ("scenario: a\x07b\n", "1: control characters are not allowed (given: U+0007)"),
            ('scenario: "a\\x1b[31mb"\n', "1: control characters are not allowed (given: U+001B)"),
            (edited(("cases:\n", "cases: 5\nlist:\n")).replace("list:\n", "", 1).partition("  - name")[0],
             "34: cases: must be a list of cases, each with a name"),
            (TEXT.partition("  - name")[0] + "  - H200\n", "35: cases: each case is a mapping with a name"),
        ],
    )  # fmt: skip
    def test_message(self, tmp_path: Path, content: str | bytes, message: str) -> None:
        """What is no scenario at all is named in one line, with the line where it shows."""
        (found,) = refused(tmp_path, content)
        assert message in found

    def test_alias_bomb(self, tmp_path: Path) -> None:
        """Aliases that would expand to ten billion entries are refused unexpanded, each at its line."""
        names = "abcdefghij"
        lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in pairwise(names)]
        messages = refused(tmp_path, "\n".join(lines))
        assert messages[0] == "1: aliases and anchors are not allowed (given: &a)"
        assert len(messages) <= 51

    def test_hundred_megabytes(self, tmp_path: Path) -> None:
        """A file of 100 MB is refused by its size, unread."""
        path = tmp_path / "big.yaml"
        with path.open("wb") as file:
            file.truncate(100 * 1024 * 1024)
        with pytest.raises(SheetgenError) as caught:
            load_scenario(path)
        expected = "the file is too large (given: 104,857,600 bytes; allowed: at most 1,000,000 bytes)"
        assert str(caught.value) == f"{path}: {expected}"

    def test_too_many_cases(self, tmp_path: Path) -> None:
        """500 cases are refused with the number given and the number allowed."""
        cases = "".join(f"  - name: Case {number}\n    gpus: {number + 1}\n" for number in range(500))
        (message,) = refused(tmp_path, TEXT.partition("  - name")[0] + cases)
        assert "cases: too many cases (given: 500; allowed: at most 199)" in message

    def test_no_file(self, tmp_path: Path) -> None:
        """A scenario that is missing or a directory is named with the reason."""
        for path, reason in ((tmp_path / "none.yaml", "No such file or directory"), (tmp_path, "this is a directory")):
            done = sheetgen("build", "--scenario", path, "-o", tmp_path / "a.xlsx")
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.startswith(f"sheetgen: {path}: ")
            assert reason in done.stderr
            assert len(done.stderr.splitlines()) == 1


class TestAllAtOnce:
    """Every mistake of a file in one run."""

    def test_seven_mistakes(self, tmp_path: Path) -> None:
        """Seven mistakes in base, cases and sources give seven messages, each at its line."""
        changes = [
            ("porpose", "purpose:", "porpose:"),
            ("tokens", "\ntokens: 15.6T", "\ntokens: -1"),
            ("accelerator", "accelerator: h100-sxm5-80gb", "accelerator: h1000"),
            ("goodput", "goodput: 90%", "goodput: 190%"),
            ("price_per_gpu_hour", "    price_per_gpu_hour: 4.20", "    price_per_gpu_hour: cheap"),
            ("stated_flops_per_gpu", CASE_PUBLISHED, CASE_PUBLISHED.replace("TFLOPS", "TFLOPZ")),
            ("gpuz", '\n  gpus: "', '\n  gpuz: "'),
        ]
        text = edited(*((old, new) for _, old, new in changes))
        messages = refused(tmp_path, text)
        expected = sorted(f"{line_of(text, new, key)}: {key}:" for key, _, new in changes)
        assert sorted(message[: message.index(":", message.index(": ") + 2) + 1] for message in messages) == expected
