"""What a mistake in a scenario costs: one placed line each, all at once, no traceback, and nothing written."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetgen import SheetgenError, build, load_scenario
from sheetgen.cli.main import main
from tests.support.command import sheetgen
from tests.support.edits import set_cells
from tests.support.package import cached_values, formula_cells, read_book
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES["llama405b"]
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
        ["v100-sxm2-32gb", "dense peak", "given: bf16", "allowed: fp32, fp16"],
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
        assert message.endswith("(given: exact; allowed: 6nd, kaplan, palm, 8nt, published)")

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


FORMULA = "=HYPERLINK(A1)"


class TestTextThatLooksLikeAFormula:
    """Text of a scenario stays text in the workbook, whatever it starts with."""

    @pytest.mark.parametrize("text", [FORMULA, "+1+1", "-2+3", "@SUM(1)", "{=1+1}", "https://a.example", "1e5", "007"])
    def test_stays_text(self, tmp_path: Path, text: str) -> None:
        """Names, notes and sources that begin with =, +, - or @ build, are stored as text, and verify agrees."""
        changes = [
            ("scenario: Llama 3.1 405B pre-training", f'scenario: "{text}"'),
            ("requester: ML Platform, J. Doe", f'requester: "{text}"'),
            ("base_case: H100, MFU 41%", f'base_case: "{text}"'),
            ("price_source: Planning rate; replace it by the quote", f'price_source: "{text}"'),
            ('  tokens: "Llama 3 paper, section 3.4 (arXiv:2407.21783)"', f'  tokens: "{text}"'),
        ]
        path, output = tmp_path / "text.yaml", tmp_path / "text.xlsx"
        path.write_text(edited(*changes))
        result = CliRunner().invoke(main, ["build", "--scenario", str(path), "-o", str(output)])
        assert result.exit_code == 0, result.output
        assert CliRunner().invoke(main, ["verify", str(output)]).exit_code == 0
        formulas = formula_cells(output)
        typed = [key for key, cell in cached_values(output).items() if cell.value == text and key not in formulas]
        assert len(typed) >= len(changes)
        assert not any("HYPERLINK" in formula for formula in formulas.values())
        assert all(not link.external for sheet in read_book(output).sheets for link in sheet.relationships.values())

    def test_formula_would_be_seen(self, tmp_path: Path) -> None:
        """The control: text that replaces a formula is told from one by the same look, and fails ``verify``."""
        book, edited_book = build(load_scenario(SAMPLE), tmp_path / "built.xlsx"), tmp_path / "edited.xlsx"
        place = next(key for key, formula in formula_cells(book).items() if key[0] == "Cost" and formula)
        set_cells(book, edited_book, {place: FORMULA})
        assert cached_values(edited_book)[place].value == FORMULA
        assert place not in formula_cells(edited_book)
        assert CliRunner().invoke(main, ["verify", str(edited_book)]).exit_code == 1


LINES = TEXT.splitlines(keepends=True)
PIECES = st.one_of(
    st.sampled_from([": ", "- ", "\n", "  ", "\t", "&a", "*a", "!!x ", "{", "}", "[", "]", "'", '"', "|", ">", "%", "#",
                     "?", ",", "0", "-1", "1e300", "1e-300", "NaN", "null", "~", "yes", "=", "…", "\u2028", "\x00",
                     "published", "exact", "8nt", "fp8", "sparse", "undisclosed_parameters: 1B", "n_heads: 3"]),
    st.text(max_size=8),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The Llama sample with a few lines dropped, repeated or moved and a few pieces put in or cut out."""
    lines = list(LINES)
    for _ in range(draw(st.integers(0, 3))):
        place, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        action = draw(st.sampled_from(["drop", "repeat", "swap"]))
        if action == "drop" and len(lines) > 1:
            del lines[place]
        elif action == "repeat":
            lines.insert(other, lines[place])
        else:
            lines[place], lines[other] = lines[other], lines[place]
    text = "".join(lines)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(PIECES) + text[start + draw(st.sampled_from([0, 0, 1, 3, 20])) :]
    return text


class TestMutations:
    """Whatever is done to a scenario file."""

    @settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text=mutated())
    def test_only_our_errors(self, tmp_path: Path, text: str) -> None:
        """A mutated sample loads or raises SheetgenError whose every line is printable and placed; nothing else."""
        path = tmp_path / "mutated.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        message = ""
        try:
            load_scenario(path)
        except SheetgenError as error:
            message = str(error)
        assert all(line.startswith(str(path)) and line.isprintable() for line in message.splitlines())


class TestOlderKeys:
    """A key that was renamed still works under its older name."""

    OLDER = ("goodput: 90%\n", "goodput: 90%\nconsidered_gpus: 1000\n")

    def test_an_older_key_is_the_one_of_today(self, tmp_path: Path) -> None:
        """In the base, in a case and among the sources; the values are those of the key of today."""
        path = tmp_path / "older.yaml"
        text = edited(self.OLDER, ("    gpus: 8192", "    gpus: 8192\n    considered_gpus: 2000"))
        path.write_text(text.replace("\nsources:\n", "\nsources:\n  considered_gpus: A quote\n"))
        scenario = load_scenario(path)
        assert scenario.inputs(0)["alternative_gpus"] == 1000
        assert {scenario.inputs(index)["alternative_gpus"] for index in range(1, 6)} == {1000, 2000}
        assert scenario.sources["alternative_gpus"] == "A quote"

    def test_both_names_are_one_too_many(self, tmp_path: Path) -> None:
        """The older name beside the one of today is a mistake, and so is a value that the key does not take."""
        (message,) = refused(tmp_path, edited(("goodput: 90%\n", "alternative_gpus: 1\n" + self.OLDER[1])))
        assert "alternative_gpus: stands twice: considered_gpus is alternative_gpus" in message
        (message,) = refused(tmp_path, edited((self.OLDER[0], self.OLDER[1].replace("1000", "-1"))))
        assert "alternative_gpus: is too small (given: -1; allowed: a whole number from 0" in message
