"""What a stranger wrote is shown, not obeyed: no control character on a terminal, no markup, no formula in CSV."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sheetgen.base.errors import Problem
from sheetgen.base.tables import table
from sheetgen.cli.main import main
from sheetgen.cli.output import print_csv, print_json, progress
from sheetgen.verification.report import verdict_text
from sheetgen.verification.tolerance import Mismatch
from sheetgen.verification.verdict import Overwritten, Verdict
from tests.support.command import START, sheetgen
from tests.support.paths import SAMPLES

CLEAR = "x\x1b[2J\x1b[Hbudget.xlsx: agrees\x1b[8m"
FORGED = "x\nbudget.xlsx: agrees\n"
BAD = (CLEAR, FORGED, "\x9b2J", "\u202ereversed", "\u2028line", "\x00")


def verdict_of(text: str) -> Verdict:
    """A verdict in which every text is a stranger's."""
    return Verdict(
        f"{text}.xlsx",
        cases=[text],
        foreign=[text],
        problems=[Problem(text, text, key=text, given=text)],
        overwritten=[Overwritten(text, "A1", text, text, text, text)],
        mismatches=[Mismatch("Cost", "A1", text, text, 0, text, 1.0)],
        checks={"FAIL": [text], "REVIEW": [text]},
        edits=[text],
        notes=[text],
    )


@pytest.mark.parametrize("text", BAD)
def test_a_verdict_shows_what_it_quotes(text: str) -> None:
    """Every line is printable, and the last says what the verdict is."""
    lines = verdict_text(verdict_of(text), brief=False).split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) == len(verdict_text(verdict_of("x"), brief=False).split("\n"))
    assert lines[-1].endswith("DOES NOT AGREE")


@pytest.mark.parametrize("text", [*BAD, "\ud800", "\U000e0001"])
def test_json_escapes_what_it_does_not_show(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same text comes out of the JSON, and no control character stands in it."""
    print_json({"text": [text]})
    shown = capsys.readouterr().out
    assert json.loads(shown) == {"text": [text]}
    assert all(line.isprintable() for line in shown.split("\n"))


def test_a_difference_beyond_all_numbers_is_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    """A figure overtyped by 1e308: the quotient overflows, and the JSON has none."""
    verdict = Verdict("x", cases=["a"], mismatches=[Mismatch("Time", "D29", "", "", 0, 1e308, 1e-9)])
    print_json(verdict.to_dict())
    assert json.loads(capsys.readouterr().out)["mismatches"][0]["relative_difference"] is None


@pytest.mark.parametrize("text", ["[/red] x", "[bold red]x", "[link=http://evil/]click[/link]", ":skull:", CLEAR])
def test_a_table_is_no_markup(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal heads, titles and cells are shown as they are written."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    drawn = table(["key", text], [["a", text]], title=text, plain=False, numbers=())
    shown = text.replace("\x1b", "\\x1b")
    assert drawn.count(shown) == 3
    assert "]8;" not in drawn


@pytest.mark.parametrize("text", BAD)
def test_a_plain_table_is_printable(text: str) -> None:
    """Elsewhere, too."""
    drawn = table(["key", text], [["a", text]], title="", plain=True, numbers=())
    assert [line.isprintable() for line in drawn.split("\n")] == [True, True]


def test_progress_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file named like markup does not end in a traceback."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress("Building a[/b].xlsx", quiet=False):
        pass


def test_csv_holds_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    """Texts that begin like a formula get an apostrophe; numbers, negative ones too, stay numbers."""
    texts = ["=cmd|'/c calc'!A1", "@SUM(A1)", "+1", "-1", "\t=1", "\r=1", "plain", "H100, MFU 41%"]
    print_csv(["key", *texts], [["a", *texts], ["b", -1.5, None]])
    head, row, numbers = csv.reader(io.StringIO(capsys.readouterr().out))
    assert head[1:] == row[1:]
    assert row[1:] == [*(f"'{text}" for text in texts[:4]), "'\\t=1", "'\\r=1", *texts[6:]]
    assert numbers == ["b", "-1.5", ""]


def test_names_of_cases_in_csv(tmp_path: Path) -> None:
    """``estimate --format csv`` heads its columns with the cases' names."""
    text = (SAMPLES["gpt3-175b"]).read_text(encoding="utf-8").partition("\ncases:")[0]
    (tmp_path / "a.yaml").write_text(f"{text}\ncases:\n  - name: \"=cmd|'/c calc'!A1\"\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["estimate", "--scenario", str(tmp_path / "a.yaml"), "--format", "csv"])
    assert done.exit_code == 0, done.output
    assert next(csv.reader(io.StringIO(done.stdout)))[-1] == "'=cmd|'/c calc'!A1"


def test_a_file_name_is_one_line(tmp_path: Path) -> None:
    """A line break and an escape in a file's name stay in the one line of the message."""
    name = "a\nsheetgen: agrees\x1b[8m.xlsx"
    (tmp_path / name).write_bytes(b"")
    done = sheetgen("verify", name, cwd=tmp_path)
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("sheetgen: a\\nsheetgen: agrees\\x1b[8m.xlsx: is not an Excel workbook")


@pytest.mark.parametrize("command", ["verify", "pdf", "import"])
def test_a_pipe_is_refused(tmp_path: Path, command: str) -> None:
    """A pipe that nobody writes to does not hold a command for ever."""
    os.mkfifo(tmp_path / "a.xlsx")
    more = {"pdf": ["-o", "a.pdf"]}.get(command, [])
    done = sheetgen(command, "a.xlsx", *more, cwd=tmp_path)
    assert done.returncode == {"import": 1}.get(command, 3)
    assert "not a regular file" in done.stderr
    assert len(done.stderr.splitlines()) == 1


class TestStreams:
    """Standard streams as a shell, a service or an old locale leaves them."""

    @pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
    def test_closed(self, tmp_path: Path, closed: str) -> None:
        """``new -o`` and ``models`` do their work when a stream is closed."""
        for index, arguments in enumerate((["new", "-o", str(tmp_path / "a.yaml")], ["models"])):
            line = f"{shlex.join([*START, *arguments])} {closed}"
            done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
            assert (done.returncode, "Traceback" in done.stderr) == (0, False), (index, done.stderr)
        assert (tmp_path / "a.yaml").exists()

    @pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
    def test_other_encodings(self, encoding: str) -> None:
        """What is redirected is UTF-8, so that ``new > a.yaml`` is what ``build`` reads."""
        done = subprocess.run(
            [*START, "new"], capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": encoding}
        )
        assert "…" in done.stdout.decode()

    def test_cut_off_is_no_verdict(self) -> None:
        """A reader that closes the pipe early is told from a budget that disagrees."""
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as closed:
            done = subprocess.run(
                [*START, "gpus", "--format", "json"], stdout=closed, stderr=subprocess.PIPE, check=False
            )
        assert done.returncode == 141
