"""Text of a scenario that nobody vouches for: what looks like a formula, mutations, and older keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetgen import SheetgenError, build, load_scenario
from sheetgen.cli.main import main
from tests.support.bad_scenarios import SAMPLE, TEXT, edited, refused
from tests.support.edits import set_cells
from tests.support.package import cached_values, formula_cells, read_book

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
